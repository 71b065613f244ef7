// SPDX-License-Identifier: GPL-3.0-or-later
// The tray of a Unix desktop. QSystemTrayIcon::isSystemTrayAvailable() is not asked before there is a tray: Qt looks
// for the D-Bus watcher only the first time and remembers the answer, so that asking too early would lose a tray that
// comes late.
#include "ui/shell/trayhost.h"

#include <QtDBus/QDBusConnection>
#include <QtDBus/QDBusConnectionInterface>
#include <QtDBus/QDBusServiceWatcher>
#include <QtGui/QGuiApplication>
#include <QtWidgets/QSystemTrayIcon>

#include <xcb/xcb.h>

#include <cstdlib>

namespace restante::ui
{

namespace
{
const QString &watcherService()
{
    static const QString name = QStringLiteral("org.kde.StatusNotifierWatcher");
    return name;
}

/// Whether a window owns the selection that marks the tray of the first screen.
bool hasX11Tray(xcb_connection_t *connection)
{
    constexpr char Name[] = "_NET_SYSTEM_TRAY_S0";
    const auto atomCookie = xcb_intern_atom(connection, 0, sizeof Name - 1, Name);
    const std::unique_ptr<xcb_intern_atom_reply_t, decltype(&std::free)> atom(
        xcb_intern_atom_reply(connection, atomCookie, nullptr), &std::free);
    if (!atom)
        return false;
    const auto ownerCookie = xcb_get_selection_owner(connection, atom->atom);
    const std::unique_ptr<xcb_get_selection_owner_reply_t, decltype(&std::free)> owner(
        xcb_get_selection_owner_reply(connection, ownerCookie, nullptr), &std::free);
    return owner && owner->owner != XCB_NONE;
}

class UnixTrayHost final : public TrayHost
{
public:
    UnixTrayHost()
        : m_watcher(watcherService(), QDBusConnection::sessionBus(), QDBusServiceWatcher::WatchForOwnerChange)
    {
        connect(&m_watcher, &QDBusServiceWatcher::serviceOwnerChanged, this, &TrayHost::changed);
    }

    bool isThere() const override { return isSomebodyThere() && QSystemTrayIcon::isSystemTrayAvailable(); }

private:
    bool isSomebodyThere() const
    {
        const auto bus = QDBusConnection::sessionBus();
        if (bus.isConnected() && bus.interface()->isServiceRegistered(watcherService()))
            return true;
        const auto *x11 = qGuiApp->nativeInterface<QNativeInterface::QX11Application>();
        return x11 && x11->connection() && hasX11Tray(x11->connection());
    }

    QDBusServiceWatcher m_watcher;
};
} // namespace

std::unique_ptr<TrayHost> sessionTrayHost()
{
    return std::make_unique<UnixTrayHost>();
}

} // namespace restante::ui
