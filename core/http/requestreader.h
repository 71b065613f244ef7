// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/bodymemory.h"
#include "http/bodypace.h"
#include "http/chunkdecoder.h"
#include "http/headscanner.h"
#include "http/requestparser.h"
#include "http/site.h"
#include "http/wire.h"

#include <optional>

namespace restante::http
{

struct Shared;

/// The reading half of a connection: bytes become one request after another, under the limits of the front. It reads
/// when the connection tells it to, and says how far it came; what follows from that is the connection's. Lives in the
/// worker's thread. While a function reads, the wire may end, and the connection be told so, before it returns.
class RequestReader
{
public:
    enum class Step {
        NeedMore, ///< nothing more can be read just now, or the body waits for memory
        Complete, ///< what was to be read is there
        Refused,  ///< it cannot be taken: see `refusal`
    };

    /// `key` and `isExempt`: the client's account, as for BodyMemory::Charge.
    RequestReader(Wire &wire, Shared &shared, const QByteArray &key, bool isExempt);
    Q_DISABLE_COPY_MOVE(RequestReader)

    /// Whether bytes are there that were read and not used.
    bool hasInput() const { return !m_input.isEmpty(); }
    /// Drops those bytes.
    void dropInput();
    /// The connection is ready for the next request: gives back what the last one needed.
    void next();

    /// Reads a head and parses it. After Complete, `head` and `framing` are those of the request.
    Step readHead();
    RequestHead &head() { return m_request.head; }
    const Framing &framing() const { return m_framing; }
    /// Whether this is a HEAD request; until `next`.
    bool isHeadRequest() const { return m_headRequest; }

    /// A body of at most `maxBody` bytes is to be read, for the handler that wants `admitted` again.
    void beginBody(qint64 maxBody, qint64 nowMs);
    void admit(std::unique_ptr<Admitted> admitted) { m_request.admitted = std::move(admitted); }
    Step readBody();
    /// A tick while a body is being read, in this state since `sinceMs`: why it is given up.
    std::optional<Refusal> lateBody(qint64 nowMs, qint64 sinceMs);
    /// Whether the body waits for memory: `readBody` may go on at any time.
    bool isWaiting() const { return m_waitingSinceMs >= 0; }
    /// The body's memory; held until the request is answered.
    BodyMemory::Charge &charge() { return m_charge; }

    /// The request, once, when it is complete.
    Request takeRequest() { return std::move(m_request); }
    /// The request was refused: what was read of it goes.
    void dropRequest() { m_request = Request(); }

    /// The announced body of a refused request is to be skipped.
    void beginDiscard() { m_discardLeft = m_framing.contentLength; }
    qint64 discardLeft() const { return m_discardLeft; }
    Step discard();

    const Refusal &refusal() const { return m_refusal; }

private:
    Step takeHead();
    Step readSizedBody();
    Step readChunkedBody();
    Step refuse(const Refusal &refusal);
    std::optional<Step> growBody(qint64 bytes);

    Wire &m_wire;
    Shared &m_shared;
    HeadScanner m_scanner;
    RequestParser m_parser;
    ChunkDecoder m_chunks;
    BodyMemory::Charge m_charge;
    QByteArray m_input; ///< read and not yet parsed
    Request m_request;
    Framing m_framing;
    BodyPace m_pace;
    Refusal m_refusal;
    qint64 m_waitingSinceMs = -1; ///< since when the body waits for memory; it does not: -1
    qint64 m_discardLeft = 0;
    bool m_headRequest = false;
    bool m_chunksComplete = false; ///< of the body: the last one is there
};

} // namespace restante::http
