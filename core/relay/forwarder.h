// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/jsonscan.h"
#include "matrix/servername.h"
#include "matrix/transaction.h"
#include "matrix/xmatrix.h"
#include "queue/writer.h"

#include <functional>
#include <optional>

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
        matrix::ServerName destination;
        QByteArray label; ///< the localpart of the path's user id, for display
        QByteArray txnId;
        matrix::ScannedObject body;
        std::optional<matrix::KeySignature>
            attests; ///< kept with the mail: it is over exactly this body, sent to /send
        QByteArray addressKey;
    };

    /// What is written down of a submission: reads the whole body, so that a large one is better read elsewhere. Any
    /// thread; `digestKey` is the queue's. Errors as matrix::Transaction::fromBody and matrix::attestedEdus.
    static Result<queue::StoreRequest> prepared(Submission submission, const matrix::DigestKey &digestKey);
    /// Errors: QuotaExceeded, StorageFailed, Busy. `done` is called in this thread, later.
    void take(queue::StoreRequest request, std::function<void(Result<queue::Stored>)> done);

private:
    queue::Client &m_queue;
};

} // namespace restante::relay
