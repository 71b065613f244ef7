// SPDX-License-Identifier: GPL-3.0-or-later
// The node role as a whole, over a caller that answers by itself in the node's thread.
#include "base/database.h"
#include "fakeclock.h"
#include "node/node.h"
#include "samples.h"

#include <QtCore/QRegularExpression>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <sodium.h>

#include <atomic>
#include <map>
#include <mutex>

using namespace restante;
using namespace restante::test;

namespace
{

/// What the relays of a test hold; shared with the caller in the node's thread.
struct World {
    std::mutex mutex;
    std::map<QByteArray, QList<QByteArray>> held; ///< answers by relay, in order; then it is empty
    std::atomic<bool> down{false};
    std::atomic<bool> silent{false};
    std::atomic<bool> offline{false}; ///< every destination
    std::atomic<bool> refuses{false}; ///< every relay, what is left there
    std::atomic<int> asked{0};
};

/// Answers from the world, later, in its own thread.
class WorldCaller final : public federation::Caller
{
public:
    explicit WorldCaller(World &world)
        : m_world(world)
    {
    }
    Id send(federation::Request request, Done done) override
    {
        const Id id = ++m_last;
        ++m_world.asked;
        if (m_world.silent)
            return id;
        QMetaObject::invokeMethod(
            &m_context,
            [this, id, request, done] {
                if (!m_cancelled.contains(id))
                    done(answer(request));
            },
            Qt::QueuedConnection);
        return id;
    }
    Id stream(federation::Request, Done, Part) override { qFatal("the node reads no streams"); }
    void goOn(Id, qint64) override {}
    void cancel(Id id) override { m_cancelled.insert(id); }

private:
    Result<federation::Response> answer(const federation::Request &request)
    {
        if (m_world.down)
            return Error{Errc::Unreachable, QStringLiteral("It does not answer"), 0};
        if (request.method == "PUT" && request.target.contains("/send_relay/") && m_world.refuses)
            return federation::Response{403, {}, R"({"errcode":"M_FORBIDDEN","error":"Not served"})"};
        if (request.method == "PUT" && request.target.contains("/send/") && m_world.offline)
            return Error{Errc::Unreachable, QStringLiteral("It does not answer"), 0};
        if (request.method == "PUT")
            return federation::Response{200, {}, R"({"pdus":{}})"};
        const std::lock_guard lock(m_world.mutex);
        QList<QByteArray> &held = m_world.held[request.destination.bytes()];
        return federation::Response{200, {}, held.isEmpty() ? EmptyAnswer : held.takeFirst()};
    }

    World &m_world;
    QObject m_context;
    QSet<Id> m_cancelled;
    Id m_last = 0;
};

} // namespace

class TestNode : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(sodium_init() >= 0); }
    void init();
    void cleanup() { m_node.reset(); }

    void it_collects_when_it_starts();
    void retrieve_answers_when_the_sweep_has_ended();
    void a_relay_that_fails_is_told_in_the_sweep();
    void retrieve_of_a_stranger_is_an_error();
    void retrieve_without_relays_ends_at_once();
    void a_retrieve_can_be_cancelled();
    void the_inbox_is_read_and_emptied();
    void what_is_discarded_makes_room_at_once();
    void a_transaction_is_sent_and_remembered_over_a_restart();
    void a_transaction_that_is_none_is_refused();
    void a_relay_is_tried();
    void what_could_not_be_kept_of_the_outbox_is_kept_later();
    void a_trial_is_an_observation();
    void a_contacts_relay_is_unknown_until_something_was_left_there();
    void it_collects_after_a_sleep();
    void what_wakes_it_at_once_makes_one_sweep();
    void without_relays_nothing_wakes_it();
    void nothing_comes_to_a_context_that_is_gone();

private:
    void open()
    {
        m_node.reset();
        auto made = node::Node::open(
            m_folder->path(), m_clock, m_identity, [this] { return std::make_unique<WorldCaller>(m_world); }, {},
            m_options, {[this] { ++m_changes; }, [this] { ++m_inboxChanges; }, [this] { ++m_outboxChanges; }});
        QVERIFY2(made.ok(), made.ok() ? "" : qPrintable(made.error().detail));
        m_node = std::move(*made);
    }
    void setMine(const QByteArray &relay) { m_options.associations = {{server(relay), std::nullopt, {}}}; }
    /// Calls and waits for the answer.
    template <typename T, typename Call>
    Result<T> wait(Call call)
    {
        std::optional<Result<T>> answer;
        call(this, [&answer](Result<T> result) { answer = std::move(result); });
        if (!QTest::qWaitFor([&answer] { return answer.has_value(); }, 10'000))
            return Error{Errc::Internal, QStringLiteral("no answer came"), 0};
        return *answer;
    }
    Result<node::Sweep> retrieve(const QString &relay = {})
    {
        return wait<node::Sweep>([&](QObject *context, auto done) { m_node->retrieve(relay, context, done); });
    }

    FakeClock m_clock;
    World m_world;
    identity::Identity m_identity = identity::Identity::generate();
    node::Node::Options m_options;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<node::Node> m_node;
    int m_changes = 0;
    int m_inboxChanges = 0;
    int m_outboxChanges = 0;
};

void TestNode::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_options = {};
    m_options.collector.limits.diskFloorBytes = 0;
    m_world.held.clear();
    m_world.down = false;
    m_world.silent = false;
    m_world.offline = m_world.refuses = false;
    m_world.asked = 0;
    m_changes = m_inboxChanges = m_outboxChanges = 0;
}

void TestNode::it_collects_when_it_starts()
{
    m_world.held["r.example"] = {answerWith({entryMembers("x", 1, 1), entryMembers("y", 2, 2)})};
    setMine("r.example");
    open();
    QTRY_COMPARE(m_node->snapshot().inbox.entries, 2);
    QTRY_COMPARE(m_node->snapshot().relays.value(0).state, node::RelayStatus::State::CannotSay);
    QVERIFY(m_changes > 0);
    QVERIFY(m_inboxChanges > 0);
}

void TestNode::retrieve_answers_when_the_sweep_has_ended()
{
    setMine("r.example");
    open();
    // The sweep of the start finds nothing: mail comes after it.
    QTRY_COMPARE(m_node->snapshot().relays.value(0).state, node::RelayStatus::State::CannotSay);
    QTRY_VERIFY(!m_node->snapshot().sweep.running);
    {
        const std::lock_guard lock(m_world.mutex);
        m_world.held["r.example"] = {answerWith({entryMembers("x", 1, 1)}), answerWith({entryMembers("y", 2, 2)})};
    }
    const auto sweep = retrieve();
    QVERIFY(sweep.ok());
    QVERIFY(!sweep->running);
    QCOMPARE(sweep->relays.size(), 1);
    QCOMPARE(sweep->collected(), 2);
    QCOMPARE(m_node->snapshot().sweep.collected(), 2); // what is shown is not behind the answer
}

void TestNode::a_relay_that_fails_is_told_in_the_sweep()
{
    m_world.down = true;
    setMine("r.example");
    open();
    const auto sweep = retrieve(QStringLiteral("r.example"));
    QVERIFY(sweep.ok());
    QVERIFY(sweep->failed());
    QCOMPARE(sweep->relays.first().error->code, Errc::Unreachable);
    QCOMPARE(m_node->snapshot().relays.first().state, node::RelayStatus::State::Failing);
}

void TestNode::retrieve_of_a_stranger_is_an_error()
{
    open();
    QCOMPARE(retrieve(QStringLiteral("r.example")).error().code, Errc::NotFound);
    QCOMPARE(retrieve(QStringLiteral("a b")).error().code, Errc::NotFound);
}

void TestNode::retrieve_without_relays_ends_at_once()
{
    open();
    const auto sweep = retrieve();
    QVERIFY(sweep.ok());
    QVERIFY(sweep->relays.isEmpty());
}

void TestNode::a_retrieve_can_be_cancelled()
{
    m_world.silent = true;
    setMine("r.example");
    open();
    std::optional<node::Sweep> ended;
    m_node->retrieve({}, this, [&ended](const Result<node::Sweep> &sweep) { ended = *sweep; });
    QTRY_VERIFY(m_node->snapshot().sweep.running);
    QVERIFY(!ended);
    m_node->cancelRetrieve();
    QTRY_VERIFY(ended.has_value());
    QVERIFY(ended->cancelled);
}

void TestNode::the_inbox_is_read_and_emptied()
{
    m_world.held["r.example"] = {answerWith({entryMembers("x", 1, 1), entryMembers("y", 2, 2)})};
    setMine("r.example");
    open();
    QVERIFY(retrieve().ok());
    const auto page = wait<node::InboxPage>(
        [this](QObject *context, auto done) { m_node->fetchInbox(node::InboxPart::All, 0, 1, context, done); });
    QVERIFY(page.ok());
    QCOMPARE(page->rows.size(), 1);
    QVERIFY(page->more);
    QCOMPARE(page->total, 2);
    const qint64 id = page->rows.first().id;
    const auto entry =
        wait<node::InboxEntry>([&](QObject *context, auto done) { m_node->fetchInboxEntry(id, context, done); });
    QCOMPARE(entry->pdus, R"([{"type":"x"}])");
    const QString file = m_folder->filePath(QStringLiteral("out"));
    QCOMPARE(wait<node::InboxExported>([&](QObject *context, auto done) {
                 m_node->exportInbox({}, file, context, done);
             })->written,
             2);
    QCOMPARE(*wait<qint64>([&](QObject *context, auto done) { m_node->discardInbox({id}, context, done); }), 1);
    QTRY_COMPARE(m_node->snapshot().inbox.entries, 1);
}

void TestNode::what_is_discarded_makes_room_at_once()
{
    m_options.collector.limits.relayEntries = 1;
    setMine("r.example");
    const QByteArray second = answerWith({entryMembers("y", 6, 2)});
    m_world.held["r.example"] = {answerWith({entryMembers("x", 5, 1), entryMembers("y", 6, 2)}), second, second};
    open();
    QTRY_VERIFY(m_node->snapshot().inboxTrouble.has_value());
    QTRY_VERIFY(!m_node->snapshot().sweep.running);
    QCOMPARE(*wait<qint64>([&](QObject *context, auto done) { m_node->discardInbox({}, context, done); }), 1);
    QTRY_VERIFY(!m_node->snapshot().inboxTrouble); // although the clock stands still
    QTRY_COMPARE(m_node->snapshot().inbox.entries, 1);
    const auto page = wait<node::InboxPage>(
        [&](QObject *context, auto done) { m_node->fetchInbox(node::InboxPart::All, 0, 10, context, done); });
    QCOMPARE(page->rows.first().txnId, QStringLiteral("t-y"));
}

void TestNode::a_transaction_is_sent_and_remembered_over_a_restart()
{
    const auto send = [this] {
        return wait<node::SendReport>([this](QObject *context, auto done) {
            m_node->sendTransaction(server("b.example"), R"({"pdus":[]})", context, done);
        });
    };
    m_options.associations = {{server("r.example"), std::nullopt, server("b.example")}};
    open();
    QCOMPARE(send()->way, node::SendReport::Way::Direct);
    m_world.down = true;
    QCOMPARE(send()->way, node::SendReport::Way::Nowhere);
    QCOMPARE(send()->way, node::SendReport::Way::Nowhere);
    QTRY_VERIFY(m_outboxChanges > 0);
    QVERIFY(m_node->book().isOffline(server("b.example")));
    open();
    QVERIFY(m_node->book().isOffline(server("b.example")));
    m_world.down = false;
    QCOMPARE(send()->way, node::SendReport::Way::Direct);
    QVERIFY(!m_node->book().isOffline(server("b.example")));
}

void TestNode::a_transaction_that_is_none_is_refused()
{
    open();
    const auto send = [this](const QByteArray &body) {
        return wait<node::SendReport>([&](QObject *context, auto done) {
                   m_node->sendTransaction(server("b.example"), body, context, done);
               })
            .error()
            .code;
    };
    QCOMPARE(send("{"), Errc::NotJson);
    QCOMPARE(send(R"({"pdus":[1]})"), Errc::BadJson);
    QCOMPARE(send(QByteArray(14 << 20, ' ')), Errc::TooLarge);
    QCOMPARE(m_world.asked.load(), 0);
}

void TestNode::a_relay_is_tried()
{
    open();
    const auto report = wait<node::RelayReport>([this](QObject *context, auto done) {
        m_node->testRelay({server("r.example"), std::nullopt, {}}, context, done);
    });
    QVERIFY(report.ok());
    // The world answers the second question as it answers the first.
    QCOMPARE(report->outcome, node::RelayReport::Outcome::CannotSay);
    QCOMPARE(m_world.asked.load(), 2);
}

void TestNode::what_could_not_be_kept_of_the_outbox_is_kept_later()
{
    open();
    QTRY_COMPARE(m_changes > 0 || m_inboxChanges > 0, true);
    base::ConnectionOptions options;
    options.database = m_folder->filePath(QStringLiteral("node.sqlite"));
    auto database = base::Database::open(options);
    QVERIFY(database.ok());
    QVERIFY((*database)->run(QStringLiteral("ALTER TABLE destinations RENAME TO away")).ok());
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("How destinations are doing could not be")));
    m_outboxChanges = 0;
    m_node->book().noteFailure(server("b.example"), QStringLiteral("No"));
    QTRY_VERIFY(m_outboxChanges > 0); // it was tried
    QVERIFY((*database)->run(QStringLiteral("ALTER TABLE away RENAME TO destinations")).ok());
    database->reset();
    open();
    QCOMPARE(m_node->book().rows().size(), 1);
    QCOMPARE(m_node->book().rows().first().failures, 1);
}

void TestNode::a_trial_is_an_observation()
{
    using State = node::RelayStatus::State;
    m_options.associations = {{server("r.example"), std::nullopt, server("b.example")}};
    open();
    const auto tried = [this](const matrix::ServerName &destination) {
        const auto report = wait<node::RelayReport>([&](QObject *context, auto done) {
            m_node->testRelay({server("r.example"), std::nullopt, destination}, context, done);
        });
        return report.ok();
    };
    QVERIFY(tried(server("c.example"))); // not one that is used
    QCOMPARE(m_node->snapshot().relays.value(0).state, State::Unknown);
    m_clock.advance(1'000);
    QVERIFY(tried(server("b.example")));
    const node::RelayStatus status = m_node->snapshot().relays.value(0);
    QCOMPARE(status.state, State::CannotSay);
    QCOMPARE(status.testedMs, m_clock.wallMs());
    QCOMPARE(status.lastSuccessMs, 0);
    QCOMPARE(status.collected, 0);
}

void TestNode::a_contacts_relay_is_unknown_until_something_was_left_there()
{
    using State = node::RelayStatus::State;
    const auto send = [this] {
        return wait<node::SendReport>([this](QObject *context, auto done) {
            m_node->sendTransaction(server("b.example"), R"({"pdus":[]})", context, done);
        });
    };
    m_options.associations = {{server("r.example"), std::nullopt, server("b.example")}};
    m_options.failuresUntilOffline = 1;
    m_world.offline = true;
    open();
    QTRY_COMPARE(m_node->snapshot().relays.size(), 1);
    QCOMPARE(m_node->snapshot().relays.first().state, State::Unknown);
    QVERIFY(!m_node->snapshot().relays.first().mine);

    QCOMPARE(send()->way, node::SendReport::Way::Relays);
    QTRY_COMPARE(m_node->snapshot().relays.first().state, State::Good);
    QCOMPARE(m_node->snapshot().relays.first().collected, 1);
    QCOMPARE(m_node->snapshot().relays.first().lastSuccessMs, m_clock.wallMs());

    m_world.refuses = true;
    m_clock.advance(1'000);
    QCOMPARE(send()->way, node::SendReport::Way::Nowhere);
    QTRY_COMPARE(m_node->snapshot().relays.first().state, State::Failing);
    const node::RelayStatus status = m_node->snapshot().relays.first();
    QCOMPARE(status.error->detail, QStringLiteral("The relay answered 403 M_FORBIDDEN: Not served"));
    QCOMPARE(status.failingSinceMs, m_clock.wallMs());
    QCOMPARE(status.lastSuccessMs, m_clock.wallMs() - 1'000);
}

void TestNode::it_collects_after_a_sleep()
{
    m_options.sleepLookMs = 1;
    setMine("r.example");
    open();
    QTRY_COMPARE(m_node->snapshot().relays.value(0).state, node::RelayStatus::State::CannotSay);
    QCOMPARE(m_world.asked.load(), 1);
    m_world.held["r.example"] = {answerWith({entryMembers("x", 1, 1)})};
    m_clock.setWall(m_clock.wallMs() + 60'000);
    QTRY_COMPARE(m_node->snapshot().inbox.entries, 1);
    QCOMPARE(m_world.asked.load(), 3); // one sweep: an entry, and its acknowledgement
}

void TestNode::what_wakes_it_at_once_makes_one_sweep()
{
    m_options.sleepLookMs = 1;
    setMine("r.example");
    open();
    QTRY_COMPARE(m_node->snapshot().relays.value(0).state, node::RelayStatus::State::CannotSay);
    m_world.silent = true; // the first request after the sleep goes nowhere, for the network is not there yet
    m_clock.setWall(m_clock.wallMs() + 60'000);
    QTRY_COMPARE(m_world.asked.load(), 2);
    m_node->wake(); // here it is
    m_node->wake();
    std::optional<node::Sweep> ended;
    m_node->retrieve({}, this, [&ended](const Result<node::Sweep> &sweep) { ended = *sweep; });
    m_node->cancelRetrieve();
    QTRY_VERIFY(ended.has_value());
    QCOMPARE(ended->relays.size(), 1);
    QCOMPARE(m_world.asked.load(), 2);
}

void TestNode::without_relays_nothing_wakes_it()
{
    m_options.associations = {{server("r.example"), std::nullopt, server("friend.example")}};
    open();
    m_node->wake();
    const auto sweep = retrieve();
    QVERIFY(sweep.ok());
    QVERIFY(sweep->relays.isEmpty());
    QCOMPARE(m_world.asked.load(), 0);
}

void TestNode::nothing_comes_to_a_context_that_is_gone()
{
    open();
    bool came = false;
    {
        QObject context;
        m_node->fetchInbox(node::InboxPart::All, 0, 1, &context,
                           [&came](const Result<node::InboxPage> &) { came = true; });
    }
    QVERIFY(wait<node::InboxPage>([this](QObject *context, auto done) {
                m_node->fetchInbox(node::InboxPart::All, 0, 1, context, done);
            }).ok());
    QVERIFY(!came);
}

QTEST_GUILESS_MAIN(TestNode)
#include "tst_node.moc"
