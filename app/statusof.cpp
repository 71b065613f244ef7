// SPDX-License-Identifier: GPL-3.0-or-later
#include "statusof.h"

#include "http/owncertificate.h"
#include "node/relayanswer.h"
#include "noderole.h"
#include "queue/quotarule.h"

#include <QtCore/QDateTime>
#include <QtCore/QUrl>
#include <QtNetwork/QHostAddress>

#include <algorithm>
#include <utility>

namespace restante::app
{

namespace
{
using WarningKind = control::StatusWarning::Kind;

constexpr int MostRelayWarnings = 5; // all relays stand on their own page

QString minuteText(qint64 ms)
{
    return QDateTime::fromMSecsSinceEpoch(ms).toString(QStringLiteral("yyyy-MM-dd hh:mm"));
}

/// What kind of failure it is that the operator should know of. That one of ours was not reached once is only counted.
std::optional<WarningKind> failureKind(const node::RelayStatus &relay)
{
    if (relay.state != node::RelayStatus::State::Failing || !relay.error)
        return std::nullopt;
    if (!relay.mine)
        return WarningKind::RelayRefuses;
    if (node::isRefusal(*relay.error))
        return WarningKind::MyRelayRefuses;
    if (relay.error->code == Errc::BadAnswer || relay.failures > 1)
        return WarningKind::MyRelayFails;
    return std::nullopt;
}

QString failureText(const node::RelayStatus &relay, WarningKind kind)
{
    if (kind == WarningKind::RelayRefuses)
        return QStringLiteral("The relay %1 takes no mail for %2").arg(relay.relay, relay.destination);
    return (kind == WarningKind::MyRelayRefuses ? QStringLiteral("The relay %1 hands out no mail")
                                                : QStringLiteral("No mail can be collected from the relay %1"))
        .arg(relay.relay);
}

/// What the operator should know of a relay although the program works.
std::optional<control::StatusWarning> relayWarning(const node::RelayStatus &relay)
{
    using State = node::RelayStatus::State;
    if (relay.mine && relay.state == State::NotHeld)
        return control::StatusWarning{WarningKind::RelayHoldsNothing,
                                      QStringLiteral("The relay %1 says that it takes in no mail for this server; ask "
                                                     "its operator to add it")
                                          .arg(relay.relay)};
    if (relay.mine && relay.state == State::Paused)
        return control::StatusWarning{WarningKind::MyRelayPaused,
                                      QStringLiteral("The relay %1 says that it takes in no mail for this server just "
                                                     "now: it is paused or full, or cannot store")
                                          .arg(relay.relay)};
    const auto kind = failureKind(relay);
    if (!kind)
        return std::nullopt;
    // The reason may be another one by now.
    const QString last = relay.reasonChanged() ? QStringLiteral(", last") : QString();
    return control::StatusWarning{
        *kind, QStringLiteral("%1 since %2%3: %4")
                   .arg(failureText(relay, *kind), minuteText(relay.failingSinceMs), last, relay.error->detail)};
}

bool isLoopbackOnly(const QStringList &urls)
{
    return std::all_of(urls.begin(), urls.end(),
                       [](const QString &url) { return QHostAddress(QUrl(url).host()).isLoopback(); });
}

void addMailboxes(const StatusSources &sources, control::ApplianceStatus &status)
{
    status.refusals = sources.writer.mailboxes().refusals();
    for (const queue::MailRefusal &refusal : std::as_const(status.refusals))
        status.reasons.append({Errc::QuotaExceeded, control::refusalText(refusal), 0});
    for (const queue::SenderRefusal &refusal : sources.writer.mailboxes().senderRefusals())
        status.warnings.append(
            {WarningKind::SenderRefused, control::refusalText(refusal), refusal.destination.toString(), 0});
    for (const queue::MailboxFill &fill : sources.writer.mailboxes().fills()) {
        status.warnings.append(
            {WarningKind::MailboxFilling,
             QStringLiteral("The mailbox of %1 is %2 % full").arg(fill.destination.toString()).arg(fill.percent),
             fill.destination.toString(), fill.percent});
    }
    status.fillPercent = queue::percentOf({status.heldEntries, status.heldBytes},
                                          {sources.settings.totalEntries, sources.settings.totalBytes});
    if (status.fillPercent >= queue::MailboxBoard::WarnPercent)
        status.warnings.append({WarningKind::RelayFilling,
                                QStringLiteral("All mailboxes together are %1 % full").arg(status.fillPercent),
                                {},
                                status.fillPercent});
}

void addNode(const StatusSources &sources, control::ApplianceStatus &status)
{
    const node::Node &node = sources.node->node();
    status.node = true;
    status.nodeAddress = sources.node->address();
    status.inboxEntries = node.snapshot().inbox.entries;
    status.inboxBytes = node.snapshot().inbox.bytes;
    status.delivers = !sources.settings.homeserver.isNull();
    status.deliveries = node.snapshot().deliveries;
    if (status.delivers && !status.deliveries.trouble.isEmpty())
        status.reasons.append(
            {Errc::Unreachable, QStringLiteral("Collected mail cannot be delivered to the homeserver now: %1")
                                    .arg(status.deliveries.trouble)});
    if (const auto &trouble = node.snapshot().inboxTrouble) {
        Error reason = trouble->error;
        reason.detail += QStringLiteral(" (since %1)").arg(minuteText(trouble->sinceMs));
        status.reasons.append(reason);
    }
    int warned = 0;
    for (const node::RelayStatus &relay : node.snapshot().relays) {
        ++(relay.mine ? status.myRelays : status.contactRelays);
        status.failingRelays += relay.mine && relay.state == node::RelayStatus::State::Failing ? 1 : 0;
        if (auto warning = relayWarning(relay); warning && ++warned <= MostRelayWarnings)
            status.warnings.append(*std::move(warning));
    }
    status.offlineDestinations = node.book().offline();
    status.homeserverSeenMs = sources.node->homeserverSeenMs();
    const node::HomeserverWatch::Trouble trouble = sources.node->homeserverTrouble();
    if (!trouble.identity.isEmpty())
        status.warnings.append({WarningKind::OtherHomeserver, trouble.identity});
    if (!trouble.secret.isEmpty())
        status.warnings.append({WarningKind::WrongSecret, trouble.secret});
}

void addListeners(const StatusSources &sources, control::ApplianceStatus &status)
{
    if (sources.listenError)
        status.reasons.append(*sources.listenError);
    for (auto trouble = sources.acceptTroubles.cbegin(); trouble != sources.acceptTroubles.cend(); ++trouble)
        status.reasons.append(
            {Errc::Io, QStringLiteral("No connection can be accepted by %1: %2").arg(trouble.key(), *trouble), 0});
    for (const QString &address : sources.lostAddresses)
        status.reasons.append({Errc::AddressGone,
                               QStringLiteral("Nobody can reach this relay at %1: this computer does not have "
                                              "that address just now")
                                   .arg(address),
                               0});
}

/// Of a certificate that no authority signed: only by its pin can it be told from another's.
QString pinShown(const http::Front *front)
{
    if (!front || !front->isListening() || !front->tls())
        return {};
    const QSslCertificate certificate = front->tls()->localCertificate();
    return certificate.isSelfSigned() ? QString::fromLatin1(http::pinOf(certificate).toHex()) : QString();
}

void addCertificate(const StatusSources &sources, control::ApplianceStatus &status)
{
    using Validity = http::CertificateWatch::Validity;
    for (const QString &trouble : sources.doorCertificates)
        status.warnings.append({WarningKind::DoorCertificate, trouble});
    if (!sources.certificate)
        return;
    if (const auto &refused = sources.certificate->refused())
        status.warnings.append({WarningKind::CertificateNotRenewed, refused->detail});
    switch (sources.certificate->validity()) {
    case Validity::Good:
        break;
    case Validity::EndsSoon:
        status.warnings.append({WarningKind::CertificateEndsSoon, sources.certificate->validityText()});
        break;
    case Validity::NotNow:
        status.reasons.append({Errc::CertificateInvalid, sources.certificate->validityText(), 0});
        break;
    }
}
} // namespace

control::ApplianceStatus statusOf(const StatusSources &sources)
{
    using State = control::ApplianceStatus::State;
    control::ApplianceStatus status;
    status.serverName = sources.serverName;
    if (sources.front)
        status.addresses = sources.front->addresses();
    // A proxy in front is how others reach it.
    status.loopbackOnly = !sources.settings.trustedProxy && isLoopbackOnly(status.addresses);
    status.pin = pinShown(sources.front);
    status.openRelay = sources.settings.relayOpen;
    status.served = int(sources.settings.served.size());
    const queue::QueueCounters &queue = sources.writer.counters();
    status.heldEntries = queue.entries.load(std::memory_order_relaxed);
    status.heldBytes = queue.bytes.load(std::memory_order_relaxed);
    status.accepted = queue.fresh.load(std::memory_order_relaxed);
    status.handedOver = queue.acknowledged.load(std::memory_order_relaxed);
    status.sendsFor = int(sources.settings.sendsFor.size());
    status.dispatched = qint64(sources.dispatches.sent.value());
    status.dispatchDestinations = sources.dispatches.destinations.load(std::memory_order_relaxed);
    status.dispatchParked = sources.dispatches.parked.load(std::memory_order_relaxed);
    status.announces = sources.neighbours.announces;
    status.watchesNearby = sources.neighbours.watches;
    status.nearbyTrouble = sources.neighbours.trouble;
    status.lastContactMs = sources.counters.lastContactMs.load(std::memory_order_relaxed);
    status.lastOutsideMs = sources.connections.lastOutsideMs.load(std::memory_order_relaxed);

    status.warnings = sources.atStart;
    if (const QString &trouble = sources.clock; !trouble.isEmpty())
        status.warnings.append({WarningKind::WrongClock, trouble});
    if (const QString &trouble = sources.log; !trouble.isEmpty())
        status.warnings.append({WarningKind::ClosedLog, trouble});
    if (const QString &trouble = sources.authorities; !trouble.isEmpty())
        status.warnings.append({WarningKind::NoAuthorities, trouble});
    addMailboxes(sources, status);
    if (sources.node)
        addNode(sources, status);
    status.nodeFailed = sources.nodeFault.has_value();
    if (sources.nodeFault)
        status.reasons.append(*sources.nodeFault);
    addListeners(sources, status);
    addCertificate(sources, status);
    if (!sources.health.storing)
        status.reasons.append(sources.health.reason);
    if (sources.health.trouble &&
        (sources.health.storing || sources.health.trouble->detail != sources.health.reason.detail))
        status.reasons.append(*sources.health.trouble);
    if (!sources.front && !sources.listenError)
        status.state = State::Stopped;
    else if (!status.reasons.isEmpty())
        status.state = State::Degraded;
    else if (sources.settings.relayPaused || !sources.settings.relayEnabled)
        status.state = State::Paused;
    else
        status.state = State::Running;
    if (status.state != State::Paused && sources.settings.relayPaused &&
        sources.settings.relayEnabled) // the state hides it
        status.reasons.append({Errc::Paused, QStringLiteral("Taking in mail is paused (relay.paused)"), 0});
    if (!sources.settings.relayEnabled) // as was asked for: said, but no trouble
        status.reasons.append({Errc::RelayingOff, QStringLiteral("Holding mail for others is off (relay.enabled)"), 0});
    return status;
}

} // namespace restante::app
