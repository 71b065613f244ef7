// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakeoperations.h"
#include "settingsvalues.h"

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
    status.inboxEntries = inbox.size();
    const auto mine = relays();
    for (const auto &relay : mine) {
        if (!relay.destination.isEmpty())
            continue;
        ++status.myRelays;
        if (relay.state == node::RelayStatus::State::Failing)
            ++status.failingRelays;
    }
    return status;
}

void FakeOperations::applySettings(const settings::EditedSettings &changed, QObject *context, Done<bool> done)
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

void FakeOperations::fetchEntries(const queue::HeldFor &what, EntryId after, int limit, QObject *context,
                                  Done<queue::EntryPage> done)
{
    ++pagesAsked;
    if (entriesFail) {
        answer<queue::EntryPage>(context, std::move(done), *entriesFail);
        return;
    }
    queue::EntryPage page;
    const auto rows = held.value(what.destination);
    for (const auto &row : rows) {
        if (!(after < row.id) || (what.user && row.userLabel != *what.user))
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

void FakeOperations::discardAll(const queue::HeldFor &what, QObject *context, Done<qint64> done)
{
    discardAlls.append({what.destination, {}, {}, what.user});
    if (discardFails) {
        answer<qint64>(context, std::move(done), *discardFails);
        return;
    }
    auto &rows = held[what.destination];
    const auto removed = rows.removeIf([&what](const auto &row) { return !what.user || row.userLabel == *what.user; });
    answer<qint64>(context, std::move(done), qint64(removed));
}

void FakeOperations::exportEntries(const queue::HeldFor &what, const QList<EntryId> &ids, const QString &file,
                                   QObject *context, Done<qint64> done)
{
    exports.append({what.destination, ids, file, what.user});
    if (exportFails)
        answer<qint64>(context, std::move(done), *exportFails);
    else
        answer<qint64>(context, std::move(done), ids.isEmpty() ? held.value(what.destination).size() : ids.size());
}

void FakeOperations::becomeNode()
{
    currentSettings.nodeEnabled = true;
    currentStatus.node = true;
    currentStatus.nodeAddress = QStringLiteral("http://127.0.0.1:8450");
}

settings::RelayEntry &FakeOperations::addRelay(const QString &relay, const QString &destination, const QString &petname)
{
    currentSettings.relays.append(
        relayEntry({relay, QStringLiteral("https://192.0.2.1:8449"), {}, destination, petname, false}));
    return currentSettings.relays.last();
}

void FakeOperations::deliver(int count, const QString &origin, const QString &relay)
{
    for (int i = 0; i < count; ++i) {
        node::InboxRow row;
        row.id = ++m_lastInboxId;
        row.origin = origin;
        row.relay = relay;
        row.txnId = QStringLiteral("txn-%1").arg(row.id);
        row.collectedMs = FirstReceived + row.id * 1000;
        row.originServerTs = row.collectedMs - 3'600'000;
        row.bytes = 900;
        row.pduCount = 1;
        row.events = {
            {false, QStringLiteral("m.room.message"), QStringLiteral("@a:matrix.town"), QStringLiteral("!r")}};
        inbox.append(row);
    }
}

void FakeOperations::meet(const QByteArray &destination, node::DestinationRow::State state, int failures)
{
    node::DestinationRow row;
    row.destination = serverName(destination);
    row.state = state;
    row.failures = failures;
    row.lastSuccessMs = FirstReceived;
    row.lastFailureMs = failures > 0 ? FirstReceived + 60'000 : 0;
    row.lastError = failures > 0 ? QStringLiteral("connection refused") : QString();
    outbox.append(row);
}

void FakeOperations::progress(const QString &relay, qint64 collected, bool done, const std::optional<Error> &error)
{
    for (auto &part : currentSweep.relays) {
        if (part.relay != relay)
            continue;
        part.collected = collected;
        part.fresh = collected;
        using State = node::RelayProgress::State;
        part.state = error ? State::Failed : done ? State::Done : State::Asking;
        part.error = error;
    }
    Q_EMIT sweepChanged();
}

void FakeOperations::endSweep(bool cancelled)
{
    currentSweep.running = false;
    currentSweep.cancelled = cancelled;
    for (auto &part : currentSweep.relays) {
        using State = node::RelayProgress::State;
        if (part.state == State::Asking)
            part.state = cancelled ? State::Cancelled : State::Done;
    }
    currentSweep.endedMs = currentSweep.startedMs + 5000;
    const auto waiting = std::exchange(m_waiting, {});
    for (const auto &one : waiting) {
        if (one.context)
            answer<node::Sweep>(one.context, one.done, currentSweep);
    }
    Q_EMIT sweepChanged();
}

control::IdentityCard FakeOperations::identity() const
{
    return {currentStatus.serverName, QStringLiteral("ed25519:auto"), QString(43, u'k')};
}

QList<node::RelayStatus> FakeOperations::relays() const
{
    QList<node::RelayStatus> all;
    if (!currentSettings.nodeEnabled)
        return all;
    for (const auto &entry : currentSettings.relays) {
        node::RelayStatus made;
        made.mine = entry.destination.isNull();
        auto one = relayStates.value(entry.key(), made);
        one.relay = entry.relay.toString();
        one.destination = entry.destination.toString();
        all.append(one);
    }
    return all;
}

void FakeOperations::testRelay(const settings::RelayEntry &relay, QObject *context, Done<node::RelayReport> done)
{
    tested.append(relay);
    if (testFails)
        answer<node::RelayReport>(context, std::move(done), *testFails);
    else
        answer<node::RelayReport>(context, std::move(done), relayReport);
}

node::Sweep FakeOperations::sweep() const
{
    return currentSweep;
}

void FakeOperations::retrieve(const QString &relay, QObject *context, Done<node::Sweep> done)
{
    retrieved.append(relay);
    if (retrieveFails) {
        answer<node::Sweep>(context, std::move(done), *retrieveFails);
        return;
    }
    m_waiting.append({context, std::move(done)});
    if (currentSweep.running)
        return;
    currentSweep = {};
    currentSweep.running = true;
    currentSweep.startedMs = FirstReceived;
    for (const auto &entry : std::as_const(currentSettings.relays)) {
        const QString name = entry.relay.toString();
        if (entry.destination.isNull() && (relay.isEmpty() || relay == name))
            currentSweep.relays.append(node::RelayProgress{name});
    }
    QMetaObject::invokeMethod(this, &Operations::sweepChanged, Qt::QueuedConnection);
}

void FakeOperations::cancelRetrieve()
{
    ++cancels;
    QMetaObject::invokeMethod(
        this,
        [this] {
            if (currentSweep.running)
                endSweep(true);
        },
        Qt::QueuedConnection);
}

void FakeOperations::fetchInbox(node::InboxPart part, qint64 after, int limit, QObject *context,
                                Done<node::InboxPage> done)
{
    ++inboxPagesAsked;
    if (inboxFails) {
        answer<node::InboxPage>(context, std::move(done), *inboxFails);
        return;
    }
    if (!currentStatus.node) {
        answer<node::InboxPage>(context, std::move(done), Error{Errc::InvalidSetting, QStringLiteral("no node"), 0});
        return;
    }
    // As the store does it: by signed time, then in the order of arrival; what is gone keeps its place.
    const auto placeOf = [](const node::InboxRow &row) { return std::pair(row.originServerTs, row.id); };
    std::sort(inbox.begin(), inbox.end(),
              [&](const auto &left, const auto &right) { return placeOf(left) < placeOf(right); });
    const auto last = std::find_if(inbox.cbegin(), inbox.cend(), [after](const auto &row) { return row.id == after; });
    const auto begin = last == inbox.cend() ? std::pair(m_handledInbox.value(after, -1), after) : placeOf(*last);
    node::InboxPage page;
    page.total = inbox.size();
    for (const auto &row : std::as_const(inbox)) {
        page.bytes += row.bytes;
        if (placeOf(row) <= begin || !node::isIn(part, row))
            continue;
        if (page.rows.size() == limit)
            page.more = true;
        else
            page.rows.append(row);
    }
    answer<node::InboxPage>(context, std::move(done), page);
}

void FakeOperations::fetchInboxEntry(qint64 id, QObject *context, Done<node::InboxEntry> done)
{
    const auto row = std::find_if(inbox.cbegin(), inbox.cend(), [id](const auto &r) { return r.id == id; });
    if (inboxEntryFails || row == inbox.cend()) {
        answer<node::InboxEntry>(context, std::move(done),
                                 inboxEntryFails.value_or(Error{Errc::NotHeld, QStringLiteral("no such entry"), 0}));
        return;
    }
    node::InboxEntry entry;
    entry.row = *row;
    entry.pdus = R"([{"type":"m.room.message","sender":"@anna:matrix.town","room_id":"!garden:matrix.town",)"
                 R"("content":{"msgtype":"m.text","body":"The key is under the mat"}}])";
    entry.edus = "[]";
    answer<node::InboxEntry>(context, std::move(done), entry);
}

void FakeOperations::discardInbox(const QList<qint64> &ids, QObject *context, Done<qint64> done)
{
    inboxDiscards.append(ids);
    if (discardInboxFails) {
        answer<qint64>(context, std::move(done), *discardInboxFails);
        return;
    }
    const auto removed = inbox.removeIf([&](const auto &row) {
        const bool goes = ids.isEmpty() || ids.contains(row.id);
        if (goes)
            m_handledInbox.insert(row.id, row.originServerTs);
        return goes;
    });
    answer<qint64>(context, std::move(done), qint64(removed));
    QMetaObject::invokeMethod(this, &Operations::inboxChanged, Qt::QueuedConnection);
}

void FakeOperations::retryInbox(const QList<qint64> &ids, QObject *context, Done<qint64> done)
{
    inboxRetries.append(ids);
    if (retryInboxFails)
        answer<qint64>(context, std::move(done), *retryInboxFails);
    else
        answer<qint64>(context, std::move(done), qint64(ids.isEmpty() ? inbox.size() : ids.size()));
}

void FakeOperations::exportInbox(const QList<qint64> &ids, const QString &file, QObject *context,
                                 Done<node::InboxExported> done)
{
    inboxExports.append(ids);
    exports.append({{}, {}, file});
    if (exportFails)
        answer<node::InboxExported>(context, std::move(done), *exportFails);
    else
        answer<node::InboxExported>(context, std::move(done),
                                    node::InboxExported{ids.isEmpty() ? inbox.size() : ids.size(), inboxLeftOut});
}

void FakeOperations::fetchOutbox(QObject *context, Done<QList<node::DestinationRow>> done)
{
    ++outboxAsked;
    if (outboxFails)
        answer<QList<node::DestinationRow>>(context, std::move(done), *outboxFails);
    else
        answer<QList<node::DestinationRow>>(context, std::move(done), outbox);
}

void FakeOperations::forgetFailures(const ServerName &destination, QObject *context, Done<bool> done)
{
    forgotten.append(destination);
    if (forgetFails) {
        answer<bool>(context, std::move(done), *forgetFails);
        return;
    }
    for (auto &row : outbox) {
        if (row.destination == destination) {
            row.failures = 0;
            row.state = node::DestinationRow::State::Unknown;
        }
    }
    answer<bool>(context, std::move(done), true);
    QMetaObject::invokeMethod(this, &Operations::outboxChanged, Qt::QueuedConnection);
}

void FakeOperations::sendTransaction(const ServerName & /*destination*/, const QByteArray & /*body*/, QObject *context,
                                     Done<node::SendReport> done)
{
    answer<node::SendReport>(context, std::move(done),
                             Error{Errc::InvalidSetting, QStringLiteral("the window sends nothing"), 0});
}

} // namespace restante::test
