// SPDX-License-Identifier: GPL-3.0-or-later
#include "nearby/avahineighbours.h"

#include <QtCore/QFileInfo>
#include <QtCore/QVariant>
#include <QtDBus/QDBusArgument>
#include <QtDBus/QDBusMetaType>
#include <QtDBus/QDBusObjectPath>
#include <QtDBus/QDBusPendingCallWatcher>

#include <atomic>
#include <utility>

namespace restante::nearby
{

namespace
{
const auto Avahi = QStringLiteral("org.freedesktop.Avahi");
const auto Server = QStringLiteral("org.freedesktop.Avahi.Server");
const auto EntryGroup = QStringLiteral("org.freedesktop.Avahi.EntryGroup");
const auto Browser = QStringLiteral("org.freedesktop.Avahi.ServiceBrowser");
const auto Bus = QStringLiteral("org.freedesktop.DBus");
const auto NoAvahi = QStringLiteral("avahi-daemon is not running");

// As avahi-common/defs.h has them.
constexpr int AnyInterface = -1;
constexpr int AnyProtocol = -1;
constexpr int ServerRunning = 2;
constexpr int ServerFailed = 4;
constexpr int GroupEstablished = 2;
constexpr int GroupCollision = 3;
constexpr int GroupFailed = 4;
constexpr uint NoFlags = 0;
constexpr uint WithoutAddress = 8; ///< of a resolution: only its text is of interest

constexpr int MostCollisions = 8;
constexpr int FirstTryMs = 250;     ///< with a socket that takes no connection; then twice as long each time
constexpr int MostTries = 8;        ///< until something changes in its folder
constexpr qsizetype MostLabel = 63; ///< bytes of the name of a service
constexpr qsizetype MostText = 255; ///< bytes of one string in its text
constexpr auto NameKey = "name=";

/// Where the system's bus listens; empty if that is no file.
QString socketOfBus()
{
    const QString address = qEnvironmentVariable("DBUS_SYSTEM_BUS_ADDRESS");
    if (address.isEmpty())
        return QStringLiteral("/run/dbus/system_bus_socket");
    const QString path = QStringLiteral("unix:path=");
    return address.startsWith(path) ? address.mid(path.size()).section(QLatin1Char(','), 0, 0) : QString();
}

/// The name of the service, which has to be another one on each computer of a network.
QString labelFor(const QByteArray &server, int collisions)
{
    const QByteArray number = collisions > 0 ? " #" + QByteArray::number(collisions + 1) : QByteArray();
    return QString::fromLatin1(server.left(MostLabel - number.size()) + number);
}

/// What Avahi says of a service.
QByteArray nameIn(const QDBusMessage &resolved)
{
    constexpr qsizetype textAt = 9;
    const QVariant text = resolved.arguments().value(textAt);
    const auto strings = text.canConvert<QDBusArgument>() ? qdbus_cast<QList<QByteArray>>(text.value<QDBusArgument>())
                                                          : text.value<QList<QByteArray>>();
    for (const QByteArray &each : strings) {
        if (each.startsWith(NameKey))
            return each.mid(qstrlen(NameKey));
    }
    return {};
}
} // namespace

AvahiNeighbours::AvahiNeighbours(Listener listener)
    : m_listener(std::move(listener))
{
    qDBusRegisterMetaType<QList<QByteArray>>();
    m_again.setSingleShot(true);
    m_again.callOnTimeout(this, [this] { tryAgain(); });
}

AvahiNeighbours::~AvahiNeighbours()
{
    closeBus();
}

void AvahiNeighbours::want(const Wish &wish)
{
    if (wish == m_wish)
        return;
    m_wish = wish;
    if (wish.isNothing()) {
        closeBus();
        m_socket.reset();
        m_again.stop();
        m_standing = {};
        return tell();
    }
    if (!m_bus)
        return openBus();
    end();
    if (m_isRunning)
        begin();
    tell();
}

Neighbours::Standing AvahiNeighbours::standing() const
{
    return m_standing;
}

void AvahiNeighbours::openBus()
{
    static std::atomic<int> number = 0;
    const auto name = QStringLiteral("restante-neighbours-%1").arg(++number);
    const auto bus = QDBusConnection::connectToBus(QDBusConnection::SystemBus, name);
    if (!bus.isConnected()) {
        setTrouble(QStringLiteral("There is no D-Bus: ") + bus.lastError().message());
        QDBusConnection::disconnectFromBus(name);
        return watchForBus();
    }
    m_socket.reset();
    m_again.stop();
    m_tries = 0;
    m_bus = bus;
    m_bus->connect({}, QStringLiteral("/org/freedesktop/DBus/Local"), QStringLiteral("org.freedesktop.DBus.Local"),
                   QStringLiteral("Disconnected"), this, SLOT(onBusLost()));
    m_avahi = std::make_unique<QDBusServiceWatcher>(Avahi, *m_bus, QDBusServiceWatcher::WatchForOwnerChange);
    connect(m_avahi.get(), &QDBusServiceWatcher::serviceOwnerChanged, this,
            [this](const QString &, const QString &, const QString &owner) { onOwner(!owner.isEmpty()); });
    // Signals may come before the answer that names their object, so that of any object they are heard.
    m_bus->connect(Avahi, {}, Server, QStringLiteral("StateChanged"), this, SLOT(onServerState(int, QString)));
    m_bus->connect(Avahi, {}, EntryGroup, QStringLiteral("StateChanged"), this, SLOT(onGroupState(int, QString)));
    m_bus->connect(Avahi, {}, Browser, QStringLiteral("ItemNew"), this,
                   SLOT(onFound(int, int, QString, QString, QString, uint)));
    m_bus->connect(Avahi, {}, Browser, QStringLiteral("ItemRemove"), this,
                   SLOT(onGone(int, int, QString, QString, QString, uint)));
    setTrouble(NoAvahi);
    const auto asked = m_bus->asyncCall(QDBusMessage::createMethodCall(Bus, QStringLiteral("/org/freedesktop/DBus"),
                                                                       Bus, QStringLiteral("NameHasOwner"))
                                        << Avahi);
    const auto *watcher = new QDBusPendingCallWatcher(asked, m_avahi.get());
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this](const QDBusPendingCallWatcher *call) {
        if (!call->isError() && call->reply().arguments().value(0).toBool())
            onOwner(true);
    });
}

void AvahiNeighbours::closeBus()
{
    end();
    m_isRunning = false;
    m_avahi.reset();
    if (!m_bus)
        return;
    const QString name = m_bus->name();
    m_bus.reset();
    QDBusConnection::disconnectFromBus(name); // Avahi forgets what was asked for here
}

/// Until the socket of a bus appears. One that is there and takes no connection may not be ready yet, or be left over.
void AvahiNeighbours::watchForBus()
{
    const QString socket = socketOfBus();
    if (socket.isEmpty())
        return;
    // Of folders that are not there the nearest one above.
    QString folder = QFileInfo(socket).path();
    while (!QFileInfo::exists(folder) && folder != QFileInfo(folder).path())
        folder = QFileInfo(folder).path();
    if (!m_socket) {
        m_socket = std::make_unique<QFileSystemWatcher>();
        connect(m_socket.get(), &QFileSystemWatcher::directoryChanged, this, [this] {
            m_tries = 0;
            m_again.start(0);
        });
    }
    const QStringList watched = m_socket->directories();
    if (!watched.contains(folder)) {
        if (!watched.isEmpty())
            m_socket->removePaths(watched);
        m_socket->addPath(folder);
    }
    if (QFileInfo::exists(socket) && ++m_tries <= MostTries)
        m_again.start(FirstTryMs << (m_tries - 1));
}

void AvahiNeighbours::tryAgain()
{
    if (m_bus || m_wish.isNothing())
        return;
    if (QFileInfo::exists(socketOfBus()))
        openBus();
    else
        watchForBus(); // in a folder that may be there now
}

void AvahiNeighbours::onBusLost()
{
    // Not from inside a call of the connection that it ends.
    QMetaObject::invokeMethod(
        this,
        [this] {
            if (!m_bus || m_bus->isConnected())
                return;
            closeBus();
            setTrouble(QStringLiteral("The D-Bus connection ended"));
            tryAgain(); // a new one may listen already
        },
        Qt::QueuedConnection);
}

void AvahiNeighbours::onOwner(bool isThere)
{
    end();
    m_isRunning = false;
    if (!isThere)
        return setTrouble(NoAvahi);
    call(QStringLiteral("/"), Server, QStringLiteral("GetState"), {},
         [this](const QDBusMessage &reply) { onServerState(reply.arguments().value(0).toInt(), {}); });
}

/// Avahi is not ready while it looks for a host name of its own.
void AvahiNeighbours::onServerState(int state, const QString &error)
{
    const bool isRunning = state == ServerRunning;
    if (isRunning && m_isRunning)
        return;
    m_isRunning = isRunning;
    end();
    if (isRunning)
        return begin();
    setTrouble(state == ServerFailed ? QStringLiteral("avahi-daemon failed: ") + error
                                     : QStringLiteral("avahi-daemon is not ready"));
}

void AvahiNeighbours::begin()
{
    setTrouble({});
    if (!m_wish.announce.isEmpty())
        announce();
    if (m_wish.watch)
        watch();
}

/// What goes on ends, and answers that are still to come count no more.
void AvahiNeighbours::end()
{
    ++m_round;
    if (m_bus && m_bus->isConnected() && m_isRunning) {
        for (const auto &[path, interface] : {std::pair(m_group, EntryGroup), std::pair(m_browser, Browser)}) {
            if (!path.isEmpty())
                m_bus->send(QDBusMessage::createMethodCall(Avahi, path, interface, QStringLiteral("Free")));
        }
    }
    m_group.clear();
    m_browser.clear();
    m_known.clear();
    m_collisions = 0;
    m_standing.announces = m_standing.watches = false;
}

void AvahiNeighbours::announce()
{
    if (m_wish.announce.size() + qsizetype(qstrlen(NameKey)) > MostText)
        return setTrouble(QStringLiteral("The server name is too long to be announced"));
    call(QStringLiteral("/"), Server, QStringLiteral("EntryGroupNew"), {}, [this](const QDBusMessage &reply) {
        m_group = reply.arguments().value(0).value<QDBusObjectPath>().path();
        addService();
    });
}

/// Without a port: nothing is to be reached there. Where the server is, its name tells.
void AvahiNeighbours::addService()
{
    const QList<QByteArray> text{NameKey + m_wish.announce};
    call(
        m_group, EntryGroup, QStringLiteral("AddService"),
        {AnyInterface, AnyProtocol, NoFlags, labelFor(m_wish.announce, m_collisions), QString::fromLatin1(ServiceType),
         QString(), QString(), QVariant::fromValue(ushort(0)), QVariant::fromValue(text)},
        [this](const QDBusMessage &) {
            call(m_group, EntryGroup, QStringLiteral("Commit"), {}, [](const QDBusMessage &) {});
        },
        [this](const QDBusMessage &error) {
            if (error.errorName() == QStringLiteral("org.freedesktop.Avahi.CollisionError"))
                onCollision();
            else
                setTrouble(QStringLiteral("The server name cannot be announced: ") + error.errorMessage());
        });
}

void AvahiNeighbours::onGroupState(int state, const QString &error)
{
    if (m_group.isEmpty())
        return;
    if (state == GroupCollision)
        return onCollision();
    m_standing.announces = state == GroupEstablished;
    if (state == GroupFailed)
        return setTrouble(QStringLiteral("The server name cannot be announced: ") + error);
    tell();
}

/// Somebody else on the network has a service of this name, perhaps another program for the same server.
void AvahiNeighbours::onCollision()
{
    m_standing.announces = false;
    if (++m_collisions > MostCollisions)
        return setTrouble(QStringLiteral("The server name cannot be announced: others use it on this network"));
    call(m_group, EntryGroup, QStringLiteral("Reset"), {}, [this](const QDBusMessage &) { addService(); });
}

void AvahiNeighbours::watch()
{
    call(QStringLiteral("/"), Server, QStringLiteral("ServiceBrowserNew"),
         {AnyInterface, AnyProtocol, QString::fromLatin1(ServiceType), QString(), NoFlags},
         [this](const QDBusMessage &reply) {
             m_browser = reply.arguments().value(0).value<QDBusObjectPath>().path();
             m_standing.watches = true;
             tell();
         });
}

/// Each network and protocol on which a service is tells of it; one of them is asked for its text.
void AvahiNeighbours::onFound(int interface, int protocol, const QString &name, const QString &type,
                              const QString &domain, uint)
{
    if (!m_wish.watch || !m_isRunning || type != QLatin1String(ServiceType))
        return;
    const auto known = m_known.find(name);
    if (known != m_known.end()) {
        ++*known;
        return;
    }
    if (m_known.size() >= MostServices)
        return;
    m_known.insert(name, 1);
    call(
        QStringLiteral("/"), Server, QStringLiteral("ResolveService"),
        {interface, protocol, name, type, domain, AnyProtocol, WithoutAddress},
        [this](const QDBusMessage &reply) {
            const QByteArray server = nameIn(reply);
            if (!server.isEmpty() && m_listener.heard)
                m_listener.heard(server);
        },
        [](const QDBusMessage &) {}); // it has gone, or is none
}

void AvahiNeighbours::onGone(int, int, const QString &name, const QString &, const QString &, uint)
{
    const auto known = m_known.find(name);
    if (known != m_known.end() && --*known <= 0)
        m_known.erase(known);
}

void AvahiNeighbours::setTrouble(const QString &trouble)
{
    m_standing.trouble = trouble;
    tell();
}

void AvahiNeighbours::tell()
{
    if (m_listener.changed)
        QMetaObject::invokeMethod(this, m_listener.changed, Qt::QueuedConnection);
}

void AvahiNeighbours::call(const QString &path, const QString &interface, const QString &method,
                           const QVariantList &arguments, Then then, Then failed)
{
    if (!m_bus)
        return;
    auto message = QDBusMessage::createMethodCall(Avahi, path, interface, method);
    message.setArguments(arguments);
    message.setAutoStartService(false);
    const auto *watcher = new QDBusPendingCallWatcher(m_bus->asyncCall(message), m_avahi.get());
    connect(watcher, &QDBusPendingCallWatcher::finished, this,
            [this, round = m_round, then = std::move(then), failed = std::move(failed)](QDBusPendingCallWatcher *call) {
                call->deleteLater();
                if (round != m_round)
                    return;
                const QDBusMessage reply = call->reply();
                if (!call->isError())
                    then(reply);
                else if (failed)
                    failed(reply);
                else
                    setTrouble(QStringLiteral("avahi-daemon refused: ") + reply.errorMessage());
            });
}

} // namespace restante::nearby
