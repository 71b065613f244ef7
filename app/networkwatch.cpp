// SPDX-License-Identifier: GPL-3.0-or-later
#include "networkwatch.h"

#include <utility>

namespace restante::app
{

void NetworkWatch::followSystem()
{
    if (!QNetworkInformation::loadDefaultBackend())
        return;
    QNetworkInformation *const system = QNetworkInformation::instance();
    m_reachability = system->reachability();
    connect(system, &QNetworkInformation::reachabilityChanged, this, &NetworkWatch::note);
}

void NetworkWatch::note(Reachability reachability)
{
    // The values are in the order of what can be reached.
    const Reachability before = std::exchange(m_reachability, reachability);
    if (reachability > before && reachability >= Reachability::Local)
        Q_EMIT cameUp();
}

} // namespace restante::app
