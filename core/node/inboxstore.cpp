// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/inboxstore.h"

#include "base/sparespace.h"
#include "base/sqlstatement.h"
#include "base/sqltransaction.h"
#include "node/destinationrecords.h"
#include "node/inboxsummaries.h"
#include "queue/clockwatch.h"
#include "queue/diskwatch.h"

#include <QtCore/QFileInfo>

#include <sodium.h>

#include <array>
#include <optional>
#include <utility>

namespace restante::node
{

namespace
{
constexpr int CacheKib = 4 * 1024;
constexpr int BusyTimeoutMs = 2'000;
constexpr qsizetype KeyBytes = 16;
constexpr qint64 HourMs = 3'600'000;
constexpr std::array<std::pair<const char *, qint64 queue::ClockWatch::Memory::*>, 3> ClockFacts{{
    {"clock_seen_ms", &queue::ClockWatch::Memory::seenMs},
    {"clock_doubt_from_ms", &queue::ClockWatch::Memory::doubtFromMs},
    {"clock_doubt_wall_ms", &queue::ClockWatch::Memory::doubtWallMs},
}};
constexpr int SparePieces = 16; // given back to the disk at a time
/// Bodies are large and stand behind everything else: only who wants one entry reads them.
constexpr auto Columns = "SELECT i.id, i.origin, r.name, i.txn_id, i.origin_server_ts, i.collected_ms, i.bytes, "
                         "i.pdu_count, i.edu_count, s.events%1 FROM inbox i LEFT JOIN relays r ON r.id = i.relay "
                         "LEFT JOIN summaries s ON s.id = i.id %2";

QString selectLines(const char *rest)
{
    return QString::fromLatin1(Columns).arg(QString(), QLatin1String(rest));
}

QString selectWhole(const char *rest)
{
    return QString::fromLatin1(Columns).arg(QStringLiteral(", i.pdus, i.edus"), QLatin1String(rest));
}
} // namespace

class InboxStore::Private
{
public:
    Private(std::unique_ptr<base::Database> opened, QString folder, const base::Clock &time)
        : database(std::move(opened))
        , clock(time)
        , disk(std::move(folder), time, {})
        , spare(*database, time)
    {
    }

    std::unique_ptr<base::Database> database;
    const base::Clock &clock;
    queue::DiskWatch disk;
    base::SpareSpace spare;
    QByteArray secret;
    std::optional<queue::ClockWatch> watch; ///< by which what was handled ages; made by `load`
    queue::ClockWatch::Memory remembered;
    qint64 nextRemembered = 0; ///< steady

    using Statement = base::SqlStatement;
    Statement meta{*database, QStringLiteral("SELECT value FROM meta WHERE name = 'content_key'")};
    Statement addMeta{*database, QStringLiteral("INSERT INTO meta (name, value) VALUES ('content_key', ?)")};
    Statement relay{*database, QStringLiteral("SELECT id, entries, bytes FROM relays WHERE name = ?")};
    Statement addRelay{*database, QStringLiteral("INSERT INTO relays (name) VALUES (?)")};
    Statement setRelay{*database,
                       QStringLiteral("UPDATE relays SET entries = entries + ?, bytes = bytes + ? WHERE id = ?")};
    Statement known{*database, QStringLiteral("SELECT 1 FROM inbox WHERE key = ? UNION ALL "
                                              "SELECT 1 FROM handled WHERE key = ?")};
    Statement insert{*database,
                     QStringLiteral("INSERT INTO inbox (key, relay, origin, txn_id, origin_server_ts, collected_ms, "
                                    "pdu_count, edu_count, bytes, merged, pdus, edus) "
                                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)")};
    Statement complete{*database, QStringLiteral("UPDATE inbox SET origin_server_ts = ?, txn_id = ? WHERE key = ? AND "
                                                 "merged = 0 AND origin_server_ts = 0")};
    Statement merge{*database, QStringLiteral("UPDATE inbox SET merged = 1 WHERE merged = 0")};
    Statement count{*database, QStringLiteral("SELECT COALESCE(SUM(entries), 0), COALESCE(SUM(bytes), 0) FROM relays")};
    Statement countUnmerged{*database,
                            QStringLiteral("SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM inbox WHERE merged = 0")};
    Statement place{*database, QStringLiteral("SELECT origin_server_ts FROM inbox WHERE id = ? UNION ALL "
                                              "SELECT origin_server_ts FROM handled WHERE id = ?")};
    Statement page{*database, selectLines("WHERE i.merged = 1 AND (i.origin_server_ts, i.id) > (?, ?) "
                                          "ORDER BY i.origin_server_ts, i.id LIMIT ?")};
    Statement one{*database, selectWhole("WHERE i.merged = 1 AND i.id = ?")};
    Statement all{*database, QStringLiteral("SELECT id FROM inbox WHERE merged = 1")};
    Statement forget{*database, QStringLiteral("SELECT key, relay, origin_server_ts, bytes FROM inbox "
                                               "WHERE id = ? AND merged = 1")};
    Statement remove{*database, QStringLiteral("DELETE FROM inbox WHERE id = ?")};
    Statement handle{*database, QStringLiteral("INSERT OR REPLACE INTO handled (key, id, origin_server_ts, gone_ms) "
                                               "VALUES (?, ?, ?, ?)")};
    Statement number{*database, QStringLiteral("SELECT value FROM meta WHERE name = ?")};
    Statement setNumber{*database, QStringLiteral("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)")};
    Statement stampTimeless{*database, QStringLiteral("UPDATE handled SET gone_ms = ? WHERE gone_ms < ?")};
    Statement pruneOld{*database, QStringLiteral("DELETE FROM handled WHERE gone_ms < ?")};
    Statement pruneMany{*database, QStringLiteral("DELETE FROM handled WHERE key IN (SELECT key FROM handled "
                                                  "ORDER BY gone_ms DESC LIMIT -1 OFFSET ?)")};
    InboxSummaries summaries{*database};
    DestinationRecords records{*database};

    Result<void> loadClock();
    Result<void> age();
    Result<void> load();
    QByteArray keyOf(const Collected &collected) const;
    Result<bool> has(const QByteArray &key);
    struct RelayRow {
        qint64 id = 0;
        qint64 entries = 0;
        qint64 bytes = 0;
    };
    Result<RelayRow> relayRow(const matrix::ServerName &name);
    Result<void> take(qint64 relayId, const QByteArray &key, const Collected &collected, qint64 nowMs);
    Result<bool> removeOne(qint64 id);
    static InboxRow rowAt(const Statement &statement);
    static std::optional<Error> refusal(const RelayRow &row, const Collected &next, const InboxLimits &limits);
};

/// What the clock showed before. Once, before anything ages.
Result<void> InboxStore::Private::loadClock()
{
    for (const auto &[name, member] : ClockFacts) {
        if (auto done = number.run(QString::fromLatin1(name)); !done)
            return done;
        const base::SqlRows rows(number);
        if (number.next())
            remembered.*member = number.integer(0);
        else if (auto failed = number.failure(); !failed)
            return failed;
    }
    watch.emplace(clock, remembered);
    return {};
}

/// Forgets what was handled long ago, by a clock that is believed. What came before there was one begins to age then.
Result<void> InboxStore::Private::age()
{
    watch->look();
    const qint64 now = watch->believedMs();
    if (!queue::ClockWatch::isPlausible(now))
        return {};
    if (remembered.seenMs == 0) {
        if (auto done = stampTimeless.run(now, queue::ClockWatch::EarliestMs); !done)
            return done;
    }
    if (auto done = pruneOld.run(now - HandledMs); !done)
        return done;
    if (remembered.seenMs != 0 && clock.steadyMs() < nextRemembered)
        return {};
    const auto memory = watch->memory();
    for (const auto &[name, member] : ClockFacts) {
        if (auto done = setNumber.run(QString::fromLatin1(name), memory.*member); !done)
            return done;
    }
    remembered = memory;
    nextRemembered = clock.steadyMs() + HourMs;
    return {};
}

Result<void> InboxStore::Private::load()
{
    if (auto loaded = loadClock(); !loaded)
        return loaded;
    if (auto done = meta.run(); !done)
        return done;
    {
        const base::SqlRows rows(meta);
        if (meta.next())
            secret = meta.bytes(0);
        else if (auto failed = meta.failure(); !failed)
            return failed;
    }
    if (secret.size() == crypto_generichash_KEYBYTES)
        return {};
    if (!secret.isEmpty())
        return {Errc::Corrupt, QStringLiteral("The content key of node.sqlite is damaged.")};
    secret.resize(crypto_generichash_KEYBYTES);
    randombytes_buf(secret.data(), size_t(secret.size()));
    return addMeta.run(secret);
}

/// Keyed, as the digest asks for (contentDigest).
QByteArray InboxStore::Private::keyOf(const Collected &collected) const
{
    QByteArray key(KeyBytes, Qt::Uninitialized);
    crypto_generichash_state state;
    crypto_generichash_init(&state, reinterpret_cast<const unsigned char *>(secret.constData()), size_t(secret.size()),
                            size_t(key.size()));
    crypto_generichash_update(&state, collected.digest.data(), collected.digest.size());
    const QByteArray &origin = collected.origin.bytes();
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char *>(origin.constData()),
                              size_t(origin.size()));
    crypto_generichash_final(&state, reinterpret_cast<unsigned char *>(key.data()), size_t(key.size()));
    return key;
}

Result<bool> InboxStore::Private::has(const QByteArray &key)
{
    if (auto done = known.run(key, key); !done)
        return done.error();
    const base::SqlRows rows(known);
    if (known.next())
        return true;
    if (auto failed = known.failure(); !failed)
        return failed.error();
    return false;
}

Result<InboxStore::Private::RelayRow> InboxStore::Private::relayRow(const matrix::ServerName &name)
{
    for (const bool again : {false, true}) {
        if (auto done = relay.run(name.bytes()); !done)
            return done.error();
        {
            const base::SqlRows rows(relay);
            if (relay.next())
                return RelayRow{relay.integer(0), relay.integer(1), relay.integer(2)};
            if (auto failed = relay.failure(); !failed)
                return failed.error();
        }
        if (again)
            break;
        if (auto added = addRelay.run(name.bytes()); !added)
            return added.error();
    }
    return Error{Errc::Internal, QStringLiteral("A relay's row vanished."), 0};
}

Result<void> InboxStore::Private::take(qint64 relayId, const QByteArray &key, const Collected &collected, qint64 nowMs)
{
    if (auto done = insert.run(key, relayId, collected.origin.bytes(), base::present(collected.txnId),
                               collected.originServerTs, nowMs, collected.pduCount, collected.eduCount,
                               collected.bytes(), collected.pdus, collected.edus);
        !done)
        return done;
    if (auto done = summaries.addToLast(collected.pdus, collected.edus); !done)
        return done;
    return setRelay.run(qint64(1), collected.bytes(), relayId);
}

std::optional<Error> InboxStore::Private::refusal(const RelayRow &row, const Collected &next, const InboxLimits &limits)
{
    if (row.entries < limits.relayEntries && row.bytes + next.bytes() <= limits.relayBytes)
        return std::nullopt;
    return Error{Errc::QuotaExceeded, QStringLiteral("The inbox has no room for more from this relay."), 0};
}

InboxStore::InboxStore(std::unique_ptr<Private> parts)
    : d(std::move(parts))
{
}

InboxStore::~InboxStore() = default;

Result<std::unique_ptr<InboxStore>> InboxStore::open(const QString &folder, const base::Clock &clock)
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
    return std::unique_ptr<InboxStore>(new InboxStore(std::move(parts)));
}

matrix::DigestKey InboxStore::digestKey() const
{
    constexpr QByteArrayView purpose = "org.restante.inbox/digest";
    matrix::DigestKey key{};
    crypto_generichash(key.data(), key.size(), reinterpret_cast<const unsigned char *>(purpose.data()),
                       static_cast<unsigned long long>(purpose.size()),
                       reinterpret_cast<const unsigned char *>(d->secret.constData()), size_t(d->secret.size()));
    return key;
}

Result<InboxStore::Kept> InboxStore::add(const matrix::ServerName &relay, const std::vector<Collected> &batch,
                                         const InboxLimits &limits)
{
    if (!d->disk.isAbove(limits.diskFloorBytes))
        return Error{Errc::DiskFull, QStringLiteral("The disk has too little free space to collect anything."), 0};
    base::SqlTransaction transaction(*d->database);
    if (auto begun = transaction.begin(); !begun)
        return begun.error();
    auto row = d->relayRow(relay);
    if (!row)
        return row.error();
    Kept kept;
    bool completed = false;
    const qint64 now = d->clock.wallMs();
    for (const Collected &collected : batch) {
        const QByteArray key = d->keyOf(collected);
        const auto held = d->has(key);
        if (!held)
            return held.error();
        if (!*held) {
            kept.end = Private::refusal(*row, collected, limits);
            if (kept.end)
                break;
            if (auto taken = d->take(row->id, key, collected, now); !taken)
                return taken.error();
            ++row->entries;
            row->bytes += collected.bytes();
            ++kept.fresh;
        } else if (collected.originServerTs > 0) {
            // A Dendrite relay loses the time that the order goes by; another one may bring it.
            if (auto done = d->complete.run(collected.originServerTs, base::present(collected.txnId), key); !done)
                return done.error();
            completed = completed || d->complete.rowsAffected() > 0;
        }
        ++kept.taken;
    }
    if (kept.fresh == 0 && !completed) // nothing was written but perhaps the relay's row, which can wait
        return kept;
    if (auto committed = transaction.commit(); !committed)
        return committed.error();
    return kept;
}

Result<qint64> InboxStore::merge()
{
    if (auto done = d->merge.run(); !done)
        return done.error();
    return d->merge.rowsAffected();
}

Result<InboxTotals> InboxStore::totals()
{
    InboxTotals totals;
    if (auto done = d->count.run(); !done)
        return done.error();
    {
        const base::SqlRows rows(d->count);
        if (d->count.next()) {
            totals.entries = d->count.integer(0);
            totals.bytes = d->count.integer(1);
        } else if (auto failed = d->count.failure(); !failed) {
            return failed.error();
        }
    }
    if (auto done = d->countUnmerged.run(); !done)
        return done.error();
    const base::SqlRows rows(d->countUnmerged);
    if (d->countUnmerged.next()) {
        totals.unmerged = d->countUnmerged.integer(0);
        totals.entries -= totals.unmerged;
        totals.bytes -= d->countUnmerged.integer(1);
    } else if (auto failed = d->countUnmerged.failure(); !failed) {
        return failed.error();
    }
    return totals;
}

InboxRow InboxStore::Private::rowAt(const Statement &statement)
{
    InboxRow row;
    row.id = statement.integer(0);
    row.origin = QString::fromUtf8(statement.bytes(1));
    row.relay = QString::fromUtf8(statement.bytes(2));
    row.txnId = QString::fromUtf8(statement.bytes(3));
    row.originServerTs = statement.integer(4);
    row.collectedMs = statement.integer(5);
    row.bytes = statement.integer(6);
    row.pduCount = int(statement.integer(7));
    row.eduCount = int(statement.integer(8));
    row.events = InboxSummaries::eventsIn(statement.value(9).toString());
    return row;
}

Result<InboxPage> InboxStore::page(qint64 after, int limit)
{
    auto totals = this->totals();
    if (!totals)
        return totals.error();
    InboxPage page;
    page.total = totals->entries;
    page.bytes = totals->bytes;
    qint64 afterTs = -1;
    if (after > 0) {
        if (auto done = d->place.run(after, after); !done)
            return done.error();
        const base::SqlRows rows(d->place);
        if (d->place.next())
            afterTs = d->place.integer(0);
        else if (auto failed = d->place.failure(); !failed)
            return failed.error();
    }
    if (auto done = d->page.run(afterTs, after, qint64(limit) + 1); !done)
        return done.error();
    const base::SqlRows rows(d->page);
    while (d->page.next()) {
        if (page.rows.size() == limit) {
            page.more = true;
            return page;
        }
        page.rows.append(Private::rowAt(d->page));
    }
    if (auto failed = d->page.failure(); !failed)
        return failed.error();
    return page;
}

Result<InboxEntry> InboxStore::entry(qint64 id)
{
    if (auto done = d->one.run(id); !done)
        return done.error();
    const base::SqlRows rows(d->one);
    if (d->one.next())
        return InboxEntry{Private::rowAt(d->one), d->one.bytes(10), d->one.bytes(11)};
    if (auto failed = d->one.failure(); !failed)
        return failed.error();
    return Error{Errc::NotHeld, QStringLiteral("The inbox has no such entry"), 0};
}

Result<bool> InboxStore::Private::removeOne(qint64 id)
{
    if (auto done = forget.run(id); !done)
        return done.error();
    QByteArray key;
    qint64 relayId = 0;
    qint64 ts = 0;
    qint64 bytes = 0;
    {
        const base::SqlRows rows(forget);
        if (!forget.next()) {
            if (auto failed = forget.failure(); !failed)
                return failed.error();
            return false;
        }
        key = forget.bytes(0);
        relayId = forget.integer(1);
        ts = forget.integer(2);
        bytes = forget.integer(3);
    }
    if (auto done = remove.run(id); !done)
        return done.error();
    if (auto done = summaries.remove(id); !done)
        return done.error();
    if (auto done = setRelay.run(qint64(-1), -bytes, relayId); !done)
        return done.error();
    watch->look();
    if (auto done = handle.run(key, id, ts, watch->stampMs()); !done)
        return done.error();
    return true;
}

Result<qint64> InboxStore::remove(const QList<qint64> &ids)
{
    QList<qint64> wanted = ids;
    base::SqlTransaction transaction(*d->database);
    if (auto begun = transaction.begin(); !begun)
        return begun.error();
    if (wanted.isEmpty()) {
        if (auto done = d->all.run(); !done)
            return done.error();
        const base::SqlRows rows(d->all);
        while (d->all.next())
            wanted.append(d->all.integer(0));
        if (auto failed = d->all.failure(); !failed)
            return failed.error();
    }
    qint64 removed = 0;
    for (const qint64 id : std::as_const(wanted)) {
        const auto gone = d->removeOne(id);
        if (!gone)
            return gone.error();
        removed += *gone ? 1 : 0;
    }
    if (auto committed = transaction.commit(); !committed)
        return committed.error();
    return removed;
}

Result<void> InboxStore::prune(const InboxLimits &limits)
{
    if (auto done = d->age(); !done)
        return done;
    if (auto done = d->pruneMany.run(MostHandled); !done)
        return done;
    auto done = d->spare.look(!d->disk.isAbove(limits.diskFloorBytes));
    for (int piece = 0; done && d->spare.hasSpare() && piece < SparePieces; ++piece)
        done = d->spare.giveBack();
    return done;
}

Result<bool> InboxStore::summariseMore()
{
    return d->summaries.addMissing();
}

Result<std::vector<DestinationMemory>> InboxStore::destinations()
{
    return d->records.all();
}

Result<void> InboxStore::remember(const std::vector<DestinationMemory> &memories)
{
    return d->records.set(memories);
}

} // namespace restante::node
