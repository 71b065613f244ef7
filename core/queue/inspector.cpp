// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/movement.h"
#include "queue/openedition.h"
#include "queue/reader.h"
#include "queue/tail.h"
#include "queue/tally.h"
#include "queue/writer.h"

#include "base/sqlstatement.h"

#include <QtCore/QThread>

#include <algorithm>
#include <map>

namespace restante::queue
{

namespace
{

constexpr int ListCacheKib = 2 * 1024;
constexpr int ListBusyMs = 2'000;
constexpr int MaxListed = 25'000;
constexpr int MaxEvents = 8;
constexpr qint64 MaxSummarised = qint64(256) << 10; // bytes of a body that are read for a line of the list

/// The statement for lines of a destination's list.
QString lines(const QString &from, const QString &where)
{
    return QStringLiteral(
               "SELECT e.arrival, e.id, o.name, e.txn_id, l.name, e.received_ms, e.origin_server_ts, e.size, "
               "e.pdu_count, e.edu_count FROM %1 LEFT JOIN origins o ON o.id = e.origin LEFT JOIN labels l "
               "ON l.destination = e.destination AND l.label = e.label WHERE %2")
        .arg(from, where);
}

} // namespace

class Inspector::Private
{
public:
    explicit Private(Writer &writer)
        : m_writer(writer)
    {
    }

    Result<Totals> totals();
    Result<EntryPage> entries(const HeldFor &what, matrix::EntryId after, int limit);
    Result<HeldEntry> entry(const matrix::ServerName &destination, matrix::EntryId id);

private:
    /// The connection and its statements.
    struct Connection {
        explicit Connection(std::unique_ptr<base::Database> opened);

        std::unique_ptr<base::Database> database;
        base::SqlStatement begin;
        base::SqlStatement end;
        base::SqlStatement sums;
        base::SqlStatement destinations;
        base::SqlStatement destinationsAlone;
        base::SqlStatement places;
        base::SqlStatement endPlaces;
        base::SqlStatement received;
        base::SqlStatement labels;
        base::SqlStatement movements;
        base::SqlStatement destination;
        base::SqlStatement page;
        base::SqlStatement line;
        base::SqlStatement bodies;
        base::SqlStatement quarantined;
        base::SqlStatement position;
        base::SqlStatement entry;
        base::SqlStatement quarantinedEntry;
    };
    /// All reads of one call see the same moment.
    class Snapshot
    {
    public:
        explicit Snapshot(Connection &connection)
            : m_connection(connection)
            , m_begun(connection.begin.run())
        {
        }
        ~Snapshot()
        {
            // Nothing was written; where it fails there was no transaction.
            [[maybe_unused]] const auto ended = m_connection.end.run();
        }
        Q_DISABLE_COPY_MOVE(Snapshot)
        const Result<void> &begun() const { return m_begun; }

    private:
        Connection &m_connection;
        Result<void> m_begun;
    };
    struct Row {
        DestinationTotal total;
        std::map<qint64, UserLabelTotal> labels;
        std::map<qint64, qint64> recent; ///< id and time of what came after the last fold and is held
    };
    using Rows = std::map<qint64, Row>;

    Result<void> connect();
    Result<qint64> number(const matrix::ServerName &destination);
    Result<void> readDestinations(base::SqlStatement &statement, Rows &rows);
    Result<void> readEnds(qint64 queue, DestinationTotal &total);
    Result<qint64> receivedMs(qint64 queue, qint64 id);
    Result<void> readLabels(Rows &rows);
    Result<void> readMovements(Rows &rows, Totals &totals);
    Result<void> readSums(Totals &totals);
    Result<std::vector<Movement>> movements();
    Result<std::vector<Place>> recent(qint64 queue);
    Result<void> readAll(qint64 queue, matrix::EntryId after, int limit, EntryPage &page);
    Result<void> readUsers(qint64 queue, const QString &user, matrix::EntryId after, int limit, EntryPage &page);
    Result<void> readPage(qint64 queue, matrix::EntryId after, int limit, EntryPage &page);
    Result<void> readOneByOne(qint64 queue, matrix::EntryId after, int limit, EntryPage &page);
    Result<void> readLine(const Place &place, EntryPage &page);
    Result<void> readRecent(qint64 queue, matrix::EntryId after, int limit, EntryPage &page);
    Result<void> readLines(base::SqlStatement &statement, EntryPage &page);
    Result<void> readQuarantined(qint64 queue, matrix::EntryId after, int limit, EntryPage &page);
    Result<void> summarise(EntryRow &row);
    Result<qint64> arrivalOf(qint64 queue, matrix::EntryId id);
    static void apply(const Movement &movement, Rows &rows, Totals &totals);
    static Result<HeldEntry> heldEntry(const base::SqlStatement &statement, matrix::EntryId id);

    const Writer &m_writer;
    QThread *m_thread = QThread::currentThread();
    std::optional<Connection> m_connection;
    quint64 m_edition = 0; ///< that it shows
};

Inspector::Private::Connection::Connection(std::unique_ptr<base::Database> opened)
    : database(std::move(opened))
    , begin(*database, QStringLiteral("BEGIN"))
    , end(*database, QStringLiteral("COMMIT"))
    , sums(*database, QStringLiteral("SELECT COALESCE(SUM(entries), 0), COALESCE(SUM(bytes), 0), (SELECT COUNT(*) FROM "
                                     "quarantine) FROM destinations"))
    , destinations(
          *database,
          QStringLiteral("SELECT d.id, d.name, d.entries, d.bytes, d.collected_ms, d.expired, "
                         "(SELECT e.received_ms FROM positions p JOIN entries e ON e.arrival = p.arrival WHERE "
                         "p.destination = d.id ORDER BY p.id LIMIT 1), (SELECT e.received_ms FROM positions p JOIN "
                         "entries e ON e.arrival = p.arrival WHERE p.destination = d.id ORDER BY p.id DESC LIMIT 1) "
                         "FROM destinations d LIMIT ?"))
    , destinationsAlone(*database, QStringLiteral("SELECT id, name, entries, bytes, collected_ms, expired, 0, 0 FROM "
                                                  "destinations LIMIT ?"))
    , places(*database, QStringLiteral("SELECT id, arrival FROM positions WHERE destination = ? AND id > ? ORDER BY id "
                                       "LIMIT ?"))
    , endPlaces(*database, QStringLiteral("SELECT MIN(id), MAX(id) FROM positions WHERE destination = ?"))
    , received(*database,
               QStringLiteral("SELECT e.received_ms FROM positions p JOIN entries e ON e.arrival = p.arrival "
                              "WHERE p.destination = ? AND p.id = ?"))
    , labels(*database, QStringLiteral("SELECT destination, label, name, entries, bytes FROM labels"))
    , movements(*database, QStringLiteral("SELECT changes FROM movements ORDER BY number"))
    , destination(*database, QStringLiteral("SELECT id FROM destinations WHERE name = ?"))
    , page(*database, lines(QStringLiteral("positions p JOIN entries e ON e.arrival = p.arrival"),
                            QStringLiteral("p.destination = ? AND p.id > ? ORDER BY p.id LIMIT ?")))
    , line(*database, lines(QStringLiteral("entries e"), QStringLiteral("e.arrival = ?")))
    , bodies(*database, QStringLiteral("SELECT pdus, edus FROM entries WHERE arrival = ?"))
    , quarantined(
          *database,
          QStringLiteral("SELECT q.id, o.name, q.txn_id, q.received_ms, q.origin_server_ts, "
                         "COALESCE(LENGTH(q.pdus), 0) + COALESCE(LENGTH(q.edus), 0) FROM quarantine q LEFT JOIN "
                         "origins o ON o.id = q.origin WHERE q.destination = ? AND q.id > ? ORDER BY q.id LIMIT ?"))
    , position(*database, QStringLiteral("SELECT arrival FROM positions WHERE destination = ? AND id = ?"))
    , entry(*database,
            QStringLiteral("SELECT o.name, e.txn_id, e.origin_server_ts, e.received_ms, e.pdus, e.edus FROM entries e "
                           "LEFT JOIN origins o ON o.id = e.origin WHERE e.arrival = ?"))
    , quarantinedEntry(*database,
                       QStringLiteral("SELECT o.name, q.txn_id, q.origin_server_ts, q.received_ms, q.pdus, q.edus FROM "
                                      "quarantine q LEFT JOIN origins o ON o.id = q.origin WHERE q.destination = ? AND "
                                      "q.id = ?"))
{
}

Result<void> Inspector::Private::connect()
{
    Q_ASSERT(QThread::currentThread() == m_thread);
    if (m_connection && m_edition == m_writer.edition())
        return {};
    m_connection.reset();
    base::ConnectionOptions options;
    options.busyTimeoutMs = ListBusyMs;
    options.cacheKib = ListCacheKib;
    auto database = openToRead(m_writer, options, m_edition);
    if (!database)
        return database.error();
    m_connection.emplace(*std::move(database));
    return {};
}

Result<Totals> Inspector::Private::totals()
{
    if (auto connected = connect(); !connected)
        return connected.error();
    const Snapshot snapshot(*m_connection);
    if (!snapshot.begun())
        return snapshot.begun().error();
    Totals totals;
    Rows rows;
    if (auto done = readSums(totals); !done)
        return done.error();
    auto listed = readDestinations(m_connection->destinations, rows);
    if (!listed && listed.error().code == Errc::Corrupt) {
        // The first or the last entry of one of them cannot be read.
        rows.clear();
        listed = readDestinations(m_connection->destinationsAlone, rows);
        for (auto row = rows.begin(); listed && row != rows.end(); ++row)
            listed = readEnds(row->first, row->second.total);
    }
    if (!listed)
        return listed.error();
    if (auto done = readLabels(rows); !done)
        return done.error();
    if (auto done = readMovements(rows, totals); !done)
        return done.error();
    for (auto &[number, row] : rows) {
        if (row.total.entries == 0 && row.total.expired == 0 && row.total.lastCollectedMs == 0)
            continue;
        for (auto &[label, figures] : row.labels) {
            if (figures.entries > 0)
                row.total.labels.append(std::move(figures));
        }
        totals.destinations.append(std::move(row.total));
    }
    return totals;
}

Result<void> Inspector::Private::readSums(Totals &totals)
{
    base::SqlStatement &statement = m_connection->sums;
    if (auto done = statement.run(); !done)
        return done;
    const base::SqlRows open(statement);
    if (!statement.next())
        return statement.failure();
    totals.entries = statement.integer(0);
    totals.bytes = statement.integer(1);
    totals.quarantined = statement.integer(2);
    return {};
}

Result<void> Inspector::Private::readEnds(qint64 queue, DestinationTotal &total)
{
    qint64 first = 0;
    qint64 last = 0;
    {
        base::SqlStatement &statement = m_connection->endPlaces;
        if (auto done = statement.run(queue); !done)
            return done;
        const base::SqlRows open(statement);
        if (!statement.next())
            return statement.failure();
        first = statement.integer(0);
        last = statement.integer(1);
    }
    for (const auto &[id, member] :
         {std::pair(first, &DestinationTotal::oldestMs), std::pair(last, &DestinationTotal::newestMs)}) {
        auto ms = receivedMs(queue, id);
        if (!ms)
            return ms.error();
        total.*member = *ms;
    }
    return {};
}

/// 0 where nobody can tell.
Result<qint64> Inspector::Private::receivedMs(qint64 queue, qint64 id)
{
    base::SqlStatement &statement = m_connection->received;
    if (auto done = statement.run(queue, id); !done)
        return done.error().code == Errc::Corrupt ? Result<qint64>(qint64(0)) : done.error();
    const base::SqlRows open(statement);
    return statement.next() ? statement.integer(0) : qint64(0);
}

Result<void> Inspector::Private::readDestinations(base::SqlStatement &statement, Rows &rows)
{
    if (auto done = statement.run(MaxListed); !done)
        return done;
    const base::SqlRows open(statement);
    while (statement.next()) {
        auto name = matrix::ServerName::parse(statement.bytes(1));
        if (!name)
            continue; // nothing can be asked about a destination without a name
        DestinationTotal &total = rows[statement.integer(0)].total;
        total.destination = *std::move(name);
        total.entries = statement.integer(2);
        total.bytes = statement.integer(3);
        total.lastCollectedMs = statement.integer(4);
        total.expired = statement.integer(5);
        total.oldestMs = statement.integer(6);
        total.newestMs = statement.integer(7);
    }
    return statement.failure();
}

Result<void> Inspector::Private::readLabels(Rows &rows)
{
    base::SqlStatement &statement = m_connection->labels;
    if (auto done = statement.run(); !done)
        return done;
    const base::SqlRows open(statement);
    while (statement.next()) {
        const auto row = rows.find(statement.integer(0));
        if (row == rows.end())
            continue;
        row->second.labels[statement.integer(1)] = {QString::fromUtf8(statement.bytes(2)), statement.integer(3),
                                                    statement.integer(4)};
    }
    return statement.failure();
}

/// What happened since the last fold.
Result<std::vector<Movement>> Inspector::Private::movements()
{
    base::SqlStatement &statement = m_connection->movements;
    if (auto done = statement.run(); !done)
        return done.error();
    const base::SqlRows open(statement);
    std::vector<Movement> all;
    while (statement.next()) {
        const auto movements = decodeMovements(statement.bytes(0));
        if (!movements) // the next fold makes up for it
            continue;
        all.insert(all.end(), movements->begin(), movements->end());
    }
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return all;
}

Result<void> Inspector::Private::readMovements(Rows &rows, Totals &totals)
{
    auto movements = this->movements();
    if (!movements)
        return movements.error();
    for (const Movement &movement : *movements)
        apply(movement, rows, totals);
    for (auto &[number, row] : rows) {
        if (row.recent.empty())
            continue;
        row.total.newestMs = row.recent.rbegin()->second;
        if (row.total.oldestMs == 0)
            row.total.oldestMs = row.recent.begin()->second;
    }
    return {};
}

/// The held entries that `positions` does not list yet, in order.
Result<std::vector<Place>> Inspector::Private::recent(qint64 queue)
{
    auto movements = this->movements();
    if (!movements)
        return movements.error();
    std::map<qint64, qint64> held;
    for (const Movement &movement : *movements) {
        if (movement.destination != queue || movement.kind == Movement::Kind::TombstoneForgotten)
            continue;
        if (movement.kind == Movement::Kind::Stored)
            held[movement.id] = movement.arrival;
        else
            held.erase(movement.id);
    }
    std::vector<Place> places;
    places.reserve(held.size());
    for (const auto &[id, arrival] : held)
        places.push_back({{id}, arrival});
    return places;
}

void Inspector::Private::apply(const Movement &movement, Rows &rows, Totals &totals)
{
    if (movement.kind == Movement::Kind::TombstoneForgotten)
        return;
    const qint64 sign = movement.kind == Movement::Kind::Stored ? 1 : -1;
    totals.entries += sign;
    totals.bytes += sign * movement.size;
    const auto row = rows.find(movement.destination);
    if (row == rows.end())
        return;
    DestinationTotal &total = row->second.total;
    total.entries += sign;
    total.bytes += sign * movement.size;
    if (movement.kind == Movement::Kind::Acknowledged)
        total.lastCollectedMs = std::max(total.lastCollectedMs, movement.atMs);
    if (movement.kind == Movement::Kind::Expired)
        total.expired += 1;
    if (movement.kind == Movement::Kind::Stored)
        row->second.recent[movement.id] = movement.atMs;
    else
        row->second.recent.erase(movement.id);
    UserLabelTotal &label = row->second.labels[movement.label];
    label.entries += sign;
    label.bytes += sign * movement.size;
}

Result<qint64> Inspector::Private::number(const matrix::ServerName &destination)
{
    base::SqlStatement &statement = m_connection->destination;
    if (auto done = statement.run(destination.bytes()); !done)
        return done.error();
    const base::SqlRows open(statement);
    if (statement.next())
        return statement.integer(0);
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return qint64(0);
}

Result<EntryPage> Inspector::Private::entries(const HeldFor &what, matrix::EntryId after, int limit)
{
    if (auto connected = connect(); !connected)
        return connected.error();
    const Snapshot snapshot(*m_connection);
    if (!snapshot.begun())
        return snapshot.begun().error();
    auto queue = number(what.destination);
    if (!queue)
        return queue.error();
    EntryPage page;
    const auto done =
        what.user ? readUsers(*queue, *what.user, after, limit + 1, page) : readAll(*queue, after, limit + 1, page);
    if (!done)
        return done.error();
    page.more = page.rows.size() > limit;
    if (page.more)
        page.rows.resize(limit);
    for (EntryRow &row : page.rows) {
        if (row.quarantined || row.bytes > MaxSummarised)
            continue;
        if (auto summed = summarise(row); !summed)
            return summed.error();
    }
    return page;
}

Result<void> Inspector::Private::readAll(qint64 queue, matrix::EntryId after, int limit, EntryPage &page)
{
    if (auto done = readPage(queue, after, limit, page); !done)
        return done;
    if (auto done = readQuarantined(queue, after, limit, page); !done)
        return done;
    std::sort(page.rows.begin(), page.rows.end(), [](const EntryRow &a, const EntryRow &b) { return a.id < b.id; });
    return {};
}

Result<void> Inspector::Private::readUsers(qint64 queue, const QString &user, matrix::EntryId after, int limit,
                                           EntryPage &page)
{
    constexpr int step = 500;
    while (true) {
        EntryPage next;
        if (auto done = readPage(queue, after, step, next); !done)
            return done;
        for (EntryRow &row : next.rows) {
            if (row.userLabel == user && page.rows.size() < limit)
                page.rows.append(std::move(row));
        }
        if (next.rows.size() < step || page.rows.size() >= limit)
            return {};
        after = next.rows.constLast().id;
    }
}

Result<void> Inspector::Private::readPage(qint64 queue, matrix::EntryId after, int limit, EntryPage &page)
{
    base::SqlStatement &statement = m_connection->page;
    const qsizetype before = page.rows.size();
    auto done = statement.run(queue, after.value, limit);
    if (done)
        done = readLines(statement, page);
    if (!done && done.error().code == Errc::Corrupt) {
        page.rows.resize(before);
        done = readOneByOne(queue, after, limit, page);
    }
    if (!done)
        return done;
    return readRecent(queue, after, limit, page);
}

/// Shows an entry that cannot be read as that; others do not suffer from it.
Result<void> Inspector::Private::readOneByOne(qint64 queue, matrix::EntryId after, int limit, EntryPage &page)
{
    std::vector<Place> places;
    {
        base::SqlStatement &statement = m_connection->places;
        if (auto done = statement.run(queue, after.value, limit); !done)
            return done;
        const base::SqlRows open(statement);
        while (statement.next())
            places.push_back({{statement.integer(0)}, statement.integer(1)});
        if (auto failed = statement.failure(); !failed)
            return failed;
    }
    for (const Place &place : places) {
        if (auto done = readLine(place, page); !done)
            return done;
    }
    return {};
}

Result<void> Inspector::Private::readLine(const Place &place, EntryPage &page)
{
    base::SqlStatement &statement = m_connection->line;
    auto done = statement.run(place.arrival);
    if (done)
        return readLines(statement, page);
    if (done.error().code != Errc::Corrupt)
        return done;
    EntryRow row;
    row.id = place.id;
    row.quarantined = true;
    page.rows.append(std::move(row));
    return {};
}

Result<void> Inspector::Private::readRecent(qint64 queue, matrix::EntryId after, int limit, EntryPage &page)
{
    if (page.rows.size() >= limit)
        return {};
    auto places = recent(queue);
    if (!places)
        return places.error();
    for (const Place &place : *places) {
        if (page.rows.size() >= limit)
            return {};
        if (!(after < place.id))
            continue;
        if (auto done = readLine(place, page); !done)
            return done;
    }
    return {};
}

/// Takes the rows of a statement that has been run.
Result<void> Inspector::Private::readLines(base::SqlStatement &statement, EntryPage &page)
{
    const base::SqlRows open(statement);
    while (statement.next()) {
        EntryRow row;
        row.arrival = statement.integer(0);
        row.id = {statement.integer(1)};
        row.origin = QString::fromUtf8(statement.bytes(2));
        row.txnId = QString::fromUtf8(statement.bytes(3));
        row.userLabel = QString::fromUtf8(statement.bytes(4));
        row.receivedMs = statement.integer(5);
        row.originServerTs = statement.integer(6);
        row.bytes = statement.integer(7);
        row.pduCount = int(statement.integer(8));
        row.eduCount = int(statement.integer(9));
        page.rows.append(std::move(row));
    }
    return statement.failure();
}

Result<void> Inspector::Private::readQuarantined(qint64 queue, matrix::EntryId after, int limit, EntryPage &page)
{
    base::SqlStatement &statement = m_connection->quarantined;
    if (auto done = statement.run(queue, after.value, limit); !done)
        return done;
    const base::SqlRows open(statement);
    while (statement.next()) {
        EntryRow row;
        row.id = {statement.integer(0)};
        row.origin = QString::fromUtf8(statement.bytes(1));
        row.txnId = QString::fromUtf8(statement.bytes(2));
        row.receivedMs = statement.integer(3);
        row.originServerTs = statement.integer(4);
        row.bytes = statement.integer(5);
        row.quarantined = true;
        page.rows.append(std::move(row));
    }
    return statement.failure();
}

/// Only for people: a body that cannot be read leaves the line without a summary.
Result<void> Inspector::Private::summarise(EntryRow &row)
{
    base::SqlStatement &statement = m_connection->bodies;
    if (auto done = statement.run(row.arrival); !done)
        return done.error().code == Errc::Corrupt ? Result<void>() : done;
    const base::SqlRows open(statement);
    if (statement.next())
        row.events = matrix::summarise(statement.bytes(0), statement.bytes(1), MaxEvents);
    return {};
}

/// 0 where it is not held.
Result<qint64> Inspector::Private::arrivalOf(qint64 queue, matrix::EntryId id)
{
    {
        base::SqlStatement &statement = m_connection->position;
        if (auto done = statement.run(queue, id.value); !done)
            return done.error();
        const base::SqlRows open(statement);
        if (statement.next())
            return statement.integer(0);
        if (auto failed = statement.failure(); !failed)
            return failed.error();
    }
    auto places = recent(queue);
    if (!places)
        return places.error();
    const auto place = std::find_if(places->begin(), places->end(), [id](const Place &each) { return each.id == id; });
    return place == places->end() ? qint64(0) : place->arrival;
}

Result<HeldEntry> Inspector::Private::heldEntry(const base::SqlStatement &statement, matrix::EntryId id)
{
    HeldEntry entry;
    entry.id = id;
    entry.origin = statement.bytes(0);
    entry.txnId = statement.bytes(1);
    entry.originServerTs = statement.integer(2);
    entry.receivedMs = statement.integer(3);
    entry.pdus = statement.bytes(4);
    entry.edus = statement.bytes(5);
    if (!areArrays(entry.pdus, entry.edus))
        return Error{Errc::Corrupt, QStringLiteral("The events of this entry cannot be read."), 0};
    return entry;
}

Result<HeldEntry> Inspector::Private::entry(const matrix::ServerName &destination, matrix::EntryId id)
{
    if (auto connected = connect(); !connected)
        return connected.error();
    const Snapshot snapshot(*m_connection);
    if (!snapshot.begun())
        return snapshot.begun().error();
    auto queue = number(destination);
    if (!queue)
        return queue.error();
    auto arrival = arrivalOf(*queue, id);
    if (!arrival)
        return arrival.error();
    base::SqlStatement &held = m_connection->entry;
    if (auto done = held.run(*arrival); !done)
        return done.error();
    {
        const base::SqlRows open(held);
        if (held.next())
            return heldEntry(held, id);
        if (auto failed = held.failure(); !failed)
            return failed.error();
    }
    base::SqlStatement &aside = m_connection->quarantinedEntry;
    if (auto done = aside.run(*queue, id.value); !done)
        return done.error();
    const base::SqlRows open(aside);
    if (aside.next())
        return heldEntry(aside, id);
    if (auto failed = aside.failure(); !failed)
        return failed.error();
    return Error{Errc::NotHeld, QStringLiteral("This entry is not held (any more)."), 0};
}

Inspector::Inspector(Writer &writer)
    : d(std::make_unique<Private>(writer))
{
}

Inspector::~Inspector() = default;

Result<Totals> Inspector::totals()
{
    return d->totals();
}

Result<EntryPage> Inspector::entries(const HeldFor &what, matrix::EntryId after, int limit)
{
    return d->entries(what, after, limit);
}

Result<HeldEntry> Inspector::entry(const matrix::ServerName &destination, matrix::EntryId id)
{
    return d->entry(destination, id);
}

} // namespace restante::queue
