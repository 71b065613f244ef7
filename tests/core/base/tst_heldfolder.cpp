// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/heldfolder.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QLockFile>
#include <QtCore/QSysInfo>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <sys/stat.h>

using namespace restante;
using namespace restante::base;

class HeldFolderTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void one_holds_it_at_a_time();
    void a_removed_lock_file_lets_nobody_in();
    void who_looks_sees_whether_it_is_held();
    void a_folder_that_was_made_goes_again();
    void a_kept_folder_stays();
    void what_was_there_before_stays();
    void a_folder_with_something_in_it_stays();
    void its_entries_are_all_but_the_lock();
    void a_folder_that_cannot_be_made_is_an_error();
    void a_folder_that_is_made_is_for_its_owner_alone();
    void what_a_killed_program_left_holds_nothing_data();
    void what_a_killed_program_left_holds_nothing();
    void who_holds_it_is_named();
    void an_earlier_version_that_runs_holds_it();
    void an_earlier_version_does_not_start_beside_it();

private:
    QTemporaryDir m_place;
};

void HeldFolderTest::one_holds_it_at_a_time()
{
    {
        const auto first = HeldFolder::take(m_place.path());
        QVERIFY(first);
        const auto second = HeldFolder::take(m_place.path() + QStringLiteral("/."));
        QVERIFY(!second);
        QCOMPARE(second.error().code, Errc::AlreadyRunning);
        QVERIFY(second.error().detail.contains(m_place.path()));
    }
    QVERIFY(HeldFolder::take(m_place.path()));
    QVERIFY(QDir(m_place.path()).isEmpty());
}

void HeldFolderTest::a_removed_lock_file_lets_nobody_in()
{
    const QTemporaryDir place;
    {
        const auto first = HeldFolder::take(place.path());
        QVERIFY(first);
        QVERIFY(QFile::remove(place.filePath(QStringLiteral("lock"))));
        for (int again = 0; again < 2; ++again) {
            const auto second = HeldFolder::take(place.path());
            QVERIFY(!second);
            QCOMPARE(second.error().code, Errc::AlreadyRunning);
            QVERIFY2(second.error().detail.contains(place.path()), qPrintable(second.error().detail));
        }
    }
    QVERIFY(HeldFolder::take(place.path()));
}

void HeldFolderTest::who_looks_sees_whether_it_is_held()
{
    QVERIFY(!HeldFolder::holder(m_place.path()));
    {
        const auto held = HeldFolder::take(m_place.path());
        QVERIFY(held);
        QVERIFY(HeldFolder::holder(m_place.path()));
        QVERIFY(HeldFolder::holder(m_place.path())); // looking takes nothing away
    }
    QVERIFY(!HeldFolder::holder(m_place.path()));
    QVERIFY(!HeldFolder::holder(m_place.filePath(QStringLiteral("missing"))));
}

void HeldFolderTest::a_folder_that_was_made_goes_again()
{
    {
        const auto held = HeldFolder::take(m_place.filePath(QStringLiteral("a/b")));
        QVERIFY(held);
        QVERIFY(QFile::exists(m_place.filePath(QStringLiteral("a/b/lock"))));
    }
    QVERIFY(QDir(m_place.path()).isEmpty());
}

void HeldFolderTest::a_kept_folder_stays()
{
    {
        const auto held = HeldFolder::take(m_place.filePath(QStringLiteral("kept")));
        QVERIFY(held);
        (*held)->keep();
    }
    QVERIFY(QDir(m_place.path()).rmdir(QStringLiteral("kept"))); // there, and empty
}

void HeldFolderTest::what_was_there_before_stays()
{
    QVERIFY(QDir(m_place.path()).mkdir(QStringLiteral("old")));
    QVERIFY(HeldFolder::take(m_place.filePath(QStringLiteral("old/new"))));
    QVERIFY(QDir(m_place.path()).rmdir(QStringLiteral("old")));
}

void HeldFolderTest::a_folder_with_something_in_it_stays()
{
    const QString name = m_place.filePath(QStringLiteral("full/file"));
    {
        const auto held = HeldFolder::take(m_place.filePath(QStringLiteral("full")));
        QVERIFY(held);
        QFile file(name);
        QVERIFY(file.open(QIODevice::WriteOnly));
    }
    QVERIFY(QFile::remove(name));
    QVERIFY(QDir(m_place.path()).rmdir(QStringLiteral("full")));
}

void HeldFolderTest::its_entries_are_all_but_the_lock()
{
    const auto held = HeldFolder::take(m_place.filePath(QStringLiteral("entries")));
    QVERIFY(held);
    QCOMPARE((*held)->entries(), QStringList());
    const QDir folder((*held)->path());
    QVERIFY(folder.mkdir(QStringLiteral(".hidden")));
    QVERIFY(QFile::link(QStringLiteral("/nowhere/at/all"), folder.filePath(QStringLiteral("dangling"))));
    QCOMPARE((*held)->entries(), (QStringList{QStringLiteral(".hidden"), QStringLiteral("dangling")}));
}

void HeldFolderTest::a_folder_that_cannot_be_made_is_an_error()
{
    const QString name = m_place.filePath(QStringLiteral("plain"));
    QFile file(name);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(HeldFolder::take(name).error().code, Errc::Io);
    QCOMPARE(HeldFolder::take(name + QStringLiteral("/below")).error().code, Errc::Io);
    QVERIFY(QFile::exists(name));
}

void HeldFolderTest::a_folder_that_is_made_is_for_its_owner_alone()
{
    const QTemporaryDir place;
    const mode_t before = ::umask(0);
    const auto held = HeldFolder::take(place.filePath(QStringLiteral("way/folder")));
    ::umask(before);
    QVERIFY(held);
    for (const char *name : {"way", "way/folder"}) {
        struct stat status {
        };
        QCOMPARE(::stat(QFile::encodeName(place.filePath(QLatin1String(name))).constData(), &status), 0);
        QCOMPARE(status.st_mode & 07777, mode_t(S_IRWXU));
    }
}

void HeldFolderTest::what_a_killed_program_left_holds_nothing_data()
{
    QTest::addColumn<QByteArray>("left");
    const QByteArray host = QSysInfo::machineHostName().toUtf8();
    const QByteArray self = QByteArray::number(QCoreApplication::applicationPid());
    QTest::newRow("its number is another process now") << "1\nrestanted\n" + host + '\n';
    QTest::newRow("its number is ours") << self + "\nrestanted\n" + host + '\n';
    QTest::newRow("a folder from another computer") << QByteArray("1\nrestanted\nelsewhere.example\n");
    QTest::newRow("rubbish") << QByteArray("x\0y", 3);
    QTest::newRow("nothing") << QByteArray();
}

void HeldFolderTest::what_a_killed_program_left_holds_nothing()
{
    QFETCH(const QByteArray, left);
    const QTemporaryDir place;
    {
        QFile file(place.filePath(QStringLiteral("lock")));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(left) == left.size());
    }
    QVERIFY(!HeldFolder::holder(place.path()));
    QVERIFY(HeldFolder::take(place.path()));
    QVERIFY(QDir(place.path()).isEmpty());
}

void HeldFolderTest::who_holds_it_is_named()
{
    const QTemporaryDir place;
    const auto held = HeldFolder::take(place.path());
    QVERIFY(held);
    const auto holder = HeldFolder::holder(place.path());
    QVERIFY(holder);
    QCOMPARE(holder->process, QCoreApplication::applicationPid());
    QCOMPARE(holder->program, QCoreApplication::applicationName());
    QCOMPARE(holder->host, QSysInfo::machineHostName());
    const auto second = HeldFolder::take(place.path());
    QVERIFY(!second);
    for (const QString &word : {place.filePath(QStringLiteral("lock")), QString::number(holder->process), holder->host,
                                QStringLiteral("End that program")})
        QVERIFY2(second.error().detail.contains(word), qPrintable(second.error().detail));
}

void HeldFolderTest::an_earlier_version_that_runs_holds_it()
{
    const QTemporaryDir place;
    QLockFile earlier(place.filePath(QStringLiteral("lock")));
    earlier.setStaleLockTime(0);
    QVERIFY(earlier.tryLock());
    const auto refused = HeldFolder::take(place.path());
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, Errc::AlreadyRunning);
    QVERIFY(refused.error().detail.contains(QString::number(QCoreApplication::applicationPid())));
    QVERIFY(QFile::exists(place.filePath(QStringLiteral("lock")))); // it is the other one's
    earlier.unlock();
    QVERIFY(HeldFolder::take(place.path()));
}

void HeldFolderTest::an_earlier_version_does_not_start_beside_it()
{
    const QTemporaryDir place;
    const auto held = HeldFolder::take(place.path());
    QVERIFY(held);
    QLockFile earlier(place.filePath(QStringLiteral("lock")));
    earlier.setStaleLockTime(0);
    QVERIFY(!earlier.tryLock());
    QVERIFY(HeldFolder::holder(place.path()));
}

QTEST_GUILESS_MAIN(HeldFolderTest)
#include "tst_heldfolder.moc"
