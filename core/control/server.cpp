// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/server.h"

#include "control/peeruser.h"
#include "control/protocol.h"
#include "telemetry/logging.h"

#include <QtCore/QFile>

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
constexpr int AgainMs = 1'000;

/// The mode of the socket's file keeps others out already if it has a meaning.
bool mayEnter(const QLocalSocket &socket)
{
    if (!tellsPeerUser())
        return true;
    const auto user = peerUser(socket.socketDescriptor());
    return user && (*user == ownUser() || *user == 0);
}

void turnAway(std::unique_ptr<QLocalSocket> socket, const Error &error)
{
    QLocalSocket *leaving = socket.release();
    QObject::connect(leaving, &QLocalSocket::disconnected, leaving, &QObject::deleteLater);
    leaving->write(lineOf({{u"event"_s, u"refused"_s}, {u"error"_s, errorToJson(error)}}));
    leaving->disconnectFromServer();
}
} // namespace

Server::Server(Operations &operations, ServingProgram program, const SessionLimits &limits)
    : m_program(std::move(program))
    , m_limits(limits)
    , m_edits(operations)
    , m_desk{operations, m_edits,
             [this] {
                 if (m_program.window)
                     Q_EMIT windowWanted();
                 return m_program.window;
             },
             [this](const QString &link) {
                 if (m_program.window)
                     Q_EMIT cardWanted(link);
                 return m_program.window;
             }}
{
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, &Server::onNewConnection);
    m_again.setInterval(AgainMs);
    connect(&m_again, &QTimer::timeout, this, &Server::listenAgain);
}

Server::~Server()
{
    // QLocalServer removes whatever has the name, unless it holds that for no name of a file.
    if (m_socket && !m_socket->isInPlace())
        m_server.setSocketOptions(QLocalServer::AbstractNamespaceOption);
}

Result<void> Server::listen(const QString &dataFolder)
{
    m_dataFolder = dataFolder;
    m_folder.emplace(dataFolder);
    m_again.start();
    return open();
}

/// QLocalServer closes itself, and tells nobody, when a connection cannot be accepted because no descriptor is left.
void Server::listenAgain()
{
    if (m_server.isListening() || !m_folder->isInPlace())
        return;
    if (open())
        qCInfo(lcControl).noquote() << "The control socket is there again";
}

Result<void> Server::open()
{
    const QString path = socketPath(m_dataFolder);
    m_link.reset();
    if (auto prepared = prepareSocketFolder(path); !prepared)
        return prepared;
    QLocalServer::removeServer(path);
    if (!m_server.listen(path))
        return {Errc::Io, u"The control socket %1 could not be made: %2"_s.arg(path, m_server.errorString())};
    // QLocalServer's option lets the user execute it, too, which means nothing for a socket.
    if (!QFile::setPermissions(path, QFileDevice::ReadOwner | QFileDevice::WriteOwner)) {
        m_server.close();
        return {Errc::Io, u"The control socket %1 could not be closed to other users"_s.arg(path)};
    }
    m_socket.emplace(path);
    auto link = SocketLink::make(m_dataFolder, path);
    if (!link)
        return link.error();
    m_link = *std::move(link);
    return {};
}

void Server::onNewConnection()
{
    while (m_server.hasPendingConnections())
        take(std::unique_ptr<QLocalSocket>(m_server.nextPendingConnection()));
}

void Server::take(std::unique_ptr<QLocalSocket> socket)
{
    socket->setParent(nullptr);
    if (!mayEnter(*socket)) {
        qCWarning(lcControl).noquote() << "A program of another user tried to use the control socket";
        return turnAway(std::move(socket), {Errc::Refused, u"This program belongs to another user"_s});
    }
    if (connections() >= m_limits.connections)
        return turnAway(std::move(socket), {Errc::Busy, u"Too many clients are connected"_s});

    auto session = std::make_unique<Session>(std::move(socket), m_desk, m_limits);
    Session *entered = session.get();
    m_sessions.push_back(std::move(session));
    connect(entered, &Session::ended, this, [this, entered] {
        const auto place = std::find_if(m_sessions.begin(), m_sessions.end(),
                                        [entered](const auto &each) { return each.get() == entered; });
        place->release()->deleteLater(); // it is still on the stack
        m_sessions.erase(place);
    });
    entered->greet({{u"event"_s, u"hello"_s},
                    {u"protocol"_s, ProtocolVersion},
                    {u"program"_s, m_program.name},
                    {u"version"_s, QStringLiteral(RESTANTE_VERSION)}});
}

} // namespace restante::control
