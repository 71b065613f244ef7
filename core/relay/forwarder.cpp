// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay/forwarder.h"

#include "matrix/attestation.h"
#include "matrix/edu.h"

namespace restante::relay
{

Result<queue::StoreRequest> Forwarder::prepared(Submission submission, const matrix::DigestKey &digestKey)
{
    queue::StoreRequest request;
    if (submission.attests) {
        auto edus = matrix::attestedEdus(submission.body, submission.origin, *submission.attests, submission.txnId);
        if (!edus)
            return edus.error();
        request.edus = *std::move(edus);
    }
    const auto transaction = matrix::Transaction::fromBody(std::move(submission.body));
    if (!transaction)
        return transaction.error();
    if (!submission.attests)
        request.edus = transaction->edus();
    request.destination = submission.destination;
    request.userLabel = submission.label;
    request.digest = matrix::contentDigest(*transaction, submission.txnId, digestKey);
    request.pdus = transaction->pdus();
    request.attested = submission.attests || transaction->isAttested();
    request.pduCount = transaction->pduCount();
    request.eduCount = transaction->eduCount();
    if (request.pduCount == 0 && request.eduCount > 0 && !transaction->hasToDeviceMessage())
        request.fleeting = matrix::fleetingKinds(*transaction->body().find("edus"));
    request.originServerTs = transaction->originServerTs();
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
