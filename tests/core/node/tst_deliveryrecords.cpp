// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/sqlstatement.h"
#include "fakeclock.h"
#include "node/deliveryrecords.h"
#include "node/inboxstore.h"
#include "samples.h"

#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <sodium.h>

using namespace restante;
using namespace restante::test;
using node::DeliveryRecords;
using State = node::DeliveryRow::State;

class TestDeliveryRecords : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(sodium_init() >= 0); }
    void init();
    void states_survive_a_restart_and_go_with_their_entries();
    void a_turn_is_done_as_a_whole_or_not_at_all();
    void a_sent_id_is_known_for_a_day_and_an_hour();
    void a_clock_that_was_set_back_makes_it_no_shorter();
    void delivered_events_are_found_by_any_of_their_ids();
    void delivered_events_are_kept_for_two_days();
    void there_are_never_too_many_of_them_data();
    void there_are_never_too_many_of_them();

private:
    void open()
    {
        m_store.reset();
        auto store = node::InboxStore::open(m_folder->path(), m_clock);
        QVERIFY(store.ok());
        m_store = std::move(*store);
    }
    qint64 bring(const QByteArray &content)
    {
        if (!m_store->add(server("r.example"), {collected(content, 10)}, {}) || !m_store->merge())
            qFatal("the inbox takes nothing");
        return m_store->page(0, 100)->rows.last().id;
    }
    /// Two events of a room.
    static node::DeliveredMail mail(qint64 id, const QByteArray &name, qint64 bytes = 10)
    {
        const QByteArray text = '"' + QByteArray(bytes - 2, 'x') + '"';
        const QString room = QStringLiteral("!r");
        return {id,
                server("a.example"),
                "t" + name,
                {{{"$1" + name, "$other1" + name}, server("a.example"), room, 7, {}, text},
                 {{"$2" + name}, server("a.example"), room, 8, QStringLiteral("no"), text}}};
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    FakeClock m_clock;
    std::unique_ptr<node::InboxStore> m_store;
};

void TestDeliveryRecords::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    open();
}

void TestDeliveryRecords::states_survive_a_restart_and_go_with_their_entries()
{
    const qint64 id = bring("x");
    QVERIFY(m_store->setDelivery({id, State::Later, 5, 9, QStringLiteral("why")}).ok());
    QVERIFY(m_store->setDelivery({id + 1, State::Parked, 5, 0, {}}).ok()); // of no entry
    open();
    const auto rows = m_store->deliveries();
    QCOMPARE(rows->size(), size_t(1));
    QCOMPARE(rows->front().state, State::Later);
    QCOMPARE(rows->front().sinceMs, 5);
    QCOMPARE(rows->front().nextMs, 9);
    QCOMPARE(rows->front().reason, QStringLiteral("why"));
    QCOMPARE(*m_store->remove({id}), 1);
    QVERIFY(m_store->deliveries()->empty());
}

void TestDeliveryRecords::a_turn_is_done_as_a_whole_or_not_at_all()
{
    const qint64 first = bring("x");
    const qint64 second = bring("y");
    QVERIFY(m_store->setDelivery({first, State::Sending, 5, 0, {}}).ok());
    QVERIFY(m_store->turn({mail(first, "m")}, {{second, State::Sending, 6, 0, {}}}).ok());
    QCOMPARE(m_store->totals()->entries, 1);
    QCOMPARE(m_store->deliveredById("$1m")->size(), size_t(1));
    QVERIFY(*m_store->sentMs(server("a.example"), "tm"));
    QCOMPARE(m_store->deliveries()->size(), size_t(1));
    QCOMPARE(m_store->deliveries()->front().id, second);
    QCOMPARE(m_store->add(server("s.example"), {collected("x", 10)}, {})->fresh, 0); // it is remembered

    const qint64 third = bring("z");
    base::ConnectionOptions options;
    options.database = m_folder->filePath(QStringLiteral("node.sqlite"));
    auto database = base::Database::open(options);
    QVERIFY(database.ok());
    QVERIFY((*database)->run(
        QStringLiteral("CREATE TRIGGER no BEFORE DELETE ON inbox BEGIN SELECT RAISE(ABORT, 'no'); END")));
    QVERIFY(!m_store->turn({mail(second, "n")}, {{third, State::Sending, 7, 0, {}}}).ok());
    QVERIFY(m_store->deliveredById("$1n")->empty());
    QVERIFY(!*m_store->sentMs(server("a.example"), "tn"));
    QCOMPARE(m_store->deliveries()->size(), size_t(1));
    QCOMPARE(m_store->totals()->entries, 2);
    QVERIFY((*database)->run(QStringLiteral("DROP TRIGGER no")));
    QVERIFY(m_store->turn({mail(second, "n")}, {}).ok()); // nothing was left open
    QCOMPARE(m_store->totals()->entries, 1);
}

void TestDeliveryRecords::a_sent_id_is_known_for_a_day_and_an_hour()
{
    const qint64 now = m_clock.wallMs();
    QVERIFY(m_store->noteSent(server("a"), "1").ok());
    QCOMPARE(*m_store->sentMs(server("a"), "1"), std::optional(now));
    QCOMPARE(*m_store->sentMs(server("a"), "2"), std::nullopt);
    QCOMPARE(*m_store->sentMs(server("c"), "1"), std::nullopt);
    m_clock.advance(DeliveryRecords::KnownMs - 1);
    QCOMPARE(*m_store->sentMs(server("a"), "1"), std::optional(now));
    m_clock.advance(1);
    QCOMPARE(*m_store->sentMs(server("a"), "1"), std::nullopt);
}

void TestDeliveryRecords::a_clock_that_was_set_back_makes_it_no_shorter()
{
    QVERIFY(m_store->noteSent(server("a"), "1").ok());
    m_clock.setWall(m_clock.wallMs() - 100 * base::DayMs);
    QCOMPARE(*m_store->sentMs(server("a"), "1"), std::optional(m_clock.wallMs()));
}

void TestDeliveryRecords::delivered_events_are_found_by_any_of_their_ids()
{
    const qint64 id = bring("x");
    QVERIFY(m_store->keepTaken(mail(id, "m")).ok());
    QVERIFY(m_store->keepTaken(mail(id, "n")).ok());
    QCOMPARE(m_store->deliveredById("$1m")->size(), size_t(1));
    QCOMPARE(m_store->deliveredById("$other1m")->front().depth, 7);
    QCOMPARE(m_store->deliveredById("$2n")->front().error, QStringLiteral("no"));
    QVERIFY(m_store->deliveredById("$3m")->empty());
    QCOMPARE(m_store->deliveredOfRoom(QStringLiteral("!r"), 8, 10)->size(), size_t(2));
    QCOMPARE(m_store->deliveredOfRoom(QStringLiteral("!r"), 0, 3)->size(), size_t(3));
    QCOMPARE(m_store->deliveries()->front().state, State::Done);
    QVERIFY(*m_store->sentMs(server("a.example"), "tm"));
}

void TestDeliveryRecords::delivered_events_are_kept_for_two_days()
{
    const qint64 id = bring("x");
    QVERIFY(m_store->keepTaken(mail(id, "m")).ok());
    m_clock.advance(DeliveryRecords::EventsMs);
    QVERIFY(m_store->keepTaken(mail(id, "n")).ok());
    QVERIFY(m_store->prune({}).ok());
    QCOMPARE(m_store->deliveredById("$1m")->size(), size_t(1));
    m_clock.advance(1);
    QVERIFY(m_store->prune({}).ok());
    QVERIFY(m_store->deliveredById("$1m")->empty());
    QCOMPARE(m_store->deliveredById("$1n")->size(), size_t(1));
}

void TestDeliveryRecords::there_are_never_too_many_of_them_data()
{
    QTest::addColumn<qint64>("bytes"); // of an event
    QTest::addColumn<int>("mails");
    QTest::addColumn<int>("left"); // events
    const qint64 large = qint64(8) << 20;
    QTest::newRow("bytes") << large << 6 << int(DeliveryRecords::MostEventBytes / large);
    QTest::newRow("events") << qint64(10) << int(DeliveryRecords::MostEvents / 2 + 3)
                            << int(DeliveryRecords::MostEvents);
}

void TestDeliveryRecords::there_are_never_too_many_of_them()
{
    QFETCH(qint64, bytes);
    QFETCH(int, mails);
    QFETCH(int, left);
    base::ConnectionOptions options;
    options.database = m_folder->filePath(QStringLiteral("node.sqlite"));
    m_store.reset();
    auto database = base::Database::open(options);
    QVERIFY(database.ok());
    base::SqlStatement fast(**database, QStringLiteral("PRAGMA synchronous = OFF"));
    QVERIFY(fast.run().ok());
    DeliveryRecords records(**database);
    for (int i = 0; i < mails; ++i)
        QVERIFY(records.taken(mail(1, QByteArray::number(i), bytes), m_clock.wallMs()).ok());
    QCOMPARE(int(records.eventsOfRoom(QStringLiteral("!r"), 0, 1'000'000)->size()), left);
    QVERIFY(records.eventsById("$10")->empty()); // the oldest went
    QCOMPARE(records.eventsById("$1" + QByteArray::number(mails - 1))->size(), size_t(1));
    base::SqlStatement ids(**database, QStringLiteral("SELECT COUNT(*) FROM delivered_ids"));
    QVERIFY(ids.run().ok());
    QVERIFY(ids.next());
    QCOMPARE(ids.integer(0), left * 3 / 2);
}

QTEST_GUILESS_MAIN(TestDeliveryRecords)
#include "tst_deliveryrecords.moc"
