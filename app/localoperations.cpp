// SPDX-License-Identifier: GPL-3.0-or-later
#include "localoperations.h"

#include "appliance.h"
#include "homeserver/finder.h"
#include "node/nodesecret.h"
#include "policyfrom.h"
#include "settings/relayentry.h"

#include <QtCore/QDir>
#include <QtCore/QPointer>

#include <limits>

namespace restante::app
{

namespace
{
/// What is known at once, told later, as the contract demands.
template <typename T>
void answerLater(QObject *context, control::Operations::Done<T> done, Result<T> result)
{
    QMetaObject::invokeMethod(
        context, [done = std::move(done), result = std::move(result)] { done(result); }, Qt::QueuedConnection);
}

/// Tells what is in force already once it is known whether it is kept.
template <typename T>
std::function<void(Result<void>)> whenKept(QObject *context, control::Operations::Done<T> done, T value)
{
    return [guard = QPointer<QObject>(context), done = std::move(done), value](const Result<void> &kept) {
        if (!guard)
            return;
        if (kept)
            return done(value);
        done(Error{kept.error().code,
                   QStringLiteral("In force, but not saved, so it ends with the program: ") + kept.error().detail, 0});
    };
}

QString keyText(const identity::PublicKey &key)
{
    return QString::fromLatin1(identity::textOf(key));
}
} // namespace

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
    connect(&appliance, &Appliance::nodeChanged, this, [this] {
        Q_EMIT relaysChanged();
        Q_EMIT sweepChanged();
        Q_EMIT statusChanged();
    });
    connect(&appliance, &Appliance::inboxChanged, this, [this] {
        Q_EMIT inboxChanged();
        Q_EMIT statusChanged();
    });
    connect(&appliance, &Appliance::outboxChanged, this, [this] {
        Q_EMIT outboxChanged();
        Q_EMIT statusChanged();
    });
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

void LocalOperations::applySettings(const settings::EditedSettings &changed, QObject *context, Done<bool> done)
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
    fetchTotals(this, [this](const Result<queue::Totals> &totals) {
        if (totals)
            Q_EMIT totalsChanged(*totals);
        Q_EMIT statusChanged();
    });
}

void LocalOperations::fetchTotals(QObject *context, Done<queue::Totals> done)
{
    m_appliance.desk().totals(context, [this, done = std::move(done)](Result<queue::Totals> totals) {
        if (totals)
            m_appliance.addFills(*totals);
        done(std::move(totals));
    });
}

void LocalOperations::fetchTraffic(telemetry::TrafficSpan span, QObject *context, Done<telemetry::TrafficReport> done)
{
    answerLater<telemetry::TrafficReport>(context, std::move(done), m_appliance.traffic().report(span));
}

void LocalOperations::fetchEntries(const queue::HeldFor &what, matrix::EntryId after, int limit, QObject *context,
                                   Done<queue::EntryPage> done)
{
    m_appliance.desk().entries(what, after, limit, context, std::move(done));
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

void LocalOperations::discardAll(const queue::HeldFor &what, QObject *context, Done<qint64> done)
{
    const auto tell = [guard = QPointer<QObject>(context), done = std::move(done)](const Result<qint64> &count) {
        if (guard)
            done(count);
    };
    if (!what.user)
        return m_appliance.queue().discardAll(what.destination, tell);
    // The queue knows no users, so these are looked for, and what comes meanwhile is not among them.
    m_appliance.desk().ids(what, this, [this, what, tell](const Result<QList<matrix::EntryId>> &ids) {
        if (!ids)
            tell(ids.error());
        else
            m_appliance.queue().discard(what.destination, *ids, tell);
    });
}

QList<queue::Sending> LocalOperations::sendings() const
{
    return m_appliance.dispatcher().sendings();
}

void LocalOperations::retrySending(const matrix::ServerName &destination, QObject *context, Done<qint64> done)
{
    m_appliance.dispatcher().retry(
        destination, [guard = QPointer<QObject>(context), done = std::move(done)](const Result<qint64> &count) {
            if (guard)
                done(count);
        });
}

void LocalOperations::exportEntries(const queue::HeldFor &what, const QList<matrix::EntryId> &ids, const QString &file,
                                    QObject *context, Done<qint64> done)
{
    m_appliance.desk().exportEntries(what, ids, file, context, std::move(done));
}

control::IdentityCard LocalOperations::identity() const
{
    const identity::Identity &identity = m_appliance.identity();
    return {identity.name().toString(), QString::fromLatin1(identity.keyId()), keyText(identity.publicKey())};
}

void LocalOperations::fetchKeys(const matrix::ServerName &server, QObject *context, Done<control::ServerKeys> done)
{
    const auto all = server.isNull() ? MostKeys : std::numeric_limits<qsizetype>::max();
    const auto listing = m_appliance.keyRing().list(server, all);
    control::ServerKeys keys;
    for (const auto &[key, usable] : listing.keys)
        keys.keys.append({key.server.toString(), QString::fromLatin1(key.keyId), keyText(key.key), key.fetchedMs,
                          key.pinned ? 0 : key.validUntilMs, key.pinned, key.old, usable});
    for (const identity::RefusedKey &key : listing.refused)
        keys.refused.append({key.server.toString(), QString::fromLatin1(key.keyId), keyText(key.key), key.refusedMs});
    for (const identity::FetchFailure &failure : listing.failed)
        keys.failed.append({failure.server.toString(), failure.reason, failure.failedMs});
    keys.left = listing.left;
    answerLater<control::ServerKeys>(context, std::move(done), std::move(keys));
}

void LocalOperations::pinKey(const matrix::ServerName &server, const QByteArray &keyId, const identity::PublicKey &key,
                             QObject *context, Done<bool> done)
{
    const auto pinned = m_appliance.keyRing().pin(server, keyId, key);
    if (!pinned)
        return answerLater<bool>(context, std::move(done), pinned);
    queue::KeyCache::confirmPinned(m_appliance.queue(), server, keyId,
                                   whenKept<bool>(context, std::move(done), *pinned));
}

void LocalOperations::forgetKeys(const matrix::ServerName &server, const QByteArray &keyId, QObject *context,
                                 Done<qint64> done)
{
    const auto gone = m_appliance.forgetKeys(server, keyId);
    if (!gone)
        return answerLater<qint64>(context, std::move(done), gone);
    queue::KeyCache::confirmRemoved(m_appliance.queue(), server, keyId,
                                    whenKept<qint64>(context, std::move(done), *gone));
}

/// The node, or null after having told the caller that there is none.
template <typename T>
node::Node *LocalOperations::nodeFor(QObject *context, const Done<T> &done)
{
    if (node::Node *node = m_appliance.node())
        return node;
    answerLater<T>(
        context, done,
        {Errc::InvalidSetting, QStringLiteral("The node role is off; switch it on with the setting node.enabled")});
    return nullptr;
}

QList<node::RelayStatus> LocalOperations::relays() const
{
    const node::Node *node = m_appliance.node();
    return node ? node->snapshot().relays : QList<node::RelayStatus>();
}

void LocalOperations::testRelay(const settings::RelayEntry &relay, QObject *context, Done<node::RelayReport> done)
{
    node::Node *node = nodeFor(context, done);
    if (!node)
        return;
    if (const auto problem = settings::relayProblem(relay))
        answerLater<node::RelayReport>(context, std::move(done), settings::errorOf(problem->complaint));
    else
        node->testRelay(associationFrom(relay), context, std::move(done));
}

node::Sweep LocalOperations::sweep() const
{
    const node::Node *node = m_appliance.node();
    return node ? node->snapshot().sweep : node::Sweep();
}

void LocalOperations::retrieve(const QString &relay, QObject *context, Done<node::Sweep> done)
{
    if (node::Node *node = nodeFor(context, done))
        node->retrieve(relay, context, std::move(done));
}

void LocalOperations::cancelRetrieve()
{
    if (node::Node *node = m_appliance.node())
        node->cancelRetrieve();
}

void LocalOperations::fetchInbox(node::InboxPart part, qint64 after, int limit, QObject *context,
                                 Done<node::InboxPage> done)
{
    if (node::Node *node = nodeFor(context, done))
        node->fetchInbox(part, after, limit, context, std::move(done));
}

void LocalOperations::fetchInboxEntry(qint64 id, QObject *context, Done<node::InboxEntry> done)
{
    if (node::Node *node = nodeFor(context, done))
        node->fetchInboxEntry(id, context, std::move(done));
}

void LocalOperations::discardInbox(const QList<qint64> &ids, QObject *context, Done<qint64> done)
{
    if (node::Node *node = nodeFor(context, done))
        node->discardInbox(ids, context, std::move(done));
}

void LocalOperations::retryInbox(const QList<qint64> &ids, QObject *context, Done<qint64> done)
{
    if (node::Node *node = nodeFor(context, done))
        node->retryInbox(ids, context, std::move(done));
}

void LocalOperations::exportInbox(const QList<qint64> &ids, const QString &file, QObject *context,
                                  Done<node::InboxExported> done)
{
    if (node::Node *node = nodeFor(context, done))
        node->exportInbox(ids, file, context, std::move(done));
}

void LocalOperations::fetchOutbox(QObject *context, Done<QList<node::DestinationRow>> done)
{
    node::Node *node = nodeFor(context, done);
    if (!node)
        return;
    QList<node::DestinationRow> rows = node->book().rows();
    for (node::DestinationRow &row : rows)
        node->associations().describe(row);
    answerLater<QList<node::DestinationRow>>(context, std::move(done), std::move(rows));
}

void LocalOperations::forgetFailures(const matrix::ServerName &destination, QObject *context, Done<bool> done)
{
    node::Node *node = nodeFor(context, done);
    if (!node)
        return;
    answerLater<bool>(context, std::move(done), node->book().noteContact(destination));
}

void LocalOperations::sendTransaction(const matrix::ServerName &destination, const QByteArray &body, QObject *context,
                                      Done<node::SendReport> done)
{
    if (node::Node *node = nodeFor(context, done))
        node->sendTransaction(destination, body, context, std::move(done));
}

QList<relay::DoorState> LocalOperations::doors() const
{
    return m_appliance.doors();
}

QList<relay::FailedInvite> LocalOperations::failedInvites() const
{
    return m_appliance.failedInvites();
}

void LocalOperations::findHomeservers(const QString &file, QObject *context, Done<homeserver::Found> done)
{
    answerLater<homeserver::Found>(context, std::move(done),
                                   homeserver::findHomeservers(QString(), QDir::homePath(), file));
}

void LocalOperations::testHomeserver(const settings::HomeserverUrl &place, QObject *context,
                                     Done<homeserver::TrialReport> done)
{
    if (!m_caller)
        m_caller = std::make_unique<federation::Port>(m_appliance.federation());
    const identity::Identity &own = m_appliance.identity();
    homeserver::tryHomeserver(*m_caller, m_appliance.clock(), place.place(), {own.name(), own.keyId(), own.publicKey()},
                              [guard = QPointer<QObject>(context), done = std::move(done)](const auto &report) {
                                  if (guard)
                                      done(report);
                              });
}

Result<homeserver::Access> LocalOperations::homeserverAccess() const
{
    const settings::ListenAddress &place = m_appliance.settings().nodeListen;
    const auto secret = node::loadOrCreateSecret(m_appliance.dataFolder());
    if (place.port == 0)
        return Error{Errc::InvalidSetting,
                     QStringLiteral("node.listen gives no port, so that it differs with every start: set one"), 0};
    if (!secret)
        return secret.error();
    return homeserver::Access{place.address.toString(), place.port, QString::fromLatin1(*secret),
                              m_appliance.identity().name().toString(), QDir(m_appliance.dataFolder()).absolutePath()};
}

void LocalOperations::fetchHomeserverAccess(QObject *context, Done<homeserver::Access> done)
{
    answerLater<homeserver::Access>(context, std::move(done), homeserverAccess());
}

} // namespace restante::app
