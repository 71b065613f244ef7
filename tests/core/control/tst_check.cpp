// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/check.h"
#include "damagedqueue.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <algorithm>

using namespace restante;
using namespace restante::test;
using namespace Qt::Literals::StringLiterals;

class TestCheck : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_folder_without_a_database_is_told();
    void nothing_is_wrong_with_what_is_whole_while_the_program_runs();
    void a_total_that_is_wrong_is_told_with_the_servers_names();
    void a_damaged_page_is_told_and_changes_nothing();
    void damaged_entries_are_told_with_their_numbers_until_they_are_thrown_away();
    void tables_that_were_put_aside_are_no_fault_until_a_living_one_has_one();
    void what_is_no_database_is_told();

private:
    static QStringList faults(const QString &folder)
    {
        const auto checked = control::checkFolder(folder);
        if (!checked)
            return {checked.error().detail};
        QStringList all;
        for (const control::CheckedFile &file : *checked)
            all += file.faults;
        return all;
    }
};

void TestCheck::a_folder_without_a_database_is_told()
{
    const QTemporaryDir folder;
    const auto checked = control::checkFolder(folder.path());
    QVERIFY(!checked && checked.error().code == Errc::NotFound);
}

void TestCheck::nothing_is_wrong_with_what_is_whole_while_the_program_runs()
{
    QueueFixture queue;
    QVERIFY(queue.open());
    for (const char *content : {"1", "2", "3"})
        QVERIFY(queue.store(letter(content)));
    QCOMPARE(queue.next("b.example").entry->txnId, QByteArray("t-1"));
    const auto checked = control::checkFolder(queue.folder());
    QVERIFY(checked);
    QCOMPARE(checked->size(), 1);
    QCOMPARE(checked->first().name, u"queue.sqlite"_s);
    QCOMPARE(checked->first().faults, QStringList());
}

void TestCheck::a_total_that_is_wrong_is_told_with_the_servers_names()
{
    QueueFixture queue;
    QVERIFY(queue.open());
    QVERIFY(queue.store(letter("1")));
    queue.close();
    Meddler meddler(queue.folder());
    QVERIFY(meddler.run(u"UPDATE destinations SET entries = entries + 4"_s));
    QVERIFY(meddler.run(u"UPDATE pairs SET entries = entries + 5"_s));
    const QStringList told = faults(queue.folder());
    QCOMPARE(told.size(), 2);
    QVERIFY2(told[0].startsWith(u"entries for b.example: 1 of "_s) && told[0].contains(u"the total says 5 of "_s),
             qPrintable(told[0]));
    QVERIFY2(told[1].startsWith(u"entries from a.example for b.example: 1 of "_s), qPrintable(told[1]));
}

void TestCheck::a_damaged_page_is_told_and_changes_nothing()
{
    QueueFixture queue;
    QVERIFY(queue.open());
    for (int i = 0; i < 300; ++i)
        QVERIFY(queue.store(large(QByteArray::number(i))));
    queue.close();
    const QString database = queue.folder() + u"/queue.sqlite"_s;
    QVERIFY(damageRow(database, "<7>", Damage::Body) > 0);
    QFile file(database);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray before = file.readAll();
    QVERIFY(!faults(queue.folder()).isEmpty());
    QVERIFY(file.seek(0));
    QVERIFY(file.readAll() == before);
}

void TestCheck::damaged_entries_are_told_with_their_numbers_until_they_are_thrown_away()
{
    DamagedQueue queue;
    QVERIFY(queue.fill({"1", "broken", "3"}, Damage::Body));
    QCOMPARE(queue.collect(), QByteArrayList({"1", "3"}));
    const auto isTold = [&queue] {
        const QStringList told = faults(queue.folder());
        return std::any_of(told.begin(), told.end(), [&queue](const QString &each) {
            return each.startsWith(u"these entries for b.example are damaged and cannot be handed out: %1 "_s.arg(
                queue.ids.value("broken").value));
        });
    };
    QVERIFY(isTold());
    QVERIFY(queue.discard("b.example", {queue.ids.value("broken")}).ok());
    QVERIFY(!isTold());
}

void TestCheck::tables_that_were_put_aside_are_no_fault_until_a_living_one_has_one()
{
    DamagedQueue queue;
    QVERIFY(queue.open());
    QVERIFY(queue.store(letter("1")));
    queue.close();
    const QString database = queue.folder() + u"/queue.sqlite"_s;
    QVERIFY(damageTree(database, "positions", Leaf::Root));
    QVERIFY(queue.open());
    QVERIFY(!queue.reader->acknowledgeAndNext(server("b.example"), {})); // meets it, so that it is made anew
    queue.settle();
    QCOMPARE(queue.collect(), QByteArrayList{"1"});
    queue.close();
    QCOMPARE(faults(queue.folder()), QStringList());
    const auto checked = control::checkFolder(queue.folder());
    QCOMPARE(checked->first().notes.size(), 1);
    QVERIFY2(checked->first().notes[0].contains(u"damaged_1_positions"_s), qPrintable(checked->first().notes[0]));

    // What the note says does what it says.
    QFile request(database + u".rewrite"_s);
    QVERIFY(request.open(QIODevice::WriteOnly));
    request.close();
    QVERIFY(queue.open());
    queue.close();
    QCOMPARE(control::checkFolder(queue.folder())->first().notes, QStringList());
    QCOMPARE(faults(queue.folder()), QStringList());
    QVERIFY(damageTree(database, "contents", Leaf::Root));
    QVERIFY(!faults(queue.folder()).isEmpty());
}

void TestCheck::what_is_no_database_is_told()
{
    const QTemporaryDir folder;
    QFile file(folder.filePath(u"node.sqlite"_s));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(QByteArray(4'096, 'x')) > 0);
    file.close();
    QVERIFY(QDir(folder.path()).mkdir(u"queue.sqlite"_s));
    const QStringList told = faults(folder.path());
    QCOMPARE(told.size(), 2);
    QVERIFY2(told[0].contains(u"It is a folder, not a file"_s), qPrintable(told[0]));
}

QTEST_GUILESS_MAIN(TestCheck)
#include "tst_check.moc"
