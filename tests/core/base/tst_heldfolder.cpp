// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/heldfolder.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

using namespace restante;
using namespace restante::base;

class HeldFolderTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void one_holds_it_at_a_time();
    void who_looks_sees_whether_it_is_held();
    void a_folder_that_was_made_goes_again();
    void a_kept_folder_stays();
    void what_was_there_before_stays();
    void a_folder_with_something_in_it_stays();
    void its_entries_are_all_but_the_lock();
    void a_folder_that_cannot_be_made_is_an_error();

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

void HeldFolderTest::who_looks_sees_whether_it_is_held()
{
    QVERIFY(!HeldFolder::isHeld(m_place.path()));
    {
        const auto held = HeldFolder::take(m_place.path());
        QVERIFY(held);
        QVERIFY(HeldFolder::isHeld(m_place.path()));
        QVERIFY(HeldFolder::isHeld(m_place.path())); // looking takes nothing away
    }
    QVERIFY(!HeldFolder::isHeld(m_place.path()));
    QVERIFY(!HeldFolder::isHeld(m_place.filePath(QStringLiteral("missing"))));
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

QTEST_GUILESS_MAIN(HeldFolderTest)
#include "tst_heldfolder.moc"
