// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay/forwarder.h"

namespace restante::relay
{

void Forwarder::take(Submission submission, std::function<void(Result<queue::Stored>)> done)
{
    const matrix::Transaction &transaction = submission.transaction;
    queue::StoreRequest request;
    request.destination = submission.user.domain();
    request.userLabel = submission.user.localpart().toByteArray();
    request.digest = matrix::contentDigest(transaction, submission.txnId, m_queue.digestKey());
    request.pdus = transaction.pdus();
    request.edus = transaction.edus();
    request.pduCount = transaction.pduCount();
    request.eduCount = transaction.eduCount();
    request.originServerTs = transaction.originServerTs();
    request.origin = std::move(submission.origin);
    request.txnId = std::move(submission.txnId);
    request.addressKey = std::move(submission.addressKey);
    m_queue.store(std::move(request), std::move(done));
}

} // namespace restante::relay
