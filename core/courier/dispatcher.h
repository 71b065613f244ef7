// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "base/mailbox.h"
#include "courier/answer.h"
#include "courier/letter.h"
#include "federation/caller.h"
#include "identity/keyring.h"
#include "queue/dispatchrecords.h"
#include "queue/inspectiondesk.h"
#include "relay/policy.h"
#include "telemetry/counters.h"

#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QSet>
#include <QtCore/QTimer>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace restante::courier
{

/// Sends mail that this relay holds for servers it works for (relay::Policy::sendsFor) to whoever it is for, as the
/// request that its origin's homeserver signed (core/README 3.8). Lives in the main thread and does not block it: mail
/// is read and proven in the desk's thread.
///
/// Each destination has a place of its own, and rounds in it: its mail goes one after another in the order in which it
/// came. A destination that does not answer is tried again a probe interval later, then after twice as long each time,
/// up to LongestMs. Mail that a destination will never take is parked, and an origin that it does not take mail of just
/// now waits in the same way by itself; neither holds up other origins. The destination that has waited longest goes
/// first, and one that much is held for makes room for others after TurnMs.
///
/// That an entry is being sent is on disk before it is sent, and what was taken is acknowledged as its owner would do.
/// After a crash it goes again under the same transaction id, which homeservers know for a day; Departure says what
/// goes after that.
class Dispatcher final : public QObject
{
    Q_OBJECT

public:
    static constexpr qint64 LongestMs = qint64(6) * 3'600'000; ///< between two rounds that fail
    static constexpr qint64 TurnMs = 60'000; ///< of one destination, if others wait; what is on its way ends
    static constexpr int AtOnce = 8;         ///< destinations
    static constexpr qint64 HintMs = 60'000; ///< between two hints about a destination that count
    static constexpr int FaultsToPark = 5;

    struct Parts {
        queue::Writer &writer;
        queue::InspectionDesk &desk;
        queue::Client &queue; ///< of the main thread
        identity::KeyRing &ring;
        const relay::PolicyBoard &policy;
        const base::Clock &clock;
        telemetry::DispatchCounters &counters;
    };
    /// All references outlive it. Begins with the first `configure`.
    Dispatcher(const Parts &parts, std::unique_ptr<federation::Caller> caller);
    ~Dispatcher() override;
    Q_DISABLE_COPY_MOVE(Dispatcher)

    /// `probeMs`: the first pause after a failure, and how often mail that came is looked for; `expiryMs`: how long
    /// entries are held. Also when the policy has changed.
    void configure(qint64 probeMs, qint64 expiryMs);
    /// `server` has sent us a request with a good signature, so that it may be there again. Any thread; cheap for a
    /// server that no mail waits for.
    void noteContact(const matrix::ServerName &server);
    /// Somebody on the local network says that `server` is there. A hint, which anybody may give: if mail waits for
    /// that server it is tried at once, but not more often than HintMs, and its back-off stays as it is. This thread.
    void noteNearby(const matrix::ServerName &server);
    /// Does what is due, and plans the next look.
    void look();

    /// How it stands with each destination that mail waits for, as far as that was looked at.
    QList<queue::Sending> sendings() const;
    /// Tries at once what waits for `destination`, parked mail included; null: for all. `done` comes later, in this
    /// thread, and not after the dispatcher is gone, with how many parked transactions and ended pauses there were.
    /// Errors: InvalidSetting if nothing is sent from here; StorageFailed, Busy.
    void retry(const matrix::ServerName &destination, std::function<void(Result<qint64>)> done);

    /// The pause after `failures` in a row; `part`, 0 to 1, spreads it over its last tenth.
    static qint64 pauseMs(int failures, qint64 probeMs, double part);

private:
    /// An origin whose mail a destination does not take just now.
    struct Wait {
        int times = 0;         ///< in a row
        qint64 untilMs = 0;    ///< steady
        bool isTold = false;   ///< with a 429, so that a request of the destination does not end it
        matrix::EntryId entry; ///< that the destination failed over
        int faults = 0;        ///< how often it did
    };
    /// One destination that mail waits for.
    struct Place {
        bool running = false;
        int failures = 0;                      ///< rounds in a row in which it was not there
        std::optional<qint64> dueMs;           ///< steady; nothing: the next poll sets it
        qint64 startedMs = 0;                  ///< steady; the last round
        std::optional<qint64> hintedMs;        ///< steady; the last hint that counted
        matrix::EntryId after;                 ///< the round has looked at what comes up to it
        QSet<matrix::ServerName> aside;        ///< origins that the round leaves out
        QHash<matrix::ServerName, Wait> waits; ///< by origin
        QHash<qint64, qint64> later;           ///< entries that are not looked at before then; steady
        qint64 met = 0;                        ///< parked ones, in this round
        qint64 parked = 0;                     ///< as far as the rounds have met them
        QString trouble;                       ///< why nothing goes, or not that of some origins
        QString parkedFor;                     ///< why the last one is parked that was met
        bool again = false;                    ///< the operator asked in the middle of a round
    };
    /// How a round ended.
    enum class End {
        Through, ///< all that is held there was looked at
        Away,    ///< the destination is not there
        Room,    ///< it makes room for others
        Ours,    ///< something failed here
    };
    /// A transaction on its way.
    struct Item {
        queue::Dispatch dispatch;
        Letter letter;
        bool doubtful = false; ///< it was sent before, and nobody knows whether it arrived
    };
    /// What the desk's thread found behind `after`.
    struct Found {
        enum class Kind { Nothing, More, Send, Park, Skip, Later, Broken };
        Kind kind = Kind::Nothing;
        matrix::EntryId after = {}; ///< what was looked at up to now
        qint64 parked = 0;          ///< met on the way
        QString parkedFor = {};     ///< the reason of the last of these
        qint64 laterMs = 0;         ///< Later: until then; wall clock
        Item item = {};             ///< but for Nothing and More; its reason says why it is not sent
    };
    struct Search;
    static Result<Found> search(const Search &what, queue::Inspector &inspector);
    static Result<Found> judge(const Search &what, queue::Inspector &inspector, const queue::EntryRow &row,
                               const matrix::ServerName &origin);

    using Name = matrix::ServerName;
    bool isOn() const;
    QSet<Name> originsFor(const Name &destination) const;
    void poll();
    void onPolled(const Result<std::vector<Name>> &found);
    void onContacts(const std::vector<Name> &servers);
    void beginDue();
    bool othersWait() const;
    void begin(const Name &destination);
    void next(const Name &destination);
    void onFound(const Name &destination, const Result<Found> &found);
    void send(const Item &item);
    void onAnswer(const Item &item, const Result<federation::Response> &response);
    void onTaken(const Item &item, const Answer &answer);
    void onFailed(const Item &item, const QString &reason);
    Wait &leaveOrigin(const Item &item, qint64 afterMs = 0);
    void park(const Item &item, const QString &reason);
    void record(const queue::Dispatch &dispatch, std::function<void(bool kept)> then);
    void forget(const Item &item, std::function<void()> then);
    void endRound(const Name &destination, End end, const QString &trouble = {});
    qint64 takeUp(Place &place);
    static std::optional<qint64> soonestOf(const Place &place);
    qint64 pauseAfter(int failures) const;
    void countParked(Place &place, qint64 parked);
    void giveUpPlace(const Name &destination);
    void noteWaiting(const Name &destination, bool waits);
    void plan();

    const Parts m_parts;
    const queue::DispatchRecords m_records;
    const std::unique_ptr<federation::Caller> m_caller;
    qint64 m_probeMs = 0; ///< 0: off
    qint64 m_expiryMs = 0;
    bool m_polling = false;
    qint64 m_nextPollMs = 0; ///< steady
    qint64 m_nextTidyMs = 0; ///< steady
    std::map<matrix::ServerName, Place> m_places;
    int m_running = 0;
    QTimer m_timer;

    mutable std::mutex m_mutex;          ///< guards m_waiting
    QSet<matrix::ServerName> m_waiting;  ///< names of the places, for noteContact
    std::atomic<bool> m_anyWaits{false}; ///< spares the others the mutex
    base::Mailbox<matrix::ServerName> m_contacts;
};

} // namespace restante::courier
