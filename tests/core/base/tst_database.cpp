// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/database.h"
#include "base/sqlstatement.h"
#include "base/sqltransaction.h"

#include <QtCore/QFileInfo>
#include <QtCore/QTemporaryDir>
#include <QtSql/QSqlError>
#include <QtTest/QTest>

using namespace restante;

namespace
{

base::ConnectionOptions optionsFor(const QTemporaryDir &folder)
{
    base::ConnectionOptions options;
    options.database = folder.filePath(QStringLiteral("test.sqlite"));
    return options;
}

qint64 count(base::Database &database, const QString &table)
{
    base::SqlStatement statement(database, QStringLiteral("SELECT COUNT(*) FROM ") + table);
    if (!statement.run())
        return -1;
    const base::SqlRows rows(statement);
    return statement.next() ? statement.integer(0) : -1;
}

} // namespace

class TestDatabase : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_new_file_belongs_to_its_owner_alone();
    void migrations_run_once();
    void a_higher_version_is_refused();
    void a_transaction_that_is_not_committed_is_rolled_back();
    void a_committed_transaction_stays();
    void parameters_keep_their_types();
    void a_read_only_connection_cannot_write();
    void a_read_only_connection_creates_nothing();
    void a_lock_is_told_from_other_failures();
    void a_full_file_is_told_from_other_failures();
    void each_fault_has_words_of_its_own_data();
    void each_fault_has_words_of_its_own();
    void a_finished_statement_holds_no_snapshot();
    void a_new_file_has_no_larger_cache_than_an_old_one_data();
    void a_new_file_has_no_larger_cache_than_an_old_one();
};

void TestDatabase::a_new_file_belongs_to_its_owner_alone()
{
    const QTemporaryDir folder;
    QVERIFY(base::Database::open(optionsFor(folder)).ok());
    const auto permissions = QFileInfo(optionsFor(folder).database).permissions();
    QVERIFY(!(permissions & (QFileDevice::ReadGroup | QFileDevice::ReadOther)));
    QVERIFY(permissions & QFileDevice::ReadOwner);
}

void TestDatabase::migrations_run_once()
{
    const QTemporaryDir folder;
    int version = 0;
    {
        auto database = *base::Database::open(optionsFor(folder));
        QCOMPARE(*database->schemaVersion(), 0);
        QVERIFY(database->migrate().ok());
        version = *database->schemaVersion();
        QVERIFY(version >= 2);
        QVERIFY(database->run(QStringLiteral("INSERT INTO meta (name, number) VALUES ('mine', 5)")).ok());
    }
    auto database = *base::Database::open(optionsFor(folder));
    QVERIFY(database->migrate().ok());
    QCOMPARE(*database->schemaVersion(), version);
    QCOMPARE(count(*database, QStringLiteral("meta")), 1);
}

void TestDatabase::a_higher_version_is_refused()
{
    const QTemporaryDir folder;
    auto database = *base::Database::open(optionsFor(folder));
    QVERIFY(database->migrate().ok());
    QVERIFY(database->run(QStringLiteral("UPDATE schema_version SET version = 1000")).ok());
    const auto migrated = database->migrate();
    QVERIFY(!migrated.ok());
    QCOMPARE(migrated.error().code, Errc::NewerSchema);
    QVERIFY(migrated.error().detail.contains(QStringLiteral("1000")));
}

void TestDatabase::a_transaction_that_is_not_committed_is_rolled_back()
{
    const QTemporaryDir folder;
    auto database = *base::Database::open(optionsFor(folder));
    QVERIFY(database->run(QStringLiteral("CREATE TABLE t (x INTEGER)")).ok());
    {
        base::SqlTransaction transaction(*database);
        QVERIFY(transaction.begin().ok());
        QVERIFY(database->run(QStringLiteral("INSERT INTO t VALUES (1)")).ok());
    }
    QCOMPARE(count(*database, QStringLiteral("t")), 0);
}

void TestDatabase::a_committed_transaction_stays()
{
    const QTemporaryDir folder;
    auto database = *base::Database::open(optionsFor(folder));
    QVERIFY(database->run(QStringLiteral("CREATE TABLE t (x INTEGER)")).ok());
    {
        base::SqlTransaction transaction(*database);
        QVERIFY(transaction.begin().ok());
        QVERIFY(database->run(QStringLiteral("INSERT INTO t VALUES (1)")).ok());
        QVERIFY(transaction.commit().ok());
    }
    QCOMPARE(count(*database, QStringLiteral("t")), 1);
}

void TestDatabase::parameters_keep_their_types()
{
    const QTemporaryDir folder;
    auto database = *base::Database::open(optionsFor(folder));
    base::SqlStatement statement(*database,
                                 QStringLiteral("SELECT typeof(?), typeof(?), typeof(?), typeof(?), typeof(?), ?, ?"));
    const qint64 large = std::numeric_limits<qint64>::min();
    const QByteArray bytes("a\0b", 3);
    QVERIFY(statement.run(qint64(1), 2, QByteArray("x"), QStringLiteral("x"), QByteArray(), large, bytes).ok());
    const base::SqlRows rows(statement);
    QVERIFY(statement.next());
    QCOMPARE(statement.value(0).toString(), QStringLiteral("integer"));
    QCOMPARE(statement.value(1).toString(), QStringLiteral("integer"));
    QCOMPARE(statement.value(2).toString(), QStringLiteral("blob"));
    QCOMPARE(statement.value(3).toString(), QStringLiteral("text"));
    QCOMPARE(statement.value(4).toString(), QStringLiteral("null"));
    QCOMPARE(statement.integer(5), large);
    QCOMPARE(statement.bytes(6), bytes);
    QVERIFY(!statement.next());
    QVERIFY(statement.failure().ok());
}

void TestDatabase::a_read_only_connection_cannot_write()
{
    const QTemporaryDir folder;
    auto writing = *base::Database::open(optionsFor(folder));
    QVERIFY(writing->run(QStringLiteral("CREATE TABLE t (x INTEGER)")).ok());
    auto options = optionsFor(folder);
    options.readOnly = true;
    auto reading = *base::Database::open(options);
    QCOMPARE(count(*reading, QStringLiteral("t")), 0);
    QVERIFY(!reading->run(QStringLiteral("INSERT INTO t VALUES (1)")).ok());
}

void TestDatabase::a_read_only_connection_creates_nothing()
{
    const QTemporaryDir folder;
    auto options = optionsFor(folder);
    options.readOnly = true;
    const auto opened = base::Database::open(options);
    QVERIFY(!opened.ok());
    QCOMPARE(opened.error().code, Errc::Io);
    QVERIFY(!QFileInfo::exists(options.database));
}

void TestDatabase::a_lock_is_told_from_other_failures()
{
    const QTemporaryDir folder;
    auto one = *base::Database::open(optionsFor(folder));
    auto other = *base::Database::open(optionsFor(folder));
    base::SqlTransaction first(*one);
    QVERIFY(first.begin().ok());
    base::SqlTransaction second(*other);
    const auto begun = second.begin();
    QVERIFY(!begun.ok());
    QCOMPARE(begun.error().code, Errc::Busy);
    QVERIFY(begun.error().detail.contains(QStringLiteral("locked")));
}

void TestDatabase::a_full_file_is_told_from_other_failures()
{
    const QTemporaryDir folder;
    auto options = optionsFor(folder);
    options.maxPages = 10;
    auto database = *base::Database::open(options);
    QVERIFY(database->run(QStringLiteral("CREATE TABLE t (x BLOB)")).ok());
    const auto filled = database->run(QStringLiteral("INSERT INTO t VALUES (zeroblob(1000000))"));
    QVERIFY(!filled.ok());
    QCOMPARE(filled.error().code, Errc::DiskFull);
    QVERIFY(filled.error().detail.contains(QStringLiteral("full")));
}

void TestDatabase::each_fault_has_words_of_its_own_data()
{
    QTest::addColumn<int>("sqlite");
    QTest::addColumn<Errc>("code");
    QTest::addColumn<QString>("words");
    const auto row = [](const char *name, int sqlite, Errc code, const char *words) {
        QTest::newRow(name) << sqlite << code << QString::fromLatin1(words);
    };
    row("busy", 5, Errc::Busy, "locked");
    row("memory", 7, Errc::StorageFailed, "not enough memory");
    row("read only", 8, Errc::StorageFailed, "can only be read");
    row("read only, extended", 1032, Errc::StorageFailed, "can only be read");
    row("disk error", 10, Errc::StorageFailed, "The disk reports an error");
    row("failed fsync", 1034, Errc::StorageFailed, "The disk reports an error");
    row("damaged", 11, Errc::Corrupt, "is damaged");
    row("full", 13, Errc::DiskFull, "is full");
    row("not to be opened", 14, Errc::StorageFailed, "cannot be opened");
    row("no database", 26, Errc::Corrupt, "is not a database");
}

void TestDatabase::each_fault_has_words_of_its_own()
{
    QFETCH(const int, sqlite);
    QFETCH(const Errc, code);
    QFETCH(const QString, words);
    const QTemporaryDir folder;
    const auto database = *base::Database::open(optionsFor(folder));
    const Error error = database->translate(QSqlError(QStringLiteral("Qt's"), QStringLiteral("the driver's"),
                                                      QSqlError::StatementError, QString::number(sqlite)));
    QCOMPARE(error.code, code);
    QVERIFY2(error.detail.contains(words), qPrintable(error.detail));
    QVERIFY(error.detail.contains(optionsFor(folder).database));
    QCOMPARE(error.detail.contains(QStringLiteral("full")), code == Errc::DiskFull);
}

void TestDatabase::a_finished_statement_holds_no_snapshot()
{
    const QTemporaryDir folder;
    auto writing = *base::Database::open(optionsFor(folder));
    QVERIFY(writing->run(QStringLiteral("CREATE TABLE t (x INTEGER)")).ok());
    for (int i = 0; i < 3; ++i)
        QVERIFY(writing->run(QStringLiteral("INSERT INTO t VALUES (1)")).ok());
    auto options = optionsFor(folder);
    options.readOnly = true;
    auto reading = *base::Database::open(options);
    base::SqlStatement statement(*reading, QStringLiteral("SELECT x FROM t"));
    QVERIFY(statement.run().ok());
    QVERIFY(statement.next());
    QVERIFY(!writing->run(writing->dialect().checkpoint(true)).ok() ||
            QFileInfo(options.database + QStringLiteral("-wal")).size() > 0);
    statement.finish();
    QVERIFY(writing->run(writing->dialect().checkpoint(true)).ok());
    QCOMPARE(QFileInfo(options.database + QStringLiteral("-wal")).size(), 0);
}

void TestDatabase::a_new_file_has_no_larger_cache_than_an_old_one_data()
{
    QTest::addColumn<bool>("old");
    QTest::newRow("new") << false;
    QTest::newRow("old") << true;
}

/// What a transaction changes beyond the cache goes into the log before it is committed.
void TestDatabase::a_new_file_has_no_larger_cache_than_an_old_one()
{
    QFETCH(const bool, old);
    const QTemporaryDir folder;
    auto options = optionsFor(folder);
    options.cacheKib = 2'048;
    auto database = *base::Database::open(options);
    QVERIFY(database->run(QStringLiteral("CREATE TABLE t (x BLOB)")).ok());
    if (old) {
        database.reset();
        database = *base::Database::open(options);
    }
    const auto logBytes = [&options] { return QFileInfo(options.database + QStringLiteral("-wal")).size(); };
    constexpr qint64 mebibyte = qint64(1) << 20;
    base::SqlTransaction transaction(*database);
    QVERIFY(transaction.begin().ok());
    for (int i = 0; i < 5; ++i)
        QVERIFY(database->run(QStringLiteral("INSERT INTO t VALUES (zeroblob(1048576))")).ok());
    QVERIFY2(logBytes() > 2 * mebibyte, qPrintable(QString::number(logBytes())));
    QVERIFY(transaction.commit().ok());
}

QTEST_GUILESS_MAIN(TestDatabase)
#include "tst_database.moc"
