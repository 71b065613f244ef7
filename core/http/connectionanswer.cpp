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

bool Connection::dispatch()
{
    m_state = State::Handling;
    m_sinceMs = now();
    m_reader.charge().complete(m_sinceMs);
    if (!m_exchange.show(m_reader.head(), answerOptions(), m_wire.socket())) {
        // QHttpServer did not like it after all.
        m_reader.dropRequest();
        if (m_state == State::Handling)
            refuse({400, "The request is not understood"});
    }
    return true;
}

void Connection::serve()
{
    auto sink = std::make_unique<ConnectionSink>(*this);
    m_sink = sink.get();
    m_worker.handle(m_reader.takeRequest(), Reply(std::move(sink)));
}

void Connection::deliver(int status, const QByteArray &contentType, const QByteArray &body,
                         const Reply::ExtraHeaders &extra)
{
    m_sink = nullptr;
    if (m_state != State::Handling)
        return m_exchange.giveUp();
    if (!m_writer.reserve(body.size()))
        return apologise();
    m_exchange.give(answerOptions(), status, contentType, body, extra);
}

void Connection::deliver(Reply::Stream stream, const Reply::ExtraHeaders &extra)
{
    m_sink = nullptr;
    if (m_state != State::Handling)
        return m_exchange.giveUp();
    if (!m_writer.reserveStream())
        return apologise();
    if (m_reader.framing().http10 && !stream.length)
        m_closeAfter = true; // nothing else tells such a client where the body ends
    AnswerStream::Options options = answerOptions();
    options.bodyApart = true;
    options.apartBytes = stream.length;
    m_writer.hold(std::move(stream.body), stream.length);
    m_exchange.give(options, stream.status, stream.contentType, QByteArray(), extra);
}

AnswerStream::Options Connection::answerOptions() const
{
    return {m_reader.isHeadRequest(), m_closeAfter, m_reader.framing().http10, m_worker.dateLine()};
}

void Connection::apologise()
{
    const Error busy{Errc::Busy, QStringLiteral("There is no memory for this answer just now"), 0};
    m_exchange.give(answerOptions(), statusOf(busy.code), QByteArrayLiteral("application/json"), errorBody(busy),
                    Reply::ExtraHeaders());
}

void Connection::answered()
{
    m_reader.charge().release();
    if (m_state == State::Dead)
        return leave();
    if (m_state != State::Handling)
        return; // the client has its 504
    AnswerStream &answer = m_exchange.answer();
    if (!answer.isComplete())
        return cut();
    if (m_writer.holdsBody() && answer.hasBody()) {
        m_state = State::Stream;
        m_writer.begin(answer, [this] { pumpStream(); });
        return pumpStream();
    }
    m_writer.dropBody();
    m_writer.send(answer);
    if (m_state != State::Handling)
        return; // the client left while it was sent
    if (!m_writer.holdsBody())
        return endAnswer();
    m_state = State::Stream;
    pumpStream();
}

void Connection::endAnswer()
{
    m_served = true;
    if (m_closeAfter)
        startDrain(false);
    else
        nextRequest();
}

void Connection::pumpStream()
{
    switch (m_writer.goOn()) {
    case AnswerWriter::Progress::Waits:
        break;
    case AnswerWriter::Progress::More:
        pumpStreamLater();
        break;
    case AnswerWriter::Progress::Done:
        endAnswer();
        break;
    case AnswerWriter::Progress::Broken:
        cut();
        break;
    }
}

void Connection::pumpStreamLater()
{
    if (std::exchange(m_streamWaits, true))
        return;
    QMetaObject::invokeMethod(
        this,
        [this] {
            m_streamWaits = false;
            if (m_state == State::Stream)
                pumpStream();
        },
        Qt::QueuedConnection);
}

void Connection::nextRequest()
{
    m_state = State::Head;
    m_sinceMs = now();
    m_reader.next();
    // Not from inside the site's own call: it must never be asked for the next request while it answers this one.
    if (!m_pumping && (m_reader.hasInput() || m_wire.available() > 0))
        pumpLater();
}

} // namespace restante::http
