// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/everused.h"

#include "base/database.h"
#include "base/sqlstatement.h"

namespace restante::node
{

namespace
{
constexpr int WaitMs = 2'000;
constexpr int CountsSince = 2; ///< the version from which on it is kept what relays took
const auto SelectCollected = QStringLiteral("SELECT EXISTS(SELECT 1 FROM inbox) OR EXISTS(SELECT 1 FROM handled)");
const auto SelectLeft = QStringLiteral("SELECT EXISTS(SELECT 1 FROM destinations WHERE sent_by_relay > 0)");
} // namespace

Result<bool> hasEverCarriedMail(const QString &folder)
{
    base::ConnectionOptions options;
    options.database = folder + QStringLiteral("/node.sqlite");
    options.busyTimeoutMs = WaitMs;
    const auto database = base::Database::openIfUsed(options);
    if (!database)
        return database.error();
    if (!*database)
        return false;
    const auto version = (*database)->schemaVersion();
    if (!version)
        return version.error();
    const auto collected = base::isTrue(**database, SelectCollected);
    if (!collected || *collected || *version < CountsSince)
        return collected;
    return base::isTrue(**database, SelectLeft);
}

} // namespace restante::node
