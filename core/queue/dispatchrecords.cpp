// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/dispatchrecords.h"

#include "base/sqlstatement.h"
#include "queue/clockwatch.h"
#include "queue/openedition.h"
#include "queue/writer.h"

#include <memory>
#include <utility>

namespace restante::queue
{

namespace
{
constexpr int DispatchBusyMs = 2'000;
/// `pairs` are as of the last fold; what came later is read from the entries themselves.
const auto SelectDestinations = QStringLiteral(
    "SELECT d.name FROM origins o JOIN pairs p ON p.origin = o.id JOIN destinations d ON d.id = p.destination "
    "WHERE o.name = ? AND p.entries > 0 UNION SELECT d.name FROM entries e JOIN origins o ON o.id = e.origin JOIN "
    "destinations d ON d.id = e.destination WHERE e.arrival > COALESCE((SELECT number FROM meta WHERE name = "
    "'indexed_arrival'), 0) AND o.name = ?");
const auto SelectParked =
    QStringLiteral("SELECT id, reason FROM dispatches WHERE destination = ? AND id > ? AND id <= ? AND state >= 3");
const auto SelectState = QStringLiteral("SELECT state, since_ms FROM dispatches WHERE destination = ? AND id = ?");
const auto SelectOthers = QStringLiteral("SELECT MAX(since_ms) FROM dispatches WHERE destination = ? AND origin = ? "
                                         "AND txn_id = ? AND id <> ? AND state <> 3");
const auto PutDispatch =
    QStringLiteral("INSERT OR REPLACE INTO dispatches (destination, id, origin, txn_id, state, since_ms, reason) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?)");
const auto DropDispatch = QStringLiteral("DELETE FROM dispatches WHERE destination = ? AND id = ?");
const auto TakeUpUnsure =
    QStringLiteral("UPDATE dispatches SET state = 1, reason = NULL WHERE state = 4 AND (? OR destination = ?)");
const auto TakeUpParked = QStringLiteral("DELETE FROM dispatches WHERE state = 3 AND (? OR destination = ?)");
const auto RestampDispatches = QStringLiteral("UPDATE dispatches SET since_ms = ? WHERE since_ms > ?");
const auto RestampGivenUp = QStringLiteral("UPDATE given_up SET last_ms = ? WHERE last_ms > ?");
const auto ForgetTaken = QStringLiteral("DELETE FROM dispatches WHERE state = 2 AND since_ms < ?");
const auto ForgetOld = QStringLiteral("DELETE FROM dispatches WHERE since_ms < ?");
const auto ForgetGivenUp = QStringLiteral("DELETE FROM given_up WHERE last_ms < ?");
const auto SelectGivenUp = QStringLiteral(
    "SELECT destination, entries, last_ms, discarded FROM given_up WHERE origin = ? ORDER BY last_ms DESC, "
    "destination LIMIT ?");

Result<std::unique_ptr<base::Database>> openForDispatches(const Writer &writer)
{
    base::ConnectionOptions options;
    options.busyTimeoutMs = DispatchBusyMs;
    quint64 edition = 0;
    return openToRead(writer, options, edition);
}
} // namespace

Result<std::vector<matrix::ServerName>> DispatchRecords::destinations(const QSet<matrix::ServerName> &origins) const
{
    const auto database = openForDispatches(m_writer);
    if (!database)
        return database.error();
    base::SqlStatement select(**database, SelectDestinations);
    QSet<matrix::ServerName> found;
    for (const matrix::ServerName &origin : origins) {
        if (auto done = select.run(origin.bytes(), origin.bytes()); !done)
            return done.error();
        const base::SqlRows rows(select);
        while (select.next()) {
            if (auto name = matrix::ServerName::parse(select.bytes(0)))
                found.insert(*std::move(name));
        }
        if (auto failed = select.failure(); !failed)
            return failed.error();
    }
    return std::vector<matrix::ServerName>(found.cbegin(), found.cend());
}

Result<QHash<qint64, QString>> DispatchRecords::parked(const matrix::ServerName &destination, matrix::EntryId after,
                                                       matrix::EntryId last) const
{
    const auto database = openForDispatches(m_writer);
    if (!database)
        return database.error();
    base::SqlStatement select(**database, SelectParked);
    if (auto done = select.run(destination.bytes(), after.value, last.value); !done)
        return done.error();
    const base::SqlRows rows(select);
    QHash<qint64, QString> reasons;
    while (select.next())
        reasons.insert(select.integer(0), select.value(1).toString());
    if (auto failed = select.failure(); !failed)
        return failed.error();
    return reasons;
}

Result<DispatchRecords::Standing> DispatchRecords::standing(const Dispatch &dispatch) const
{
    const auto database = openForDispatches(m_writer);
    if (!database)
        return database.error();
    Standing standing;
    const QByteArray destination = dispatch.destination.bytes();
    {
        base::SqlStatement select(**database, SelectState);
        if (auto done = select.run(destination, dispatch.id.value); !done)
            return done.error();
        const base::SqlRows rows(select);
        if (select.next()) {
            standing.state = Dispatch::State(select.integer(0));
            standing.sinceMs = select.integer(1);
        }
        if (auto failed = select.failure(); !failed)
            return failed.error();
    }
    base::SqlStatement select(**database, SelectOthers);
    if (auto done = select.run(destination, dispatch.origin.bytes(), dispatch.txnId, dispatch.id.value); !done)
        return done.error();
    const base::SqlRows rows(select);
    if (select.next() && select.integer(0) > 0)
        standing.othersMs = select.integer(0);
    if (auto failed = select.failure(); !failed)
        return failed.error();
    return standing;
}

void DispatchRecords::put(Client &client, const Dispatch &dispatch, Done done)
{
    auto task = [dispatch](base::Database &database) {
        base::SqlStatement put(database, PutDispatch);
        return put.run(dispatch.destination.bytes(), dispatch.id.value, dispatch.origin.bytes(), dispatch.txnId,
                       qint64(dispatch.state), dispatch.sinceMs, dispatch.reason);
    };
    if (dispatch.state == Dispatch::State::Sending)
        client.performDurably(std::move(task), std::move(done));
    else
        client.perform(std::move(task), std::move(done));
}

void DispatchRecords::drop(Client &client, const matrix::ServerName &destination, matrix::EntryId id, Done done)
{
    client.perform(
        [destination, id](base::Database &database) {
            base::SqlStatement drop(database, DropDispatch);
            return drop.run(destination.bytes(), id.value);
        },
        std::move(done));
}

void DispatchRecords::takeUp(Client &client, const matrix::ServerName &destination, Done done)
{
    client.perform(
        [destination](base::Database &database) -> Result<void> {
            const qint64 all = destination.isNull() ? 1 : 0;
            base::SqlStatement unsure(database, TakeUpUnsure);
            if (auto run = unsure.run(all, destination.bytes()); !run)
                return run;
            base::SqlStatement parked(database, TakeUpParked);
            return parked.run(all, destination.bytes());
        },
        std::move(done));
}

void DispatchRecords::forgetOld(Client &client, qint64 nowMs, qint64 expiryMs, Done done)
{
    client.perform(
        [nowMs, expiryMs](base::Database &database) -> Result<void> {
            if (!ClockWatch::isPlausible(nowMs))
                return {};
            for (const QString &restamp : {RestampDispatches, RestampGivenUp}) {
                base::SqlStatement ahead(database, restamp);
                if (auto run = ahead.run(nowMs, nowMs + KnownMs); !run)
                    return run;
            }
            base::SqlStatement taken(database, ForgetTaken);
            if (auto run = taken.run(nowMs - KnownMs); !run)
                return run;
            base::SqlStatement old(database, ForgetOld);
            if (auto run = old.run(nowMs - expiryMs - KnownMs); !run)
                return run;
            base::SqlStatement told(database, ForgetGivenUp);
            return told.run(nowMs - ToldMs);
        },
        std::move(done));
}

void DispatchRecords::tellGivenUp(Client &client, const matrix::ServerName &origin, Told done)
{
    const auto found = std::make_shared<std::vector<GivenUp>>(); // written by the writer before it answers
    client.perform(
        [found, origin](base::Database &database) -> Result<void> {
            found->clear();
            base::SqlStatement select(database, SelectGivenUp);
            if (auto run = select.run(origin.bytes(), MostTold); !run)
                return run;
            const base::SqlRows rows(select);
            while (select.next()) {
                if (auto name = matrix::ServerName::parse(select.bytes(0)))
                    found->push_back({*std::move(name), select.integer(1), select.integer(2), select.integer(3)});
            }
            return select.failure();
        },
        [found, done = std::move(done)](const Result<void> &read) {
            done(read ? Result<std::vector<GivenUp>>(std::move(*found)) : Result<std::vector<GivenUp>>(read.error()));
        });
}

} // namespace restante::queue
