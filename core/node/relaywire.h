// SPDX-License-Identifier: GPL-3.0-or-later
// What a collector says to a relay and what it gets (PROTOCOL 5.2, 5.3). Pure functions; any thread.
#pragma once

#include "base/result.h"
#include "federation/caller.h"
#include "matrix/entryid.h"
#include "node/inboxstore.h"

#include <optional>
#include <vector>

namespace restante::node
{

/// How many entries a collector asks for at a time, if the relay can give more than one.
inline constexpr int BatchEntries = 32;

/// What shows that a relay_txn request is not a copy of an earlier one: our own extension, which other relays ignore.
struct Stamp {
    qint64 ts = 0;    ///< wall clock of the relay, as far as we know it
    QByteArray nonce; ///< never the same twice
};
Stamp newStamp(qint64 wallMs);

/// The body of a relay_txn request, canonical: acknowledges the first of `acknowledged` in the standard way, the others
/// with our own `org.restante.batch`, which other relays ignore; asks for at most `limit` entries with one answer.
/// Without a limit there is no batch: for one entry, acknowledging one at most.
QByteArray relayTxnBody(const std::vector<matrix::EntryId> &acknowledged, std::optional<int> limit, const Stamp &stamp);
/// The target of relay_txn for our own queue: the localpart means nothing (PROTOCOL 4).
QByteArray relayTxnTarget(const matrix::ServerName &owner);
/// The target of the question about a mailbox, our own extension.
QByteArray mailboxTarget(const matrix::ServerName &owner);
/// The target of send_relay for a transaction to `destination`.
QByteArray sendRelayTarget(const QByteArray &txnId, const matrix::ServerName &destination);

/// Whether the relay took our request for a copy of an earlier one: its clock and ours differ, or it began anew.
bool isNotFresh(const federation::Response &response);
/// How far the clock of the relay that answered is ahead of ours, by the Date of the answer; nothing if that cannot be
/// read.
std::optional<qint64> clockOffsetMs(const federation::Response &response, qint64 wallMs);

/// What one answer of a relay holds.
struct RelayAnswer {
    struct Entry {
        Collected collected;
        matrix::EntryId id;   ///< null if the relay gave none: it cannot be acknowledged
        bool useless = false; ///< it has an id, but nobody can say whose it is: nothing can be made of it
    };
    std::vector<Entry> entries;
    std::optional<qint64>
        expired;                ///< how many of ours it gave up so far, because nobody collected them; not all say so
    std::optional<bool> holds;  ///< whether it takes in mail for us; told with an empty queue, and not by all
    std::optional<bool> paused; ///< told beside it: whether it takes in none just now
    QByteArrayView odd;         ///< what was handed out that is not as it should be, for the log; null ordinarily
};

/// Reads the 200 answer of `relay`. Dendrite's ways are taken: `"pdus":null`, no `edus`, no `entry_id`, HTML escapes.
/// A transaction that is not as it should be is kept as it came, for people to look at, and of one that is not quite
/// JSON the events that are: the server that left it there must not stop the queue. Errc::BadAnswer if the answer
/// cannot even be cut into its members, has no `transaction`, or names neither an entry nor an origin that is a server
/// name.
Result<RelayAnswer> readRelayAnswer(const QByteArray &text, const matrix::ServerName &relay,
                                    const matrix::DigestKey &key);

} // namespace restante::node
