// SPDX-License-Identifier: GPL-3.0-or-later
#include "appliance.h"

#include "backup/backup.h"
#include "base/diskwatch.h"
#include "control/identityuse.h"
#include "folderlook.h"
#include "matrix/canonicaljson.h"
#include "node/salvage.h"
#include "policyfrom.h"
#include "queue/queuerewrite.h"
#include "queue/quotarule.h"
#include "settings/enteredname.h"
#include "settings/fieldtable.h"
#include "settings/files.h"
#include "statusof.h"
#include "telemetry/logging.h"

#include <QtCore/QDir>

#include <algorithm>

namespace restante::app
{

namespace
{
/// What all strangers may send for one destination, in shares of what one origin may.
constexpr double DestinationShares = 4;
constexpr int RetryListeningMs = 5'000;
constexpr int AddressLookMs = 10'000;

QByteArray jsonList(const QStringList &texts)
{
    QByteArray list;
    for (const QString &text : texts)
        list += (list.isEmpty() ? "" : ",") + matrix::jsonString(text.toUtf8());
    return '[' + list + ']';
}

} // namespace

Appliance::Appliance(const settings::Options &options, const base::Clock &clock)
    : m_options(options)
    , m_clock(clock)
    , m_dataFolder(QDir(options.dataFolder).absolutePath())
    , m_saved(m_dataFolder)
    , m_addressBudget(0, 1, clock)
    , m_originBudget(0, 1, clock)
    , m_destinationBudget(0, 1, clock)
    , m_failedWork(0, 1, clock)
    , m_notices([this](const std::vector<Notice> &notices) { onNotices(notices); })
    , m_clockCompare([this] {
        m_notices.post({false, std::nullopt, true});
    })
    , m_doorCertificates(clock)
{
    connect(&m_doorCertificates, &DoorCertificates::changed, this, [this] {
        if (m_front)
            m_front->setDoorTls(m_doorCertificates.certificates());
        Q_EMIT statusChanged();
    });
    m_retryListening.setInterval(RetryListeningMs);
    connect(&m_retryListening, &QTimer::timeout, this, [this] {
        if (startListeners())
            m_retryListening.stop();
        Q_EMIT statusChanged();
    });
    m_addressLook.setInterval(AddressLookMs);
    connect(&m_addressLook, &QTimer::timeout, this, &Appliance::lookAtAddresses);
}

Appliance::~Appliance()
{
    if (m_log)
        m_log->watch({});
    // The front ends before what its sites use; the writer outlives everything that posts to it.
    m_front.reset();
    m_metricsFront.reset();
    m_traffic.reset(); // before what it reads
    m_nodeRole.reset();
    m_keyKeeper.reset();
    m_neighbours.reset();
    m_dispatcher.reset();
    m_desk.reset();
    m_keyLookup.reset();
    m_federation.reset();
    m_keyRing.reset();
    m_keyCache.reset();
    m_client.reset();
    m_freshness.reset();
    m_freshNames.reset();
    m_writer.reset();
}

Result<std::unique_ptr<Appliance>> Appliance::open(const settings::Options &options, const base::Clock &clock)
{
    std::unique_ptr<Appliance> appliance(new Appliance(options, clock));
    for (const auto step : {&Appliance::openFolder, &Appliance::openIdentity, &Appliance::openQueue,
                            &Appliance::openFederation, &Appliance::openNode, &Appliance::openTraffic}) {
        if (const auto done = (appliance.get()->*step)(); !done)
            return done.error();
    }
    return appliance;
}

Result<void> Appliance::openFolder()
{
    auto saved = m_saved.load();
    if (!saved && saved.error().code == Errc::Corrupt) // for the person at the terminal: settings that cannot be used
        return Error{Errc::InvalidSetting, saved.error().detail, 0};
    if (!saved)
        return saved.error();
    auto effective = m_options.applyTo(*saved);
    if (!effective)
        return effective.error();
    if (const auto wrong = settings::checkFiles(*effective))
        return settings::errorOf(*wrong);
    m_settings = std::move(*effective);

    auto held = base::HeldFolder::take(m_dataFolder);
    if (!held)
        return held.error();
    m_lock = *std::move(held);
    m_lock->keep();
    m_saved.holdFolder();
    if (backup::isHalfRestored(m_dataFolder))
        return {Errc::InvalidSetting, QStringLiteral("Restoring a backup into %1 was interrupted; empty the folder and "
                                                     "restore again")
                                          .arg(m_dataFolder)};
    if (auto finished = node::Salvage(m_dataFolder).finishInterrupted(); !finished)
        return finished;
    if (auto finished = queue::QueueRewrite({m_dataFolder}).finishInterrupted(); !finished)
        return finished;
    m_warnings = lookAtFolder(m_dataFolder, m_settings.nodeEnabled);
    if (!m_options.importKey.isEmpty()) // the operator says which one it is
        m_warnings.removeIf([](const auto &each) { return each.kind == control::StatusWarning::Kind::NewIdentity; });
    m_log = std::make_unique<telemetry::LogSink>(m_dataFolder, m_clock);
    telemetry::applyLogRules(m_settings.logRules);
    m_log->watch([this] { m_notices.post({false, std::nullopt, true}); });
    for (const control::StatusWarning &warning : std::as_const(m_warnings))
        qCWarning(lcApp).noquote() << warning.detail;
    m_saved.logOddities();
    if (backup::removeLeftBackup(m_dataFolder))
        qCWarning(lcApp).noquote() << "A backup was interrupted; the copy that it left in" << m_dataFolder
                                   << "is removed";
    return {};
}

Result<void> Appliance::openIdentity()
{
    identity::IdentityFile file(m_dataFolder);
    const auto openFile = [this, &file]() -> Result<identity::Identity> {
        if (m_options.importKey.isEmpty())
            return file.loadOrCreate();
        return file.import(m_options.importKey, m_options.serverName,
                           [this] { return control::isIdentityUsed(m_dataFolder); });
    };
    auto identity = openFile();
    if (!identity)
        return identity.error();
    if (!file.keptAs().isEmpty())
        qCWarning(lcIdentity).noquote() << "The identity was replaced by that of" << identity->name().toString()
                                        << "- the old one stays in" << file.keptAs();
    m_identity = std::make_unique<identity::Identity>(std::move(*identity));
    return checkDoors(m_settings, m_identity->name());
}

Result<void> Appliance::openQueue()
{
    queue::Writer::Observers observers;
    observers.changed = [this] {
        if (m_watching.load(std::memory_order_relaxed) && !m_noticed.exchange(true, std::memory_order_acq_rel))
            m_notices.post({true, std::nullopt});
    };
    observers.mailboxes = [this] { m_notices.post({false, std::nullopt, false, true}); };
    observers.health = [this](queue::QueueHealth health) {
        m_storing.store(health.storing, std::memory_order_relaxed);
        m_notices.post({false, std::move(health)});
    };
    auto writer = queue::Writer::open({m_dataFolder}, queuePolicyFrom(m_settings), m_clock, std::move(observers));
    if (!writer)
        return writer.error();
    m_writer = std::move(*writer);
    m_client = std::make_unique<queue::Client>(*m_writer);
    m_keyCache = std::make_unique<queue::KeyCache>(*m_writer);
    m_keyRing = std::make_unique<identity::KeyRing>(m_clock, m_keyCache.get());
    if (const auto loaded = m_keyRing->load(); !loaded) // keys can be fetched again; the relay works without them
        qCWarning(lcIdentity).noquote() << "The keys of other servers could not be read:" << loaded.error().detail;
    m_freshNames = std::make_unique<queue::FreshNames>(*m_writer);
    const auto fresh = m_freshNames->load();
    if (!fresh) // without it copies of earlier requests could not be told
        return fresh.error();
    m_freshness = std::make_unique<relay::FreshnessBook>(
        m_clock, [names = m_freshNames.get()](const matrix::ServerName &name) { names->forget(name); });
    m_freshness->load(*fresh);
    m_desk = std::make_unique<queue::InspectionDesk>(*m_writer);
    putInForce();
    return {};
}

Result<void> Appliance::openFederation()
{
    federation::Client::Options options = clientOptionsFrom(m_settings);
    options.clockCompare = &m_clockCompare;
    m_authorities = std::make_unique<AuthoritiesWatch>(options.caFile, [this] {
        Notice notice;
        notice.authorities = true;
        m_notices.post(std::move(notice));
    });
    connect(m_authorities.get(), &AuthoritiesWatch::changed, this, &Appliance::statusChanged);
    options.authorities = &m_authorities->note();
    m_federation = std::make_unique<federation::Client>(*m_identity, std::move(options), m_clock);
    m_dispatcher = std::make_unique<courier::Dispatcher>(
        courier::Dispatcher::Parts{*m_writer, *m_desk, *m_client, *m_keyRing, m_policy, m_clock, m_dispatches},
        std::make_unique<federation::Port>(*m_federation));
    configureDispatcher();
    if (!m_settings.fetchKeys)
        return {};
    m_keyLookup = std::make_unique<federation::KeyLookup>(
        *m_federation, *m_keyRing, keyLookupOptionsFrom(m_settings, m_identity->name()), m_clock);
    m_keyLookup->setServed(queuePolicyFrom(m_settings).served.keys());
    m_keyKeeper = std::make_unique<relay::KeyKeeper>(*m_desk, *m_keyCache, *m_keyRing, m_keyLookup->makeFetcher(),
                                                     m_policy, m_clock);
    return {};
}

Result<void> Appliance::openNode()
{
    if (!m_settings.nodeEnabled)
        return {};
    const auto open = [this] {
        return NodeRole::open(m_dataFolder, m_settings, m_clock, *m_identity, *m_keyRing, *m_federation);
    };
    auto role = open();
    if (!role && role.error().code == Errc::DiskFull && base::DiskWatch::giveUpReserve(m_dataFolder))
        role = open();
    constexpr auto ofStorage = [](Errc code) {
        return code == Errc::Corrupt || code == Errc::DiskFull || code == Errc::StorageFailed;
    };
    if (!role && ofStorage(role.error().code) && m_settings.relayEnabled) {
        m_nodeFault = {role.error().code, QStringLiteral("The node is off, the relay goes on: ") + role.error().detail,
                       0};
        qCWarning(lcApp).noquote() << m_nodeFault->detail;
        return {};
    }
    if (!role)
        return role.error();
    m_nodeRole = *std::move(role);
    connect(m_nodeRole.get(), &NodeRole::changed, this, &Appliance::nodeChanged);
    connect(m_nodeRole.get(), &NodeRole::inboxChanged, this, &Appliance::inboxChanged);
    connect(m_nodeRole.get(), &NodeRole::outboxChanged, this, &Appliance::outboxChanged);
    return {};
}

/// Nothing that goes wrong with it keeps the program from starting.
Result<void> Appliance::openTraffic()
{
    m_traffic = std::make_unique<TrafficWatch>(m_dataFolder, m_clock, [this] { return counted(); });
    if (const QString &trouble = m_traffic->trouble(); !trouble.isEmpty()) {
        qCWarning(lcApp).noquote() << trouble;
        m_warnings.append({control::StatusWarning::Kind::LostTraffic, trouble});
    }
    return {};
}

telemetry::Traffic Appliance::counted() const
{
    const queue::QueueCounters &queue = m_writer->counters();
    telemetry::Traffic traffic;
    traffic.takenIn = queue.fresh.load(std::memory_order_relaxed);
    traffic.handedOver =
        queue.acknowledged.load(std::memory_order_relaxed) + qint64(m_dispatches.sent.value()); // collected, or sent
    traffic.refused = m_counters.mailRefused();
    if (m_nodeRole) {
        const telemetry::NodeCounters &node = m_nodeRole->node().counters();
        traffic.collected = qint64(node.collected.value() - node.duplicates.value());
        traffic.delivered = node.delivered.load(std::memory_order_relaxed);
    }
    return traffic;
}

void Appliance::putInForce()
{
    m_doorCertificates.setServed(m_settings.served);
    relay::Policy relayPolicy = relayPolicyFrom(m_settings, m_identity->name());
    m_doors.setServers({relayPolicy.fronted.cbegin(), relayPolicy.fronted.cend()});
    m_policy.replace(std::move(relayPolicy));
    queue::Policy policy = queuePolicyFrom(m_settings);
    QSet<matrix::ServerName> senders;
    for (const queue::ServedDestination &served : std::as_const(policy.served))
        senders += served.knownOrigins;
    m_keyRing->setOwners(policy.served.keys(), std::move(senders));
    if (m_keyLookup)
        m_keyLookup->setServed(policy.served.keys());
    m_writer->setPolicy(std::move(policy));
    m_addressBudget.configure(m_settings.addressRate, m_settings.addressBurst);
    m_originBudget.configure(m_settings.originRate, m_settings.originBurst);
    m_destinationBudget.configure(DestinationShares * m_settings.originRate,
                                  DestinationShares * m_settings.originBurst);
    m_failedWork.configure(m_settings.failedRate, m_settings.failedBurst);
    telemetry::applyLogRules(m_settings.logRules);
    if (m_nodeRole)
        m_nodeRole->configure(m_settings);
    if (m_dispatcher)
        configureDispatcher();
    configureNeighbours();
}

void Appliance::configureDispatcher()
{
    m_dispatcher->configure(qint64(m_settings.probeSeconds) * 1'000, qint64(m_settings.expiryDays) * base::DayMs);
}

/// Who sends mail by itself listens for those that it is for; who is told to says that it is there.
void Appliance::configureNeighbours()
{
    nearby::Neighbours::Wish wish;
    if (m_nodeRole && m_settings.announce)
        wish.announce = m_identity->name().bytes();
    wish.watch = m_settings.relayEnabled && !m_settings.sendsFor.isEmpty();
    if (!m_neighbours && wish.isNothing())
        return;
    if (!m_neighbours) {
        nearby::Neighbours::Listener listener;
        listener.heard = [this](const QByteArray &name) {
            if (const auto server = matrix::ServerName::parse(name); server && m_dispatcher)
                m_dispatcher->noteNearby(*server);
        };
        listener.changed = [this] { Q_EMIT statusChanged(); };
        m_neighbours = nearby::makeNeighbours(std::move(listener));
    }
    m_neighbours->want(wish);
}

Result<void> Appliance::listen(bool keepTrying)
{
    auto started = startListeners();
    if (!started && keepTrying)
        m_retryListening.start();
    configureNeighbours(); // once all else is there
    Q_EMIT statusChanged();
    return started;
}

QByteArray Appliance::readyLine() const
{
    QByteArray line = R"({"event":"ready","server_name":)" + matrix::jsonString(m_identity->name().bytes()) +
                      R"(,"listen":)" + jsonList(m_front ? m_front->addresses() : QStringList());
    if (m_nodeRole)
        line += R"(,"node":)" + matrix::jsonString(m_nodeRole->address().toUtf8());
    if (m_metricsFront)
        line += R"(,"metrics":)" + matrix::jsonString(m_metricsFront->addresses().constFirst().toUtf8());
    return line + "}\n";
}

Result<bool> Appliance::applySettings(const settings::EditedSettings &asked)
{
    settings::EditedSettings edited = asked;
    settings::Settings ran = m_settings;
    settings::takeOverFromOptions(m_saved.settings(), ran, edited);
    if (const auto wrong = settings::checkNewNames(m_settings, edited))
        return settings::errorOf(*wrong);
    if (const auto valid = settings::validate(edited); !valid)
        return valid.error();
    if (const auto distinct = checkDoors(edited, m_identity->name()); !distinct)
        return distinct.error();
    const QStringList keys = settings::changed(m_settings, edited);
    if (!keys.isEmpty()) {
        if (const auto wrong = settings::checkFiles(edited, keys))
            return settings::errorOf(*wrong);
    }
    if (const auto possible = tryNodeListener(edited); !possible)
        return possible.error();
    auto listeners = prepareListeners(edited);
    if (!listeners)
        return listeners.error();
    if (const auto saved = m_saved.write(ran, edited); !saved)
        return saved.error();
    m_settings = edited;
    putInForce();

    commitListeners(*std::move(listeners));
    Q_EMIT settingsChanged();
    Q_EMIT statusChanged();
    return settings::needsRestart(keys);
}

Result<qint64> Appliance::forgetKeys(const matrix::ServerName &server, const QByteArray &keyId)
{
    auto gone = m_keyRing->forget(server, keyId);
    if (gone && m_keyLookup)
        m_keyLookup->forget(server);
    return gone;
}

void Appliance::setWatching(bool watching)
{
    m_watching.store(watching, std::memory_order_relaxed);
}

void Appliance::onNotices(const std::vector<Notice> &notices)
{
    bool changed = false;
    bool health = false;
    bool mailboxes = false;
    bool authorities = false;
    for (const Notice &notice : notices) {
        changed = changed || notice.changed;
        health = health || notice.status;
        mailboxes = mailboxes || notice.mailboxes;
        authorities = authorities || notice.authorities;
        if (const auto &[listener, trouble] = notice.accepting; !listener.isNull()) {
            health = true;
            if (trouble.isNull())
                m_acceptTroubles.remove(listener);
            else
                m_acceptTroubles.insert(listener, trouble);
        }
        if (!notice.health)
            continue;
        health = true;
        m_health = *notice.health; // the writer has logged it
    }
    if (changed) {
        m_noticed.store(false, std::memory_order_release);
        Q_EMIT queueChanged();
    }
    if (mailboxes)
        m_mailboxLog.note(m_writer->mailboxes(), m_clock.steadyMs());
    if (authorities)
        m_authorities->look();
    if (health || mailboxes)
        Q_EMIT statusChanged();
}

control::ApplianceStatus Appliance::status() const
{
    return statusOf({.serverName = m_identity->name().toString(),
                     .settings = m_settings,
                     .writer = *m_writer,
                     .health = m_health,
                     .counters = m_counters,
                     .dispatches = m_dispatches,
                     .connections = m_connections,
                     .front = m_front.get(),
                     .listenError = m_listenError,
                     .acceptTroubles = m_acceptTroubles,
                     .lostAddresses = m_lostAddresses,
                     .certificate = m_certificateWatch.get(),
                     .doorCertificates = m_doorCertificates.troubles(),
                     .node = m_nodeRole.get(),
                     .neighbours = m_neighbours ? m_neighbours->standing() : nearby::Neighbours::Standing(),
                     .nodeFault = m_nodeFault,
                     .atStart = m_warnings,
                     .clock = m_clockCompare.trouble(),
                     .log = m_log->trouble(),
                     .authorities = m_authorities->trouble()});
}

void Appliance::addFills(queue::Totals &totals) const
{
    // The writer knows more: the half that is left to senders whom the owner does not know may be full before.
    QHash<matrix::ServerName, int> known;
    for (const queue::MailboxFill &fill : m_writer->mailboxes().fills())
        known.insert(fill.destination, fill.percent);
    for (queue::DestinationTotal &total : totals.destinations) {
        const int percent = queue::percentOf({total.entries, total.bytes},
                                             {m_settings.destinationEntries, m_settings.destinationBytes});
        total.fillPercent = std::max(percent, known.value(total.destination));
    }
}

} // namespace restante::app
