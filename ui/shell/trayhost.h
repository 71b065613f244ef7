// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>

#include <memory>

namespace restante::ui
{

/// Whether this session shows tray icons. The tray may come later than the program, go, and come back. Lives in the
/// main thread.
class TrayHost : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// Asks anew; cheap enough for a timer of seconds.
    virtual bool isThere() const = 0;

Q_SIGNALS:
    /// It may have come or gone. Not every kind of tray tells.
    void changed();
};

/// The one of this desktop session: a status notifier watcher on D-Bus, or a system tray under X11.
std::unique_ptr<TrayHost> sessionTrayHost();

} // namespace restante::ui
