// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "authoritieswatch.h"
#include "base/clock.h"
#include "base/heldfolder.h"
#include "base/mailbox.h"
#include "control/operations.h"
#include "courier/dispatcher.h"
#include "doorcertificates.h"
#include "federation/client.h"
#include "federation/clockcompare.h"
#include "federation/keylookup.h"
#include "http/addressbudget.h"
#include "http/certificatewatch.h"
#include "http/connectioncounters.h"
#include "http/front.h"
#include "http/tokenbuckets.h"
#include "identity/identityfile.h"
#include "identity/keyring.h"
#include "mailboxlog.h"
#include "nearby/neighbours.h"
#include "noderole.h"
#include "queue/freshnames.h"
#include "queue/inspectiondesk.h"
#include "queue/keycache.h"
#include "queue/writer.h"
#include "relay/doorboard.h"
#include "relay/keykeeper.h"
#include "relay/policy.h"
#include "savedsettings.h"
#include "settings/options.h"
#include "settings/settings.h"
#include "sites/relaysite.h"
#include "telemetry/counters.h"
#include "telemetry/logsink.h"
#include "trafficwatch.h"

#include <QtCore/QMap>
#include <QtCore/QObject>
#include <QtCore/QTimer>

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

namespace restante::app
{

/// One installation, running: builds the parts in the order in which they need each other, wires them, and takes them
/// apart again. Lives in the main thread. Everything it owns it hands on by reference.
class Appliance final : public QObject
{
    Q_OBJECT

public:
    /// Opens the data folder: makes it if it is missing, locks it, reads settings and identity, opens the queue.
    /// Nothing listens yet. Errors: InvalidSetting (exit status 2), AlreadyRunning, Io, Corrupt, NewerSchema.
    static Result<std::unique_ptr<Appliance>> open(const settings::Options &options, const base::Clock &clock);
    /// Stops listening, finishes what waits, closes the queue.
    ~Appliance() override;
    Q_DISABLE_COPY_MOVE(Appliance)

    /// Starts the listeners. Errc::Io with a sentence that names the address; `keepTrying` goes on every few seconds
    /// until it works, and the status tells why it does not.
    Result<void> listen(bool keepTrying);
    /// The line that restanted prints when everything listens (core/README 9).
    QByteArray readyLine() const;

    control::ApplianceStatus status() const;
    const settings::Settings &settings() const { return m_settings; }
    /// Validates, saves and puts in force. The value tells whether the rest needs a restart. Errc::InvalidSetting, Io;
    /// nothing has changed then: an address that cannot be had or a certificate that cannot be used costs no listener.
    Result<bool> applySettings(const settings::EditedSettings &asked);
    /// Says whether `queueChanged` is wanted; without a watcher the writer's batches wake nobody.
    void setWatching(bool watching);

    queue::Client &queue() { return *m_client; }
    queue::InspectionDesk &desk() { return *m_desk; }
    courier::Dispatcher &dispatcher() { return *m_dispatcher; }
    /// Requests to other servers: make a federation::Port in the thread that sends.
    federation::Client &federation() { return *m_federation; }
    /// Null if the node role is off.
    node::Node *node() { return m_nodeRole ? &m_nodeRole->node() : nullptr; }
    const node::Node *node() const { return m_nodeRole ? &m_nodeRole->node() : nullptr; }
    /// Null if keys are not to be fetched.
    relay::KeyKeeper *keyKeeper() { return m_keyKeeper.get(); }
    /// The keys of other servers.
    identity::KeyRing &keyRing() { return *m_keyRing; }
    /// Says of each destination how full it is.
    void addFills(queue::Totals &totals) const;
    /// As KeyRing::forget; and the next request has the server asked, however lately that was tried.
    Result<qint64> forgetKeys(const matrix::ServerName &server, const QByteArray &keyId);
    const identity::Identity &identity() const { return *m_identity; }
    QList<relay::DoorState> doors() const { return m_doors.list(); }
    QList<relay::FailedInvite> failedInvites() const { return m_invites.list(); }
    TrafficWatch &traffic() { return *m_traffic; }
    const QString &dataFolder() const { return m_dataFolder; }
    const base::Clock &clock() const { return m_clock; }

Q_SIGNALS:
    void statusChanged();
    void settingsChanged();
    /// Some total changed since the last time this was emitted; may come often.
    void queueChanged();
    /// Of the node role, each at most 4 times a second.
    void nodeChanged();
    void inboxChanged();
    void outboxChanged();

private:
    /// What the writer's thread tells the main thread.
    struct Notice {
        bool changed = false;
        std::optional<queue::QueueHealth> health;
        bool status = false; ///< something else in the status changed
        bool mailboxes = false;
        bool authorities = false;                   ///< certificates can be checked no more, or again
        std::pair<QString, QString> accepting = {}; ///< which listener, and as http::Front::whenAccepting
    };

    Appliance(const settings::Options &options, const base::Clock &clock);

    Result<void> openFolder();
    Result<void> openIdentity();
    Result<void> openQueue();
    Result<void> openFederation();
    Result<void> openNode();
    Result<void> openTraffic();
    telemetry::Traffic counted() const;
    /// What was made ready for changed settings, and is put in force once they are saved.
    struct ListenerChange {
        bool any = false; ///< something about listeners is different
        std::optional<http::TlsFiles> tls;
        std::shared_ptr<http::Front::Change> relay;
        std::shared_ptr<http::Front::Change> metrics;
        std::unique_ptr<http::Front> newMetrics;
    };
    Result<ListenerChange> prepareListeners(const settings::Settings &edited);
    Result<void> tryNodeListener(const settings::Settings &edited) const;
    void commitListeners(ListenerChange change);
    Result<std::optional<http::TlsFiles>> tlsFiles(const settings::Settings &settings) const;
    void watchCertificate(const std::optional<http::TlsFiles> &files);
    std::function<void(const QString &trouble)> watchAccepting(const QString &listener);
    void lookAtAddresses();
    /// Starts what is wanted and not up; each for itself, so that the port of one keeps no other from starting. The
    /// first error.
    Result<void> startListeners();
    sites::SenderKeys::Sources senderKeys() const;
    std::function<Result<QByteArray>(const matrix::ServerName &)> documentsHeld() const;
    Result<void> startRelay();
    Result<std::unique_ptr<http::Front>> makeMetricsFront(const settings::Settings &settings);
    void onNotices(const std::vector<Notice> &notices);
    void putInForce();
    void configureDispatcher();
    void configureNeighbours();

    const settings::Options m_options;
    const base::Clock &m_clock;
    const QString m_dataFolder;
    SavedSettings m_saved;
    settings::Settings m_settings; ///< what is in force: the file and the options of this run

    QList<control::StatusWarning> m_warnings; ///< what was odd at the start

    std::unique_ptr<base::HeldFolder> m_lock;
    std::unique_ptr<telemetry::LogSink> m_log; ///< before all threads, after all of them
    std::unique_ptr<identity::Identity> m_identity;
    telemetry::Counters m_counters;
    telemetry::DispatchCounters m_dispatches;
    http::ConnectionCounters m_connections;
    http::ConnectionCounters m_metricsConnections;
    http::AddressBudget m_addressBudget;
    http::TokenBuckets m_originBudget;
    http::TokenBuckets m_destinationBudget;
    http::AddressBudget m_failedWork; ///< sites::RelayServices::failedWork
    relay::PolicyBoard m_policy{relay::Policy{}};
    relay::DoorBoard m_doors{m_clock};
    relay::InviteBoard m_invites;

    std::atomic<bool> m_watching{false};
    std::atomic<bool> m_noticed{false}; ///< a Notice about changes is on its way
    base::Mailbox<Notice> m_notices;
    federation::ClockCompare m_clockCompare;
    std::unique_ptr<AuthoritiesWatch> m_authorities;
    std::atomic<bool> m_storing{true}; ///< for /healthz and for servers that ask about a mailbox
    queue::QueueHealth m_health;
    MailboxLog m_mailboxLog;

    std::unique_ptr<queue::Writer> m_writer;
    std::unique_ptr<queue::Client> m_client; ///< the main thread's own
    std::unique_ptr<queue::KeyCache> m_keyCache;
    std::unique_ptr<queue::FreshNames> m_freshNames;
    std::unique_ptr<relay::FreshnessBook> m_freshness; ///< of the relay's sites
    std::unique_ptr<identity::KeyRing> m_keyRing;
    std::unique_ptr<federation::Client> m_federation;
    std::unique_ptr<federation::KeyLookup> m_keyLookup; ///< null if keys are not to be fetched
    std::unique_ptr<NodeRole> m_nodeRole;               ///< null if it is off
    std::unique_ptr<TrafficWatch> m_traffic;
    std::optional<Error> m_nodeFault; ///< why it is off although it is wanted
    std::unique_ptr<queue::InspectionDesk> m_desk;
    std::unique_ptr<courier::Dispatcher> m_dispatcher;
    std::unique_ptr<nearby::Neighbours> m_neighbours; ///< null until somebody wants to know of them
    std::unique_ptr<relay::KeyKeeper> m_keyKeeper;    ///< null if keys are not to be fetched
    std::unique_ptr<http::Front> m_front;
    std::unique_ptr<http::CertificateWatch> m_certificateWatch; ///< null without TLS
    DoorCertificates m_doorCertificates;
    std::unique_ptr<http::Front> m_metricsFront;
    std::optional<Error> m_listenError;
    QMap<QString, QString> m_acceptTroubles; ///< listeners where no connection can be accepted just now, and why
    QStringList m_lostAddresses;             ///< that are listened on, and are none of this computer's just now
    QTimer m_addressLook;
    QTimer m_retryListening;
};

} // namespace restante::app
