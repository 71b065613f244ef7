// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"

#include <QtCore/QHash>
#include <QtCore/QMap>
#include <QtCore/QPointer>

#include <optional>

namespace restante::test
{

/// Operations over a few values in memory. Answers come later, from the event loop, as the contract demands; every call
/// is written down.
class FakeOperations final : public control::Operations
{
    Q_OBJECT

public:
    struct Asked {
        matrix::ServerName destination;
        QList<matrix::EntryId> ids;
        QString file;
        std::optional<QString> user = {};
    };

    FakeOperations();

    // What the window sees
    control::ApplianceStatus currentStatus;
    settings::Settings currentSettings;
    QMap<matrix::ServerName, QList<queue::EntryRow>> held;
    QHash<qint64, queue::HeldEntry> bodies; ///< by entry id; others get a made-up body

    // The node role, if currentSettings.nodeEnabled
    QHash<QString, node::RelayStatus> relayStates; ///< by RelayEntry::key(); others are as after a start
    node::RelayReport relayReport;                 ///< the answer of every test
    node::Sweep currentSweep;
    QList<node::InboxRow> inbox;
    QList<relay::DoorState> doorStates;
    QList<relay::FailedInvite> invites;
    homeserver::Found found;
    homeserver::TrialReport trial;
    homeserver::Access access{QStringLiteral("127.0.0.1"), 8450, QStringLiteral("5ec5e7"),
                              QStringLiteral("example.org"), QStringLiteral("/var/lib/restante")};
    QList<node::DestinationRow> outbox;
    QMap<telemetry::TrafficSpan, telemetry::TrafficReport> traffic;

    // How it fails
    std::optional<Error> entriesFail, entryFails, discardFails, exportFails, applyFails, totalsFail;
    std::optional<Error> homeserverFails;
    std::optional<Error> testFails, retrieveFails, inboxFails, inboxEntryFails, discardInboxFails, outboxFails,
        forgetFails, retryInboxFails;
    bool restartNeeded = false;
    bool countsHeld = true; ///< false: status() tells the figures of currentStatus, which costs nothing

    // What it was asked
    QList<bool> watching;
    QList<bool> pauses;
    QList<Asked> discards, discardAlls, exports;
    QList<settings::Settings> applied;
    int totalsAsked = 0;
    QList<telemetry::TrafficSpan> trafficAsked;
    int pagesAsked = 0;
    QList<settings::RelayEntry> tested;
    QStringList lookedAt; ///< files that homeservers were looked for in; empty = the usual places
    QStringList triedHomeservers;
    QStringList retrieved; ///< the relays asked for; empty = all
    QList<QList<qint64>> inboxDiscards, inboxExports, inboxRetries;
    QList<qint64> inboxLeftOut; ///< of the next exports: damaged ones
    QList<matrix::ServerName> forgotten;
    int inboxPagesAsked = 0;
    int outboxAsked = 0;
    int cancels = 0;

    /// Adds `count` entries for `name` with `origin` as sender; ids go on from the last.
    void hold(const QByteArray &name, int count, const QString &origin = QStringLiteral("matrix.town"),
              const QString &label = QStringLiteral("user"));
    /// What the owner collected: the oldest `count` entries go.
    void collect(const QByteArray &name, int count);
    queue::Totals totals() const;
    /// As if something had changed in the core.
    void announceTotals() { Q_EMIT totalsChanged(totals()); }
    void announceStatus() { Q_EMIT statusChanged(); }

    /// Switches the node role on, without a relay.
    void becomeNode();
    /// Adds an association.
    settings::RelayEntry &addRelay(const QString &relay, const QString &destination = {}, const QString &petname = {});
    /// What a sweep found: `count` transactions from `origin`, brought by `relay`.
    void deliver(int count, const QString &origin = QStringLiteral("matrix.town"),
                 const QString &relay = QStringLiteral("relay.example"));
    void meet(const QByteArray &destination, node::DestinationRow::State state = node::DestinationRow::State::Reachable,
              int failures = 0);
    /// As if something had changed in the core.
    void announceRelays() { Q_EMIT relaysChanged(); }
    void announceInbox() { Q_EMIT inboxChanged(); }
    void announceOutbox() { Q_EMIT outboxChanged(); }
    /// The sweep goes on: `relay` has brought that many by now.
    void progress(const QString &relay, qint64 collected, bool done, const std::optional<Error> &error = {});
    /// It is over; its caller hears of it.
    void endSweep(bool cancelled = false);

    control::ApplianceStatus status() const override;
    settings::Settings settings() const override { return currentSettings; }
    void applySettings(const settings::EditedSettings &changed, QObject *context, Done<bool> done) override;
    void setPaused(bool paused) override;
    void setWatching(bool on) override { watching.append(on); }
    void fetchTotals(QObject *context, Done<queue::Totals> done) override;
    void fetchTraffic(telemetry::TrafficSpan span, QObject *context, Done<telemetry::TrafficReport> done) override
    {
        trafficAsked.append(span);
        answer<telemetry::TrafficReport>(context, std::move(done), traffic.value(span, {span, {}, {}, {}}));
    }
    void fetchEntries(const queue::HeldFor &what, matrix::EntryId after, int limit, QObject *context,
                      Done<queue::EntryPage> done) override;
    void fetchEntry(const matrix::ServerName &destination, matrix::EntryId id, QObject *context,
                    Done<queue::HeldEntry> done) override;
    void discard(const matrix::ServerName &destination, const QList<matrix::EntryId> &ids, QObject *context,
                 Done<qint64> done) override;
    void discardAll(const queue::HeldFor &what, QObject *context, Done<qint64> done) override;
    void exportEntries(const queue::HeldFor &what, const QList<matrix::EntryId> &ids, const QString &file,
                       QObject *context, Done<qint64> done) override;

    control::IdentityCard identity() const override;
    // The window has nothing of these.
    void fetchKeys(const matrix::ServerName &, QObject *context, Done<control::ServerKeys> done) override
    {
        answer<control::ServerKeys>(context, std::move(done), control::ServerKeys());
    }
    void pinKey(const matrix::ServerName &, const QByteArray &, const identity::PublicKey &, QObject *context,
                Done<bool> done) override
    {
        answer<bool>(context, std::move(done), false);
    }
    QList<queue::Sending> sendings() const override { return {}; }
    void retrySending(const matrix::ServerName &, QObject *context, Done<qint64> done) override
    {
        answer<qint64>(context, std::move(done), 0);
    }
    void forgetKeys(const matrix::ServerName &, const QByteArray &, QObject *context, Done<qint64> done) override
    {
        answer<qint64>(context, std::move(done), 0);
    }
    QList<relay::DoorState> doors() const override { return doorStates; }
    QList<relay::FailedInvite> failedInvites() const override { return invites; }
    void findHomeservers(const QString &file, QObject *context, Done<homeserver::Found> done) override
    {
        lookedAt.append(file);
        answer<homeserver::Found>(context, std::move(done), found);
    }
    void testHomeserver(const settings::HomeserverUrl &place, QObject *context,
                        Done<homeserver::TrialReport> done) override
    {
        triedHomeservers.append(place.toString());
        answer<homeserver::TrialReport>(context, std::move(done), trial);
    }
    void fetchHomeserverAccess(QObject *context, Done<homeserver::Access> done) override
    {
        answer<homeserver::Access>(context, std::move(done),
                                   homeserverFails ? Result<homeserver::Access>(*homeserverFails)
                                                   : Result<homeserver::Access>(access));
    }
    QList<node::RelayStatus> relays() const override;
    void testRelay(const settings::RelayEntry &relay, QObject *context, Done<node::RelayReport> done) override;
    node::Sweep sweep() const override;
    void retrieve(const QString &relay, QObject *context, Done<node::Sweep> done) override;
    void cancelRetrieve() override;
    void fetchInbox(node::InboxPart part, qint64 after, int limit, QObject *context,
                    Done<node::InboxPage> done) override;
    void fetchInboxEntry(qint64 id, QObject *context, Done<node::InboxEntry> done) override;
    void retryInbox(const QList<qint64> &ids, QObject *context, Done<qint64> done) override;
    void discardInbox(const QList<qint64> &ids, QObject *context, Done<qint64> done) override;
    void exportInbox(const QList<qint64> &ids, const QString &file, QObject *context,
                     Done<node::InboxExported> done) override;
    void fetchOutbox(QObject *context, Done<QList<node::DestinationRow>> done) override;
    void forgetFailures(const matrix::ServerName &destination, QObject *context, Done<bool> done) override;
    void sendTransaction(const matrix::ServerName &destination, const QByteArray &body, QObject *context,
                         Done<node::SendReport> done) override;

private:
    template <typename T>
    void answer(QObject *context, Done<T> done, Result<T> result)
    {
        QMetaObject::invokeMethod(
            context, [done = std::move(done), result = std::move(result)] { done(result); }, Qt::QueuedConnection);
    }

    struct Waiting {
        QPointer<QObject> context;
        Done<node::Sweep> done;
    };

    QList<Waiting> m_waiting;
    QHash<qint64, qint64> m_handledInbox; ///< the signed times of what was discarded, by id
    qint64 m_lastId = 0;
    qint64 m_lastInboxId = 0;
};

/// A server name that is known to be valid.
matrix::ServerName serverName(const QByteArray &text);

} // namespace restante::test
