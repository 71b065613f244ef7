// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/backup.h"
#include "damage.h"
#include "fakeclock.h"
#include "files.h"
#include "identity/identityfile.h"
#include "node/inboxstore.h"
#include "queuefixture.h"
#include "secrettext.h"
#include "smalldisk.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <unistd.h>

using namespace restante;
using namespace restante::backup;
using namespace restante::test;
using namespace Qt::Literals::StringLiterals;

namespace
{
bool never()
{
    return false;
}

QByteArray record(const QByteArray &name, const QByteArray &content)
{
    QByteArray length(8, '\0');
    length[6] = char(content.size() >> 8);
    length[7] = char(content.size() & 0xff);
    return char(name.size()) + name + length + content;
}
} // namespace

class BackupTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void what_is_held_is_held_again_elsewhere();
    void a_running_queue_is_copied_as_it_is_at_one_moment();
    void the_inbox_comes_along();
    void a_database_that_a_power_cut_left_out_of_its_place_comes_along_data();
    void a_database_that_a_power_cut_left_out_of_its_place_comes_along();
    void an_inbox_that_is_being_written_anew_is_not_left_out();
    void what_a_repair_put_aside_keeps_no_backup_from_being_written_data();
    void what_a_repair_put_aside_keeps_no_backup_from_being_written();
    void damage_beside_what_a_repair_put_aside_is_told();
    void secrets_and_logs_stay_behind();
    void only_an_installation_is_backed_up();
    void a_backup_is_not_written_over();
    void another_backup_at_the_same_time_is_refused();
    void a_damaged_database_is_not_backed_up();
    void what_an_interrupted_backup_left_is_removed();
    void what_an_interrupted_backup_left_can_be_removed_unless_one_is_written();
    void a_backup_that_ends_early_leaves_nothing_data();
    void a_backup_that_ends_early_leaves_nothing();
    void only_an_empty_folder_is_filled_data();
    void only_an_empty_folder_is_filled();
    void what_cannot_be_opened_leaves_nothing_data();
    void what_cannot_be_opened_leaves_nothing();
    void a_strangers_content_is_refused_data();
    void a_strangers_content_is_refused();
    void restoring_that_ends_early_leaves_nothing_data();
    void restoring_that_ends_early_leaves_nothing();
    void a_half_restored_folder_is_known();
    void what_root_restores_belongs_to_the_owner_of_the_folder();

private:
    Result<BackupReport> backUp(const Interrupted &interrupted = never);
    Result<BackupReport> restore(const char *passphrase = "x", const Interrupted &interrupted = never);

    std::unique_ptr<QTemporaryDir> m_place;
    std::unique_ptr<QueueFixture> m_queue;
    QString m_file;
    QString m_target;
};

void BackupTest::init()
{
    m_place = std::make_unique<QTemporaryDir>();
    m_queue = std::make_unique<QueueFixture>();
    QVERIFY(m_place->isValid());
    m_file = m_place->filePath(u"backup"_s);
    m_target = m_place->filePath(u"restored"_s);
    QVERIFY(identity::IdentityFile(m_queue->folder()).loadOrCreate());
    write(QDir(m_queue->folder()).filePath(u"settings.json"_s), R"({"later.version":1})");
}

Result<BackupReport> BackupTest::backUp(const Interrupted &interrupted)
{
    return writeBackup(m_queue->folder(), m_file, secretText("x"), interrupted, identity::PassphraseCost::least());
}

Result<BackupReport> BackupTest::restore(const char *passphrase, const Interrupted &interrupted)
{
    const auto folder = base::HeldFolder::take(m_target);
    if (!folder)
        return folder.error();
    auto report = restoreBackup(**folder, m_file, secretText(passphrase), interrupted);
    if (report)
        (*folder)->keep();
    return report;
}

void BackupTest::what_is_held_is_held_again_elsewhere()
{
    QVERIFY(m_queue->open());
    QVERIFY(m_queue->store(letter("one")).ok());
    QVERIFY(m_queue->store(letter("two")).ok());
    m_queue->close();
    const auto written = backUp();
    QVERIFY2(written, written ? "" : qPrintable(written.error().detail));
    QCOMPARE(written->files, (QStringList{u"identity.key"_s, u"settings.json"_s, u"queue.sqlite"_s}));
    QCOMPARE(QFileInfo(m_file).permissions(), OwnerOnly);

    const auto restored = restore();
    QVERIFY2(restored, restored ? "" : qPrintable(restored.error().detail));
    QCOMPARE(restored->files, written->files);
    QCOMPARE(restored->bytes, written->bytes);
    QCOMPARE(restored->serverName, written->serverName);
    QCOMPARE(namesIn(m_target), (QStringList{u"identity.key"_s, u"queue.sqlite"_s, u"settings.json"_s}));
    for (const QString &name : restored->files)
        QCOMPARE(QFileInfo(QDir(m_target).filePath(name)).permissions(), OwnerOnly);
    for (const auto name : {"identity.key"_L1, "settings.json"_L1})
        QCOMPARE(read(QDir(m_target).filePath(name)), read(QDir(m_queue->folder()).filePath(name)));

    QueueFixture other;
    other.path = m_target;
    QVERIFY(other.open());
    QCOMPARE(other.audit(), QStringList());
    QCOMPARE(other.total().entries, 2);
    QCOMPARE(other.collect(), (QByteArrayList{"one", "two"}));
}

void BackupTest::a_running_queue_is_copied_as_it_is_at_one_moment()
{
    QVERIFY(m_queue->open());
    QByteArrayList stored;
    for (int i = 0; i < 300; ++i) {
        stored.append("letter " + QByteArray::number(i));
        QVERIFY(m_queue->store(letter(stored.last())).ok());
    }
    // More is stored between the pieces that are copied; of that nothing may be in the copy, or all of it.
    int later = 0;
    const auto storing = [this, &later] {
        if (later < 20)
            m_queue->client->store(letter("later " + QByteArray::number(later++)),
                                   [](const Result<queue::Stored> &) {});
        return false;
    };
    const auto written = backUp(storing);
    QVERIFY2(written, written ? "" : qPrintable(written.error().detail));
    QVERIFY(later > 0);
    QCOMPARE(namesIn(m_queue->folder()).filter(u"backup"_s), QStringList());
    QVERIFY(m_queue->store(letter("last")).ok());

    QVERIFY(restore());
    QueueFixture other;
    other.path = m_target;
    QVERIFY(other.open());
    QCOMPARE(other.audit(), QStringList());
    const QByteArrayList held = other.collect();
    QVERIFY(held.size() >= stored.size());
    QCOMPARE(held.first(stored.size()), stored);
    QVERIFY(held.size() <= stored.size() + later);
    QVERIFY(!held.contains("last"));
    QCOMPARE(m_queue->total().entries, stored.size() + later + 1);
}

void BackupTest::the_inbox_comes_along()
{
    node::Collected collected;
    collected.origin = server("a.example");
    collected.pdus = "[]";
    collected.edus = R"([{"edu_type":"m.test"}])";
    collected.eduCount = 1;
    const auto store = node::InboxStore::open(m_queue->folder(), m_queue->clock);
    QVERIFY(store && (*store)->add(server("r.example"), {collected}, {1, 1'000, 0}) && (*store)->merge());
    QVERIFY(backUp()); // while it is open
    QVERIFY(restore());
    const auto other = node::InboxStore::open(m_target, m_queue->clock);
    QVERIFY(other);
    const auto page = (*other)->page(0, 10);
    QVERIFY(page);
    QCOMPARE(page->rows.size(), 1);
    QCOMPARE((*other)->entry(page->rows.first().id)->edus, collected.edus);
    QVERIFY((*other)->digestKey() == (*store)->digestKey());
}

void BackupTest::a_database_that_a_power_cut_left_out_of_its_place_comes_along_data()
{
    QTest::addColumn<QString>("name");
    for (const char *name : {"node.sqlite", "queue.sqlite"})
        QTest::newRow(name) << QString::fromLatin1(name);
}

/// What writing it anew leaves that ends between its two last steps.
void BackupTest::a_database_that_a_power_cut_left_out_of_its_place_comes_along()
{
    QFETCH(const QString, name);
    QVERIFY(node::InboxStore::open(m_queue->folder(), m_queue->clock));
    QVERIFY(m_queue->open());
    m_queue->close();
    const QDir folder(m_queue->folder());
    QVERIFY(QFile::copy(folder.filePath(name), folder.filePath(name + u".damaged-1"_s)));
    QVERIFY(QFile::rename(folder.filePath(name), folder.filePath(name + u".new"_s)));
    const auto written = backUp();
    QVERIFY2(written, written ? "" : qPrintable(written.error().detail));
    QVERIFY(written->files.contains(name));
    QVERIFY(!folder.exists(name + u".new"_s));
}

void BackupTest::an_inbox_that_is_being_written_anew_is_not_left_out()
{
    QVERIFY(node::InboxStore::open(m_queue->folder(), m_queue->clock));
    const QDir folder(m_queue->folder());
    QVERIFY(QFile::rename(folder.filePath(u"node.sqlite"_s), folder.filePath(u"node.sqlite.new"_s)));
    const auto running = base::HeldFolder::take(m_queue->folder()); // by the program that does so
    QVERIFY(running);
    const auto written = backUp();
    QVERIFY(!written);
    QCOMPARE(written.error().code, Errc::Busy);
    QVERIFY2(written.error().detail.contains(u"node.sqlite"_s), qPrintable(written.error().detail));
    QVERIFY(folder.exists(u"node.sqlite.new"_s));
    QVERIFY(!QFileInfo::exists(m_file));
}

void BackupTest::what_a_repair_put_aside_keeps_no_backup_from_being_written_data()
{
    QTest::addColumn<QByteArray>("table");
    for (const char *table : {"movements", "positions", "contents", "pairs"})
        QTest::newRow(table) << QByteArray(table);
}

void BackupTest::what_a_repair_put_aside_keeps_no_backup_from_being_written()
{
    QFETCH(const QByteArray, table);
    QVERIFY(m_queue->open());
    QVERIFY(m_queue->store(letter("one")).ok());
    QVERIFY(m_queue->store(letter("two")).ok());
    m_queue->close();
    const QString database = QDir(m_queue->folder()).filePath(u"queue.sqlite"_s);
    QByteArray root;
    QVERIFY(swapRoot(database, table, root));
    QVERIFY(m_queue->open());
    (void)m_queue->reader->acknowledgeAndNext(server("b.example"), {}); // meets the damage, or the store does
    m_queue->settle();
    QVERIFY(m_queue->store(letter("three")).ok() || m_queue->store(letter("three")).ok());
    QVERIFY(rootOf(database, "damaged_1_" + table) > 0);
    const auto written = backUp(); // while it is open
    QVERIFY2(written, written ? "" : qPrintable(written.error().detail));

    QVERIFY(restore());
    const QString copy = QDir(m_target).filePath(u"queue.sqlite"_s);
    QCOMPARE(rootOf(copy, "damaged_1_" + table), 0);
    for (const char *there : {"origins", "server_keys_by_age", "fresh_names", "schema_version"})
        QVERIFY2(rootOf(copy, there) > 0, there);
    const QByteArray again = table == "pairs" ? "_1" : ""; // the damaged one's index has the name
    QVERIFY(rootOf(copy, "pairs_by_origin" + again) > 0);
    QCOMPARE(QFileInfo(copy).permissions(), OwnerOnly);
    QueueFixture other;
    other.path = m_target;
    QVERIFY(other.open());
    QCOMPARE(other.audit(), QStringList());
    QCOMPARE(other.total().entries, 3);
    QVERIFY(!other.store(letter("one"))->fresh);
    QCOMPARE(other.collect(), (QByteArrayList{"one", "two", "three"}));
}

void BackupTest::damage_beside_what_a_repair_put_aside_is_told()
{
    QVERIFY(m_queue->open());
    QVERIFY(m_queue->store(letter("one")).ok());
    m_queue->close();
    const QString database = QDir(m_queue->folder()).filePath(u"queue.sqlite"_s);
    QByteArray root;
    QVERIFY(swapRoot(database, "positions", root));
    QVERIFY(m_queue->open());
    (void)m_queue->reader->acknowledgeAndNext(server("b.example"), {}); // meets the damage, or the store does
    m_queue->settle();
    QVERIFY(m_queue->store(letter("two")).ok() || m_queue->store(letter("two")).ok());
    m_queue->close();
    QVERIFY(rootOf(database, "damaged_1_positions") > 0);
    QVERIFY(damageTree(database, "labels", Leaf::Root));
    const auto written = backUp();
    QVERIFY(!written);
    QCOMPARE(written.error().code, Errc::Corrupt);
    QVERIFY2(written.error().detail.contains(database), qPrintable(written.error().detail));
    QCOMPARE(namesIn(m_place->path()), QStringList());
}

void BackupTest::secrets_and_logs_stay_behind()
{
    for (const auto name : {"node.secret"_L1, "restante.log"_L1, "queue.reserve"_L1, "mine.txt"_L1})
        write(QDir(m_queue->folder()).filePath(name), "x");
    const auto written = backUp();
    QVERIFY(written);
    QCOMPARE(written->files, (QStringList{u"identity.key"_s, u"settings.json"_s}));
}

void BackupTest::only_an_installation_is_backed_up()
{
    const QTemporaryDir empty;
    for (const QString &folder : {empty.path(), empty.filePath(u"missing"_s)}) {
        const auto written = writeBackup(folder, m_file, secretText("x"), never, identity::PassphraseCost::least());
        QCOMPARE(written.error().code, Errc::InvalidSetting);
        QVERIFY(written.error().detail.contains(folder));
    }
    QCOMPARE(namesIn(empty.path()), QStringList());
    QVERIFY(!QFileInfo::exists(m_file));
}

void BackupTest::a_backup_is_not_written_over()
{
    write(m_file, "precious");
    QCOMPARE(backUp().error().code, Errc::InvalidSetting);
    QCOMPARE(read(m_file), "precious");
}

void BackupTest::another_backup_at_the_same_time_is_refused()
{
    std::optional<Errc> second;
    const auto again = [&] {
        const auto other =
            writeBackup(m_queue->folder(), m_file + u'2', secretText("x"), never, identity::PassphraseCost::least());
        if (!other)
            second = other.error().code;
        return false;
    };
    QVERIFY(backUp(again));
    QCOMPARE(second, Errc::Io);
    QCOMPARE(namesIn(m_place->path()), QStringList{u"backup"_s});
}

void BackupTest::a_damaged_database_is_not_backed_up()
{
    write(QDir(m_queue->folder()).filePath(u"queue.sqlite"_s), QByteArray(20'000, 'x'));
    const QStringList before = namesIn(m_queue->folder());
    const auto written = backUp();
    QCOMPARE(written.error().code, Errc::Corrupt);
    QVERIFY(written.error().detail.contains(u"queue.sqlite"_s));
    QCOMPARE(namesIn(m_place->path()), QStringList());
    QCOMPARE(namesIn(m_queue->folder()), before);
}

void BackupTest::what_an_interrupted_backup_left_is_removed()
{
    QVERIFY(m_queue->open());
    const QDir folder(m_queue->folder());
    QVERIFY(folder.mkdir(u"backup.part"_s));
    write(folder.filePath(u"backup.part/queue.sqlite"_s), "half");
    QVERIFY(backUp());
    QVERIFY(!folder.exists(u"backup.part"_s));
    QVERIFY(restore());
}

void BackupTest::what_an_interrupted_backup_left_can_be_removed_unless_one_is_written()
{
    QVERIFY(!removeLeftBackup(m_queue->folder()));
    const QDir folder(m_queue->folder());
    QVERIFY(folder.mkdir(u"backup.part"_s));
    write(folder.filePath(u"backup.part/queue.sqlite"_s), "half");
    {
        const auto another = base::LockFile::take(folder.filePath(u"backup.lock"_s));
        QVERIFY(another.ok());
        QVERIFY(!removeLeftBackup(m_queue->folder()));
        QVERIFY(folder.exists(u"backup.part/queue.sqlite"_s));
    }
    QVERIFY(removeLeftBackup(m_queue->folder()));
    QVERIFY(!folder.exists(u"backup.part"_s));
    QVERIFY(!folder.exists(u"backup.lock"_s));
}

void BackupTest::a_backup_that_ends_early_leaves_nothing_data()
{
    QTest::addColumn<int>("pieces");
    QTest::addColumn<quint64>("diskBytes");
    const quint64 large = quint64(1) << 40;
    QTest::newRow("interrupted at once") << 0 << large;
    QTest::newRow("interrupted in the database") << 3 << large;
    QTest::newRow("no room for the copy of the database") << 1'000 << quint64(300'000);
    QTest::newRow("no room for the backup") << 1'000 << quint64(1'500'000);
}

void BackupTest::a_backup_that_ends_early_leaves_nothing()
{
    QFETCH(int, pieces);
    QFETCH(quint64, diskBytes);
    QVERIFY(m_queue->open());
    for (int i = 0; i < 10; ++i) {
        queue::StoreRequest large = letter("l" + QByteArray::number(i));
        large.pdus = "[\"" + QByteArray(100'000, 'x') + "\"]";
        QVERIFY(m_queue->store(std::move(large)).ok());
    }
    m_queue->close();
    // The settings come after what fits on the smaller disk, and before the database.
    write(QDir(m_queue->folder()).filePath(u"window.ini"_s), QByteArray(diskBytes == 1'500'000 ? 1'000'000 : 1, 'x'));
    const QStringList before = namesIn(m_queue->folder());
    {
        const SmallDisk disk(diskBytes);
        const auto written = backUp([&pieces] { return pieces-- <= 0; });
        QVERIFY(!written);
        QVERIFY(written.error().code == Errc::Io || written.error().code == Errc::StorageFailed);
        QVERIFY2(!written.error().detail.contains(u"Unknown error"), qPrintable(written.error().detail));
    }
    QCOMPARE(namesIn(m_place->path()), QStringList());
    QCOMPARE(namesIn(m_queue->folder()), before);
    QVERIFY(backUp());
}

void BackupTest::only_an_empty_folder_is_filled_data()
{
    QTest::addColumn<QString>("name");
    for (const auto name : {"identity.key", "queue.sqlite", ".hidden", "anything"})
        QTest::newRow(name) << QString::fromLatin1(name);
}

void BackupTest::only_an_empty_folder_is_filled()
{
    QFETCH(const QString, name);
    QVERIFY(backUp());
    QVERIFY(QDir().mkdir(m_target));
    write(QDir(m_target).filePath(name), "mine");
    const auto restored = restore();
    QCOMPARE(restored.error().code, Errc::InvalidSetting);
    QCOMPARE(namesIn(m_target), QStringList{name});
    QCOMPARE(read(QDir(m_target).filePath(name)), "mine");
    QVERIFY(QFile::remove(QDir(m_target).filePath(name)));
    QVERIFY(restore());
}

void BackupTest::what_cannot_be_opened_leaves_nothing_data()
{
    QTest::addColumn<QByteArray>("passphrase");
    QTest::addColumn<qsizetype>("length");
    QTest::addColumn<bool>("there");
    QTest::newRow("wrong passphrase") << QByteArray("y") << qsizetype(1) << true;
    QTest::newRow("cut at its end") << QByteArray("x") << qsizetype(1) << true;
    QTest::newRow("cut in its middle") << QByteArray("x") << qsizetype(100'000) << true;
    QTest::newRow("no such file") << QByteArray("x") << qsizetype(0) << false;
}

void BackupTest::what_cannot_be_opened_leaves_nothing()
{
    QFETCH(const QByteArray, passphrase);
    QFETCH(const qsizetype, length);
    QFETCH(const bool, there);
    QVERIFY(m_queue->open());
    QVERIFY(backUp());
    const QByteArray whole = read(m_file);
    QVERIFY(whole.size() > 150'000); // the end is far from the first chunk
    if (there)
        write(m_file, whole.chopped(length));
    else
        QVERIFY(QFile::remove(m_file));
    const auto restored = restore(passphrase.constData());
    QVERIFY(!restored);
    QCOMPARE(restored.error().code, there ? Errc::Corrupt : Errc::Io);
    QVERIFY(restored.error().detail.contains(m_file));
    QVERIFY(!QFileInfo::exists(m_target));
}

void BackupTest::a_strangers_content_is_refused_data()
{
    QTest::addColumn<QByteArray>("content");
    const QByteArray identity = record("identity.key", "server_name x");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("no files") << QByteArray("\0", 1);
    QTest::newRow("no identity") << record("settings.json", "{}") + '\0';
    QTest::newRow("a damaged identity") << identity + '\0';
    QTest::newRow("a name that leads elsewhere") << record("../identity.key", "x") + '\0';
    QTest::newRow("an absolute name") << record("/tmp/identity.key", "x") + '\0';
    QTest::newRow("a name that is not kept") << record("node.secret", "x") + '\0';
    QTest::newRow("a file twice") << record("settings.json", "{}") + record("settings.json", "{}") + '\0';
    QTest::newRow("shorter than it says") << record("settings.json", "{}").chopped(1);
    QTest::newRow("a negative length") << QByteArray("\x0dsettings.json\xff\0\0\0\0\0\0\0", 22) + '\0';
    QTest::newRow("an enormous length") << QByteArray("\x0dsettings.json\x7f\0\0\0\0\0\0\0", 22) + "{}";
    QTest::newRow("no end") << record("settings.json", "{}");
}

void BackupTest::a_strangers_content_is_refused()
{
    QFETCH(const QByteArray, content);
    const auto writer = identity::SealedWriter::create(m_file, identity::SealedKind::Backup, secretText("x"),
                                                       identity::PassphraseCost::least());
    QVERIFY(writer && (*writer)->write(content) && (*writer)->commit());
    const auto restored = restore();
    QVERIFY(!restored);
    QCOMPARE(restored.error().code, Errc::Corrupt);
    QCOMPARE(namesIn(m_place->path()), QStringList{u"backup"_s});
}

void BackupTest::restoring_that_ends_early_leaves_nothing_data()
{
    QTest::addColumn<int>("pieces");
    QTest::addColumn<quint64>("diskBytes");
    QTest::newRow("interrupted at once") << 0 << (quint64(1) << 40);
    QTest::newRow("interrupted in the database") << 3 << (quint64(1) << 40);
    QTest::newRow("no room for the identity") << 1'000 << quint64(100);
    QTest::newRow("no room for the database") << 1'000 << quint64(100'000);
}

void BackupTest::restoring_that_ends_early_leaves_nothing()
{
    QFETCH(int, pieces);
    QFETCH(quint64, diskBytes);
    QVERIFY(m_queue->open());
    QVERIFY(backUp());
    {
        const SmallDisk disk(diskBytes);
        const auto restored = restore("x", [&pieces] { return pieces-- <= 0; });
        QVERIFY(!restored);
        QCOMPARE(restored.error().code, Errc::Io);
        QVERIFY2(!restored.error().detail.contains(u"Unknown error"), qPrintable(restored.error().detail));
    }
    QVERIFY(!QFileInfo::exists(m_target));
    QVERIFY(restore());
}

void BackupTest::a_half_restored_folder_is_known()
{
    QVERIFY(backUp());
    QVERIFY(QDir().mkpath(m_target + "/restore.part"_L1));
    write(m_target + "/restore.part/identity.key"_L1, "half");
    QVERIFY(isHalfRestored(m_target));
    QVERIFY(identity::IdentityFile(m_target).loadOrCreate());
    const auto written =
        writeBackup(m_target, m_file + u'2', secretText("x"), never, identity::PassphraseCost::least());
    QCOMPARE(written.error().code, Errc::InvalidSetting);
    QVERIFY(QFile::remove(m_target + "/identity.key"_L1));
    write(m_target + "/settings.json"_L1, "{}");
    const auto refused = restore();
    QCOMPARE(refused.error().code, Errc::InvalidSetting);
    QVERIFY(refused.error().detail.contains(u"interrupted"_s));

    QVERIFY(QFile::remove(m_target + "/settings.json"_L1)); // nothing of it had its place yet
    QVERIFY(restore());
    QVERIFY(!isHalfRestored(m_target));
}

void BackupTest::what_root_restores_belongs_to_the_owner_of_the_folder()
{
    constexpr uid_t nobody = 65'534;
    QVERIFY(backUp());
    QVERIFY(QDir().mkdir(m_target));
    // Only root can; for others the folder and all in it are their own.
    const bool given = ::chown(QFile::encodeName(m_target).constData(), nobody, nobody) == 0;
    QVERIFY(restore());
    for (const auto name : {"identity.key"_L1, "settings.json"_L1})
        QCOMPARE(QFileInfo(QDir(m_target).filePath(name)).ownerId(), given ? nobody : ::geteuid());
}

QTEST_GUILESS_MAIN(BackupTest)
#include "tst_backup.moc"
