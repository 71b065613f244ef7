// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/transaction.h"
#include "matrix/userid.h"
#include "queue/writer.h"

#include <functional>

namespace restante::relay
{

/// Takes transactions in and keeps them, for the relay role. Lives in one HTTP worker's thread. Promises: `done` gets a
/// value only when the transaction is on the disk.
class Forwarder
{
public:
    /// `queue` is that thread's access to the writer and outlives the forwarder.
    explicit Forwarder(queue::Client &queue)
        : m_queue(queue)
    {
    }
    Q_DISABLE_COPY_MOVE(Forwarder)

    /// One verified transaction. `origin` is the signer, whatever the body claims (PROTOCOL 5.1).
    struct Submission {
        matrix::ServerName origin;
        matrix::UserId user; ///< of the path: its domain is the destination, its localpart a label
        QByteArray txnId;
        matrix::Transaction transaction;
        QByteArray addressKey;
    };

    /// What is written down of a submission: reads the whole body, so that a large one is better read elsewhere. Any
    /// thread; `digestKey` is the queue's.
    static queue::StoreRequest prepared(const Submission &submission, const matrix::DigestKey &digestKey);
    /// Errors: QuotaExceeded, StorageFailed, Busy. `done` is called in this thread, later.
    void take(queue::StoreRequest request, std::function<void(Result<queue::Stored>)> done);

private:
    queue::Client &m_queue;
};

} // namespace restante::relay
