// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/database.h"
#include "base/sqlstatement.h"
#include "http/site.h"
#include "identity/authenticator.h"
#include "identity/keyring.h"

#include <memory>
#include <optional>

namespace restante::bench
{

/// The least that a homeserver does with PUT /send before it may answer 200: it verifies the signature and has the
/// transaction on its disk, one after another. A transaction id that it has already gets 400: nothing is to be
/// delivered twice. For one worker thread, in which it is made.
class HomeserverSite final : public http::Site
{
public:
    /// `file`: its database.
    HomeserverSite(identity::KeyRing &ring, const matrix::ServerName &ownName, const QString &file);

    http::Verdict gate(const http::RequestHead &head) override;
    void handle(http::Request request, http::Reply reply) override;

private:
    const matrix::ServerName m_ownName;
    identity::Authenticator m_authenticator;
    std::unique_ptr<base::Database> m_database;
    std::optional<base::SqlStatement> m_keep;
};

} // namespace restante::bench
