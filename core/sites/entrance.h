// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sites/doorsite.h"
#include "sites/relaysite.h"

namespace restante::sites
{

/// What answers at the relay's listeners: the relay itself, and the front doors of the servers that it fronts. The
/// relay's own routes are its own whatever Host says; for everything else Host tells. One per worker thread.
class Entrance final : public http::Site
{
public:
    explicit Entrance(const RelayServices &services)
        : m_relay(services)
        , m_door(services)
    {
    }

    http::Verdict gate(const http::RequestHead &head) override;
    void handle(http::Request request, http::Reply reply) override;
    void guardRefused(int status, QByteArrayView reason) override { m_relay.guardRefused(status, reason); }

private:
    RelaySite m_relay;
    DoorSite m_door;
};

} // namespace restante::sites
