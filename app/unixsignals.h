// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>

class QSocketNotifier;

namespace restante::app
{

/// Turns SIGTERM, SIGINT and SIGHUP (unless it is ignored) into a Qt signal in the main thread. Make one, there; it
/// puts the default actions back when it goes. On systems without Unix signals it does nothing.
class UnixSignals final : public QObject
{
    Q_OBJECT

public:
    explicit UnixSignals(QObject *parent = nullptr);
    ~UnixSignals() override;
    Q_DISABLE_COPY_MOVE(UnixSignals)

Q_SIGNALS:
    /// The session manager, systemd or a terminal asked the program to end.
    void terminationRequested();
};

} // namespace restante::app
