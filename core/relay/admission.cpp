// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay/admission.h"

namespace restante::relay
{

namespace
{
Error relayingOff()
{
    return {Errc::RelayingOff, QStringLiteral("This server does not relay"), 0};
}

Error originBlocked()
{
    return {Errc::OriginBlocked, QStringLiteral("The operator of this relay does not accept requests from your server"),
            0};
}
} // namespace

Error Admission::pausedNow()
{
    return {Errc::Paused, QStringLiteral("This relay takes nothing in at the moment"), PausedRetryMs};
}

Result<void> Admission::mayLeave(const matrix::ServerName &origin, const matrix::ServerName &destination) const
{
    const auto policy = m_board.current();
    if (!policy->enabled)
        return relayingOff();
    return policy->paused ? Result<void>(pausedNow()) : mayPass(origin, destination);
}

Result<void> Admission::mayPass(const matrix::ServerName &origin, const matrix::ServerName &destination) const
{
    const auto policy = m_board.current();
    if (!policy->enabled)
        return relayingOff();
    if (policy->blockedOrigins.contains(origin))
        return originBlocked();
    if (!policy->open && !policy->served.contains(destination) && !policy->sends(origin, destination))
        return {Errc::NotServed, QStringLiteral("This relay does not act for that server")};
    return {};
}

Result<void> Admission::mayAsk(const matrix::ServerName &caller) const
{
    const auto policy = m_board.current();
    if (!policy->enabled)
        return relayingOff();
    if (policy->blockedOrigins.contains(caller))
        return originBlocked();
    return {};
}

Result<void> Admission::mayAskAfter(const matrix::ServerName &origin) const
{
    if (auto heard = mayAsk(origin); !heard)
        return heard;
    if (!m_board.current()->sendsFor.contains(origin))
        return {Errc::NotServed, QStringLiteral("This relay does not send mail for your server")};
    return {};
}

Result<void> Admission::mayOpen(const matrix::ServerName &owner) const
{
    if (auto heard = mayAsk(owner); !heard)
        return heard;
    if (!fronts(owner))
        return {Errc::NotServed, QStringLiteral("This relay is not the front door of that server")};
    return {};
}

bool Admission::holdsFor(const matrix::ServerName &owner) const
{
    const auto policy = m_board.current();
    return policy->open || policy->served.contains(owner);
}

matrix::ServerName Admission::frontedAt(const QByteArray &host) const
{
    const auto policy = m_board.current();
    return policy->fronted.isEmpty() ? matrix::ServerName() : policy->fronted.value(host.toLower());
}

bool Admission::knows(const matrix::ServerName &owner, const matrix::ServerName &origin) const
{
    const auto policy = m_board.current();
    const auto known = policy->known.constFind(owner);
    return known != policy->known.cend() && known->contains(origin);
}

Result<void> Admission::mayCollect(const matrix::ServerName &caller, const matrix::ServerName &owner) const
{
    if (auto heard = mayAsk(caller); !heard)
        return heard;
    if (caller != owner)
        return {Errc::NotOwner, QStringLiteral("Only a user's own server may collect what is held for it")};
    return {};
}

} // namespace restante::relay
