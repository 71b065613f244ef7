// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>
#include <QtNetwork/QNetworkInformation>

namespace restante::app
{

/// Tells when the network came up. Lives in the main thread.
class NetworkWatch final : public QObject
{
    Q_OBJECT

public:
    using Reachability = QNetworkInformation::Reachability;

    NetworkWatch() = default;
    ~NetworkWatch() override = default;
    Q_DISABLE_COPY_MOVE(NetworkWatch)

    /// Listens to the system from now on. If Qt has no backend for it nothing is ever told.
    void followSystem();
    /// The network is this reachable now.
    void note(Reachability reachability);

Q_SIGNALS:
    /// More can be reached than before. A network without a way to the internet counts, too: a relay may be in it.
    void cameUp();

private:
    Reachability m_reachability = Reachability::Unknown;
};

} // namespace restante::app
