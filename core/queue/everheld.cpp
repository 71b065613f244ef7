// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/everheld.h"

#include "base/database.h"
#include "base/sqlstatement.h"

namespace restante::queue
{

namespace
{
constexpr int BusyTimeoutMs = 2'000;
/// A destination's row may be dropped when its last tombstone is gone; it raises id_floor then.
const auto Ever = QStringLiteral("SELECT EXISTS(SELECT 1 FROM entries) OR EXISTS(SELECT 1 FROM destinations) OR "
                                 "EXISTS(SELECT 1 FROM tombstones) OR "
                                 "EXISTS(SELECT 1 FROM meta WHERE name = 'id_floor' AND number > 0)");
} // namespace

Result<bool> hasEverHeld(const Location &location)
{
    base::ConnectionOptions options;
    options.database = location.database();
    options.busyTimeoutMs = BusyTimeoutMs;
    const auto database = base::Database::openIfUsed(options);
    if (!database)
        return database.error();
    return *database ? base::isTrue(**database, Ever) : Result<bool>(false);
}

} // namespace restante::queue
