// SPDX-License-Identifier: GPL-3.0-or-later
// A page of queue.sqlite that goes bad while the program runs stops nobody else's mail for longer than a moment.
#include "faultystretch.h"
#include "rewrittenqueue.h"

#include "queue/queuerewrite.h"

#include <QtCore/QTemporaryFile>

#include <sys/stat.h>

using namespace restante;
using namespace restante::test;

namespace
{
constexpr int Many = 1'500; // so that every index has several leaves
constexpr int Collected = 450;
constexpr int Few = 3;
FaultyStretch *faulty = nullptr; ///< what this program reads wrongly

/// For as long as the file is the same.
bool setFault(const QString &file, qint64 page, FaultyStretch::Fault fault)
{
    struct stat status {
    };
    const qint64 pageBytes = pageBytesOf(file);
    if (page < 2 || pageBytes == 0 || ::stat(QFile::encodeName(file).constData(), &status) != 0)
        return false;
    faulty->device = status.st_dev;
    faulty->inode = status.st_ino;
    faulty->begin = quint64((page - 1) * pageBytes);
    faulty->end = quint64(page * pageBytes);
    faulty->hits = 0;
    faulty->fault = fault;
    return true;
}

/// A database that is there keeps the size of its pages; small ones make a high tree.
bool makeSmallPages(const QString &file)
{
    bool done = false;
    {
        auto connection = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("small pages"));
        connection.setDatabaseName(file);
        done = connection.open();
        for (const char *statement : {"PRAGMA page_size = 1024", "PRAGMA auto_vacuum = INCREMENTAL",
                                      "CREATE TABLE some (number)", "DROP TABLE some"})
            done = done && QSqlQuery(connection).exec(QString::fromLatin1(statement));
    }
    QSqlDatabase::removeDatabase(QStringLiteral("small pages"));
    return done && pageBytesOf(file) == 1'024;
}

struct RunningQueue : RewrittenQueue {
    bool start(RewrittenQueue &master)
    {
        tuning.retryMs = 20;
        return master.copyTo(*this) && open().ok() && emptyLog();
    }
    /// From now on nothing that is cached counts, whatever table is damaged.
    bool readAnew() { return Meddler(folder()).run(QStringLiteral("PRAGMA user_version = 1")); }
    bool isToBeRewritten() const { return queue::QueueRewrite({folder()}).isAskedFor(); }
    /// Stores of others until they work, with some time between them; how many were refused.
    int refusedBeforeItWorks(qint64 pauseMs)
    {
        constexpr int mostTries = 12;
        int refused = 0;
        for (int number = letters; number < letters + Few; ++number) {
            while (refused < mostTries && !store(numbered(number, body)).ok()) {
                ++refused;
                settle(); // the answer comes before what is done about it
                clock.advance(pauseMs);
            }
        }
        return refused;
    }
    /// As an owner that asks again later when it is told to.
    QSet<QByteArray> collectPatiently()
    {
        QSet<QByteArray> all;
        for (const QByteArray &owner : Owners) {
            matrix::EntryId last;
            for (int failures = 0; failures < 10;) {
                const auto got = reader->acknowledgeAndNext(server(owner), last);
                if (!got) {
                    ++failures;
                    settle();
                    clock.advance(15'000);
                    continue;
                }
                if (!got->entry)
                    break;
                last = got->entry->id;
                all.insert(got->entry->txnId.sliced(2));
            }
        }
        settle();
        return all;
    }
};
} // namespace

class TestQueueRunning : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup() { faulty->fault = FaultyStretch::None; }
    void one_bad_page_stops_nobody_else_for_long_data();
    void one_bad_page_stops_nobody_else_for_long();
    void what_leads_to_entries_is_mended_though_no_store_needs_it_data();
    void what_leads_to_entries_is_mended_though_no_store_needs_it();
    void a_store_does_not_wait_for_what_an_owner_met_before();
    void what_other_rooms_keep_in_the_database_is_mended_data();
    void what_other_rooms_keep_in_the_database_is_mended();
    void what_is_shown_is_mended_though_no_store_needs_it_data();
    void what_is_shown_is_mended_though_no_store_needs_it();
    void who_reads_opens_what_was_written_anew();

private:
    RewrittenQueue m_master;
};

void TestQueueRunning::initTestCase()
{
    m_master.letters = Many;
    m_master.body = 60;
    m_master.acknowledged = Collected;
    QVERIFY(m_master.fill());
}

void TestQueueRunning::one_bad_page_stops_nobody_else_for_long_data()
{
    QTest::addColumn<QByteArray>("tree");
    QTest::addColumn<int>("leaf");
    QTest::addColumn<int>("fault");
    QTest::addColumn<bool>("losesNothing"); ///< all of it can be told from elsewhere
    const std::pair<const char *, Leaf> leaves[] = {
        {"root", Leaf::Root}, {"first", Leaf::First}, {"middle", Leaf::Middle}, {"last", Leaf::Last}};
    for (const char *tree :
         {"meta", "sqlite_autoindex_meta_1", "destinations", "sqlite_autoindex_destinations_1", "origins",
          "sqlite_autoindex_origins_1", "pairs", "pairs_by_origin", "labels", "addresses", "addresses_by_address",
          "positions", "contents", "movements", "tombstones", "entries", "quarantine"}) {
        if (rootOf(m_master.file(), tree) == 0)
            continue;
        for (const auto &[name, leaf] : leaves) {
            const QByteArray row = QByteArray(tree) + ", " + name;
            const bool loses =
                leaf != Leaf::Root && (qstrcmp(tree, "entries") == 0 || qstrcmp(tree, "tombstones") == 0);
            QTest::newRow(row.constData()) << QByteArray(tree) << int(leaf) << int(FaultyStretch::WrongBytes) << !loses;
            if (leaf == Leaf::Root || leaf == Leaf::Last)
                QTest::newRow((row + ", EIO").constData())
                    << QByteArray(tree) << int(leaf) << int(FaultyStretch::Error) << !loses;
        }
    }
}

void TestQueueRunning::one_bad_page_stops_nobody_else_for_long()
{
    QFETCH(const QByteArray, tree);
    QFETCH(const int, leaf);
    QFETCH(const int, fault);
    QFETCH(const bool, losesNothing);
    RunningQueue queue;
    QVERIFY(queue.start(m_master));
    const qint64 page = pageOf(queue.file(), tree, Leaf(leaf));
    QVERIFY(setFault(queue.file(), page, FaultyStretch::Fault(fault)));
    QVERIFY(queue.readAnew());
    QCOMPARE(queue.refusedBeforeItWorks(1'000), 0);
    auto expected = queue.expected();
    for (int number = queue.letters; number < queue.letters + Few; ++number)
        expected.insert("n" + QByteArray::number(number));
    const auto collected = queue.collectPatiently();
    QVERIFY(expected.contains(collected));
    for (int round = 0; round < 2; ++round) {
        queue.maintain();
        queue.clock.advance(61'000);
        queue.settle();
        QTRY_VERIFY(!queue.isToBeRewritten());
    }
    QVERIFY(queue.lastHealth().storing);
    const auto later = queue.collectPatiently();
    QVERIFY(expected.contains(later));
    const auto trouble = queue.lastHealth().trouble.value_or(Error());
    const auto missing = expected.size() - collected.size() - later.size() - queue.quarantined();
    if (losesNothing)
        QCOMPARE(queue.quarantined(), 0);
    QVERIFY2(missing <= 0 || trouble.detail.contains(QLatin1String("others may be lost")),
             qPrintable(QStringLiteral("%1 missing; %2").arg(missing).arg(trouble.detail)));
    if (tree == "positions" && leaf == int(Leaf::Root)) // met by a reader
        QVERIFY2(trouble.detail.contains(QLatin1String("made anew")), qPrintable(trouble.detail));
    const bool unmet = !trouble.detail.contains(QLatin1String("anew")); // or in nobody's way
    const auto differences = unmet ? QStringList() : queue.audit();
    QVERIFY2(differences.isEmpty(), qPrintable(differences.join(QLatin1Char('\n'))));
    QCOMPARE(queue.inspector->totals()->entries, 0);
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.collectPatiently(), QSet<QByteArray>());
    QVERIFY(queue.lastHealth().storing);
    QVERIFY(queue.kept().size() <= 1);
}

void TestQueueRunning::what_leads_to_entries_is_mended_though_no_store_needs_it_data()
{
    QTest::addColumn<int>("fault");
    QTest::newRow("wrong bytes") << int(FaultyStretch::WrongBytes);
    QTest::newRow("an error of the disk") << int(FaultyStretch::Error);
}

void TestQueueRunning::what_leads_to_entries_is_mended_though_no_store_needs_it()
{
    QFETCH(const int, fault);
    RunningQueue queue;
    queue.tuning.retryMs = 20;
    queue.letters = 2 * Many; // an addition comes to the last three pages of each height
    queue.body = 60;
    QVERIFY(makeSmallPages(queue.file()));
    QVERIFY(queue.fill());
    queue.close();
    QVERIFY(queue.open().ok() && queue.emptyLog());
    const qint64 page = pageOf(queue.file(), "entries", Leaf::FirstInner);
    QVERIFY(setFault(queue.file(), page, FaultyStretch::Fault(fault)));
    QVERIFY(queue.readAnew());
    QCOMPARE(queue.refusedBeforeItWorks(1'000), 0);
    QCOMPARE(queue.kept(), QStringList());
    auto expected = queue.expected();
    for (int number = queue.letters; number < queue.letters + Few; ++number)
        expected.insert("n" + QByteArray::number(number));
    QCOMPARE(queue.collectPatiently(), expected);
    QVERIFY(faulty->hits > 0);
    QCOMPARE(queue.kept().size(), 1);
    QCOMPARE(queue.quarantined(), 0);
    QTRY_VERIFY(!queue.isToBeRewritten());
    queue.maintain();
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueRunning::a_store_does_not_wait_for_what_an_owner_met_before()
{
    RunningQueue queue;
    QVERIFY(queue.start(m_master));
    QVERIFY(setFault(queue.file(), pageOf(queue.file(), "entries", Leaf::Last), FaultyStretch::Error));
    QVERIFY(queue.readAnew());
    queue.client->report({Errc::Corrupt, QStringLiteral("met by a reader"), 0});
    queue.settle();
    QCOMPARE(queue.refusedBeforeItWorks(0), 0);
}

void TestQueueRunning::what_other_rooms_keep_in_the_database_is_mended_data()
{
    QTest::addColumn<QByteArray>("tree");
    QTest::addColumn<QString>("statement");
    QTest::newRow("keys") << QByteArray("server_keys")
                          << QStringLiteral("DELETE FROM server_keys WHERE server = x'00' AND key_id = x'00'");
    QTest::newRow("documents of keys") << QByteArray("key_documents")
                                       << QStringLiteral("DELETE FROM key_documents WHERE id = 1");
    QTest::newRow("who asked when") << QByteArray("fresh_names")
                                    << QStringLiteral("DELETE FROM fresh_names WHERE server = x'00'");
}

void TestQueueRunning::what_other_rooms_keep_in_the_database_is_mended()
{
    QFETCH(const QByteArray, tree);
    QFETCH(const QString, statement);
    RunningQueue queue;
    QVERIFY(queue.start(m_master));
    QVERIFY(setFault(queue.file(), pageOf(queue.file(), tree, Leaf::Root), FaultyStretch::Error));
    QVERIFY(queue.readAnew());
    const auto write = [&] {
        std::optional<Result<void>> written;
        QEventLoop loop;
        queue.client->perform([&](base::Database &database) { return database.run(statement); },
                              [&](const Result<void> &result) {
                                  written = result;
                                  loop.quit();
                              });
        loop.exec();
        return written->ok();
    };
    QVERIFY(!write());
    queue.settle();
    QVERIFY(write());
    QCOMPARE(queue.kept().size(), 1);
    QCOMPARE(queue.collectPatiently(), queue.expected());
}

void TestQueueRunning::what_is_shown_is_mended_though_no_store_needs_it_data()
{
    QTest::addColumn<QByteArray>("tree");
    for (const char *tree : {"labels", "destinations", "movements", "positions", "sqlite_autoindex_quarantine_1"})
        QTest::newRow(tree) << QByteArray(tree);
}

void TestQueueRunning::what_is_shown_is_mended_though_no_store_needs_it()
{
    QFETCH(const QByteArray, tree);
    RunningQueue queue;
    QVERIFY(queue.start(m_master));
    QVERIFY(setFault(queue.file(), pageOf(queue.file(), tree, Leaf::Root), FaultyStretch::Error));
    QVERIFY(queue.readAnew());
    QVERIFY(!queue.inspector->totals().ok());
    queue.settle();
    const auto totals = queue.inspector->totals();
    QVERIFY2(totals.ok(), totals.ok() ? "" : qPrintable(totals.error().detail));
    QCOMPARE(totals->entries, Many - Collected);
    QCOMPARE(totals->destinations.size(), Owners.size());
    QTRY_VERIFY(!queue.isToBeRewritten());
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueRunning::who_reads_opens_what_was_written_anew()
{
    RunningQueue queue;
    QVERIFY(queue.start(m_master));
    QVERIFY(queue.next(Owners.at(0)).entry.has_value());
    QVERIFY(queue.inspector->totals().ok());
    QVERIFY(setFault(queue.file(), pageOf(queue.file(), "meta", Leaf::Root), FaultyStretch::Error));
    QVERIFY(queue.readAnew());
    auto expected = queue.expected();
    for (int number = Many; number < Many + Few; ++number) { // with something to fold in each round
        QVERIFY(queue.store(numbered(number, queue.body)).ok());
        expected.insert("n" + QByteArray::number(number));
        queue.maintain();
        queue.clock.advance(61'000);
    }
    QCOMPARE(queue.kept().size(), 1);
    QVERIFY(queue.store(numbered(Many + Few, queue.body)).ok());
    expected.insert("n" + QByteArray::number(Many + Few));
    queue.maintain(); // so that only the table lists it
    QCOMPARE(queue.inspector->totals()->entries, expected.size());
    QCOMPARE(queue.collectPatiently(), expected);
}

int main(int count, char **words)
{
    QTemporaryFile shared;
    if (!shared.open() || !shared.resize(sizeof(FaultyStretch)) ||
        !qputenv("RESTANTE_FAULTY_READS", QFile::encodeName(shared.fileName())))
        return 1;
    faulty = reinterpret_cast<FaultyStretch *>(shared.map(0, sizeof(FaultyStretch)));
    QCoreApplication application(count, words);
    TestQueueRunning test;
    return faulty ? QTest::qExec(&test, count, words) : 1;
}

#include "tst_queuerunning.moc"
