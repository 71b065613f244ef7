// SPDX-License-Identifier: GPL-3.0-or-later
// What the queue knows of mail that this relay sends by itself.
#include "queuefixture.h"

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
    void what_expires_is_told_to_the_origin_it_was_to_be_sent_for();
    void what_owners_collect_is_not_given_up();

private:
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
        put(queue, {server(destination), {id}, server("a.example"), "t" + QByteArray::number(id), state, 1'000});
    };
    for (const qint64 id : {5, 7, 9, 11})
        putAs("b.example", id, Dispatch::State::Parked);
    putAs("b.example", 8, Dispatch::State::Sending);
    putAs("b.example", 10, Dispatch::State::Taken);
    putAs("c.example", 6, Dispatch::State::Parked);
    const auto parked = DispatchRecords(*queue.writer).parked(server("b.example"), {5}, {10});
    QVERIFY(parked.ok());
    QCOMPARE(*parked, (QSet<qint64>{7, 9}));
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
    const qint64 now = 100 * DayMs;
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

QTEST_GUILESS_MAIN(TestDispatchRecords)
#include "tst_dispatchrecords.moc"
