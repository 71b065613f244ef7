// SPDX-License-Identifier: GPL-3.0-or-later
// What the HTTP front shows to the code behind it. Nothing here knows of sockets or of QHttpServer.
#pragma once

#include "base/addresskey.h"
#include "base/result.h"
#include "http/reply.h"

#include <QtCore/QByteArray>
#include <QtCore/QList>
#include <QtNetwork/QHostAddress>

#include <memory>
#include <optional>
#include <vector>

namespace restante::http
{

/// One header field as it came: name in its own spelling, value without surrounding white space.
struct Header {
    QByteArray name;
    QByteArray value;
};

/// A request's head after it passed the guard's framing rules (step 1 of the order of checks).
struct RequestHead {
    QByteArray method;           ///< as on the wire
    QByteArray target;           ///< the raw request target in origin-form, exactly the bytes sent
    QByteArray scheme;           ///< of a target that came in absolute-form, lower case; null ordinarily
    std::vector<Header> headers; ///< in order, duplicates kept; the authority of an absolute-form stands for Host
    QHostAddress peer;           ///< the client; behind the trusted proxy, the last X-Forwarded-For element
    quint16 peerPort = 0;
    bool tls = false;
    int endpoint = 0;          ///< which of the front's endpoints it came to; those of `listen` are numbered from 1
    bool hasBody = false;      ///< a Content-Length above 0, or chunked
    qint64 contentLength = -1; ///< -1 if the body is chunked or there is none

    /// All values of one field, in order. `name` in lower case.
    QList<QByteArray> all(QByteArrayView name) const;
    /// The first value of one field, null if there is none. `name` in lower case.
    QByteArray value(QByteArrayView name) const;
};

using base::addressKey;

/// What a gate learned of a request and its handler wants to have again, for example the parsed X-Matrix headers.
class Admitted
{
public:
    Admitted() = default;
    virtual ~Admitted() = default;
    Q_DISABLE_COPY_MOVE(Admitted)
};

/// The gate's verdict on a head: refuse it now, before any body is read, or let the body come up to a limit.
struct Verdict {
    std::optional<Error> refusal;
    QByteArray allow;   ///< for a refusal with Errc::MethodNotAllowed: the Allow header
    qint64 maxBody = 0; ///< bytes; more are refused with 413 before they are read
    std::unique_ptr<Admitted> admitted;
};

/// A complete request.
struct Request {
    RequestHead head;
    QByteArray body;
    std::unique_ptr<Admitted> admitted; ///< what the gate returned
};

/// One per worker thread, made and destroyed in it; both functions are called there and must not block.
class Site
{
public:
    Site() = default;
    virtual ~Site() = default;
    Q_DISABLE_COPY_MOVE(Site)

    /// Steps 2 to 6 of the order of checks, from the head alone.
    virtual Verdict gate(const RequestHead &head) = 0;
    /// Steps 8 to 12. `reply` may be kept and answered later, in the same thread.
    virtual void handle(Request request, Reply reply) = 0;
    /// Told of what the guard refused by itself (step 1); `reason` is English.
    virtual void guardRefused(int status, QByteArrayView reason)
    {
        Q_UNUSED(status)
        Q_UNUSED(reason)
    }
};

} // namespace restante::http
