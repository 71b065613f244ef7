// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/keycache.h"

#include "base/sqlstatement.h"
#include "queue/writer.h"
#include "telemetry/logging.h"

#include <algorithm>

namespace restante::queue
{

namespace
{

constexpr int KeysBusyMs = 2'000;
constexpr int MaxUnpinned = 20'000;
constexpr int MaxWithHeldMail = 40'000; // those of origins with held mail among them: beyond, nothing is spared
constexpr int DropAtOnce = 1'000;
constexpr int OldestLookedAt = 2'000; // for one whose origin has no mail here

const auto SelectKeys = QStringLiteral("SELECT server, key_id, public_key, valid_until_ms, fetched_ms, pinned, old, "
                                       "document FROM server_keys");
const auto PutKey = QStringLiteral("INSERT INTO server_keys (server, key_id, public_key, valid_until_ms, fetched_ms, "
                                   "pinned, old, document) VALUES (?, "
                                   "?, ?, ?, ?, ?, ?, ?) ON CONFLICT (server, key_id) DO UPDATE SET public_key = "
                                   "excluded.public_key, valid_until_ms = "
                                   "excluded.valid_until_ms, fetched_ms = excluded.fetched_ms, pinned = "
                                   "excluded.pinned, old = excluded.old, document = "
                                   "excluded.document");
const auto CountUnpinned = QStringLiteral("SELECT COUNT(*) FROM server_keys WHERE pinned = 0");
const auto DropOldest = QStringLiteral("DELETE FROM server_keys WHERE (server, key_id) IN (SELECT server, key_id FROM "
                                       "server_keys WHERE pinned = 0 ORDER BY fetched_ms LIMIT ?)");
const auto DropOldestUnheld = QStringLiteral(
    "DELETE FROM server_keys WHERE (server, key_id) IN (SELECT k.server, k.key_id FROM (SELECT server, "
    "key_id FROM server_keys WHERE pinned = 0 ORDER BY fetched_ms LIMIT ?) k WHERE NOT EXISTS (SELECT 1 "
    "FROM origins o JOIN pairs p ON p.origin = o.id WHERE o.name = k.server AND p.entries > 0) LIMIT ?)");
// The newest document of each server: its keys came together. Where one is pinned nobody need be asked. The sum keeps
// the planner to the order of the names, which needs no sorting and ends when enough are found.
const auto SelectNewest = QStringLiteral(
    "SELECT k.server, k.key_id, k.valid_until_ms, k.fetched_ms FROM server_keys k WHERE k.server > ? AND k.pinned + "
    "k.old = 0 AND NOT EXISTS (SELECT 1 FROM server_keys n WHERE n.server = k.server AND n.old = 0 AND (n.pinned = "
    "1 OR n.fetched_ms > k.fetched_ms OR (n.fetched_ms = k.fetched_ms AND n.key_id > k.key_id))) ORDER BY k.server");
const auto SelectHeld = QStringLiteral("SELECT 1 FROM origins o JOIN pairs p ON p.origin = o.id WHERE o.name = ? AND "
                                       "p.entries > 0 LIMIT 1");
const auto DropKey = QStringLiteral("DELETE FROM server_keys WHERE server = ? AND key_id = ?");
const auto DropServer = QStringLiteral("DELETE FROM server_keys WHERE server = ?");

std::optional<identity::StoredKey> keyOf(const base::SqlStatement &row)
{
    auto server = matrix::ServerName::parse(row.bytes(0));
    const QByteArray bytes = row.bytes(2);
    identity::StoredKey key;
    if (!server || bytes.size() != qsizetype(key.key.size()))
        return {};
    key.server = *std::move(server);
    key.keyId = row.bytes(1);
    std::copy(bytes.begin(), bytes.end(), key.key.begin());
    key.validUntilMs = row.integer(3);
    key.fetchedMs = row.integer(4);
    key.pinned = row.integer(5) != 0;
    key.old = row.integer(6) != 0;
    key.document = row.bytes(7);
    return key;
}

Result<void> dropSurplus(base::Database &database)
{
    qint64 unpinned = 0;
    {
        base::SqlStatement count(database, CountUnpinned);
        if (auto done = count.run(); !done)
            return done;
        const base::SqlRows rows(count);
        if (!count.next())
            return count.failure();
        unpinned = count.integer(0);
    }
    if (unpinned <= MaxUnpinned)
        return {};
    if (unpinned > MaxWithHeldMail) {
        base::SqlStatement drop(database, DropOldest);
        return drop.run(std::min<qint64>(unpinned - MaxWithHeldMail, DropAtOnce));
    }
    base::SqlStatement drop(database, DropOldestUnheld);
    return drop.run(OldestLookedAt, std::min<qint64>(unpinned - MaxUnpinned, DropAtOnce));
}

Result<void> putAll(base::Database &database, const std::vector<identity::StoredKey> &keys)
{
    base::SqlStatement put(database, PutKey);
    for (const identity::StoredKey &key : keys) {
        const QByteArray bytes(reinterpret_cast<const char *>(key.key.data()), qsizetype(key.key.size()));
        auto done = put.run(key.server.bytes(), base::present(key.keyId), bytes, key.validUntilMs, key.fetchedMs,
                            int(key.pinned), int(key.old), base::present(key.document));
        if (!done)
            return done;
    }
    return dropSurplus(database);
}

Result<std::unique_ptr<base::Database>> openReadOnly(const Writer &writer)
{
    base::ConnectionOptions options;
    options.database = writer.location().database();
    options.readOnly = true;
    options.busyTimeoutMs = KeysBusyMs;
    return base::Database::open(options);
}

/// Whether the statement, run with `values`, gives a row.
template <typename... Values>
Result<bool> hasRow(base::SqlStatement &statement, const Values &...values)
{
    if (auto done = statement.run(values...); !done)
        return done.error();
    const base::SqlRows rows(statement);
    if (statement.next())
        return true;
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return false;
}

} // namespace

Result<std::vector<identity::StoredKey>> KeyCache::load()
{
    auto database = openReadOnly(m_writer);
    if (!database)
        return database.error();
    base::SqlStatement statement(**database, SelectKeys);
    if (auto done = statement.run(); !done)
        return done.error();
    const base::SqlRows rows(statement);
    std::vector<identity::StoredKey> keys;
    while (statement.next()) {
        if (auto key = keyOf(statement))
            keys.push_back(*std::move(key));
        else
            qCWarning(lcQueue, "A stored key of another server cannot be read and is left out.");
    }
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return keys;
}

Result<std::vector<KeyCache::Stale>>
KeyCache::staleOfHeldMail(const matrix::ServerName &after, int limit, qint64 nowMs,
                          const std::function<bool(const matrix::ServerName &)> &skip) const
{
    auto database = openReadOnly(m_writer);
    if (!database)
        return database.error();
    base::SqlStatement keys(**database, SelectNewest);
    base::SqlStatement held(**database, SelectHeld);
    std::vector<Stale> found;
    if (auto done = keys.run(base::present(after.bytes())); !done)
        return done.error();
    const base::SqlRows rows(keys);
    while (found.size() < size_t(limit) && keys.next()) {
        identity::StoredKey key;
        key.validUntilMs = keys.integer(2);
        key.fetchedMs = keys.integer(3);
        if (!key.isPastHalf(nowMs))
            continue;
        auto server = matrix::ServerName::parse(keys.bytes(0));
        if (!server || skip(*server))
            continue;
        const auto has = hasRow(held, server->bytes());
        if (!has)
            return has.error();
        if (*has)
            found.push_back({*std::move(server), keys.bytes(1)});
    }
    if (auto failed = keys.failure(); !failed)
        return failed.error();
    return found;
}

void KeyCache::put(std::vector<identity::StoredKey> keys)
{
    if (keys.empty())
        return;
    m_writer.perform([keys = std::move(keys)](base::Database &database) { return putAll(database, keys); });
}

void KeyCache::remove(const matrix::ServerName &server, const QByteArray &keyId)
{
    m_writer.perform([server, keyId](base::Database &database) {
        base::SqlStatement drop(database, keyId.isEmpty() ? DropServer : DropKey);
        return keyId.isEmpty() ? drop.run(server.bytes()) : drop.run(server.bytes(), keyId);
    });
}

} // namespace restante::queue
