// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/entrance.h"

#include "sites/routes.h"

#include <utility>

namespace restante::sites
{

namespace
{
bool isRelaysOwn(const http::RequestHead &head)
{
    QByteArray allow;
    const auto match = findRoute(head.method, head.target, &allow);
    return match ? match->route->isSigned : match.error().code == Errc::MethodNotAllowed;
}
} // namespace

http::Verdict Entrance::gate(const http::RequestHead &head)
{
    const bool isForDoor = m_door.isFor(head) && !isRelaysOwn(head);
    return isForDoor ? m_door.gate(head) : m_relay.gate(head);
}

void Entrance::handle(http::Request request, http::Reply reply)
{
    if (DoorSite::hasAdmitted(request.admitted.get()))
        m_door.handle(std::move(request), std::move(reply));
    else
        m_relay.handle(std::move(request), std::move(reply));
}

} // namespace restante::sites
