// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/reader.h"

#include "base/sqlstatement.h"
#include "queue/bodyparts.h"
#include "queue/openedition.h"
#include "queue/overlay.h"
#include "queue/tail.h"
#include "queue/writer.h"
#include "telemetry/logging.h"

#include <QtCore/QHash>
#include <QtCore/QSet>
#include <QtCore/QThread>

#include <deque>
#include <vector>

namespace restante::queue
{

namespace
{
constexpr int ReadCacheKib = 4 * 1024;
constexpr int MaxAttempts = 16; // rows that are broken or vanish in one call; the next call goes on
constexpr qsizetype AheadItems = Reader::MostAtOnce; // a queue's next entries, found in one search
constexpr qsizetype MaxAheads = 1'024;
} // namespace

class Reader::Private
{
public:
    Private(Writer &writer, Client &client, qint64 mostBytes)
        : m_mostBytes(mostBytes)
        , m_writer(writer)
        , m_overlay(writer.overlay())
        , m_tail(writer.tail())
        , m_client(client)
    {
    }

    Result<NextEntry> acknowledgeAndList(const matrix::ServerName &destination,
                                         const std::vector<matrix::EntryId> &acknowledged, int limit, qint64 mostBytes);
    Result<bool> holdsAny(const matrix::ServerName &destination);

private:
    /// The connection and its statements; made anew after trouble.
    struct Connection {
        explicit Connection(std::unique_ptr<base::Database> opened)
            : database(std::move(opened))
            , places(*database, QStringLiteral("SELECT d.id, d.expired, p.id, p.arrival FROM destinations d LEFT JOIN "
                                               "positions p ON p.destination = d.id AND p.id > ? WHERE d.name = ? "
                                               "ORDER BY p.id"))
            , listed(*database, QStringLiteral("SELECT arrival FROM positions WHERE destination = ? AND id = ?"))
            , entry(*database,
                    QStringLiteral("SELECT o.name, e.txn_id, e.origin_server_ts, e.received_ms, CASE WHEN e.size <= ? "
                                   "THEN %1 END, CASE WHEN e.size <= ? THEN %2 END, e.size FROM "
                                   "entries e LEFT JOIN origins o ON o.id = e.origin WHERE e.arrival = ?")
                        .arg(wholePdus(), wholeEdus()))
            , alone(*database, QStringLiteral("SELECT e.txn_id, %1, %2 FROM entries e WHERE e.arrival = ?")
                                   .arg(wholePdus(), wholeEdus()))
        {
        }

        std::unique_ptr<base::Database> database;
        base::SqlStatement places;
        base::SqlStatement listed;
        base::SqlStatement entry;
        base::SqlStatement alone;
    };
    /// The next entries of a queue. What has gone since is noticed when its row is read; new ones only come behind.
    struct Ahead {
        qint64 queue = 0; ///< 0: nothing was ever held
        qint64 expired = 0;
        quint64 fold = 0; ///< when it was found
        quint64 releases = 0;
        bool none = false; ///< a search of this call found nothing
        std::deque<Place> places;
        QSet<qint64> missed; ///< ids of rows that were not there, since one was
    };

    Result<void> connect();
    Error toldBusy(const Error &error);
    Ahead &ahead(const matrix::ServerName &destination);
    Result<void> search(const matrix::ServerName &destination, Ahead &ahead);
    Result<void> searchTable(const matrix::ServerName &destination, matrix::EntryId after, Ahead &ahead);
    void searchTail(const matrix::ServerName &destination, const std::vector<Place> &recent, Ahead &ahead);
    void dropHidden(const matrix::ServerName &destination, Ahead &ahead);
    void hide(const matrix::ServerName &destination, const Place &place, bool first);
    Result<void> acknowledge(const matrix::ServerName &destination, matrix::EntryId id, Ahead &ahead);
    Result<Place> find(const matrix::ServerName &destination, matrix::EntryId id, qint64 queue);
    Result<void> readOldest(const matrix::ServerName &destination, Ahead &ahead, NextEntry &next);
    void readFurther(const matrix::ServerName &destination, const Ahead &ahead, int limit, qint64 mostBytes,
                     NextEntry &next);
    static qint64 sizeOf(const HeldEntry &entry) { return entry.pdus.size() + entry.edus.size(); }
    enum class Sight { Good, Large, Gone, Broken, Orphan, Trouble };
    Sight read(const Place &place, qint64 mostBytes, HeldEntry &entry, qint64 &size, Error &trouble);
    bool isWhole(const Place &place);

    const qint64 m_mostBytes;
    const Writer &m_writer;
    AcknowledgedOverlay &m_overlay;
    const Tail &m_tail;
    Client &m_client;
    QThread *m_thread = QThread::currentThread();
    std::optional<Connection> m_connection;
    quint64 m_edition = 0; ///< that it shows
    QHash<matrix::ServerName, Ahead> m_aheads;
};

Result<void> Reader::Private::connect()
{
    if (m_connection && m_edition == m_writer.edition())
        return {};
    m_connection.reset();
    m_aheads.clear();
    base::ConnectionOptions options;
    options.cacheKib = ReadCacheKib;
    auto database = openToRead(m_writer, options, m_edition);
    if (!database)
        return database.error();
    m_connection.emplace(*std::move(database));
    return {};
}

Result<NextEntry> Reader::Private::acknowledgeAndList(const matrix::ServerName &destination,
                                                      const std::vector<matrix::EntryId> &acknowledged, int limit,
                                                      qint64 mostBytes)
{
    Q_ASSERT(QThread::currentThread() == m_thread);
    if (auto connected = connect(); !connected)
        return toldBusy(connected.error());
    Ahead &ahead = this->ahead(destination);
    ahead.none = false;
    if (ahead.fold != m_tail.folds() || ahead.releases != m_overlay.releases())
        ahead.places.clear();
    dropHidden(destination, ahead);
    if (ahead.places.empty()) {
        if (auto found = search(destination, ahead); !found)
            return toldBusy(found.error());
    }
    for (const matrix::EntryId id : acknowledged) {
        if (auto gone = acknowledge(destination, id, ahead); !gone)
            return toldBusy(gone.error());
    }
    NextEntry next;
    if (auto found = readOldest(destination, ahead, next); !found)
        return toldBusy(found.error());
    next.expired = ahead.expired;
    if (next.entry)
        readFurther(destination, ahead, limit, mostBytes - sizeOf(*next.entry), next);
    return next;
}

/// What is looked up for a name that was only claimed is not kept: that would push out what others need.
Result<bool> Reader::Private::holdsAny(const matrix::ServerName &destination)
{
    Q_ASSERT(QThread::currentThread() == m_thread);
    if (auto connected = connect(); !connected)
        return toldBusy(connected.error());
    Ahead ahead;
    if (auto found = search(destination, ahead); !found)
        return toldBusy(found.error());
    return !ahead.none;
}

/// All but a moment's lock is for the operator, too.
Error Reader::Private::toldBusy(const Error &error)
{
    if (error.code == Errc::Busy)
        return error;
    m_client.report(error);
    return {Errc::StorageFailed, error.detail, 0};
}

/// The ones behind the oldest, as far as they are at hand and whole; the next call sees to the rest.
void Reader::Private::readFurther(const matrix::ServerName &destination, const Ahead &ahead, int limit,
                                  qint64 mostBytes, NextEntry &next)
{
    qint64 total = sizeOf(*next.entry);
    for (size_t i = 1; i < ahead.places.size() && qsizetype(next.further.size()) + 1 < limit; ++i) {
        if (m_overlay.contains(destination, ahead.places[i].id))
            continue;
        HeldEntry entry;
        qint64 size = 0;
        Error trouble;
        const Sight sight = read(ahead.places[i], std::min(mostBytes, m_mostBytes - total), entry, size, trouble);
        if (sight == Sight::Gone) // acknowledged before its turn, and the writer was quick
            continue;
        if (sight == Sight::Large && size <= mostBytes) {
            next = {{}, next.expired, {}, total + mostBytes};
            return;
        }
        if (sight != Sight::Good)
            return;
        mostBytes -= sizeOf(entry);
        if (mostBytes < 0)
            return;
        total += sizeOf(entry);
        next.further.push_back(std::move(entry));
    }
}

Reader::Private::Ahead &Reader::Private::ahead(const matrix::ServerName &destination)
{
    if (m_aheads.size() >= MaxAheads && !m_aheads.contains(destination))
        m_aheads.clear();
    return m_aheads[destination];
}

/// The tail first: what a fold moves into the table meanwhile is then found twice, not missed.
Result<void> Reader::Private::search(const matrix::ServerName &destination, Ahead &ahead)
{
    QSet<qint64> missed = std::move(ahead.missed);
    ahead = {};
    ahead.missed = std::move(missed);
    ahead.fold = m_tail.folds();
    ahead.releases = m_overlay.releases();
    matrix::EntryId after = m_overlay.floor(destination);
    std::vector<Place> recent = m_tail.list(destination, after, AheadItems);
    if (auto found = searchTable(destination, after, ahead); !found)
        return found;
    while (!recent.empty() && qsizetype(ahead.places.size()) < AheadItems) {
        after = recent.back().id;
        const bool more = qsizetype(recent.size()) == AheadItems;
        searchTail(destination, recent, ahead);
        recent = more && ahead.places.empty() ? m_tail.list(destination, after, AheadItems) : std::vector<Place>();
    }
    ahead.none = ahead.places.empty();
    return {};
}

Result<void> Reader::Private::searchTable(const matrix::ServerName &destination, matrix::EntryId after, Ahead &ahead)
{
    base::SqlStatement &statement = m_connection->places;
    if (auto done = statement.run(after.value, destination.bytes()); !done)
        return done;
    const base::SqlRows rows(statement);
    while (statement.next()) {
        ahead.queue = statement.integer(0);
        ahead.expired = statement.integer(1);
        const Place place{{statement.integer(2)}, statement.integer(3)}; // NULL, which reads as 0, if nothing is
        if (place.id.isNull())
            return {};
        if (m_overlay.contains(destination, place.id))
            continue;
        ahead.places.push_back(place);
        if (qsizetype(ahead.places.size()) == AheadItems)
            return {};
    }
    return statement.failure();
}

void Reader::Private::searchTail(const matrix::ServerName &destination, const std::vector<Place> &recent, Ahead &ahead)
{
    for (const Place &place : recent) {
        if (qsizetype(ahead.places.size()) == AheadItems)
            return;
        const bool met = !ahead.places.empty() && !(ahead.places.back().id < place.id);
        if (!met && !m_overlay.contains(destination, place.id))
            ahead.places.push_back(place);
    }
}

/// What another thread's reader has taken, or this one has withheld.
void Reader::Private::dropHidden(const matrix::ServerName &destination, Ahead &ahead)
{
    while (!ahead.places.empty() && m_overlay.contains(destination, ahead.places.front().id))
        ahead.places.pop_front();
}

void Reader::Private::hide(const matrix::ServerName &destination, const Place &place, bool first)
{
    m_overlay.set(destination, place.id, first);
    m_client.acknowledge(destination, place.id, place.arrival);
}

/// Nearly always it is the first of the queue. An id that is not held must not get into the overlay: it might be drawn
/// later.
Result<void> Reader::Private::acknowledge(const matrix::ServerName &destination, matrix::EntryId id, Ahead &ahead)
{
    if (id.isNull() || ahead.queue == 0)
        return {};
    if (!ahead.places.empty() && ahead.places.front().id == id) {
        hide(destination, ahead.places.front(), true);
        ahead.places.pop_front();
        return {};
    }
    if (m_overlay.contains(destination, id))
        return {};
    auto place = find(destination, id, ahead.queue);
    if (!place)
        return place.error();
    if (!place->id.isNull())
        hide(destination, *place, false);
    return {};
}

Result<Place> Reader::Private::find(const matrix::ServerName &destination, matrix::EntryId id, qint64 queue)
{
    const Place recent = m_tail.find(destination, id);
    if (!recent.id.isNull())
        return recent;
    base::SqlStatement &statement = m_connection->listed;
    if (auto done = statement.run(queue, id.value); !done)
        return done.error();
    const base::SqlRows rows(statement);
    if (statement.next())
        return Place{id, statement.integer(0)};
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return Place();
}

/// A row that is not there says that what was found ahead is out of date: the tail drops an entry a moment after its
/// row went, the table at once. One that is listed again after a new search is broken.
Result<void> Reader::Private::readOldest(const matrix::ServerName &destination, Ahead &ahead, NextEntry &next)
{
    for (int attempts = 0; attempts < MaxAttempts; ++attempts) {
        dropHidden(destination, ahead);
        if (ahead.places.empty() && !ahead.none) {
            if (auto found = search(destination, ahead); !found)
                return found.error();
        }
        if (ahead.places.empty())
            return {};
        const Place place = ahead.places.front();
        HeldEntry entry;
        qint64 size = 0;
        Error trouble;
        const Sight sight = read(place, m_mostBytes, entry, size, trouble);
        if (sight == Sight::Good || sight == Sight::Large) {
            ahead.missed.clear();
            if (sight == Sight::Good)
                next.entry = std::move(entry);
            else
                next.largeBytes = size;
            return {};
        }
        if (sight == Sight::Trouble)
            return trouble;
        if (sight == Sight::Gone && !ahead.missed.contains(place.id.value)) {
            ahead.missed.insert(place.id.value);
            if (m_tail.find(destination, place.id).id.isNull())
                ahead.places.clear();
            else
                ahead.places.pop_front();
            continue;
        }
        m_overlay.withhold(destination, place.id);
        if (sight == Sight::Orphan) {
            qCWarning(lcQueue, "Entry %lld of %s is held back for now: its sender cannot be read.",
                      static_cast<long long>(place.id.value), destination.bytes().constData());
            continue;
        }
        qCWarning(lcQueue, "Entry %lld of %s cannot be read and is held back.", static_cast<long long>(place.id.value),
                  destination.bytes().constData());
        m_client.quarantine(destination, place.id);
    }
    return Error{Errc::Busy, QStringLiteral("Broken entries are being set aside."), 0};
}

/// What is larger than `mostBytes` is not read; `size` tells how large it is.
Reader::Private::Sight Reader::Private::read(const Place &place, qint64 mostBytes, HeldEntry &entry, qint64 &size,
                                             Error &trouble)
{
    base::SqlStatement &statement = m_connection->entry;
    auto done = statement.run(mostBytes, mostBytes, place.arrival);
    const base::SqlRows rows(statement);
    if (done && !statement.next()) {
        done = statement.failure();
        if (done)
            return Sight::Gone;
    }
    if (!done) {
        trouble = done.error();
        if (trouble.code != Errc::Corrupt)
            return Sight::Trouble;
        m_client.report(trouble);
        return isWhole(place) ? Sight::Orphan : Sight::Broken;
    }
    size = statement.integer(6);
    if (size > mostBytes)
        return Sight::Large;
    entry.id = place.id;
    entry.origin = statement.bytes(0);
    entry.txnId = statement.bytes(1);
    entry.originServerTs = statement.integer(2);
    entry.receivedMs = statement.integer(3);
    entry.pdus = statement.bytes(4);
    entry.edus = statement.bytes(5);
    return queue::isWhole(entry.origin, entry.pdus, entry.edus) ? Sight::Good : Sight::Broken;
}

/// Whether an entry that could not be read can be without what belongs to others, too: one page of all senders' names
/// must not have the mail of all of them set aside for good.
bool Reader::Private::isWhole(const Place &place)
{
    base::SqlStatement &statement = m_connection->alone;
    if (!statement.run(place.arrival))
        return false;
    const base::SqlRows rows(statement);
    return statement.next();
}

Reader::Reader(Writer &writer, Client &client, qint64 mostBytes)
    : d(std::make_unique<Private>(writer, client, mostBytes))
{
}

Reader::~Reader() = default;

Result<NextEntry> Reader::acknowledgeAndNext(const matrix::ServerName &destination, matrix::EntryId acknowledged)
{
    return d->acknowledgeAndList(destination, {acknowledged}, 1, 0);
}

Result<bool> Reader::holdsAny(const matrix::ServerName &destination)
{
    return d->holdsAny(destination);
}

Result<NextEntry> Reader::acknowledgeAndList(const matrix::ServerName &destination,
                                             const std::vector<matrix::EntryId> &acknowledged, int limit,
                                             qint64 mostBytes)
{
    return d->acknowledgeAndList(destination, acknowledged, limit, mostBytes);
}

} // namespace restante::queue
