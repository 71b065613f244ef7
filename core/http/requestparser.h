// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/refusal.h"
#include "http/site.h"

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

#include <memory>
#include <optional>

namespace restante::http
{

/// How a request is framed, beside what RequestHead says.
struct Framing {
    enum class Expectation { None, Continue, Unknown };
    bool http10 = false;
    bool keepAlive = true; ///< what the client asked for
    bool chunked = false;
    qint64 contentLength = 0; ///< 0 if there is no body or it is chunked
    Expectation expectation = Expectation::None;
    QByteArray forwardedFor; ///< the last X-Forwarded-For field
};

/// Parses the head of a request with Boost.Beast, and refuses what Beast takes and a signed protocol must not: folded
/// fields, transfer codings other than exactly "chunked", repeated lengths, two Hosts, none in HTTP/1.1, targets that
/// are not plain ASCII in origin-form or absolute-form. No I/O, no thread of its own.
class RequestParser
{
public:
    RequestParser() = default;
    Q_DISABLE_COPY_MOVE(RequestParser)

    /// Takes a complete head as HeadScanner found it, up to and with the empty line. Fills `head` (all but the peer)
    /// and `framing`, or says what to answer. An absolute-form target (http, https, and matrix-federation as Synapse
    /// calls its outbound proxy) is given in origin-form, its authority as the Host field (RFC 9112, 3.2.2).
    std::optional<Refusal> parseHead(QByteArrayView bytes, RequestHead &head, Framing &framing);
};

} // namespace restante::http
