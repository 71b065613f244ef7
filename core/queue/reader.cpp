// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/reader.h"

#include "base/sqlstatement.h"
#include "queue/overlay.h"
#include "queue/writer.h"
#include "telemetry/logging.h"

#include <QtCore/QThread>

namespace restante::queue
{

namespace
{
constexpr int CacheKib = 4 * 1024;
constexpr int MaxAttempts = 16; // rows that are broken or vanish in one call; the next call goes on
} // namespace

class Reader::Private
{
public:
    Private(Writer &writer, Client &client)
        : m_overlay(writer.overlay())
        , m_client(client)
        , m_file(writer.location().database())
    {
    }

    Result<NextEntry> acknowledgeAndNext(const matrix::ServerName &destination, matrix::EntryId acknowledged);

private:
    /// The connection and its statements; made anew after trouble.
    struct Connection {
        explicit Connection(std::unique_ptr<base::Database> opened)
            : database(std::move(opened))
            , ids(*database, QStringLiteral("SELECT d.id, d.expired, e.id FROM destinations d LEFT JOIN entries e ON "
                                            "e.destination = d.id WHERE d.name = ? ORDER BY e.id"))
            , held(*database, QStringLiteral("SELECT 1 FROM entries WHERE destination = ? AND id = ?"))
            , entry(*database,
                    QStringLiteral("SELECT o.name, e.txn_id, e.origin_server_ts, e.received_ms, e.pdus, e.edus FROM "
                                   "entries e LEFT JOIN origins o ON o.id = e.origin WHERE e.destination = ? AND "
                                   "e.id = ?"))
        {
        }

        std::unique_ptr<base::Database> database;
        base::SqlStatement ids;
        base::SqlStatement held;
        base::SqlStatement entry;
    };
    struct Look {
        qint64 queue = 0; ///< 0: nothing was ever held
        qint64 expired = 0;
        matrix::EntryId oldest; ///< null: nothing that may be handed out
    };

    Result<void> connect();
    Result<Look> look(const matrix::ServerName &destination, matrix::EntryId acknowledged);
    void hideHeld(const matrix::ServerName &destination, matrix::EntryId acknowledged);
    Result<void> hide(qint64 queue, const matrix::ServerName &destination, matrix::EntryId acknowledged);
    Result<std::optional<HeldEntry>> readOldest(Look look, const matrix::ServerName &destination);
    enum class Sight { Good, Gone, Broken, Trouble };
    Sight read(qint64 queue, matrix::EntryId id, HeldEntry &entry, Error &trouble);

    AcknowledgedOverlay &m_overlay;
    Client &m_client;
    QString m_file;
    QThread *m_thread = QThread::currentThread();
    std::optional<Connection> m_connection;
};

Result<void> Reader::Private::connect()
{
    if (m_connection)
        return {};
    base::ConnectionOptions options;
    options.database = m_file;
    options.readOnly = true;
    options.cacheKib = CacheKib;
    auto database = base::Database::open(options);
    if (!database)
        return database.error();
    m_connection.emplace(*std::move(database));
    return {};
}

Result<NextEntry> Reader::Private::acknowledgeAndNext(const matrix::ServerName &destination,
                                                      matrix::EntryId acknowledged)
{
    Q_ASSERT(QThread::currentThread() == m_thread);
    if (auto connected = connect(); !connected)
        return Error{Errc::Busy, connected.error().detail, 0};
    auto seen = look(destination, acknowledged);
    if (!seen)
        return Error{Errc::Busy, seen.error().detail, 0};
    if (seen->oldest < acknowledged && !seen->oldest.isNull()) {
        if (auto hidden = hide(seen->queue, destination, acknowledged); !hidden)
            return Error{Errc::Busy, hidden.error().detail, 0};
    }
    auto entry = readOldest(*seen, destination);
    if (!entry)
        return Error{Errc::Busy, entry.error().detail, 0};
    return NextEntry{*std::move(entry), seen->expired};
}

/// One statement for the ordinary case: the queue, the entry that is acknowledged (nearly always the first) and the
/// oldest one that remains. An acknowledged id behind that one has not been met here.
Result<Reader::Private::Look> Reader::Private::look(const matrix::ServerName &destination, matrix::EntryId acknowledged)
{
    base::SqlStatement &statement = m_connection->ids;
    if (auto done = statement.run(destination.bytes()); !done)
        return done.error();
    const base::SqlRows rows(statement);
    Look look;
    while (statement.next()) {
        look.queue = statement.integer(0);
        look.expired = statement.integer(1);
        const matrix::EntryId id{statement.integer(2)}; // NULL, which reads as 0, where nothing is held
        if (id.isNull())
            return look;
        if (id == acknowledged) {
            hideHeld(destination, id);
        } else if (!m_overlay.contains(destination, id)) {
            look.oldest = id;
            return look;
        }
    }
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return look;
}

void Reader::Private::hideHeld(const matrix::ServerName &destination, matrix::EntryId acknowledged)
{
    if (m_overlay.contains(destination, acknowledged))
        return;
    m_overlay.set(destination, acknowledged);
    m_client.acknowledge(destination, acknowledged);
}

/// An id that is not held must not get into the overlay: it might be drawn later.
Result<void> Reader::Private::hide(qint64 queue, const matrix::ServerName &destination, matrix::EntryId acknowledged)
{
    if (m_overlay.contains(destination, acknowledged))
        return {};
    base::SqlStatement &statement = m_connection->held;
    if (auto done = statement.run(queue, acknowledged.value); !done)
        return done;
    const base::SqlRows rows(statement);
    if (!statement.next())
        return statement.failure();
    hideHeld(destination, acknowledged);
    return {};
}

/// The overlay is asked before the row is read, each in a snapshot of its own: where the writer has committed a
/// deletion and cleared the overlay in between, the row is gone, and the search starts again.
Result<std::optional<HeldEntry>> Reader::Private::readOldest(Look look, const matrix::ServerName &destination)
{
    matrix::EntryId missed;
    for (int attempts = 0; attempts < MaxAttempts; ++attempts) {
        if (attempts > 0) {
            auto again = this->look(destination, {});
            if (!again)
                return again.error();
            look = *again;
        }
        const matrix::EntryId id = look.oldest;
        if (id.isNull())
            return std::optional<HeldEntry>();
        HeldEntry entry;
        Error trouble;
        const Sight sight = read(look.queue, id, entry, trouble);
        if (sight == Sight::Good)
            return std::optional<HeldEntry>(std::move(entry));
        if (sight == Sight::Trouble)
            return trouble;
        if (sight == Sight::Gone && id != missed) {
            missed = id;
            continue;
        }
        qCWarning(lcQueue, "Entry %lld of %s cannot be read and is set aside.", static_cast<long long>(id.value),
                  destination.bytes().constData());
        m_overlay.withhold(destination, id);
        m_client.quarantine(destination, id);
    }
    return Error{Errc::Busy, QStringLiteral("Broken entries are being set aside."), 0};
}

Reader::Private::Sight Reader::Private::read(qint64 queue, matrix::EntryId id, HeldEntry &entry, Error &trouble)
{
    base::SqlStatement &statement = m_connection->entry;
    auto done = statement.run(queue, id.value);
    const base::SqlRows rows(statement);
    if (done && !statement.next()) {
        done = statement.failure();
        if (done)
            return Sight::Gone;
    }
    if (!done) {
        trouble = done.error();
        return trouble.code == Errc::Corrupt ? Sight::Broken : Sight::Trouble;
    }
    entry.id = id;
    entry.origin = statement.bytes(0);
    entry.txnId = statement.bytes(1);
    entry.originServerTs = statement.integer(2);
    entry.receivedMs = statement.integer(3);
    entry.pdus = statement.bytes(4);
    entry.edus = statement.bytes(5);
    const auto isArray = [](const QByteArray &bytes) { return bytes.startsWith('[') && bytes.endsWith(']'); };
    const bool whole = !entry.origin.isEmpty() && isArray(entry.pdus) && isArray(entry.edus);
    return whole ? Sight::Good : Sight::Broken;
}

Reader::Reader(Writer &writer, Client &client)
    : d(std::make_unique<Private>(writer, client))
{
}

Reader::~Reader() = default;

Result<NextEntry> Reader::acknowledgeAndNext(const matrix::ServerName &destination, matrix::EntryId acknowledged)
{
    return d->acknowledgeAndNext(destination, acknowledged);
}

} // namespace restante::queue
