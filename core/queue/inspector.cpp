// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/movement.h"
#include "queue/reader.h"
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

constexpr int CacheKib = 2 * 1024;
constexpr int BusyTimeoutMs = 2'000;
constexpr int MaxDestinations = 25'000;
constexpr int MaxEvents = 8;
constexpr qint64 MaxSummarised = qint64(256) << 10; // bytes of a body that are read for a line of the list

} // namespace

class Inspector::Private
{
public:
    explicit Private(Writer &writer)
        : m_file(writer.location().database())
    {
    }

    Result<Totals> totals();
    Result<EntryPage> entries(const matrix::ServerName &destination, matrix::EntryId after, int limit);
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
        base::SqlStatement labels;
        base::SqlStatement movements;
        base::SqlStatement destination;
        base::SqlStatement page;
        base::SqlStatement bodies;
        base::SqlStatement quarantined;
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
    };
    using Rows = std::map<qint64, Row>;

    Result<void> connect();
    Result<qint64> number(const matrix::ServerName &destination);
    Result<void> readDestinations(Rows &rows);
    Result<void> readLabels(Rows &rows);
    Result<void> readMovements(Rows &rows, Totals &totals);
    Result<void> readSums(Totals &totals);
    Result<void> readPage(qint64 queue, matrix::EntryId after, int limit, EntryPage &page);
    Result<void> readQuarantined(qint64 queue, matrix::EntryId after, int limit, EntryPage &page);
    Result<void> summarise(qint64 queue, EntryRow &row);
    static void apply(const Movement &movement, Rows &rows, Totals &totals);
    static HeldEntry heldEntry(const base::SqlStatement &statement, matrix::EntryId id);

    QString m_file;
    QThread *m_thread = QThread::currentThread();
    std::optional<Connection> m_connection;
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
                         "(SELECT e.received_ms FROM entries e WHERE e.destination = d.id ORDER BY e.id LIMIT 1), "
                         "(SELECT e.received_ms FROM entries e WHERE e.destination = d.id ORDER BY e.id DESC "
                         "LIMIT 1) FROM destinations d LIMIT ?"))
    , labels(*database, QStringLiteral("SELECT destination, label, name, entries, bytes FROM labels"))
    , movements(*database, QStringLiteral("SELECT changes FROM movements ORDER BY number"))
    , destination(*database, QStringLiteral("SELECT id FROM destinations WHERE name = ?"))
    , page(*database,
           QStringLiteral(
               "SELECT e.id, o.name, e.txn_id, l.name, e.received_ms, e.origin_server_ts, e.size, e.pdu_count, "
               "e.edu_count FROM entries e LEFT JOIN origins o ON o.id = e.origin LEFT JOIN labels l ON "
               "l.destination = e.destination AND l.label = e.label WHERE e.destination = ? AND e.id > ? "
               "ORDER BY e.id LIMIT ?"))
    , bodies(*database, QStringLiteral("SELECT pdus, edus FROM entries WHERE destination = ? AND id = ?"))
    , quarantined(
          *database,
          QStringLiteral("SELECT q.id, o.name, q.txn_id, q.received_ms, q.origin_server_ts, "
                         "COALESCE(LENGTH(q.pdus), 0) + COALESCE(LENGTH(q.edus), 0) FROM quarantine q LEFT JOIN "
                         "origins o ON o.id = q.origin WHERE q.destination = ? AND q.id > ? ORDER BY q.id LIMIT ?"))
    , entry(*database,
            QStringLiteral("SELECT o.name, e.txn_id, e.origin_server_ts, e.received_ms, e.pdus, e.edus FROM entries e "
                           "LEFT JOIN origins o ON o.id = e.origin WHERE e.destination = ? AND e.id = ?"))
    , quarantinedEntry(*database,
                       QStringLiteral("SELECT o.name, q.txn_id, q.origin_server_ts, q.received_ms, q.pdus, q.edus FROM "
                                      "quarantine q LEFT JOIN origins o ON o.id = q.origin WHERE q.destination = ? AND "
                                      "q.id = ?"))
{
}

Result<void> Inspector::Private::connect()
{
    Q_ASSERT(QThread::currentThread() == m_thread);
    if (m_connection)
        return {};
    base::ConnectionOptions options;
    options.database = m_file;
    options.readOnly = true;
    options.busyTimeoutMs = BusyTimeoutMs;
    options.cacheKib = CacheKib;
    auto database = base::Database::open(options);
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
    if (auto done = readDestinations(rows); !done)
        return done.error();
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

Result<void> Inspector::Private::readDestinations(Rows &rows)
{
    base::SqlStatement &statement = m_connection->destinations;
    if (auto done = statement.run(MaxDestinations); !done)
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

Result<void> Inspector::Private::readMovements(Rows &rows, Totals &totals)
{
    base::SqlStatement &statement = m_connection->movements;
    if (auto done = statement.run(); !done)
        return done;
    const base::SqlRows open(statement);
    while (statement.next()) {
        const auto movements = decodeMovements(statement.bytes(0));
        if (!movements)
            return {Errc::Corrupt, QStringLiteral("The database's record of recent changes is damaged.")};
        for (const Movement &movement : *movements)
            apply(movement, rows, totals);
    }
    return statement.failure();
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

Result<EntryPage> Inspector::Private::entries(const matrix::ServerName &destination, matrix::EntryId after, int limit)
{
    if (auto connected = connect(); !connected)
        return connected.error();
    const Snapshot snapshot(*m_connection);
    if (!snapshot.begun())
        return snapshot.begun().error();
    auto queue = number(destination);
    if (!queue)
        return queue.error();
    EntryPage page;
    if (auto done = readPage(*queue, after, limit + 1, page); !done)
        return done.error();
    if (auto done = readQuarantined(*queue, after, limit + 1, page); !done)
        return done.error();
    std::sort(page.rows.begin(), page.rows.end(), [](const EntryRow &a, const EntryRow &b) { return a.id < b.id; });
    page.more = page.rows.size() > limit;
    if (page.more)
        page.rows.resize(limit);
    for (EntryRow &row : page.rows) {
        if (row.quarantined || row.bytes > MaxSummarised)
            continue;
        if (auto done = summarise(*queue, row); !done)
            return done.error();
    }
    return page;
}

Result<void> Inspector::Private::readPage(qint64 queue, matrix::EntryId after, int limit, EntryPage &page)
{
    base::SqlStatement &statement = m_connection->page;
    if (auto done = statement.run(queue, after.value, limit); !done)
        return done;
    const base::SqlRows open(statement);
    while (statement.next()) {
        EntryRow row;
        row.id = {statement.integer(0)};
        row.origin = QString::fromUtf8(statement.bytes(1));
        row.txnId = QString::fromUtf8(statement.bytes(2));
        row.userLabel = QString::fromUtf8(statement.bytes(3));
        row.receivedMs = statement.integer(4);
        row.originServerTs = statement.integer(5);
        row.bytes = statement.integer(6);
        row.pduCount = int(statement.integer(7));
        row.eduCount = int(statement.integer(8));
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
Result<void> Inspector::Private::summarise(qint64 queue, EntryRow &row)
{
    base::SqlStatement &statement = m_connection->bodies;
    if (auto done = statement.run(queue, row.id.value); !done)
        return done.error().code == Errc::Corrupt ? Result<void>() : done;
    const base::SqlRows open(statement);
    if (statement.next())
        row.events = matrix::summarise(statement.bytes(0), statement.bytes(1), MaxEvents);
    return {};
}

HeldEntry Inspector::Private::heldEntry(const base::SqlStatement &statement, matrix::EntryId id)
{
    HeldEntry entry;
    entry.id = id;
    entry.origin = statement.bytes(0);
    entry.txnId = statement.bytes(1);
    entry.originServerTs = statement.integer(2);
    entry.receivedMs = statement.integer(3);
    entry.pdus = statement.bytes(4);
    entry.edus = statement.bytes(5);
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
    for (base::SqlStatement *statement : {&m_connection->entry, &m_connection->quarantinedEntry}) {
        if (auto done = statement->run(*queue, id.value); !done)
            return done.error();
        const base::SqlRows open(*statement);
        if (statement->next())
            return heldEntry(*statement, id);
        if (auto failed = statement->failure(); !failed)
            return failed.error();
    }
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

Result<EntryPage> Inspector::entries(const matrix::ServerName &destination, matrix::EntryId after, int limit)
{
    return d->entries(destination, after, limit);
}

Result<HeldEntry> Inspector::entry(const matrix::ServerName &destination, matrix::EntryId id)
{
    return d->entry(destination, id);
}

} // namespace restante::queue
