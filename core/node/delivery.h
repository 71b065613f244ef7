// SPDX-License-Identifier: GPL-3.0-or-later
// How collected mail gets to the homeserver: what is known of it, and who does it.
#pragma once

#include "base/result.h"
#include "matrix/servername.h"

#include <QtCore/QByteArray>
#include <QtCore/QList>
#include <QtCore/QString>

#include <optional>
#include <vector>

namespace restante::node
{

/// How it stands with the delivery of one entry of the inbox.
struct Delivery {
    enum class State {
        Off,     ///< no homeserver is set: it stays until it is taken out
        Waiting, ///< for its turn
        After,   ///< other mail goes first; the reason says whose
        Sending,
        NoKey,   ///< the homeserver cannot verify its sender; asked again at `nextMs`
        Busy,    ///< the homeserver wants no more of its sender until then
        Failing, ///< the homeserver failed over it, and gets it again then
        Stopped, ///< the homeserver cannot be reached; tried again then
        Parked,  ///< the homeserver does not take it
        Later, ///< it shares its transaction id with mail that went out: it goes when the homeserver has forgotten that
        NoProof,    ///< its sender's own signature did not come along, so the homeserver would not take it
        EventsOnly, ///< the same, but its events are delivered, as the owner allowed; the rest waits for that signature
    };
    State state = State::Off;
    qint64 sinceMs = 0;  ///< wall clock; 0 = not known
    qint64 nextMs = 0;   ///< wall clock; 0 = not by time alone
    QString reason = {}; ///< English; may be empty

    friend bool operator==(const Delivery &, const Delivery &) = default;
};

/// What is on disk of such a state (0004_delivery.sql).
struct DeliveryRow {
    enum class State { Sending = 1, Parked, Later, NoProof, Done, EventsOnly };
    qint64 id = 0; ///< of the entry
    State state = State::Sending;
    qint64 sinceMs = 0;
    qint64 nextMs = 0;
    QString reason = {};
};

struct DeliveryTotals {
    qint64 delivered = 0; ///< since the start
    qint64 skipped =
        0; ///< since the start: typing and presence that came too late, and what was contained in other mail
    qint64 waiting = 0; ///< in the inbox, for whatever it is
    qint64 parked = 0;
    qint64 withoutProof = 0;  ///< of some of these the events are delivered
    qint64 refusedEvents = 0; ///< since the start: events of delivered mail that the homeserver did not take
    QString trouble = {};     ///< English: why nothing goes at all; empty if that is not so
};

/// An event that the homeserver was given.
struct DeliveredEvent {
    std::vector<QByteArray> ids; ///< that it may have (matrix::possibleEventIds); empty if it was read back
    matrix::ServerName origin;
    QString room;
    qint64 depth = 0;
    QString error; ///< what the homeserver said of it; empty if nothing
    QByteArray pdu;
};

/// Mail of this origin that this relay brought: its events may be delivered although its sender's own signature did
/// not come along. The homeserver gets them under another name, so that bans of that server do not hold them.
struct Unproven {
    matrix::ServerName relay;
    matrix::ServerName origin;

    friend bool operator==(const Unproven &, const Unproven &) = default;
};

/// Mail that the homeserver took.
struct DeliveredMail {
    qint64 id = 0; ///< of the entry
    matrix::ServerName origin;
    QByteArray txnId;
    std::vector<DeliveredEvent> events;
    std::optional<DeliveryRow> stays = {}; ///< in the inbox, with this state: only its events went
};

/// Hands the inbox to the homeserver. Lives in the node's thread; courier::Courier is it.
class Deliverer
{
public:
    Deliverer() = default;
    virtual ~Deliverer() = default;
    Q_DISABLE_COPY_MOVE(Deliverer)

    /// Where the homeserver is, `http://127.0.0.1:8008`; empty: nothing is delivered.
    virtual void setHomeserver(const QByteArray &place) = 0;
    virtual void setUnproven(const QList<Unproven> &allowed) = 0;
    /// A sweep ended; `complete`: all of my relays were emptied, so that nothing better than what is here is to come.
    virtual void noteSwept(bool complete) = 0;
    /// Something was put in order in the inbox, or taken out of it.
    virtual void lookAgain() = 0;
    /// The network came up, or the machine woke: a stop is over.
    virtual void wake() = 0;
    /// Tries these again, however they stand; all if it is empty. The value is how many were not just waiting for their
    /// turn.
    virtual Result<qint64> retry(const QList<qint64> &ids) = 0;
    virtual Delivery delivery(qint64 id) const = 0;
    /// Events that may have this id, of those that the homeserver was given or is being given, the newest first.
    virtual Result<std::vector<DeliveredEvent>> given(const QByteArray &eventId) = 0;
    virtual DeliveryTotals totals() const = 0;
};

} // namespace restante::node
