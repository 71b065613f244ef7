// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"

#include <QtCore/QTimer>

#include <memory>

namespace restante::node
{
class Node;
}

namespace restante::app
{

class Appliance;

/// What an operator can see and do, over the appliance of this process. Main thread.
class LocalOperations final : public control::Operations
{
    Q_OBJECT

public:
    /// `appliance` outlives it.
    explicit LocalOperations(Appliance &appliance, QObject *parent = nullptr);

    control::ApplianceStatus status() const override;
    settings::Settings settings() const override;
    void applySettings(const settings::EditedSettings &changed, QObject *context, Done<bool> done) override;
    void setPaused(bool paused) override;
    void setWatching(bool watching) override;
    void fetchTotals(QObject *context, Done<queue::Totals> done) override;
    void fetchTraffic(telemetry::TrafficSpan span, QObject *context, Done<telemetry::TrafficReport> done) override;
    void fetchEntries(const queue::HeldFor &what, matrix::EntryId after, int limit, QObject *context,
                      Done<queue::EntryPage> done) override;
    void fetchEntry(const matrix::ServerName &destination, matrix::EntryId id, QObject *context,
                    Done<queue::HeldEntry> done) override;
    void discard(const matrix::ServerName &destination, const QList<matrix::EntryId> &ids, QObject *context,
                 Done<qint64> done) override;
    void discardAll(const queue::HeldFor &what, QObject *context, Done<qint64> done) override;
    void exportEntries(const queue::HeldFor &what, const QList<matrix::EntryId> &ids, const QString &file,
                       QObject *context, Done<qint64> done) override;

    QList<queue::Sending> sendings() const override;
    void retrySending(const matrix::ServerName &destination, QObject *context, Done<qint64> done) override;

    control::IdentityCard identity() const override;
    void fetchKeys(const matrix::ServerName &server, QObject *context, Done<control::ServerKeys> done) override;
    void pinKey(const matrix::ServerName &server, const QByteArray &keyId, const identity::PublicKey &key,
                QObject *context, Done<bool> done) override;
    void forgetKeys(const matrix::ServerName &server, const QByteArray &keyId, QObject *context,
                    Done<qint64> done) override;
    QList<relay::DoorState> doors() const override;
    QList<relay::FailedInvite> failedInvites() const override;
    void findHomeservers(const QString &file, QObject *context, Done<homeserver::Found> done) override;
    void testHomeserver(const settings::HomeserverUrl &place, QObject *context,
                        Done<homeserver::TrialReport> done) override;
    void fetchHomeserverAccess(QObject *context, Done<homeserver::Access> done) override;
    QList<node::RelayStatus> relays() const override;
    void testRelay(const settings::RelayEntry &relay, QObject *context, Done<node::RelayReport> done) override;
    node::Sweep sweep() const override;
    void retrieve(const QString &relay, QObject *context, Done<node::Sweep> done) override;
    void cancelRetrieve() override;
    void fetchInbox(node::InboxPart part, qint64 after, int limit, QObject *context,
                    Done<node::InboxPage> done) override;
    void fetchInboxEntry(qint64 id, QObject *context, Done<node::InboxEntry> done) override;
    void discardInbox(const QList<qint64> &ids, QObject *context, Done<qint64> done) override;
    void retryInbox(const QList<qint64> &ids, QObject *context, Done<qint64> done) override;
    void exportInbox(const QList<qint64> &ids, const QString &file, QObject *context,
                     Done<node::InboxExported> done) override;
    void fetchOutbox(QObject *context, Done<QList<node::DestinationRow>> done) override;
    void forgetFailures(const matrix::ServerName &destination, QObject *context, Done<bool> done) override;
    void sendTransaction(const matrix::ServerName &destination, const QByteArray &body, QObject *context,
                         Done<node::SendReport> done) override;

    /// Totals come at most so often.
    static constexpr int RefreshMs = 250;
    /// Of a list of all servers' keys.
    static constexpr qsizetype MostKeys = 1'000;

private:
    void refresh();
    template <typename T>
    node::Node *nodeFor(QObject *context, const Done<T> &done);
    Result<homeserver::Access> homeserverAccess() const;

    Appliance &m_appliance;
    std::unique_ptr<federation::Caller> m_caller; ///< for trials of the homeserver
    QTimer m_pause;                               ///< runs while the last refresh is younger than RefreshMs
    bool m_stale = false;                         ///< something changed since the last refresh
};

} // namespace restante::app
