// SPDX-License-Identifier: GPL-3.0-or-later
// Promises 8 and 9 for the writer, the housekeeper and the lists: what is broken stays small.
#include "damagedqueue.h"
#include "meddler.h"

#include "base/clock.h"
#include "base/database.h"
#include "base/sqlstatement.h"
#include "queue/brokenrows.h"
#include "queue/entryexport.h"
#include "queue/overlay.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

using namespace restante;
using namespace restante::test;

namespace
{

void damages()
{
    QTest::addColumn<int>("damage");
    QTest::newRow("body") << int(Damage::Body);
    QTest::newRow("page") << int(Damage::Page);
}

} // namespace

class TestQueueDamage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void an_acknowledgement_that_fails_stops_no_store_data();
    void an_acknowledgement_that_fails_stops_no_store();
    void an_acknowledgement_that_failed_is_kept_apart_until_it_works();
    void a_store_that_fails_takes_no_other_with_it();
    void acknowledging_a_broken_row_is_done_with_it_data() { damages(); }
    void acknowledging_a_broken_row_is_done_with_it();
    void a_broken_row_that_cannot_be_moved_is_set_aside_data() { damages(); }
    void a_broken_row_that_cannot_be_moved_is_set_aside();
    void one_broken_row_does_not_stop_expiry_data() { damages(); }
    void one_broken_row_does_not_stop_expiry();
    void one_broken_row_does_not_stop_discarding_data() { damages(); }
    void one_broken_row_does_not_stop_discarding();
    void one_broken_row_does_not_stop_discarding_all_data() { damages(); }
    void one_broken_row_does_not_stop_discarding_all();
    void a_row_that_cannot_be_deleted_does_not_stop_expiry_data();
    void a_row_that_cannot_be_deleted_does_not_stop_expiry();
    void a_broken_row_before_the_fold_stays_gone_after_a_crash();
    void a_collector_that_acknowledges_a_broken_row_is_answered_data() { damages(); }
    void a_collector_that_acknowledges_a_broken_row_is_answered();
    void whether_something_is_held_is_told_without_reading_it_data() { damages(); }
    void whether_something_is_held_is_told_without_reading_it();
    void one_broken_row_stops_no_export_data() { damages(); }
    void one_broken_row_stops_no_export();
    void what_is_set_aside_is_exported_if_it_can_be_read();
    void an_entry_whose_events_cannot_be_read_is_told_as_that_data() { damages(); }
    void an_entry_whose_events_cannot_be_read_is_told_as_that();
    void one_broken_row_hides_no_list_data() { damages(); }
    void one_broken_row_hides_no_list();
    void a_broken_page_leaves_the_totals_right();
    void a_broken_page_in_the_way_to_all_entries_loses_none();
    void a_broken_page_of_what_came_last_does_not_stop_the_start_data();
    void a_broken_page_of_what_came_last_does_not_stop_the_start();
    void a_program_that_ends_before_it_counted_anew_leaves_the_totals_right();
    void a_page_that_was_wrong_for_a_moment_is_read_again_data();
    void a_page_that_was_wrong_for_a_moment_is_read_again();
    void damage_is_not_told_as_gone_before_a_store_worked();
    void an_entry_that_is_whole_after_all_is_handed_out();
    void a_row_that_could_not_be_deleted_is_deleted_later();
    void the_content_of_a_row_that_is_gone_may_come_again_data();
    void the_content_of_a_row_that_is_gone_may_come_again();
    void an_acknowledged_content_stays_suppressed_before_and_after_a_fold();
    void broken_tombstones_do_not_stop_expiry();
    void a_tombstone_that_cannot_be_forgotten_does_not_stop_expiry();
    void rows_set_aside_that_cannot_be_deleted_hide_none_behind_them();
    void a_row_that_is_gone_before_the_fold_blocks_no_queue();
    void setting_aside_outlasts_a_lock();
    void a_fault_of_the_whole_database_is_held_against_no_row();
    void an_origin_without_a_usable_name_stops_nothing();
    void a_destination_without_a_usable_name_stops_no_expiry();
    void entries_of_a_destination_that_is_gone_expire();
    void discarding_all_counts_nothing_that_was_acknowledged_just_before();
    void many_broken_rows_are_discarded_in_the_end();
    void a_policy_that_cannot_be_looked_up_is_taken_as_a_whole_later();
};

void TestQueueDamage::an_acknowledgement_that_fails_stops_no_store_data()
{
    QTest::addColumn<QString>("how");
    QTest::newRow("constraint") << QStringLiteral("ABORT");
    QTest::newRow("rolls back, as an I/O error does") << QStringLiteral("ROLLBACK");
}

void TestQueueDamage::an_acknowledgement_that_fails_stops_no_store()
{
    QFETCH(const QString, how);
    QueueFixture queue;
    queue.tuning.retryMs = 3'600'000;
    QVERIFY(queue.open().ok());
    const auto first = queue.store(letter("one"));
    QVERIFY(queue.store(letter("two")).ok());
    // Nothing can be written down about any entry that goes.
    QVERIFY(Meddler(queue.folder()).refuse(QStringLiteral("INSERT ON tombstones"), QStringLiteral("1"), how));
    queue.client->acknowledge(server("b.example"), first->id);
    QVERIFY(queue.store(letter("three", "c.example")).ok()); // in the same batch
    QVERIFY(queue.store(letter("four", "d.example")).ok());
    QCOMPARE(queue.writer->counters().failed.load(), 0);
    QVERIFY(queue.lastHealth().storing);
    QCOMPARE(queue.total().entries, 4);
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueDamage::an_acknowledgement_that_failed_is_kept_apart_until_it_works()
{
    QueueFixture queue;
    queue.tuning.retryMs = 10;
    QVERIFY(queue.open().ok());
    const auto first = queue.store(letter("one"));
    const auto second = queue.store(letter("two"));
    Meddler meddler(queue.folder());
    QVERIFY(meddler.refuse(QStringLiteral("INSERT ON tombstones"), QStringLiteral("NEW.id = %1").arg(first->id.value)));
    queue.client->acknowledge(server("b.example"), first->id);
    queue.client->acknowledge(server("b.example"), second->id);
    queue.settle();
    QCOMPARE(queue.writer->counters().acknowledged.load(), 1); // the second does not suffer from the first
    QTRY_VERIFY(queue.lastHealth().trouble);
    // It is shown for as long as it lasts, whatever else works.
    QVERIFY(queue.store(letter("three")).ok());
    QVERIFY(queue.lastHealth().storing);
    QVERIFY(queue.lastHealth().trouble);
    QVERIFY(meddler.relent());
    QTRY_COMPARE(queue.writer->counters().acknowledged.load(), 2);
    QTRY_VERIFY(!queue.lastHealth().trouble);
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueDamage::a_store_that_fails_takes_no_other_with_it()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(
        Meddler(queue.folder()).refuse(QStringLiteral("INSERT ON entries"), QStringLiteral("NEW.txn_id = x'742d62'")));
    int stored = 0;
    int failed = 0;
    for (const auto *content : {"a", "b", "c", "d"}) {
        queue.client->store(letter(content), [&stored, &failed](const Result<queue::Stored> &result) {
            ++(result.ok() ? stored : failed);
        });
    }
    queue.settle();
    QCOMPARE(failed, 1);
    QCOMPARE(stored, 3);
    QCOMPARE(queue.collect(), (QByteArrayList{"a", "c", "d"}));
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueDamage::acknowledging_a_broken_row_is_done_with_it()
{
    QFETCH(const int, damage);
    DamagedQueue queue;
    QVERIFY(queue.fill({"one", "broken", "three"}, Damage(damage)));
    queue.acknowledge("b.example", queue.ids.value("broken"));
    QVERIFY(queue.store(letter("four")).ok());
    QCOMPARE(queue.lastHealth().trouble.value_or(Error()).code, Errc::Corrupt);
    QVERIFY(queue.lastHealth().storing);
    QCOMPARE(queue.total().entries, 3);
    QCOMPARE(queue.writer->counters().failed.load(), 0);
    if (damage == int(Damage::Body))
        QCOMPARE(queue.audit(), QStringList());
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.collect(), (QByteArrayList{"one", "three", "four"}));
}

void TestQueueDamage::a_broken_row_that_cannot_be_moved_is_set_aside()
{
    QFETCH(const int, damage);
    DamagedQueue queue;
    QVERIFY(queue.fill({"one", "broken", "three"}, Damage(damage)));
    QCOMPARE(queue.collect(), (QByteArrayList{"one", "three"}));
    QCOMPARE(queue.quarantined(), 1);
    QCOMPARE(queue.total().entries, 0);
    QCOMPARE(queue.writer->counters().quarantined.load(), 1);
    const auto page = queue.inspector->entries(server("b.example"), {}, 10);
    QVERIFY(page.ok());
    QCOMPARE(page->rows.size(), 1);
    QVERIFY(page->rows[0].quarantined);
    QCOMPARE(page->rows[0].id, queue.ids.value("broken"));
    if (damage == int(Damage::Body)) {
        QCOMPARE(page->rows[0].origin, QStringLiteral("a.example"));
        QCOMPARE(queue.audit(), QStringList());
    }
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.collect(), QByteArrayList());
    QCOMPARE(queue.quarantined(), 1);
    // It may come again, and one command takes the broken one out of the list.
    QVERIFY(queue.store(large("broken"))->fresh);
    QCOMPARE(queue.collect(), QByteArrayList{"broken"});
    QCOMPARE(*queue.discard("b.example", {queue.ids.value("broken")}), 1);
    QCOMPARE(queue.quarantined(), 0);
}

void TestQueueDamage::one_broken_row_does_not_stop_expiry()
{
    QFETCH(const int, damage);
    DamagedQueue queue;
    queue.policy.quotas.expiryDays = 2;
    QVERIFY(queue.fill({"one", "broken", "three"}, Damage(damage)));
    queue.passDays(1);
    QVERIFY(queue.store(letter("young")).ok());
    queue.passDays(2);
    QTRY_COMPARE(queue.total().entries, 1);
    QVERIFY(queue.total().expired >= 2);
    QVERIFY(queue.quarantined() >= 1); // next to a damaged page others cannot be deleted either
    if (damage == int(Damage::Body))
        QCOMPARE(queue.audit(), QStringList());
    // The next round passes the broken one over.
    queue.passDays(3);
    QTRY_COMPARE(queue.total().entries, 0);
    QVERIFY(queue.total().expired >= 3);
}

void TestQueueDamage::one_broken_row_does_not_stop_discarding()
{
    QFETCH(const int, damage);
    DamagedQueue queue;
    QVERIFY(queue.fill({"one", "broken", "three"}, Damage(damage)));
    const auto gone = queue.discard("b.example", queue.ids.values());
    QVERIFY(gone.ok());
    QCOMPARE(*gone, 3);
    QCOMPARE(queue.total().entries, 0);
    QCOMPARE(queue.quarantined(), 0);
    if (damage == int(Damage::Body))
        QCOMPARE(queue.audit(), QStringList());
}

void TestQueueDamage::one_broken_row_does_not_stop_discarding_all()
{
    QFETCH(const int, damage);
    DamagedQueue queue;
    QVERIFY(queue.fill({"one", "broken", "three"}, Damage(damage)));
    QVERIFY(queue.store(letter("four")).ok());
    const auto gone = queue.discardAll("b.example");
    QVERIFY(gone.ok());
    QCOMPARE(*gone, 4);
    QCOMPARE(queue.total().entries, 0);
    QVERIFY(queue.store(large("broken"))->fresh);
    QCOMPARE(queue.collect(), QByteArrayList{"broken"});
    if (damage == int(Damage::Body))
        QCOMPARE(queue.audit(), QStringList());
}

void TestQueueDamage::a_row_that_cannot_be_deleted_does_not_stop_expiry_data()
{
    an_acknowledgement_that_fails_stops_no_store_data();
}

void TestQueueDamage::a_row_that_cannot_be_deleted_does_not_stop_expiry()
{
    QFETCH(const QString, how);
    QueueFixture queue;
    queue.policy.quotas.expiryDays = 1;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    const auto stuck = queue.store(letter("two"));
    QVERIFY(queue.store(letter("three")).ok());
    QVERIFY(Meddler(queue.folder())
                .refuse(QStringLiteral("DELETE ON entries"), QStringLiteral("OLD.id = %1").arg(stuck->id.value), how));
    queue.clock.advance(2 * base::DayMs);
    queue.maintain();
    QTRY_COMPARE(queue.total().entries, 0);
    QCOMPARE(queue.total().expired, 3);
    QCOMPARE(queue.audit(), QStringList());
    QVERIFY(queue.store(letter("four")).ok());
    queue.clock.advance(2 * base::DayMs);
    queue.maintain();
    QTRY_COMPARE(queue.total().expired, 4);
}

void TestQueueDamage::a_broken_row_before_the_fold_stays_gone_after_a_crash()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const auto stuck = queue.store(letter("one"));
    QVERIFY(queue.store(letter("two")).ok());
    Meddler meddler(queue.folder());
    QVERIFY(meddler.refuse(QStringLiteral("DELETE ON entries"), QStringLiteral("OLD.id = %1").arg(stuck->id.value)));
    const auto gone = queue.discard("b.example", {stuck->id});
    QVERIFY(gone.ok());
    QCOMPARE(*gone, 1);
    QCOMPARE(queue.total().entries, 1);
    QueueFixture copy;
    for (const auto *name : {"/queue.sqlite", "/queue.sqlite-wal"})
        QVERIFY(QFile::copy(queue.folder() + QLatin1String(name), copy.folder() + QLatin1String(name)));
    QVERIFY(copy.open().ok());
    QCOMPARE(copy.audit(), QStringList());
    QCOMPARE(copy.collect(), QByteArrayList{"two"});
    queue.maintain();
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.collect(), QByteArrayList{"two"});
}

void TestQueueDamage::a_collector_that_acknowledges_a_broken_row_is_answered()
{
    QFETCH(const int, damage);
    DamagedQueue queue;
    QVERIFY(queue.fill({"one", "broken", "three"}, Damage(damage)));
    const auto next = queue.reader->acknowledgeAndNext(server("b.example"), queue.ids.value("broken"));
    QVERIFY(next.ok());
    QCOMPARE(next->entry->txnId, "t-one");
    queue.settle();
    QCOMPARE(queue.total().entries, 2);
    QCOMPARE(queue.collect(), (QByteArrayList{"one", "three"}));
}

void TestQueueDamage::whether_something_is_held_is_told_without_reading_it()
{
    QFETCH(const int, damage);
    DamagedQueue queue;
    QVERIFY(queue.fill({"broken", "two"}, Damage(damage)));
    const auto held = queue.reader->holdsAny(server("b.example"));
    QVERIFY(held.ok() && *held);
    const auto other = queue.reader->holdsAny(server("c.example"));
    QVERIFY(other.ok() && !*other);
    queue.settle();
    QCOMPARE(queue.quarantined(), 0); // anybody can ask in the owner's name
    QCOMPARE(queue.collect(), QByteArrayList{"two"});
    queue.settle();
    QCOMPARE(queue.quarantined(), 1);
    const auto empty = queue.reader->holdsAny(server("b.example"));
    QVERIFY(empty.ok() && !*empty);
}

void TestQueueDamage::one_broken_row_stops_no_export()
{
    QFETCH(const int, damage);
    DamagedQueue queue;
    QVERIFY(queue.fill({"one", "broken", "three"}, Damage(damage)));
    const std::atomic<bool> stop{false};
    const auto written = queue::writeExport(*queue.inspector, server("b.example"), queue.ids.values(),
                                            queue.directory.filePath(QStringLiteral("export")), stop);
    QVERIFY(written.ok());
    QCOMPARE(*written, 2);
    // Set aside it is not a line of JSON either.
    QCOMPARE(queue.collect().size(), 2);
    QVERIFY(queue.store(letter("four")).ok());
    const auto later = queue::writeExport(*queue.inspector, server("b.example"), {queue.ids.value("broken")},
                                          queue.directory.filePath(QStringLiteral("later")), stop);
    QVERIFY(later.ok());
    QCOMPARE(*later, 0);
}

void TestQueueDamage::what_is_set_aside_is_exported_if_it_can_be_read()
{
    DamagedQueue queue;
    QVERIFY(queue.open().ok());
    const auto aside = queue.store(letter("one", "x.example"));
    QVERIFY(queue.store(letter("two")).ok());
    QVERIFY(Meddler(queue.folder())
                .run(QStringLiteral("UPDATE origins SET name = x'' WHERE name = x'%1'")
                         .arg(QString::fromLatin1(QByteArray("x.example").toHex()))));
    QCOMPARE(queue.next().entry->txnId, "t-two");
    queue.settle();
    QCOMPARE(queue.quarantined(), 1);
    const std::atomic<bool> stop{false};
    const QString file = queue.directory.filePath(QStringLiteral("export"));
    const auto written = queue::writeExport(*queue.inspector, server("b.example"), {}, file, stop);
    QVERIFY(written.ok());
    QCOMPARE(*written, 2);
    QFile lines(file);
    QVERIFY(lines.open(QIODevice::ReadOnly));
    const auto first = QJsonDocument::fromJson(lines.readLine()).object();
    QCOMPARE(qint64(first.value(QLatin1String("entry_id")).toDouble()), aside->id.value);
    QCOMPARE(first.value(QLatin1String("pdus")).toArray().size(), 1);
}

void TestQueueDamage::an_entry_whose_events_cannot_be_read_is_told_as_that()
{
    QFETCH(const int, damage);
    DamagedQueue queue;
    QVERIFY(queue.fill({"one", "broken", "three"}, Damage(damage)));
    QCOMPARE(queue.collect().size(), 2);
    QCOMPARE(queue.quarantined(), 1);
    const auto entry = queue.inspector->entry(server("b.example"), queue.ids.value("broken"));
    QVERIFY(!entry.ok());
    QCOMPARE(entry.error().code, Errc::Corrupt);
    QVERIFY(entry.error().detail.contains(QStringLiteral("cannot be read")));
}

void TestQueueDamage::one_broken_row_hides_no_list()
{
    QFETCH(const int, damage);
    DamagedQueue queue;
    QVERIFY(queue.fill({"broken", "two", "three"}, Damage(damage)));
    const auto totals = queue.inspector->totals();
    QVERIFY(totals.ok());
    QCOMPARE(totals->destinations.size(), 1);
    QCOMPARE(totals->destinations[0].entries, 3);
    QVERIFY(totals->destinations[0].newestMs > 0);
    const auto page = queue.inspector->entries(server("b.example"), {}, 2);
    QVERIFY(page.ok());
    QCOMPARE(page->rows.size(), 2);
    QVERIFY(page->more);
    QCOMPARE(page->rows[0].id, queue.ids.value("broken"));
    QCOMPARE(page->rows[0].quarantined, damage == int(Damage::Page));
    QCOMPARE(page->rows[1].id, queue.ids.value("two"));
    QVERIFY(!page->rows[1].quarantined);
    const auto users = queue.inspector->entries({server("b.example"), QStringLiteral("bob")}, {}, 10);
    QVERIFY(users.ok());
    QCOMPARE(users->rows.last().id, queue.ids.value("three"));
}

void TestQueueDamage::a_broken_page_leaves_the_totals_right()
{
    DamagedQueue queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(large("other", "c.example")).ok());
    QVERIFY(queue.store(letter("elsewhere", "c.example", "d.example")).ok());
    queue.close();
    QVERIFY(queue.fill({"one", "broken", "three"}, Damage::Page));
    QCOMPARE(queue.collect().size(), 3);
    queue.maintain();
    QCOMPARE(queue.total().entries, 0);
    QCOMPARE(queue.total().bytes, 0);
    QCOMPARE(queue.total().labels.size(), 0);
    QCOMPARE(queue.inspector->totals()->entries, 1);
    QCOMPARE(queue.writer->counters().bytes.load(), queue.total("d.example").bytes);
    QVERIFY(queue.store(letter("four")).ok());
    QCOMPARE(queue.total().entries, 1);
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.inspector->totals()->entries, 2);
    QCOMPARE(queue.writer->counters().bytes.load(), queue.total("d.example").bytes + queue.total().bytes);
}

void TestQueueDamage::a_broken_page_in_the_way_to_all_entries_loses_none()
{
    DamagedQueue queue;
    queue.tuning.freeBytes = [](const QString &) { return qint64(1) << 20; }; // too little to write it anew
    QVERIFY(queue.open().ok());
    QByteArrayList contents;
    for (int i = 0; i < 60; ++i) {
        contents.append(QByteArray::number(i));
        QVERIFY(queue.store(large(contents.last())).ok());
    }
    queue.close();
    QVERIFY(queue.open().ok());
    const QString file = queue.folder() + QStringLiteral("/queue.sqlite");
    QByteArray root;
    QVERIFY(swapRoot(file, "entries", root));
    {
        Meddler meddler(queue.folder()); // what others changed makes everybody read anew
        QVERIFY(meddler.run(QStringLiteral("INSERT INTO meta (name, number) VALUES ('probe', 1)")));
    }
    for (int i = 0; i < contents.size(); ++i)
        QVERIFY(!queue.next().entry);
    queue.maintain();
    QCOMPARE(queue.quarantined(), 0);
    QVERIFY(!queue.next().entry);
    QVERIFY(swapRoot(file, "entries", root)); // the disk reads it again
    queue.maintain();
    QCOMPARE(queue.collect(), contents);
    QCOMPARE(queue.total().entries, 0);
}

void TestQueueDamage::a_broken_page_of_what_came_last_does_not_stop_the_start_data()
{
    QTest::addColumn<bool>("cleanEnd");
    QTest::newRow("after a clean end") << true;
    QTest::newRow("after a crash") << false;
}

void TestQueueDamage::a_broken_page_of_what_came_last_does_not_stop_the_start()
{
    QFETCH(bool, cleanEnd);
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QByteArrayList early;
    for (int i = 0; i < 300; ++i) {
        early.append(QByteArray::number(i));
        QVERIFY(queue.store(letter(early.last())).ok());
    }
    queue.close();
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(large("late")).ok());
    if (cleanEnd)
        queue.close();
    QueueFixture copy;
    for (const auto *name : {"/queue.sqlite", "/queue.sqlite-wal"}) {
        if (QFile::exists(queue.folder() + QLatin1String(name)))
            QVERIFY(QFile::copy(queue.folder() + QLatin1String(name), copy.folder() + QLatin1String(name)));
    }
    {
        Meddler meddler(copy.folder()); // the end of it brings the log into the file
        QVERIFY(meddler.run(QStringLiteral("SELECT 1 FROM meta")));
    }
    QVERIFY(damageRow(copy.folder() + QStringLiteral("/queue.sqlite"), "<late>", Damage::Page) > 0);
    const auto opened = copy.open();
    QVERIFY2(opened.ok(), opened.ok() ? "" : qPrintable(opened.error().detail));
    const QByteArrayList collected = copy.collect();
    QVERIFY2(collected.size() > 100, QByteArray::number(collected.size()));
    QCOMPARE(collected, early.mid(0, collected.size()));
    if (const auto stored = copy.store(letter("new")); !stored)
        QVERIFY(!copy.lastHealth().storing);
}

void TestQueueDamage::a_program_that_ends_before_it_counted_anew_leaves_the_totals_right()
{
    DamagedQueue queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("elsewhere", "c.example", "d.example")).ok());
    queue.close();
    QVERIFY(queue.fill({"one", "broken", "three"}, Damage::Page));
    queue.collect();
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.total().entries, 0);
    QCOMPARE(queue.total().bytes, 0);
    QCOMPARE(queue.writer->counters().bytes.load(), queue.total("d.example").bytes);
}

void TestQueueDamage::a_page_that_was_wrong_for_a_moment_is_read_again_data()
{
    QTest::addColumn<QByteArray>("tree");
    for (const char *tree : {"pairs", "destinations", "contents", "positions", "entries", "origins"})
        QTest::newRow(tree) << QByteArray(tree);
}

void TestQueueDamage::a_page_that_was_wrong_for_a_moment_is_read_again()
{
    QFETCH(QByteArray, tree);
    DamagedQueue queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    queue.close();
    QVERIFY(queue.open().ok());
    const QString file = queue.folder() + QStringLiteral("/queue.sqlite");
    const qint64 place = (rootOf(file, tree) - 1) * 16'384;
    QByteArray root;
    QVERIFY(swapRoot(file, tree, root));
    {
        Meddler meddler(queue.folder()); // what others changed makes everybody read anew
        QVERIFY(meddler.run(QStringLiteral("INSERT INTO meta (name, number) VALUES ('probe', 1)")));
    }
    (void)queue.store(letter("while it is wrong")); // the database's own word, whichever it is
    queue.next();
    queue.settle(); // whatever is done about it is done
    QVERIFY(repair(file, {{place, root}}));
    const auto stored = queue.store(letter("two"));
    QVERIFY2(stored.ok(), stored.ok() ? "" : qPrintable(stored.error().detail));
    queue.maintain();
    QVERIFY(queue.next().entry.has_value());
}

void TestQueueDamage::damage_is_not_told_as_gone_before_a_store_worked()
{
    DamagedQueue queue;
    queue.tuning.probeMs = 1;
    queue.tuning.freeBytes = [](const QString &) { return qint64(1) << 20; };
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    queue.close();
    QVERIFY(queue.open().ok());
    const QString file = queue.folder() + QStringLiteral("/queue.sqlite");
    QByteArray root;
    QVERIFY(swapRoot(file, "entries", root));
    {
        Meddler meddler(queue.folder());
        QVERIFY(meddler.run(QStringLiteral("INSERT INTO meta (name, number) VALUES ('probe', 1)")));
    }
    for (int i = 0; i < 200; ++i)
        QVERIFY(!queue.store(letter(QByteArray::number(i))).ok());
    {
        const std::lock_guard lock(queue.healthMutex);
        QVERIFY(!queue.healths.isEmpty());
        for (const queue::QueueHealth &health : std::as_const(queue.healths))
            QVERIFY(!health.storing);
    }
    QVERIFY(swapRoot(file, "entries", root));
    QVERIFY(queue.store(letter("two")).ok());
    QVERIFY(queue.lastHealth().storing);
}

void TestQueueDamage::an_entry_that_is_whole_after_all_is_handed_out()
{
    DamagedQueue queue;
    QVERIFY(queue.open().ok());
    const auto first = queue.store(letter("one"));
    QVERIFY(first.ok() && queue.store(letter("two")).ok());
    queue.writer->overlay().withhold(server("b.example"), first->id); // as a reader does when the disk failed
    const auto second = queue.next();
    QVERIFY(second.entry && second.entry->id != first->id);
    queue.client->quarantine(server("b.example"), first->id);
    queue.settle();
    QCOMPARE(queue.quarantined(), 0);
    QCOMPARE(queue.collect(), (QByteArrayList{"one", "two"}));
}

void TestQueueDamage::a_row_that_could_not_be_deleted_is_deleted_later()
{
    DamagedQueue queue;
    QVERIFY(queue.open().ok());
    const auto stored = queue.store(letter("stuck"));
    QVERIFY(stored.ok());
    queue.close();
    {
        Meddler meddler(queue.folder());
        QVERIFY(meddler.refuse(QStringLiteral("DELETE ON entries"), QStringLiteral("OLD.txn_id = x'742d737475636b'")));
    }
    QVERIFY(queue.open().ok());
    QVERIFY(queue.discard("b.example", {stored->id}).ok());
    QCOMPARE(queue.total().entries, 0);
    QCOMPARE(queue.rows(), 1);
    {
        Meddler meddler(queue.folder());
        QVERIFY(meddler.relent());
    }
    queue.clock.advance(base::DayMs);
    queue.maintain();
    QCOMPARE(queue.rows(), 0);
    QCOMPARE(queue.total().entries, 0);
}

void TestQueueDamage::the_content_of_a_row_that_is_gone_may_come_again_data()
{
    QTest::addColumn<bool>("folded");
    QTest::addColumn<bool>("met");
    QTest::newRow("before the fold") << false << false;
    QTest::newRow("after the fold") << true << false;
    QTest::newRow("after a collector met it") << true << true;
}

void TestQueueDamage::the_content_of_a_row_that_is_gone_may_come_again()
{
    QFETCH(const bool, folded);
    QFETCH(const bool, met);
    DamagedQueue queue;
    QVERIFY(queue.open().ok());
    const auto lost = queue.store(letter("one"));
    if (folded)
        queue.maintain();
    QVERIFY(Meddler(queue.folder()).run(QStringLiteral("DELETE FROM entries WHERE id = %1").arg(lost->id.value)));
    if (met)
        QCOMPARE(queue.collect(), QByteArrayList());
    const auto again = queue.store(letter("one"));
    QVERIFY(again.ok());
    QVERIFY(again->fresh);
    QCOMPARE(queue.quarantined(), 1);
    QCOMPARE(queue.collect(), QByteArrayList{"one"});
    queue.maintain();
    QCOMPARE(queue.audit(), QStringList());
    QVERIFY(!queue.store(letter("one"))->fresh);
}

void TestQueueDamage::an_acknowledged_content_stays_suppressed_before_and_after_a_fold()
{
    DamagedQueue queue;
    QVERIFY(queue.open().ok());
    const auto first = queue.store(letter("one"));
    queue.maintain();
    const auto second = queue.store(letter("two"));
    queue.acknowledge("b.example", first->id);
    queue.acknowledge("b.example", second->id);
    QVERIFY(!queue.store(letter("one"))->fresh);
    QVERIFY(!queue.store(letter("two"))->fresh);
    // A late reader takes it for broken.
    queue.client->quarantine(server("b.example"), first->id);
    queue.settle();
    QVERIFY(!queue.store(letter("one"))->fresh);
    queue.maintain();
    QVERIFY(!queue.store(letter("one"))->fresh);
    QVERIFY(!queue.store(letter("two"))->fresh);
    QCOMPARE(queue.quarantined(), 0);
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueDamage::broken_tombstones_do_not_stop_expiry()
{
    DamagedQueue queue;
    queue.policy.quotas.expiryDays = 2;
    QVERIFY(queue.open().ok());
    for (int i = 0; i < 1'600; ++i)
        queue.client->store(letter(QByteArray::number(i)), [](const Result<queue::Stored> &) {});
    queue.settle();
    QCOMPARE(queue.collect().size(), 1'600);
    QVERIFY(queue.store(letter("held")).ok());
    queue.close();
    const QString database = queue.folder() + QStringLiteral("/queue.sqlite");
    {
        Meddler meddler(queue.folder());
        QVERIFY(meddler.run(QStringLiteral("UPDATE tombstones SET rest = CAST('broken tombstone  12byte' AS BLOB) "
                                           "WHERE number = 500")));
        QVERIFY(meddler.run(QStringLiteral("PRAGMA wal_checkpoint(TRUNCATE)")));
    }
    QVERIFY(damageRow(database, "broken tombstone", Damage::Page) > 0);
    QVERIFY(queue.open().ok());
    queue.passDays(3);
    QTRY_COMPARE(queue.total().expired, 1);
    for (int days = 0; days < 32; days += 2)
        queue.passDays(2);
    for (int rounds = 0; rounds < 10; ++rounds)
        queue.maintain();
    // Behind the damage they are forgotten as well, as far as the pages next to it can be changed.
    int fresh = 0;
    for (int i = 800; i < 1'600; ++i) {
        queue.client->store(letter(QByteArray::number(i)),
                            [&fresh](const Result<queue::Stored> &stored) { fresh += stored.ok() && stored->fresh; });
    }
    queue.settle();
    QVERIFY2(fresh > 400, qPrintable(QString::number(fresh)));
    QVERIFY(!queue.store(letter("499"))->fresh);
}

void TestQueueDamage::a_tombstone_that_cannot_be_forgotten_does_not_stop_expiry()
{
    QueueFixture queue;
    queue.policy.quotas.expiryDays = 2;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    QCOMPARE(queue.collect().size(), 1);
    QVERIFY(Meddler(queue.folder()).refuse(QStringLiteral("DELETE ON tombstones"), QStringLiteral("1")));
    queue.clock.advance(40 * base::DayMs);
    QVERIFY(queue.store(letter("two")).ok());
    queue.clock.advance(3 * base::DayMs);
    queue.maintain();
    QTRY_COMPARE(queue.total().expired, 1);
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueDamage::rows_set_aside_that_cannot_be_deleted_hide_none_behind_them()
{
    constexpr int many = 300; // more than are dealt with at a time
    DamagedQueue queue;
    queue.policy.quotas.expiryDays = 2;
    QVERIFY(queue.open().ok());
    for (int i = 0; i <= many; ++i)
        queue.client->store(letter(QByteArray::number(i)), [](const Result<queue::Stored> &) {});
    queue.settle();
    Meddler meddler(queue.folder());
    QVERIFY(meddler.run(QStringLiteral("DELETE FROM entries")));
    QVERIFY(meddler.refuse(QStringLiteral("DELETE ON quarantine"), QStringLiteral("OLD.rowid <= %1").arg(many)));
    for (int calls = 0; calls < many; ++calls) // each sets some of them aside
        (void)queue.reader->acknowledgeAndNext(server("b.example"), {});
    queue.settle();
    QCOMPARE(queue.quarantined(), many + 1);
    queue.passDays(3);
    QTRY_COMPARE(queue.quarantined(), many);
}

void TestQueueDamage::a_row_that_is_gone_before_the_fold_blocks_no_queue()
{
    DamagedQueue queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    QVERIFY(Meddler(queue.folder()).run(QStringLiteral("DELETE FROM entries")));
    const auto next = queue.reader->acknowledgeAndNext(server("b.example"), {});
    QVERIFY2(next.ok(), next.ok() ? "" : qPrintable(next.error().detail));
    QVERIFY(!next->entry);
    queue.settle();
    QCOMPARE(queue.quarantined(), 1);
    QCOMPARE(queue.total().entries, 0);
}

void TestQueueDamage::setting_aside_outlasts_a_lock()
{
    DamagedQueue queue;
    queue.tuning.busyTimeoutMs = 20;
    queue.tuning.retryMs = 10;
    QVERIFY(queue.fill({"one", "broken", "three"}, Damage::Body));
    const auto first = queue.next();
    QVERIFY(first.entry);
    queue.acknowledge("b.example", first.entry->id);
    {
        Meddler meddler(queue.folder());
        QVERIFY(meddler.run(QStringLiteral("BEGIN IMMEDIATE")));
        QCOMPARE(queue.next().entry->txnId, "t-three"); // and "broken" is to be set aside
        QVERIFY(!queue.store(letter("two")).ok());      // by now that has failed
        QVERIFY(meddler.run(QStringLiteral("ROLLBACK")));
    }
    QTRY_COMPARE(queue.quarantined(), 1);
}

void TestQueueDamage::a_fault_of_the_whole_database_is_held_against_no_row()
{
    DamagedQueue queue;
    QVERIFY(queue.open().ok());
    base::ConnectionOptions options;
    options.database = queue.file();
    const auto database = base::Database::open(options);
    queue::BrokenRows rows(**database);
    using base::SqlFault;
    for (const SqlFault fault : {SqlFault::Full, SqlFault::Locked, SqlFault::ReadOnly, SqlFault::CannotOpen,
                                 SqlFault::Memory, SqlFault::Other})
        rows.failed(1, fault);
    QVERIFY(rows.harm(1) == queue::BrokenRows::Harm::None);
    for (const SqlFault fault : {SqlFault::Damaged, SqlFault::Disk, SqlFault::Constraint}) {
        queue::BrokenRows others(**database);
        others.failed(1, fault);
        QVERIFY(others.harm(1) == queue::BrokenRows::Harm::Stuck);
    }
}

void TestQueueDamage::an_origin_without_a_usable_name_stops_nothing()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const auto nameless = queue.store(letter("one", "x.example"));
    QVERIFY(queue.store(letter("two")).ok());
    queue.close();
    QVERIFY(Meddler(queue.folder())
                .run(QStringLiteral("UPDATE origins SET name = x'00' WHERE name = x'%1'")
                         .arg(QString::fromLatin1(QByteArray("x.example").toHex()))));
    QVERIFY(queue.open().ok());
    queue.client->acknowledge(server("b.example"), nameless->id);
    QVERIFY(queue.store(letter("three")).ok());
    QCOMPARE(queue.writer->counters().acknowledged.load(), 1);
    QCOMPARE(queue.collect(), (QByteArrayList{"two", "three"}));
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueDamage::a_destination_without_a_usable_name_stops_no_expiry()
{
    QueueFixture queue;
    queue.policy.quotas.expiryDays = 1;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one", "a.example", "x.example")).ok());
    QVERIFY(queue.store(letter("two")).ok());
    queue.close();
    QVERIFY(Meddler(queue.folder())
                .run(QStringLiteral("UPDATE destinations SET name = x'00' WHERE name = x'%1'")
                         .arg(QString::fromLatin1(QByteArray("x.example").toHex()))));
    QVERIFY(queue.open().ok());
    queue.clock.advance(2 * base::DayMs);
    queue.maintain();
    QTRY_COMPARE(queue.total().expired, 1);
    QCOMPARE(queue.inspector->totals()->entries, 0);
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueDamage::entries_of_a_destination_that_is_gone_expire()
{
    QueueFixture queue;
    queue.policy.quotas.expiryDays = 1;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one", "a.example", "x.example")).ok());
    QVERIFY(queue.store(letter("two")).ok());
    queue.close();
    QVERIFY(Meddler(queue.folder())
                .run(QStringLiteral("DELETE FROM destinations WHERE name = x'%1'")
                         .arg(QString::fromLatin1(QByteArray("x.example").toHex()))));
    QVERIFY(queue.open().ok());
    queue.clock.advance(2 * base::DayMs);
    queue.maintain();
    QTRY_COMPARE(queue.total().expired, 1);
    QCOMPARE(queue.inspector->totals()->entries, 0);
}

void TestQueueDamage::discarding_all_counts_nothing_that_was_acknowledged_just_before()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const auto first = queue.store(letter("one"));
    queue.maintain();
    const auto second = queue.store(letter("two"));
    QVERIFY(queue.store(letter("three")).ok());
    queue.client->acknowledge(server("b.example"), first->id);
    queue.client->acknowledge(server("b.example"), second->id);
    QCOMPARE(*queue.discardAll("b.example"), 1);
    QCOMPARE(queue.writer->counters().discarded.load(), 1);
    queue.maintain();
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueDamage::many_broken_rows_are_discarded_in_the_end()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    for (int i = 0; i < 300; ++i)
        queue.client->store(letter(QByteArray::number(i)), [](const Result<queue::Stored> &) {});
    queue.settle();
    QVERIFY(Meddler(queue.folder()).refuse(QStringLiteral("DELETE ON entries"), QStringLiteral("OLD.arrival % 3 = 0")));
    const auto gone = queue.discardAll("b.example");
    QVERIFY(gone.ok());
    QCOMPARE(*gone, 300);
    QCOMPARE(queue.total().entries, 0);
    QCOMPARE(queue.audit(), QStringList());
    queue.maintain();
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.collect(), QByteArrayList());
}

void TestQueueDamage::a_policy_that_cannot_be_looked_up_is_taken_as_a_whole_later()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    queue.maintain();
    Meddler meddler(queue.folder());
    QVERIFY(meddler.run(QStringLiteral("ALTER TABLE destinations RENAME TO hidden")));
    auto policy = queue.policy;
    policy.quotas.destinationEntries = 2;
    policy.served.insert(server("never.example"), {});
    queue.writer->setPolicy(policy);
    queue.settle();
    QVERIFY(meddler.run(QStringLiteral("ALTER TABLE hidden RENAME TO destinations")));
    // The old one holds as a whole until then.
    QVERIFY(queue.store(letter("two")).ok());
    QVERIFY(queue.store(letter("three")).ok());
    queue.maintain();
    QCOMPARE(queue.store(letter("four")).error().code, Errc::QuotaExceeded);
}

QTEST_GUILESS_MAIN(TestQueueDamage)
#include "tst_queuedamage.moc"
