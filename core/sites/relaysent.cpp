// SPDX-License-Identifier: GPL-3.0-or-later
// The relay's site: what became of mail that was to be sent from here (PROTOCOL 6.7).
#include "queue/dispatchrecords.h"
#include "sites/relaycall.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

namespace restante::sites
{

using namespace Qt::Literals::StringLiterals;

namespace
{
QByteArray sentReply(const std::vector<queue::GivenUp> &givenUp)
{
    QJsonArray list;
    for (const queue::GivenUp &each : givenUp)
        list.append(QJsonObject{{u"destination"_s, each.destination.toString()},
                                {u"transactions"_s, each.entries},
                                {u"discarded"_s, each.discarded},
                                {u"last_ts"_s, each.lastMs}});
    return QJsonDocument(QJsonObject{{u"given_up"_s, list}}).toJson(QJsonDocument::Compact);
}
} // namespace

/// GET /_matrix/federation/unstable/org.restante/sent, steps 9 to 12.
void RelaySite::sent(const http::Request &request, const std::shared_ptr<const Call> &call, http::Reply reply)
{
    const auto pending = std::make_shared<http::Reply>(std::move(reply));
    const auto proceed = [this, call, pending](const identity::Verified &) {
        const matrix::ServerName &origin = call->claim.origin;
        m_intake.noteContact(origin);
        if (const auto budget = m_intake.chargeOrigin(origin); !budget)
            return pending->fail(budget.error());
        queue::DispatchRecords::tellGivenUp(m_intake.client(), origin,
                                            [pending](const Result<std::vector<queue::GivenUp>> &givenUp) {
                                                if (!givenUp)
                                                    return pending->fail(givenUp.error());
                                                pending->json(200, sentReply(*givenUp));
                                            });
    };
    m_intake.authenticate(request.head, call->claim, nullptr, pending, proceed, Keys::Valid);
}

} // namespace restante::sites
