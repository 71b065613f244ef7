// SPDX-License-Identifier: GPL-3.0-or-later
// What an installation listens on: starting it, changing it while it runs, looking after its certificate.
#include "appliance.h"

#include "exposition.h"
#include "http/owncertificate.h"
#include "policyfrom.h"
#include "sites/entrance.h"
#include "sites/metricssite.h"
#include "telemetry/logging.h"

#include <QtCore/QUrl>
#include <QtNetwork/QHostAddress>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QUdpSocket>

#include <algorithm>
#include <utility>

namespace restante::app
{

namespace
{
/// What is for this computer alone is encrypted only with a certificate that the operator gave.
QList<http::Endpoint> relayEndpoints(const settings::Settings &settings)
{
    QList<http::Endpoint> endpoints;
    for (const settings::ListenAddress &each : settings.listen)
        endpoints.append({each.address, each.port, settings.tlsCertificate.isEmpty() && each.address.isLoopback()});
    return endpoints;
}

QList<http::Endpoint> metricsEndpoints(const settings::Settings &settings)
{
    return {{settings.metricsListen->address, settings.metricsListen->port}};
}

bool isOpenToOthers(const settings::Settings &settings)
{
    return std::any_of(settings.listen.begin(), settings.listen.end(),
                       [](const settings::ListenAddress &each) { return !each.address.isLoopback(); });
}
} // namespace

Result<void> Appliance::startListeners()
{
    m_listenError.reset();
    const auto note = [this](const Result<void> &started, const char *setting) {
        if (started || m_listenError)
            return;
        m_listenError = started.error();
        if (started.error().code == Errc::Io) // which of the addresses is known; whose it is is not
            m_listenError->detail += QStringLiteral(" (%1)").arg(QLatin1String(setting));
    };
    if (!m_front)
        note(startRelay(), "server.listen");
    if (m_nodeRole && m_nodeRole->address().isEmpty())
        note(m_nodeRole->listen(m_settings, senderKeys(), watchAccepting(QStringLiteral("the node listener"))),
             "node.listen");
    if (!m_metricsFront && m_settings.metricsListen) {
        auto metrics = makeMetricsFront(m_settings);
        if (metrics)
            m_metricsFront = *std::move(metrics);
        else
            note(metrics.error(), "metrics.listen");
    }
    if (m_listenError)
        return *m_listenError;
    return {};
}

/// Those that this installation knows, fetches, and believes relays.
sites::SenderKeys::Sources Appliance::senderKeys() const
{
    sites::SenderKeys::Sources sources{*m_keyRing, {}, documentsHeld(), {}};
    if (m_keyLookup)
        sources.makeFetcher = [lookup = m_keyLookup.get()] { return lookup->makeFetcher(); };
    sources.isTrusted = [trusted = m_settings.notaries](const matrix::ServerName &relay) {
        return trusted.contains(relay);
    };
    return sources;
}

std::function<Result<QByteArray>(const matrix::ServerName &)> Appliance::documentsHeld() const
{
    return [cache = m_keyCache.get()](const matrix::ServerName &server) { return cache->document(server); };
}

/// What the relay encrypts with: the operator's certificate, or its own where others come in and nobody else encrypts.
Result<std::optional<http::TlsFiles>> Appliance::tlsFiles(const settings::Settings &settings) const
{
    if (!settings.tlsCertificate.isEmpty())
        return std::optional(http::TlsFiles{settings.tlsCertificate, settings.tlsKey});
    if (settings.plainHttp || settings.trustedProxy || !isOpenToOthers(settings))
        return std::optional<http::TlsFiles>();
    auto made = http::ownCertificate(m_dataFolder, m_identity->name().toString());
    if (!made)
        return made.error();
    return std::optional(*std::move(made));
}

Result<void> Appliance::startRelay()
{
    const auto tls = tlsFiles(m_settings);
    if (!tls)
        return tls.error();
    sites::RelayServices services{m_clock,        *m_identity, *m_keyRing,
                                  m_policy,       *m_writer,   m_addressBudget,
                                  m_originBudget, m_counters,  m_settings.bodyBytes};
    services.verified = [&dispatcher = *m_dispatcher,
                         book = m_nodeRole ? &m_nodeRole->node().book() : nullptr](const matrix::ServerName &origin) {
        dispatcher.noteContact(origin);
        if (book)
            book->noteContact(origin);
    };
    services.freshness = m_freshness.get();
    services.storing = &m_storing;
    services.failedWork = &m_failedWork;
    services.destinationBudget = &m_destinationBudget;
    if (m_keyLookup)
        services.makeKeyFetcher = [lookup = m_keyLookup.get()] { return lookup->makeFetcher(); };
    auto front = std::make_unique<http::Front>(limitsFrom(m_settings), m_clock, m_connections);
    front->whenAccepting(watchAccepting(QStringLiteral("the relay")));
    front->setDoorTls(m_doorCertificates.certificates());
    services.handlerMs = m_settings.handlerMs;
    services.doors = &m_doors;
    services.invites = &m_invites;
    services.makeCaller = [this] { return std::make_unique<federation::Port>(*m_federation); };
    services.keyDocument = documentsHeld();
    const auto makeSite = [services](int) { return std::make_unique<sites::Entrance>(services); };
    if (auto up = front->listen(relayEndpoints(m_settings), *tls, makeSite, m_settings.httpWorkers); !up)
        return up.error();
    m_front = std::move(front);
    watchCertificate(*tls);
    m_addressLook.start();
    return {};
}

/// For Front::whenAccepting of one listener.
std::function<void(const QString &trouble)> Appliance::watchAccepting(const QString &listener)
{
    return [this, listener](const QString &trouble) {
        Notice notice;
        notice.accepting = {listener, trouble};
        m_notices.post(std::move(notice));
    };
}

Result<std::unique_ptr<http::Front>> Appliance::makeMetricsFront(const settings::Settings &settings)
{
    auto front = std::make_unique<http::Front>(limitsFrom(settings), m_clock, m_metricsConnections);
    front->whenAccepting(watchAccepting(QStringLiteral("the metrics listener")));
    const auto makeMetrics = [this](int) {
        return std::make_unique<sites::MetricsSite>(sites::MetricsSite::Sources{
            [this] { return m_storing.load(std::memory_order_relaxed); },
            [this] {
                return exposition({m_counters, m_dispatches, *m_writer, m_connections,
                                   m_storing.load(std::memory_order_relaxed), m_nodeRole.get()});
            }});
    };
    if (auto up = front->listen(metricsEndpoints(settings), std::nullopt, makeMetrics, 1); !up)
        return up.error();
    return front;
}

/// The node listener begins with the next start: whether its address can be had is found out now, when somebody can
/// still say otherwise.
Result<void> Appliance::tryNodeListener(const settings::Settings &edited) const
{
    const bool changes = edited.nodeListen != m_settings.nodeListen || edited.nodeEnabled != m_settings.nodeEnabled;
    const settings::ListenAddress &place = edited.nodeListen;
    if (!edited.nodeEnabled || !changes || place.port == 0)
        return {};
    if (m_nodeRole && QUrl(m_nodeRole->address()).port() == place.port &&
        QHostAddress(QUrl(m_nodeRole->address()).host()) == place.address)
        return {};
    QTcpServer trial;
    if (trial.listen(place.address, place.port))
        return {};
    return {Errc::Io,
            QStringLiteral("node.listen: cannot listen on %1: %2").arg(place.toString(), trial.errorString())};
}

/// New sockets are bound and files read before anything is given up. What is not up yet is not tried here: it is
/// started with the new settings, and tried again if that fails.
Result<Appliance::ListenerChange> Appliance::prepareListeners(const settings::Settings &edited)
{
    ListenerChange change;
    const settings::Settings &now = m_settings;
    if (const auto usable = DoorCertificates::check(edited, now); !usable)
        return usable.error();
    const bool relay = edited.listen != now.listen || edited.tlsCertificate != now.tlsCertificate ||
                       edited.tlsKey != now.tlsKey || edited.plainHttp != now.plainHttp ||
                       edited.trustedProxy != now.trustedProxy;
    const bool metrics = edited.metricsListen != now.metricsListen;
    change.any = relay || metrics;
    if (relay && m_front) {
        auto tls = tlsFiles(edited);
        if (!tls)
            return tls.error();
        auto prepared = m_front->prepare(relayEndpoints(edited), *tls, edited.trustedProxy);
        if (!prepared)
            return prepared.error();
        change.relay = *std::move(prepared);
        change.tls = *std::move(tls);
    }
    if (!metrics || !edited.metricsListen || (!m_front && !m_metricsFront))
        return change;
    if (m_metricsFront) {
        auto prepared = m_metricsFront->prepare(metricsEndpoints(edited), std::nullopt, std::nullopt);
        if (!prepared)
            return prepared.error();
        change.metrics = *std::move(prepared);
        return change;
    }
    auto made = makeMetricsFront(edited);
    if (!made)
        return made.error();
    change.newMetrics = *std::move(made);
    return change;
}

/// The new settings are in force.
void Appliance::commitListeners(ListenerChange change)
{
    if (!change.any)
        return;
    if (change.relay) {
        m_front->commit(change.relay);
        watchCertificate(change.tls);
    }
    if (change.metrics)
        m_metricsFront->commit(change.metrics);
    else if (change.newMetrics)
        m_metricsFront = std::move(change.newMetrics);
    else if (!m_settings.metricsListen)
        m_metricsFront.reset();
    if (!m_front && !m_listenError)
        return; // nothing listens yet, and nobody asked for it
    if (startListeners())
        m_retryListening.stop();
    else
        m_retryListening.start(); // the status says why
    if (m_front)
        lookAtAddresses();
}

/// A socket stays when its address goes, as a laptop's does in another network; nobody gets to it then.
void Appliance::lookAtAddresses()
{
    QStringList lost;
    for (const QString &url : m_front->addresses()) {
        const QHostAddress address(QUrl(url).host());
        // Only the system knows what is its own: routes make addresses local, too.
        QUdpSocket trial;
        if (!lost.contains(address.toString()) && !trial.bind(address, 0) &&
            trial.error() == QAbstractSocket::SocketAddressNotAvailableError)
            lost << address.toString();
    }
    if (std::exchange(m_lostAddresses, lost) != lost)
        Q_EMIT statusChanged();
}

void Appliance::watchCertificate(const std::optional<http::TlsFiles> &files)
{
    m_certificateWatch.reset();
    if (!files)
        return;
    m_certificateWatch = std::make_unique<http::CertificateWatch>(*files, *m_front->tls(), m_clock);
    connect(m_certificateWatch.get(), &http::CertificateWatch::renewed, this,
            [this](const QSslConfiguration &tls) { m_front->renewTls(tls); });
    connect(m_certificateWatch.get(), &http::CertificateWatch::changed, this, &Appliance::statusChanged);
}

} // namespace restante::app
