// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/inboxstore.h"

#include "base/sparespace.h"
#include "base/sqlstatement.h"
#include "base/sqltransaction.h"
#include "matrix/jsonscan.h"
#include "node/damagedrows.h"
#include "node/destinationrecords.h"
#include "node/handledmemory.h"
#include "node/inboxsummaries.h"
#include "node/salvage.h"
#include "queue/clockwatch.h"
#include "queue/diskwatch.h"
#include "telemetry/logging.h"

#include <QtCore/QFileInfo>
#include <QtCore/QSet>

#include <sodium.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <limits>
#include <optional>
#include <tuple>
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

/// The same without what stands in other tables, for where those are damaged.
constexpr auto BareColumns = "SELECT i.id, i.origin, '', i.txn_id, i.origin_server_ts, i.collected_ms, i.bytes, "
                             "i.pdu_count, i.edu_count, ''%1 FROM inbox i %2";
constexpr auto Bodies = ", i.pdus, i.edus";

QString selectLines(const char *rest)
{
    return QString::fromLatin1(Columns).arg(QString(), QLatin1String(rest));
}

QString selectWhole(const char *columns, const char *rest)
{
    return QString::fromLatin1(columns).arg(QLatin1String(Bodies), QLatin1String(rest));
}

Error damagedEntry(qint64 id)
{
    return {Errc::Corrupt, QStringLiteral("Entry %1 of the inbox is damaged; it can only be discarded").arg(id), 0};
}

/// Whether both arrays are still what was collected.
bool isWhole(const QByteArray &pdus, const QByteArray &edus)
{
    return matrix::ScannedObject::scan(R"({"pdus":)" + pdus + R"(,"edus":)" + edus + '}',
                                       matrix::MaxJsonDepth + matrix::EnvelopeLevels)
        .ok();
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

    enum class Trace {
        Whole,
        NoSummary,    ///< its summary stays, and is never shown again
        Unremembered, ///< and a relay that was away may bring it again
    };
    using Statement = base::SqlStatement;
    Statement meta{*database, QStringLiteral("SELECT value FROM meta WHERE name = 'content_key'")};
    Statement addMeta{*database, QStringLiteral("INSERT INTO meta (name, value) VALUES ('content_key', ?)")};
    Statement keyCopy{*database, QStringLiteral("SELECT value FROM content_keys")};
    Statement addKeyCopy{*database, QStringLiteral("INSERT INTO content_keys (value) VALUES (?)")};
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
    Statement timeOf{*database, QStringLiteral("SELECT id, origin_server_ts, merged FROM inbox WHERE key = ?")};
    Statement complete{*database, QStringLiteral("UPDATE inbox SET origin_server_ts = ?, txn_id = ? WHERE id = ?")};
    Statement setEarlier{*database, QStringLiteral("UPDATE inbox SET origin_server_ts = ? WHERE id = ?")};
    Statement merge{*database, QStringLiteral("UPDATE inbox SET merged = 1 WHERE merged = 0")};
    Statement mergeSome{*database,
                        QStringLiteral("UPDATE inbox SET merged = 1 WHERE merged = 0 AND id BETWEEN ? AND ?")};
    Statement count{*database, QStringLiteral("SELECT COALESCE(SUM(entries), 0), COALESCE(SUM(bytes), 0) FROM relays")};
    Statement countUnmerged{*database,
                            QStringLiteral("SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM inbox WHERE merged = 0")};
    Statement place{*database, QStringLiteral("SELECT origin_server_ts FROM inbox WHERE id = ? UNION ALL "
                                              "SELECT origin_server_ts FROM handled WHERE id = ?")};
    Statement pageOf{*database, selectLines("WHERE i.merged = 1 AND (i.origin_server_ts, i.id) > (?, ?) "
                                            "ORDER BY i.origin_server_ts, i.id LIMIT ?")};
    // For where something is damaged: these read indexes alone, or one row.
    Statement places{*database,
                     QStringLiteral("SELECT id, origin_server_ts FROM inbox WHERE merged = 1 AND "
                                    "(origin_server_ts, id) > (?, ?) ORDER BY origin_server_ts, id LIMIT ?")};
    Statement placesByTable{*database,
                            QStringLiteral("SELECT id, origin_server_ts FROM inbox NOT INDEXED WHERE merged = 1 AND "
                                           "(origin_server_ts, id) > (?, ?) ORDER BY origin_server_ts, id LIMIT ?")};
    Statement countByTable{*database,
                           QStringLiteral("SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM inbox NOT INDEXED")};
    Statement countUnmergedByTable{
        *database, QStringLiteral("SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM inbox NOT INDEXED WHERE merged = 0")};
    Statement placeOf{*database, QStringLiteral("SELECT origin_server_ts FROM inbox INDEXED BY inbox_order "
                                                "WHERE merged = 1 AND id = ?")};
    Statement keyOfId{*database, QStringLiteral("SELECT key FROM inbox INDEXED BY inbox_key WHERE id = ?")};
    Statement unmerged{*database, QStringLiteral("SELECT id FROM inbox WHERE merged = 0")};
    Statement bytesOf{*database, QStringLiteral("SELECT bytes FROM inbox WHERE id = ?")};
    Statement line{*database, selectLines("WHERE i.id = ?")};
    Statement bareLine{*database, QString::fromLatin1(BareColumns).arg(QString(), QStringLiteral("WHERE i.id = ?"))};
    Statement stayingRows{*database, QStringLiteral("SELECT id, gone_ms FROM handled WHERE gone_ms >= ?")};
    Statement oldHandled{*database, QStringLiteral("SELECT key FROM handled WHERE gone_ms < ?")};
    Statement dropHandled{*database, QStringLiteral("DELETE FROM handled WHERE key = ?")};
    Statement one{*database, selectWhole(Columns, "WHERE i.merged = 1 AND i.id = ?")};
    Statement bareOne{*database, selectWhole(BareColumns, "WHERE i.merged = 1 AND i.id = ?")};
    Statement whole{*database, selectWhole(BareColumns, "WHERE i.id = ?")};
    Statement allByTable{*database, QStringLiteral("SELECT id FROM inbox NOT INDEXED WHERE merged = 1")};
    Statement all{*database, QStringLiteral("SELECT id FROM inbox WHERE merged = 1")};
    Statement forget{*database, QStringLiteral("SELECT key, relay, origin_server_ts, bytes FROM inbox "
                                               "WHERE id = ? AND merged = 1")};
    Statement remove{*database, QStringLiteral("DELETE FROM inbox WHERE id = ?")};
    Statement handle{*database, QStringLiteral("INSERT OR REPLACE INTO handled (key, id, origin_server_ts, gone_ms) "
                                               "VALUES (?, ?, ?, ?)")};
    Statement number{*database, QStringLiteral("SELECT value FROM meta WHERE name = ?")};
    Statement lastHandled{*database, QStringLiteral("SELECT MAX(gone_ms) FROM handled WHERE gone_ms < ?")};
    Statement setNumber{*database, QStringLiteral("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)")};
    Statement stampTimeless{*database, QStringLiteral("UPDATE handled SET gone_ms = ? WHERE gone_ms < ?")};
    Statement pruneOld{*database, QStringLiteral("DELETE FROM handled WHERE gone_ms < ?")};
    Statement pruneMany{*database, QStringLiteral("DELETE FROM handled WHERE key IN (SELECT key FROM handled "
                                                  "ORDER BY gone_ms DESC LIMIT -1 OFFSET ?)")};
    InboxSummaries summaries{*database};
    DestinationRecords records{*database};
    QSet<qint64> staying;     ///< taken out, but their rows are still there
    qint64 stayingUnread = 0; ///< of these, still among the totals
    QSet<qint64> misplaced;   ///< cannot be merged
    bool harmed = false;      ///< something was not done because of damage that is not the row's own

    static Result<std::pair<qint64, qint64>> firstPair(std::initializer_list<Statement *> statements);
    static Result<void> listPlaces(Statement &statement, qint64 afterTs, qint64 after, qint64 most,
                                   std::vector<std::pair<qint64, qint64>> &found);
    Result<void> loadStaying();
    Result<std::vector<qint64>> numbers(Statement &statement);
    Result<qint64> mergeSingly();
    Result<qint64> unmergedBytes();
    Result<qint64> tsOf(qint64 id);
    Result<void> listSingly(qint64 afterTs, qint64 after, int limit, InboxPage &list);
    Result<InboxRow> rowSingly(qint64 id, qint64 ts);
    Result<void> forgetOld(qint64 beforeMs);
    struct Row {
        QByteArray key;
        qint64 relayId = 0;
        qint64 ts = 0;
        qint64 bytes = 0;
        bool readable = true;
    };
    Result<std::optional<Row>> rowToRemove(qint64 id);
    Result<void> loadClock();
    Result<void> age();
    static Result<QByteArray> firstBytes(Statement &statement);
    static Result<std::unique_ptr<Private>> open(const QString &folder, const base::Clock &clock);
    Result<void> load();
    Result<void> loadSecret();
    Result<std::vector<qint64>> allIds();
    Result<qint64> removeAround(const QList<qint64> &ids, Trace least);
    Result<qint64> mergeAround();
    bool isReadable(qint64 id);
    Result<InboxTotals> totals();
    Result<InboxPage> page(qint64 after, int limit);
    Result<void> prune(const InboxLimits &limits);
    QByteArray keyOf(const Collected &collected) const;
    Result<bool> has(const QByteArray &key);
    struct RelayRow {
        qint64 id = 0;
        qint64 entries = 0;
        qint64 bytes = 0;
    };
    Result<RelayRow> relayRow(const matrix::ServerName &name);
    Result<void> take(qint64 relayId, const QByteArray &key, const Collected &collected, qint64 nowMs);
    Result<qint64> removeAll(const qint64 *from, const qint64 *to);
    Result<bool> removeOne(qint64 id);
    Result<bool> compareTimes(const QByteArray &key, const Collected &copy, Kept &kept);
    Result<bool> removeDamaged(qint64 id, Trace least);
    Result<bool> hideDamaged(qint64 id, const Row &row);
    Result<void> takeOut(qint64 id, const Row &row, Trace trace);
    /// What was handled and cannot be read any more. Where that cannot be mended, rather delivered twice than not at
    /// all.
    enum class Unreadable {
        Fails,
        IsUnknown,
    };
    Result<Kept> addAround(const matrix::ServerName &relayName, const std::vector<Collected> &batch,
                           const InboxLimits &limits, Unreadable unreadable);
    Result<Kept> add(const matrix::ServerName &relay, const std::vector<Collected> &batch, const InboxLimits &limits,
                     const std::vector<bool> *held);
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
    queue::ClockWatch::Memory start = remembered;
    if (start.seenMs == 0) {
        // An older program kept no such memory. What it took out last tells when that was.
        if (auto done = lastHandled.run(StaysMs); !done)
            return done;
        const base::SqlRows rows(lastHandled);
        if (lastHandled.next() && queue::ClockWatch::isPlausible(lastHandled.integer(0)))
            start.seenMs = lastHandled.integer(0);
        else if (auto failed = lastHandled.failure(); !failed)
            return failed;
    }
    watch.emplace(clock, start);
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
    if (auto done = forgetOld(now - HandledMs); !done)
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

/// One that cannot be dropped stays remembered.
Result<void> InboxStore::Private::forgetOld(qint64 beforeMs)
{
    const auto done = pruneOld.run(beforeMs);
    if (!isCorrupt(done))
        return done;
    std::vector<QByteArray> keys;
    {
        if (auto listed = oldHandled.run(beforeMs); !listed)
            return listed;
        const base::SqlRows rows(oldHandled);
        while (oldHandled.next())
            keys.push_back(oldHandled.bytes(0));
        if (auto failed = oldHandled.failure(); !failed)
            return failed;
    }
    const auto around = changeAroundDamage(keys.size(), [&](size_t from, size_t to) -> Result<void> {
        base::SqlTransaction transaction(*database);
        if (auto begun = transaction.begin(); !begun)
            return begun;
        for (size_t i = from; i < to; ++i) {
            if (auto dropped = dropHandled.run(keys[i]); !dropped)
                return dropped;
        }
        return transaction.commit();
    });
    return around ? Result<void>() : around.error();
}

Result<void> InboxStore::Private::loadStaying()
{
    if (auto done = stayingRows.run(StaysMs); !done)
        return done;
    const base::SqlRows rows(stayingRows);
    while (stayingRows.next()) {
        staying.insert(stayingRows.integer(0));
        stayingUnread += stayingRows.integer(1) == StaysUnreadMs ? 1 : 0;
    }
    return stayingRows.failure();
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

/// The first column of the first row; empty where there is none.
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

InboxStore::InboxStore(const QString &folder, const base::Clock &clock)
    : m_folder(folder)
    , m_clock(clock)
{
}

InboxStore::~InboxStore() = default;

Result<std::unique_ptr<InboxStore>> InboxStore::open(const QString &folder, const base::Clock &clock)
{
    std::unique_ptr<InboxStore> store(new InboxStore(folder, clock));
    if (auto opened = store->openFirst(); !opened)
        return opened.error();
    return store;
}

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

Result<void> InboxStore::openFirst()
{
    if (auto finished = Salvage(m_folder, m_clock).finishInterrupted(); !finished)
        return finished;
    Result<void> opened;
    for (int again = 0; again < 2; ++again) { // perhaps the disk failed for a moment only
        opened = reopen();
        if (!isCorrupt(opened) && !(opened && d->harmed))
            return opened;
    }
    const auto renewed = renew();
    if (renewed || !d)
        return renewed;
    qCWarning(lcNode).noquote() << "The damaged node.sqlite stays in use:" << renewed.error().detail;
    return {};
}

Result<void> InboxStore::reopen()
{
    d.reset();
    auto opened = Private::open(m_folder, m_clock);
    if (!opened)
        return opened.error();
    d = *std::move(opened);
    m_secret = d->secret;
    return {};
}

Result<void> InboxStore::renew()
{
    const Salvage salvage(m_folder, m_clock);
    const auto salvaged = salvage.write(m_secret);
    if (!salvaged)
        return salvaged.error();
    d.reset();
    const auto placed = salvage.putInPlace();
    if (auto opened = reopen(); !opened)
        return opened;
    if (!placed)
        return placed.error();
    qCWarning(lcNode).noquote() << "node.sqlite was damaged and has been written anew:" << salvaged->words()
                                << "(the damaged one is kept as" << *placed + QLatin1Char(')');
    return {};
}

/// Nothing goes around the damage that was met: the database is written anew, but for the first time. Otherwise the
/// error tells why it is not.
Result<void> InboxStore::mend()
{
    const qint64 now = m_clock.steadyMs();
    if (!m_damagedSinceMs)
        m_damagedSinceMs = now;
    if (now - *m_damagedSinceMs < RenewAfterMs)
        return Error{
            Errc::Corrupt,
            QStringLiteral("A page of node.sqlite is damaged. If it still is at the next try, in %1 seconds or "
                           "later, the database is written anew with all that can be read of it.")
                .arg(RenewAfterMs / 1'000),
            RenewAfterMs};
    m_damagedSinceMs = now; // not again at once
    const auto renewed = renew();
    const QString reason = renewed ? QString() : renewed.error().detail;
    if (!renewed && m_notRenewed != reason)
        qCWarning(lcNode).noquote() << "The damaged node.sqlite could not be written anew:" << reason;
    m_notRenewed = reason;
    if (renewed)
        m_damagedSinceMs.reset();
    return renewed;
}

/// Does `change`, and where damage kept it from being done, and the database could be written anew, once more.
template <typename T>
Result<T> InboxStore::mended(const std::function<Result<T>()> &change)
{
    if (auto opened = d ? Result<void>() : reopen(); !opened)
        return opened.error();
    auto done = change();
    if (isCorrupt(done)) {
        if (auto mending = mend(); !mending)
            return mending.error();
        return change();
    }
    if (done && std::exchange(d->harmed, false)) {
        // What could be done is done; the rest comes next time. Why that is not mended yet was logged.
        [[maybe_unused]] const auto mending = mend();
    }
    return done;
}

matrix::DigestKey InboxStore::digestKey() const
{
    constexpr QByteArrayView purpose = "org.restante.inbox/digest";
    matrix::DigestKey key{};
    crypto_generichash(key.data(), key.size(), reinterpret_cast<const unsigned char *>(purpose.data()),
                       static_cast<unsigned long long>(purpose.size()),
                       reinterpret_cast<const unsigned char *>(m_secret.constData()), size_t(m_secret.size()));
    return key;
}

Result<InboxStore::Kept> InboxStore::add(const matrix::ServerName &relay, const std::vector<Collected> &batch,
                                         const InboxLimits &limits)
{
    auto kept = mended<Kept>([&] { return d->addAround(relay, batch, limits, Private::Unreadable::Fails); });
    if (kept || m_notRenewed.isEmpty() || !d)
        return kept;
    auto forced = d->addAround(relay, batch, limits, Private::Unreadable::IsUnknown);
    return isCorrupt(forced) ? kept : forced;
}

/// What is held is asked outside of the transaction, which can do nothing more once it met damage.
Result<InboxStore::Kept> InboxStore::Private::addAround(const matrix::ServerName &relayName,
                                                        const std::vector<Collected> &batch, const InboxLimits &limits,
                                                        Unreadable unreadable)
{
    if (!disk.isAbove(limits.diskFloorBytes))
        return Error{Errc::DiskFull, QStringLiteral("The disk has too little free space to collect anything."), 0};
    auto kept = add(relayName, batch, limits, nullptr);
    if (!isCorrupt(kept))
        return kept;
    std::vector<bool> held;
    for (const Collected &collected : batch) {
        const auto there = has(keyOf(collected));
        if (!there && (!isCorrupt(there) || unreadable == Unreadable::Fails))
            return there.error();
        held.push_back(there && *there);
    }
    return add(relayName, batch, limits, &held);
}

/// Nobody signed the time that the order goes by for all relays: a Dendrite relay loses it, and another one may bring
/// it; where two tell different ones the earlier counts. Whether the row was changed; one that was merged keeps its
/// place.
Result<bool> InboxStore::Private::compareTimes(const QByteArray &key, const Collected &copy, Kept &kept)
{
    qint64 id = 0;
    qint64 ts = 0;
    bool merged = false;
    {
        if (auto done = timeOf.run(key); !done)
            return done.error();
        const base::SqlRows rows(timeOf);
        if (!timeOf.next()) { // it was taken out
            if (auto failed = timeOf.failure(); !failed)
                return failed.error();
            return false;
        }
        id = timeOf.integer(0);
        ts = timeOf.integer(1);
        merged = timeOf.integer(2) != 0;
    }
    if (ts != 0 && ts != copy.originServerTs)
        ++kept.disputed;
    if (merged || (ts != 0 && ts <= copy.originServerTs))
        return false;
    const auto done = ts == 0 ? complete.run(copy.originServerTs, base::present(copy.txnId), id)
                              : setEarlier.run(copy.originServerTs, id);
    return done ? Result<bool>(true) : Result<bool>(done.error());
}

/// `held`: which ones are known already, where that was asked before; then those are not touched.
Result<InboxStore::Kept> InboxStore::Private::add(const matrix::ServerName &relayName,
                                                  const std::vector<Collected> &batch, const InboxLimits &limits,
                                                  const std::vector<bool> *held)
{
    base::SqlTransaction transaction(*database);
    if (auto begun = transaction.begin(); !begun)
        return begun.error();
    auto row = relayRow(relayName);
    if (!row)
        return row.error();
    Kept kept;
    bool completed = false;
    const qint64 now = clock.wallMs();
    for (size_t i = 0; i < batch.size(); ++i) {
        const Collected &collected = batch[i];
        const QByteArray key = keyOf(collected);
        const auto isHeld = held ? Result<bool>(bool((*held)[i])) : has(key);
        if (!isHeld)
            return isHeld.error();
        if (!*isHeld) {
            kept.end = refusal(*row, collected, limits);
            if (kept.end)
                break;
            if (auto taken = take(row->id, key, collected, now); !taken)
                return taken.error();
            ++row->entries;
            row->bytes += collected.bytes();
            ++kept.fresh;
        } else if (collected.originServerTs > 0 && !held) {
            const auto changed = compareTimes(key, collected, kept);
            if (!changed)
                return changed.error();
            completed = completed || *changed;
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
    return mended<qint64>([this] { return d->mergeAround(); });
}

Result<qint64> InboxStore::Private::mergeAround()
{
    const auto done = merge.run();
    if (isCorrupt(done))
        return mergeSingly();
    if (!done)
        return done.error();
    return merge.rowsAffected();
}

/// The first column.
Result<std::vector<qint64>> InboxStore::Private::numbers(Statement &statement)
{
    if (auto done = statement.run(); !done)
        return done.error();
    const base::SqlRows rows(statement);
    std::vector<qint64> numbers;
    while (statement.next())
        numbers.push_back(statement.integer(0));
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return numbers;
}

Result<qint64> InboxStore::Private::mergeSingly()
{
    auto ids = numbers(unmerged);
    if (!ids)
        return ids.error();
    std::sort(ids->begin(), ids->end());
    const auto around = changeAroundDamage(ids->size(), [&](size_t from, size_t to) {
        return mergeSome.run((*ids)[from], (*ids)[to - 1]); // by itself a transaction
    });
    if (!around)
        return around.error();
    QSet<qint64> damaged;
    for (const size_t at : *around)
        damaged.insert((*ids)[at]);
    if (damaged != misplaced && !damaged.isEmpty())
        qCWarning(lcNode, "%lld collected entries are damaged and cannot be put in order",
                  static_cast<long long>(damaged.size()));
    misplaced = damaged;
    harmed = std::any_of(damaged.cbegin(), damaged.cend(), [this](qint64 id) { return isReadable(id); });
    return qint64(ids->size()) - damaged.size();
}

/// Whether all of it can be read: where it cannot be changed all the same, something beside it is damaged.
bool InboxStore::Private::isReadable(qint64 id)
{
    const auto done = whole.run(id);
    const base::SqlRows rows(whole);
    return done && whole.next();
}

/// Of those that can be read.
Result<qint64> InboxStore::Private::unmergedBytes()
{
    const auto ids = numbers(unmerged);
    if (!ids)
        return ids.error();
    qint64 bytes = 0;
    for (const qint64 id : *ids) {
        const auto done = bytesOf.run(id);
        const base::SqlRows rows(bytesOf);
        if (done && bytesOf.next())
            bytes += bytesOf.integer(0);
        else if (const auto failed = done ? bytesOf.failure() : done; !failed && !isCorrupt(failed))
            return failed.error();
    }
    return bytes;
}

/// The two numbers that the first of these statements gives which meets no damage.
Result<std::pair<qint64, qint64>> InboxStore::Private::firstPair(std::initializer_list<Statement *> statements)
{
    Result<void> done;
    for (Statement *statement : statements) {
        done = statement->run();
        const base::SqlRows rows(*statement);
        if (done && statement->next())
            return std::pair(statement->integer(0), statement->integer(1));
        if (done)
            done = statement->failure();
        if (!isCorrupt(done))
            break;
    }
    return done ? Result<std::pair<qint64, qint64>>({0, 0}) : done.error();
}

Result<InboxTotals> InboxStore::totals()
{
    return mended<InboxTotals>([this] { return d->totals(); });
}

Result<InboxTotals> InboxStore::Private::totals()
{
    const auto held = firstPair({&count, &countByTable});
    if (!held)
        return held.error();
    auto waiting = firstPair({&countUnmerged, &countUnmergedByTable});
    if (isCorrupt(waiting)) {
        const auto ids = numbers(unmerged);
        const auto bytes = unmergedBytes();
        if (!ids || !bytes)
            return ids ? bytes.error() : ids.error();
        waiting = std::pair(qint64(ids->size()), *bytes);
    }
    if (!waiting)
        return waiting.error();
    InboxTotals totals;
    std::tie(totals.entries, totals.bytes) = *held;
    totals.unmerged = waiting->first;
    totals.bytes -= waiting->second;
    totals.unmerged = std::max<qint64>(0, totals.unmerged - misplaced.size());
    totals.entries = std::max<qint64>(0, totals.entries - totals.unmerged - stayingUnread);
    totals.bytes = totals.entries == 0 ? 0 : std::max<qint64>(0, totals.bytes);
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
    row.damaged = row.bytes == 0; // all that a salvage found of it
    return row;
}

/// The place of an entry in the order, also of one that is gone or cannot be read; -1 where nothing is known of it.
Result<qint64> InboxStore::Private::tsOf(qint64 id)
{
    const auto look = [](Statement &statement, const auto &...values) -> Result<qint64> {
        auto done = statement.run(values...);
        const base::SqlRows rows(statement);
        if (done && statement.next())
            return statement.integer(0);
        if (done = done ? statement.failure() : done; !done)
            return done.error();
        return qint64(-1);
    };
    const auto ts = look(place, id, id);
    return ts || ts.error().code != Errc::Corrupt ? ts : misplaced.contains(id) ? qint64(0) : look(placeOf, id);
}

Result<InboxPage> InboxStore::page(qint64 after, int limit)
{
    return mended<InboxPage>([&] { return d->page(after, limit); });
}

Result<InboxPage> InboxStore::Private::page(qint64 after, int limit)
{
    auto totals = this->totals();
    if (!totals)
        return totals.error();
    InboxPage list;
    list.total = totals->entries;
    list.bytes = totals->bytes;
    const auto afterTs = after > 0 ? tsOf(after) : Result<qint64>(qint64(-1));
    if (!afterTs)
        return afterTs.error();
    Result<void> done;
    if (staying.isEmpty() && misplaced.isEmpty()) {
        done = pageOf.run(*afterTs, after, qint64(limit) + 1);
        const base::SqlRows rows(pageOf);
        while (done && pageOf.next()) {
            if (list.rows.size() == limit) {
                list.more = true;
                return list;
            }
            list.rows.append(rowAt(pageOf));
        }
        done = done ? pageOf.failure() : done;
        if (!isCorrupt(done))
            return done ? Result<InboxPage>(list) : Result<InboxPage>(done.error());
    }
    if (auto listed = listSingly(*afterTs, after, limit, list); !listed)
        return listed.error();
    return list;
}

/// The same by the index alone, and then row by row: what cannot be read is listed as damaged.
Result<void> InboxStore::Private::listPlaces(Statement &statement, qint64 afterTs, qint64 after, qint64 most,
                                             std::vector<std::pair<qint64, qint64>> &found)
{
    if (auto done = statement.run(afterTs, after, most); !done)
        return done;
    const base::SqlRows rows(statement);
    while (statement.next())
        found.emplace_back(statement.integer(1), statement.integer(0));
    return statement.failure();
}

Result<void> InboxStore::Private::listSingly(qint64 afterTs, qint64 after, int limit, InboxPage &list)
{
    list.rows.clear();
    std::vector<std::pair<qint64, qint64>> found; // time and id
    for (const qint64 id : std::as_const(misplaced)) {
        if (!staying.contains(id) && std::pair(qint64(0), id) > std::pair(afterTs, after))
            found.emplace_back(0, id);
    }
    const qint64 most = qint64(limit) + 1 + staying.size();
    auto done = listPlaces(places, afterTs, after, most, found);
    if (isCorrupt(done)) // the index; what is double goes below
        done = listPlaces(placesByTable, afterTs, after, most, found);
    if (!done)
        return done;
    std::erase_if(found, [this](const auto &each) { return staying.contains(each.second); });
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    list.more = qsizetype(found.size()) > limit;
    found.resize(std::min(found.size(), size_t(limit)));
    for (const auto &[ts, id] : found) {
        auto row = rowSingly(id, ts);
        if (!row)
            return row.error();
        list.rows.append(*std::move(row));
    }
    return {};
}

Result<InboxRow> InboxStore::Private::rowSingly(qint64 id, qint64 ts)
{
    for (Statement *statement : {&line, &bareLine}) {
        if (misplaced.contains(id)) // even if some of it could be read, it could not be put in order
            break;
        auto done = statement->run(id);
        const base::SqlRows rows(*statement);
        if (done && statement->next())
            return rowAt(*statement);
        done = done ? statement->failure() : done;
        if (!done && !isCorrupt(done))
            return done.error();
    }
    InboxRow row;
    row.id = id;
    row.originServerTs = ts;
    row.damaged = true;
    return row;
}

Result<InboxEntry> InboxStore::entry(qint64 id)
{
    if (auto opened = d ? Result<void>() : reopen(); !opened)
        return opened.error();
    const Error gone{Errc::NotHeld, QStringLiteral("The inbox has no such entry"), 0};
    if (d->staying.contains(id))
        return gone;
    if (d->misplaced.contains(id))
        return damagedEntry(id);
    Result<void> done;
    for (Private::Statement *statement : {&d->one, &d->bareOne}) {
        done = statement->run(id);
        const base::SqlRows rows(*statement);
        if (done && statement->next()) {
            InboxEntry entry{Private::rowAt(*statement), statement->bytes(10), statement->bytes(11)};
            return isWhole(entry.pdus, entry.edus) ? Result<InboxEntry>(std::move(entry)) : damagedEntry(id);
        }
        if (done)
            done = statement->failure();
        if (!isCorrupt(done))
            break;
    }
    if (done)
        return gone;
    return isCorrupt(done) ? damagedEntry(id) : done.error();
}

/// Nothing where it is not in the inbox, or not merged.
Result<std::optional<InboxStore::Private::Row>> InboxStore::Private::rowToRemove(qint64 id)
{
    if (staying.contains(id))
        return std::optional<Row>();
    auto done = forget.run(id);
    {
        const base::SqlRows rows(forget);
        if (done && forget.next())
            return std::optional(Row{forget.bytes(0), forget.integer(1), forget.integer(2), forget.integer(3), true});
        done = done ? forget.failure() : done;
    }
    if (done && !misplaced.contains(id))
        return std::optional<Row>();
    if (!done && !isCorrupt(done))
        return done.error();
    // The index still knows what it was.
    if (auto looked = keyOfId.run(id); !looked)
        return looked.error();
    const base::SqlRows rows(keyOfId);
    if (!keyOfId.next()) {
        if (auto failed = keyOfId.failure(); !failed)
            return failed.error();
        return std::optional<Row>();
    }
    const auto ts = tsOf(id);
    if (!ts)
        return ts.error();
    return std::optional(Row{keyOfId.bytes(0), 0, std::max<qint64>(0, *ts), 0, false});
}

/// Inside the caller's transaction.
Result<void> InboxStore::Private::takeOut(qint64 id, const Row &row, Trace trace)
{
    if (auto done = this->remove.run(id); !done)
        return done;
    if (auto done = trace == Trace::Whole ? summaries.remove(id) : Result<void>(); !done)
        return done;
    if (auto done = setRelay.run(qint64(-1), -row.bytes, row.relayId); !done)
        return done;
    if (trace == Trace::Unremembered)
        return {};
    watch->look();
    return handle.run(row.key, id, row.ts, watch->stampMs());
}

Result<bool> InboxStore::Private::removeOne(qint64 id)
{
    if (auto done = forget.run(id); !done)
        return done.error();
    Row row;
    {
        const base::SqlRows rows(forget);
        if (!forget.next()) {
            if (auto failed = forget.failure(); !failed)
                return failed.error();
            return false;
        }
        row = {forget.bytes(0), forget.integer(1), forget.integer(2), forget.integer(3), true};
    }
    if (staying.contains(id))
        return false;
    if (auto done = takeOut(id, row, Trace::Whole); !done)
        return done.error();
    return true;
}

/// In a transaction of its own; the value is how many there were.
Result<qint64> InboxStore::Private::removeAll(const qint64 *from, const qint64 *to)
{
    base::SqlTransaction transaction(*database);
    if (auto begun = transaction.begin(); !begun)
        return begun.error();
    qint64 removed = 0;
    for (const qint64 *id = from; id != to; ++id) {
        const auto gone = removeOne(*id);
        if (!gone)
            return gone.error();
        removed += *gone ? 1 : 0;
    }
    if (auto committed = transaction.commit(); !committed)
        return committed.error();
    return removed;
}

/// One that met damage. `least`: what may be left undone.
Result<bool> InboxStore::Private::removeDamaged(qint64 id, Trace least)
{
    const auto row = rowToRemove(id);
    if (!row)
        return row.error();
    if (!*row)
        return false;
    if (!(*row)->readable)
        return hideDamaged(id, **row);
    for (const Trace trace : {Trace::NoSummary, Trace::Unremembered}) { // perhaps it is not the row that is damaged
        if (trace > least)
            break;
        base::SqlTransaction transaction(*database);
        if (auto begun = transaction.begin(); !begun)
            return begun.error();
        auto done = takeOut(id, **row, trace);
        if (done)
            done = transaction.commit();
        if (!isCorrupt(done))
            return done ? Result<bool>(true) : Result<bool>(done.error());
    }
    return hideDamaged(id, **row);
}

/// Its page cannot be changed: the row stays there, but is out of the inbox.
Result<bool> InboxStore::Private::hideDamaged(qint64 id, const Row &row)
{
    base::SqlTransaction transaction(*database);
    if (auto begun = transaction.begin(); !begun)
        return begun.error();
    if (auto done = row.readable ? setRelay.run(qint64(-1), -row.bytes, row.relayId) : Result<void>(); !done)
        return done.error();
    if (auto done = handle.run(row.key, id, row.ts, row.readable ? StaysMs : StaysUnreadMs); !done)
        return done.error();
    if (auto committed = transaction.commit(); !committed)
        return committed.error();
    staying.insert(id);
    stayingUnread += row.readable ? 0 : 1;
    return true;
}

Result<qint64> InboxStore::remove(const QList<qint64> &ids)
{
    auto removed = mended<qint64>([&] { return d->removeAround(ids, Private::Trace::NoSummary); });
    if (removed || m_notRenewed.isEmpty() || !d)
        return removed;
    auto forced = d->removeAround(ids, Private::Trace::Unremembered);
    return isCorrupt(forced) ? removed : forced;
}

/// Of all that is merged, by the index or, where that is damaged, by the table.
Result<std::vector<qint64>> InboxStore::Private::allIds()
{
    auto ids = numbers(all);
    return isCorrupt(ids) ? numbers(allByTable) : ids;
}

Result<qint64> InboxStore::Private::removeAround(const QList<qint64> &ids, Trace least)
{
    std::vector<qint64> wanted(ids.begin(), ids.end());
    if (wanted.empty()) {
        auto merged = allIds();
        if (!merged)
            return merged.error();
        wanted = *std::move(merged);
        wanted.insert(wanted.end(), misplaced.begin(), misplaced.end());
    }
    qint64 removed = 0;
    const auto around = changeAroundDamage(wanted.size(), [&](size_t from, size_t to) -> Result<void> {
        const auto done = removeAll(wanted.data() + from, wanted.data() + to);
        removed += done ? *done : 0;
        return done ? Result<void>() : done.error();
    });
    if (!around)
        return around.error();
    std::vector<qint64> damaged;
    for (const size_t at : *around)
        damaged.push_back(wanted[at]);
    for (const qint64 id : wanted) { // of a misplaced one the row says that it is not in the inbox yet
        if (misplaced.contains(id) && std::find(damaged.begin(), damaged.end(), id) == damaged.end())
            damaged.push_back(id);
    }
    for (const qint64 id : damaged) {
        const auto gone = removeDamaged(id, least);
        if (!gone)
            return gone.error();
        removed += *gone ? 1 : 0;
    }
    return removed;
}

Result<void> InboxStore::prune(const InboxLimits &limits)
{
    return mended<void>([&] { return d->prune(limits); });
}

Result<void> InboxStore::Private::prune(const InboxLimits &limits)
{
    const auto aged = age();
    const auto pruned = pruneMany.run(MostHandled);
    auto done = spare.look(!disk.isAbove(limits.diskFloorBytes));
    for (int piece = 0; done && spare.hasSpare() && piece < SparePieces; ++piece)
        done = spare.giveBack();
    return !aged ? aged : !pruned ? pruned : done; // what fails keeps no other from being done
}

Result<bool> InboxStore::summariseMore()
{
    return mended<bool>([this] { return d->summaries.addMissing(); });
}

Result<std::vector<DestinationMemory>> InboxStore::destinations()
{
    return mended<std::vector<DestinationMemory>>([this] { return d->records.all(); });
}

Result<void> InboxStore::remember(const std::vector<DestinationMemory> &memories)
{
    return mended<void>([&] { return d->records.set(memories); });
}

} // namespace restante::node
