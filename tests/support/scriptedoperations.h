// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"

#include <QtCore/QPointer>
#include <QtCore/QStringList>

#include <optional>

namespace restante::test
{

/// Operations that answer what a test put there and write down what they were asked, for the control socket. Answers
/// come later, from the event loop. A retrieval ends when the test says so.
class ScriptedOperations final : public control::Operations
{
public:
    control::ApplianceStatus currentStatus;
    settings::Settings currentSettings;
    queue::Totals totals;
    telemetry::TrafficReport traffic; ///< but for the span
    queue::EntryPage entries;
    queue::HeldEntry held;
    control::IdentityCard card;
    control::ServerKeys keys;
    QList<node::RelayStatus> relayStatuses;
    node::RelayReport report;
    node::Sweep currentSweep;
    QList<node::InboxRow> inbox;
    QList<qint64> damaged;   ///< of the inbox: listed, but cannot be read
    QList<qint64> inboxGone; ///< rows that are taken out between being listed and being fetched
    QByteArray inboxPdus = "[]";
    QList<relay::DoorState> doorStates;
    QList<relay::FailedInvite> invites;
    homeserver::Found found;
    homeserver::TrialReport trial;
    homeserver::Access access;
    QList<queue::Sending> waiting; ///< to be sent
    QList<node::DestinationRow> outbox;
    node::SendReport sent;
    std::optional<Error> fails; ///< everything that can
    bool restartNeeded = false;

    QStringList asked; ///< the calls, as text

    bool isRetrieving() const { return bool(m_retrieved); }
    void goOn(const node::Sweep &sweep)
    {
        currentSweep = sweep;
        Q_EMIT sweepChanged();
    }
    void endRetrieval(node::Sweep sweep)
    {
        sweep.running = false;
        goOn(sweep);
        answer<node::Sweep>(m_retriever, std::exchange(m_retrieved, {}), sweep);
    }

    control::ApplianceStatus status() const override { return currentStatus; }
    settings::Settings settings() const override { return currentSettings; }
    void applySettings(const settings::EditedSettings &changed, QObject *context, Done<bool> done) override
    {
        asked.append(QStringLiteral("applySettings"));
        QMetaObject::invokeMethod(
            context,
            [this, changed, done = std::move(done)] {
                if (!fails)
                    currentSettings = changed;
                done(fails ? Result<bool>(*fails) : Result<bool>(restartNeeded));
            },
            Qt::QueuedConnection);
    }
    void setPaused(bool) override {}
    void setWatching(bool) override {}
    void fetchTotals(QObject *context, Done<queue::Totals> done) override
    {
        tell(QStringLiteral("fetchTotals"), context, std::move(done), totals);
    }
    void fetchTraffic(telemetry::TrafficSpan span, QObject *context, Done<telemetry::TrafficReport> done) override
    {
        auto told = traffic;
        told.span = span;
        tell(QStringLiteral("fetchTraffic %1").arg(int(span)), context, std::move(done), told);
    }
    void fetchEntries(const queue::HeldFor &what, matrix::EntryId after, int limit, QObject *context,
                      Done<queue::EntryPage> done) override
    {
        queue::EntryPage page;
        for (const queue::EntryRow &row : std::as_const(entries.rows)) {
            if (after < row.id && page.rows.size() < limit)
                page.rows.append(row);
            else if (after < row.id)
                page.more = true;
        }
        tell(QStringLiteral("fetchEntries %1 %2 %3").arg(named(what)).arg(after.value).arg(limit), context,
             std::move(done), page);
    }
    void fetchEntry(const matrix::ServerName &destination, matrix::EntryId id, QObject *context,
                    Done<queue::HeldEntry> done) override
    {
        tell(QStringLiteral("fetchEntry %1 %2").arg(destination.toString()).arg(id.value), context, std::move(done),
             held);
    }
    void discard(const matrix::ServerName &destination, const QList<matrix::EntryId> &ids, QObject *context,
                 Done<qint64> done) override
    {
        QList<qint64> numbers;
        for (const matrix::EntryId id : ids)
            numbers.append(id.value);
        tell(QStringLiteral("discard %1 %2").arg(destination.toString(), listed(numbers)), context, std::move(done),
             qint64(ids.size()));
    }
    void discardAll(const queue::HeldFor &what, QObject *context, Done<qint64> done) override
    {
        tell(QStringLiteral("discardAll ") + named(what), context, std::move(done), qint64(entries.rows.size()));
    }
    void exportEntries(const queue::HeldFor &what, const QList<matrix::EntryId> &ids, const QString &file,
                       QObject *context, Done<qint64> done) override
    {
        tell(QStringLiteral("exportEntries %1 %2 %3").arg(named(what)).arg(ids.size()).arg(file), context,
             std::move(done), qint64(ids.size()));
    }
    QList<queue::Sending> sendings() const override { return waiting; }
    void retrySending(const matrix::ServerName &destination, QObject *context, Done<qint64> done) override
    {
        tell(QStringLiteral("retrySending ") + destination.toString(), context, std::move(done),
             qint64(waiting.size()));
    }
    control::IdentityCard identity() const override { return card; }
    void fetchKeys(const matrix::ServerName &server, QObject *context, Done<control::ServerKeys> done) override
    {
        tell(QStringLiteral("fetchKeys ") + server.toString(), context, std::move(done), keys);
    }
    void pinKey(const matrix::ServerName &server, const QByteArray &keyId, const identity::PublicKey &key,
                QObject *context, Done<bool> done) override
    {
        const QByteArray bytes(reinterpret_cast<const char *>(key.data()), qsizetype(key.size()));
        tell(QStringLiteral("pinKey %1 %2 %3")
                 .arg(server.toString(), QString::fromLatin1(keyId),
                      QString::fromLatin1(bytes.toBase64(QByteArray::OmitTrailingEquals))),
             context, std::move(done), true);
    }
    void forgetKeys(const matrix::ServerName &server, const QByteArray &keyId, QObject *context,
                    Done<qint64> done) override
    {
        tell(QStringLiteral("forgetKeys %1 %2").arg(server.toString(), QString::fromLatin1(keyId)), context,
             std::move(done), qint64(keyId.isEmpty() ? keys.keys.size() : 1));
    }
    QList<relay::DoorState> doors() const override { return doorStates; }
    QList<relay::FailedInvite> failedInvites() const override { return invites; }
    void findHomeservers(const QString &file, QObject *context, Done<homeserver::Found> done) override
    {
        tell(QStringLiteral("findHomeservers ") + file, context, std::move(done), found);
    }
    void testHomeserver(const settings::HomeserverUrl &place, QObject *context,
                        Done<homeserver::TrialReport> done) override
    {
        tell(QStringLiteral("testHomeserver ") + place.toString(), context, std::move(done), trial);
    }
    void fetchHomeserverAccess(QObject *context, Done<homeserver::Access> done) override
    {
        tell(QStringLiteral("fetchHomeserverAccess"), context, std::move(done), access);
    }
    QList<node::RelayStatus> relays() const override { return relayStatuses; }
    void testRelay(const settings::RelayEntry &relay, QObject *context, Done<node::RelayReport> done) override
    {
        tell(QStringLiteral("testRelay %1 %2").arg(relay.relay.toString(), relay.url.toString()), context,
             std::move(done), report);
    }
    node::Sweep sweep() const override { return currentSweep; }
    void retrieve(const QString &relay, QObject *context, Done<node::Sweep> done) override
    {
        asked.append(QStringLiteral("retrieve ") + relay);
        if (fails) {
            answer<node::Sweep>(context, std::move(done), *fails);
            return;
        }
        m_retriever = context;
        m_retrieved = std::move(done);
        currentSweep.running = true;
    }
    void cancelRetrieve() override
    {
        asked.append(QStringLiteral("cancelRetrieve"));
        currentSweep.running = false;
        m_retrieved = {};
    }
    void fetchInbox(node::InboxPart part, qint64 after, int limit, QObject *context,
                    Done<node::InboxPage> done) override
    {
        node::InboxPage page;
        for (const node::InboxRow &row : std::as_const(inbox)) {
            page.total += 1;
            page.bytes += row.bytes;
            if (row.id <= after || !node::isIn(part, row))
                continue;
            if (page.rows.size() < limit)
                page.rows.append(row);
            else
                page.more = true;
        }
        tell(QStringLiteral("fetchInbox %1 %2").arg(after).arg(limit), context, std::move(done), page);
    }
    void fetchInboxEntry(qint64 id, QObject *context, Done<node::InboxEntry> done) override
    {
        asked.append(QStringLiteral("fetchInboxEntry %1").arg(id));
        if (inboxGone.contains(id))
            inbox.removeIf([id](const node::InboxRow &row) { return row.id == id; });
        for (const node::InboxRow &row : std::as_const(inbox)) {
            if (row.id == id && damaged.contains(id)) {
                answer<node::InboxEntry>(context, std::move(done), Error{Errc::Corrupt, QStringLiteral("Damaged"), 0});
                return;
            }
            if (row.id == id) {
                answer<node::InboxEntry>(context, std::move(done), node::InboxEntry{row, inboxPdus, "[]"});
                return;
            }
        }
        answer<node::InboxEntry>(context, std::move(done), Error{Errc::NotHeld, QStringLiteral("It is gone"), 0});
    }
    void discardInbox(const QList<qint64> &ids, QObject *context, Done<qint64> done) override
    {
        tell(QStringLiteral("discardInbox ") + listed(ids), context, std::move(done),
             qint64(ids.isEmpty() ? inbox.size() : ids.size()));
    }
    void retryInbox(const QList<qint64> &ids, QObject *context, Done<qint64> done) override
    {
        tell(QStringLiteral("retryInbox ") + listed(ids), context, std::move(done), qint64(ids.size()));
    }
    void exportInbox(const QList<qint64> &ids, const QString &file, QObject *context,
                     Done<node::InboxExported> done) override
    {
        tell(QStringLiteral("exportInbox %1 %2").arg(ids.size()).arg(file), context, std::move(done),
             node::InboxExported{ids.isEmpty() ? inbox.size() : ids.size(), damaged});
    }
    void fetchOutbox(QObject *context, Done<QList<node::DestinationRow>> done) override
    {
        tell(QStringLiteral("fetchOutbox"), context, std::move(done), outbox);
    }
    void forgetFailures(const matrix::ServerName &destination, QObject *context, Done<bool> done) override
    {
        tell(QStringLiteral("forgetFailures ") + destination.toString(), context, std::move(done), true);
    }
    void sendTransaction(const matrix::ServerName &destination, const QByteArray &body, QObject *context,
                         Done<node::SendReport> done) override
    {
        sentBody = body;
        tell(QStringLiteral("sendTransaction ") + destination.toString(), context, std::move(done), sent);
    }
    QByteArray sentBody;

private:
    static QString named(const queue::HeldFor &what)
    {
        return what.user ? u'@' + *what.user + u':' + what.destination.toString() : what.destination.toString();
    }
    static QString listed(const QList<qint64> &ids)
    {
        QStringList texts;
        for (const qint64 id : ids)
            texts.append(QString::number(id));
        return texts.join(u',');
    }
    template <typename T>
    void answer(QObject *context, Done<T> done, Result<T> result)
    {
        if (context)
            QMetaObject::invokeMethod(
                context, [done = std::move(done), result = std::move(result)] { done(result); }, Qt::QueuedConnection);
    }
    template <typename T>
    void tell(const QString &call, QObject *context, Done<T> done, const T &value)
    {
        asked.append(call);
        answer<T>(context, std::move(done), fails ? Result<T>(*fails) : Result<T>(value));
    }

    QPointer<QObject> m_retriever;
    Done<node::Sweep> m_retrieved;
};

} // namespace restante::test
