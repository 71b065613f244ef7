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

} // namespace restante::http
