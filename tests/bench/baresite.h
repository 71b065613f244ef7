// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/site.h"
#include "identity/authenticator.h"
#include "identity/keyring.h"

namespace restante::bench
{

/// What the bare server does with a request: everything that the relay does up to the signature (steps 2 to 10 of the
/// order of checks), then `{}`. One per worker thread.
class BareSite final : public http::Site
{
public:
    BareSite(identity::KeyRing &ring, const matrix::ServerName &ownName);

    http::Verdict gate(const http::RequestHead &head) override;
    void handle(http::Request request, http::Reply reply) override;

private:
    matrix::ServerName m_ownName;
    identity::Authenticator m_authenticator;
};

} // namespace restante::bench
