// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/connection.h"

#include "http/clientaddress.h"
#include "http/connectionsink.h"
#include "http/shared.h"
#include "http/worker.h"

#include <utility>

namespace restante::http
{

Connection::Connection(Worker &worker, Shared &shared, std::unique_ptr<QTcpSocket> socket,
                       std::shared_ptr<const Certificates> tls, int endpoint, AddressBook::Seat seat)
    : m_worker(worker)
    , m_shared(shared)
    , m_wire(*this, std::move(socket), tls != nullptr, shared.clock)
    , m_tls(tls != nullptr)
    , m_certificates(std::move(tls))
    , m_endpoint(endpoint)
    , m_seat(std::move(seat))
    , m_peer(plainAddress(m_wire.socket().peerAddress()))
    , m_reader(m_wire, shared, m_seat->key(), m_seat->isExempt())
    , m_writer(m_wire, shared, m_seat->key(), m_seat->isExempt())
    , m_exchange(worker.server(), *this)
    , m_sinceMs(now())
{
    m_shared.counters.open.fetch_add(1, std::memory_order_relaxed);
}

Connection::~Connection()
{
    if (m_sink)
        m_sink->forgetConnection();
    m_shared.counters.open.fetch_sub(1, std::memory_order_relaxed);
}

void Connection::start()
{
    if (m_tls) {
        m_state = State::Handshake;
        m_wire.startHandshake(std::move(m_certificates));
    } else {
        pump();
    }
}

qint64 Connection::now() const
{
    return m_shared.clock.steadyMs();
}

void Connection::wireEncrypted()
{
    if (m_state != State::Handshake)
        return;
    m_state = State::Head;
    m_sinceMs = now();
    m_writer.noteHandshake();
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
    if (m_writer.noteTaken()) {
        if (m_state == State::Drain)
            return endDrain();
        if (m_state == State::Head)
            m_sinceMs = now(); // the client's turn begins when it has our answer
    }
    if (m_state == State::Head && !m_pumping && (m_reader.hasInput() || m_wire.available() > 0))
        pumpLater();
}

void Connection::wireGone()
{
    finish();
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
    if (!m_lingerAfter && !m_reader.hasInput() && m_wire.available() == 0) {
        m_state = State::Closing;
        m_wire.close();
        return;
    }
    // Closing with unread bytes makes the kernel send a reset, and that can overtake the answer.
    m_reader.dropInput();
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
    m_reader.dropInput();
    m_writer.drop();
    if (!m_exchange.isOpen())
        leave();
    else if (m_sink)
        m_sink->tellUnwanted(); // which may answer, and so end this
}

void Connection::leave()
{
    m_reader.charge().release();
    m_seat.reset();
    m_exchange.retire();
    m_worker.forget(this);
    deleteLater();
}

void Connection::windDown()
{
    switch (m_state) {
    case State::Head:
        m_reader.dropInput(); // a request that is not complete yet was not accepted
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

void Connection::tick(qint64 now)
{
    const Limits &limits = m_shared.limits;
    if (m_state != State::Dead && m_state != State::Handshake && m_writer.isLate(now))
        return cut();
    switch (m_state) {
    case State::Handshake:
        if (isLate(now, limits.tlsHandshakeMs))
            cut();
        break;
    case State::Head:
        if (m_wire.unsent() > 0)
            break; // the client's turn has not begun
        if (m_reader.hasInput()) {
            if (isLate(now, limits.headMs))
                refuse({408, "The head took too long"});
        } else if (isLate(now, m_served ? limits.idleMs : limits.headMs)) {
            startDrain(false);
        }
        break;
    case State::Body:
        tickBody(now);
        break;
    case State::Discard:
        if (isLate(now, limits.transferMs(m_reader.discardLeft())))
            cut();
        break;
    case State::Handling:
        if (isLate(now, limits.handlerMs)) {
            m_shared.counters.handlerTimeouts.fetch_add(1, std::memory_order_relaxed);
            refuse({504, "The answer took too long"});
        } else if (m_reader.charge().isToLeave()) {
            refuse({503, "Others need the memory of this body"});
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
    case State::Stream: // what makes the body keeps a deadline; a client that does not take it is cut above
    case State::Drain:
    case State::Dead:
        break;
    }
}

} // namespace restante::http
