// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/relayrecord.h"

#include "node/relaytrial.h"

namespace restante::node
{

RelayRecord::RelayRecord(const base::Clock &clock, std::function<void()> changed)
    : m_clock(clock)
    , m_changed(std::move(changed))
{
}

void RelayRecord::noteTaken(const matrix::ServerName &relay, const matrix::ServerName &destination)
{
    {
        const std::lock_guard lock(m_mutex);
        Entry &entry = m_entries[{relay, destination}];
        entry.lastSuccessMs = entry.lastTryMs = m_clock.wallMs();
        entry.failingSinceMs = entry.errorSinceMs = 0;
        entry.unsure = false;
        ++entry.taken;
        entry.error.reset();
        entry.sendError.reset();
    }
    if (m_changed)
        m_changed();
}

void RelayRecord::noteRefused(const matrix::ServerName &relay, const matrix::ServerName &destination,
                              const Error &error)
{
    {
        const std::lock_guard lock(m_mutex);
        Entry &entry = m_entries[{relay, destination}];
        entry.lastTryMs = m_clock.wallMs();
        entry.sendError = error;
        fail(entry, error, entry.lastTryMs);
    }
    if (m_changed)
        m_changed();
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

void RelayRecord::noteTrial(const matrix::ServerName &relay, const matrix::ServerName &destination,
                            const RelayReport &report)
{
    {
        const std::lock_guard lock(m_mutex);
        Entry &entry = m_entries[{relay, destination}];
        entry.testedMs = m_clock.wallMs();
        using Outcome = RelayReport::Outcome;
        auto error = report.outcome == Outcome::NotHeld ? std::optional(Error{Errc::Refused, report.detail, 0})
                                                        : trialError(report);
        if (report.outcome == Outcome::Works)
            entry.sendError.reset();
        else if (!error)
            error = entry.sendError; // it does not say that it would take what it did not
        if (error) {
            fail(entry, *error, entry.testedMs);
        } else {
            entry.failingSinceMs = entry.errorSinceMs = 0;
            entry.error.reset();
            entry.unsure = report.outcome == Outcome::CannotSay;
        }
    }
    if (m_changed)
        m_changed();
}

void RelayRecord::retain(const QList<Association> &associations)
{
    const std::lock_guard lock(m_mutex);
    QHash<Key, Entry> kept;
    for (const Association &association : associations) {
        const Key key(association.relay, association.destination);
        if (const auto known = m_entries.constFind(key); known != m_entries.constEnd())
            kept.insert(key, *known);
    }
    m_entries = std::move(kept);
}

RelayRecord::Entry RelayRecord::of(const matrix::ServerName &relay, const matrix::ServerName &destination) const
{
    const std::lock_guard lock(m_mutex);
    return m_entries.value({relay, destination});
}

} // namespace restante::node
