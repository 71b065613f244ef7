// SPDX-License-Identifier: GPL-3.0-or-later
// A damaged queue.sqlite always has a way out: in place while the program runs, or written anew by the next start.
#include "rewrittenqueue.h"

#include "queue/queuerewrite.h"

using namespace restante;
using namespace restante::test;

namespace
{

const QByteArrayList SmallTrees{"destinations",
                                "sqlite_autoindex_destinations_1",
                                "origins",
                                "sqlite_autoindex_origins_1",
                                "pairs",
                                "pairs_by_origin",
                                "labels",
                                "addresses",
                                "addresses_by_address"};

void smallTrees()
{
    QTest::addColumn<QByteArray>("tree");
    for (const QByteArray &tree : SmallTrees)
        QTest::newRow(tree.constData()) << tree;
}

} // namespace

class TestQueueRewrite : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void one_damaged_page_of_a_small_table_stops_no_stores_data() { smallTrees(); }
    void one_damaged_page_of_a_small_table_stops_no_stores();
    void one_damaged_page_of_a_small_table_stops_no_stores_after_a_start_data() { smallTrees(); }
    void one_damaged_page_of_a_small_table_stops_no_stores_after_a_start();
    void a_second_damage_need_not_wait_long();
    void many_damaged_pages_stop_no_start_data();
    void many_damaged_pages_stop_no_start();
    void what_has_no_room_to_be_mended_while_it_runs_is_mended_by_a_start_data();
    void what_has_no_room_to_be_mended_while_it_runs_is_mended_by_a_start();
    void a_damage_that_lasted_a_moment_is_not_mended_by_the_next_start();
    void a_number_that_lost_its_name_is_given_to_nobody();
    void an_acknowledged_row_that_was_left_does_not_come_back();
    void what_was_set_aside_before_comes_back_or_stays();
    void without_room_for_a_copy_it_is_said_how_much_is_needed();
    void without_room_what_can_be_collected_is();
    void a_power_cut_leaves_one_of_the_two_data();
    void a_power_cut_leaves_one_of_the_two();
    void a_migration_meets_no_tables_that_were_put_aside();
    void an_older_database_is_written_anew_as_well();
};

void TestQueueRewrite::one_damaged_page_of_a_small_table_stops_no_stores()
{
    QFETCH(const QByteArray, tree);
    RewrittenQueue queue;
    QVERIFY(queue.fill());
    queue.close(); // so that nothing is in memory
    QVERIFY(queue.open().ok());
    QVERIFY(queue.emptyLog());
    QVERIFY(damageTree(queue.file(), tree, Leaf::Root));
    QVERIFY(queue.readAnew());
    for (int number = Letters; number < Letters + 3; ++number)
        (void)queue.store(numbered(number)); // may be refused once
    for (int number = Letters; number < Letters + 3; ++number) {
        const auto stored = queue.store(numbered(number));
        QVERIFY2(stored.ok(), stored.ok() ? "" : qPrintable(stored.error().detail));
        QVERIFY(!stored->fresh || stored->id.value > queue.highest);
    }
    auto request = numbered(1'000); // of a sender that was never heard of
    request.origin = server("new.example");
    request.destination = server("another.example");
    QVERIFY(queue.storeAgain(request).ok());
    QVERIFY(queue.lastHealth().storing);
    QCOMPARE(queue.lastHealth().trouble.value_or(Error()).code, Errc::Corrupt);
    for (int number = 3; number < Letters; ++number)
        QVERIFY(!queue.store(numbered(number))->fresh);
    queue.maintain();
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.inspector->totals()->entries, Letters + 1);
    QCOMPARE(queue.writer->counters().entries.load(), Letters + 1);
    auto expected = queue.expected();
    for (int number = Letters; number < Letters + 3; ++number)
        expected.insert("n" + QByteArray::number(number));
    QCOMPARE(queue.collectAll(), expected);
    QVERIFY(queue.inOrder);
    queue.maintain();
    QCOMPARE(queue.audit(), QStringList());
    QVERIFY(queue.kept().isEmpty());
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.collectAll(), QSet<QByteArray>());
    QVERIFY(queue.lastHealth().storing);
    QVERIFY(queue.kept().isEmpty());
}

void TestQueueRewrite::one_damaged_page_of_a_small_table_stops_no_stores_after_a_start()
{
    QFETCH(const QByteArray, tree);
    RewrittenQueue queue;
    QVERIFY(queue.fill());
    RewrittenQueue copy;
    QVERIFY(queue.copyTo(copy));
    QVERIFY(damageTree(copy.file(), tree, Leaf::Root));
    const auto opened = copy.open();
    QVERIFY2(opened.ok(), opened.ok() ? "" : qPrintable(opened.error().detail));
    for (int number = Letters; number < Letters + 3; ++number) {
        const auto stored = copy.storeAgain(numbered(number));
        QVERIFY2(stored.ok(), stored.ok() ? "" : qPrintable(stored.error().detail));
    }
    for (const QByteArray &owner : Owners)
        (void)copy.reader->acknowledgeAndNext(server(owner), {}); // may meet it first
    copy.maintain();
    QVERIFY(copy.lastHealth().storing);
    const auto differences = copy.audit();
    QVERIFY2(differences.isEmpty(), qPrintable(differences.join(QLatin1Char('\n'))));
    auto expected = copy.expected();
    for (int number = Letters; number < Letters + 3; ++number)
        expected.insert("n" + QByteArray::number(number));
    QCOMPARE(copy.collectAll(), expected);
    QVERIFY(copy.kept().isEmpty());
}

void TestQueueRewrite::a_second_damage_need_not_wait_long()
{
    RewrittenQueue queue;
    QVERIFY(queue.fill());
    for (const char *tree : {"pairs", "origins", "pairs"}) {
        queue.close();
        QVERIFY(queue.open().ok());
        QVERIFY(queue.emptyLog());
        QVERIFY(damageTree(queue.file(), tree, Leaf::Root));
        QVERIFY(queue.readAnew());
        (void)queue.store(numbered(Letters));
        queue.clock.advance(60'000);
        QVERIFY(queue.store(numbered(Letters)).ok());
    }
    QCOMPARE(queue.collectAll().size(), Letters - Owners.size() + 1);
}

void TestQueueRewrite::many_damaged_pages_stop_no_start_data()
{
    QTest::addColumn<QList<QByteArray>>("roots");
    QTest::addColumn<QByteArray>("leafOf");
    QTest::addColumn<int>("leaf");
    QTest::addColumn<bool>("allRead");   ///< every entry can be read
    QTest::addColumn<bool>("allKnown");  ///< or at least that it was there
    QTest::addColumn<bool>("remembers"); ///< which contents are held
    const auto row = [](const char *name, const QList<QByteArray> &roots, const char *leafOf, Leaf leaf, bool allRead,
                        bool allKnown = true, bool remembers = true) {
        QTest::newRow(name) << roots << QByteArray(leafOf) << int(leaf) << allRead << allKnown << remembers;
    };
    row("movements and the first entries", {"movements"}, "entries", Leaf::First, false);
    row("indexes and some entries", {"positions", "contents"}, "entries", Leaf::Middle, false, false);
    row("the last entries", {}, "entries", Leaf::Last, false);
    row("movements and the last entries", {"movements"}, "entries", Leaf::Last, false, false);
    row("indexes and the end of another", {"positions", "contents", "tombstones"}, "entries", Leaf::Last, false, true,
        false);
    row("all that can be derived",
        {"movements", "positions", "contents", "pairs", "labels", "addresses", "destinations", "origins",
         "pairs_by_origin", "addresses_by_address"},
        "", Leaf::Root, true);
    row("single facts", {"meta"}, "", Leaf::Root, true, true, false);
    row("single facts and movements", {"meta", "movements"}, "", Leaf::Root, true, true, false);
    row("indexes of names", {"meta", "sqlite_autoindex_destinations_1", "sqlite_autoindex_origins_1"}, "", Leaf::Root,
        true, true, false);
}

void TestQueueRewrite::many_damaged_pages_stop_no_start()
{
    QFETCH(const QList<QByteArray>, roots);
    QFETCH(const QByteArray, leafOf);
    QFETCH(const int, leaf);
    QFETCH(const bool, allRead);
    QFETCH(const bool, allKnown);
    QFETCH(const bool, remembers);
    RewrittenQueue queue;
    QVERIFY(queue.fill());
    RewrittenQueue copy;
    QVERIFY(queue.copyTo(copy));
    for (const QByteArray &root : roots)
        QVERIFY(damageTree(copy.file(), root, Leaf::Root));
    if (!leafOf.isEmpty())
        QVERIFY(damageTree(copy.file(), leafOf, Leaf(leaf)));
    const auto opened = copy.open();
    QVERIFY2(opened.ok(), opened.ok() ? "" : qPrintable(opened.error().detail));
    QCOMPARE(copy.kept(), QStringList{QStringLiteral("queue.sqlite.damaged-1")});
    QVERIFY(copy.lastHealth().storing);
    QCOMPARE(copy.lastHealth().trouble.value_or(Error()).code, Errc::Corrupt);
    QVERIFY2(copy.lastHealth().trouble->detail.contains(QLatin1String("damaged-1")),
             qPrintable(copy.lastHealth().trouble->detail));
    for (int number = Letters; number < Letters + 3; ++number) {
        const auto stored = copy.store(numbered(number));
        QVERIFY2(stored.ok(), stored.ok() ? "" : qPrintable(stored.error().detail));
        QVERIFY(stored->fresh);
        QVERIFY(stored->id.value > copy.highest);
    }
    QCOMPARE(copy.audit(), QStringList());
    auto held = copy.expected();
    for (int number = Letters; number < Letters + 3; ++number)
        held.insert("n" + QByteArray::number(number));
    const qint64 aside = copy.quarantined();
    const qint64 known = copy.inspector->totals()->entries + aside;
    QVERIFY2(allKnown ? known == held.size() : known < held.size(), qPrintable(QString::number(known)));
    if (!allKnown)
        QVERIFY(copy.lastHealth().trouble->detail.contains(QLatin1String("others may be lost")));
    if (allKnown)
        QCOMPARE(aside == 0, allRead);
    QVERIFY2(aside < 30, qPrintable(QString::number(aside)));
    if (remembers) {
        for (int number = 0; number < 3; ++number)
            QVERIFY(!copy.store(numbered(number))->fresh); // acknowledged
    }
    const auto collected = copy.collectAll();
    QVERIFY(copy.inOrder);
    QCOMPARE(collected.size() + aside, known);
    QVERIFY2(collected.size() > Letters / 2, qPrintable(QString::number(collected.size())));
    QVERIFY(held.contains(collected));
    if (remembers) { // what was set aside may come again
        for (int number = 3; number < Letters; ++number) {
            const auto again = copy.store(numbered(number));
            QVERIFY(again.ok());
            QCOMPARE(again->fresh, !collected.contains("n" + QByteArray::number(number)));
        }
    }
    copy.maintain();
    QCOMPARE(copy.audit(), QStringList());
    copy.close();
    QVERIFY(copy.open().ok());
    QCOMPARE(copy.kept().size(), 1);
    QVERIFY(copy.lastHealth().storing);
}

void TestQueueRewrite::what_has_no_room_to_be_mended_while_it_runs_is_mended_by_a_start_data()
{
    QTest::addColumn<QByteArray>("root");
    QTest::newRow("the last entries") << QByteArray();
    QTest::newRow("the last entries and movements") << QByteArray("movements");
    QTest::newRow("the last entries and pairs") << QByteArray("pairs");
}

void TestQueueRewrite::what_has_no_room_to_be_mended_while_it_runs_is_mended_by_a_start()
{
    QFETCH(const QByteArray, root);
    RewrittenQueue queue;
    QVERIFY(queue.fill());
    queue.close();
    queue.tuning.freeBytes = [](const QString &) { return qint64(1) << 20; };
    QVERIFY(queue.open().ok());
    QVERIFY(queue.emptyLog());
    QVERIFY(damageTree(queue.file(), "entries", Leaf::Last));
    if (!root.isEmpty())
        QVERIFY(damageTree(queue.file(), root, Leaf::Root));
    QVERIFY(queue.readAnew());
    for (int times = 0; times < 5; ++times) {
        QVERIFY(!queue.store(numbered(Letters)).ok());
        queue.clock.advance(60'000);
    }
    QVERIFY(!queue.lastHealth().storing);
    QVERIFY2(queue.lastHealth().reason.detail.contains(QLatin1String("MiB of free space")),
             qPrintable(queue.lastHealth().reason.detail));
    queue.close();
    queue.tuning.freeBytes = {};
    const auto opened = queue.open();
    QVERIFY2(opened.ok(), opened.ok() ? "" : qPrintable(opened.error().detail));
    QVERIFY(queue.store(numbered(Letters)).ok());
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.kept().size(), 1);
    QCOMPARE(queue.collectAll().size() + queue.quarantined(), Letters - Owners.size() + 1);
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.kept().size(), 1);
}

void TestQueueRewrite::a_damage_that_lasted_a_moment_is_not_mended_by_the_next_start()
{
    RewrittenQueue queue;
    QVERIFY(queue.fill());
    queue.close();
    queue.tuning.freeBytes = [](const QString &) { return qint64(1) << 20; };
    QVERIFY(queue.open().ok());
    QVERIFY(queue.emptyLog());
    QByteArray root;
    QVERIFY(swapRoot(queue.file(), "entries", root));
    QVERIFY(queue.readAnew());
    QVERIFY(!queue.store(numbered(Letters)).ok());
    queue.settle();
    QVERIFY(queue::QueueRewrite({queue.folder()}).isAskedFor());
    QVERIFY(swapRoot(queue.file(), "entries", root));
    QVERIFY(queue.store(numbered(Letters)).ok());
    QVERIFY(queue.lastHealth().storing);
    QVERIFY(!queue::QueueRewrite({queue.folder()}).isAskedFor());
    queue.close();
    QVERIFY(queue.open().ok());
    QVERIFY(queue.kept().isEmpty());
    QCOMPARE(queue.collectAll().size(), Letters - Owners.size() + 1);
}

void TestQueueRewrite::a_number_that_lost_its_name_is_given_to_nobody()
{
    RewrittenQueue queue;
    QVERIFY(queue.fill());
    queue.close();
    for (const char *tree :
         {"destinations", "sqlite_autoindex_destinations_1", "origins", "sqlite_autoindex_origins_1"})
        QVERIFY(damageTree(queue.file(), tree, Leaf::Root));
    const auto opened = queue.open();
    QVERIFY2(opened.ok(), opened.ok() ? "" : qPrintable(opened.error().detail));
    QVERIFY2(queue.lastHealth().trouble->detail.contains(QLatin1String("names are lost")),
             qPrintable(queue.lastHealth().trouble->detail));
    for (const char *name : {"v.example", "w.example", "x.example", "y.example"}) {
        auto request = letter("new", "o3.example", name);
        const auto stored = queue.store(request);
        QVERIFY(stored.ok() && stored->fresh);
        QVERIFY(stored->id.value > queue.highest);
        QCOMPARE(queue.collect(name), QByteArrayList{"new"}); // and nobody else's
    }
    QCOMPARE(queue.audit(), QStringList());
    queue.policy.quotas.expiryDays = 1;
    queue.writer->setPolicy(queue.policy);
    queue.passDays(2);
    QTRY_COMPARE(queue.inspector->totals()->entries, 0);
}

void TestQueueRewrite::an_acknowledged_row_that_was_left_does_not_come_back()
{
    RewrittenQueue queue;
    QVERIFY(queue.fill());
    const auto stuck = queue.ids.value("n5");
    Meddler meddler(queue.folder());
    QVERIFY(meddler.refuse(QStringLiteral("DELETE ON entries"), QStringLiteral("OLD.id = %1").arg(stuck.value)));
    queue.acknowledge(Owners.at(5 % Owners.size()), stuck);
    QCOMPARE(queue.rows(), Letters - Owners.size());
    QVERIFY(meddler.relent());
    RewrittenQueue copy;
    QVERIFY(queue.copyTo(copy));
    QVERIFY(damageTree(copy.file(), "meta", Leaf::Root)); // where the mark is
    QVERIFY(copy.open().ok());
    auto expected = copy.expected();
    expected.remove("n5");
    QCOMPARE(copy.collectAll(), expected);
    QCOMPARE(copy.audit(), QStringList());
}

void TestQueueRewrite::what_was_set_aside_before_comes_back_or_stays()
{
    RewrittenQueue queue;
    QVERIFY(queue.fill());
    const auto lost = queue.ids.value("n7");
    QVERIFY(Meddler(queue.folder()).run(QStringLiteral("DELETE FROM entries WHERE id = %1").arg(lost.value)));
    QCOMPARE(queue.collect(Owners.at(1)).size(), Letters / Owners.size() - 2);
    QCOMPARE(queue.quarantined(), 1);
    RewrittenQueue copy;
    QVERIFY(queue.copyTo(copy));
    QVERIFY(damageTree(copy.file(), "meta", Leaf::Root));
    QVERIFY(copy.open().ok());
    QCOMPARE(copy.quarantined(), 1);
    const auto page = copy.inspector->entries(server(Owners.at(1)), {}, 10);
    QVERIFY(page.ok());
    QCOMPARE(page->rows.size(), 1);
    QCOMPARE(page->rows[0].id, lost);
}

void TestQueueRewrite::without_room_for_a_copy_it_is_said_how_much_is_needed()
{
    RewrittenQueue queue;
    QVERIFY(queue.fill());
    queue.close();
    QVERIFY(damageTree(queue.file(), "meta", Leaf::Root));
    queue.tuning.freeBytes = [](const QString &) { return qint64(1) << 20; };
    const auto opened = queue.open();
    QVERIFY(!opened.ok());
    QCOMPARE(opened.error().code, Errc::DiskFull);
    QVERIFY2(opened.error().detail.contains(QLatin1String("MiB of free space")), qPrintable(opened.error().detail));
    QVERIFY(queue.kept().isEmpty());
    queue.tuning.freeBytes = {};
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.collectAll(), queue.expected());
}

void TestQueueRewrite::without_room_what_can_be_collected_is()
{
    RewrittenQueue queue;
    QVERIFY(queue.fill());
    queue.close();
    QVERIFY(damageTree(queue.file(), "entries", Leaf::Last));
    queue.tuning.freeBytes = [](const QString &) { return qint64(1) << 20; };
    const auto opened = queue.open();
    QVERIFY2(opened.ok(), opened.ok() ? "" : qPrintable(opened.error().detail));
    QVERIFY2(queue.lastHealth().trouble->detail.contains(QLatin1String("MiB of free space")),
             qPrintable(queue.lastHealth().trouble->detail));
    QVERIFY(queue.collect().size() > 10);
    QVERIFY(queue.kept().isEmpty());
}

void TestQueueRewrite::a_power_cut_leaves_one_of_the_two_data()
{
    QTest::addColumn<QString>("to");
    QTest::addColumn<bool>("copied");
    QTest::newRow("while it was written") << QStringLiteral(".part") << true;
    QTest::newRow("once it was complete") << QStringLiteral(".new") << true;
    QTest::newRow("before it was in its place") << QStringLiteral(".new") << false;
}

void TestQueueRewrite::a_power_cut_leaves_one_of_the_two()
{
    QFETCH(const QString, to);
    QFETCH(const bool, copied);
    RewrittenQueue queue;
    QVERIFY(queue.fill());
    queue.close();
    const QString other = queue.file() + to;
    QVERIFY(copied ? QFile::copy(queue.file(), other) : QFile::rename(queue.file(), other));
    QVERIFY(queue.open().ok());
    QVERIFY(!QFile::exists(other));
    QCOMPARE(queue.collectAll(), queue.expected());
}

void TestQueueRewrite::a_migration_meets_no_tables_that_were_put_aside()
{
    RewrittenQueue queue;
    QVERIFY(queue.fill());
    queue.close();
    {
        Meddler meddler(queue.folder());
        for (const char *change :
             {"DROP TABLE parts", "ALTER TABLE entries DROP COLUMN body", "ALTER TABLE entries DROP COLUMN parts",
              "DROP INDEX addresses_by_address", "ALTER TABLE pairs DROP COLUMN last_day",
              "ALTER TABLE pairs DROP COLUMN learned_from", "ALTER TABLE addresses RENAME TO damaged_1_addresses",
              "CREATE TABLE addresses AS SELECT * FROM damaged_1_addresses", "UPDATE schema_version SET version = 4"})
            QVERIFY2(meddler.run(QString::fromLatin1(change)), change);
    }
    const auto opened = queue.open();
    QVERIFY2(opened.ok(), opened.ok() ? "" : qPrintable(opened.error().detail));
    QCOMPARE(queue.kept().size(), 1);
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.collectAll(), queue.expected());
}

void TestQueueRewrite::an_older_database_is_written_anew_as_well()
{
    RewrittenQueue queue;
    QVERIFY(queue.fill());
    queue.close();
    {
        Meddler meddler(queue.folder());
        for (const char *change :
             {"DROP TABLE parts", "ALTER TABLE entries DROP COLUMN body", "ALTER TABLE entries DROP COLUMN parts",
              "DROP TABLE dispatches", "DROP TABLE given_up", "DROP INDEX addresses_by_address",
              "DROP TABLE fresh_names", "ALTER TABLE pairs DROP COLUMN last_day",
              "ALTER TABLE pairs DROP COLUMN learned_from", "UPDATE schema_version SET version = 3"})
            QVERIFY2(meddler.run(QString::fromLatin1(change)), change);
    }
    QVERIFY(damageTree(queue.file(), "pairs", Leaf::Root)); // the next migration changes it
    const auto opened = queue.open();
    QVERIFY2(opened.ok(), opened.ok() ? "" : qPrintable(opened.error().detail));
    QCOMPARE(queue.kept().size(), 1);
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.collectAll(), queue.expected());
}

QTEST_GUILESS_MAIN(TestQueueRewrite)
#include "tst_queuerewrite.moc"
