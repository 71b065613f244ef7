// SPDX-License-Identifier: GPL-3.0-or-later
#include "localoperations.h"

#include "appliance.h"

#include <QtCore/QPointer>

namespace restante::app
{

LocalOperations::LocalOperations(Appliance &appliance, QObject *parent)
    : Operations(parent)
    , m_appliance(appliance)
{
    m_pause.setSingleShot(true);
    m_pause.setInterval(RefreshMs);
    connect(&m_pause, &QTimer::timeout, this, [this] {
        if (m_stale)
            refresh();
    });
    connect(&appliance, &Appliance::statusChanged, this, &Operations::statusChanged);
    connect(&appliance, &Appliance::settingsChanged, this, &Operations::settingsChanged);
    connect(&appliance, &Appliance::queueChanged, this, [this] {
        m_stale = true;
        if (!m_pause.isActive())
            refresh();
    });
}

control::ApplianceStatus LocalOperations::status() const
{
    return m_appliance.status();
}

settings::Settings LocalOperations::settings() const
{
    return m_appliance.settings();
}

void LocalOperations::applySettings(const settings::Settings &changed, QObject *context, Done<bool> done)
{
    const auto apply = [this, changed, guard = QPointer<QObject>(context), done = std::move(done)] {
        const auto applied = m_appliance.applySettings(changed);
        if (guard)
            done(applied);
    };
    QMetaObject::invokeMethod(this, apply, Qt::QueuedConnection);
}

void LocalOperations::setPaused(bool paused)
{
    settings::Settings changed = m_appliance.settings();
    changed.relayPaused = paused;
    applySettings(changed, this, [this](const Result<bool> &applied) {
        if (!applied)
            Q_EMIT failed(applied.error());
    });
}

void LocalOperations::setWatching(bool watching)
{
    m_appliance.setWatching(watching);
    if (watching)
        refresh();
    else
        m_stale = false;
}

void LocalOperations::refresh()
{
    m_stale = false;
    m_pause.start();
    m_appliance.desk().totals(this, [this](const Result<queue::Totals> &totals) {
        if (totals)
            Q_EMIT totalsChanged(*totals);
        Q_EMIT statusChanged();
    });
}

void LocalOperations::fetchTotals(QObject *context, Done<queue::Totals> done)
{
    m_appliance.desk().totals(context, std::move(done));
}

void LocalOperations::fetchEntries(const matrix::ServerName &destination, matrix::EntryId after, int limit,
                                   QObject *context, Done<queue::EntryPage> done)
{
    m_appliance.desk().entries(destination, after, limit, context, std::move(done));
}

void LocalOperations::fetchEntry(const matrix::ServerName &destination, matrix::EntryId id, QObject *context,
                                 Done<queue::HeldEntry> done)
{
    m_appliance.desk().entry(destination, id, context, std::move(done));
}

void LocalOperations::discard(const matrix::ServerName &destination, const QList<matrix::EntryId> &ids,
                              QObject *context, Done<qint64> done)
{
    m_appliance.queue().discard(destination, ids,
                                [guard = QPointer<QObject>(context), done](const Result<qint64> &count) {
                                    if (guard)
                                        done(count);
                                });
}

void LocalOperations::discardAll(const matrix::ServerName &destination, QObject *context, Done<qint64> done)
{
    m_appliance.queue().discardAll(destination,
                                   [guard = QPointer<QObject>(context), done](const Result<qint64> &count) {
                                       if (guard)
                                           done(count);
                                   });
}

void LocalOperations::exportEntries(const matrix::ServerName &destination, const QList<matrix::EntryId> &ids,
                                    const QString &file, QObject *context, Done<qint64> done)
{
    m_appliance.desk().exportEntries(destination, ids, file, context, std::move(done));
}

// PLACEHOLDER until the node role is wired in
control::IdentityCard LocalOperations::identity() const
{
    return {};
}
QList<node::RelayStatus> LocalOperations::relays() const
{
    return {};
}
void LocalOperations::testRelay(const settings::RelayEntry &, QObject *, Done<node::RelayReport>) {}
node::Sweep LocalOperations::sweep() const
{
    return {};
}
void LocalOperations::retrieve(const QString &, QObject *, Done<node::Sweep>) {}
void LocalOperations::cancelRetrieve() {}
void LocalOperations::fetchInbox(qint64, int, QObject *, Done<node::InboxPage>) {}
void LocalOperations::fetchInboxEntry(qint64, QObject *, Done<node::InboxEntry>) {}
void LocalOperations::discardInbox(const QList<qint64> &, QObject *, Done<qint64>) {}
void LocalOperations::exportInbox(const QList<qint64> &, const QString &, QObject *, Done<qint64>) {}
void LocalOperations::fetchOutbox(QObject *, Done<QList<node::DestinationRow>>) {}
void LocalOperations::forgetFailures(const matrix::ServerName &, QObject *, Done<bool>) {}
void LocalOperations::sendTransaction(const matrix::ServerName &, const QByteArray &, QObject *, Done<node::SendReport>)
{
}

} // namespace restante::app
