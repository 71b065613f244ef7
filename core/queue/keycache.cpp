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

constexpr int BusyTimeoutMs = 2'000;
constexpr int MaxUnpinned = 20'000;
constexpr int DropAtOnce = 1'000;

const auto SelectKeys = QStringLiteral("SELECT server, key_id, public_key, valid_until_ms, fetched_ms, pinned, old, "
                                       "document FROM server_keys");
const auto PutKey = QStringLiteral("INSERT INTO server_keys (server, key_id, public_key, valid_until_ms, fetched_ms, "
                                   "pinned, old, document) VALUES (?, "
                                   "?, ?, ?, ?, ?, ?, ?) ON CONFLICT (server, key_id) DO UPDATE SET public_key = "
                                   "excluded.public_key, valid_until_ms = "
                                   "excluded.valid_until_ms, fetched_ms = excluded.fetched_ms, pinned = "
                                   "excluded.pinned, old = excluded.old, document = "
                                   "excluded.document");
const auto DropOldest = QStringLiteral("DELETE FROM server_keys WHERE (server, key_id) IN (SELECT server, key_id FROM "
                                       "server_keys WHERE pinned = 0 ORDER BY "
                                       "fetched_ms DESC LIMIT ? OFFSET ?)");
const auto DropPinned = QStringLiteral("DELETE FROM server_keys WHERE server = ? AND pinned = 1");

QByteArray present(const QByteArray &bytes)
{
    return bytes.isNull() ? QByteArray("") : bytes;
}

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

Result<void> putAll(base::Database &database, const std::vector<identity::StoredKey> &keys)
{
    base::SqlStatement put(database, PutKey);
    for (const identity::StoredKey &key : keys) {
        const QByteArray bytes(reinterpret_cast<const char *>(key.key.data()), qsizetype(key.key.size()));
        auto done = put.run(key.server.bytes(), present(key.keyId), bytes, key.validUntilMs, key.fetchedMs,
                            int(key.pinned), int(key.old), present(key.document));
        if (!done)
            return done;
    }
    base::SqlStatement drop(database, DropOldest);
    return drop.run(DropAtOnce, MaxUnpinned);
}

} // namespace

Result<std::vector<identity::StoredKey>> KeyCache::load()
{
    base::ConnectionOptions options;
    options.database = m_writer.location().database();
    options.readOnly = true;
    options.busyTimeoutMs = BusyTimeoutMs;
    auto database = base::Database::open(options);
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

void KeyCache::put(std::vector<identity::StoredKey> keys)
{
    if (keys.empty())
        return;
    m_writer.perform([keys = std::move(keys)](base::Database &database) { return putAll(database, keys); });
}

void KeyCache::removePinned(const matrix::ServerName &server)
{
    m_writer.perform([server](base::Database &database) {
        base::SqlStatement drop(database, DropPinned);
        return drop.run(server.bytes());
    });
}

} // namespace restante::queue
