// SPDX-License-Identifier: GPL-3.0-or-later
// Value types of the node room: what works beside one homeserver.
#pragma once

#include "base/result.h"
#include "federation/caller.h"
#include "matrix/servername.h"
#include "matrix/transaction.h"
#include "node/delivery.h"

#include <QtCore/QByteArray>
#include <QtCore/QList>
#include <QtCore/QMetaType>
#include <QtCore/QString>

#include <algorithm>
#include <optional>
#include <vector>

namespace restante::node
{

/// "Relay `relay` holds mail for `destination`."
struct Association {
    matrix::ServerName relay;
    std::optional<federation::FixedPeer> peer; ///< where it is; nothing: where discovery leads
    matrix::ServerName destination;            ///< null: mine

    /// Whether it holds mail for us, called by name or not.
    bool isMine(const matrix::ServerName &ownName) const { return destination.isNull() || destination == ownName; }
};

/// What a trial request to a relay showed.
struct RelayReport {
    enum class Outcome {
        Works,              ///< it is a relay, and takes in the mail that it was asked about
        CannotSay,          ///< it answered our own queue, but not whether it takes in that mail
        NotHeld,            ///< it answered our own queue, but does not take in that mail
        Paused,             ///< ours: it takes in none just now: it is paused, cannot store, or our mailbox is full
        Unreachable,        ///< no such name, nobody listens there, or no answer in time
        AddressRefused,     ///< the name leads to an address that the settings refuse
        CertificateRefused, ///< not the certificate that was expected
        NotAsked,           ///< the certificate authorities here cannot be read; nothing was learned of the relay
        WrongServer,        ///< 401: it is another server than the name says, or it does not know our key
        NotARelay,          ///< 404: somebody answers, but relays nothing
        Refused,            ///< 403: it does not want us
        Busy,               ///< 429 or 5xx: it is a relay, but cannot answer now
        BadAnswer,          ///< what came is not what a relay answers
    };
    Outcome outcome = Outcome::Unreachable;
    int status = 0; ///< of the answer; 0 = none came
    qint64 tookMs = 0;
    QString detail = {};  ///< English, for the log and for the person who asks; quotes `answer`
    QString answer = {};  ///< the relay's own words, bounded and printable; empty = it said nothing that can be quoted
    bool mine = true;     ///< whose mail it was asked about: ours, or a contact's that we might leave there
    QString refusal = {}; ///< a contact's: what it answered to the last mail, if it did not take that
    qint64 refusedMs = 0; ///< wall clock; when it did not

    /// Whether all that is known speaks for it: a trial ends no refusal of mail.
    bool works() const { return outcome == Outcome::Works && refusal.isEmpty(); }
};

/// One of the relays of the settings, and how it is doing.
struct RelayStatus {
    enum class State {
        Unknown, ///< not asked since the start, and not tried
        Asking,  ///< mine, and being asked right now
        // mine: the last sweep emptied it, or the inbox had no room for what it handed out, and
        Good,      ///< it takes in mail for us; a contact's: it took the last one
        CannotSay, ///< it does not say whether it takes in mail for us; a contact's: or says yes, but took not the last
        NotHeld,   ///< it says that it takes in no mail for us
        Paused,    ///< mine: it says that it takes in no mail for us just now: paused, full, or it cannot store
        Failing,   ///< mine: it did not let itself be emptied, asked again at nextTryMs; a contact's: it took nothing
    };
    QString relay;       ///< server name
    QString destination; ///< empty: mine
    State state = State::Unknown;
    qint64 lastSuccessMs = 0; ///< wall clock; 0 = never since the start
    qint64 lastTryMs = 0;
    qint64 nextTryMs = 0;       ///< 0 = none planned
    qint64 collected = 0;       ///< entries since the start; of a contact's: transactions left there
    qint64 expired = 0;         ///< entries that it gave up before they were collected, as it counts them
    std::optional<Error> error; ///< why it fails
    bool mine = true;           ///< collected from; else it holds mail for a contact, and transactions are left there
    qint64 failingSinceMs = 0;  ///< wall clock of the first failure in a row; 0 = not failing
    qint64 errorSinceMs = 0;    ///< of the first with this reason: later than failingSinceMs if that changed
    qint64 disputed = 0;        ///< entries since the start that it dates otherwise than the relay that was first
    qint64 testedMs = 0;        ///< the last trial, which the state goes by until the relay is used; 0 = none
    QString refusal = {};       ///< a contact's: what it answered to the last mail, if it did not take that
    qint64 refusedMs = 0;       ///< wall clock; when it did not
    int failures = 0;           ///< mine, while it fails: sweeps in a row that it did not answer as it should

    /// Whether it failed for another reason first. The clock may have been set in between.
    bool reasonChanged() const { return errorSinceMs != 0 && errorSinceMs != failingSinceMs; }
};

/// One relay within a sweep.
struct RelayProgress {
    enum class State {
        Asking,
        Done,      ///< it was emptied
        Failed,    ///< it was not, and `error` says why
        Cancelled, ///< broken off before it was empty, and nothing is wrong with the relay
    };
    QString relay;
    qint64 collected = 0; ///< entries taken over, in this sweep
    qint64 fresh = 0;     ///< of these, not yet in the inbox
    State state = State::Asking;
    std::optional<Error> error = {}; ///< why it ended early
};

/// A sweep: one complete round over all my relays, or over one that was asked for.
struct Sweep {
    bool running = false;
    bool cancelled = false;
    qint64 startedMs = 0; ///< wall clock; 0 = there was none since the start
    qint64 endedMs = 0;
    QList<RelayProgress> relays;

    qint64 collected() const
    {
        qint64 sum = 0;
        for (const RelayProgress &relay : relays)
            sum += relay.collected;
        return sum;
    }
    bool failed() const
    {
        return std::any_of(relays.begin(), relays.end(),
                           [](const RelayProgress &relay) { return relay.error.has_value(); });
    }
};

/// The node's own store does not take what relays hand out: a quota of the inbox, the disk, or its database.
struct InboxTrouble {
    Error error;        ///< its detail is a whole sentence, which names the relay if it is about one
    qint64 sinceMs = 0; ///< wall clock
};

/// One line of the inbox, merged: in the order of (originServerTs, id), which a merged line keeps.
struct InboxRow {
    qint64 id = 0; ///< in the order of arrival; grows, never reused
    QString origin;
    QString relay; ///< the one that brought it first
    QString txnId; ///< empty if the relay did not say
    qint64 originServerTs = 0;
    qint64 collectedMs = 0;
    qint64 bytes = 0;
    int pduCount = 0;
    int eduCount = 0;
    std::vector<matrix::EventSummary> events; ///< the first few
    bool damaged = false;   ///< cannot be read, only discarded: all but `id` and perhaps `originServerTs` is empty
    Delivery delivery = {}; ///< as Node::fetchInbox and fetchInboxEntry tell it; the store does not
};
/// Which entries of the inbox are listed.
enum class InboxPart {
    All,
    Waiting,  ///< for their turn, or for something that comes by itself
    SetAside, ///< until somebody does something: parked, without proof of their sender, damaged
};
bool isIn(InboxPart part, const InboxRow &row);
struct InboxPage {
    QList<InboxRow> rows; ///< in the merged order
    bool more = false;
    qint64 total = 0; ///< of the whole inbox
    qint64 bytes = 0;
};
struct InboxEntry {
    InboxRow row;
    QByteArray pdus; ///< arrays as they came
    QByteArray edus;
};

/// What became of an export of the inbox.
struct InboxExported {
    qint64 written = 0;
    QList<qint64> leftOut = {}; ///< ids of entries that are damaged
};

/// Mail that a relay of our own has given up: its destination did not come back in time, or the operator of that relay
/// threw it away.
struct GivenUpMail {
    qint64 transactions = 0;
    qint64 lastMs = 0;    ///< wall clock of the relay
    qint64 discarded = 0; ///< of the transactions, by the operator

    friend bool operator==(const GivenUpMail &, const GivenUpMail &) = default;
};

/// A destination as the outbox knows it.
struct DestinationRow {
    enum class State {
        Unknown,   ///< no direct attempt yet, or none since its failures were forgotten
        Reachable, ///< the last direct attempt worked
        Failing,   ///< failures, fewer than make it count as offline
        Offline,   ///< counts as offline: relays are used at once
    };
    matrix::ServerName destination;
    State state = State::Unknown;
    int failures = 0; ///< in a row
    qint64 lastSuccessMs = 0;
    qint64 lastFailureMs = 0;
    qint64 sentDirect = 0; ///< transactions that it took, ever
    qint64 sentByRelay = 0;
    int relays = 0;                 ///< associations for it
    QString lastError;              ///< English
    int relaysTaking = 0;           ///< of the relays: took the last transaction for it
    int relaysFailing = 0;          ///< of the relays: did not
    QString relayError = {};        ///< English: the first of those, and what it answered
    qint64 relayFailingSinceMs = 0; ///< since when that one does
    qint64 relayErrorSinceMs = 0;   ///< since when for this reason
    GivenUpMail givenUp = {};       ///< by our own relays together

    /// As RelayStatus::reasonChanged.
    bool relayReasonChanged() const { return relayErrorSinceMs != 0 && relayErrorSinceMs != relayFailingSinceMs; }
};

/// What became of one transaction that was put through the outbox.
struct SendReport {
    enum class Way { Direct, Relays, Nowhere };
    Way way = Way::Nowhere; ///< Direct: the destination answered; whether it took it says `taken`
    int status = 0;         ///< of the direct answer; 0 = none came
    QStringList relays;     ///< that took it
    QByteArray body;        ///< of the answer that counts
    QString detail;         ///< English: why it went nowhere

    struct Refusal {
        QString relay;
        Error error;
    };
    QList<Refusal> refusals = {}; ///< if it went nowhere: the relays that did not take it, and what they answered
    bool taken = false;           ///< the destination or a relay took it, and said so
};

} // namespace restante::node

Q_DECLARE_METATYPE(restante::node::Sweep)
