// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/relayrecord.h"

#include "node/relayanswer.h"
#include "node/relaytrial.h"

namespace restante::node
{

RelayRecord::RelayRecord(const base::Clock &clock, std::function<void()> changed)
    : m_clock(clock)
    , m_changed(std::move(changed))
{
}

/// Null if it is not configured, or at another address now: what comes late says nothing of the new one.
RelayRecord::Entry *RelayRecord::find(const Association &relay)
{
    const auto known = m_entries.find({relay.relay, relay.destination});
    return known != m_entries.end() && known->peer == relay.peer ? &*known : nullptr;
}

void RelayRecord::note(const Association &relay, const std::function<void(Entry &)> &change)
{
    {
        const std::lock_guard lock(m_mutex);
        Entry *entry = find(relay);
        if (!entry)
            return;
        change(*entry);
    }
    if (m_changed)
        m_changed();
}

void RelayRecord::noteTaken(const Association &relay)
{
    note(relay, [this](Entry &entry) {
        entry.lastSuccessMs = entry.lastTryMs = m_clock.wallMs();
        entry.failingSinceMs = entry.errorSinceMs = 0;
        entry.unsure = false;
        ++entry.taken;
        entry.error.reset();
        entry.refusal.reset();
        entry.refusedMs = 0;
        entry.refuses = false;
    });
}

void RelayRecord::noteRefused(const Association &relay, const Error &error)
{
    note(relay, [this, &error](Entry &entry) {
        entry.lastTryMs = m_clock.wallMs();
        if (isRefusal(error)) {
            entry.refusal = error;
            entry.refusedMs = entry.lastTryMs;
            entry.refuses = true;
        }
        fail(entry, error, entry.lastTryMs);
    });
}

void RelayRecord::fail(Entry &entry, const Error &error, qint64 nowMs)
{
    if (!entry.error)
        entry.failingSinceMs = nowMs;
    if (!entry.error || entry.error->detail != error.detail)
        entry.errorSinceMs = nowMs;
    entry.unsure = false;
    entry.error = error;
}

void RelayRecord::noteTrial(const Association &relay, const RelayReport &report)
{
    if (report.outcome == RelayReport::Outcome::NotAsked)
        return;
    note(relay, [this, &report](Entry &entry) {
        entry.testedMs = m_clock.wallMs();
        using Outcome = RelayReport::Outcome;
        auto error = report.outcome == Outcome::NotHeld ? std::optional(Error{Errc::Refused, report.detail, 0})
                                                        : trialError(report);
        if (report.outcome == Outcome::Works)
            entry.refuses = false;
        else if (!error && entry.refuses)
            error = entry.refusal; // it does not say that it would take what it did not
        if (error) {
            fail(entry, *error, entry.testedMs);
        } else {
            entry.failingSinceMs = entry.errorSinceMs = 0;
            entry.error.reset();
            entry.unsure = report.outcome != Outcome::Works || entry.refusal;
        }
    });
}

void RelayRecord::retain(const QList<Association> &associations)
{
    const std::lock_guard lock(m_mutex);
    QHash<Key, Entry> kept;
    for (const Association &association : associations) {
        const Entry *known = find(association);
        Entry &entry = kept[{association.relay, association.destination}];
        entry = known ? *known : Entry();
        entry.peer = association.peer;
    }
    m_entries = std::move(kept);
}

RelayRecord::Entry RelayRecord::of(const matrix::ServerName &relay, const matrix::ServerName &destination) const
{
    const std::lock_guard lock(m_mutex);
    return m_entries.value({relay, destination});
}

} // namespace restante::node
