// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay/forwarder.h"

namespace restante::relay
{

queue::StoreRequest Forwarder::prepared(const Submission &submission, const matrix::DigestKey &digestKey)
{
    const matrix::Transaction &transaction = submission.transaction;
    queue::StoreRequest request;
    request.destination = submission.user.domain();
    request.userLabel = submission.user.localpart().toByteArray();
    request.digest = matrix::contentDigest(transaction, submission.txnId, digestKey);
    request.pdus = transaction.pdus();
    request.edus = transaction.edus();
    request.pduCount = transaction.pduCount();
    request.eduCount = transaction.eduCount();
    request.originServerTs = transaction.originServerTs();
    request.origin = submission.origin;
    request.txnId = submission.txnId;
    request.addressKey = submission.addressKey;
    return request;
}

void Forwarder::take(queue::StoreRequest request, std::function<void(Result<queue::Stored>)> done)
{
    m_queue.store(std::move(request), std::move(done));
}

} // namespace restante::relay
