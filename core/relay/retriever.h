// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "queue/reader.h"

namespace restante::relay
{

/// Hands held transactions to their owner, for the relay role. Lives in one HTTP worker's thread. Promises: an
/// acknowledgement removes exactly the entry it names and is visible to the next call at once.
class Retriever
{
public:
    explicit Retriever(queue::Reader &queue)
        : m_queue(queue)
    {
    }
    Q_DISABLE_COPY_MOVE(Retriever)

    /// What an owner asks for: how many entries with one answer. More than one is our own `org.restante.batch`.
    struct Wish {
        std::vector<matrix::EntryId> acknowledged; ///< null ones and unknown ones are ignored
        int limit = 1;                             ///< at most queue::Reader::MostAtOnce are given
        std::optional<bool> holds;                 ///< told if nothing is held: whether mail for the owner is taken in
        bool paused = false;                       ///< told beside it: none is just now
    };
    /// The events of one answer together, beyond the first entry's.
    static constexpr qint64 BatchBytes = qint64(1) << 20;

    struct Found {
        QByteArray reply;
        qint64 largeBytes = 0; ///< instead of it: as queue::NextEntry
    };
    /// Acknowledges, then returns the body of a relay_txn reply with the oldest remaining entry (PROTOCOL 5.2) and, if
    /// wished, those behind it. `owner` must be the verified caller. Errors: StorageFailed, Busy.
    Result<Found> next(const matrix::ServerName &owner, const Wish &wish);

private:
    queue::Reader &m_queue;
};

/// The bytes of a relay_txn reply, spliced from what is held; nothing is re-encoded. `entries_queued` means that this
/// reply holds a transaction (PROTOCOL 5.2); beside the standard members stand `transaction_id`, `received_ts` and
/// `expired`, and `org.restante.batch` with the entries behind the first, if there are any. `holds` is told as
/// `org.restante.holds` if nothing is held, and `paused` beside it as `org.restante.paused`.
QByteArray relayTxnReply(const queue::NextEntry &next, std::optional<bool> holds = {}, bool paused = false);

} // namespace restante::relay
