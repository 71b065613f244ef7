// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/associationboard.h"

#include <algorithm>
#include <utility>

namespace restante::node
{

AssociationBoard::AssociationBoard(const base::Clock &clock, std::function<void()> changed)
    : m_record(std::make_unique<RelayRecord>(clock, std::move(changed)))
{
}

QList<Association> AssociationBoard::relaysOf(const matrix::ServerName &destination) const
{
    std::shared_ptr<const Table> table;
    {
        const std::lock_guard lock(m_mutex);
        table = m_table;
    }
    return table->value(destination);
}

void AssociationBoard::replace(const QList<Association> &associations, const matrix::ServerName &ownName)
{
    auto table = std::make_shared<Table>();
    for (const Association &association : associations) {
        const bool isMine = association.isMine(ownName);
        (*table)[isMine ? matrix::ServerName() : association.destination].append(association);
    }
    m_record->retain(associations);
    const std::lock_guard lock(m_mutex);
    m_table = std::move(table);
}

QList<Association> AssociationBoard::ownRelays() const
{
    const std::lock_guard lock(m_mutex);
    return m_ownRelays;
}

void AssociationBoard::setOwnRelays(const QList<Association> &relays)
{
    const std::lock_guard lock(m_mutex);
    m_ownRelays = relays;
    m_givenUp.removeIf([&relays](const auto &known) {
        return std::none_of(relays.cbegin(), relays.cend(),
                            [&known](const Association &relay) { return relay.relay == known.key(); });
    });
}

std::optional<QHash<matrix::ServerName, GivenUpMail>>
AssociationBoard::setGivenUp(const matrix::ServerName &relay, const QHash<matrix::ServerName, GivenUpMail> &mail)
{
    const std::lock_guard lock(m_mutex);
    const bool isOwn = std::any_of(m_ownRelays.cbegin(), m_ownRelays.cend(),
                                   [&relay](const Association &own) { return own.relay == relay; });
    if (!isOwn)
        return {};
    return std::exchange(m_givenUp[relay], mail);
}

void AssociationBoard::noteTrial(const Association &relay, const RelayReport &report) const
{
    m_record->noteTrial(relay, report); // not of one that is tried with another address
}

void AssociationBoard::describe(RelayReport &report, const Association &relay) const
{
    const RelayRecord::Entry entry = m_record->of(relay.relay, relay.destination);
    if (report.mine || entry.peer != relay.peer || !entry.refusal)
        return;
    report.refusal = entry.refusal->detail;
    report.refusedMs = entry.refusedMs;
}

void AssociationBoard::describe(RelayStatus &status) const
{
    const auto relay = matrix::ServerName::parse(status.relay.toUtf8());
    const auto destination = matrix::ServerName::parse(status.destination.toUtf8());
    const RelayRecord::Entry entry = relay && destination ? m_record->of(*relay, *destination) : RelayRecord::Entry();
    if (!entry.isKnown())
        return;
    status.state = entry.error    ? RelayStatus::State::Failing
                   : entry.unsure ? RelayStatus::State::CannotSay
                                  : RelayStatus::State::Good;
    status.lastSuccessMs = entry.lastSuccessMs;
    status.lastTryMs = entry.lastTryMs;
    status.failingSinceMs = entry.failingSinceMs;
    status.errorSinceMs = entry.errorSinceMs;
    status.testedMs = entry.testedMs;
    status.collected = entry.taken;
    status.error = entry.error;
    if (entry.refusal) {
        status.refusal = entry.refusal->detail;
        status.refusedMs = entry.refusedMs;
    }
}

void AssociationBoard::describe(DestinationRow &row) const
{
    const QList<Association> relays = relaysOf(row.destination);
    row.relays = int(relays.size());
    for (const Association &relay : relays) {
        const RelayRecord::Entry entry = m_record->of(relay.relay, row.destination);
        const std::optional<Error> &reason = entry.error ? entry.error : entry.refusal;
        if (entry.lastSuccessMs != 0 && !reason)
            ++row.relaysTaking;
        if (!reason)
            continue;
        if (++row.relaysFailing == 1) {
            row.relayError = relay.relay.toString() + QStringLiteral(": ") + reason->detail;
            row.relayFailingSinceMs = entry.error ? entry.failingSinceMs : entry.refusedMs;
            row.relayErrorSinceMs = entry.error ? entry.errorSinceMs : entry.refusedMs;
        }
    }
    const std::lock_guard lock(m_mutex);
    for (const auto &relay : m_givenUp) {
        const GivenUpMail mail = relay.value(row.destination);
        row.givenUp.transactions += mail.transactions;
        row.givenUp.discarded += mail.discarded;
        row.givenUp.lastMs = std::max(row.givenUp.lastMs, mail.lastMs);
    }
}

} // namespace restante::node
