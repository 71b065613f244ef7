// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/relaytrial.h"

#include "matrix/jsonscan.h"
#include "node/relaywire.h"

namespace restante::node
{

namespace
{
using Outcome = RelayReport::Outcome;

Outcome outcomeOf(Errc code)
{
    switch (code) {
    case Errc::AddressRefused:
        return Outcome::AddressRefused;
    case Errc::CertificateRefused:
        return Outcome::CertificateRefused;
    case Errc::BadAnswer:
        return Outcome::BadAnswer;
    case Errc::Busy:
        return Outcome::Busy;
    default:
        return Outcome::Unreachable;
    }
}

Outcome outcomeOf(int status)
{
    switch (status) {
    case 401:
        return Outcome::WrongServer;
    case 403:
        return Outcome::Refused;
    case 404:
    case 405:
        return Outcome::NotARelay;
    case 429:
        return Outcome::Busy;
    default:
        return status >= 500 ? Outcome::Busy : Outcome::BadAnswer;
    }
}

/// A relay's answer, whether or not it holds anything.
bool isRelayAnswer(const QByteArray &body)
{
    const auto scanned = matrix::ScannedObject::scan(body);
    return scanned && scanned->find("transaction") && scanned->find("entries_queued");
}
} // namespace

federation::Request trialRequest(const Association &relay, const matrix::ServerName &ownName)
{
    constexpr int trialMs = 15'000;
    federation::Request request;
    request.destination = relay.relay;
    request.method = QByteArrayLiteral("GET");
    request.target = relayTxnTarget(ownName);
    request.body = QByteArrayLiteral(R"({"entry_id":0})");
    request.peer = relay.peer;
    request.deadlineMs = trialMs;
    return request;
}

RelayReport judgeTrial(const Result<federation::Response> &response)
{
    RelayReport report;
    if (!response) {
        report.outcome = outcomeOf(response.error().code);
        report.detail = response.error().detail;
        return report;
    }
    report.status = response->status;
    if (response->status == 200)
        report.outcome = isRelayAnswer(response->body) ? Outcome::Works : Outcome::NotARelay;
    else
        report.outcome = outcomeOf(response->status);
    report.detail = QStringLiteral("The relay answered %1").arg(response->status);
    return report;
}

} // namespace restante::node
