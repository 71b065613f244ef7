// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/inboxstore.h"

#include "base/diskwatch.h"
#include "base/sqlstatement.h"
#include "base/sqltransaction.h"
#include "matrix/jsonscan.h"
#include "node/damagedrows.h"
#include "node/handledmemory.h"
#include "node/inboxstoreparts.h"
#include "node/inboxsummaries.h"
#include "node/salvage.h"
#include "queue/clockwatch.h"
#include "telemetry/logging.h"

#include <sodium.h>

#include <algorithm>
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

/// For what is taken out now.
qint64 InboxStore::Private::stampMs()
{
    watch->look();
    return watch->stampMs();
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
    auto done = pruneOld.run(beforeMs);
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
    if (auto finished = Salvage(m_folder).finishInterrupted(); !finished)
        return finished;
    Result<void> opened;
    for (int again = 0; again < 2; ++again) { // perhaps the disk failed for a moment only
        opened = reopen();
        if (!isCorrupt(opened) && !(opened && d->harmed))
            return opened;
    }
    auto renewed = renew();
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
    const Salvage salvage(m_folder);
    const auto salvaged = salvage.write(m_secret, d ? d->stampMs() : m_clock.wallMs());
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
    auto renewed = renew();
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

Result<InboxTotals> InboxStore::totals()
{
    return mended<InboxTotals>([this] { return d->totals(); });
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
    return handle.run(row.key, id, row.ts, stampMs());
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

Result<qint64> InboxStore::remove(const QList<qint64> &ids)
{
    auto removed = mended<qint64>([&] { return d->removeAround(ids, Private::Trace::NoSummary); });
    if (removed || m_notRenewed.isEmpty() || !d)
        return removed;
    auto forced = d->removeAround(ids, Private::Trace::Unremembered);
    return isCorrupt(forced) ? removed : forced;
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
