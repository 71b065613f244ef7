// SPDX-License-Identifier: GPL-3.0-or-later
// Value types of the queue room.
#pragma once

#include "base/result.h"
#include "matrix/entryid.h"
#include "matrix/servername.h"
#include "matrix/transaction.h"

#include <QtCore/QByteArray>
#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QMetaType>
#include <QtCore/QSet>
#include <QtCore/QString>

#include <optional>

namespace restante::queue
{

/// A transaction to be held, complete and verified.
struct StoreRequest {
    matrix::ServerName destination;
    matrix::ServerName origin; ///< the verified signer
    QByteArray txnId;
    QByteArray userLabel;    ///< localpart of the user id in the path, for display only
    matrix::Digest digest{}; ///< contentDigest()
    QByteArray pdus;         ///< arrays as they came
    QByteArray edus;
    int pduCount = 0;
    int eduCount = 0;
    qint64 originServerTs = 0; ///< ms, the sender's claim
    QByteArray addressKey;     ///< base::customerKey of the client; only a keyed hash of it is kept
    unsigned fleeting = 0;     ///< matrix::fleetingKinds, if there are no PDUs: it takes the place of the one before it
    bool attested = false;     ///< an attestation comes with it: one without it does not stand for it
};

/// What became of a StoreRequest.
struct Stored {
    matrix::EntryId id; ///< of the entry that now holds the content; null if a tombstone answered for it
    bool fresh = false; ///< false if the same content was held or acknowledged before
};

/// An entry as it is handed out.
struct HeldEntry {
    matrix::EntryId id;
    QByteArray origin;
    QByteArray txnId;
    qint64 originServerTs = 0;
    qint64 receivedMs = 0;
    QByteArray pdus; ///< arrays as they came
    QByteArray edus;
};

/// The reply to a collector: the oldest remaining entry, if any, and how many have expired unread so far.
struct NextEntry {
    std::optional<HeldEntry> entry;
    qint64 expired = 0;
    std::vector<HeldEntry> further = {}; ///< the ones behind it, if more than one was asked for
    /// About how many bytes these are, if that is more than the reader reads. Then there are none here.
    qint64 largeBytes = 0;
};

/// Limits of what is held (core/README 5, promise 6 and 7). All are settings; these are the defaults.
struct Quotas {
    qint64 destinationEntries = 20'000;
    qint64 destinationBytes = qint64(512) << 20;
    qint64 originEntries = 5'000; ///< one origin within one destination
    qint64 originBytes = qint64(128) << 20;
    qint64 totalEntries = 2'000'000;
    qint64 totalBytes = qint64(8) << 30;
    qint64 diskFloorBytes = qint64(1) << 30; ///< below this much free space stores are refused
    int unservedDestinations = 10'000;       ///< an open relay holds rows for at most this many
    int expiryDays = 30;
    int tombstoneDays = 30;
    int tombstones = 1'000'000;
    bool secureDelete = false;

    friend bool operator==(const Quotas &, const Quotas &) = default;
};

/// The servers that are served, and the senders that each of them knows; the writer decides quotas from it. A snapshot,
/// replaced as a whole.
struct ServedDestination {
    QSet<matrix::ServerName>
        knownOrigins; ///< as listed by the operator; the writer adds those that acknowledgements show

    friend bool operator==(const ServedDestination &, const ServedDestination &) = default;
};
struct Policy {
    Quotas quotas;
    QHash<matrix::ServerName, ServedDestination> served;
    /// Origins whose mail this relay sends by itself: what of it expires is counted, for them to ask about.
    QSet<matrix::ServerName> sendsFor = {};

    friend bool operator==(const Policy &, const Policy &) = default;
};

/// What is held for one server, or of that what is for one of its users.
struct HeldFor {
    HeldFor() = default;
    HeldFor(matrix::ServerName server) // NOLINT(google-explicit-constructor): a server's name means all of it
        : destination(std::move(server))
    {
    }
    HeldFor(matrix::ServerName server, std::optional<QString> label)
        : destination(std::move(server))
        , user(std::move(label))
    {
    }
    matrix::ServerName destination;
    std::optional<QString> user = {}; ///< UserLabelTotal::label; empty for the users without a label of their own

    friend bool operator==(const HeldFor &, const HeldFor &) = default;
};

/// The queue of one destination, for people.
struct UserLabelTotal {
    QString label; ///< localpart; "others" has its own row with an empty label
    qint64 entries = 0;
    qint64 bytes = 0;
};
struct DestinationTotal {
    matrix::ServerName destination;
    qint64 entries = 0;
    qint64 bytes = 0;
    qint64 oldestMs = 0; ///< received time of the oldest held entry; 0 = none held
    qint64 newestMs = 0;
    qint64 lastCollectedMs = 0; ///< last acknowledgement; 0 = never
    qint64 expired = 0;
    int fillPercent = 0; ///< of its quota of entries or of bytes, the larger one
    QList<UserLabelTotal> labels;
};
struct Totals {
    qint64 entries = 0;
    qint64 bytes = 0;
    qint64 quarantined = 0;
    QList<DestinationTotal> destinations;
};

/// Mail that is being refused because there is no room.
struct MailRefusal {
    matrix::ServerName destination; ///< a served one; null: whatever is not served
    QString reason;                 ///< as the senders are told
    qint64 sinceMs = 0;             ///< wall clock; the first refusal in a row
    qint64 count = 0;               ///< refusals since then
    bool onlyUnknown = false;       ///< senders that the owner knows still get in

    friend bool operator==(const MailRefusal &, const MailRefusal &) = default;
};
/// Mail that a mailbox does not take from one sender, although it has room for others.
struct SenderRefusal {
    matrix::ServerName destination; ///< a served one
    matrix::ServerName origin;      ///< the first one in the row
    QString reason;                 ///< as the sender is told
    qint64 sinceMs = 0;             ///< wall clock; the first refusal in a row
    qint64 count = 0;               ///< refusals since then
    bool others = false;            ///< other senders are among them
    bool byAddress = false;         ///< not the sender's share is used up, but that of the client's address

    friend bool operator==(const SenderRefusal &, const SenderRefusal &) = default;
};
/// A mailbox that is filling up.
struct MailboxFill {
    matrix::ServerName destination;
    int percent = 0; ///< of its quota of entries, of bytes, or of what is left to senders that it does not know

    friend bool operator==(const MailboxFill &, const MailboxFill &) = default;
};

/// One line of a destination's list of entries.
struct EntryRow {
    matrix::EntryId id;
    qint64 arrival = 0; ///< the queue's own key of its row; 0 in quarantine
    QString origin;
    QString txnId;
    QString userLabel;
    qint64 receivedMs = 0;
    qint64 originServerTs = 0;
    qint64 bytes = 0;
    int pduCount = 0;
    int eduCount = 0;
    std::vector<matrix::EventSummary> events; ///< the first few, for a summary in words
    bool quarantined = false;                 ///< set aside, or to be: it cannot be read
};
struct EntryPage {
    QList<EntryRow> rows; ///< oldest first
    bool more = false;    ///< there are entries after the last row
};

/// Counters since the program started, and the state of storage.
struct QueueHealth {
    bool storing = true;          ///< false while stores fail
    Error reason;                 ///< why, if storing is false: DiskFull, Corrupt or StorageFailed
    std::optional<Error> trouble; ///< what else failed in the database; a damage is told until the next start
};

/// Whether the bodies that were read of an entry are arrays, as they were when it was stored.
inline bool areArrays(const QByteArray &pdus, const QByteArray &edus)
{
    const auto isArray = [](const QByteArray &bytes) { return bytes.startsWith('[') && bytes.endsWith(']'); };
    return isArray(pdus) && isArray(edus);
}
/// Whether what was read of a held entry can be handed out: it has a sender, and both bodies are arrays.
inline bool isWhole(const QByteArray &origin, const QByteArray &pdus, const QByteArray &edus)
{
    return !origin.isEmpty() && areArrays(pdus, edus);
}

} // namespace restante::queue

Q_DECLARE_METATYPE(restante::queue::Totals)
Q_DECLARE_METATYPE(restante::queue::QueueHealth)
