// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/session.h"

#include "control/commands.h"
#include "control/protocol.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QPointer>

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
constexpr qint64 ReadAtOnce = qint64(64) << 10;
} // namespace

Session::Session(std::unique_ptr<QLocalSocket> socket, const Desk &desk, const SessionLimits &limits)
    : m_socket(std::move(socket))
    , m_desk(desk)
    , m_limits(limits)
{
    m_socket->setReadBufferSize(ReadAtOnce);
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, &Session::end);
    connect(m_socket.get(), &QLocalSocket::readyRead, this, &Session::onReadyRead);
    connect(m_socket.get(), &QLocalSocket::bytesWritten, this, &Session::onWritten);
    connect(m_socket.get(), &QLocalSocket::disconnected, this, &Session::end);
}

Session::~Session()
{
    m_socket->disconnect(this);
    if (m_request)
        m_request->abandon();
}

void Session::greet(const QJsonObject &hello)
{
    write(lineOf(hello), false);
    onReadyRead(); // it may have come together with the connection
}

void Session::onReadyRead()
{
    // The socket's buffer is bounded, and so is what is left over here.
    while (!m_ended && m_socket->bytesAvailable() > 0) {
        m_input += m_socket->readAll();
        advance();
    }
}

void Session::onWritten()
{
    if (m_socket->bytesToWrite() > 0)
        m_deadline.start(m_limits.writeStallMs);
    else
        advance();
}

qsizetype Session::allowance() const
{
    return m_input.startsWith(LongStart) ? LongestLine : LongLine;
}

void Session::advance()
{
    skip();
    while (!m_ended && !m_request && m_socket->bytesToWrite() == 0) {
        const qsizetype end = m_input.indexOf('\n', m_searched);
        m_searched = end < 0 ? m_input.size() : 0;
        if ((end < 0 ? m_input.size() : end) > allowance()) {
            complain(QJsonValue(), {Errc::TooLarge, u"The request is longer than allowed"_s});
            m_skipping = true;
            skip();
        } else if (end < 0) {
            break;
        } else {
            const QByteArray line = m_input.first(end);
            m_input.remove(0, end + 1);
            answer(line);
        }
    }
    if (m_input.size() > allowance() + 1) // sent without waiting for the answer
        end();
    else
        watch();
}

void Session::skip()
{
    if (!m_skipping)
        return;
    const qsizetype end = m_input.indexOf('\n');
    m_skipping = end < 0;
    m_searched = 0;
    m_input.remove(0, m_skipping ? m_input.size() : end + 1);
}

void Session::answer(const QByteArray &line)
{
    QJsonParseError fault;
    const QJsonDocument document = QJsonDocument::fromJson(line, &fault);
    if (fault.error != QJsonParseError::NoError)
        return complain(QJsonValue(), {Errc::NotJson, u"The request is not JSON: "_s + fault.errorString()});
    const QJsonObject object = document.object();
    const QJsonValue id = object.value("id"_L1);
    if (!id.isDouble() || id.toInteger(-1) < 0)
        return complain(QJsonValue(), {Errc::BadJson, u"A request is an object with a whole number \"id\""_s});
    const QJsonValue arguments = object.value("arguments"_L1);
    if (!object.value("command"_L1).isString() || (!arguments.isUndefined() && !arguments.isObject()))
        return complain(id, {Errc::BadJson, u"A request has a text \"command\" and an object \"arguments\""_s});
    run(id.toInteger(), object.value("command"_L1).toString(), arguments.toObject());
}

void Session::run(qint64 id, const QString &command, const QJsonObject &arguments)
{
    const Command *found = findCommand(command);
    if (!found || !found->run)
        return complain(id, {Errc::NotFound, u"There is no such command"_s});
    m_request = std::make_unique<Request>(m_desk, id, arguments, [guard = QPointer(this)](const auto &line, bool wait) {
        if (guard)
            guard->write(line, wait);
    });
    connect(m_request.get(), &Request::finished, this, [this] {
        m_request.release()->deleteLater(); // it is still on the stack
    });
    found->run(*m_request);
}

void Session::write(const QByteArray &line, bool mayWait)
{
    if (m_ended || (mayWait && m_socket->bytesToWrite() > ReadAtOnce))
        return;
    m_socket->write(line);
    watch();
}

void Session::complain(const QJsonValue &id, const Error &error)
{
    write(lineOf({{u"id"_s, id}, {u"ok"_s, false}, {u"error"_s, errorToJson(error)}}), false);
}

void Session::watch()
{
    const Waiting now = m_socket->bytesToWrite() > 0 ? Waiting::ForReader
                        : m_request                  ? Waiting::ForNobody
                                                     : Waiting::ForRequest;
    if (now == m_waiting)
        return; // a part of a request is not a request
    m_waiting = now;
    if (now == Waiting::ForNobody)
        m_deadline.stop();
    else
        m_deadline.start(now == Waiting::ForReader ? m_limits.writeStallMs : m_limits.idleMs);
}

void Session::end()
{
    if (m_ended)
        return;
    m_ended = true;
    m_deadline.stop();
    if (m_request)
        m_request->abandon();
    m_socket->disconnect(this);
    m_socket->abort();
    Q_EMIT ended();
}

} // namespace restante::control
