// SPDX-License-Identifier: GPL-3.0-or-later
// A connection's way from a whole request to the end of its answer.
#include "http/connection.h"
#include "http/connectionsink.h"
#include "http/errortable.h"
#include "http/guardanswer.h"
#include "http/shared.h"
#include "http/worker.h"

#include <utility>

namespace restante::http
{

namespace
{

constexpr qsizetype keptInputBytes = qsizetype{4} * 1024;  ///< buffer an idle connection may keep
constexpr qint64 uncountedAnswerBytes = qint64{16} * 1024; ///< answers of this size are not worth an account
constexpr qint64 streamBytes = qint64{512} * 1024;         ///< what a body that is sent as it comes holds at most
constexpr qint64 streamUnsentBytes = qint64{128} * 1024;   ///< no more of it is taken while so much waits to be sent

} // namespace

bool Connection::dispatch()
{
    m_state = State::Handling;
    m_sinceMs = now();
    m_bodyCharge.complete(m_sinceMs);
    if (!m_exchange.show(m_request.head, answerOptions(), m_wire.socket())) {
        // QHttpServer did not like it after all.
        m_request = Request();
        if (m_state == State::Handling)
            refuse(400, "The request is not understood");
    }
    return true;
}

void Connection::serve()
{
    auto sink = std::make_unique<ConnectionSink>(*this);
    m_sink = sink.get();
    m_worker.handle(std::move(m_request), Reply(std::move(sink)));
}

void Connection::deliver(int status, const QByteArray &contentType, const QByteArray &body,
                         const Reply::ExtraHeaders &extra)
{
    m_sink = nullptr;
    if (m_state != State::Handling)
        return m_exchange.giveUp();
    const qint64 held = m_wire.unsent() + body.size();
    if (held > uncountedAnswerBytes && !m_answerCharge.resize(held, held))
        return apologise();
    m_exchange.give(answerOptions(), status, contentType, body, extra);
}

void Connection::deliver(Reply::Stream stream, const Reply::ExtraHeaders &extra)
{
    m_sink = nullptr;
    if (m_state != State::Handling)
        return m_exchange.giveUp();
    if (!m_answerCharge.resize(streamBytes, streamBytes))
        return apologise();
    if (m_framing.http10 && !stream.length)
        m_closeAfter = true; // nothing else tells such a client where the body ends
    AnswerStream::Options options = answerOptions();
    options.bodyApart = true;
    options.apartBytes = stream.length;
    m_streamLeft = stream.length;
    m_stream = std::move(stream.body);
    m_exchange.give(options, stream.status, stream.contentType, QByteArray(), extra);
}

AnswerStream::Options Connection::answerOptions() const
{
    return {m_headRequest, m_closeAfter, m_framing.http10, m_worker.dateLine()};
}

void Connection::apologise()
{
    const Error busy{Errc::Busy, QStringLiteral("There is no memory for this answer just now"), 0};
    m_exchange.give(answerOptions(), statusOf(busy.code), QByteArrayLiteral("application/json"), errorBody(busy),
                    Reply::ExtraHeaders());
}

void Connection::answered()
{
    m_bodyCharge.release();
    if (m_state == State::Dead)
        return leave();
    if (m_state != State::Handling)
        return; // the client has its 504
    AnswerStream &answer = m_exchange.answer();
    if (!answer.isComplete())
        return cut();
    if (m_stream && answer.hasBody()) {
        m_state = State::Stream;
        m_stream->start([this] { pumpStream(); });
        write(answer.takeHead());
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
    const QByteArray head = m_exchange.answer().takeHead();
    const QByteArray body = m_exchange.answer().takeBody();
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
    if (m_exchange.answer().isChunked())
        write(QByteArray::number(part.size(), 16) + "\r\n" + part + "\r\n");
    else
        write(part);
    return true;
}

void Connection::endStream()
{
    if (m_exchange.answer().isChunked())
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

} // namespace restante::http
