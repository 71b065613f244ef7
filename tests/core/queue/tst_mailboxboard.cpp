// SPDX-License-Identifier: GPL-3.0-or-later
// What is told of mailboxes that fill up, and of mail that is refused: as it is observed, from when to when.
#include "queuefixture.h"

#include <atomic>

using namespace restante;
using namespace restante::test;

namespace
{
constexpr qint64 DayMs = 86'400'000;

/// b.example is served and knows k.example; ten entries a mailbox, five of them for senders it does not know.
queue::Policy policyOfTen()
{
    auto policy = QueueFixture::smallDisk();
    policy.quotas.destinationEntries = 10;
    policy.served.insert(server("b.example"), {{server("k.example")}});
    return policy;
}

QStringList told(const QueueFixture &queue)
{
    QStringList list;
    for (const queue::MailRefusal &refusal : queue.writer->mailboxes().refusals())
        list << refusal.destination.toString() + u' ' + QString::number(refusal.count);
    return list;
}

int percent(const QueueFixture &queue)
{
    const auto fills = queue.writer->mailboxes().fills();
    return fills.isEmpty() ? 0 : fills.first().percent;
}

Result<queue::Stored> put(QueueFixture &queue, int number, const QByteArray &origin = "k.example",
                          const QByteArray &destination = "b.example")
{
    return queue.store(letter(origin + QByteArray::number(number), origin, destination));
}
} // namespace

class TestMailboxBoard : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_mailbox_is_told_from_80_percent_on();
    void the_fill_is_known_after_a_restart();
    void mail_that_is_refused_is_told_until_there_is_room_data();
    void mail_that_is_refused_is_told_until_there_is_room();
    void the_half_for_unknown_senders_is_full_by_itself();
    void what_one_sender_has_used_up_is_no_full_mailbox();
    void what_one_sender_has_used_up_is_told_of_that_sender();
    void what_one_address_has_used_up_is_told();
    void strangers_mailboxes_are_nobodys_business();
    void a_full_relay_is_told_for_all();
    void other_quotas_are_observed_anew();
    void settings_that_make_no_room_leave_what_was_observed();
};

void TestMailboxBoard::a_mailbox_is_told_from_80_percent_on()
{
    QueueFixture queue(policyOfTen());
    QVERIFY(queue.open().ok());
    for (int i = 0; i < 10; ++i) {
        QVERIFY(put(queue, i).ok());
        const int now = (i + 1) * 10;
        QCOMPARE(percent(queue), now >= 80 ? now : 0);
    }
    QCOMPARE(told(queue), QStringList()); // nothing was refused yet
    QCOMPARE(queue.collect().size(), 10);
    QCOMPARE(percent(queue), 0);
}

void TestMailboxBoard::the_fill_is_known_after_a_restart()
{
    QueueFixture queue(policyOfTen());
    QVERIFY(queue.open().ok());
    for (int i = 0; i < 4; ++i)
        QVERIFY(put(queue, i, "x.example").ok());
    QCOMPARE(percent(queue), 80); // of the half for those it does not know
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(percent(queue), 80);
}

void TestMailboxBoard::mail_that_is_refused_is_told_until_there_is_room_data()
{
    QTest::addColumn<int>("how");
    QTest::newRow("collected") << 0;
    QTest::newRow("discarded") << 1;
    QTest::newRow("expired") << 2;
}

void TestMailboxBoard::mail_that_is_refused_is_told_until_there_is_room()
{
    QFETCH(const int, how);
    std::atomic<int> heard{0};
    QueueFixture queue(policyOfTen());
    queue.mailboxes = [&heard] { ++heard; };
    QVERIFY(queue.open().ok());
    for (int i = 0; i < 10; ++i)
        QVERIFY(put(queue, i).ok());
    const qint64 since = queue.clock.wallMs();
    const int before = heard.load();
    QVERIFY(!put(queue, 10).ok());
    QTRY_VERIFY(heard.load() > before); // told behind the answers of the batch
    queue.clock.advance(1'000);
    QVERIFY(!put(queue, 11).ok());
    QVERIFY(put(queue, 3).ok()); // is held already: no room was needed
    QCOMPARE(told(queue), QStringList{QStringLiteral("b.example 2")});
    const auto refusal = queue.writer->mailboxes().refusals().first();
    QCOMPARE(refusal.sinceMs, since);
    QCOMPARE(refusal.reason, QStringLiteral("The queue of this destination is full."));
    if (how == 0) {
        queue.acknowledge("b.example", queue.next().entry->id);
    } else if (how == 1) {
        QCOMPARE(queue.discard("b.example", {queue.next().entry->id}).value(), 1);
    } else {
        queue.clock.advance(31 * DayMs);
        queue.maintain();
    }
    QCOMPARE(told(queue), QStringList());
}

void TestMailboxBoard::the_half_for_unknown_senders_is_full_by_itself()
{
    QueueFixture queue(policyOfTen());
    QVERIFY(queue.open().ok());
    for (int i = 0; i < 5; ++i)
        QVERIFY(put(queue, i, "x.example").ok());
    QVERIFY(!put(queue, 5, "x.example").ok());
    QCOMPARE(told(queue), QStringList{QStringLiteral("b.example 1")});
    QVERIFY(put(queue, 0, "k.example").ok()); // a known sender still gets in, which does not help the others
    QCOMPARE(told(queue), QStringList{QStringLiteral("b.example 1")});
}

void TestMailboxBoard::what_one_sender_has_used_up_is_no_full_mailbox()
{
    auto policy = policyOfTen();
    policy.quotas.originEntries = 2;
    QueueFixture queue(policy);
    QVERIFY(queue.open().ok());
    QVERIFY(put(queue, 0).ok() && put(queue, 1).ok());
    QVERIFY(!put(queue, 2).ok());
    QCOMPARE(told(queue), QStringList());
}

void TestMailboxBoard::what_one_sender_has_used_up_is_told_of_that_sender()
{
    auto policy = policyOfTen();
    policy.quotas.originEntries = 2;
    std::atomic<int> heard{0}; // the writer's thread tells of changes until the end
    QueueFixture queue(policy);
    queue.mailboxes = [&heard] { ++heard; };
    QVERIFY(queue.open().ok());
    const qint64 since = queue.clock.wallMs();
    const auto senders = [&queue] { return queue.writer->mailboxes().senderRefusals(); };
    QVERIFY(put(queue, 0).ok() && put(queue, 1).ok());
    QVERIFY(senders().isEmpty());
    const int before = heard.load();
    QVERIFY(!put(queue, 2).ok());
    QTRY_VERIFY(heard.load() > before);
    QVERIFY(!put(queue, 3).ok());
    const QString reason = QStringLiteral("One server may not leave more for this destination.");
    QCOMPARE(senders(),
             (QList<queue::SenderRefusal>{{server("b.example"), server("k.example"), reason, since, 2, false, false}}));
    QVERIFY(put(queue, 0, "x.example").ok()); // another one's mail ends nothing
    QVERIFY(put(queue, 1, "x.example").ok() && !put(queue, 2, "x.example").ok());
    QCOMPARE(senders().size(), 1); // bounded by the mailboxes
    QVERIFY(senders().first().others && senders().first().count == 3);
    QCOMPARE(senders().first().origin, server("k.example"));
    queue.acknowledge("b.example", queue.next().entry->id);
    QVERIFY(senders().isEmpty());
}

void TestMailboxBoard::what_one_address_has_used_up_is_told()
{
    QueueFixture queue(policyOfTen());
    QVERIFY(queue.open().ok());
    const auto from = [&queue](int number) {
        auto request =
            letter("t" + QByteArray::number(number), "x" + QByteArray::number(number) + ".example", "b.example");
        request.addressKey = "client";
        return queue.store(request);
    };
    QVERIFY(from(0).ok() && from(1).ok() && !from(2).ok());
    const auto senders = queue.writer->mailboxes().senderRefusals();
    QCOMPARE(senders.size(), 1);
    QCOMPARE(senders.first().reason, QStringLiteral("One client address may not leave more for this destination."));
    queue.acknowledge("b.example", queue.next().entry->id);
    QVERIFY(queue.writer->mailboxes().senderRefusals().isEmpty());
}

void TestMailboxBoard::strangers_mailboxes_are_nobodys_business()
{
    QueueFixture queue(policyOfTen());
    QVERIFY(queue.open().ok());
    for (int i = 0; i < 5; ++i)
        QVERIFY(put(queue, i, "x.example", "stranger.example").ok());
    QVERIFY(!put(queue, 5, "x.example", "stranger.example").ok());
    QCOMPARE(told(queue), QStringList());
    QCOMPARE(percent(queue), 0);
}

void TestMailboxBoard::a_full_relay_is_told_for_all()
{
    auto policy = policyOfTen();
    policy.quotas.totalEntries = 8;
    policy.served.clear();
    QueueFixture queue(policy);
    QVERIFY(queue.open().ok());
    const auto numbered = [](const char *what, int i) { return what + QByteArray::number(i) + ".example"; };
    QVERIFY(put(queue, 0, "greedy.example", "d0.example").ok());
    QVERIFY(!put(queue, 1, "greedy.example", "d1.example").ok()); // which has had its part, and the others have not
    QCOMPARE(told(queue), QStringList());
    for (int i = 1; i < 8; ++i)
        QVERIFY(put(queue, i, numbered("x", i), numbered("d", i)).ok());
    QVERIFY(!put(queue, 9, "x.example", "d9.example").ok());
    QCOMPARE(told(queue), QStringList{QStringLiteral(" 1")});
    QCOMPARE(queue.collect("d0.example").size(), 1);
    QCOMPARE(told(queue), QStringList());
}

void TestMailboxBoard::settings_that_make_no_room_leave_what_was_observed()
{
    QueueFixture queue(policyOfTen());
    QVERIFY(queue.open().ok());
    for (int i = 0; i < 10; ++i)
        QVERIFY(put(queue, i).ok());
    QVERIFY(!put(queue, 10).ok());
    auto policy = policyOfTen();
    policy.quotas.expiryDays = 3;
    policy.quotas.secureDelete = true;
    queue.writer->setPolicy(policy);
    queue.settle();
    QCOMPARE(told(queue), QStringList{QStringLiteral("b.example 1")});
    policy.quotas.destinationEntries = 2;
    queue.writer->setPolicy(policy);
    queue.settle();
    QCOMPARE(percent(queue), 100); // not 500
}

void TestMailboxBoard::other_quotas_are_observed_anew()
{
    QueueFixture queue(policyOfTen());
    QVERIFY(queue.open().ok());
    for (int i = 0; i < 10; ++i)
        QVERIFY(put(queue, i).ok());
    QVERIFY(!put(queue, 10).ok());
    auto policy = policyOfTen();
    policy.served.insert(server("c.example"), {});
    queue.writer->setPolicy(policy);
    queue.settle();
    QCOMPARE(told(queue), QStringList{QStringLiteral("b.example 1")});
    policy.quotas.destinationEntries = 20;
    queue.writer->setPolicy(policy);
    queue.settle();
    QCOMPARE(told(queue), QStringList());
    QCOMPARE(percent(queue), 0);
}

QTEST_GUILESS_MAIN(TestMailboxBoard)
#include "tst_mailboxboard.moc"
