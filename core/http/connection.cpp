// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/connection.h"

#include "http/connectionsink.h"
#include "http/errortable.h"
#include "http/guardanswer.h"
#include "http/shared.h"
#include "http/worker.h"

#include <algorithm>
#include <array>

namespace restante::http
{

namespace
{

constexpr qsizetype readBytes = qsizetype{16} * 1024;
constexpr qsizetype keptInputBytes = qsizetype{4} * 1024; ///< buffer an idle connection may keep
constexpr qint64 discardedBodyBytes =
    qint64{64} * 1024; ///< a refused body of this size is read, so that the connection stays
constexpr qint64 uncountedAnswerBytes = qint64{16} * 1024; ///< answers of this size are not worth an account
constexpr qint64 streamBytes = qint64{512} * 1024;         ///< what a body that is sent as it comes holds at most
constexpr qint64 streamUnsentBytes = qint64{128} * 1024;   ///< no more of it is taken while so much waits to be sent
constexpr qint64 lingerBytes = 32 << 20;
constexpr qint64 firstBodyBytes = qint64{64} * 1024;

/// A client behind a dual-stack listener looks like ::ffff:1.2.3.4.
QHostAddress plainAddress(const QHostAddress &address)
{
    bool mapped = false;
    const quint32 v4 = address.toIPv4Address(&mapped);
    return mapped ? QHostAddress(v4) : address;
}

/// The last element of an X-Forwarded-For field, without its port; null where it is no address.
QHostAddress lastForwarded(const QByteArray &field)
{
    QByteArray element = field.mid(field.lastIndexOf(',') + 1).trimmed();
    if (element.startsWith('['))
        element = element.mid(1, element.indexOf(']') - 1);
    else if (element.count(':') == 1)
        element.truncate(element.indexOf(':'));
    const QHostAddress address(QString::fromLatin1(element));
    // QHostAddress takes 127.1 and 2130706433 for addresses too.
    if (address.protocol() == QAbstractSocket::IPv4Protocol && address.toString() != QLatin1String(element))
        return {};
    return plainAddress(address);
}

} // namespace

Connection::Connection(Worker &worker, Shared &shared, std::unique_ptr<QTcpSocket> socket, bool tls, int endpoint,
                       AddressBook::Seat seat)
    : m_worker(worker)
    , m_shared(shared)
    , m_wire(*this, std::move(socket), tls, shared.clock)
    , m_tls(tls)
    , m_endpoint(endpoint)
    , m_seat(std::move(seat))
    , m_bodyCharge(shared.bodies, m_seat->key(), m_seat->isExempt())
    , m_answerCharge(shared.answers, m_seat->key(), m_seat->isExempt())
    , m_peer(plainAddress(m_wire.socket().peerAddress()))
    , m_scanner(shared.limits)
    , m_sinceMs(now())
{
    m_shared.counters.open.fetch_add(1, std::memory_order_relaxed);
}

Connection::~Connection()
{
    if (m_sink)
        m_sink->forgetConnection();
    m_responder.reset(); // while QHttpServer still has what it points to: telling it of the end may delete that
    if (m_facade)
        m_facade->retire();
    m_shared.counters.open.fetch_sub(1, std::memory_order_relaxed);
}

void Connection::start()
{
    if (m_tls) {
        m_state = State::Handshake;
        m_wire.startHandshake();
    } else {
        pump();
    }
}

qint64 Connection::now() const
{
    return m_shared.clock.steadyMs();
}

qint64 Connection::transferMs(qint64 bytes) const
{
    return m_shared.limits.bodyMs + bytes * 1000 / std::max<qint64>(1, m_shared.limits.bodyBytesPerSecond);
}

// --- what the wire says

void Connection::wireEncrypted()
{
    if (m_state != State::Handshake)
        return;
    m_state = State::Head;
    m_sinceMs = now();
    noteSending(0, m_wire.unsent()); // the end of the handshake may still be on its way
    pump();
}

void Connection::wireReadable()
{
    pump();
}

void Connection::wireWrote()
{
    if (m_state == State::Stream)
        return pumpStream();
    if (m_wire.unsent() == 0) {
        m_answerCharge.release();
        m_sendingBytes = 0;
        if (m_state == State::Drain)
            return endDrain();
        if (m_state == State::Head)
            m_sinceMs = now(); // the client's turn begins when it has our answer
    }
    if (m_state == State::Head && !m_pumping && (!m_input.isEmpty() || m_wire.available() > 0))
        pumpLater();
}

void Connection::wireGone()
{
    finish();
}

// --- reading

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
    if (!m_seat->isExempt() || m_framing.forwardedFor.isNull())
        return;
    // Only the element that the trusted proxy itself appended: the others are the client's own words.
    const QHostAddress client = lastForwarded(m_framing.forwardedFor);
    if (!client.isNull()) {
        head.peer = client;
        head.peerPort = 0;
    }
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

// --- handing over and answering

bool Connection::dispatch()
{
    m_state = State::Handling;
    m_sinceMs = now();
    m_bodyCharge.complete(m_sinceMs);
    if (!m_facade) {
        m_facade = new Facade(*this, m_wire.socket());
        m_worker.offer(m_facade);
    }
    // QHttpServer sees a request that nothing can be wrong with. Head and body go to the site beside it, unchanged and
    // uncopied. A target that begins with two slashes would be an authority to QUrl.
    const RequestHead &head = m_request.head;
    qsizetype slashes = 0;
    while (slashes + 1 < head.target.size() && head.target[slashes + 1] == '/')
        ++slashes;
    QByteArray shown;
    shown.reserve(head.method.size() + head.target.size() + 64);
    shown.append(head.method).append(' ');
    shown.append(QByteArrayView(head.target).sliced(slashes));
    shown.append(" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");

    m_answer.begin(answerOptions(), QByteArray());
    m_showing = true;
    m_worker.show(*this, *m_facade, shown);
    m_showing = false;
    if (m_responder && !m_answerPending) {
        concludeAnswer();
    } else if (!m_responder) {
        // QHttpServer did not like it after all.
        m_request = Request();
        if (m_state == State::Handling)
            refuse(400, "The request is not understood");
    }
    return true;
}

Request Connection::takeRequest()
{
    return std::move(m_request);
}

void Connection::expectAnswer(ConnectionSink &sink, QHttpServerResponder &&responder)
{
    m_sink = &sink;
    m_responder.emplace(std::move(responder));
    m_answerPending = true;
}

void Connection::deliver(int status, const QByteArray &contentType, const QByteArray &body,
                         const Reply::ExtraHeaders &extra)
{
    m_sink = nullptr;
    if (m_state == State::Handling) {
        const qint64 held = m_wire.unsent() + body.size();
        if (held <= uncountedAnswerBytes || m_answerCharge.resize(held, held)) {
            m_answer.begin(answerOptions(), body);
            compat::sendResponse(*m_responder, status, contentType, body, extra);
        } else {
            apologise();
        }
    }
    answerGiven();
}

void Connection::deliver(Reply::Stream stream, const Reply::ExtraHeaders &extra)
{
    m_sink = nullptr;
    if (m_state == State::Handling) {
        if (m_answerCharge.resize(streamBytes, streamBytes)) {
            if (m_framing.http10 && !stream.length)
                m_closeAfter = true; // nothing else tells such a client where the body ends
            AnswerStream::Options options = answerOptions();
            options.bodyApart = true;
            options.apartBytes = stream.length;
            m_answer.begin(options, QByteArray());
            m_streamLeft = stream.length;
            m_stream = std::move(stream.body);
            compat::sendResponse(*m_responder, stream.status, stream.contentType, QByteArray(), extra);
        } else {
            apologise();
        }
    }
    answerGiven();
}

AnswerStream::Options Connection::answerOptions() const
{
    return {m_headRequest, m_closeAfter, m_framing.http10, m_worker.dateLine()};
}

void Connection::apologise()
{
    const Error busy{Errc::Busy, QStringLiteral("There is no memory for this answer just now"), 0};
    const QByteArray apology = errorBody(busy);
    m_answer.begin(answerOptions(), apology);
    compat::sendResponse(*m_responder, statusOf(busy.code), QByteArrayLiteral("application/json"), apology,
                         Reply::ExtraHeaders());
}

void Connection::answerGiven()
{
    m_answerPending = false;
    // From 6.8 on, the end of a responder makes QHttpServer look for the next request: not while it still is in the
    // call that brought this one.
    if (!m_showing)
        concludeAnswer();
}

void Connection::concludeAnswer()
{
    m_responder.reset();
    m_bodyCharge.release();
    if (m_state == State::Dead)
        return leave();
    if (m_state != State::Handling)
        return; // the client has its 504
    if (!m_answer.isComplete())
        return cut();
    if (m_stream && m_answer.hasBody()) {
        m_state = State::Stream;
        m_stream->start([this] { pumpStream(); });
        write(m_answer.takeHead());
        return pumpStream();
    }
    m_stream.reset();
    sendAnswer();
    if (m_state == State::Handling) // the client may have left while it was sent
        endAnswer();
}

void Connection::endAnswer()
{
    m_served = true;
    if (m_closeAfter)
        startDrain(false);
    else
        nextRequest();
}

void Connection::sendAnswer()
{
    const QByteArray head = m_answer.takeHead();
    const QByteArray body = m_answer.takeBody();
    noteSending(m_wire.unsent(), head.size() + body.size());
    m_wire.write(head);
    m_wire.write(body);
    m_wire.flush();
    if (m_wire.unsent() == 0)
        m_answerCharge.release();
}

void Connection::write(const QByteArray &bytes)
{
    noteSending(m_wire.unsent(), bytes.size());
    m_wire.write(bytes);
    m_wire.flush();
}

/// Sends what has come, as long as the client takes it.
void Connection::pumpStream()
{
    if (m_streaming) // the wire says that bytes went while we write them
        return;
    m_streaming = true;
    while (m_state == State::Stream && m_wire.unsent() <= streamUnsentBytes) {
        const QByteArray part = m_stream->take();
        if (!part.isEmpty()) {
            if (!streamPart(part))
                cut();
            continue;
        }
        const auto state = m_stream->state();
        if (state == Reply::Body::State::Open)
            break;
        if (state == Reply::Body::State::Complete && m_streamLeft.value_or(0) == 0)
            endStream();
        else
            cut();
    }
    m_streaming = false;
}

/// False where it is more than was announced.
bool Connection::streamPart(const QByteArray &part)
{
    if (m_streamLeft) {
        if (part.size() > *m_streamLeft)
            return false;
        *m_streamLeft -= part.size();
    }
    if (m_answer.isChunked())
        write(QByteArray::number(part.size(), 16) + "\r\n" + part + "\r\n");
    else
        write(part);
    return true;
}

void Connection::endStream()
{
    if (m_answer.isChunked())
        write(QByteArrayLiteral("0\r\n\r\n"));
    if (m_state != State::Stream)
        return; // the client left while it was sent
    m_stream.reset();
    if (m_wire.unsent() == 0)
        m_answerCharge.release();
    endAnswer();
}

void Connection::noteSending(qint64 before, qint64 added)
{
    if (before == 0) {
        m_sendingSinceMs = now();
        m_sendingBytes = 0;
    }
    m_sendingBytes += added;
}

void Connection::nextRequest()
{
    m_state = State::Head;
    m_sinceMs = now();
    m_headRequest = false;
    if (m_input.isEmpty() && m_input.capacity() > keptInputBytes)
        m_input = QByteArray();
    // Not from inside the site's own call: it must never be asked for the next request while it answers this one.
    if (!m_pumping && (!m_input.isEmpty() || m_wire.available() > 0))
        pumpLater();
}

void Connection::answerBytes(const char *data, qint64 size)
{
    if (m_state == State::Handling)
        m_answer.take(data, size);
}

void Connection::hangUpRequested()
{
    m_closeAfter = true;
}

qint64 Connection::unsentBytes() const
{
    return m_wire.unsent();
}

void Connection::facadeGone()
{
    m_facade = nullptr;
}

// --- refusing and ending

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

void Connection::refuse(int status, const char *reason)
{
    m_shared.counters.refusedByGuard.fetch_add(1, std::memory_order_relaxed);
    m_worker.guardRefused(status, reason);
    m_input = QByteArray();
    m_scanner.reset();
    if (!m_answerPending)
        m_bodyCharge.release();
    m_request = Request();
    const QByteArray wire =
        composeAnswer({status, errorBody(status, reason), {}, true, m_headRequest}, m_worker.dateLine());
    write(wire);
    if (m_state != State::Dead)
        startDrain(true);
}

void Connection::startDrain(bool linger)
{
    m_state = State::Drain;
    m_lingerAfter = linger;
    m_sinceMs = now();
    if (m_wire.unsent() == 0)
        endDrain();
}

void Connection::endDrain()
{
    m_sinceMs = now();
    if (!m_lingerAfter && m_input.isEmpty() && m_wire.available() == 0) {
        m_state = State::Closing;
        m_wire.close();
        return;
    }
    // Closing with unread bytes makes the kernel send a reset, and that can overtake the answer.
    m_input = QByteArray();
    m_state = State::Linger;
    m_lingered = 0;
    m_lingeredAtTick = -1;
    m_wire.endOfWriting();
    if (!m_pumping)
        pumpLater();
}

void Connection::endLinger()
{
    if (m_tls) {
        m_state = State::Closing; // with a close_notify
        m_sinceMs = now();
        m_wire.close();
    } else {
        m_wire.abort();
        finish();
    }
}

void Connection::cut()
{
    m_shared.counters.cut.fetch_add(1, std::memory_order_relaxed);
    m_wire.abort();
    finish();
}

void Connection::finish()
{
    if (m_state == State::Dead)
        return;
    m_state = State::Dead;
    m_input = QByteArray();
    m_stream.reset();
    m_answerCharge.release();
    if (!m_responder)
        leave();
    else if (m_sink)
        m_sink->tellUnwanted(); // which may answer, and so end this
}

void Connection::leave()
{
    m_bodyCharge.release();
    m_seat.reset();
    if (Facade *facade = std::exchange(m_facade, nullptr))
        facade->retire();
    m_worker.forget(this);
    deleteLater();
}

void Connection::windDown()
{
    switch (m_state) {
    case State::Head:
        m_input = QByteArray(); // a request that is not complete yet was not accepted
        startDrain(false);
        break;
    case State::Handshake:
    case State::Body:
    case State::Discard:
        m_wire.abort();
        finish();
        break;
    case State::Handling:
    case State::Stream:
        m_closeAfter = true;
        break;
    case State::Drain:
    case State::Linger:
    case State::Closing:
    case State::Dead:
        break; // on its way out
    }
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

void Connection::tick(qint64 now)
{
    const Limits &limits = m_shared.limits;
    if (m_state != State::Dead && m_wire.unsent() > 0 && m_state != State::Handshake) {
        if (now - m_wire.stalledSinceMs() > limits.writeStallMs || now - m_sendingSinceMs > transferMs(m_sendingBytes))
            return cut();
    }
    switch (m_state) {
    case State::Handshake:
        if (isLate(now, limits.tlsHandshakeMs))
            cut();
        break;
    case State::Head:
        if (m_wire.unsent() > 0)
            break; // the client's turn has not begun
        if (!m_input.isEmpty()) {
            if (isLate(now, limits.headMs))
                refuse(408, "The head took too long");
        } else if (isLate(now, m_served ? limits.idleMs : limits.headMs)) {
            startDrain(false);
        }
        break;
    case State::Body:
        tickBody(now);
        break;
    case State::Discard:
        if (isLate(now, transferMs(m_discardLeft)))
            cut();
        break;
    case State::Handling:
        if (isLate(now, limits.handlerMs)) {
            m_shared.counters.handlerTimeouts.fetch_add(1, std::memory_order_relaxed);
            refuse(504, "The answer took too long");
        } else if (m_bodyCharge.isToLeave()) {
            refuse(503, "Others need the memory of this body");
        } else {
            break;
        }
        if (m_sink)
            m_sink->tellUnwanted();
        break;
    case State::Linger:
        // TLS cannot tell the client that nothing more comes but by closing: as soon as it has fallen silent.
        if (isLate(now, limits.lingerMs) || (m_tls && m_lingered == m_lingeredAtTick))
            endLinger();
        m_lingeredAtTick = m_lingered;
        break;
    case State::Closing:
        if (isLate(now, limits.lingerMs))
            cut();
        break;
    case State::Stream: // whoever makes the body keeps a deadline; a client that does not take it is cut above
    case State::Drain:
    case State::Dead:
        break;
    }
}

} // namespace restante::http
