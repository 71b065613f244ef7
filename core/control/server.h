// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/ondisk.h"
#include "control/session.h"
#include "control/settingsedits.h"
#include "control/socketpath.h"

#include <QtCore/QObject>
#include <QtCore/QStringList>
#include <QtCore/QTimer>
#include <QtNetwork/QLocalServer>

#include <memory>
#include <optional>

namespace restante::control
{

/// The program that answers, as its clients see it.
struct ServingProgram {
    QString name;        ///< restante or restanted
    bool window = false; ///< there is one that can be shown
};

/// The control socket of a data folder: lets restantectl and a second start talk to the program that runs (protocol.h
/// says how). Lives in the main thread, blocks nowhere. Only programs of the same user, and of root, get in. Promises:
/// whatever a client sends costs bounded memory and never more than its own connection.
class Server final : public QObject
{
    Q_OBJECT

public:
    /// `operations` outlives the server.
    Server(Operations &operations, ServingProgram program, const SessionLimits &limits = {});
    ~Server() override;
    Q_DISABLE_COPY_MOVE(Server)

    /// Makes the socket (mode 0600) for `dataFolder`, whose lock this process holds: one that is there already was left
    /// by a program that is gone. Errc::Io if it cannot be made. It goes at the end, but not one that another
    /// program has made there meanwhile, for a folder that took the place of this one. If it is lost while the program
    /// runs, or could not be made, that is tried again every second.
    Result<void> listen(const QString &dataFolder);
    /// Where it is; empty before `listen`.
    QString path() const { return m_server.isListening() ? m_server.fullServerName() : QString(); }
    /// Clients that are connected now.
    int connections() const { return int(m_sessions.size()); }

Q_SIGNALS:
    /// Somebody wants to see the window.
    void windowWanted();
    /// Somebody wants to see in the window what the card with this link would add. The link is as it was given.
    void cardWanted(const QString &link);

private:
    Result<void> open();
    void listenAgain();
    void onNewConnection();
    void take(std::unique_ptr<QLocalSocket> socket);

    const ServingProgram m_program;
    const SessionLimits m_limits;
    SettingsEdits m_edits;
    const Desk m_desk;
    QLocalServer m_server;
    QString m_dataFolder;
    std::optional<base::PlacedFile> m_folder; ///< the same, as it was
    QTimer m_again;
    std::optional<base::PlacedFile> m_socket; ///< as it was made
    std::unique_ptr<SocketLink> m_link;
    std::vector<std::unique_ptr<Session>> m_sessions;
};

} // namespace restante::control
