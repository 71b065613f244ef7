// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/salvagecopy.h"

#include "node/handledmemory.h"
#include "node/inboxsummaries.h"

#include <sodium.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace restante::node
{

namespace
{
constexpr int PieceRows = 500;
constexpr qsizetype EntryKeyBytes = 16;
constexpr qint64 LostIds = 1'000'000; ///< at most this many are above the highest one that is left

const auto MetaForwards = QStringLiteral("SELECT name, value FROM meta ORDER BY name");
const auto MetaBackwards = QStringLiteral("SELECT name, value FROM meta ORDER BY name DESC");
const auto KeyCopy = QStringLiteral("SELECT value FROM content_keys");
const auto RelaysForwards = QStringLiteral("SELECT id, name, entries FROM relays NOT INDEXED ORDER BY id");
const auto RelaysBackwards = QStringLiteral("SELECT id, name, entries FROM relays NOT INDEXED ORDER BY id DESC");
const auto RelayNames = QStringLiteral("SELECT id, name, 0 FROM relays ORDER BY name");
const auto RelayNamesBackwards = QStringLiteral("SELECT id, name, 0 FROM relays ORDER BY name DESC");
const auto HandledForwards = QStringLiteral("SELECT key, gone_ms, id, origin_server_ts FROM handled ORDER BY key");
const auto HandledBackwards =
    QStringLiteral("SELECT key, gone_ms, id, origin_server_ts FROM handled ORDER BY key DESC");
const auto HandledTimes =
    QStringLiteral("SELECT key, gone_ms, 0, 0 FROM handled INDEXED BY handled_gone ORDER BY gone_ms, key");
const auto HandledTimesBackwards =
    QStringLiteral("SELECT key, gone_ms, 0, 0 FROM handled INDEXED BY handled_gone ORDER BY gone_ms DESC, key DESC");
const auto DestinationsForwards = QStringLiteral("SELECT * FROM destinations ORDER BY name");
const auto DestinationsBackwards = QStringLiteral("SELECT * FROM destinations ORDER BY name DESC");
const auto IdsForwards = QStringLiteral("SELECT id FROM inbox NOT INDEXED ORDER BY id");
const auto IdsBackwards = QStringLiteral("SELECT id FROM inbox NOT INDEXED ORDER BY id DESC");
const auto UnmergedForwards =
    QStringLiteral("SELECT id FROM inbox INDEXED BY inbox_unmerged WHERE merged = 0 ORDER BY id");
const auto UnmergedBackwards =
    QStringLiteral("SELECT id FROM inbox INDEXED BY inbox_unmerged WHERE merged = 0 ORDER BY id DESC");
const auto KeysForwards = QStringLiteral("SELECT id, key FROM inbox INDEXED BY inbox_key ORDER BY key");
const auto KeysBackwards = QStringLiteral("SELECT id, key FROM inbox INDEXED BY inbox_key ORDER BY key DESC");
const auto PlacesForwards = QStringLiteral("SELECT id, origin_server_ts FROM inbox INDEXED BY inbox_order "
                                           "WHERE merged = 1 ORDER BY origin_server_ts, id");
const auto PlacesBackwards = QStringLiteral("SELECT id, origin_server_ts FROM inbox INDEXED BY inbox_order "
                                            "WHERE merged = 1 ORDER BY origin_server_ts DESC, id DESC");
const auto WholeEntry = QStringLiteral("SELECT key, relay, origin, txn_id, origin_server_ts, collected_ms, pdu_count, "
                                       "edu_count, merged, bytes, pdus, edus FROM inbox WHERE id = ?");
const auto EntryFigures = QStringLiteral("SELECT key, relay, origin, txn_id, origin_server_ts, collected_ms, "
                                         "pdu_count, edu_count, merged, 0, x'', x'' FROM inbox WHERE id = ?");
const auto Sequence = QStringLiteral("SELECT seq FROM sqlite_sequence WHERE name = 'inbox'");
const auto LastSummary = QStringLiteral("SELECT MAX(id) FROM summaries");
const auto LastHandledId = QStringLiteral("SELECT MAX(id) FROM handled");

const auto AddMeta = QStringLiteral("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)");
const auto AddKeyCopy = QStringLiteral("INSERT INTO content_keys (value) VALUES (?)");
const auto AddRelay = QStringLiteral("INSERT OR IGNORE INTO relays (id, name) VALUES (?, ?)");
const auto AddHandled =
    QStringLiteral("INSERT OR IGNORE INTO handled (key, id, origin_server_ts, gone_ms) VALUES (?, ?, ?, ?)");
const auto AddDestination =
    QStringLiteral("INSERT OR IGNORE INTO destinations (name, failures, last_success_ms, last_failure_ms, last_error, "
                   "sent_direct, sent_by_relay) VALUES (?, ?, ?, ?, ?, ?, ?)");
const auto AddEntry = QStringLiteral("INSERT OR IGNORE INTO inbox (id, key, relay, origin, txn_id, origin_server_ts, "
                                     "collected_ms, pdu_count, edu_count, merged, bytes, pdus, edus) "
                                     "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
const auto SetTotals = QStringLiteral("UPDATE relays SET entries = ?, bytes = ? WHERE id = ?");
const auto ForgetSequence = QStringLiteral("DELETE FROM sqlite_sequence WHERE name = 'inbox'");
const auto SetSequence = QStringLiteral("INSERT INTO sqlite_sequence (name, seq) VALUES ('inbox', ?)");

/// Whether the old database could not be read there: with wrong bytes, or not at all.
bool isUnreadable(const Error &error)
{
    return error.code == Errc::Corrupt || error.code == Errc::StorageFailed;
}

/// A row of the inbox on its way into the new one.
struct CopiedEntry {
    QByteArray key;
    qint64 relay = 0;
    QByteArray origin = "";
    QByteArray txnId = "";
    qint64 ts = 0;
    qint64 collectedMs = 0;
    qint64 pduCount = 0;
    qint64 eduCount = 0;
    qint64 merged = 1;
    qint64 bytes = 0; ///< 0: its body could not be read
    QByteArray pdus = "";
    QByteArray edus = "";

    /// The columns of WholeEntry.
    static CopiedEntry of(const base::SqlStatement &row)
    {
        CopiedEntry entry;
        entry.key = row.bytes(0);
        entry.relay = row.integer(1);
        entry.origin = base::present(row.bytes(2));
        entry.txnId = base::present(row.bytes(3));
        entry.ts = row.integer(4);
        entry.collectedMs = row.integer(5);
        entry.pduCount = row.integer(6);
        entry.eduCount = row.integer(7);
        entry.merged = row.integer(8);
        entry.bytes = row.integer(9);
        entry.pdus = base::present(row.bytes(10));
        entry.edus = base::present(row.bytes(11));
        return entry;
    }
};

/// Nothing if there is no such row.
Result<std::optional<CopiedEntry>> readEntry(base::SqlStatement &statement, qint64 id)
{
    if (auto done = statement.run(id); !done)
        return done.error();
    const base::SqlRows rows(statement);
    if (statement.next())
        return std::optional(CopiedEntry::of(statement));
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return std::optional<CopiedEntry>();
}
} // namespace

SalvageCopy::SalvageCopy(base::Database &from, base::Database &to, qint64 stampMs)
    : m_from(from)
    , m_to(to)
    , m_stampMs(stampMs)
    , m_pieces(to, PieceRows)
{
}

Result<Salvaged> SalvageCopy::run(const QByteArray &contentKey)
{
    if (auto done = copyMeta(contentKey); !done)
        return done.error();
    for (const auto step : {&SalvageCopy::copyRelays, &SalvageCopy::copyHandled, &SalvageCopy::copyDestinations,
                            &SalvageCopy::copyDeliveries, &SalvageCopy::findEntries, &SalvageCopy::copyEntries,
                            &SalvageCopy::writeTotals, &SalvageCopy::writeSequence}) {
        if (auto done = (this->*step)(); !done)
            return done.error();
    }
    if (auto ended = m_pieces.end(); !ended)
        return ended.error();
    return m_found;
}

/// All rows until damage is met; false if it is.
Result<bool> SalvageCopy::read(const QString &select, const Take &take)
{
    base::SqlStatement statement(m_from, select);
    auto done = statement.run();
    const base::SqlRows rows(statement);
    while (done && statement.next()) {
        if (auto taken = take(statement); !taken)
            return taken.error();
    }
    done = done ? statement.failure() : done;
    if (!done && !isUnreadable(done.error()))
        return done.error();
    return done.ok();
}

Result<bool> SalvageCopy::readBothWays(const QString &forwards, const QString &backwards, const Take &take)
{
    auto whole = read(forwards, take);
    if (!whole || *whole)
        return whole;
    if (const auto rest = read(backwards, take); !rest)
        return rest.error();
    return false;
}

/// What lists show is made anew with each entry, so nothing is left to be done about it.
Result<void> SalvageCopy::copyMeta(QByteArray contentKey)
{
    base::SqlStatement add(m_to, AddMeta);
    base::SqlStatement addCopy(m_to, AddKeyCopy);
    const auto isKey = [](const QByteArray &value) { return value.size() == qsizetype(crypto_generichash_KEYBYTES); };
    const auto whole = readBothWays(MetaForwards, MetaBackwards, [&](const base::SqlStatement &row) -> Result<void> {
        const QString name = row.value(0).toString();
        if (name == QLatin1String("content_key")) {
            contentKey = contentKey.isEmpty() && isKey(row.bytes(1)) ? row.bytes(1) : contentKey;
            return {};
        }
        if (name == QLatin1String("clock_seen_ms")) // where nobody could read it before
            m_stampMs = std::max(m_stampMs, row.integer(1));
        return name == QLatin1String("unsummarised_to") ? Result<void>() : add.run(name, row.value(1));
    });
    if (!whole)
        return whole.error();
    if (contentKey.isEmpty()) {
        const auto copied = read(KeyCopy, [&](const base::SqlStatement &row) -> Result<void> {
            contentKey = isKey(row.bytes(0)) ? row.bytes(0) : contentKey;
            return {};
        });
        if (!copied)
            return copied.error();
    }
    if (contentKey.isEmpty())
        return {Errc::Corrupt,
                QStringLiteral("Neither copy of the content key in %1 (tables meta and content_keys) can be read, and "
                               "without it nothing tells what was collected before. Stop the program, keep a copy of "
                               "the file, and restore a backup.")
                    .arg(m_from.connection().databaseName())};
    if (auto added = add.run(QStringLiteral("content_key"), contentKey); !added)
        return added;
    return addCopy.run(contentKey);
}

/// One whose name nobody can tell has its entries counted with id 0.
Result<void> SalvageCopy::copyRelays()
{
    base::SqlStatement add(m_to, AddRelay);
    const Take take = [&](const base::SqlStatement &row) -> Result<void> {
        if (row.bytes(1).isEmpty() || m_relays.contains(row.integer(0)))
            return {};
        m_relays.insert(row.integer(0), {});
        m_counted += row.integer(2);
        if (auto added = add.run(row.integer(0), row.bytes(1)); !added)
            return added;
        return m_pieces.wrote(0);
    };
    m_relays.insert(0, {});
    if (auto added = add.run(qint64(0), QByteArray("")); !added)
        return added;
    const auto whole = readBothWays(RelaysForwards, RelaysBackwards, take);
    if (!whole)
        return whole.error();
    const auto names = *whole ? whole : readBothWays(RelayNames, RelayNamesBackwards, take);
    return names ? Result<void>() : names.error();
}

Result<void> SalvageCopy::copyHandled()
{
    base::SqlStatement add(m_to, AddHandled);
    const Take take = [&](const base::SqlStatement &row) -> Result<void> {
        const qint64 id = row.integer(2);
        qint64 goneMs = row.integer(1);
        m_highest = std::max(m_highest, id);
        if (goneMs >= StaysMs) { // now it goes
            m_goneUnread += goneMs == StaysUnreadMs && !m_gone.contains(id) ? 1 : 0;
            m_gone.insert(id);
            m_goneKeys.insert(row.bytes(0));
            goneMs = m_stampMs;
        }
        if (auto added = add.run(row.bytes(0), id, row.integer(3), goneMs); !added)
            return added;
        return m_pieces.wrote(0);
    };
    const auto whole = readBothWays(HandledForwards, HandledBackwards, take);
    if (!whole)
        return whole.error();
    const auto times = *whole ? whole : readBothWays(HandledTimes, HandledTimesBackwards, take);
    if (!times)
        return times.error();
    m_found.handledWhole = *times;
    return {};
}

Result<void> SalvageCopy::copyDestinations()
{
    base::SqlStatement add(m_to, AddDestination);
    const auto whole =
        readBothWays(DestinationsForwards, DestinationsBackwards, [&](const base::SqlStatement &row) -> Result<void> {
            const QString error = row.value(4).toString();
            // The last two are missing in an older database.
            if (auto added = add.run(row.bytes(0), row.integer(1), row.integer(2), row.integer(3),
                                     error.isNull() ? QStringLiteral("") : error, row.integer(5), row.integer(6));
                !added)
                return added;
            return m_pieces.wrote(0);
        });
    if (!whole)
        return whole.error();
    m_found.destinationsWhole = *whole;
    return {};
}

/// By the table and by its indexes: the ones know what the others have lost.
Result<void> SalvageCopy::findEntries()
{
    const Take takeId = [this](const base::SqlStatement &row) -> Result<void> {
        m_entries[row.integer(0)];
        return {};
    };
    for (const auto &[forwards, backwards] :
         {std::pair(IdsForwards, IdsBackwards), std::pair(UnmergedForwards, UnmergedBackwards)}) {
        if (const auto done = readBothWays(forwards, backwards, takeId); !done)
            return done.error();
    }
    const auto keys = readBothWays(KeysForwards, KeysBackwards, [this](const base::SqlStatement &row) -> Result<void> {
        m_entries[row.integer(0)].key = row.bytes(1);
        return {};
    });
    if (!keys)
        return keys.error();
    const auto places = readBothWays(PlacesForwards, PlacesBackwards, [this](const base::SqlStatement &row) {
        m_entries[row.integer(0)].ts = row.integer(1);
        return Result<void>();
    });
    return places ? Result<void>() : places.error();
}

/// Of one that cannot be read its number, key and place stay: it is listed as damaged, and does not come again.
Result<void> SalvageCopy::copyEntries()
{
    base::SqlStatement whole(m_from, WholeEntry);
    base::SqlStatement figures(m_from, EntryFigures);
    base::SqlStatement add(m_to, AddEntry);
    InboxSummaries summaries(m_to);
    for (const auto &[id, known] : m_entries) {
        m_highest = std::max(m_highest, id);
        if (m_gone.contains(id) || m_goneKeys.contains(known.key))
            continue;
        auto read = readEntry(whole, id);
        if (!read && isUnreadable(read.error()))
            read = readEntry(figures, id);
        if (!read && !isUnreadable(read.error()))
            return read.error();
        if (read && !*read) // an index is wrong
            continue;
        CopiedEntry entry = read ? **read : CopiedEntry();
        if (!read) {
            entry.key = known.key;
            entry.ts = known.ts;
        }
        if (entry.key.isEmpty()) {
            entry.key = QByteArray(EntryKeyBytes, Qt::Uninitialized);
            randombytes_buf(entry.key.data(), size_t(EntryKeyBytes));
        }
        entry.relay = m_relays.contains(entry.relay) ? entry.relay : 0;
        if (auto added = add.run(id, entry.key, entry.relay, entry.origin, entry.txnId, entry.ts, entry.collectedMs,
                                 entry.pduCount, entry.eduCount, entry.merged, entry.bytes, entry.pdus, entry.edus);
            !added)
            return added;
        if (add.rowsAffected() <= 0) // its key is there already: it was collected twice
            continue;
        ++(entry.bytes > 0 ? m_found.entries : m_found.damaged);
        Totals &totals = m_relays[entry.relay];
        ++totals.entries;
        totals.bytes += entry.bytes;
        if (auto summed = entry.bytes > 0 ? summaries.addToLast(entry.pdus, entry.edus) : Result<void>(); !summed)
            return summed;
        if (auto done = m_pieces.wrote(entry.bytes); !done)
            return done;
    }
    m_found.lost = std::max<qint64>(0, m_counted - m_found.entries - m_found.damaged - m_goneUnread);
    return {};
}

Result<void> SalvageCopy::writeTotals()
{
    base::SqlStatement set(m_to, SetTotals);
    for (auto relay = m_relays.cbegin(); relay != m_relays.cend(); ++relay) {
        if (auto done = set.run(relay->entries, relay->bytes, relay.key()); !done)
            return done;
    }
    return {};
}

/// A number must not be given twice, whatever of it can be read.
Result<void> SalvageCopy::writeSequence()
{
    bool whole = true;
    for (const QString &select : {Sequence, LastSummary, LastHandledId}) {
        const auto done = read(select, [this](const base::SqlStatement &row) -> Result<void> {
            m_highest = std::max(m_highest, row.integer(0));
            return {};
        });
        if (!done)
            return done.error();
        whole = whole && *done;
    }
    if (!whole)
        m_highest += LostIds;
    base::SqlStatement forget(m_to, ForgetSequence);
    if (auto done = forget.run(); !done)
        return done;
    base::SqlStatement set(m_to, SetSequence);
    return set.run(m_highest);
}

} // namespace restante::node
