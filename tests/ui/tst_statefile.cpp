// SPDX-License-Identifier: GPL-3.0-or-later
#include "smalldisk.h"
#include "ui/shell/statefile.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

using namespace restante;
using namespace Qt::Literals::StringLiterals;

class TestStateFile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = m_folder->filePath(u"window.ini"_s);
    }

    void what_was_committed_is_read_again()
    {
        QVERIFY(write(u"one"_s));
        QVERIFY(write(u"two"_s));
        const QSettings read(m_path, QSettings::IniFormat);
        QCOMPARE(read.value("geometry"_L1).toByteArray(), QByteArray("\0\1=\n", 4));
        QCOMPARE(read.value("page/name"_L1).toString(), u"two"_s);
        QCOMPARE(read.value("page/list"_L1).toList().size(), 3);
        QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files), QStringList{u"window.ini"_s});
    }

    void on_a_full_disk_the_old_state_stays_data()
    {
        QTest::addColumn<int>("room");
        QTest::newRow("nothing fits") << 0;
        QTest::newRow("a part fits") << 40;
    }

    void on_a_full_disk_the_old_state_stays()
    {
        QFETCH(const int, room);
        QVERIFY(write(u"old"_s));
        {
            const test::SmallDisk disk{rlim_t(room)};
            const auto written = write(u"new"_s);
            QVERIFY(!written);
            QVERIFY(written.error().detail.contains(m_path));
        }
        QCOMPARE(QSettings(m_path, QSettings::IniFormat).value("page/name"_L1).toString(), u"old"_s);
        QVERIFY(write(u"new"_s));
    }

    void a_draft_that_is_given_up_changes_nothing()
    {
        QVERIFY(write(u"old"_s));
        ui::StateFile(m_path).draft().setValue(u"page/name"_s, u"new"_s);
        QCOMPARE(QSettings(m_path, QSettings::IniFormat).value("page/name"_L1).toString(), u"old"_s);
        QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files), QStringList{u"window.ini"_s});
    }

private:
    Result<void> write(const QString &name) const
    {
        ui::StateFile file(m_path);
        file.draft().setValue(u"geometry"_s, QByteArray("\0\1=\n", 4));
        file.draft().beginGroup(u"page"_s);
        file.draft().setValue(u"name"_s, name);
        file.draft().setValue(u"list"_s, QVariantList{1, 2, 3});
        file.draft().setValue(u"empty"_s, QStringList());
        file.draft().endGroup();
        return file.commit();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
};

QTEST_GUILESS_MAIN(TestStateFile)
#include "tst_statefile.moc"
