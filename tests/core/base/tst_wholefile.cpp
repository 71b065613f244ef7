// SPDX-License-Identifier: GPL-3.0-or-later
// Files that appear whole or not at all, and what is said if that fails.
#include "base/linesfile.h"
#include "base/ondisk.h"
#include "base/wholefile.h"
#include "smalldisk.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

using namespace restante;
using namespace restante::base;
using namespace Qt::Literals::StringLiterals;

class WholeFileTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = m_folder->filePath(u"file"_s);
    }

    void it_appears_at_the_end_for_its_owner_alone()
    {
        WholeFile file(m_path);
        QVERIFY(file.open());
        QVERIFY(file.write("new"));
        QVERIFY(!QFile::exists(m_path));
        QVERIFY(file.commit());
        QCOMPARE(content(), "new");
        struct stat status {
        };
        QCOMPARE(::stat(QFile::encodeName(m_path).constData(), &status), 0);
        QCOMPARE(status.st_mode & 07777, mode_t(S_IRUSR | S_IWUSR));
    }

    void on_a_full_disk_the_old_file_stays_data()
    {
        QTest::addColumn<bool>("unbuffered");
        QTest::addColumn<int>("room");
        QTest::addColumn<int>("size");
        for (const bool unbuffered : {false, true}) {
            const char *kind = unbuffered ? "unbuffered" : "buffered";
            QTest::addRow("%s, nothing fits", kind) << unbuffered << 0 << 3; // all in the last write
            QTest::addRow("%s, a part fits", kind) << unbuffered << 10'000 << 100'000;
            QTest::addRow("%s, a part of what waits in memory fits", kind) << unbuffered << 10'000 << 12'000;
        }
    }

    void on_a_full_disk_the_old_file_stays()
    {
        QFETCH(const bool, unbuffered);
        QFETCH(const int, room);
        QFETCH(const int, size);
        QVERIFY(WholeFile::write(m_path, "old"));
        Result<void> written;
        {
            const test::SmallDisk disk{rlim_t(room)};
            written = WholeFile::write(m_path, QByteArray(size, 'x'),
                                       unbuffered ? WholeFile::Buffer::Unbuffered : WholeFile::Buffer::Buffered);
        }
        QVERIFY(!written);
        QCOMPARE(written.error().code, Errc::Io);
        QVERIFY2(written.error().detail.startsWith(m_path + u" cannot be written: "_s),
                 qPrintable(written.error().detail));
        QVERIFY2(written.error().detail.contains(qt_error_string(EFBIG)), qPrintable(written.error().detail));
        QCOMPARE(content(), "old");
        QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files), QStringList{u"file"_s});
    }

    void lines_that_did_not_reach_a_full_disk_are_no_success()
    {
        LinesFile lines(m_path);
        {
            const test::SmallDisk disk(0);
            QVERIFY(lines.open());
            for (int i = 0; i < 3; ++i)
                QVERIFY(lines.add("{\"small\":1}")); // still in memory
            const auto done = lines.commit();
            QVERIFY(!done);
            QCOMPARE(done.error().code, Errc::Io);
        }
        QVERIFY(QDir(m_folder->path()).isEmpty());
    }

    void the_reason_is_known_when_lines_in_memory_fit_only_in_part()
    {
        LinesFile lines(m_path);
        const test::SmallDisk disk(10'000);
        QVERIFY(lines.open());
        Result<void> added;
        for (int i = 0; i < 1'000 && added; ++i)
            added = lines.add(QByteArray(100, 'x'));
        QVERIFY(!added);
        QVERIFY2(added.error().detail.contains(qt_error_string(EFBIG)), qPrintable(added.error().detail));
    }

    void a_device_is_not_replaced()
    {
        const auto written = WholeFile::write(u"/dev/full"_s, "x");
        QVERIFY(!written);
        QVERIFY(written.error().detail.contains(u"/dev/full"));
        struct stat status {
        };
        QCOMPARE(::stat("/dev/full", &status), 0);
        QVERIFY(S_ISCHR(status.st_mode));
    }

    void a_folder_that_is_missing_is_named()
    {
        QVERIFY(WholeFile::write(m_folder->filePath(u"missing/file"_s), "x").error().detail.contains(u"missing/file"));
        QVERIFY(syncFolder(m_folder->path()));
        QCOMPARE(syncFolder(m_folder->filePath(u"missing"_s)).error().code, Errc::Io);
    }

    void a_file_of_another_user_is_named_with_its_owner_and_the_way_out()
    {
        QString foreign = u"/etc/shadow"_s;
        const bool root = ::geteuid() == 0;
        if (root) { // to root nothing is closed: another user looks
            QVERIFY(WholeFile::write(m_path, "root's"));
            QVERIFY(QFile::setPermissions(m_folder->path(), QFile::Permissions(0x7755)));
            foreign = m_path;
            constexpr uid_t nobody = 65'534;
            QCOMPARE(::seteuid(nobody), 0);
        }
        const Error error = fileError(foreign, "read"_L1, u"Permission denied"_s);
        if (root)
            QCOMPARE(::seteuid(0), 0);
        QVERIFY(error.detail.startsWith(foreign + u" cannot be read: Permission denied; "_s));
        QVERIFY2(error.detail.contains(u"belongs to root") && error.detail.contains(u"chown"),
                 qPrintable(error.detail));
        QCOMPARE(ownerHint(m_folder->filePath(u"mine"_s)), QString());
    }

private:
    QByteArray content() const
    {
        QFile file(m_path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
};

QTEST_GUILESS_MAIN(WholeFileTest)
#include "tst_wholefile.moc"
