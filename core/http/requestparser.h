// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/site.h"

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

#include <memory>
#include <optional>

namespace restante::http
{

/// What a guard answers instead of going on.
struct Refusal {
    int status = 400;
    const char *reason = ""; ///< English, for the error body
};

/// How a request is framed, beside what RequestHead says.
struct Framing {
    enum class Expectation { None, Continue, Unknown };
    bool http10 = false;
    bool keepAlive = true; ///< what the client asked for
    bool chunked = false;
    qint64 contentLength = 0; ///< 0 where there is no body or it is chunked
    Expectation expectation = Expectation::None;
    QByteArray forwardedFor; ///< the last X-Forwarded-For field
};

/// Parses one request at a time with Boost.Beast, and refuses what Beast takes and a signed protocol must not: folded
/// fields, transfer codings other than exactly "chunked", repeated lengths, two Hosts, none in HTTP/1.1, targets that
/// are not plain ASCII in origin-form or absolute-form. No I/O, no thread of its own.
class RequestParser
{
public:
    RequestParser();
    ~RequestParser();
    Q_DISABLE_COPY_MOVE(RequestParser)

    /// Takes a complete head as HeadScanner found it, up to and with the empty line. Fills `head` (all but the peer)
    /// and `framing`, or says what to answer. An absolute-form target (http, https, and matrix-federation as Synapse
    /// calls its outbound proxy) is given in origin-form, its authority as the Host field (RFC 9112, 3.2.2).
    std::optional<Refusal> parseHead(QByteArrayView bytes, RequestHead &head, Framing &framing);

    struct ChunkProgress {
        qsizetype consumed = 0; ///< of the bytes given; the rest must be given again, with more behind it
        bool complete = false;
        std::optional<Refusal> refusal;
    };
    /// Before the first `decodeChunks`: how large the decoded body may become.
    void setBodyLimit(qint64 bytes);
    /// Goes on with a chunked body: appends what it decodes to `body`. Trailers are read and dropped. Size lines and
    /// trailers of unreasonable length are refused.
    ChunkProgress decodeChunks(QByteArrayView bytes, QByteArray &body);

private:
    class Beast;
    std::unique_ptr<Beast> m_beast;
};

} // namespace restante::http
