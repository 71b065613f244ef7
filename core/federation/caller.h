// SPDX-License-Identifier: GPL-3.0-or-later
// What the rest of the program sees of the federation client: a request, its answer, and what carries it.
#pragma once

#include "base/result.h"
#include "matrix/servername.h"

#include <QtCore/QByteArray>

#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace restante::federation
{

using Headers = std::vector<std::pair<QByteArray, QByteArray>>;

/// A peer whose place the operator typed in: no discovery and no address rules, since the operator knows where it is.
struct FixedPeer {
    QByteArray baseUrl; ///< `https://host[:port]` or `http://host[:port]`, without path
    QByteArray pin; ///< SHA-256 of the certificate's public key (32 bytes); empty = the ordinary check of certificates

    friend bool operator==(const FixedPeer &, const FixedPeer &) = default;
};

/// One request to another server.
struct Request {
    matrix::ServerName destination; ///< for discovery and for the signature: the name before any delegation
    QByteArray method;              ///< as on the wire
    QByteArray target;              ///< the raw request target in origin-form; sent byte for byte
    QByteArray body;                ///< null if the request has no body bytes; GET may have one
    Headers headers;                ///< besides Host, Content-Length, Content-Type, User-Agent and our Authorization
    bool sign = true;               ///< adds our X-Matrix header; false if `headers` brings one
    std::optional<FixedPeer> peer;  ///< nothing: where discovery leads
    QByteArray host = {};           ///< with `peer`: the Host field; empty = what the URL says
    int connectMs = 10'000;         ///< until a connection stands, discovery included
    int deadlineMs = 30'000;        ///< for all of it; with `stream` until the first byte of the body
    int bodyMs = 600'000;           ///< with `stream`: for the body
    qint64 mostBytes = qint64(16) << 20; ///< of the answer's body
};

/// An answer, whatever its status.
struct Response {
    int status = 0;
    Headers headers; ///< names in lower case, in order, duplicates kept
    QByteArray body;

    /// The first value of one field, null if there is none. `name` in lower case.
    QByteArray value(QByteArrayView name) const
    {
        for (const auto &[key, text] : headers) {
            if (key == name)
                return text;
        }
        return {};
    }
    bool isRedirect() const { return status >= 300 && status < 400 && !value("location").isNull(); }
};

/// One thread's access to the federation client. Constructed, used and destroyed in one thread with an event loop;
/// `done` is called there exactly once, never from inside the call, and never after the Caller is gone or `cancel`.
class Caller
{
public:
    using Id = quint64;
    using Done = std::function<void(Result<Response>)>;
    /// A piece of a body; the last one is empty. An error: it broke off, and nothing comes after it.
    using Part = std::function<void(Result<QByteArray>)>;

    Caller() = default;
    virtual ~Caller() = default;
    Q_DISABLE_COPY_MOVE(Caller)

    /// Every HTTP status is an answer. Errors: Unreachable (no such name, no connection, a deadline, cut off),
    /// AddressRefused (the name leads to an address that the rules refuse), CertificateRefused, BadAnswer (no HTTP, too
    /// large, a redirect that is not followed), InvalidParam (a header or target with CR, LF or NUL), Busy.
    /// `Error::notSent` tells that no connection was made, so that the peer cannot have heard of the request.
    virtual Id send(Request request, Done done) = 0;
    /// The same for an answer that is wanted as it comes: `done` gets the head (or an error, and that is all), then
    /// `part` the body piece by piece, also if it is empty. WindowBytes come unasked, about; then `goOn` is due.
    virtual Id stream(Request request, Done done, Part part) = 0;
    /// So many further bytes may come. Nothing happens for one that has ended.
    virtual void goOn(Id id, qint64 bytes) = 0;
    /// Gives up: the connection is closed, nothing is called any more. Nothing happens for one that has ended.
    virtual void cancel(Id id) = 0;

    static constexpr qint64 WindowBytes = qint64(128) * 1024;
};

} // namespace restante::federation
