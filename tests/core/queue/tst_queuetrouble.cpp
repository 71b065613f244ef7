// SPDX-License-Identifier: GPL-3.0-or-later
// Promises 8 and 9: broken rows, full disks, locked, damaged and newer databases.
#include "damage.h"
#include "meddler.h"
#include "queuefixture.h"

#include "base/database.h"
#include "base/sparespace.h"
#include "base/sqlstatement.h"
#include "queue/overlay.h"

#include <QtCore/QFileInfo>
#include <QtCore/QScopeGuard>
#include <QtSql/QSqlDatabase>
#include <QtSql/QSqlError>
#include <QtSql/QSqlQuery>

using namespace restante;
using namespace restante::test;

namespace
{

void write(const QString &file, const QByteArray &bytes)
{
    QFile target(file);
    QVERIFY(target.open(QIODevice::WriteOnly));
    QCOMPARE(target.write(bytes), bytes.size());
}

std::atomic<bool> toldOfReader{false};

void noteReader(QtMsgType, const QMessageLogContext &, const QString &message)
{
    if (message.contains(QLatin1String("being read")))
        toldOfReader = true;
}

bool holds(const QString &file, const QByteArray &text)
{
    QFile source(file);
    return source.open(QIODevice::ReadOnly) && source.readAll().contains(text);
}

} // namespace

class TestQueueTrouble : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_broken_row_does_not_block_the_queue_data();
    void a_broken_row_does_not_block_the_queue();
    void a_broken_page_of_the_senders_names_sets_no_mail_aside();
    void a_row_set_aside_is_shown_and_can_be_discarded();
    void the_content_of_a_broken_row_may_come_again();
    void the_files_are_readable_to_their_owner_alone();
    void a_newer_schema_is_refused_with_words();
    void a_file_that_is_no_database_is_refused_and_kept();
    void another_programs_database_is_refused_and_kept();
    void a_truncated_database_is_refused_and_kept();
    void a_folder_that_cannot_be_used_is_said_so();
    void on_a_full_disk_stores_fail_and_acknowledgements_go_through();
    void a_locked_database_fails_stores_and_recovers();
    void an_acknowledgement_outlasts_a_lock();
    void below_the_disk_floor_nothing_is_stored();
    void a_disk_below_the_floor_is_told_before_anybody_stores();
    void a_short_disk_gets_the_space_of_what_was_collected_back();
    void a_reserve_that_was_given_up_is_made_again();
    void deleted_mail_leaves_the_log_when_its_last_reader_ends_and_nobody_waits();
    void deleted_mail_that_stays_in_the_log_at_the_end_is_told();
    void deleted_mail_that_a_program_left_in_the_log_goes_at_the_next_start();
    void health_recovers_without_another_store();
    void a_database_that_is_gone_from_its_place_takes_nothing_data();
    void a_database_that_is_gone_from_its_place_takes_nothing();
    void damaged_pages_are_told_as_that_and_not_as_a_full_disk_data();
    void damaged_pages_are_told_as_that_and_not_as_a_full_disk();
};

void TestQueueTrouble::a_broken_row_does_not_block_the_queue_data()
{
    QTest::addColumn<QString>("damage");
    QTest::newRow("empty events") << QStringLiteral("UPDATE entries SET pdus = x''");
    QTest::newRow("no array") << QStringLiteral("UPDATE entries SET edus = x'7b7d'");
    QTest::newRow("cut short") << QStringLiteral("UPDATE entries SET pdus = x'5b7b'");
    QTest::newRow("no origin") << QStringLiteral("UPDATE entries SET origin = 4711");
}

void TestQueueTrouble::a_broken_row_does_not_block_the_queue()
{
    QFETCH(const QString, damage);
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    const auto broken = queue.store(letter("two"));
    QVERIFY(queue.store(letter("three")).ok());
    QVERIFY(Meddler(queue.folder()).run(damage + QStringLiteral(" WHERE id = %1").arg(broken->id.value)));
    QCOMPARE(queue.collect(), (QByteArrayList{"one", "three"}));
    QCOMPARE(queue.writer->counters().quarantined.load(), 1);
    QCOMPARE(queue.inspector->totals()->quarantined, 1);
    QCOMPARE(queue.inspector->totals()->entries, 0);
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.collect(), QByteArrayList());
}

void TestQueueTrouble::a_broken_page_of_the_senders_names_sets_no_mail_aside()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    QVERIFY(queue.store(letter("two")).ok());
    qint64 at = 0;
    {
        Meddler meddler(queue.folder());
        QVERIFY(meddler.run(QStringLiteral("PRAGMA wal_checkpoint(TRUNCATE)")));
        at = (meddler.number(QStringLiteral("SELECT rootpage FROM sqlite_schema WHERE name = 'origins'")) - 1) *
             meddler.number(QStringLiteral("PRAGMA page_size"));
    }
    QVERIFY(at > 0);
    QFile file(queue.folder() + QStringLiteral("/queue.sqlite"));
    const auto swap = [&file, at](const QByteArray &bytes) {
        const bool opened = file.open(QIODevice::ReadWrite) && file.seek(at);
        const QByteArray before = opened ? file.read(bytes.size()) : QByteArray();
        const bool written = opened && file.seek(at) && file.write(bytes) == bytes.size();
        file.close();
        return written ? before : QByteArray();
    };
    const QByteArray page = swap(QByteArray(64, '\xa5'));
    QVERIFY(!page.isEmpty());
    QCOMPARE(queue.collect(), QByteArrayList());
    QCOMPARE(queue.lastHealth().trouble.value_or(Error()).code, Errc::Corrupt);
    QVERIFY(!swap(page).isEmpty());
    QCOMPARE(queue.writer->counters().quarantined.load(), 0);
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.collect(), (QByteArrayList{"one", "two"}));
}

void TestQueueTrouble::a_row_set_aside_is_shown_and_can_be_discarded()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    const auto broken = queue.store(letter("two"));
    Meddler meddler(queue.folder());
    QVERIFY(meddler.run(QStringLiteral("UPDATE entries SET edus = x'7b7d' WHERE id = %1").arg(broken->id.value)));
    queue.client->quarantine(server("b.example"), broken->id);
    queue.settle();
    QCOMPARE(queue.audit(), QStringList());
    const auto page = queue.inspector->entries(server("b.example"), {}, 10);
    QCOMPARE(page->rows.size(), 2);
    QVERIFY(!page->rows[0].quarantined);
    QVERIFY(page->rows[1].quarantined);
    QCOMPARE(page->rows[1].origin, QStringLiteral("a.example"));
    QCOMPARE(queue.inspector->entry(server("b.example"), broken->id).error().code, Errc::Corrupt);
    QCOMPARE(*queue.discard("b.example", {broken->id}), 1);
    QCOMPARE(queue.inspector->totals()->quarantined, 0);
}

void TestQueueTrouble::the_content_of_a_broken_row_may_come_again()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const auto broken = queue.store(letter("one"));
    Meddler meddler(queue.folder());
    QVERIFY(meddler.run(QStringLiteral("UPDATE entries SET edus = x'7b7d'")));
    queue.client->quarantine(server("b.example"), broken->id);
    queue.settle();
    QVERIFY(queue.store(letter("one"))->fresh);
    QCOMPARE(queue.collect(), QByteArrayList{"one"});
}

void TestQueueTrouble::the_files_are_readable_to_their_owner_alone()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    const auto others = QFileDevice::ReadGroup | QFileDevice::WriteGroup | QFileDevice::ReadOther |
                        QFileDevice::WriteOther | QFileDevice::ExeGroup | QFileDevice::ExeOther;
    for (const auto *name : {"/queue.sqlite", "/queue.sqlite-wal", "/queue.sqlite-shm"}) {
        const QFileInfo file(queue.folder() + QLatin1String(name));
        QVERIFY(file.exists());
        QVERIFY((file.permissions() & others) == QFileDevice::Permissions());
    }
}

void TestQueueTrouble::a_newer_schema_is_refused_with_words()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    queue.close();
    QVERIFY(Meddler(queue.folder()).run(QStringLiteral("UPDATE schema_version SET version = version + 99")));
    const auto opened = queue.open();
    QVERIFY(!opened.ok());
    QCOMPARE(opened.error().code, Errc::NewerSchema);
    QVERIFY(opened.error().detail.contains(QStringLiteral("newer version")));
    QVERIFY(Meddler(queue.folder()).run(QStringLiteral("UPDATE schema_version SET version = version - 99")));
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.collect(), QByteArrayList{"one"});
}

void TestQueueTrouble::a_file_that_is_no_database_is_refused_and_kept()
{
    QueueFixture queue;
    const QByteArray bytes = QByteArray("this is a letter to my aunt ").repeated(500);
    write(queue.folder() + QStringLiteral("/queue.sqlite"), bytes);
    const auto opened = queue.open();
    QVERIFY(!opened.ok());
    QCOMPARE(opened.error().code, Errc::Corrupt);
    QFile file(queue.folder() + QStringLiteral("/queue.sqlite"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), bytes);
}

void TestQueueTrouble::another_programs_database_is_refused_and_kept()
{
    QueueFixture queue;
    QVERIFY(Meddler(queue.folder()).run(QStringLiteral("CREATE TABLE recipes (name TEXT)")));
    const auto opened = queue.open();
    QVERIFY(!opened.ok());
    QCOMPARE(opened.error().code, Errc::Corrupt);
    QVERIFY(Meddler(queue.folder()).run(QStringLiteral("INSERT INTO recipes VALUES ('soup')")));
}

void TestQueueTrouble::a_truncated_database_is_refused_and_kept()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    for (int i = 0; i < 100; ++i)
        QVERIFY(queue.store(letter(QByteArray::number(i))).ok());
    queue.close();
    const QString name = queue.folder() + QStringLiteral("/queue.sqlite");
    const qint64 half = QFileInfo(name).size() / 2;
    QVERIFY(QFile::resize(name, half));
    const auto opened = queue.open();
    QVERIFY(!opened.ok());
    QCOMPARE(opened.error().code, Errc::Corrupt);
    QCOMPARE(QFileInfo(name).size(), half);
}

void TestQueueTrouble::a_folder_that_cannot_be_used_is_said_so()
{
    QueueFixture queue;
    queue.path = queue.directory.filePath(QStringLiteral("missing"));
    const auto missing = queue.open();
    QVERIFY(!missing.ok());
    QCOMPARE(missing.error().code, Errc::Io);
    write(queue.path, "a file");
    const auto file = queue.open();
    QVERIFY(!file.ok());
    QCOMPARE(file.error().code, Errc::Io);
    QVERIFY(file.error().detail.contains(queue.path));
}

void TestQueueTrouble::on_a_full_disk_stores_fail_and_acknowledgements_go_through()
{
    QueueFixture queue;
    queue.tuning.maxPages = 60;
    queue.tuning.probeMs = 3'600'000;
    QVERIFY(queue.open().ok());
    QByteArrayList held;
    for (int i = 0; i < 200; ++i) {
        auto request = letter(QByteArray::number(i));
        request.pdus = "[" + QByteArray(9'000, ' ') + "]";
        const auto stored = queue.store(request);
        if (!stored) {
            QCOMPARE(stored.error().code, Errc::StorageFailed);
            QVERIFY(stored.error().detail.contains(QStringLiteral("full")));
            break;
        }
        held << QByteArray::number(i);
    }
    QVERIFY(held.size() > 5);
    QVERIFY(held.size() < 100);
    QCOMPARE(queue.healthChanges(), 1);
    QVERIFY(!queue.lastHealth().storing);
    QCOMPARE(queue.writer->counters().failed.load(), 1);
    // In one batch: the store fails, the acknowledgement does not.
    std::optional<Errc> failure;
    auto large = letter("large");
    large.pdus = "[" + QByteArray(90'000, ' ') + "]";
    queue.client->store(large, [&failure](const Result<queue::Stored> &stored) { failure = stored.error().code; });
    QVERIFY(queue.next("b.example", queue.next().entry->id).entry);
    queue.settle();
    QVERIFY(failure == Errc::StorageFailed);
    held.removeFirst();
    QCOMPARE(queue.total().entries, held.size());
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.collect(), held);
    QVERIFY(queue.store(letter("room again")).ok());
    QVERIFY(queue.lastHealth().storing);
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueTrouble::a_locked_database_fails_stores_and_recovers()
{
    QueueFixture queue;
    queue.tuning.busyTimeoutMs = 20;
    queue.tuning.probeMs = 3'600'000;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    {
        Meddler meddler(queue.folder());
        QVERIFY(meddler.run(QStringLiteral("BEGIN IMMEDIATE")));
        const auto stored = queue.store(letter("two"));
        QVERIFY(!stored.ok());
        QCOMPARE(stored.error().code, Errc::StorageFailed);
        QVERIFY(stored.error().detail.contains(QStringLiteral("locked")));
        QVERIFY(!queue.lastHealth().storing);
        QVERIFY(queue.next().entry); // reading goes on
        QVERIFY(meddler.run(QStringLiteral("ROLLBACK")));
    }
    QVERIFY(queue.store(letter("two")).ok());
    QVERIFY(queue.lastHealth().storing);
    QCOMPARE(queue.healthChanges(), 2);
    QCOMPARE(queue.collect(), (QByteArrayList{"one", "two"}));
}

void TestQueueTrouble::an_acknowledgement_outlasts_a_lock()
{
    QueueFixture queue;
    queue.tuning.busyTimeoutMs = 20;
    queue.tuning.retryMs = 10;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    {
        Meddler meddler(queue.folder());
        QVERIFY(meddler.run(QStringLiteral("BEGIN IMMEDIATE")));
        QVERIFY(!queue.next("b.example", queue.next().entry->id).entry);
        QVERIFY(!queue.store(letter("two")).ok());
        QVERIFY(!queue.next().entry);
        QVERIFY(meddler.run(QStringLiteral("ROLLBACK")));
    }
    QTRY_COMPARE(queue.total().entries, 0);
    QTRY_VERIFY(!queue.writer->overlay().touches(server("b.example")));
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueTrouble::below_the_disk_floor_nothing_is_stored()
{
    std::atomic<qint64> free{qint64(2) << 30};
    QueueFixture queue{queue::Policy()};
    queue.tuning.freeBytes = [&free](const QString &) { return free.load(); };
    queue.tuning.probeMs = 3'600'000;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    free = qint64(1) << 29;
    QVERIFY(queue.store(letter("two")).ok()); // looked at once a second
    queue.clock.advance(1'001);
    const auto refused = queue.store(letter("three"));
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().code, Errc::StorageFailed);
    QVERIFY(refused.error().detail.contains(QStringLiteral("512 MiB free")));
    QCOMPARE(queue.lastHealth().reason.code, Errc::DiskFull);
    QVERIFY(!queue.lastHealth().storing);
    QCOMPARE(queue.collect(), (QByteArrayList{"one", "two"}));
    free = qint64(2) << 30;
    queue.clock.advance(1'001);
    QVERIFY(queue.store(letter("three")).ok());
    QVERIFY(queue.lastHealth().storing);
}

/// At the start, when the settings say so, and when it happens.
void TestQueueTrouble::a_disk_below_the_floor_is_told_before_anybody_stores()
{
    std::atomic<qint64> free{qint64(1) << 29};
    QueueFixture queue{queue::Policy()};
    queue.tuning.freeBytes = [&free](const QString &) { return free.load(); };
    queue.tuning.probeMs = 10;
    QVERIFY(queue.open().ok());
    QVERIFY(!queue.lastHealth().storing);
    QCOMPARE(queue.lastHealth().reason.code, Errc::DiskFull);
    const auto recovers = [&queue] {
        queue.clock.advance(1'001);
        return queue.lastHealth().storing;
    };
    free = qint64(2) << 30;
    QTRY_VERIFY(recovers());
    queue.policy.quotas.diskFloorBytes = qint64(4) << 30;
    queue.writer->setPolicy(queue.policy);
    QTRY_VERIFY(!queue.lastHealth().storing);
    queue.policy.quotas.diskFloorBytes = qint64(1) << 30;
    queue.writer->setPolicy(queue.policy);
    QTRY_VERIFY(recovers());
    free = qint64(1) << 29;
    queue.clock.advance(1'001);
    queue.maintain();
    QTRY_VERIFY(!queue.lastHealth().storing);
}

void TestQueueTrouble::a_short_disk_gets_the_space_of_what_was_collected_back()
{
    constexpr qint64 mebibyte = qint64(1) << 20;
    constexpr qint64 large = base::SpareSpace::KeptBytes + 16 * mebibyte;
    std::atomic<qint64> free{qint64(2) << 30};
    QueueFixture queue{queue::Policy()};
    queue.tuning.freeBytes = [&free](const QString &) { return free.load(); };
    QVERIFY(queue.open().ok());
    for (int i = 0; i < large / (8 * mebibyte); ++i) {
        auto request = letter("large" + QByteArray::number(i));
        request.edus = "[" + QByteArray(8 * mebibyte, ' ') + "]";
        QVERIFY(queue.store(std::move(request)).ok());
    }
    QCOMPARE(queue.collect().size(), 10);
    const auto size = [&queue] { return QFileInfo(queue.folder() + QStringLiteral("/queue.sqlite")).size(); };
    QTRY_VERIFY(size() >= large - 4 * mebibyte); // the log is copied beside the writer, but for its end
    free = qint64(1) << 29;
    queue.clock.advance(1'001);
    queue.maintain();
    base::ConnectionOptions options;
    options.database = queue.folder() + QStringLiteral("/queue.sqlite");
    options.readOnly = true;
    const auto reading = *base::Database::open(options);
    base::SpareSpace inside(*reading, queue.clock);
    const auto isSmall = [&inside] {
        const auto bytes = inside.freeBytes();
        return bytes && *bytes <= base::SpareSpace::KeptBytes;
    };
    QTRY_VERIFY(isSmall());
    queue.close();
    QVERIFY(size() < large - 8 * mebibyte);
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueTrouble::a_reserve_that_was_given_up_is_made_again()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const QString reserve = queue.folder() + QStringLiteral("/queue.reserve");
    QVERIFY(QFile::remove(reserve));
    queue.maintain();
    QVERIFY(QFile::exists(reserve));
}

void TestQueueTrouble::deleted_mail_leaves_the_log_when_its_last_reader_ends_and_nobody_waits()
{
    constexpr int never = 3'600'000;
    constexpr int enough = 20'000;
    constexpr int many = 1'000;
    QueueFixture queue;
    queue.policy.quotas.secureDelete = true;
    queue.tuning.busyTimeoutMs = never; // what waits for the reader waits for good
    queue.tuning.wipeMs = 1;
    QVERIFY(queue.open().ok());
    const QByteArray secret = "the text that was thrown away";
    const auto stored = queue.store(letter(secret));
    const QString database = queue.folder() + QStringLiteral("/queue.sqlite");
    const QString log = database + QStringLiteral("-wal");
    int asked = 0;
    int done = 0;
    {
        Meddler reader(queue.folder());
        QVERIFY(reader.reads());
        const QtMessageHandler before = qInstallMessageHandler(noteReader);
        const auto restore = qScopeGuard([before] { qInstallMessageHandler(before); });
        QCOMPARE(*queue.discard("b.example", {stored->id}), 1);
        while (!toldOfReader) { // after many tries to empty the log
            QVERIFY(++asked < many);
            queue.client->store(letter("later" + QByteArray::number(asked)),
                                [&done](const Result<queue::Stored> &result) { done += result.ok(); });
            QTRY_COMPARE_WITH_TIMEOUT(done, asked, enough);
        }
        QVERIFY(holds(log, secret) || holds(database, secret));
    }
    QTRY_VERIFY_WITH_TIMEOUT(!holds(log, secret) && !holds(database, secret), enough);
    QCOMPARE(queue.collect().size(), asked);
}

void TestQueueTrouble::deleted_mail_that_stays_in_the_log_at_the_end_is_told()
{
    QueueFixture queue;
    queue.policy.quotas.secureDelete = true;
    QVERIFY(queue.open().ok());
    const auto stored = queue.store(letter("thrown away"));
    Meddler reader(queue.folder());
    QVERIFY(reader.reads());
    QCOMPARE(*queue.discard("b.example", {stored->id}), 1);
    toldOfReader = false;
    const QtMessageHandler before = qInstallMessageHandler(noteReader);
    const auto restore = qScopeGuard([before] { qInstallMessageHandler(before); });
    queue.close();
    QVERIFY(toldOfReader);
}

void TestQueueTrouble::deleted_mail_that_a_program_left_in_the_log_goes_at_the_next_start()
{
    const QByteArray secret = "the text that was thrown away";
    QueueFixture queue;
    queue.policy.quotas.secureDelete = true;
    QVERIFY(queue.open().ok());
    QCOMPARE(*queue.discard("b.example", {queue.store(letter(secret))->id}), 1);
    QueueFixture next; // what a kill leaves
    next.policy = queue.policy;
    for (const auto *name : {"/queue.sqlite", "/queue.sqlite-wal"})
        QVERIFY(QFile::copy(queue.folder() + QLatin1String(name), next.folder() + QLatin1String(name)));
    const QString database = next.folder() + QStringLiteral("/queue.sqlite");
    QVERIFY(holds(database + QStringLiteral("-wal"), secret));
    QVERIFY(next.open().ok());
    QTRY_VERIFY(!holds(database + QStringLiteral("-wal"), secret) && !holds(database, secret));
}

void TestQueueTrouble::health_recovers_without_another_store()
{
    QueueFixture queue;
    queue.tuning.busyTimeoutMs = 20;
    queue.tuning.probeMs = 10;
    QVERIFY(queue.open().ok());
    Meddler meddler(queue.folder());
    QVERIFY(meddler.run(QStringLiteral("BEGIN IMMEDIATE")));
    QVERIFY(!queue.store(letter("one")).ok());
    QVERIFY(!queue.lastHealth().storing);
    QVERIFY(meddler.run(QStringLiteral("ROLLBACK")));
    QTRY_VERIFY(queue.lastHealth().storing);
}

void TestQueueTrouble::a_database_that_is_gone_from_its_place_takes_nothing_data()
{
    QTest::addColumn<QString>("file");
    QTest::newRow("database") << QStringLiteral("/queue.sqlite");
    QTest::newRow("log") << QStringLiteral("/queue.sqlite-wal");
}

void TestQueueTrouble::a_database_that_is_gone_from_its_place_takes_nothing()
{
    QFETCH(QString, file);
    QueueFixture queue;
    queue.tuning.probeMs = 10;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    const QString place = queue.folder() + file;
    const QString elsewhere = place + QStringLiteral(".moved");
    QVERIFY(QFile::rename(place, elsewhere));
    const auto refused = queue.store(letter("two"));
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().code, Errc::StorageFailed);
    QVERIFY2(refused.error().detail.contains(place), qPrintable(refused.error().detail));
    QVERIFY(!queue.lastHealth().storing);
    {
        QFile another(place);
        QVERIFY(another.open(QIODevice::WriteOnly));
    }
    QVERIFY(!queue.store(letter("two")).ok());
    QVERIFY(QFile::remove(place));
    QVERIFY(QFile::rename(elsewhere, place));
    QTRY_VERIFY(queue.lastHealth().storing);
    QVERIFY(queue.store(letter("two")).ok());
    QCOMPARE(queue.collect(), (QByteArrayList{"one", "two"}));
}

void TestQueueTrouble::damaged_pages_are_told_as_that_and_not_as_a_full_disk_data()
{
    QTest::addColumn<int>("action");
    QTest::newRow("collecting") << 0;
    QTest::newRow("discarding") << 1;
}

void TestQueueTrouble::damaged_pages_are_told_as_that_and_not_as_a_full_disk()
{
    QFETCH(const int, action);
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QByteArrayList held;
    for (int i = 0; i < 200; ++i) {
        held << QByteArray::number(i);
        auto request = letter(held.last(), "a.example", "b.example");
        request.pdus = "[" + QByteArray(2'000, ' ') + "]";
        QVERIFY(queue.store(std::move(request)).ok());
    }
    queue.close();
    const QString database = queue.folder() + QStringLiteral("/queue.sqlite");
    const QString reserve = queue.folder() + QStringLiteral("/queue.reserve");
    QVERIFY(QFile::exists(reserve));
    QVERIFY(damageMiddle(database));
    QVERIFY(queue.open().ok());
    if (action == 0) {
        for (int i = 0; i < 300 && !queue.lastHealth().trouble; ++i) {
            const auto next = queue.reader->acknowledgeAndNext(server("b.example"), {});
            if (!next || !next->entry)
                break;
            queue.acknowledge("b.example", next->entry->id);
        }
    } else if (action == 1) {
        [[maybe_unused]] const auto gone = queue.discardAll("b.example");
    }
    queue.settle();
    const Error told = queue.lastHealth().trouble.value_or(Error());
    QCOMPARE(told.code, Errc::Corrupt);
    QVERIFY2(told.detail.contains(QStringLiteral("damaged")) && told.detail.contains(database),
             qPrintable(told.detail));
    QVERIFY(QFile::exists(reserve));
    // It is told until the next start, whatever else works.
    QVERIFY(queue.store(letter("works")).ok());
    QVERIFY(queue.lastHealth().storing);
    QVERIFY(queue.lastHealth().trouble);
}

QTEST_GUILESS_MAIN(TestQueueTrouble)
#include "tst_queuetrouble.moc"
