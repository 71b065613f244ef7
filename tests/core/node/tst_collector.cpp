// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakecaller.h"
#include "fakeclock.h"
#include "node/collector.h"
#include "samples.h"

#include <QtCore/QHash>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QRegularExpression>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <sodium.h>

using namespace restante;
using namespace restante::test;
using State = node::RelayStatus::State;

class TestCollector : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(sodium_init() >= 0); }
    void init();
    void cleanup();

    void all_relays_are_asked_at_once_and_until_they_are_empty();
    void an_entry_is_kept_before_it_is_acknowledged();
    void a_batch_is_acknowledged_at_once();
    void what_two_relays_hold_is_merged_after_both_were_asked();
    void a_relay_that_fails_is_asked_again_later_and_later();
    void a_busy_relay_says_when();
    void the_interval_brings_the_next_sweep();
    void a_relay_that_gives_no_ids_is_not_asked_for_ever();
    void a_relay_that_repeats_what_was_acknowledged_is_left();
    void what_the_inbox_has_no_room_for_is_not_acknowledged();
    void what_the_inbox_does_not_take_is_no_fault_of_the_relay();
    void room_that_was_made_ends_the_trouble_and_asks_at_once_data();
    void room_that_was_made_ends_the_trouble_and_asks_at_once();
    void a_full_disk_here_is_no_fault_of_the_relay();
    void authorities_that_cannot_be_read_here_are_no_fault_of_the_relay();
    void what_cannot_be_put_in_order_is_told_until_it_can();
    void what_expired_at_a_relay_is_shown();
    void what_is_changed_in_the_settings_is_in_force_at_once();
    void a_sweep_can_be_cancelled();
    void a_failing_relay_stays_one_when_its_sweep_is_cancelled();
    void a_relay_that_moved_waits_after_a_cancel_and_keeps_no_old_error();
    void one_relay_can_be_asked_alone();
    void relays_of_contacts_are_listed_but_not_asked();
    void a_relay_that_is_removed_meanwhile_is_left();
    void answers_that_are_no_answers_data();
    void answers_that_are_no_answers();
    void an_answer_too_large_is_asked_for_piece_by_piece();
    void one_entry_that_is_too_large_leaves_the_others_collected();
    void what_belongs_to_nobody_is_acknowledged_behind_what_is_kept();
    void a_relay_for_our_own_name_is_one_of_ours();
    void a_relays_state_is_what_it_answered_last();
    void of_a_relay_that_moved_nothing_is_known();
    void a_relay_that_moves_while_it_is_asked_is_asked_where_it_is_now();
    void a_refusal_is_told_in_the_relays_words_and_since_when();
    void every_request_has_a_time_and_a_nonce_of_its_own();
    void a_collector_whose_clock_is_off_goes_by_the_relays();
    void a_relay_that_believes_no_time_is_told_as_failing();
    void a_relay_asked_in_this_sweep_waits_for_the_next();
    void a_sweep_that_lasts_too_long_ends_and_the_next_goes_on();
    void a_cancelled_relay_is_neither_done_nor_failed();
    void relays_that_tell_different_times_are_told_of();
    void a_trial_shows_how_a_relay_is_doing();
    void a_relay_that_is_paused_holds_mail_for_us_all_the_same();
    void a_relay_is_paused_until_it_says_otherwise();
    void a_reason_that_changed_has_its_own_beginning();
    void relays_that_never_end_hide_nothing_data();
    void relays_that_never_end_hide_nothing();

private:
    void setMine(const QList<QByteArray> &relays)
    {
        QList<node::Association> associations;
        for (const QByteArray &relay : relays)
            associations.append({server(relay), std::nullopt, {}});
        m_collector->setAssociations(associations);
    }
    /// Types of what is in the inbox, in its order.
    QString inbox()
    {
        QString types;
        const auto page = m_store->page(0, 1'000);
        for (const node::InboxRow &row : page->rows)
            types += row.events.at(0).type;
        return types;
    }
    /// What the last request says, without its stamp.
    QByteArray lastBody() const
    {
        static const QRegularExpression stamp(QStringLiteral(",\"nonce\":\"[0-9a-f]{32}\"|,\"ts\":[0-9]+"));
        return QString::fromLatin1(m_caller.last().body).remove(stamp).toLatin1();
    }
    QByteArray lastMember(QLatin1String name) const
    {
        return QJsonDocument::fromJson(m_caller.last().body).object().value(name).toVariant().toByteArray();
    }
    /// An empty queue at a relay like ours.
    static QByteArray emptyAnd(bool holds)
    {
        return QByteArray(R"({"transaction":{"origin":"","origin_server_ts":0,"pdus":[]},"entries_queued":false,)") +
               R"("expired":0,"org.restante.holds":)" + (holds ? "true}" : "false}");
    }
    node::RelayStatus first() const { return m_collector->status().first(); }

    FakeClock m_clock;
    FakeCaller m_caller;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<node::InboxStore> m_store;
    telemetry::NodeCounters m_counters;
    std::unique_ptr<node::Collector> m_collector;
    node::Collector::Options m_options;
};

void TestCollector::init()
{
    m_caller.asked.clear();
    m_caller.cancelled.clear();
    m_folder = std::make_unique<QTemporaryDir>();
    auto store = node::InboxStore::open(m_folder->path(), m_clock);
    QVERIFY(store.ok());
    m_store = std::move(*store);
    m_collector = std::make_unique<node::Collector>(
        *m_store, m_caller, m_counters, m_clock, server("me.example"), [] {}, [] {});
    m_options = {};
    m_options.limits.diskFloorBytes = 0;
    m_collector->setOptions(m_options);
}

void TestCollector::cleanup()
{
    m_collector.reset();
    QCOMPARE(m_caller.waiting(), 0);
    m_store.reset();
}

void TestCollector::all_relays_are_asked_at_once_and_until_they_are_empty()
{
    setMine({"r.example", "s.example"});
    m_collector->look();
    QCOMPARE(m_caller.asked.size(), 2);
    QCOMPARE(m_caller.asked[0].request.method, "GET");
    QCOMPARE(m_caller.asked[0].request.target, "/_matrix/federation/v1/relay_txn/@user:me.example");
    QVERIFY(m_caller.asked[0].request.sign);
    QVERIFY(m_collector->sweep().running);
    QCOMPARE(m_collector->status().first().state, State::Asking);
    m_caller.answer(0, 200, answerWith({entryMembers("x", 5, 1)}));
    QCOMPARE(m_caller.asked.size(), 3);
    QCOMPARE(m_caller.last().destination, server("r.example"));
    QVERIFY(lastBody().startsWith(R"({"entry_id":5,)"));
    m_caller.answer(2, 200, EmptyAnswer);
    QVERIFY(m_collector->sweep().running);
    m_caller.answer(1, 200, EmptyAnswer);
    QVERIFY(!m_collector->sweep().running);
    QCOMPARE(m_collector->sweep().collected(), 1);
    QVERIFY(!m_collector->sweep().failed());
    QCOMPARE(m_collector->status().first().state, State::CannotSay);
    QCOMPARE(m_collector->status().first().collected, 1);
    QCOMPARE(inbox(), QStringLiteral("x"));
}

void TestCollector::an_entry_is_kept_before_it_is_acknowledged()
{
    setMine({"r.example"});
    m_collector->look();
    m_caller.answer(0, 200, answerWith({entryMembers("x", 5, 1)}));
    QCOMPARE(m_store->totals()->unmerged, 1); // while the acknowledgement is on its way
    m_caller.fail(1);
    QCOMPARE(inbox(), QStringLiteral("x"));
    // It was not acknowledged: it comes again, and is there once.
    m_collector->sweepAll();
    m_caller.answerLast(200, answerWith({entryMembers("x", 5, 1)}));
    QVERIFY(lastBody().startsWith(R"({"entry_id":5,)"));
    m_caller.answerLast(200, EmptyAnswer);
    QCOMPARE(inbox(), QStringLiteral("x"));
    QCOMPARE(m_collector->sweep().relays.first().fresh, 0);
}

void TestCollector::a_batch_is_acknowledged_at_once()
{
    setMine({"r.example"});
    m_collector->look();
    m_caller.answer(0, 200, answerWith({entryMembers("x", 5, 1), entryMembers("y", 6, 2), entryMembers("z", 7, 3)}));
    QCOMPARE(lastBody(), R"({"entry_id":5,"org.restante.batch":{"acknowledge":[6,7],"limit":32}})");
    m_caller.answerLast(200, EmptyAnswer);
    QCOMPARE(inbox(), QStringLiteral("xyz"));
}

void TestCollector::what_two_relays_hold_is_merged_after_both_were_asked()
{
    setMine({"r.example", "s.example"});
    m_collector->look();
    m_caller.answer(0, 200, answerWith({entryMembers("c", 5, 30), entryMembers("d", 6, 40)}));
    m_caller.answerLast(200, EmptyAnswer);
    QCOMPARE(inbox(), QString());
    m_caller.answer(1, 200, answerWith({entryMembers("a", 1, 10), entryMembers("c", 2, 30)}));
    m_caller.answerLast(200, EmptyAnswer);
    QCOMPARE(inbox(), QStringLiteral("acd"));
}

void TestCollector::a_relay_that_fails_is_asked_again_later_and_later()
{
    setMine({"r.example", "s.example"});
    m_collector->look();
    m_caller.answer(0, 200, EmptyAnswer);
    m_caller.fail(1);
    QVERIFY(m_collector->sweep().failed());
    QCOMPARE(m_collector->status().last().state, State::Failing);
    QCOMPARE(m_collector->status().last().error->code, Errc::Unreachable);
    for (const qint64 waitMs : {30'000, 60'000, 120'000}) {
        const qsizetype before = m_caller.asked.size();
        m_clock.advance(waitMs - 1);
        m_collector->look();
        QCOMPARE(m_caller.asked.size(), before);
        m_clock.advance(1);
        m_collector->look();
        QCOMPARE(m_caller.asked.size(), before + 1);
        QCOMPARE(m_caller.last().destination, server("s.example"));
        m_caller.fail(before);
    }
}

void TestCollector::a_busy_relay_says_when()
{
    setMine({"r.example"});
    m_collector->look();
    m_caller.answer(0, 503, "{}", {{"retry-after", "900"}});
    QCOMPARE(m_collector->status().first().error->code, Errc::Busy);
    m_clock.advance(899'999);
    m_collector->look();
    QCOMPARE(m_caller.asked.size(), 1);
    m_clock.advance(1);
    m_collector->look();
    QCOMPARE(m_caller.asked.size(), 2);
}

void TestCollector::the_interval_brings_the_next_sweep()
{
    setMine({"r.example"});
    m_collector->look();
    m_caller.answer(0, 200, EmptyAnswer);
    m_clock.advance(m_options.intervalMs - 1);
    m_collector->look();
    QCOMPARE(m_caller.asked.size(), 1);
    QCOMPARE(m_collector->status().first().nextTryMs, m_clock.wallMs() + 1);
    m_clock.advance(1);
    m_collector->look();
    QCOMPARE(m_caller.asked.size(), 2);
}

void TestCollector::a_relay_that_gives_no_ids_is_not_asked_for_ever()
{
    setMine({"r.example"});
    m_collector->look();
    m_caller.answer(0, 200, R"({"transaction":{"origin":"a.example","pdus":[{"type":"x"}]},"entries_queued":true})");
    QCOMPARE(m_caller.waiting(), 0);
    QCOMPARE(m_collector->status().first().state, State::CannotSay);
    QCOMPARE(inbox(), QStringLiteral("x"));
}

void TestCollector::a_relay_that_repeats_what_was_acknowledged_is_left()
{
    setMine({"r.example"});
    m_collector->look();
    m_caller.answer(0, 200, answerWith({entryMembers("x", 5, 1)}));
    m_caller.answer(1, 200, answerWith({entryMembers("x", 5, 1)}));
    QCOMPARE(m_caller.waiting(), 0);
    QCOMPARE(m_collector->status().first().error->code, Errc::BadAnswer);
}

void TestCollector::what_the_inbox_has_no_room_for_is_not_acknowledged()
{
    m_options.limits.relayEntries = 1;
    m_collector->setOptions(m_options);
    setMine({"r.example"});
    m_collector->look();
    m_caller.answer(0, 200, answerWith({entryMembers("x", 5, 1), entryMembers("y", 6, 2)}));
    QCOMPARE(lastBody(), R"({"entry_id":5,"org.restante.batch":{"acknowledge":[],"limit":32}})");
    m_caller.answer(1, 200, answerWith({entryMembers("y", 6, 2)}));
    QCOMPARE(m_caller.waiting(), 0);
    QCOMPARE(m_collector->sweep().relays.first().error->code, Errc::QuotaExceeded);
    QCOMPARE(inbox(), QStringLiteral("x"));
}

void TestCollector::what_the_inbox_does_not_take_is_no_fault_of_the_relay()
{
    m_options.limits.relayEntries = 1;
    m_collector->setOptions(m_options);
    setMine({"r.example", "s.example"});
    QVERIFY(!m_collector->inboxTrouble());
    const qint64 since = m_clock.wallMs();
    const QByteArray two = answerWith({entryMembers("x", 5, 1), entryMembers("y", 6, 2)});
    m_collector->look();
    m_caller.answer(0, 200, two);
    m_caller.answerLast(200, answerWith({entryMembers("y", 6, 2)}));
    QVERIFY(!first().error);
    QCOMPARE(first().state, State::CannotSay);
    QCOMPARE(first().nextTryMs, m_clock.wallMs() + node::Collector::FirstRetryMs);
    m_caller.answer(1, 200, answerWith({entryMembers("z", 1, 3)})); // of which there was none yet
    m_caller.answerLast(200, EmptyAnswer);
    QVERIFY(m_collector->inboxTrouble());
    QCOMPARE(m_collector->inboxTrouble()->error.code, Errc::QuotaExceeded);
    QCOMPARE(m_collector->inboxTrouble()->error.detail,
             QStringLiteral("The inbox does not take what the relay r.example hands out: The inbox has no room for "
                            "more from this relay."));
    QCOMPARE(m_collector->inboxTrouble()->sinceMs, since);
    m_clock.advance(60'000);
    m_collector->noteTrial({server("r.example"), std::nullopt, {}}, {node::RelayReport::Outcome::Works, 200});
    QVERIFY(m_collector->inboxTrouble());
    m_collector->sweepOne(server("r.example"));
    m_caller.answerLast(403, "{}"); // says nothing of the inbox
    QCOMPARE(first().state, State::Failing);
    QVERIFY(m_collector->inboxTrouble());
    m_options.limits.relayEntries = 2;
    m_collector->setOptions(m_options);
    m_collector->sweepOne(server("r.example"));
    m_caller.answerLast(200, answerWith({entryMembers("y", 6, 2)}));
    QVERIFY(!m_collector->inboxTrouble());
    m_caller.answerLast(200, EmptyAnswer);
    QVERIFY(!first().error);
}

void TestCollector::room_that_was_made_ends_the_trouble_and_asks_at_once_data()
{
    QTest::addColumn<bool>("bySettings");
    QTest::newRow("something was discarded") << false;
    QTest::newRow("more is allowed") << true;
}

void TestCollector::room_that_was_made_ends_the_trouble_and_asks_at_once()
{
    QFETCH(const bool, bySettings);
    m_options.limits.relayEntries = 1;
    m_collector->setOptions(m_options);
    setMine({"r.example"});
    m_collector->look();
    m_caller.answer(0, 200, answerWith({entryMembers("x", 5, 1), entryMembers("y", 6, 2)}));
    m_caller.answerLast(200, answerWith({entryMembers("y", 6, 2)}));
    QVERIFY(m_collector->inboxTrouble());
    const qsizetype asked = m_caller.asked.size();
    m_collector->look();
    QCOMPARE(m_caller.asked.size(), asked); // its turn comes later
    if (bySettings) {
        m_options.limits.relayEntries = 2;
        m_collector->setOptions(m_options);
    } else {
        QCOMPARE(*m_store->remove({}), 1);
        m_collector->noteRoom();
    }
    QVERIFY(!m_collector->inboxTrouble());
    m_collector->look();
    QCOMPARE(m_caller.asked.size(), asked + 1);
    m_caller.answerLast(200, answerWith({entryMembers("y", 6, 2), entryMembers("z", 7, 3)}));
    QVERIFY(m_collector->inboxTrouble()); // not enough for both
    m_caller.answerLast(200, answerWith({entryMembers("z", 7, 3)}));
    QCOMPARE(m_caller.waiting(), 0);
}

void TestCollector::a_full_disk_here_is_no_fault_of_the_relay()
{
    m_options.limits.diskFloorBytes = qint64(1) << 60;
    m_collector->setOptions(m_options);
    setMine({"r.example"});
    m_collector->look();
    m_caller.answer(0, 200, answerWith({entryMembers("x", 5, 1)}));
    QCOMPARE(m_caller.waiting(), 0);
    QVERIFY(m_collector->sweep().failed());
    QVERIFY(!first().error);
    QVERIFY(m_collector->inboxTrouble());
    QCOMPARE(m_collector->inboxTrouble()->error.code, Errc::DiskFull);
    m_collector->sweepAll();
    m_caller.answerLast(200, EmptyAnswer); // somebody else has collected it: nothing waits for room
    QVERIFY(!m_collector->inboxTrouble());
}

void TestCollector::authorities_that_cannot_be_read_here_are_no_fault_of_the_relay()
{
    setMine({"a.example"});
    m_collector->sweepAll();
    m_caller.answer(0, federation::Response{200, {}, emptyAnd(true)});
    QCOMPARE(first().state, node::RelayStatus::State::Good);
    m_collector->sweepAll();
    m_caller.answer(1, Error{Errc::AuthoritiesUnreadable, QStringLiteral("no authorities"), 0});
    QCOMPARE(first().state, node::RelayStatus::State::Good);
    QVERIFY(!first().error);
    const node::RelayProgress told = m_collector->sweep().relays.constFirst();
    QCOMPARE(told.state, node::RelayProgress::State::Failed);
    QCOMPARE(told.error->code, Errc::AuthoritiesUnreadable);
    QVERIFY(first().nextTryMs - m_clock.wallMs() <= node::Collector::FirstRetryMs);

    node::RelayReport report;
    report.outcome = node::RelayReport::Outcome::NotAsked;
    m_collector->noteTrial({server("a.example"), std::nullopt, {}}, report);
    QCOMPARE(first().state, node::RelayStatus::State::Good);
}

void TestCollector::what_cannot_be_put_in_order_is_told_until_it_can()
{
    const auto execute = [this](const char *sql) {
        base::ConnectionOptions options;
        options.database = m_folder->filePath(QStringLiteral("node.sqlite"));
        const auto database = base::Database::open(options);
        QVERIFY(database.ok());
        QVERIFY((*database)->run(QString::fromLatin1(sql)).ok());
    };
    execute("CREATE TRIGGER broken BEFORE UPDATE ON inbox BEGIN SELECT RAISE(ABORT, 'broken'); END");
    setMine({"r.example"});
    m_collector->look();
    m_caller.answer(0, 200, answerWith({entryMembers("x", 5, 1)}));
    m_caller.answerLast(200, EmptyAnswer);
    QVERIFY(m_collector->inboxTrouble());
    QVERIFY(m_collector->inboxTrouble()->error.detail.startsWith(u"What was collected could not be put in order: "));
    QVERIFY(!first().error);
    execute("DROP TRIGGER broken");
    m_collector->sweepAll();
    m_caller.answerLast(200, EmptyAnswer);
    QVERIFY(!m_collector->inboxTrouble());
    QCOMPARE(inbox(), QStringLiteral("x"));
}

void TestCollector::what_expired_at_a_relay_is_shown()
{
    setMine({"r.example"});
    const auto sweepWith = [this](const QByteArray &members) {
        m_collector->sweepAll();
        m_caller.answerLast(200, R"({"transaction":{"origin":"","pdus":[]},"entries_queued":false)" + members + '}');
        return m_collector->status().first().expired;
    };
    QCOMPARE(sweepWith({}), 0);
    QTest::ignoreMessage(QtWarningMsg, "4 of our transactions expired at r.example before they were collected");
    QCOMPARE(sweepWith(R"(,"expired":4)"), 4);
    QCOMPARE(sweepWith(R"(,"expired":4)"), 4); // said once
    QCOMPARE(sweepWith({}), 4);
    QTest::ignoreMessage(QtWarningMsg, "3 of our transactions expired at r.example before they were collected");
    QCOMPARE(sweepWith(R"(,"expired":7)"), 7);
    QCOMPARE(sweepWith(R"(,"expired":0)"), 0); // it forgets in the end
    QCOMPARE(sweepWith(R"(,"expired":-1)"), 0);
}

void TestCollector::what_is_changed_in_the_settings_is_in_force_at_once()
{
    const auto mine = [](const QByteArray &place) {
        return node::Association{server("r.example"), federation::FixedPeer{place, {}}, {}};
    };
    m_collector->setAssociations({mine("https://10.0.0.1")});
    m_collector->look();
    m_caller.fail(0);
    m_collector->look();
    QCOMPARE(m_caller.asked.size(), 1);
    m_collector->setAssociations({mine("https://10.0.0.2")});
    m_collector->look();
    QCOMPARE(m_caller.asked.size(), 2);
    m_caller.answerLast(200, EmptyAnswer);
    m_options.intervalMs = 60'000;
    m_collector->setOptions(m_options);
    m_clock.advance(60'000);
    m_collector->look();
    QCOMPARE(m_caller.asked.size(), 3);
}

void TestCollector::a_sweep_can_be_cancelled()
{
    setMine({"r.example", "s.example"});
    m_collector->look();
    m_caller.answer(0, 200, answerWith({entryMembers("x", 5, 1)}));
    m_collector->cancel();
    QCOMPARE(m_caller.waiting(), 0);
    QCOMPARE(m_caller.cancelled.size(), 2);
    QVERIFY(!m_collector->sweep().running);
    QVERIFY(m_collector->sweep().cancelled);
    QVERIFY(!m_collector->sweep().failed());
    QCOMPARE(m_collector->status().first().state, State::Unknown);
    QCOMPARE(inbox(), QStringLiteral("x"));
    m_collector->sweepAll();
    QVERIFY(!m_collector->sweep().cancelled);
    QCOMPARE(m_caller.waiting(), 2);
}

void TestCollector::a_failing_relay_stays_one_when_its_sweep_is_cancelled()
{
    setMine({"r.example"});
    m_collector->look();
    m_caller.answer(0, 200, EmptyAnswer);
    QCOMPARE(m_collector->status().first().state, State::CannotSay);
    m_collector->sweepAll();
    m_caller.answerLast(500, "{}");
    QCOMPARE(m_collector->status().first().state, State::Failing);
    const auto code = m_collector->status().first().error->code;
    m_collector->sweepAll();
    m_collector->cancel();
    QVERIFY(!m_collector->sweep().failed());
    QCOMPARE(m_collector->status().first().state, State::Failing);
    QVERIFY(m_collector->status().first().error);
    QCOMPARE(m_collector->status().first().error->code, code);
    m_collector->sweepAll();
    m_caller.answerLast(200, EmptyAnswer);
    QCOMPARE(m_collector->status().first().state, State::CannotSay);
}

/// A relay that failed, was given another address, and whose retrieval there was cancelled.
void TestCollector::a_relay_that_moved_waits_after_a_cancel_and_keeps_no_old_error()
{
    setMine({"r.example"});
    m_collector->look();
    m_caller.answerLast(500, "{}");
    QCOMPARE(m_collector->status().first().state, State::Failing);
    m_collector->setAssociations({{server("r.example"), federation::FixedPeer{"http://127.0.0.1:1", {}}, {}}});
    QCOMPARE(m_collector->status().first().state, State::Unknown);
    QVERIFY(!m_collector->status().first().error);
    m_collector->look();
    QCOMPARE(m_caller.waiting(), 1);
    const qsizetype before = m_caller.asked.size();
    m_collector->cancel();
    QCOMPARE(m_collector->status().first().state, State::Unknown);
    QCOMPARE(m_collector->status().first().nextTryMs, m_clock.wallMs() + m_options.intervalMs);
    m_collector->look();
    m_clock.advance(m_options.intervalMs - 1);
    m_collector->look();
    QCOMPARE(m_caller.asked.size(), before);
    m_clock.advance(1);
    m_collector->look();
    QCOMPARE(m_caller.asked.size(), before + 1);
    m_collector->cancel();
}

void TestCollector::one_relay_can_be_asked_alone()
{
    setMine({"r.example", "s.example"});
    m_collector->look();
    m_caller.answer(0, 200, EmptyAnswer);
    m_caller.answer(1, 200, EmptyAnswer);
    QVERIFY(!m_collector->sweepOne(server("t.example")));
    QVERIFY(m_collector->sweepOne(server("s.example")));
    QVERIFY(m_collector->sweepOne(server("s.example"))); // joins
    QCOMPARE(m_caller.waiting(), 1);
    QCOMPARE(m_caller.last().destination, server("s.example"));
    QCOMPARE(m_collector->sweep().relays.size(), 1);
    m_collector->sweepAll(); // the other one joins
    QCOMPARE(m_collector->sweep().relays.size(), 2);
}

void TestCollector::relays_of_contacts_are_listed_but_not_asked()
{
    m_collector->setAssociations({{server("r.example"), std::nullopt, server("friend.example")}});
    m_collector->look();
    m_collector->sweepAll();
    QVERIFY(m_caller.asked.isEmpty());
    QVERIFY(!m_collector->sweep().running);
    QVERIFY(!m_collector->status().first().mine);
    QCOMPARE(m_collector->status().first().state, State::Unknown); // nothing was left there yet
    QCOMPARE(m_collector->status().first().destination, QStringLiteral("friend.example"));
}

void TestCollector::a_relay_that_is_removed_meanwhile_is_left()
{
    setMine({"r.example", "s.example"});
    m_collector->look();
    setMine({"s.example"});
    QCOMPARE(m_caller.waiting(), 1);
    m_caller.answer(1, 200, EmptyAnswer);
    QVERIFY(!m_collector->sweep().running);
    QCOMPARE(m_collector->status().size(), 1);
}

void TestCollector::answers_that_are_no_answers_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("code");
    QTest::newRow("401") << 401 << QByteArray("{}") << int(Errc::Refused);
    QTest::newRow("403") << 403 << QByteArray("{}") << int(Errc::Refused);
    QTest::newRow("404") << 404 << QByteArray("null") << int(Errc::NotFound);
    QTest::newRow("429") << 429 << QByteArray("{}") << int(Errc::Busy);
    QTest::newRow("a stuck head") << 500 << QByteArray("null") << int(Errc::BadAnswer);
    QTest::newRow("a portal's page") << 200 << QByteArray("<html>") << int(Errc::BadAnswer);
    QTest::newRow("null") << 200 << QByteArray("null") << int(Errc::BadAnswer);
}

void TestCollector::answers_that_are_no_answers()
{
    QFETCH(const int, status);
    QFETCH(const QByteArray, body);
    QFETCH(const int, code);
    setMine({"r.example"});
    m_collector->look();
    m_caller.answer(0, status, body);
    if (status == 200) { // perhaps one entry of many is to blame
        QCOMPARE(lastBody(), R"({"entry_id":0,"org.restante.batch":{"acknowledge":[],"limit":1}})");
        m_caller.answerLast(status, body);
    }
    QCOMPARE(m_caller.waiting(), 0);
    QCOMPARE(int(m_collector->status().first().error->code), code);
}

void TestCollector::an_answer_too_large_is_asked_for_piece_by_piece()
{
    setMine({"r.example"});
    m_collector->look();
    m_caller.answer(0, 200, answerWith({entryMembers("x", 5, 1)}));
    m_caller.answer(1, Error{Errc::TooLarge, QStringLiteral("too large"), 0});
    const QByteArray again = R"({"entry_id":5,"org.restante.batch":{"acknowledge":[],"limit":1}})";
    QCOMPARE(lastBody(), again); // perhaps the relay never heard of the acknowledgement
    for (int i = 0; i < node::BatchEntries; ++i) {
        QVERIFY(lastBody().endsWith(R"("limit":1}})"));
        m_caller.answerLast(200, answerWith({entryMembers("e" + QByteArray::number(i), 100 + i, 2 + i)}));
    }
    QVERIFY(lastBody().endsWith(R"("limit":32}})"));
    m_caller.answerLast(200, EmptyAnswer);
    QCOMPARE(m_collector->status().first().state, State::CannotSay);
    QCOMPARE(m_collector->sweep().collected(), node::BatchEntries + 1);
}

void TestCollector::one_entry_that_is_too_large_leaves_the_others_collected()
{
    setMine({"r.example"});
    m_collector->look();
    m_caller.answer(0, Error{Errc::TooLarge, QStringLiteral("too large"), 0});
    m_caller.answer(1, 200, answerWith({entryMembers("x", 5, 1)}));
    m_caller.answer(2, Error{Errc::TooLarge, QStringLiteral("too large"), 0});
    QCOMPARE(m_caller.waiting(), 0);
    QCOMPARE(m_collector->status().first().error->code, Errc::TooLarge);
    QCOMPARE(inbox(), QStringLiteral("x"));
}

void TestCollector::what_belongs_to_nobody_is_acknowledged_behind_what_is_kept()
{
    const QByteArray nobody = R"("transaction":{"origin":"a b","pdus":[]},"entry_id":6)";
    m_options.limits.relayEntries = 1;
    m_collector->setOptions(m_options);
    setMine({"r.example"});
    m_collector->look();
    m_caller.answer(0, 200,
                    answerWith({entryMembers("x", 5, 1), nobody, entryMembers("y", 7, 2),
                                R"("transaction":{"origin":"a b","pdus":[]},"entry_id":8)"}));
    // The inbox had no room for 7; what comes behind it is not spoken of yet.
    QCOMPARE(lastBody(), R"({"entry_id":5,"org.restante.batch":{"acknowledge":[6],"limit":32}})");
    m_caller.answer(1, 200, EmptyAnswer);
    QCOMPARE(inbox(), QStringLiteral("x"));
}

void TestCollector::a_relay_for_our_own_name_is_one_of_ours()
{
    m_collector->setAssociations({node::Association{server("r.example"), std::nullopt, server("me.example")}});
    m_collector->look();
    QCOMPARE(m_caller.asked.size(), 1);
    m_caller.answer(0, 200, EmptyAnswer);
}

void TestCollector::a_relays_state_is_what_it_answered_last()
{
    setMine({"r.example"});
    QCOMPARE(first().state, State::Unknown);
    m_collector->look();
    QCOMPARE(first().state, State::Asking);
    m_caller.answerLast(200, emptyAnd(true));
    QCOMPARE(first().state, State::Good);
    m_collector->sweepAll();
    m_caller.answerLast(200, emptyAnd(false));
    QCOMPARE(first().state, State::NotHeld);
    m_collector->sweepAll();
    m_caller.answerLast(200, EmptyAnswer);
    QCOMPARE(first().state, State::CannotSay);
    m_collector->sweepAll();
    m_caller.fail(m_caller.asked.size() - 1);
    QCOMPARE(first().state, State::Failing);
    m_collector->sweepAll();
    m_caller.answerLast(200, emptyAnd(true));
    QCOMPARE(first().state, State::Good);
    m_collector->sweepAll();
    m_collector->cancel(); // nothing was learned
    QCOMPARE(first().state, State::Good);
}

void TestCollector::of_a_relay_that_moved_nothing_is_known()
{
    setMine({"r.example"});
    m_collector->look();
    m_caller.answerLast(403, R"({"errcode":"M_FORBIDDEN","error":"No"})");
    QCOMPARE(first().state, State::Failing);
    m_collector->setAssociations({{server("r.example"), federation::FixedPeer{"https://10.0.0.9", {}}, {}}});
    QCOMPARE(first().state, State::Unknown);
    QVERIFY(!first().error);
    QCOMPARE(first().failingSinceMs, 0);
}

void TestCollector::a_relay_that_moves_while_it_is_asked_is_asked_where_it_is_now()
{
    setMine({"r.example", "s.example"});
    m_collector->look();
    m_caller.answer(0, 200, emptyAnd(true));
    m_caller.answer(1, 200, emptyAnd(true));
    m_collector->sweepAll();
    QCOMPARE(m_caller.waiting(), 2);
    m_collector->setAssociations({{server("r.example"), federation::FixedPeer{"https://10.0.0.9", {}}, {}},
                                  {server("s.example"), std::nullopt, {}}});
    QCOMPARE(m_caller.waiting(), 1); // the old address is asked no more
    QCOMPARE(first().state, State::Unknown);
    QCOMPARE(first().lastSuccessMs, 0);
    QCOMPARE(*m_collector->nextLookMs(), m_clock.steadyMs());
    m_collector->look();
    QCOMPARE(m_caller.last().peer->baseUrl, "https://10.0.0.9");
    QCOMPARE(first().state, State::Asking);
    m_caller.answerLast(200, emptyAnd(false));
    QCOMPARE(first().state, State::NotHeld);
    QCOMPARE(m_collector->status().last().state, State::Asking); // it has not moved
    m_caller.answer(3, 200, EmptyAnswer);
    QVERIFY(!m_collector->sweep().running);
    QVERIFY(!m_collector->sweep().failed());
}

void TestCollector::a_refusal_is_told_in_the_relays_words_and_since_when()
{
    setMine({"r.example"});
    m_collector->look();
    const qint64 since = m_clock.wallMs();
    const QByteArray body = R"({"errcode":"M_FORBIDDEN","error":"Go\u0007 away"})";
    m_caller.answerLast(403, body);
    m_clock.advance(60'000);
    m_collector->sweepAll();
    m_caller.answerLast(403, body);
    QCOMPARE(first().error->code, Errc::Refused);
    QCOMPARE(first().error->detail, QStringLiteral("The relay answered 403 M_FORBIDDEN: Go\uFFFD away"));
    QCOMPARE(first().failingSinceMs, since);
    QCOMPARE(m_collector->sweep().relays.first().error->detail, first().error->detail);
    m_collector->sweepAll();
    m_caller.answerLast(200, EmptyAnswer);
    QCOMPARE(first().failingSinceMs, 0);
}

void TestCollector::every_request_has_a_time_and_a_nonce_of_its_own()
{
    setMine({"r.example"});
    m_collector->look();
    QCOMPARE(lastMember(QLatin1String("ts")).toLongLong(), m_clock.wallMs());
    const QByteArray nonce = lastMember(QLatin1String("nonce"));
    QCOMPARE(nonce.size(), 32);
    m_caller.answer(0, 200, answerWith({entryMembers("x", 5, 1)}));
    QCOMPARE(lastMember(QLatin1String("nonce")).size(), 32);
    QVERIFY(lastMember(QLatin1String("nonce")) != nonce);
}

void TestCollector::a_collector_whose_clock_is_off_goes_by_the_relays()
{
    setMine({"r.example"});
    m_collector->look();
    m_caller.answer(0, 200, answerWith({entryMembers("x", 5, 1)}));
    const QByteArray acknowledging = lastBody();
    const QByteArray nonce = lastMember(QLatin1String("nonce"));
    m_clock.setWall(1'790'000'000'000);
    m_caller.answer(1, 401, R"({"errcode":"ORG.RESTANTE.NOT_FRESH","error":"It was made 3 hours ago"})",
                    {{"date", "Mon, 21 Sep 2026 17:13:20 GMT"}}); // three hours later
    QCOMPARE(lastBody(), acknowledging);
    QCOMPARE(lastMember(QLatin1String("ts")).toLongLong(), 1'790'000'000'000 + qint64(3) * 3'600'000);
    QVERIFY(lastMember(QLatin1String("nonce")) != nonce);
    m_caller.answerLast(200, EmptyAnswer);
    QVERIFY(!m_collector->sweep().failed());
}

void TestCollector::a_relay_that_believes_no_time_is_told_as_failing()
{
    setMine({"r.example"});
    m_collector->look();
    const QByteArray body = R"({"errcode":"ORG.RESTANTE.NOT_FRESH","error":"It was made 3 hours ago"})";
    m_caller.answer(0, 401, body);
    m_caller.answer(1, 401, body);
    QCOMPARE(m_caller.waiting(), 0);
    QCOMPARE(first().error->detail,
             QStringLiteral("The relay answered 401 ORG.RESTANTE.NOT_FRESH: It was made 3 hours ago"));
}

void TestCollector::a_relay_asked_in_this_sweep_waits_for_the_next()
{
    setMine({"r.example", "s.example"});
    m_collector->look();
    m_caller.answer(0, 200, EmptyAnswer);
    m_clock.advance(m_options.intervalMs); // r is due again, s has not answered yet
    m_collector->look();
    m_collector->sweepAll();
    QVERIFY(m_collector->sweepOne(server("r.example")));
    QCOMPARE(m_caller.asked.size(), 2);
    QCOMPARE(m_collector->sweep().relays.size(), 2);
    // Nothing is done for r before the sweep ends: not even a look, again and again.
    QCOMPARE(*m_collector->nextLookMs() - m_clock.steadyMs(), node::Collector::LongestSweepMs - m_options.intervalMs);
    m_caller.answer(1, 200, EmptyAnswer);
    QVERIFY(!m_collector->sweep().running);
    m_collector->look();
    QCOMPARE(m_caller.asked.size(), 3);
    QCOMPARE(m_caller.last().destination, server("r.example"));
}

/// One of its relays still hands out, and another one came only at the end.
void TestCollector::a_sweep_that_lasts_too_long_ends_and_the_next_goes_on()
{
    setMine({"r.example"});
    m_collector->look();
    m_caller.answer(0, 200, answerWith({entryMembers("x", 5, 1)}));
    m_clock.advance(node::Collector::LongestSweepMs - 1);
    setMine({"r.example", "s.example"});
    m_collector->look();
    QCOMPARE(m_caller.waiting(), 2);
    QCOMPARE(inbox(), QString());
    QCOMPARE(*m_collector->nextLookMs() - m_clock.steadyMs(), 1);
    m_clock.advance(1);
    m_collector->look();
    QCOMPARE(inbox(), QStringLiteral("x"));
    QCOMPARE(m_collector->status().first().error->code, Errc::Busy);
    QCOMPARE(m_collector->status().last().state, State::Asking); // nothing is wrong with it: at once in the next sweep
    QCOMPARE(m_collector->sweep().relays.size(), 1);
    QCOMPARE(m_caller.waiting(), 1);
}

void TestCollector::a_cancelled_relay_is_neither_done_nor_failed()
{
    using Progress = node::RelayProgress::State;
    setMine({"r.example", "s.example", "t.example"});
    m_collector->look();
    m_caller.answer(0, 200, EmptyAnswer);
    m_caller.fail(1);
    m_collector->cancel();
    const auto &relays = m_collector->sweep().relays;
    QCOMPARE(relays.at(0).state, Progress::Done);
    QCOMPARE(relays.at(1).state, Progress::Failed);
    QCOMPARE(relays.at(2).state, Progress::Cancelled);
    const qsizetype before = m_caller.asked.size();
    m_clock.advance(node::Collector::FirstRetryMs - 1);
    m_collector->look(); // quiet after a cancel
    QCOMPARE(m_caller.asked.size(), before);
}

void TestCollector::relays_that_tell_different_times_are_told_of()
{
    setMine({"r.example", "s.example"});
    m_collector->look();
    m_caller.answer(0, 200, answerWith({entryMembers("a", 1, 90), entryMembers("b", 2, 20)}));
    m_caller.answerLast(200, EmptyAnswer);
    QTest::ignoreMessage(QtWarningMsg,
                         "s.example dates transactions differently from another relay; the earlier time counts");
    m_caller.answer(1, 200, answerWith({entryMembers("a", 1, 10), entryMembers("b", 2, 20)}));
    m_caller.answerLast(200, answerWith({entryMembers("b", 3, 30)})); // said once
    m_caller.answerLast(200, EmptyAnswer);
    QCOMPARE(inbox(), QStringLiteral("ab"));
    QCOMPARE(m_collector->status().first().disputed, 0);
    QCOMPARE(m_collector->status().last().disputed, 2);
}

void TestCollector::a_trial_shows_how_a_relay_is_doing()
{
    using Outcome = node::RelayReport::Outcome;
    const node::Association mine{server("r.example"), std::nullopt, {}};
    const auto tried = [&](Outcome outcome) {
        m_clock.advance(1'000);
        m_collector->noteTrial(mine, {outcome, 403, 1, QStringLiteral("The relay answered 403")});
        return first();
    };
    setMine({"r.example"});
    QCOMPARE(tried(Outcome::Works).state, State::Good);
    QCOMPARE(first().testedMs, m_clock.wallMs());
    QCOMPARE(first().lastSuccessMs, 0); // nothing was collected
    QCOMPARE(first().lastTryMs, 0);
    QCOMPARE(tried(Outcome::NotHeld).state, State::NotHeld);
    QCOMPARE(tried(Outcome::CannotSay).state, State::CannotSay);
    const qint64 since = m_clock.wallMs() + 1'000;
    QCOMPARE(tried(Outcome::Refused).state, State::Failing);
    QCOMPARE(tried(Outcome::Refused).error->code, Errc::Refused);
    QCOMPARE(first().failingSinceMs, since);
    m_collector->look(); // when it is asked is another matter
    QCOMPARE(tried(Outcome::Works).state, State::Asking);
    m_caller.fail(0);
    QCOMPARE(first().state, State::Failing);
    QCOMPARE(tried(Outcome::Works).state, State::Good);
    QCOMPARE(first().failingSinceMs, 0);
    m_collector->noteTrial({server("r.example"), federation::FixedPeer{"https://10.0.0.1", {}}, {}}, {});
    QCOMPARE(first().state, State::Good); // that was somewhere else
}

void TestCollector::a_relay_that_is_paused_holds_mail_for_us_all_the_same()
{
    using Outcome = node::RelayReport::Outcome;
    const node::Association mine{server("r.example"), std::nullopt, {}};
    setMine({"r.example"});
    m_collector->noteTrial(mine, {Outcome::NotHeld, 200});
    QCOMPARE(first().state, State::NotHeld);
    m_collector->noteTrial(mine, {Outcome::Paused, 200});
    QCOMPARE(first().state, State::Paused);
}

void TestCollector::a_relay_is_paused_until_it_says_otherwise()
{
    using Outcome = node::RelayReport::Outcome;
    setMine({"r.example"});
    const auto sweep = [this](const QByteArray &answer) {
        m_collector->sweepAll();
        m_caller.answerLast(200, answer);
        return first().state;
    };
    const auto andPaused = [](const char *paused) {
        return emptyAnd(true).chopped(1) + R"(,"org.restante.paused":)" + paused + '}';
    };
    QCOMPARE(sweep(andPaused("true")), State::Paused);
    QCOMPARE(sweep(andPaused("false")), State::Good);
    m_collector->noteTrial({server("r.example"), std::nullopt, {}}, {Outcome::Paused, 200});
    QCOMPARE(sweep(emptyAnd(true)), State::Paused); // an older relay does not say
    m_collector->noteTrial({server("r.example"), std::nullopt, {}}, {Outcome::Works, 200});
    QCOMPARE(first().state, State::Good);
}

void TestCollector::a_reason_that_changed_has_its_own_beginning()
{
    setMine({"r.example"});
    const qint64 since = m_clock.wallMs();
    m_collector->look();
    m_caller.fail(0);
    for (int i = 0; i < 2; ++i) {
        m_clock.advance(60'000);
        m_collector->sweepAll();
        m_caller.answerLast(403);
        QCOMPARE(first().failingSinceMs, since);
        QCOMPARE(first().errorSinceMs, since + 60'000);
    }
}

void TestCollector::relays_that_never_end_hide_nothing_data()
{
    QTest::addColumn<int>("endless");
    QTest::addColumn<bool>("news");
    QTest::addColumn<qint64>("mostMs");
    constexpr qint64 minuteMs = 60'000;
    QTest::newRow("one that has always the same") << 1 << false << 2 * minuteMs;
    QTest::newRow("two that have always the same") << 2 << false << 2 * minuteMs;
    QTest::newRow("one with a long backlog") << 1 << true << 16 * minuteMs;
    QTest::newRow("two with long backlogs") << 2 << true << 16 * minuteMs;
}

/// More than an hour in which an honest relay has something new every five minutes, and others always say that there is
/// more: what was taken over from the honest one, and so is nowhere else, can soon be seen.
void TestCollector::relays_that_never_end_hide_nothing()
{
    QFETCH(const int, endless);
    QFETCH(const bool, news);
    QFETCH(const qint64, mostMs);
    constexpr qint64 stepMs = 5'000;
    constexpr qint64 answerMs = 20'000; // of the endless ones
    constexpr qint64 lastMs = 75 * 60'000;
    setMine(QList<QByteArray>{"honest.example", "liar.example", "two.example"}.mid(0, 1 + endless));
    QList<qint64> handedOut; // when, of the honest one's
    QHash<qsizetype, qint64> askedMs;
    qint64 id = 1'000;
    qint64 seen = 0;
    qsizetype looked = 0;
    for (qint64 ms = 0; ms < lastMs; ms += stepMs) {
        m_clock.advance(stepMs);
        m_collector->look();
        for (bool answered = true; std::exchange(answered, false);) {
            for (; looked < m_caller.asked.size(); ++looked)
                askedMs.insert(looked, ms);
            const QList<qsizetype> open = askedMs.keys();
            for (const qsizetype at : open) {
                const bool honest = m_caller.asked.at(at).request.destination == server("honest.example");
                if (m_caller.waits(at) && !honest && ms < askedMs.value(at) + answerMs)
                    continue;
                askedMs.remove(at);
                if (!m_caller.waits(at))
                    continue;
                answered = true;
                const bool has = handedOut.size() <= ms / 300'000;
                const QByteArray content = (honest ? "h" : "x") + (honest || news ? QByteArray::number(++id) : "same");
                if (honest && has)
                    handedOut.append(ms);
                m_caller.answer(at, 200, !honest || has ? answerWith({entryMembers(content, ++id, 1)}) : EmptyAnswer);
            }
        }
        QVERIFY(m_collector->sweep().relays.size() <= 1 + endless);
        const auto due = std::count_if(handedOut.begin(), handedOut.end(), [&](qint64 at) { return at < ms - mostMs; });
        if (seen >= due)
            continue;
        const auto page = m_store->page(0, 100'000);
        seen = std::count_if(page->rows.begin(), page->rows.end(),
                             [](const auto &row) { return row.events.at(0).type.startsWith(u'h'); });
        QVERIFY2(seen >= due, qPrintable(QStringLiteral("%1 of %2 after %3 min").arg(seen).arg(due).arg(ms / 60'000)));
    }
    QVERIFY(seen > 8);
}

QTEST_GUILESS_MAIN(TestCollector)
#include "tst_collector.moc"
