// SPDX-License-Identifier: GPL-3.0-or-later
// Damaged tables that others can tell stop neither a start nor stores nor the folds.
#include "damagedqueue.h"

using namespace restante;
using namespace restante::test;

namespace
{

void tables()
{
    QTest::addColumn<QByteArray>("table");
    for (const char *table : {"movements", "positions", "contents", "tombstones"})
        QTest::newRow(table) << QByteArray(table);
}

/// "a" and "b" were acknowledged; "c" and "d" are held. Of each pair the first was folded.
bool fill(DamagedQueue &queue)
{
    if (!queue.open().ok())
        return false;
    for (const char *content : {"a", "c"})
        queue.ids.insert(content, queue.store(letter(content))->id);
    queue.acknowledge("b.example", queue.ids.value("a"));
    queue.close();
    if (!queue.open().ok())
        return false;
    for (const char *content : {"b", "d"})
        queue.ids.insert(content, queue.store(letter(content))->id);
    queue.acknowledge("b.example", queue.ids.value("b"));
    return true;
}

} // namespace

class TestQueueRepair : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_damaged_table_that_others_can_tell_stops_no_start_data() { tables(); }
    void a_damaged_table_that_others_can_tell_stops_no_start();
    void a_damaged_table_that_others_can_tell_stops_no_mail_data();
    void a_damaged_table_that_others_can_tell_stops_no_mail();
    void a_table_is_made_anew_as_often_as_it_is_damaged();
};

void TestQueueRepair::a_damaged_table_that_others_can_tell_stops_no_start()
{
    QFETCH(const QByteArray, table);
    DamagedQueue queue;
    QVERIFY(fill(queue));
    DamagedQueue copy; // what a kill leaves
    for (const auto *name : {"/queue.sqlite", "/queue.sqlite-wal"})
        QVERIFY(QFile::copy(queue.folder() + QLatin1String(name), copy.folder() + QLatin1String(name)));
    QVERIFY(Meddler(copy.folder()).run(QStringLiteral("SELECT 1 FROM meta"))); // its end empties the log
    QByteArray root;
    QVERIFY(swapRoot(copy.file(), table, root));
    const auto opened = copy.open();
    QVERIFY2(opened.ok(), opened.ok() ? "" : qPrintable(opened.error().detail));
    const auto stored = copy.store(letter("e"));
    copy.maintain();
    const auto again = stored.ok() ? stored : copy.store(letter("e"));
    QVERIFY2(again.ok(), again.ok() ? "" : qPrintable(again.error().detail));
    QVERIFY(queue.ids.value("d") < again->id);
    QCOMPARE(copy.total().entries, 3);
    QVERIFY(!copy.store(letter("c"))->fresh);
    QVERIFY(!copy.store(letter("d"))->fresh);
    QCOMPARE(copy.store(letter("a"))->fresh, false);
    QCOMPARE(copy.collect(), (QByteArrayList{"c", "d", "e"}));
    copy.maintain();
    QCOMPARE(copy.total().entries, 0);
    if (table != "tombstones") // those that could not be read are lost
        QCOMPARE(copy.audit(), QStringList());
    copy.close();
    QVERIFY(copy.open().ok());
    QCOMPARE(copy.collect(), QByteArrayList());
    QVERIFY(!copy.store(letter("e"))->fresh);
}

void TestQueueRepair::a_damaged_table_that_others_can_tell_stops_no_mail_data()
{
    QTest::addColumn<QByteArray>("table");
    for (const char *table : {"movements", "positions", "contents"})
        QTest::newRow(table) << QByteArray(table);
}

void TestQueueRepair::a_damaged_table_that_others_can_tell_stops_no_mail()
{
    QFETCH(const QByteArray, table);
    DamagedQueue queue;
    QVERIFY(fill(queue));
    QVERIFY(Meddler(queue.folder()).run(QStringLiteral("PRAGMA wal_checkpoint(TRUNCATE)")));
    QByteArray root;
    QVERIFY(swapRoot(queue.file(), table, root));
    QVERIFY(Meddler(queue.folder()).run(QStringLiteral("INSERT INTO meta (name, number) VALUES ('probe', 1)")));
    (void)queue.store(letter("e")); // may be refused once
    (void)queue.reader->acknowledgeAndNext(server("b.example"), {});
    queue.maintain();
    const auto stored = queue.store(letter("e"));
    QVERIFY2(stored.ok(), stored.ok() ? "" : qPrintable(stored.error().detail));
    QCOMPARE(queue.lastHealth().trouble.value_or(Error()).code, Errc::Corrupt);
    QVERIFY(queue.lastHealth().storing);
    QCOMPARE(queue.total().entries, 3);
    QVERIFY(!queue.store(letter("d"))->fresh);
    QCOMPARE(queue.collect(), (QByteArrayList{"c", "d", "e"}));
    queue.maintain();
    QCOMPARE(queue.audit(), QStringList());
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.collect(), QByteArrayList());
    QCOMPARE(queue.total().entries, 0);
}

void TestQueueRepair::a_table_is_made_anew_as_often_as_it_is_damaged()
{
    DamagedQueue queue;
    QVERIFY(fill(queue));
    for (int times = 0; times < 3; ++times) {
        queue.close();
        QByteArray root;
        QVERIFY(swapRoot(queue.file(), "positions", root));
        QVERIFY(queue.open().ok());
        (void)queue.reader->acknowledgeAndNext(server("b.example"), {});
        queue.settle();
        QCOMPARE(queue.next().entry->txnId, "t-c");
    }
    QCOMPARE(queue.collect(), (QByteArrayList{"c", "d"}));
}

QTEST_GUILESS_MAIN(TestQueueRepair)
#include "tst_queuerepair.moc"
