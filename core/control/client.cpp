// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/client.h"

#include "base/heldfolder.h"
#include "control/peeruser.h"
#include "control/protocol.h"
#include "control/socketpath.h"

#include <QtCore/QDeadlineTimer>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonDocument>
#include <QtCore/QThread>

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
constexpr int HelloMs = 10'000;
constexpr int RetryMs = 50;
constexpr qsizetype LongestAnswer = qsizetype(256) << 20;

/// A folder for temporary files is everybody's: only the owner of the data folder, or we ourselves, may listen there.
bool isTrusted(const QLocalSocket &socket, const QString &dataFolder)
{
    if (!tellsPeerUser())
        return true;
    const auto user = peerUser(socket.socketDescriptor());
    return user && (*user == ownUser() || *user == QFileInfo(dataFolder).ownerId());
}

Error ended()
{
    return {Errc::Io,
            u"The program closed the connection before it answered: it has ended, or has too many files open"_s, 0};
}
} // namespace

Result<std::unique_ptr<Client>> Client::open(const QString &dataFolder, int waitMs)
{
    const QDeadlineTimer deadline(waitMs);
    while (true) {
        std::unique_ptr<Client> client(new Client);
        auto connected = client->connectTo(dataFolder);
        if (connected)
            connected = client->readHello();
        if (connected)
            return client;
        if (connected.error().code != Errc::Unreachable || deadline.hasExpired())
            return connected.error();
        QThread::msleep(RetryMs);
    }
}

Result<void> Client::connectTo(const QString &dataFolder)
{
    const QString path = findSocket(dataFolder);
    m_socket.connectToServer(path);
    if (m_socket.waitForConnected(HelloMs)) {
        if (isTrusted(m_socket, dataFolder))
            return {};
        return {Errc::Refused, u"The control socket of %1 belongs to another user"_s.arg(dataFolder)};
    }
    if (m_socket.error() == QLocalSocket::ServerNotFoundError ||
        m_socket.error() == QLocalSocket::ConnectionRefusedError) {
        if (const auto holder = base::HeldFolder::holder(dataFolder))
            return {Errc::Unreachable,
                    u"%1 holds the data folder %2, but does not answer at its control socket %3"_s.arg(
                        holder->text(), dataFolder, path)};
        return {Errc::Unreachable, u"No program runs with the data folder %1"_s.arg(dataFolder)};
    }
    return {Errc::Io, u"The program that runs with %1 cannot be reached: %2"_s.arg(dataFolder, m_socket.errorString())};
}

Result<void> Client::readHello()
{
    const auto hello = readObject(HelloMs);
    if (!hello)
        return hello.error();
    if (hello->value("event"_L1) == "refused"_L1)
        return errorFromJson(hello->value("error"_L1).toObject());
    m_program = hello->value("program"_L1).toString();
    m_version = hello->value("version"_L1).toString();
    if (hello->value("event"_L1) != "hello"_L1 || hello->value("protocol"_L1) != ProtocolVersion)
        return {Errc::Refused,
                u"The program that runs there speaks another protocol (%1 %2)"_s.arg(m_program, m_version)};
    return {};
}

Result<QJsonObject> Client::call(const QString &command, const QJsonObject &arguments, const Progress &progress,
                                 int waitMs)
{
    const qint64 id = ++m_lastId;
    const QByteArray line = requestLine(id, command, arguments);
    if (line.size() - 1 > (line.startsWith(LongStart) ? LongestLine : LongLine))
        return {Errc::TooLarge, u"The request is longer than allowed"_s};
    m_socket.write(line);
    const QDeadlineTimer deadline = waitMs < 0 ? QDeadlineTimer(QDeadlineTimer::Forever) : QDeadlineTimer(waitMs);
    while (m_socket.bytesToWrite() > 0) {
        if (!m_socket.waitForBytesWritten(int(deadline.remainingTime())))
            return ended();
    }
    while (true) {
        const auto answer = readObject(int(deadline.remainingTime()));
        if (!answer)
            return answer.error();
        const QJsonValue about = answer->value("id"_L1);
        if (!about.isNull() && about.toInteger() != id)
            return {Errc::Internal, u"The program answered a different request"_s};
        if (answer->value("event"_L1) == "progress"_L1) {
            if (progress)
                progress(answer->value("value"_L1).toObject());
        } else if (answer->value("ok"_L1).toBool()) {
            return answer->value("value"_L1).toObject();
        } else {
            return errorFromJson(answer->value("error"_L1).toObject());
        }
    }
}

Result<QJsonObject> Client::readObject(int waitMs)
{
    const QDeadlineTimer deadline = waitMs < 0 ? QDeadlineTimer(QDeadlineTimer::Forever) : QDeadlineTimer(waitMs);
    QByteArray line;
    while (true) {
        line += m_socket.readLine();
        if (line.endsWith('\n'))
            break;
        if (line.size() > LongestAnswer)
            return {Errc::TooLarge, u"The answer is longer than allowed"_s};
        if (m_socket.bytesAvailable() > 0 || m_socket.waitForReadyRead(int(deadline.remainingTime())))
            continue;
        if (m_socket.bytesAvailable() > 0)
            continue;
        if (m_socket.state() == QLocalSocket::ConnectedState && deadline.hasExpired())
            return {Errc::Busy, u"The program does not answer"_s};
        return ended();
    }
    const QJsonDocument document = QJsonDocument::fromJson(line);
    if (!document.isObject())
        return {Errc::BadAnswer, u"The program's answer cannot be read"_s};
    return document.object();
}

} // namespace restante::control
