// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/entryindex.h"

#include "telemetry/logging.h"

#include <algorithm>

namespace restante::queue
{

namespace
{

const auto ArrivalMark = QStringLiteral("indexed_arrival");
const auto TombstoneMark = QStringLiteral("indexed_tombstone");

} // namespace

EntryIndex::EntryIndex(base::Database &database, Tail &tail, AcknowledgedOverlay &overlay)
    : m_tail(tail)
    , m_overlay(overlay)
    , m_numbers(database)
    , m_broken(database)
    , m_lastArrival(database, QStringLiteral("SELECT COALESCE(MAX(arrival), 0) FROM entries"))
    , m_lastPlace(database, QStringLiteral("SELECT COALESCE(MAX(arrival), 0) FROM positions"))
    , m_lastTombstone(database, QStringLiteral("SELECT COALESCE(MAX(number), 0) FROM tombstones"))
    , m_content(database, QStringLiteral("SELECT rest, id FROM contents WHERE destination = ? AND dedup = ?"))
    , m_position(database, QStringLiteral("SELECT arrival FROM positions WHERE destination = ? AND id = ?"))
    , m_oldest(database,
               QStringLiteral("SELECT id, arrival FROM positions WHERE destination = ? AND id > ? AND id <= ? "
                              "ORDER BY id LIMIT ?"))
    , m_dropPosition(database, QStringLiteral("DELETE FROM positions WHERE destination = ? AND id = ?"))
    , m_dropContent(database, QStringLiteral("DELETE FROM contents WHERE destination = ? AND dedup = ? AND id = ?"))
    , m_dropContentsOf(database, QStringLiteral("DELETE FROM contents WHERE destination = ? AND id = ?"))
    , m_addPosition(database, QStringLiteral("INSERT INTO positions (destination, id, arrival) VALUES (?, ?, ?)"))
    , m_addContent(database, QStringLiteral("INSERT INTO contents (destination, dedup, rest, id) VALUES (?, ?, ?, ?)"))
    , m_dropUnheldContents(
          database, QStringLiteral("DELETE FROM contents WHERE destination = ? AND id = ? AND NOT EXISTS (SELECT "
                                   "1 FROM tombstones t WHERE t.number > ? AND t.destination = "
                                   "contents.destination AND t.id = contents.id)"))
    , m_listContents(
          database, QStringLiteral("INSERT INTO contents (destination, dedup, rest, id) SELECT n.destination, n.dedup, "
                                   "n.rest, n.id FROM (SELECT destination, dedup, rest, id FROM entries WHERE "
                                   "arrival > ? UNION ALL SELECT destination, dedup, rest, id FROM tombstones WHERE "
                                   "number > ? AND arrival > ?) n WHERE 1 = 1 ORDER BY n.destination, n.dedup "
                                   "ON CONFLICT (destination, dedup) DO NOTHING"))
    , m_listPositions(database, QStringLiteral("INSERT INTO positions (destination, id, arrival) SELECT destination, "
                                               "id, arrival FROM entries WHERE arrival > ? ORDER BY destination, id "
                                               "ON CONFLICT (destination, id) DO NOTHING"))
    , m_dropAcknowledged(database, QStringLiteral("DELETE FROM positions WHERE (destination, id) IN (SELECT "
                                                  "destination, id FROM tombstones WHERE number > ? AND arrival <= ?)"))
{
}

Result<qint64> EntryIndex::largest(base::SqlStatement &statement)
{
    if (auto done = statement.run(); !done)
        return done.error();
    const base::SqlRows rows(statement);
    if (statement.next())
        return statement.integer(0);
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return Error{Errc::Corrupt, QStringLiteral("The database gives no answer to a count."), 0};
}

Result<void> EntryIndex::load()
{
    auto arrival = m_numbers.read(ArrivalMark);
    if (!arrival)
        return arrival.error();
    auto tombstone = m_numbers.read(TombstoneMark);
    if (!tombstone)
        return tombstone.error();
    auto lastArrival = largest(m_lastArrival);
    if (!lastArrival && lastArrival.error().code == Errc::Corrupt) {
        // Nothing can be stored behind that page, and says so. What is held can be collected.
        qCWarning(lcQueue, "The entries that came last cannot be read: %ls",
                  qUtf16Printable(lastArrival.error().detail));
        lastArrival = largest(m_lastPlace);
        m_lacksEnd = true;
    }
    if (!lastArrival)
        return lastArrival.error();
    auto lastTombstone = largest(m_lastTombstone);
    if (!lastTombstone)
        return lastTombstone.error();
    if (auto loaded = m_broken.load(); !loaded)
        return loaded;
    m_indexedArrival = *arrival;
    m_indexedTombstone = *tombstone;
    m_nextArrival = std::max(*arrival, *lastArrival) + 1;
    m_nextTombstone = std::max(*tombstone, *lastTombstone) + 1;
    return {};
}

Result<std::optional<EntryIndex::Content>> EntryIndex::content(qint64 destination, qint64 dedup)
{
    if (const auto recent = m_recent.find({destination, dedup}); recent != m_recent.end())
        return std::optional<Content>(recent->second);
    if (auto done = m_content.run(destination, dedup); !done)
        return done.error();
    const base::SqlRows rows(m_content);
    if (m_content.next())
        return std::optional<Content>({m_content.bytes(0), {m_content.integer(1)}, 0});
    if (auto failed = m_content.failure(); !failed)
        return failed.error();
    return std::optional<Content>();
}

Result<Place> EntryIndex::find(qint64 destination, const matrix::ServerName &name, matrix::EntryId id)
{
    const Place place = m_tail.find(name, id);
    if (!place.id.isNull())
        return place;
    if (auto done = m_position.run(destination, id.value); !done)
        return done.error();
    const base::SqlRows rows(m_position);
    if (m_position.next())
        return Place{id, m_position.integer(0)};
    if (auto failed = m_position.failure(); !failed)
        return failed.error();
    return Place();
}

Result<std::vector<Place>> EntryIndex::oldest(qint64 destination, const matrix::ServerName &name, matrix::EntryId after,
                                              matrix::EntryId last, int limit)
{
    std::vector<Place> places;
    if (auto done = m_oldest.run(destination, after.value, last.value, limit); !done)
        return done.error();
    const base::SqlRows rows(m_oldest);
    while (m_oldest.next())
        places.push_back({{m_oldest.integer(0)}, m_oldest.integer(1)});
    if (auto failed = m_oldest.failure(); !failed)
        return failed.error();
    for (const Place &place : m_tail.list(name, after, limit - qsizetype(places.size()))) {
        if (!(last < place.id))
            places.push_back(place);
    }
    return places;
}

void EntryIndex::add(const Row &row, const matrix::ServerName &name)
{
    const Key key{row.destination, row.dedup};
    m_recent[key] = {row.rest, row.place.id, row.place.arrival};
    m_undo.push_back({key, {}});
    m_changes.push_back({name.bytes(), row.place, false});
}

void EntryIndex::acknowledged(const Place &place, const matrix::ServerName &name)
{
    const AcknowledgedOverlay::Key key(name.bytes(), place.id.value);
    m_acknowledged.insert(place.arrival);
    m_acknowledgedNow.push_back(place.arrival);
    if (isListed(place.arrival)) {
        m_listed.push_back(key);
        return;
    }
    m_changes.push_back({name.bytes(), place, true});
    m_settled.push_back(key);
}

Result<void> EntryIndex::drop(const Row &row, const matrix::ServerName &name)
{
    if (isListed(row.place.arrival)) {
        if (auto dropped = dropPosition(row.destination, row.place.id); !dropped)
            return dropped;
        return dropContent(row.destination, row.dedup, row.place.id);
    }
    m_changes.push_back({name.bytes(), row.place, true});
    m_gone.insert(row.place.arrival);
    const auto recent = m_recent.find({row.destination, row.dedup});
    if (recent != m_recent.end() && recent->second.id == row.place.id)
        forgetRecent(recent);
    return {};
}

void EntryIndex::forgetRecent(std::unordered_map<Key, Content, KeyHash>::iterator recent)
{
    m_undo.push_back({recent->first, std::move(recent->second)});
    m_recent.erase(recent);
}

Result<void> EntryIndex::dropPosition(qint64 destination, matrix::EntryId id)
{
    return m_dropPosition.run(destination, id.value);
}

Result<void> EntryIndex::lose(qint64 destination, const Place &place, const matrix::ServerName &name)
{
    if (isListed(place.arrival)) {
        if (auto dropped = dropPosition(destination, place.id); !dropped)
            return dropped;
        return m_dropContentsOf.run(destination, place.id.value);
    }
    m_changes.push_back({name.bytes(), place, true});
    m_gone.insert(place.arrival);
    const auto recent = std::find_if(m_recent.begin(), m_recent.end(), [&](const auto &each) {
        return each.first.destination == destination && each.second.id == place.id;
    });
    if (recent != m_recent.end())
        forgetRecent(recent);
    return {};
}

Result<void> EntryIndex::giveBack(const Row &row)
{
    if (auto added = m_addPosition.run(row.destination, row.place.id.value, row.place.arrival); !added)
        return added;
    return m_addContent.run(row.destination, row.dedup, row.rest, row.place.id.value);
}

Result<void> EntryIndex::dropContent(qint64 destination, qint64 dedup, matrix::EntryId id)
{
    return m_dropContent.run(destination, dedup, id.value);
}

void EntryIndex::committed()
{
    m_tail.apply(m_changes);
    m_overlay.clear(m_settled);
    m_broken.committed();
    m_settledByFold.insert(m_settledByFold.end(), m_listed.begin(), m_listed.end());
    m_acknowledgedNow.clear();
    m_gone.clear();
    m_undo.clear();
    m_changes.clear();
    m_settled.clear();
    m_listed.clear();
}

void EntryIndex::rolledBack()
{
    for (auto undo = m_undo.rbegin(); undo != m_undo.rend(); ++undo) {
        if (undo->before)
            m_recent[undo->key] = *std::move(undo->before);
        else
            m_recent.erase(undo->key);
    }
    for (const qint64 arrival : m_acknowledgedNow)
        m_acknowledged.erase(arrival);
    m_broken.rolledBack();
    m_acknowledgedNow.clear();
    m_gone.clear();
    m_undo.clear();
    m_changes.clear();
    m_settled.clear();
    m_listed.clear();
}

Result<void> EntryIndex::writeFold()
{
    if (auto done = m_listContents.run(m_indexedArrival, m_indexedTombstone, m_indexedArrival); !done)
        return done;
    if (auto done = m_listPositions.run(m_indexedArrival); !done)
        return done;
    if (auto done = m_dropAcknowledged.run(m_indexedTombstone, m_indexedArrival); !done)
        return done;
    // Rows that were left where they are look like held ones.
    for (const auto &left : m_broken.leftAfter(m_indexedArrival)) {
        if (auto done = dropPosition(left.destination, left.place.id); !done)
            return done;
        if (auto done = m_dropUnheldContents.run(left.destination, left.place.id.value, m_indexedTombstone); !done)
            return done;
    }
    if (auto done = m_numbers.write(ArrivalMark, m_nextArrival - 1); !done)
        return done;
    return m_numbers.write(TombstoneMark, m_nextTombstone - 1);
}

void EntryIndex::folded()
{
    m_indexedArrival = m_nextArrival - 1;
    m_indexedTombstone = m_nextTombstone - 1;
    m_recent.clear();
    m_acknowledged.clear();
    m_tail.clear();
    m_overlay.clear(m_settledByFold);
    m_settledByFold.clear();
}

} // namespace restante::queue
