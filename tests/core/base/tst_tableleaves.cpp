// SPDX-License-Identifier: GPL-3.0-or-later
// Rows behind a damaged page are read from their own pages, and what is no row of the table is not taken for one.
#include "damage.h"

#include "base/database.h"
#include "base/sqlstatement.h"
#include "base/tableleaves.h"

#include <QtCore/QRandomGenerator>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

using namespace restante;
using namespace restante::test;

namespace
{
constexpr qint64 PageBytes = 16'384;
constexpr int Letters = 900;
constexpr int LargeEach = 50; // one row of each 50 is large: it goes on over some pages
constexpr int Deleted = 300;  // the first ones

using Rows = QMap<qint64, QVariantList>;

QByteArray bodyOf(int number)
{
    if (number % 7 == 3)
        return {"", 0};
    return QByteArray::number(number).repeated(number % LargeEach == 0 ? 20'000 : 200);
}

struct Database {
    Database()
    {
        base::ConnectionOptions options;
        options.database = file();
        auto opened = base::Database::open(options);
        const auto run = [&](const QString &statement) { done = done && (*opened)->run(statement).ok(); };
        done = opened.ok();
        if (!done)
            return;
        run(QStringLiteral("CREATE TABLE others (key INTEGER PRIMARY KEY, number INTEGER, name TEXT, body BLOB)"));
        run(QStringLiteral("CREATE TABLE letters (key INTEGER PRIMARY KEY, number INTEGER, name TEXT, body BLOB)"));
        for (const char *table : {"others", "letters"}) {
            run(QStringLiteral("BEGIN"));
            base::SqlStatement add(
                **opened, QStringLiteral("INSERT INTO %1 VALUES (?, ?, ?, ?)").arg(QString::fromLatin1(table)));
            for (int number = 1; number <= Letters; ++number)
                done =
                    done &&
                    add.run(qint64(number), numberOf(number), QStringLiteral("n%1").arg(number), bodyOf(number)).ok();
            run(QStringLiteral("COMMIT"));
        }
        run(QStringLiteral("DELETE FROM letters WHERE key <= %1").arg(Deleted));
        run(QStringLiteral("PRAGMA wal_checkpoint(TRUNCATE)"));
    }
    static qint64 numberOf(int number)
    {
        constexpr std::array<qint64, 9> some{
            0, 1, -1, 127, -32'768, 8'388'607, -2'147'483'648, 140'737'488'355'327, std::numeric_limits<qint64>::min()};
        return some.at(size_t(number) % some.size());
    }
    QString file() const { return folder.filePath(QStringLiteral("some.sqlite")); }
    static Rows expected()
    {
        Rows rows;
        for (int number = Deleted + 1; number <= Letters; ++number)
            rows[number] = {QVariant(), numberOf(number), QStringLiteral("n%1").arg(number), bodyOf(number)};
        return rows;
    }
    Result<base::TableLeaves::Missed> read(
        Rows &rows, const base::TableLeaves::Wants &wants = [](qint64) { return true; })
    {
        base::TableLeaves leaves(file());
        return leaves.read(root, wants, [&](qint64 key, const QVariantList &columns) -> Result<void> {
            rows[key] = columns;
            return {};
        });
    }
    bool write(qint64 at, const QByteArray &bytes) const
    {
        QFile opened(file());
        return opened.open(QIODevice::ReadWrite) && opened.seek(at) && opened.write(bytes) == bytes.size();
    }
    QTemporaryDir folder;
    bool done = false;
    quint32 root = 0;
};
} // namespace

class TestTableLeaves : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rows_are_read_whatever_leads_to_them_data();
    void rows_are_read_whatever_leads_to_them();
    void only_what_is_wanted_is_taken();
    void a_leaf_that_cannot_be_read_is_missed();
    void pages_of_which_nothing_tells_what_they_are_are_missed();
    void a_large_row_goes_on_over_pages_that_are_its_own();
    void wrong_bytes_end_nothing_data();
    void wrong_bytes_end_nothing();
    void what_is_no_database_is_refused_data();
    void what_is_no_database_is_refused();
};

void TestTableLeaves::rows_are_read_whatever_leads_to_them_data()
{
    QTest::addColumn<bool>("damaged");
    QTest::newRow("nothing is damaged") << false;
    QTest::newRow("the root is") << true;
}

void TestTableLeaves::rows_are_read_whatever_leads_to_them()
{
    QFETCH(const bool, damaged);
    Database database;
    QVERIFY(database.done);
    database.root = quint32(rootOf(database.file(), "letters"));
    if (damaged)
        QVERIFY(damageTree(database.file(), "letters", Leaf::Root));
    Rows rows;
    const auto missed = database.read(rows);
    QVERIFY2(missed.ok(), missed.ok() ? "" : qPrintable(missed.error().detail));
    QVERIFY(missed->isNothing());
    QCOMPARE(rows, Database::expected());
    QVERIFY(!rows[Deleted + 3].at(3).isNull() || Deleted % 7 != 0);
}

void TestTableLeaves::only_what_is_wanted_is_taken()
{
    Database database;
    QVERIFY(database.done);
    database.root = quint32(rootOf(database.file(), "letters"));
    Rows rows;
    QVERIFY(database.read(rows, [](qint64 key) { return key % 100 == 0; })->isNothing());
    QCOMPARE(rows.keys(), (QList<qint64>{400, 500, 600, 700, 800, 900}));
}

void TestTableLeaves::a_leaf_that_cannot_be_read_is_missed()
{
    Database database;
    QVERIFY(database.done);
    database.root = quint32(rootOf(database.file(), "letters"));
    QVERIFY(damageTree(database.file(), "letters", Leaf::Middle));
    Rows rows;
    const auto missed = database.read(rows);
    QCOMPARE(missed->pages, 1);
    QVERIFY(missed->keys.isEmpty());
    QVERIFY(rows.size() < Letters - Deleted);
    QVERIFY(rows.size() > Letters - Deleted - 100);
    const Rows expected = Database::expected();
    for (auto row = rows.cbegin(); row != rows.cend(); ++row)
        QCOMPARE(row.value(), expected[row.key()]);
}

void TestTableLeaves::pages_of_which_nothing_tells_what_they_are_are_missed()
{
    Database database;
    QVERIFY(database.done);
    database.root = quint32(rootOf(database.file(), "letters"));
    QVERIFY(database.write(PageBytes, QByteArray(PageBytes, '\xa5'))); // the pointer map
    Rows rows;
    const auto missed = database.read(rows);
    QVERIFY(missed.ok());
    QVERIFY(missed->pages > 10);
    QVERIFY(rows.isEmpty());
}

/// Of a page that says it is the rest of another row, or that names another one to follow, nothing is taken.
void TestTableLeaves::a_large_row_goes_on_over_pages_that_are_its_own()
{
    Database database;
    QVERIFY(database.done);
    database.root = quint32(rootOf(database.file(), "letters"));
    QFile file(database.file());
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray marker = QByteArray::number(450).repeated(100);
    qint64 page = 0; // the other table, which has such a row, too, was written first
    for (qint64 at = PageBytes; at < file.size(); at += PageBytes) {
        QVERIFY(file.seek(at));
        const QByteArray bytes = file.read(PageBytes);
        if (bytes.at(0) == 0 && bytes.contains(marker) && bytes.left(4) != QByteArray(4, '\0'))
            page = at;
    }
    QVERIFY(page > 0);
    QVERIFY(file.seek(page));
    const QByteArray next = file.read(4);
    for (const QByteArray &other : {QByteArray("\0\0\0\x03", 4), QByteArray(4, '\xff'), QByteArray(4, '\0')}) {
        QVERIFY(database.write(page, other));
        Rows rows;
        const auto missed = database.read(rows);
        QCOMPARE(missed->pages, 0);
        QCOMPARE(missed->keys, QList<qint64>{450});
        QCOMPARE(rows.size(), Letters - Deleted - 1);
    }
    QVERIFY(database.write(page, next));
    Rows rows;
    QVERIFY(database.read(rows)->isNothing());
}

void TestTableLeaves::wrong_bytes_end_nothing_data()
{
    QTest::addColumn<int>("seed");
    constexpr int seeds = 60;
    for (int seed = 0; seed < seeds; ++seed)
        QTest::addRow("%d", seed) << seed;
}

void TestTableLeaves::wrong_bytes_end_nothing()
{
    QFETCH(const int, seed);
    static Database database;
    QVERIFY(database.done);
    if (database.root == 0)
        database.root = quint32(rootOf(database.file(), "letters"));
    QFile file(database.file());
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray before = file.readAll();
    file.close();
    QRandomGenerator chance(quint32(seed + 1));
    QByteArray after = before;
    constexpr int changes = 400;
    for (int change = 0; change < changes; ++change) {
        // Heads of pages, the arrays behind them, and the pointer map, more than bodies.
        const qint64 page = chance.bounded(int(before.size() / PageBytes));
        const qint64 at = change % 4 == 3 ? chance.bounded(int(PageBytes)) : chance.bounded(64);
        after[page * PageBytes + at] = char(chance.bounded(256));
    }
    after.replace(0, PageBytes, before.left(PageBytes));
    if (seed % 4 == 0)
        after.chop(chance.bounded(int(PageBytes * 3)));
    QVERIFY(database.write(0, after) && QFile::resize(database.file(), after.size()));
    Rows rows;
    const auto missed = database.read(rows);
    QVERIFY(database.write(0, before));
    QVERIFY(missed.ok());
    QVERIFY(!missed->isNothing());
    const Rows expected = Database::expected();
    qsizetype others = 0;
    for (auto row = rows.cbegin(); row != rows.cend(); ++row)
        others += row.value() != expected.value(row.key());
    QVERIFY2(others <= changes, qPrintable(QString::number(others))); // nothing tells that a body is another one
}

void TestTableLeaves::what_is_no_database_is_refused_data()
{
    QTest::addColumn<QByteArray>("head");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("something else") << QByteArray(PageBytes, 'x');
    QTest::newRow("pages of no size") << "SQLite format 3" + QByteArray(PageBytes, '\0');
    QTest::newRow("pages that are all reserved")
        << "SQLite format 3" + QByteArray("\0\x02\0\0\0\xff", 6) + QByteArray(PageBytes, '\1');
}

void TestTableLeaves::what_is_no_database_is_refused()
{
    QFETCH(const QByteArray, head);
    QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("some.sqlite")));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(head) == head.size() && file.flush());
    base::TableLeaves leaves(file.fileName());
    const auto read = leaves.read(
        2, [](qint64) { return true; }, [](qint64, const QVariantList &) { return Result<void>(); });
    QVERIFY(!read.ok());
    QCOMPARE(read.error().code, Errc::Io);
}

QTEST_GUILESS_MAIN(TestTableLeaves)
#include "tst_tableleaves.moc"
