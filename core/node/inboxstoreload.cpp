// SPDX-License-Identifier: GPL-3.0-or-later
// The inbox is opened: its database, the memory of the clock, what stays, and the content key.
#include "base/sqltransaction.h"
#include "node/damagedrows.h"
#include "node/inboxstoreparts.h"
#include "telemetry/logging.h"

#include <sodium.h>

namespace restante::node
{

namespace
{
constexpr int CacheKib = 4 * 1024;
constexpr int BusyTimeoutMs = 2'000;
} // namespace

Result<std::unique_ptr<InboxStore::Private>> InboxStore::Private::open(const QString &folder, const base::Clock &clock)
{
    base::ConnectionOptions options;
    options.database = folder + QStringLiteral("/node.sqlite");
    options.busyTimeoutMs = BusyTimeoutMs;
    options.cacheKib = CacheKib;
    auto database = base::Database::open(options);
    if (!database)
        return database.error();
    if (auto migrated = (*database)->migrate(QLatin1String("node")); !migrated)
        return migrated.error();
    auto parts = std::make_unique<Private>(*std::move(database), folder, clock);
    if (auto loaded = parts->load(); !loaded)
        return loaded.error();
    return parts;
}

Result<void> InboxStore::Private::load()
{
    if (auto loaded = loadClock(); isCorrupt(loaded)) {
        harmed = true;
        watch.emplace(clock, remembered);
    } else if (!loaded) {
        return loaded;
    }
    if (auto loaded = loadStaying(); isCorrupt(loaded)) {
        harmed = true;
        qCWarning(lcNode).noquote() << "What was taken out of the inbox cannot be read in full:"
                                    << loaded.error().detail;
    } else if (!loaded) {
        return loaded;
    }
    return loadSecret();
}

/// The first column of the first row; empty if there is none.
Result<QByteArray> InboxStore::Private::firstBytes(Statement &statement)
{
    if (auto done = statement.run(); !done)
        return done.error();
    const base::SqlRows rows(statement);
    if (statement.next())
        return statement.bytes(0);
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return QByteArray();
}

Result<void> InboxStore::Private::loadSecret()
{
    const auto first = firstBytes(meta);
    if (!first)
        return first.error();
    const auto copy = firstBytes(keyCopy);
    if (!copy && !isCorrupt(copy))
        return copy.error();
    harmed = harmed || !copy; // which is of no use until the other one is damaged, too
    secret = *first;
    if (secret.size() == crypto_generichash_KEYBYTES)
        return {};
    if (!secret.isEmpty() || !copy || !copy->isEmpty())
        return {Errc::Corrupt, QStringLiteral("The content key of node.sqlite is damaged.")};
    secret.resize(crypto_generichash_KEYBYTES);
    randombytes_buf(secret.data(), size_t(secret.size()));
    base::SqlTransaction transaction(*database);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    if (auto added = addMeta.run(secret); !added)
        return added;
    if (auto added = addKeyCopy.run(secret); !added)
        return added;
    return transaction.commit();
}

} // namespace restante::node
