// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakeoperations.h"

namespace restante::test
{

using matrix::EntryId;
using matrix::ServerName;

namespace
{
constexpr qint64 FirstReceived = 1'789'900'000'000;
} // namespace

ServerName serverName(const QByteArray &text)
{
    const auto name = ServerName::parse(text);
    Q_ASSERT(name);
    return name.value();
}

FakeOperations::FakeOperations()
{
    currentStatus.state = control::ApplianceStatus::State::Running;
    currentStatus.serverName = QStringLiteral("relay.example.org");
    currentStatus.addresses = {QStringLiteral("http://127.0.0.1:8449")};
}

void FakeOperations::hold(const QByteArray &name, int count, const QString &origin, const QString &label)
{
    auto &rows = held[serverName(name)];
    for (int i = 0; i < count; ++i) {
        queue::EntryRow row;
        row.id = {++m_lastId};
        row.origin = origin;
        row.txnId = QStringLiteral("txn-%1").arg(m_lastId);
        row.userLabel = label;
        row.receivedMs = FirstReceived + m_lastId * 1000;
        row.bytes = 900;
        row.pduCount = 2;
        row.eduCount = 1;
        row.events = {{false, QStringLiteral("m.room.message"), QStringLiteral("@a:matrix.town"), QStringLiteral("!r")},
                      {false, QStringLiteral("m.room.message"), QStringLiteral("@a:matrix.town"), QStringLiteral("!r")},
                      {true, QStringLiteral("m.typing"), QString(), QString()}};
        rows.append(row);
    }
}

void FakeOperations::collect(const QByteArray &name, int count)
{
    auto &rows = held[serverName(name)];
    rows.remove(0, count);
}

queue::Totals FakeOperations::totals() const
{
    queue::Totals all;
    for (auto it = held.cbegin(); it != held.cend(); ++it) {
        queue::DestinationTotal total;
        total.destination = it.key();
        QMap<QString, queue::UserLabelTotal> labels;
        for (const auto &row : *it) {
            ++total.entries;
            total.bytes += row.bytes;
            auto &label = labels[row.userLabel];
            label.label = row.userLabel;
            ++label.entries;
            label.bytes += row.bytes;
        }
        if (!it->isEmpty()) {
            total.oldestMs = it->first().receivedMs;
            total.newestMs = it->last().receivedMs;
        }
        total.labels = labels.values();
        all.entries += total.entries;
        all.bytes += total.bytes;
        all.destinations.append(total);
    }
    return all;
}

control::ApplianceStatus FakeOperations::status() const
{
    auto status = currentStatus;
    if (!countsHeld)
        return status;
    const auto all = totals();
    status.served = int(currentSettings.served.size());
    status.heldEntries = all.entries;
    status.heldBytes = all.bytes;
    return status;
}

void FakeOperations::applySettings(const settings::Settings &changed, QObject *context, Done<bool> done)
{
    applied.append(changed);
    if (applyFails) {
        answer<bool>(context, std::move(done), *applyFails);
        return;
    }
    currentSettings = changed;
    answer<bool>(context, std::move(done), restartNeeded);
    QMetaObject::invokeMethod(this, &Operations::settingsChanged, Qt::QueuedConnection);
}

void FakeOperations::setPaused(bool paused)
{
    using State = control::ApplianceStatus::State;
    pauses.append(paused);
    currentSettings.relayPaused = paused;
    currentStatus.state = paused ? State::Paused : State::Running;
    QMetaObject::invokeMethod(this, &Operations::statusChanged, Qt::QueuedConnection);
}

void FakeOperations::fetchTotals(QObject *context, Done<queue::Totals> done)
{
    ++totalsAsked;
    if (totalsFail)
        answer<queue::Totals>(context, std::move(done), *totalsFail);
    else
        answer<queue::Totals>(context, std::move(done), totals());
}

void FakeOperations::fetchEntries(const ServerName &destination, EntryId after, int limit, QObject *context,
                                  Done<queue::EntryPage> done)
{
    ++pagesAsked;
    if (entriesFail) {
        answer<queue::EntryPage>(context, std::move(done), *entriesFail);
        return;
    }
    queue::EntryPage page;
    const auto rows = held.value(destination);
    for (const auto &row : rows) {
        if (!(after < row.id))
            continue;
        if (page.rows.size() == limit) {
            page.more = true;
            break;
        }
        page.rows.append(row);
    }
    answer<queue::EntryPage>(context, std::move(done), page);
}

void FakeOperations::fetchEntry(const ServerName &destination, EntryId id, QObject *context,
                                Done<queue::HeldEntry> done)
{
    if (entryFails) {
        answer<queue::HeldEntry>(context, std::move(done), *entryFails);
        return;
    }
    const auto rows = held.value(destination);
    const auto row = std::find_if(rows.cbegin(), rows.cend(), [id](const auto &r) { return r.id == id; });
    if (row == rows.cend()) {
        answer<queue::HeldEntry>(context, std::move(done), Error{Errc::NotHeld, QStringLiteral("no such entry"), 0});
        return;
    }
    queue::HeldEntry entry;
    entry.pdus = R"([{"type":"m.room.message","sender":"@anna:matrix.town","room_id":"!garden:matrix.town",)"
                 R"("depth":12,"content":{"msgtype":"m.text","body":"The key is under the mat","x":1.50}},)"
                 R"({"type":"m.room.message","sender":"@anna:matrix.town","room_id":"!garden:matrix.town",)"
                 R"("content":{"msgtype":"m.text","body":"See you on Sunday"}}])";
    entry.edus = R"([{"edu_type":"m.typing","content":{"room_id":"!garden:matrix.town",)"
                 R"("user_id":"@anna:matrix.town","typing":true}}])";
    if (bodies.contains(id.value))
        entry = bodies.value(id.value);
    entry.id = id;
    entry.origin = row->origin.toUtf8();
    entry.txnId = row->txnId.toUtf8();
    entry.receivedMs = row->receivedMs;
    entry.originServerTs = row->receivedMs - 40;
    answer<queue::HeldEntry>(context, std::move(done), entry);
}

void FakeOperations::discard(const ServerName &destination, const QList<EntryId> &ids, QObject *context,
                             Done<qint64> done)
{
    discards.append({destination, ids, {}});
    if (discardFails) {
        answer<qint64>(context, std::move(done), *discardFails);
        return;
    }
    auto &rows = held[destination];
    const auto removed = rows.removeIf([&](const auto &row) { return ids.contains(row.id); });
    answer<qint64>(context, std::move(done), qint64(removed));
}

void FakeOperations::discardAll(const ServerName &destination, QObject *context, Done<qint64> done)
{
    discardAlls.append({destination, {}, {}});
    if (discardFails)
        answer<qint64>(context, std::move(done), *discardFails);
    else
        answer<qint64>(context, std::move(done), qint64(held.take(destination).size()));
}

void FakeOperations::exportEntries(const ServerName &destination, const QList<EntryId> &ids, const QString &file,
                                   QObject *context, Done<qint64> done)
{
    exports.append({destination, ids, file});
    if (exportFails)
        answer<qint64>(context, std::move(done), *exportFails);
    else
        answer<qint64>(context, std::move(done), ids.isEmpty() ? held.value(destination).size() : ids.size());
}

// PLACEHOLDER until the node role is wired in
control::IdentityCard FakeOperations::identity() const
{
    return {};
}
QList<node::RelayStatus> FakeOperations::relays() const
{
    return {};
}
void FakeOperations::testRelay(const settings::RelayEntry &, QObject *, Done<node::RelayReport>) {}
node::Sweep FakeOperations::sweep() const
{
    return {};
}
void FakeOperations::retrieve(const QString &, QObject *, Done<node::Sweep>) {}
void FakeOperations::cancelRetrieve() {}
void FakeOperations::fetchInbox(qint64, int, QObject *, Done<node::InboxPage>) {}
void FakeOperations::fetchInboxEntry(qint64, QObject *, Done<node::InboxEntry>) {}
void FakeOperations::discardInbox(const QList<qint64> &, QObject *, Done<qint64>) {}
void FakeOperations::exportInbox(const QList<qint64> &, const QString &, QObject *, Done<qint64>) {}
void FakeOperations::fetchOutbox(QObject *, Done<QList<node::DestinationRow>>) {}
void FakeOperations::forgetFailures(const matrix::ServerName &, QObject *, Done<bool>) {}
void FakeOperations::sendTransaction(const matrix::ServerName &, const QByteArray &, QObject *, Done<node::SendReport>)
{
}

} // namespace restante::test
