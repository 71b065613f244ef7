// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/destinationrecords.h"

#include "base/sqltransaction.h"
#include "node/damagedrows.h"
#include "telemetry/logging.h"

namespace restante::node
{

namespace
{
const auto All = QStringLiteral("SELECT name, failures, last_success_ms, last_failure_ms, last_error, sent_direct, "
                                "sent_by_relay FROM destinations");
const auto Set = QStringLiteral("INSERT OR REPLACE INTO destinations (name, failures, last_success_ms, "
                                "last_failure_ms, last_error, sent_direct, sent_by_relay) "
                                "VALUES (?, ?, ?, ?, ?, ?, ?)");
} // namespace

DestinationRecords::DestinationRecords(base::Database &database)
    : m_database(database)
    , m_all(database, All)
    , m_set(database, Set)
{
}

Result<std::vector<DestinationMemory>> DestinationRecords::all()
{
    std::vector<DestinationMemory> memories;
    if (const auto done = m_all.run(); isCorrupt(done)) {
        qCWarning(lcNode).noquote() << "No destinations could be read:" << done.error().detail;
        return memories;
    } else if (!done) {
        return done.error();
    }
    const base::SqlRows rows(m_all);
    while (m_all.next()) {
        auto name = matrix::ServerName::parse(m_all.bytes(0));
        if (!name)
            continue; // a damaged row must not hide the others
        memories.push_back({*std::move(name), int(m_all.integer(1)), m_all.integer(2), m_all.integer(3),
                            m_all.value(4).toString(), m_all.integer(5), m_all.integer(6)});
    }
    if (const auto failed = m_all.failure(); isCorrupt(failed))
        qCWarning(lcNode).noquote() << "Only" << memories.size()
                                    << "destinations could be read:" << failed.error().detail;
    else if (!failed)
        return failed.error();
    return memories;
}

Result<void> DestinationRecords::set(const std::vector<DestinationMemory> &memories)
{
    const auto around =
        changeAroundDamage(memories.size(), [&](size_t from, size_t to) { return write(memories, from, to); });
    if (!around)
        return around.error();
    if (around->empty())
        return {};
    return {Errc::Corrupt, QStringLiteral("How %1 servers are doing cannot be kept: a page of node.sqlite is damaged")
                               .arg(around->size())};
}

Result<void> DestinationRecords::write(const std::vector<DestinationMemory> &memories, size_t from, size_t to)
{
    base::SqlTransaction transaction(m_database);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    for (size_t i = from; i < to; ++i) {
        const DestinationMemory &memory = memories[i];
        const QString error = memory.lastError.isNull() ? QStringLiteral("") : memory.lastError; // null would be NULL
        if (auto done = m_set.run(memory.destination.bytes(), memory.failures, memory.lastSuccessMs,
                                  memory.lastFailureMs, error, memory.sentDirect, memory.sentByRelay);
            !done)
            return done;
    }
    return transaction.commit();
}

} // namespace restante::node
