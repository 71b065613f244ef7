// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/jsonof.h"

#include "control/protocol.h"
#include "matrix/canonicaljson.h"

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
QString stateName(ApplianceStatus::State state)
{
    switch (state) {
    case ApplianceStatus::State::Running:
        return u"running"_s;
    case ApplianceStatus::State::Paused:
        return u"paused"_s;
    case ApplianceStatus::State::Degraded:
        return u"degraded"_s;
    case ApplianceStatus::State::Stopped:
        break;
    }
    return u"stopped"_s;
}

QString stateName(node::RelayStatus::State state)
{
    switch (state) {
    case node::RelayStatus::State::Asking:
        return u"asking"_s;
    case node::RelayStatus::State::Good:
        return u"good"_s;
    case node::RelayStatus::State::Failing:
        return u"failing"_s;
    case node::RelayStatus::State::CannotSay:
        return u"cannot_say"_s;
    case node::RelayStatus::State::NotHeld:
        return u"not_held"_s;
    case node::RelayStatus::State::Paused:
        return u"paused"_s;
    case node::RelayStatus::State::Unknown:
        break;
    }
    return u"unknown"_s;
}

QString stateName(node::DestinationRow::State state)
{
    switch (state) {
    case node::DestinationRow::State::Failing:
        return u"failing"_s;
    case node::DestinationRow::State::Offline:
        return u"offline"_s;
    case node::DestinationRow::State::Reachable:
        return u"reachable"_s;
    case node::DestinationRow::State::Unknown:
        break;
    }
    return u"unknown"_s;
}

QString stateName(queue::Sending::State state)
{
    switch (state) {
    case queue::Sending::State::Going:
        return u"sending"_s;
    case queue::Sending::State::Away:
        return u"away"_s;
    case queue::Sending::State::Waiting:
        return u"waiting"_s;
    case queue::Sending::State::Parked:
        break;
    }
    return u"parked"_s;
}

QString outcomeName(node::RelayReport::Outcome outcome)
{
    using Outcome = node::RelayReport::Outcome;
    switch (outcome) {
    case Outcome::Works:
        return u"works"_s;
    case Outcome::CannotSay:
        return u"cannot_say"_s;
    case Outcome::NotHeld:
        return u"not_held"_s;
    case Outcome::Paused:
        return u"paused"_s;
    case Outcome::Unreachable:
        return u"unreachable"_s;
    case Outcome::AddressRefused:
        return u"address_refused"_s;
    case Outcome::CertificateRefused:
        return u"certificate_refused"_s;
    case Outcome::NotAsked:
        return u"not_asked"_s;
    case Outcome::WrongServer:
        return u"wrong_server"_s;
    case Outcome::NotARelay:
        return u"not_a_relay"_s;
    case Outcome::Refused:
        return u"refused"_s;
    case Outcome::Busy:
        return u"busy"_s;
    case Outcome::BadAnswer:
        break;
    }
    return u"bad_answer"_s;
}

QString wayName(node::SendReport::Way way)
{
    switch (way) {
    case node::SendReport::Way::Direct:
        return u"direct"_s;
    case node::SendReport::Way::Relays:
        return u"relays"_s;
    case node::SendReport::Way::Nowhere:
        break;
    }
    return u"nowhere"_s;
}

QString stateName(node::RelayProgress::State state)
{
    switch (state) {
    case node::RelayProgress::State::Done:
        return u"done"_s;
    case node::RelayProgress::State::Failed:
        return u"failed"_s;
    case node::RelayProgress::State::Cancelled:
        return u"cancelled"_s;
    case node::RelayProgress::State::Asking:
        break;
    }
    return u"asking"_s;
}

QJsonValue errorOrNull(const std::optional<Error> &error)
{
    return error ? QJsonValue(errorToJson(*error)) : QJsonValue();
}

QJsonObject eventJson(const matrix::EventSummary &event)
{
    return {{u"edu"_s, event.edu}, {u"type"_s, event.type}, {u"sender"_s, event.sender}, {u"room_id"_s, event.roomId}};
}

QJsonObject entryJson(const queue::EntryRow &row)
{
    return {{u"entry_id"_s, row.id.value},
            {u"origin"_s, row.origin},
            {u"transaction_id"_s, row.txnId},
            {u"user"_s, row.userLabel},
            {u"received_ts"_s, row.receivedMs},
            {u"origin_server_ts"_s, row.originServerTs},
            {u"bytes"_s, row.bytes},
            {u"pdus"_s, row.pduCount},
            {u"edus"_s, row.eduCount},
            {u"events"_s, arrayOf(row.events, eventJson)},
            {u"quarantined"_s, row.quarantined}};
}

QJsonObject keyJson(const ServerKey &key)
{
    return {{u"server"_s, key.server},
            {u"key_id"_s, key.keyId},
            {u"key"_s, key.key},
            {u"seen_ts"_s, key.seenMs},
            {u"valid_until_ts"_s, key.validUntilMs},
            {u"pinned"_s, key.pinned},
            {u"old"_s, key.old},
            {u"usable"_s, key.usable}};
}

QJsonObject refusedJson(const RefusedKey &key)
{
    return {{u"server"_s, key.server}, {u"key_id"_s, key.keyId}, {u"key"_s, key.key}, {u"refused_ts"_s, key.refusedMs}};
}

QJsonObject failedJson(const FailedKeys &server)
{
    return {{u"server"_s, server.server}, {u"reason"_s, server.reason}, {u"failed_ts"_s, server.failedMs}};
}

QJsonObject userJson(const queue::UserLabelTotal &total)
{
    return {{u"user"_s, total.label}, {u"entries"_s, total.entries}, {u"bytes"_s, total.bytes}};
}

QString deliveryName(node::Delivery::State state)
{
    using enum node::Delivery::State;
    switch (state) {
    case Off:
        return u"off"_s;
    case Waiting:
        return u"waiting"_s;
    case After:
        return u"after-others"_s;
    case Sending:
        return u"sending"_s;
    case NoKey:
        return u"no-key"_s;
    case Busy:
        return u"busy"_s;
    case Failing:
        return u"failing"_s;
    case Stopped:
        return u"stopped"_s;
    case Parked:
        return u"parked"_s;
    case Later:
        return u"later"_s;
    case NoProof:
        return u"no-proof"_s;
    case EventsOnly:
        return u"events-only"_s;
    }
    return {};
}

QJsonObject inboxRowJson(const node::InboxRow &row)
{
    return {{u"id"_s, row.id},
            {u"origin"_s, row.origin},
            {u"relay"_s, row.relay},
            {u"transaction_id"_s, row.txnId},
            {u"origin_server_ts"_s, row.originServerTs},
            {u"collected_ts"_s, row.collectedMs},
            {u"bytes"_s, row.bytes},
            {u"pdus"_s, row.pduCount},
            {u"edus"_s, row.eduCount},
            {u"events"_s, arrayOf(row.events, eventJson)},
            {u"damaged"_s, row.damaged},
            {u"delivery"_s, deliveryName(row.delivery.state)},
            {u"delivery_reason"_s, row.delivery.reason},
            {u"delivery_next_ts"_s, row.delivery.nextMs}};
}

QString kindName(StatusWarning::Kind kind)
{
    switch (kind) {
    case StatusWarning::Kind::OpenFolder:
        return u"open-folder"_s;
    case StatusWarning::Kind::NewIdentity:
        return u"new-identity"_s;
    case StatusWarning::Kind::NewDatabase:
        return u"new-database"_s;
    case StatusWarning::Kind::NewSecret:
        return u"new-secret"_s;
    case StatusWarning::Kind::ClosedLog:
        return u"closed-log"_s;
    case StatusWarning::Kind::CertificateEndsSoon:
        return u"certificate-ends-soon"_s;
    case StatusWarning::Kind::CertificateNotRenewed:
        return u"certificate-not-renewed"_s;
    case StatusWarning::Kind::DoorCertificate:
        return u"door-certificate"_s;
    case StatusWarning::Kind::RelayHoldsNothing:
        return u"relay-holds-nothing"_s;
    case StatusWarning::Kind::MyRelayPaused:
        return u"my-relay-paused"_s;
    case StatusWarning::Kind::MyRelayFails:
        return u"my-relay-fails"_s;
    case StatusWarning::Kind::MyRelayRefuses:
        return u"my-relay-refuses"_s;
    case StatusWarning::Kind::RelayRefuses:
        return u"relay-refuses"_s;
    case StatusWarning::Kind::OtherHomeserver:
        return u"other-homeserver"_s;
    case StatusWarning::Kind::WrongSecret:
        return u"wrong-secret"_s;
    case StatusWarning::Kind::WrongClock:
        return u"wrong-clock"_s;
    case StatusWarning::Kind::NoAuthorities:
        return u"no-authorities"_s;
    case StatusWarning::Kind::MailboxFilling:
        return u"mailbox-filling"_s;
    case StatusWarning::Kind::SenderRefused:
        return u"sender-refused"_s;
    case StatusWarning::Kind::RelayFilling:
        return u"relay-filling"_s;
    case StatusWarning::Kind::LostTraffic:
        return u"lost-traffic"_s;
    }
    return {};
}

QJsonObject trafficJson(const telemetry::Traffic &traffic)
{
    return {{u"taken_in"_s, traffic.takenIn},
            {u"handed_over"_s, traffic.handedOver},
            {u"refused"_s, traffic.refused},
            {u"collected"_s, traffic.collected},
            {u"delivered"_s, traffic.delivered}};
}

QJsonObject warningJson(const StatusWarning &warning)
{
    return {{u"kind"_s, kindName(warning.kind)}, {u"detail"_s, warning.detail}};
}

QJsonObject refusalJson(const node::SendReport::Refusal &refusal)
{
    return {{u"relay"_s, refusal.relay}, {u"error"_s, errorToJson(refusal.error)}};
}

QJsonObject progressJson(const node::RelayProgress &relay)
{
    return {{u"relay"_s, relay.relay},
            {u"collected"_s, relay.collected},
            {u"fresh"_s, relay.fresh},
            {u"state"_s, stateName(relay.state)},
            {u"done"_s, relay.state == node::RelayProgress::State::Done},
            {u"error"_s, errorOrNull(relay.error)}};
}

QJsonObject mailRefusalJson(const queue::MailRefusal &refusal)
{
    return {{u"destination"_s, refusal.destination.toString()},
            {u"reason"_s, refusal.reason},
            {u"since_ts"_s, refusal.sinceMs},
            {u"count"_s, refusal.count},
            {u"only_unknown"_s, refusal.onlyUnknown}};
}
} // namespace

QString refusalText(const queue::MailRefusal &refusal)
{
    const QString since = QDateTime::fromMSecsSinceEpoch(refusal.sinceMs).toString(Qt::ISODate);
    const QString whose =
        refusal.destination.isNull() ? u"servers that are not served"_s : refusal.destination.toString();
    return u"Mail for %1 has been refused since %2: %3"_s.arg(whose, since, refusal.reason);
}

QString refusalText(const queue::SenderRefusal &refusal)
{
    const QString since = QDateTime::fromMSecsSinceEpoch(refusal.sinceMs).toString(Qt::ISODate);
    const QString whose =
        refusal.others ? u"%1 and others"_s.arg(refusal.origin.toString()) : refusal.origin.toString();
    return u"Mail from %1 for %2 has been refused since %3: %4 Refused so far: %5"_s.arg(
        whose, refusal.destination.toString(), since, refusal.reason, QString::number(refusal.count));
}

QJsonObject jsonOf(const ApplianceStatus &status)
{
    return {{u"state"_s, stateName(status.state)},
            {u"reasons"_s, arrayOf(status.reasons, errorToJson)},
            {u"warnings"_s, arrayOf(status.warnings, warningJson)},
            {u"server_name"_s, status.serverName},
            {u"listen"_s, QJsonArray::fromStringList(status.addresses)},
            {u"pin"_s, status.pin},
            {u"loopback_only"_s, status.loopbackOnly},
            {u"open_relay"_s, status.openRelay},
            {u"served"_s, status.served},
            {u"held_entries"_s, status.heldEntries},
            {u"held_bytes"_s, status.heldBytes},
            {u"fill_percent"_s, status.fillPercent},
            {u"refusals"_s, arrayOf(status.refusals, mailRefusalJson)},
            {u"accepted"_s, status.accepted},
            {u"handed_over"_s, status.handedOver},
            {u"sends_for"_s, status.sendsFor},
            {u"dispatched"_s, status.dispatched},
            {u"dispatch_destinations"_s, status.dispatchDestinations},
            {u"dispatch_parked"_s, status.dispatchParked},
            {u"announces"_s, status.announces},
            {u"watches_nearby"_s, status.watchesNearby},
            {u"nearby_trouble"_s, status.nearbyTrouble},
            {u"last_contact_ts"_s, status.lastContactMs},
            {u"last_outside_ts"_s, status.lastOutsideMs},
            {u"node"_s, status.node},
            {u"node_listen"_s, status.nodeAddress},
            {u"inbox_entries"_s, status.inboxEntries},
            {u"inbox_bytes"_s, status.inboxBytes},
            {u"homeserver_seen_ts"_s, status.homeserverSeenMs},
            {u"delivers"_s, status.delivers},
            {u"delivered"_s, status.deliveries.delivered},
            {u"deliveries_skipped"_s, status.deliveries.skipped},
            {u"deliveries_waiting"_s, status.deliveries.waiting},
            {u"deliveries_parked"_s, status.deliveries.parked},
            {u"deliveries_without_proof"_s, status.deliveries.withoutProof},
            {u"my_relays"_s, status.myRelays},
            {u"failing_relays"_s, status.failingRelays},
            {u"contact_relays"_s, status.contactRelays},
            {u"offline_destinations"_s, status.offlineDestinations}};
}

QJsonObject jsonOf(const IdentityCard &card)
{
    return {{u"server_name"_s, card.serverName}, {u"key_id"_s, card.keyId}, {u"public_key"_s, card.publicKey}};
}

QJsonObject jsonOf(const ServerKeys &keys)
{
    return {{u"keys"_s, arrayOf(keys.keys, keyJson)},
            {u"refused"_s, arrayOf(keys.refused, refusedJson)},
            {u"failed"_s, arrayOf(keys.failed, failedJson)},
            {u"left"_s, keys.left}};
}

QJsonObject jsonOf(const queue::Totals &totals, bool users)
{
    const auto destination = [users](const queue::DestinationTotal &total) {
        QJsonObject object{{u"destination"_s, total.destination.toString()},
                           {u"entries"_s, total.entries},
                           {u"bytes"_s, total.bytes},
                           {u"oldest_ts"_s, total.oldestMs},
                           {u"newest_ts"_s, total.newestMs},
                           {u"last_collected_ts"_s, total.lastCollectedMs},
                           {u"expired"_s, total.expired},
                           {u"fill_percent"_s, total.fillPercent}};
        if (users)
            object.insert(u"users"_s, arrayOf(total.labels, userJson));
        return object;
    };
    return {{u"entries"_s, totals.entries},
            {u"bytes"_s, totals.bytes},
            {u"quarantined"_s, totals.quarantined},
            {u"destinations"_s, arrayOf(totals.destinations, destination)}};
}

QString spanName(telemetry::TrafficSpan span)
{
    switch (span) {
    case telemetry::TrafficSpan::Hour:
        return u"hour"_s;
    case telemetry::TrafficSpan::Month:
        return u"month"_s;
    case telemetry::TrafficSpan::Day:
        break;
    }
    return u"day"_s;
}

QJsonObject jsonOf(const telemetry::TrafficReport &report)
{
    const QJsonArray buckets = arrayOf(report.buckets, [](const telemetry::TrafficBucket &bucket) {
        QJsonObject json = trafficJson(bucket.traffic);
        json.insert("start_ts"_L1, bucket.startMs);
        return json;
    });
    return {{u"span"_s, spanName(report.span)},
            {u"today"_s, trafficJson(report.today)},
            {u"yesterday"_s, trafficJson(report.yesterday)},
            {u"buckets"_s, buckets}};
}

QJsonObject jsonOf(const queue::EntryPage &page)
{
    return {{u"rows"_s, arrayOf(page.rows, entryJson)}, {u"more"_s, page.more}};
}

QJsonObject jsonOf(const node::RelayStatus &status, const settings::RelayEntry &entry)
{
    return {{u"relay"_s, entry.relay.toString()},
            {u"destination"_s, entry.destination.toString()},
            {u"petname"_s, entry.petname},
            {u"url"_s, entry.url.toString()},
            {u"pin"_s, entry.pinText()},
            {u"overlay"_s, entry.overlay},
            {u"state"_s, stateName(status.state)},
            {u"last_success_ts"_s, status.lastSuccessMs},
            {u"last_try_ts"_s, status.lastTryMs},
            {u"next_try_ts"_s, status.nextTryMs},
            {u"failing_since_ts"_s, status.failingSinceMs},
            {u"error_since_ts"_s, status.errorSinceMs},
            {u"tested_ts"_s, status.testedMs},
            {u"refusal"_s, status.refusal},
            {u"refused_ts"_s, status.refusedMs},
            {u"disputed"_s, status.disputed},
            {u"collected"_s, status.collected},
            {u"expired"_s, status.expired},
            {u"error"_s, errorOrNull(status.error)}};
}

QJsonObject jsonOf(const node::RelayReport &report)
{
    // What it answers to a question is not what it does.
    const bool isRefusing = !report.refusal.isEmpty() && (report.outcome == node::RelayReport::Outcome::Works ||
                                                          report.outcome == node::RelayReport::Outcome::CannotSay);
    return {{u"outcome"_s, isRefusing ? u"refused_mail"_s : outcomeName(report.outcome)},
            {u"works"_s, report.works()},
            {u"refusal"_s, report.refusal},
            {u"refused_ts"_s, report.refusedMs},
            {u"status"_s, report.status},
            {u"took_ms"_s, report.tookMs},
            {u"answer"_s, report.answer},
            {u"mine"_s, report.mine},
            {u"detail"_s, report.detail}};
}

QJsonObject jsonOf(const node::Sweep &sweep)
{
    return {{u"running"_s, sweep.running},
            {u"cancelled"_s, sweep.cancelled},
            {u"started_ts"_s, sweep.startedMs},
            {u"ended_ts"_s, sweep.endedMs},
            {u"collected"_s, sweep.collected()},
            {u"failed"_s, sweep.failed()},
            {u"relays"_s, arrayOf(sweep.relays, progressJson)}};
}

QJsonObject jsonOf(const node::InboxPage &page)
{
    return {{u"rows"_s, arrayOf(page.rows, inboxRowJson)},
            {u"more"_s, page.more},
            {u"entries"_s, page.total},
            {u"bytes"_s, page.bytes}};
}

QJsonObject jsonOf(const queue::Sending &row)
{
    return {{u"destination"_s, row.destination.toString()},
            {u"state"_s, stateName(row.state)},
            {u"parked"_s, row.parked},
            {u"next_ts"_s, row.nextMs},
            {u"reason"_s, row.reason}};
}

QJsonObject jsonOf(const node::DestinationRow &row)
{
    return {{u"destination"_s, row.destination.toString()},
            {u"state"_s, stateName(row.state)},
            {u"failures"_s, row.failures},
            {u"last_success_ts"_s, row.lastSuccessMs},
            {u"last_failure_ts"_s, row.lastFailureMs},
            {u"sent_direct"_s, row.sentDirect},
            {u"sent_by_relay"_s, row.sentByRelay},
            {u"relays"_s, row.relays},
            {u"relays_taking"_s, row.relaysTaking},
            {u"relays_failing"_s, row.relaysFailing},
            {u"relay_error"_s, row.relayError},
            {u"relay_failing_since_ts"_s, row.relayFailingSinceMs},
            {u"relay_error_since_ts"_s, row.relayErrorSinceMs},
            {u"given_up"_s, row.givenUp.transactions},
            {u"given_up_discarded"_s, row.givenUp.discarded},
            {u"given_up_ts"_s, row.givenUp.lastMs},
            {u"last_error"_s, row.lastError}};
}

QJsonObject jsonOf(const node::SendReport &report)
{
    return {{u"way"_s, wayName(report.way)},
            {u"taken"_s, report.taken},
            {u"status"_s, report.status},
            {u"relays"_s, QJsonArray::fromStringList(report.relays)},
            {u"refusals"_s, arrayOf(report.refusals, refusalJson)},
            {u"body"_s, QString::fromUtf8(report.body)},
            {u"detail"_s, report.detail}};
}

QJsonObject lineAnswer(const QByteArray &line)
{
    return {{u"line"_s, QString::fromUtf8(line)}};
}

} // namespace restante::control
