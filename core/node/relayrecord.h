// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "node/types.h"

#include <QtCore/QHash>

#include <functional>
#include <mutex>
#include <utility>

namespace restante::node
{

/// What the relays of contacts answered when transactions were left there, since the start. Any thread; one small mutex
/// of its own. Bounded by the associations of the settings.
class RelayRecord
{
public:
    struct Entry {
        qint64 lastSuccessMs = 0; ///< wall clock; 0 = never
        qint64 lastTryMs = 0;
        qint64 failingSinceMs = 0;    ///< of the first of the failures in a row; 0 = the last one was taken
        qint64 errorSinceMs = 0;      ///< of the first of those with this reason
        qint64 testedMs = 0;          ///< wall clock of the last trial; 0 = none
        bool unsure = false;          ///< what came last was a trial, after which it is open whether it takes mail
        qint64 taken = 0;             ///< transactions
        std::optional<Error> error;   ///< of the last one, or of a trial; nothing if it was taken
        std::optional<Error> refusal; ///< what it answered to the last one, if it did not take that
        qint64 refusedMs = 0;         ///< when
        bool refuses = false;         ///< and it has not said since that it would take one

        std::optional<federation::FixedPeer> peer; ///< where the relay was then; nothing: where discovery leads

        bool isKnown() const { return lastTryMs != 0 || testedMs != 0; }
    };

    /// `changed` is called in any thread and under no lock, after each note; it must only post. May be empty.
    explicit RelayRecord(const base::Clock &clock, std::function<void()> changed = {});
    Q_DISABLE_COPY_MOVE(RelayRecord)

    // A note about a relay that is not configured like this, as one at an earlier address, is ignored.

    /// The relay took a transaction for the destination.
    void noteTaken(const Association &relay);
    /// It did not; `error` says in words what it answered, or why it could not be asked.
    void noteRefused(const Association &relay, const Error &error);
    /// A trial showed how it is doing; nothing was left there. That it answers ends no refusal of mail, that it says
    /// that it takes mail ends the failure, but not what is known of the last one.
    void noteTrial(const Association &relay, const RelayReport &report);
    /// What is known of others than these, or was seen at another address, is forgotten.
    void retain(const QList<Association> &associations);

    /// An unknown one has all members at 0.
    Entry of(const matrix::ServerName &relay, const matrix::ServerName &destination) const;

private:
    using Key = std::pair<matrix::ServerName, matrix::ServerName>;
    Entry *find(const Association &relay);
    void note(const Association &relay, const std::function<void(Entry &)> &change);
    static void fail(Entry &entry, const Error &error, qint64 nowMs);

    const base::Clock &m_clock;
    std::function<void()> m_changed;
    mutable std::mutex m_mutex; ///< guards what follows
    QHash<Key, Entry> m_entries;
};

} // namespace restante::node
