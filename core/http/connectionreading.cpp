// SPDX-License-Identifier: GPL-3.0-or-later
// A connection's way from bytes to a whole request.
#include "http/clientaddress.h"
#include "http/connection.h"
#include "http/errortable.h"
#include "http/guardanswer.h"
#include "http/httplog.h"
#include "http/shared.h"
#include "http/worker.h"

#include <algorithm>
#include <array>

namespace restante::http
{

namespace
{

constexpr qsizetype readBytes = qsizetype{16} * 1024;
/// A refused body of this size is read, so that the connection stays.
constexpr qint64 discardedBodyBytes = qint64{64} * 1024;
constexpr qint64 lingerBytes = 32 << 20;
constexpr qint64 firstBodyBytes = qint64{64} * 1024;

} // namespace

void Connection::pump()
{
    if (m_pumping)
        return;
    m_pumping = true;
    bool again = true;
    while (again) {
        switch (m_state) {
        case State::Head:
            again = m_wire.unsent() <= m_shared.limits.unsentBytes && readHead();
            break;
        case State::Body:
            again = m_framing.chunked ? readChunkedBody() : readSizedBody();
            break;
        case State::Discard:
            again = discardBody();
            break;
        case State::Linger:
            readLingering();
            again = false;
            break;
        case State::Handshake:
        case State::Handling:
        case State::Stream:
        case State::Drain:
        case State::Closing:
        case State::Dead:
            again = false; // what comes now waits in the socket, and then in the client
            break;
        }
    }
    m_pumping = false;
}

void Connection::pumpLater()
{
    QMetaObject::invokeMethod(
        this, [this] { pump(); }, Qt::QueuedConnection);
}

bool Connection::readHead()
{
    std::array<char, readBytes> buffer;
    while (true) {
        switch (m_scanner.scan(m_input)) {
        case HeadScanner::State::Complete:
            return takeHead();
        case HeadScanner::State::Refused:
            refuse(m_scanner.status(), m_scanner.reason());
            return true;
        case HeadScanner::State::NeedMore:
            break;
        }
        const qint64 size = m_wire.read(buffer.data(), buffer.size());
        if (size == 0)
            return false;
        if (m_input.isEmpty())
            m_sinceMs = now(); // the head's clock starts with its first byte
        m_input.append(buffer.data(), size);
    }
}

bool Connection::takeHead()
{
    m_shared.counters.requests.fetch_add(1, std::memory_order_relaxed);
    const auto head = QByteArrayView(m_input).first(m_scanner.end()).sliced(m_scanner.begin());
    const auto refusal = m_parser.parseHead(head, m_request.head, m_framing);
    m_headRequest = m_request.head.method == "HEAD";
    if (m_scanner.end() == m_input.size())
        m_input.resize(0); // keeps the memory for the next request
    else
        m_input.remove(0, m_scanner.end());
    m_scanner.reset();
    if (refusal) {
        refuse(refusal->status, refusal->reason);
        return true;
    }
    identifyPeer();
    m_closeAfter = !m_framing.keepAlive || m_worker.isWindingDown();
    return judge();
}

void Connection::identifyPeer()
{
    RequestHead &head = m_request.head;
    head.tls = m_tls;
    head.endpoint = m_endpoint;
    head.peer = m_peer;
    head.peerPort = m_wire.socket().peerPort();
    if (m_framing.forwardedFor.isNull())
        return;
    if (!m_seat->isExempt())
        return noteUnnamedProxy();
    // Only the element that the trusted proxy itself appended: the others are the client's own words.
    const QHostAddress client = lastForwarded(m_framing.forwardedFor);
    if (!client.isNull()) {
        head.peer = client;
        head.peerPort = 0;
    }
}

/// All that comes through a proxy has the limits of one address where the settings do not name it: said once. A client
/// from elsewhere may send this field as it likes.
void Connection::noteUnnamedProxy()
{
    std::atomic<bool> &told = m_shared.counters.unnamedProxy;
    if (told.load(std::memory_order_relaxed) || !isNear(m_peer) || told.exchange(true, std::memory_order_relaxed))
        return;
    qCWarning(lcHttp).noquote() << "A request from" << m_peer.toString()
                                << "has X-Forwarded-For, as a proxy sets it. Unless server.trusted_proxy is that "
                                   "address, all who come through the proxy share the limits of one address.";
}

bool Connection::judge()
{
    Verdict verdict = m_worker.gate(m_request.head);
    if (verdict.refusal) {
        m_shared.counters.refusedByGate.fetch_add(1, std::memory_order_relaxed);
        const Error &error = *verdict.refusal;
        GuardAnswer answer{statusOf(error.code), errorBody(error), {}, false, false};
        if (const qint64 retryAfterMs = retryAfterMsOf(error); retryAfterMs > 0)
            answer.extra.emplace_back("Retry-After", QByteArray::number((retryAfterMs + 999) / 1000));
        if (!verdict.allow.isEmpty())
            answer.extra.emplace_back("Allow", verdict.allow);
        return refuseRequest(std::move(answer));
    }
    m_maxBody = verdict.maxBody;
    m_request.admitted = std::move(verdict.admitted);
    if (m_framing.contentLength > m_maxBody) {
        m_shared.counters.refusedByGuard.fetch_add(1, std::memory_order_relaxed);
        return refuseRequest({413, errorBody(413, "The body is too large"), {}, false, false});
    }
    if (m_framing.expectation == Framing::Expectation::Unknown) {
        m_shared.counters.refusedByGuard.fetch_add(1, std::memory_order_relaxed);
        return refuseRequest({417, errorBody(417, "The only expectation met here is 100-continue"), {}, false, false});
    }
    return m_request.head.hasBody ? startBody() : dispatch();
}

bool Connection::startBody()
{
    m_state = State::Body;
    m_sinceMs = now();
    m_waitingSinceMs = -1;
    m_chunksComplete = false;
    m_pace.begin(m_sinceMs);
    m_bodyCharge.begin(m_sinceMs);
    m_request.body = QByteArray();
    if (m_framing.chunked)
        m_chunks.begin(m_maxBody);
    else
        m_request.body.reserve(std::min(m_framing.contentLength, firstBodyBytes));
    const bool waits = m_input.isEmpty() && m_wire.available() == 0;
    if (m_framing.expectation == Framing::Expectation::Continue && waits) {
        m_wire.write(QByteArrayLiteral("HTTP/1.1 100 Continue\r\n\r\n"));
        m_wire.flush();
    }
    return m_state == State::Body;
}

/// Whether the body may be `bytes` large. Otherwise it was refused, or waits for memory and is not read on until then.
bool Connection::growBody(qint64 bytes)
{
    const qint64 announced = m_framing.chunked ? bytes : m_framing.contentLength;
    // One that is not very large waits once, for all that it needs.
    const bool asWhole = m_waitingSinceMs >= 0 && announced <= m_shared.limits.mediumBodyBytes;
    if (m_bodyCharge.resize(std::max(asWhole ? announced : bytes, m_bodyCharge.bytes()), announced)) {
        m_waitingSinceMs = -1;
        return true;
    }
    const qint64 nowMs = now();
    if (m_waitingSinceMs < 0)
        m_waitingSinceMs = nowMs;
    const bool mayWait = nowMs - m_waitingSinceMs < m_shared.limits.bodyMemoryWaitMs;
    if (!mayWait || !m_shared.bodies.makeRoom(m_bodyCharge, bytes, nowMs))
        refuse(503, "There is no memory for this body just now");
    return false;
}

bool Connection::readSizedBody()
{
    QByteArray &body = m_request.body;
    const qint64 length = m_framing.contentLength;
    if (!m_input.isEmpty()) {
        const qint64 size = std::min<qint64>(m_input.size(), length - body.size());
        if (!growBody(body.size() + size))
            return m_state != State::Body; // or it waits
        body.append(m_input.constData(), size);
        m_input.remove(0, size);
    }
    while (body.size() < length) {
        const qint64 size = std::min(m_wire.available(), length - body.size());
        if (size == 0)
            return false;
        const qint64 before = body.size();
        if (!growBody(before + size))
            return m_state != State::Body;
        // Twice as much each time, but never more than was announced.
        if (body.capacity() < before + size)
            body.reserve(std::min(length, std::max(before + size, 2 * before)));
        body.resize(before + size);
        body.resize(before + m_wire.read(body.data() + before, size));
        if (m_state != State::Body)
            return true; // the wire broke while it was read
    }
    return dispatch();
}

bool Connection::readChunkedBody()
{
    std::array<char, readBytes> buffer;
    while (true) {
        if (!m_chunksComplete) { // else it only waits for memory
            const ChunkDecoder::Progress progress = m_chunks.decode(m_input, m_request.body);
            if (progress.refusal) {
                refuse(progress.refusal->status, progress.refusal->reason);
                return true;
            }
            m_input.remove(0, progress.consumed);
            m_chunksComplete = progress.complete;
        }
        if (!growBody(m_request.body.size()))
            return m_state != State::Body;
        if (m_chunksComplete)
            return dispatch();
        const qint64 size = m_wire.read(buffer.data(), buffer.size());
        if (size == 0)
            return false;
        m_input.append(buffer.data(), size);
    }
}

bool Connection::discardBody()
{
    const qint64 buffered = std::min<qint64>(m_input.size(), m_discardLeft);
    m_input.remove(0, buffered);
    m_discardLeft -= buffered;
    std::array<char, readBytes> buffer;
    while (m_discardLeft > 0) {
        const qint64 size = m_wire.read(buffer.data(), std::min<qint64>(m_discardLeft, buffer.size()));
        if (size == 0)
            return false;
        m_discardLeft -= size;
    }
    nextRequest();
    return true;
}

void Connection::readLingering()
{
    std::array<char, readBytes> buffer;
    while (const qint64 size = m_wire.read(buffer.data(), buffer.size())) {
        m_lingered += size;
        if (m_lingered > lingerBytes) {
            cut();
            return;
        }
    }
}

bool Connection::refuseRequest(GuardAnswer answer)
{
    // A client that waits for 100 may now send its body or not: nobody can tell where the next request begins.
    const bool skippable = !m_framing.chunked && m_framing.contentLength <= discardedBodyBytes &&
                           m_framing.expectation == Framing::Expectation::None;
    const bool stays = !m_closeAfter && (!m_request.head.hasBody || skippable);
    answer.close = !stays;
    answer.headRequest = m_headRequest;
    const QByteArray wire = composeAnswer(answer, m_worker.dateLine());
    m_discardLeft = m_request.head.hasBody ? m_framing.contentLength : 0;
    const bool bodyComes = m_request.head.hasBody;
    m_request = Request();
    write(wire);
    if (m_state == State::Dead)
        return false;
    m_served = true;
    if (!stays) {
        startDrain(bodyComes);
    } else if (m_discardLeft > 0) {
        m_state = State::Discard;
        m_sinceMs = now();
    } else {
        nextRequest();
    }
    return true;
}

/// A body that is on its way.
void Connection::tickBody(qint64 now)
{
    const qint64 size = m_framing.chunked ? m_request.body.size() : m_framing.contentLength;
    m_bodyCharge.progress(now);
    if (m_bodyCharge.isToLeave()) // as may one that waits itself
        return refuse(503, "Others need the memory of this body");
    if (m_waitingSinceMs >= 0)
        return pump(); // there may be memory by now
    const bool isLarge = size > m_shared.limits.smallBodyBytes;
    if (isLate(now, transferMs(size)) || (isLarge && m_pace.isTooSlow(now, m_request.body.size(), m_shared.limits)))
        refuse(408, "The body took too long");
}

} // namespace restante::http
