// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/keycache.h"

#include "base/sqlstatement.h"
#include "queue/metanumbers.h"
#include "queue/openedition.h"
#include "queue/writer.h"
#include "telemetry/logging.h"

#include <QtCore/QRandomGenerator>

#include <algorithm>

namespace restante::queue
{

namespace
{

constexpr int KeysBusyMs = 2'000;
constexpr int MaxUnpinned = 20'000;
constexpr int MaxWithHeldMail = 40'000; // those of origins with held mail among them: beyond, nothing is spared
constexpr int DropAtOnce = 1'000;
constexpr int OldestLookedAt = 2'000;                                           // for one whose origin has no mail here
constexpr qint64 MaxDocumentBytesWithHeldMail = 2 * KeyCache::MaxDocumentBytes; // the same for documents
constexpr auto Owner = int(identity::KeyRank::Owner);

const auto SelectKeys = QStringLiteral("SELECT server, key_id, public_key, valid_until_ms, fetched_ms, pinned, old, "
                                       "rank FROM server_keys");
const auto PutKey = QStringLiteral(
    "INSERT INTO server_keys (server, key_id, public_key, valid_until_ms, fetched_ms, pinned, old, rank) VALUES "
    "(?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (server, key_id) DO UPDATE SET public_key = excluded.public_key, "
    "valid_until_ms = excluded.valid_until_ms, fetched_ms = excluded.fetched_ms, pinned = excluded.pinned, old = "
    "excluded.old, rank = MAX(rank, excluded.rank)");
const auto PutDocument = QStringLiteral(
    "INSERT INTO key_documents (server, rank, fetched_ms, size, document) VALUES (?, ?, ?, ?, ?) ON CONFLICT (server) "
    "DO UPDATE SET rank = MAX(rank, excluded.rank), fetched_ms = excluded.fetched_ms, size = excluded.size, document = "
    "excluded.document");
const auto SelectDocument = QStringLiteral("SELECT document FROM key_documents WHERE server = ?");
const auto CountUnpinned = QStringLiteral("SELECT COUNT(*) FROM server_keys WHERE pinned = 0");
const auto SumDocuments = QStringLiteral("SELECT SUM(size) FROM key_documents");
const auto DropOldest = QStringLiteral(
    "DELETE FROM server_keys WHERE (server, key_id) IN (SELECT server, key_id FROM server_keys WHERE pinned = 0 AND "
    "rank < ? ORDER BY rank, fetched_ms LIMIT ?)");
const auto DropOldestUnheld = QStringLiteral(
    "DELETE FROM server_keys WHERE (server, key_id) IN (SELECT k.server, k.key_id FROM (SELECT server, key_id, rank, "
    "fetched_ms FROM server_keys WHERE pinned = 0 AND rank < ? ORDER BY rank, fetched_ms LIMIT ?) k WHERE NOT EXISTS "
    "(SELECT 1 FROM origins o JOIN pairs p ON p.origin = o.id WHERE o.name = k.server AND p.entries > 0) ORDER BY "
    "k.rank, k.fetched_ms LIMIT ?)");
const auto SelectOldestDocuments = QStringLiteral(
    "SELECT d.id, d.size, EXISTS (SELECT 1 FROM origins o JOIN pairs p ON p.origin = o.id WHERE o.name = d.server AND "
    "p.entries > 0) FROM key_documents d WHERE d.rank < ? ORDER BY d.rank, d.fetched_ms LIMIT ?");
const auto DropDocument = QStringLiteral("DELETE FROM key_documents WHERE id = ?");
const auto DropDocumentOf = QStringLiteral(
    "DELETE FROM key_documents WHERE server = ? AND NOT EXISTS (SELECT 1 FROM server_keys k WHERE k.server = ?)");
const auto DropDocumentsWithoutKeys = QStringLiteral(
    "DELETE FROM key_documents WHERE NOT EXISTS (SELECT 1 FROM server_keys k WHERE k.server = key_documents.server)");
const auto ProveKeys = QStringLiteral("UPDATE server_keys SET rank = MAX(rank, 1) WHERE server = ?");
const auto ProveDocument = QStringLiteral("UPDATE key_documents SET rank = MAX(rank, 1) WHERE server = ?");
const auto NoOwnersKeys = QStringLiteral("UPDATE server_keys SET rank = 1 WHERE rank > 1");
const auto NoOwnersDocuments = QStringLiteral("UPDATE key_documents SET rank = 1 WHERE rank > 1");
const auto OwnKeys = QStringLiteral("UPDATE server_keys SET rank = 2 WHERE server = ?");
const auto OwnDocument = QStringLiteral("UPDATE key_documents SET rank = 2 WHERE server = ?");
// The newest document of each server: its keys came together. If one is pinned nobody need be asked. The sum keeps
// the planner to the order of the names, which needs no sorting and ends when enough are found.
const auto SelectNewest = QStringLiteral(
    "SELECT k.server, k.key_id, k.valid_until_ms, k.fetched_ms FROM server_keys k WHERE k.server > ? AND k.pinned + "
    "k.old = 0 AND NOT EXISTS (SELECT 1 FROM server_keys n WHERE n.server = k.server AND n.old = 0 AND (n.pinned = "
    "1 OR n.fetched_ms > k.fetched_ms OR (n.fetched_ms = k.fetched_ms AND n.key_id > k.key_id))) ORDER BY k.server");
const auto SelectHeld = QStringLiteral("SELECT 1 FROM origins o JOIN pairs p ON p.origin = o.id WHERE o.name = ? AND "
                                       "p.entries > 0 LIMIT 1");
const auto DropKey = QStringLiteral("DELETE FROM server_keys WHERE server = ? AND key_id = ?");
const auto SelectPinned = QStringLiteral("SELECT 1 FROM server_keys WHERE server = ? AND key_id = ? AND pinned = 1");
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
    key.rank = identity::KeyRank(std::clamp<qint64>(row.integer(7), 0, Owner));
    return key;
}

/// The number in the only row of `statement`.
Result<qint64> number(base::Database &database, const QString &text)
{
    base::SqlStatement statement(database, text);
    if (auto done = statement.run(); !done)
        return done.error();
    const base::SqlRows rows(statement);
    if (!statement.next())
        return statement.failure() ? Error{Errc::Internal, QStringLiteral("A count gave no row"), 0}
                                   : statement.failure().error();
    return statement.integer(0);
}

Result<void> dropSurplusKeys(base::Database &database)
{
    const auto unpinned = number(database, CountUnpinned);
    if (!unpinned)
        return unpinned.error();
    if (*unpinned <= MaxUnpinned)
        return {};
    const bool spare = *unpinned <= MaxWithHeldMail;
    base::SqlStatement drop(database, spare ? DropOldestUnheld : DropOldest);
    const auto dropped = spare ? drop.run(Owner, OldestLookedAt, std::min<qint64>(*unpinned - MaxUnpinned, DropAtOnce))
                               : drop.run(Owner, std::min<qint64>(*unpinned - MaxWithHeldMail, DropAtOnce));
    return dropped ? database.run(DropDocumentsWithoutKeys) : dropped;
}

/// What is left of the keys still verifies requests; the document can be fetched again.
Result<void> dropSurplusDocuments(base::Database &database)
{
    const auto total = number(database, SumDocuments);
    if (!total)
        return total.error();
    qint64 bytes = *total;
    if (bytes <= KeyCache::MaxDocumentBytes)
        return {};
    constexpr qint64 room = KeyCache::MaxDocumentBytes / 16; // not for every single one that comes
    std::vector<qint64> gone;
    {
        base::SqlStatement oldest(database, SelectOldestDocuments);
        if (auto done = oldest.run(Owner, OldestLookedAt); !done)
            return done;
        const base::SqlRows rows(oldest);
        while (bytes > KeyCache::MaxDocumentBytes - room && oldest.next()) {
            if (oldest.integer(2) != 0 && bytes <= MaxDocumentBytesWithHeldMail)
                continue;
            gone.push_back(oldest.integer(0));
            bytes -= oldest.integer(1);
        }
        if (auto failed = oldest.failure(); !failed)
            return failed;
    }
    base::SqlStatement drop(database, DropDocument);
    for (const qint64 id : gone) {
        if (auto done = drop.run(id); !done)
            return done;
    }
    return {};
}

Result<void> putAll(base::Database &database, const std::vector<identity::StoredKey> &keys)
{
    base::SqlStatement put(database, PutKey);
    base::SqlStatement putDocument(database, PutDocument);
    const identity::StoredKey *last = nullptr; // the keys of one document come together
    for (const identity::StoredKey &key : keys) {
        const QByteArray bytes(reinterpret_cast<const char *>(key.key.data()), qsizetype(key.key.size()));
        auto done = put.run(key.server.bytes(), base::present(key.keyId), bytes, key.validUntilMs, key.fetchedMs,
                            int(key.pinned), int(key.old), int(key.rank));
        if (!done)
            return done;
        if (key.document.isEmpty() || (last && last->server == key.server && last->document == key.document))
            continue;
        last = &key;
        done = putDocument.run(key.server.bytes(), int(key.rank), key.fetchedMs, key.document.size(), key.document);
        if (!done)
            return done;
    }
    if (auto done = dropSurplusKeys(database); !done)
        return done;
    return dropSurplusDocuments(database);
}

Result<void> removeKeys(base::Database &database, const matrix::ServerName &server, const QByteArray &keyId)
{
    base::SqlStatement drop(database, keyId.isEmpty() ? DropServer : DropKey);
    const auto dropped = keyId.isEmpty() ? drop.run(server.bytes()) : drop.run(server.bytes(), keyId);
    return dropped ? base::SqlStatement(database, DropDocumentOf).run(server.bytes(), server.bytes()) : dropped;
}

/// A change, so that the commit brings the log to the disk, and with it what was committed before.
Result<void> touch(base::Database &database)
{
    const auto number = qint64(QRandomGenerator::global()->generate64() >> 1);
    return MetaNumbers(database).write(QStringLiteral("probe"), number);
}

Result<std::unique_ptr<base::Database>> openReadOnly(const Writer &writer)
{
    base::ConnectionOptions options;
    options.busyTimeoutMs = KeysBusyMs;
    quint64 edition = 0;
    return openToRead(writer, options, edition);
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
    m_writer.perform([server, keyId](base::Database &database) { return removeKeys(database, server, keyId); });
}

void KeyCache::confirmPinned(Client &client, const matrix::ServerName &server, const QByteArray &keyId,
                             std::function<void(Result<void>)> done)
{
    client.performDurably(
        [server, keyId](base::Database &database) -> Result<void> {
            base::SqlStatement pinned(database, SelectPinned);
            const auto kept = hasRow(pinned, server.bytes(), keyId);
            if (!kept)
                return kept.error();
            if (!*kept)
                return {Errc::StorageFailed, QStringLiteral("The key could not be written to the database")};
            return touch(database);
        },
        std::move(done));
}

void KeyCache::confirmRemoved(Client &client, const matrix::ServerName &server, const QByteArray &keyId,
                              std::function<void(Result<void>)> done)
{
    client.performDurably(
        [server, keyId](base::Database &database) {
            const auto removed = removeKeys(database, server, keyId); // again, to know whether it works
            return removed ? touch(database) : removed;
        },
        std::move(done));
}

void KeyCache::prove(const matrix::ServerName &server)
{
    m_writer.perform([server](base::Database &database) {
        const auto done = base::SqlStatement(database, ProveKeys).run(server.bytes());
        return done ? base::SqlStatement(database, ProveDocument).run(server.bytes()) : done;
    });
}

void KeyCache::setOwners(QList<matrix::ServerName> owners)
{
    m_writer.perform([owners = std::move(owners)](base::Database &database) -> Result<void> {
        for (const QString &none : {NoOwnersKeys, NoOwnersDocuments}) {
            if (auto done = database.run(none); !done)
                return done;
        }
        base::SqlStatement keys(database, OwnKeys);
        base::SqlStatement document(database, OwnDocument);
        for (const matrix::ServerName &owner : owners) {
            if (auto done = keys.run(owner.bytes()); !done)
                return done;
            if (auto done = document.run(owner.bytes()); !done)
                return done;
        }
        return {};
    });
}

Result<QByteArray> KeyCache::document(const matrix::ServerName &server) const
{
    auto database = openReadOnly(m_writer);
    if (!database)
        return database.error();
    base::SqlStatement statement(**database, SelectDocument);
    if (auto done = statement.run(server.bytes()); !done)
        return done.error();
    const base::SqlRows rows(statement);
    if (statement.next())
        return statement.bytes(0);
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return QByteArray();
}

} // namespace restante::queue
