// SPDX-License-Identifier: GPL-3.0-or-later
// What the Inspector is made of. Only for its own sources.
#pragma once

#include "base/sqlstatement.h"
#include "queue/movement.h"
#include "queue/reader.h"
#include "queue/tail.h"
#include "queue/writer.h"

#include <QtCore/QThread>

#include <map>
#include <optional>

namespace restante::queue
{

class Inspector::Private
{
public:
    explicit Private(Writer &writer)
        : m_writer(writer)
    {
    }

    Result<Totals> totals();
    Result<EntryPage> entries(const HeldFor &what, matrix::EntryId after, int limit, bool summaries);
    Result<HeldEntry> entry(const matrix::ServerName &destination, matrix::EntryId id);

    /// Of totals and lists, which go around what is damaged of a single entry: the writer sees to all else.
    template <typename Value>
    Result<Value> reported(Result<Value> read)
    {
        if (!read && read.error().code == Errc::Corrupt)
            m_writer.report(read.error());
        return read;
    }

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
            // Nothing was written; if it fails there was no transaction.
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

    Writer &m_writer;
    QThread *m_thread = QThread::currentThread();
    std::optional<Connection> m_connection;
    quint64 m_edition = 0; ///< that it shows
};

} // namespace restante::queue
