// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nearby/neighbours.h"

#include <QtCore/QFileSystemWatcher>
#include <QtCore/QHash>
#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <QtDBus/QDBusConnection>
#include <QtDBus/QDBusMessage>
#include <QtDBus/QDBusServiceWatcher>

#include <functional>
#include <memory>
#include <optional>

namespace restante::nearby
{

/// Neighbours by Avahi, asked over D-Bus (its interfaces Server, EntryGroup and ServiceBrowser). Never waits for an
/// answer, starts no daemon and asks nobody from time to time: it is told when Avahi or the bus comes and goes. Main
/// thread. Compiled into a part of its own, so it uses nothing of the core but headers.
class AvahiNeighbours final : public QObject, public Neighbours
{
    Q_OBJECT

public:
    explicit AvahiNeighbours(Listener listener);
    ~AvahiNeighbours() override;
    Q_DISABLE_COPY_MOVE(AvahiNeighbours)

    void want(const Wish &wish) override;
    Standing standing() const override;

private Q_SLOTS:
    void onBusLost();
    void onServerState(int state, const QString &error);
    void onGroupState(int state, const QString &error);
    void onFound(int interface, int protocol, const QString &name, const QString &type, const QString &domain,
                 uint flags);
    void onGone(int interface, int protocol, const QString &name, const QString &type, const QString &domain,
                uint flags);

private:
    using Then = std::function<void(const QDBusMessage &reply)>;

    void openBus();
    void closeBus();
    void watchForBus();
    void tryAgain();
    void onOwner(bool isThere);
    void begin();
    void end();
    void announce();
    void addService();
    void onCollision();
    void watch();
    void setTrouble(const QString &trouble);
    void tell();
    /// Asks Avahi; `then` gets the answer, unless all has begun anew meanwhile. An error is a trouble.
    void call(const QString &path, const QString &interface, const QString &method, const QVariantList &arguments,
              Then then, Then failed = {});

    const Listener m_listener;
    Wish m_wish;
    std::optional<QDBusConnection> m_bus; ///< one of its own, so that a lost one can be replaced
    std::unique_ptr<QDBusServiceWatcher> m_avahi;
    std::unique_ptr<QFileSystemWatcher> m_socket; ///< where the bus's socket will be, while there is none
    QTimer m_again;
    int m_tries = 0;          ///< in a row, with a socket that takes no connection
    quint64 m_round = 0;      ///< grows when answers to earlier questions count no more
    bool m_isRunning = false; ///< Avahi is there and ready
    QString m_group;          ///< object paths; empty: none
    QString m_browser;
    int m_collisions = 0;
    QHash<QString, int> m_known; ///< services of others, and on how many networks each was found
    Standing m_standing;
};

} // namespace restante::nearby
