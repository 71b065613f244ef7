// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "federation/caller.h"
#include "node/inboxstore.h"
#include "node/relaywire.h"
#include "node/types.h"
#include "telemetry/counters.h"

#include <QtCore/QTimer>

#include <functional>
#include <map>
#include <memory>

namespace restante::node
{

/// Collects this node's mail from all its relays at once (core/README 3.3): each entry is in the inbox, on disk,
/// before it is acknowledged; when all relays of a sweep have ended, or it has lasted long enough, what they brought
/// takes its place in the order and can be seen. A sweep asks each relay once. Lives in the node's thread; blocks in it
/// only for the inbox. What fails is asked again after 30 s, then later and later up to the interval.
class Collector
{
public:
    struct Options {
        InboxLimits limits;
        qint64 intervalMs = 300'000; ///< between two sweeps
    };
    static constexpr qint64 FirstRetryMs = 30'000;
    static constexpr qint64 LongestSweepMs = qint64(15) * 60'000; ///< then the next one goes on
    static constexpr qint64 LongestBarrenMs =
        60'000; ///< a relay that brings nothing new for this time waits for the next

    /// `changed` is called in this thread after something of `status` or `sweep` changed, `inboxChanged` after the
    /// inbox did; both must only note it. All references outlive the collector.
    Collector(InboxStore &inbox, federation::Caller &caller, telemetry::NodeCounters &counters,
              const base::Clock &clock, matrix::ServerName ownName, std::function<void()> changed,
              std::function<void()> inboxChanged);
    ~Collector();
    Q_DISABLE_COPY_MOVE(Collector)

    void setOptions(const Options &options);
    /// Of these, the ones that hold mail for this node (also if it is called by its name) are collected from; the
    /// others are listed.
    void setAssociations(const QList<Association> &associations);

    /// Starts a sweep over all my relays, or adds those that are not in the one that runs; one that was asked in it is
    /// asked again as soon as it has ended.
    void sweepAll();
    /// The same for one; false if it is none of mine.
    bool sweepOne(const matrix::ServerName &relay);
    /// The inbox has more room than before: that it takes nothing is true no more, and relays whose mail it did not
    /// take are asked at once.
    void noteRoom();
    /// Ends the sweep; what was taken over stays, and nothing is asked again before the interval is over.
    void cancel();
    /// Looks whether something is due; the timer does it by itself.
    void look();
    /// When that is to be, by the steady clock; nothing if nothing is to come.
    std::optional<qint64> nextLookMs() const;

    /// What a trial showed of this relay, if it is one of mine: its state goes by that until it is asked again.
    void noteTrial(const Association &relay, const RelayReport &report);

    const Sweep &sweep() const { return m_sweep; }
    /// What is wrong with the inbox, for as long as it is; if it is several things, the one that began first.
    std::optional<InboxTrouble> inboxTrouble() const;
    /// One for each association, in the order of setAssociations; those of contacts are only named.
    QList<RelayStatus> status() const;

private:
    struct Relay;
    struct Talk;

    void start(const std::vector<Relay *> &relays);
    void ask(Talk &talk);
    void onAnswer(Talk &talk, const Result<federation::Response> &response);
    void restamp(Talk &talk, const federation::Response &response);
    void askSingly(Talk &talk, const Error &error);
    Result<bool> keep(Talk &talk, const RelayAnswer &answer);
    static void noteExpired(Relay &relay, qint64 expired);
    static void noteDisputed(Relay &relay, qint64 disputed);
    static void noteHolds(Relay &relay, std::optional<bool> holds, std::optional<bool> paused);
    void noteError(Relay &relay, const std::optional<Error> &error) const;
    bool wasAsked(const Relay &relay) const;
    void noteInbox(Relay &relay, const std::optional<Error> &error) const;
    void finish(Talk &talk, std::optional<Error> error);
    void giveUp(Talk &talk, const Error &error);
    void end(Talk &talk, const Error &error);
    void breakOff(Talk &talk, qint64 waitMs, std::optional<Error> error = {});
    void close(Talk &talk, RelayProgress::State state, std::optional<Error> error);
    qint64 waitMs(const Relay &relay) const;
    void cut();
    void endSweep();
    void plan();

    InboxStore &m_inbox;
    federation::Caller &m_caller;
    telemetry::NodeCounters &m_counters;
    const base::Clock &m_clock;
    matrix::ServerName m_ownName;
    std::function<void()> m_changed;
    std::function<void()> m_inboxChanged;
    Options m_options;
    matrix::DigestKey m_digestKey;
    QTimer m_timer; ///< runs out when the next relay is due, or the sweep has lasted long enough
    QList<Association> m_associations;
    std::map<matrix::ServerName, Relay> m_relays; ///< mine
    std::vector<std::unique_ptr<Talk>> m_talks;   ///< of the sweep that runs, in the order of m_sweep.relays
    std::optional<InboxTrouble> m_mergeTrouble;
    Sweep m_sweep;
    qint64 m_sweepStartedMs = 0; ///< steady clock
};

} // namespace restante::node
