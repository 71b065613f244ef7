// SPDX-License-Identifier: GPL-3.0-or-later
// A connection's way from bytes to a whole request, or to its refusal.
#include "http/clientaddress.h"
#include "http/connection.h"
#include "http/errortable.h"
#include "http/guardanswer.h"
#include "http/httplog.h"
#include "http/shared.h"
#include "http/worker.h"

#include <array>
#include <utility>

namespace restante::http
{

namespace
{

/// A refused body of this size is read, so that the connection stays.
constexpr qint64 discardedBodyBytes = qint64{64} * 1024;
constexpr qsizetype lingerReadBytes = qsizetype{16} * 1024;
constexpr qint64 lingerBytes = 32 << 20;

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
            again = readBody();
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
    const bool wasIdle = !m_reader.hasInput();
    const auto step = m_reader.readHead();
    if (wasIdle && m_reader.hasInput())
        m_sinceMs = now(); // the head's clock starts with its first byte
    if (m_state != State::Head)
        return true; // the wire broke while it was read
    if (step == RequestReader::Step::NeedMore)
        return false;
    if (step == RequestReader::Step::Refused) {
        refuse(m_reader.refusal());
        return true;
    }
    identifyPeer();
    noteOutside();
    m_closeAfter = !m_reader.framing().keepAlive || m_worker.isWindingDown();
    return judge();
}

void Connection::identifyPeer()
{
    RequestHead &head = m_reader.head();
    head.tls = m_tls;
    head.endpoint = m_endpoint;
    head.peer = m_peer;
    head.peerPort = m_wire.socket().peerPort();
    if (m_reader.framing().forwardedFor.isNull())
        return;
    if (!m_seat->isExempt())
        return noteUnnamedProxy();
    // Only the element that the trusted proxy itself appended: the others are the client's own words.
    const QHostAddress client = lastForwarded(m_reader.framing().forwardedFor);
    if (!client.isNull()) {
        head.peer = client;
        head.peerPort = 0;
    }
}

/// Whoever asks at an address of this computer from here has that address, too.
void Connection::noteOutside()
{
    const QHostAddress &client = m_reader.head().peer;
    if (!client.isLoopback() && client != plainAddress(m_wire.socket().localAddress()))
        m_shared.counters.lastOutsideMs.store(m_shared.clock.wallMs(), std::memory_order_relaxed);
}

/// All that comes through a proxy has the limits of one address if the settings do not name it: said once. A client
/// from elsewhere may send this field as it likes.
void Connection::noteUnnamedProxy()
{
    std::atomic<bool> &told = m_shared.counters.unnamedProxy;
    if (told.load(std::memory_order_relaxed) || !isNear(m_peer) || told.exchange(true, std::memory_order_relaxed))
        return;
    qCWarning(lcHttp).noquote() << "A request from" << m_peer.toString()
                                << "has X-Forwarded-For, as a proxy sets it. Unless server.trusted_proxy is that "
                                   "address, all clients behind the proxy share the limits of one address.";
}

bool Connection::judge()
{
    Verdict verdict = m_worker.gate(m_reader.head());
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
    const Framing &framing = m_reader.framing();
    m_reader.admit(std::move(verdict.admitted));
    if (framing.contentLength > verdict.maxBody) {
        m_shared.counters.refusedByGuard.fetch_add(1, std::memory_order_relaxed);
        return refuseRequest({413, errorBody(413, "The body is too large"), {}, false, false});
    }
    if (framing.expectation == Framing::Expectation::Unknown) {
        m_shared.counters.refusedByGuard.fetch_add(1, std::memory_order_relaxed);
        return refuseRequest({417, errorBody(417, "The only expectation met here is 100-continue"), {}, false, false});
    }
    return m_reader.head().hasBody ? startBody(verdict.maxBody) : dispatch();
}

bool Connection::startBody(qint64 maxBody)
{
    m_state = State::Body;
    m_sinceMs = now();
    m_reader.beginBody(maxBody, m_sinceMs);
    const bool waits = !m_reader.hasInput() && m_wire.available() == 0;
    if (m_reader.framing().expectation == Framing::Expectation::Continue && waits) {
        m_wire.write(QByteArrayLiteral("HTTP/1.1 100 Continue\r\n\r\n"));
        m_wire.flush();
    }
    return m_state == State::Body;
}

bool Connection::readBody()
{
    const auto step = m_reader.readBody();
    if (m_state != State::Body)
        return true; // the wire broke while it was read
    switch (step) {
    case RequestReader::Step::NeedMore:
        return false;
    case RequestReader::Step::Complete:
        return dispatch();
    case RequestReader::Step::Refused:
        refuse(m_reader.refusal());
        return true;
    }
    Q_UNREACHABLE();
}

/// A body that is on its way.
void Connection::tickBody(qint64 now)
{
    if (const auto refusal = m_reader.lateBody(now, m_sinceMs))
        return refuse(*refusal);
    if (m_reader.isWaiting())
        pump(); // there may be memory by now
}

bool Connection::discardBody()
{
    if (m_reader.discard() == RequestReader::Step::NeedMore)
        return false;
    nextRequest();
    return true;
}

void Connection::readLingering()
{
    std::array<char, lingerReadBytes> buffer;
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
    const Framing &framing = m_reader.framing();
    const bool bodyComes = m_reader.head().hasBody;
    const bool skippable = !framing.chunked && framing.contentLength <= discardedBodyBytes &&
                           framing.expectation == Framing::Expectation::None;
    const bool stays = !m_closeAfter && (!bodyComes || skippable);
    answer.close = !stays;
    answer.headRequest = m_reader.isHeadRequest();
    if (bodyComes)
        m_reader.beginDiscard();
    m_reader.dropRequest();
    m_writer.write(composeAnswer(answer, m_worker.dateLine()));
    if (m_state == State::Dead)
        return false;
    m_served = true;
    if (!stays) {
        startDrain(bodyComes);
    } else if (bodyComes) {
        m_state = State::Discard;
        m_sinceMs = now();
    } else {
        nextRequest();
    }
    return true;
}

void Connection::refuse(const Refusal &refusal)
{
    m_shared.counters.refusedByGuard.fetch_add(1, std::memory_order_relaxed);
    m_worker.guardRefused(refusal.status, refusal.reason);
    m_reader.dropInput();
    m_reader.dropRequest();
    if (!m_exchange.isPending())
        m_reader.charge().release();
    m_writer.write(
        composeAnswer({refusal.status, errorBody(refusal.status, refusal.reason), {}, true, m_reader.isHeadRequest()},
                      m_worker.dateLine()));
    if (m_state != State::Dead)
        startDrain(true);
}

} // namespace restante::http
