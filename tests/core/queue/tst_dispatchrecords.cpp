// SPDX-License-Identifier: GPL-3.0-or-later
// What the queue knows of mail that this relay sends by itself.
#include "queuefixture.h"

#include "meddler.h"
#include "queue/dispatchrecords.h"

using namespace restante;
using namespace restante::test;
using queue::Dispatch;
using queue::DispatchRecords;
using queue::GivenUp;

namespace
{
constexpr qint64 DayMs = qint64(24) * 3'600'000;

QSet<QByteArray> namesOf(const Result<std::vector<matrix::ServerName>> &found)
{
    QSet<QByteArray> names;
    if (found) {
        for (const auto &name : *found)
            names.insert(name.bytes());
    }
    return names;
}
} // namespace

class TestDispatchRecords : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void destinations_of_an_origin_are_found_before_and_after_a_fold();
    void how_an_entry_stands_is_kept();
    void parked_entries_between_two_are_known();
    void other_mail_under_the_same_id_is_known();
    void what_is_over_is_forgotten();
    void a_clock_that_ran_ahead_delays_nothing_for_long();
    void a_clock_that_cannot_be_right_forgets_nothing();
    void what_is_parked_is_taken_up();
    void what_expires_is_told_to_the_origin_it_was_to_be_sent_for();
    void what_the_operator_discards_is_told_as_such();
    void what_owners_collect_is_not_given_up();
    void only_the_latest_of_very_many_is_told();

private:
    static void forgetOld(QueueFixture &queue, qint64 nowMs)
    {
        QEventLoop loop;
        DispatchRecords::forgetOld(*queue.client, nowMs, 30 * DayMs, [&loop](const Result<void> &done) {
            QVERIFY(done.ok());
            loop.quit();
        });
        loop.exec();
    }
    static void put(QueueFixture &queue, const Dispatch &dispatch)
    {
        QEventLoop loop;
        DispatchRecords::put(*queue.client, dispatch, [&loop](const Result<void> &kept) {
            QVERIFY(kept.ok());
            loop.quit();
        });
        loop.exec();
    }
    static std::vector<GivenUp> givenUp(QueueFixture &queue, const QByteArray &origin)
    {
        std::vector<GivenUp> found;
        QEventLoop loop;
        DispatchRecords::tellGivenUp(*queue.client, server(origin), [&](const Result<std::vector<GivenUp>> &told) {
            if (told)
                found = *told;
            loop.quit();
        });
        loop.exec();
        return found;
    }
};

void TestDispatchRecords::destinations_of_an_origin_are_found_before_and_after_a_fold()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("1", "a.example", "b.example")).ok());
    QVERIFY(queue.store(letter("2", "a.example", "d.example")).ok());
    QVERIFY(queue.store(letter("3", "c.example", "e.example")).ok());
    const QSet<matrix::ServerName> origin{server("a.example")};
    const QSet<QByteArray> expected{"b.example", "d.example"};
    QCOMPARE(namesOf(DispatchRecords(*queue.writer).destinations(origin)), expected);
    queue.close();
    QVERIFY(queue.open().ok());
    const DispatchRecords records(*queue.writer);
    QCOMPARE(namesOf(records.destinations(origin)), expected);
    QVERIFY(queue.store(letter("4", "a.example", "f.example")).ok());
    QCOMPARE(namesOf(records.destinations(origin)), (expected | QSet<QByteArray>{"f.example"}));
    QCOMPARE(namesOf(records.destinations({})), QSet<QByteArray>());
}

void TestDispatchRecords::how_an_entry_stands_is_kept()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    Dispatch dispatch{server("b.example"), {7}, server("a.example"), "t1", Dispatch::State::Sending, 1'000};
    QVERIFY(!DispatchRecords(*queue.writer).standing(dispatch)->state);
    put(queue, dispatch);
    dispatch.state = Dispatch::State::Parked;
    dispatch.sinceMs = 2'000;
    dispatch.reason = QStringLiteral("403");
    put(queue, dispatch);
    queue.close();
    QVERIFY(queue.open().ok());
    const auto standing = DispatchRecords(*queue.writer).standing(dispatch);
    QVERIFY(standing.ok());
    QVERIFY(standing->state == Dispatch::State::Parked);
    QCOMPARE(standing->sinceMs, 2'000);
}

void TestDispatchRecords::parked_entries_between_two_are_known()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const auto putAs = [&](const char *destination, qint64 id, Dispatch::State state) {
        put(queue, {server(destination),
                    {id},
                    server("a.example"),
                    "t" + QByteArray::number(id),
                    state,
                    1'000,
                    QStringLiteral("no %1").arg(id)});
    };
    for (const qint64 id : {5, 7, 11})
        putAs("b.example", id, Dispatch::State::Parked);
    putAs("b.example", 9, Dispatch::State::ParkedUnsure);
    putAs("b.example", 8, Dispatch::State::Sending);
    putAs("b.example", 10, Dispatch::State::Taken);
    putAs("c.example", 6, Dispatch::State::Parked);
    const auto parked = DispatchRecords(*queue.writer).parked(server("b.example"), {5}, {10});
    QVERIFY(parked.ok());
    QCOMPARE(*parked, (QHash<qint64, QString>{{7, QStringLiteral("no 7")}, {9, QStringLiteral("no 9")}}));
}

void TestDispatchRecords::other_mail_under_the_same_id_is_known()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const DispatchRecords records(*queue.writer);
    put(queue, {server("b.example"), {7}, server("a.example"), "t1", Dispatch::State::Taken, 1'000});
    put(queue, {server("b.example"), {8}, server("a.example"), "t2", Dispatch::State::Parked, 1'000});
    const auto others = [&](const QByteArray &destination, qint64 id, const QByteArray &origin,
                            const QByteArray &txnId) {
        return records.standing({server(destination), {id}, server(origin), txnId})->othersMs;
    };
    QCOMPARE(others("b.example", 9, "a.example", "t1"), std::optional<qint64>(1'000));
    QCOMPARE(others("b.example", 7, "a.example", "t1"), std::optional<qint64>()); // it is that one
    QCOMPARE(others("b.example", 9, "c.example", "t1"), std::optional<qint64>());
    QCOMPARE(others("d.example", 9, "a.example", "t1"), std::optional<qint64>());
    QCOMPARE(others("b.example", 9, "a.example", "t2"), std::optional<qint64>()); // it was not taken
}

void TestDispatchRecords::what_is_over_is_forgotten()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const DispatchRecords records(*queue.writer);
    const qint64 now = queue.clock.wallMs();
    const Dispatch taken{server("b.example"), {1}, server("a.example"), "t1", Dispatch::State::Taken, now - 2 * DayMs};
    const Dispatch sending{server("b.example"), {2}, server("a.example"), "t2", Dispatch::State::Sending,
                           now - 2 * DayMs};
    const Dispatch expired{server("b.example"), {3}, server("a.example"), "t3", Dispatch::State::Parked,
                           now - 32 * DayMs};
    for (const Dispatch &each : {taken, sending, expired})
        put(queue, each);
    QEventLoop loop;
    DispatchRecords::forgetOld(*queue.client, now, 30 * DayMs, [&loop](const Result<void> &done) {
        QVERIFY(done.ok());
        loop.quit();
    });
    loop.exec();
    QVERIFY(!records.standing(taken)->state);
    QVERIFY(records.standing(sending)->state.has_value());
    QVERIFY(!records.standing(expired)->state);
}

void TestDispatchRecords::what_expires_is_told_to_the_origin_it_was_to_be_sent_for()
{
    queue::Policy policy = QueueFixture::smallDisk();
    policy.sendsFor = {server("a.example")};
    QueueFixture queue(policy);
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("1")).ok());
    QVERIFY(queue.store(letter("2")).ok());
    QVERIFY(queue.store(letter("3", "a.example", "d.example")).ok());
    QVERIFY(queue.store(letter("4", "stranger.example")).ok());
    QVERIFY(givenUp(queue, "a.example").empty());
    queue.clock.advance(31 * DayMs);
    queue.maintain();
    const qint64 now = queue.clock.wallMs();
    QCOMPARE(givenUp(queue, "a.example"),
             (std::vector<GivenUp>{{server("b.example"), 2, now}, {server("d.example"), 1, now}}));
    QVERIFY(givenUp(queue, "stranger.example").empty());
    QCOMPARE(queue.audit(), QStringList());
}

void TestDispatchRecords::what_the_operator_discards_is_told_as_such()
{
    queue::Policy policy = QueueFixture::smallDisk();
    policy.sendsFor = {server("a.example")};
    policy.served.insert(server("served.example"), {});
    QueueFixture queue(policy);
    QVERIFY(queue.open().ok());
    const auto one = queue.store(letter("1"));
    QVERIFY(queue.store(letter("2")).ok());
    const auto strange = queue.store(letter("3", "stranger.example"));
    const auto served = queue.store(letter("4", "a.example", "served.example"));
    QCOMPARE(*queue.discard("b.example", {one->id, strange->id, {77}}), 2);
    QCOMPARE(*queue.discard("served.example", {served->id}), 1); // its owner would have come for it
    qint64 now = queue.clock.wallMs();
    QCOMPARE(givenUp(queue, "a.example"), (std::vector<GivenUp>{{server("b.example"), 1, now, 1}}));
    QVERIFY(givenUp(queue, "stranger.example").empty());
    queue.clock.advance(31 * DayMs);
    queue.maintain(); // the second one expires
    now = queue.clock.wallMs();
    QCOMPARE(givenUp(queue, "a.example"), (std::vector<GivenUp>{{server("b.example"), 2, now, 1}}));
    QVERIFY(queue.store(letter("5")).ok());
    QVERIFY(queue.store(letter("6")).ok());
    QCOMPARE(*queue.discardAll("b.example"), 2);
    QCOMPARE(givenUp(queue, "a.example"), (std::vector<GivenUp>{{server("b.example"), 4, now, 3}}));
    QCOMPARE(queue.audit(), QStringList());
}

void TestDispatchRecords::what_owners_collect_is_not_given_up()
{
    queue::Policy policy = QueueFixture::smallDisk();
    policy.sendsFor = {server("a.example")};
    policy.served.insert(server("served.example"), {});
    QueueFixture queue(policy);
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("1", "a.example", "served.example")).ok());
    QVERIFY(queue.store(letter("2")).ok());
    QCOMPARE(queue.collect(), QByteArrayList{"2"});
    queue.clock.advance(31 * DayMs);
    queue.maintain();
    QVERIFY(givenUp(queue, "a.example").empty());
}

void TestDispatchRecords::a_clock_that_ran_ahead_delays_nothing_for_long()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const qint64 now = queue.clock.wallMs();
    const Dispatch ahead{server("b.example"), {1}, server("a.example"), "t1", Dispatch::State::Taken,
                         now + 400 * DayMs};
    const Dispatch right{server("b.example"), {2}, server("a.example"), "t2", Dispatch::State::Taken, now + 60'000};
    put(queue, ahead);
    put(queue, right);
    QVERIFY(
        Meddler(queue.folder())
            .run(QStringLiteral("INSERT INTO given_up VALUES (CAST('a.example' AS BLOB), CAST('b.example' AS BLOB), "
                                "3, %1, 0)")
                     .arg(now + 400 * DayMs)));
    forgetOld(queue, now);
    const DispatchRecords records(*queue.writer);
    QCOMPARE(records.standing(ahead)->sinceMs, now);
    QCOMPARE(records.standing(right)->sinceMs, now + 60'000);
    QCOMPARE(givenUp(queue, "a.example"), (std::vector<GivenUp>{{server("b.example"), 3, now}}));
}

void TestDispatchRecords::a_clock_that_cannot_be_right_forgets_nothing()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const qint64 now = queue.clock.wallMs();
    const Dispatch sending{server("b.example"), {1}, server("a.example"), "t1", Dispatch::State::Sending, now};
    put(queue, sending);
    forgetOld(queue, 1'000); // as a computer without a battery begins
    forgetOld(queue, now * 10);
    const auto standing = DispatchRecords(*queue.writer).standing(sending);
    QVERIFY(standing->state == Dispatch::State::Sending);
    QCOMPARE(standing->sinceMs, now);
}

void TestDispatchRecords::what_is_parked_is_taken_up()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    using State = Dispatch::State;
    const Dispatch parked{server("b.example"), {1}, server("a.example"), "t1", State::Parked, 1'000};
    const Dispatch unsure{server("b.example"), {2}, server("a.example"), "t2", State::ParkedUnsure, 2'000};
    const Dispatch taken{server("b.example"), {3}, server("a.example"), "t3", State::Taken, 3'000};
    const Dispatch other{server("d.example"), {4}, server("a.example"), "t4", State::Parked, 4'000};
    for (const Dispatch &each : {parked, unsure, taken, other})
        put(queue, each);
    const auto takeUp = [&queue](const matrix::ServerName &destination) {
        QEventLoop loop;
        DispatchRecords::takeUp(*queue.client, destination, [&loop](const Result<void> &done) {
            QVERIFY(done.ok());
            loop.quit();
        });
        loop.exec();
    };
    const DispatchRecords records(*queue.writer);
    takeUp(server("b.example"));
    QVERIFY(!records.standing(parked)->state);
    QVERIFY(records.standing(unsure)->state == State::Sending);
    QCOMPARE(records.standing(unsure)->sinceMs, 2'000);
    QVERIFY(records.standing(taken)->state == State::Taken);
    QVERIFY(records.standing(other)->state == State::Parked);
    takeUp({});
    QVERIFY(!records.standing(other)->state);
}

void TestDispatchRecords::only_the_latest_of_very_many_is_told()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(Meddler(queue.folder())
                .run(QStringLiteral("INSERT INTO given_up WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM "
                                    "n WHERE i < %1) SELECT CAST('a.example' AS BLOB), CAST('d' || i || '.example' AS "
                                    "BLOB), 1, i, 0 FROM n")
                         .arg(DispatchRecords::MostTold + 5)));
    const auto told = givenUp(queue, "a.example");
    QCOMPARE(told.size(), size_t(DispatchRecords::MostTold));
    QCOMPARE(told.front().lastMs, DispatchRecords::MostTold + 5);
    QCOMPARE(told.back().lastMs, 6);
}

QTEST_GUILESS_MAIN(TestDispatchRecords)
#include "tst_dispatchrecords.moc"
