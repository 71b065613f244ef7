// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakeclock.h"
#include "telemetry/logging.h"
#include "telemetry/logsink.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QScopeGuard>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <thread>
#include <vector>

using namespace restante;
using namespace restante::telemetry;
using namespace restante::test;
using namespace Qt::Literals::StringLiterals;

namespace
{
QByteArray readFile(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

constexpr auto OthersRead = QFileDevice::ReadGroup | QFileDevice::ReadOther;
} // namespace

class LogSinkTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
        m_path = m_folder->filePath(u"restante.log"_s);
        applyLogRules({});
    }

    void a_message_is_one_line_with_time_level_and_category()
    {
        const FakeClock clock(1'790'000'000'123);
        const LogSink sink(m_folder->path(), clock, false);
        qCInfo(lcQueue, "12 entries expired");
        qCWarning(lcHttp).noquote() << u"from a stranger:\r\n2026 forged\u2028line\u009bm ünïcode"_s;
        const auto lines = readFile(m_path).split('\n');
        QCOMPARE(lines.size(), 3);
        QCOMPARE(lines[0], "2026-09-21T14:13:20.123Z info restante.queue: 12 entries expired");
        QCOMPARE(lines[1], "2026-09-21T14:13:20.123Z warning restante.http: from a stranger:\\u000d\\u000a2026 "
                           "forged\\u2028line\\u009bm ünïcode");
        QCOMPARE(QFileInfo(m_path).permissions() & OthersRead, QFileDevice::Permissions());
    }

    void recent_lines_can_be_asked_for_in_steps()
    {
        const FakeClock clock;
        const LogSink sink({}, clock, false);
        qCInfo(lcApp, "one");
        qCWarning(lcUi, "two");
        auto lines = sink.recent();
        QCOMPARE(lines.size(), 2);
        QCOMPARE(lines[0].serial, quint64(1));
        QCOMPARE(lines[1].text, u"two"_s);
        QCOMPARE(lines[1].category, u"restante.ui"_s);
        QCOMPARE(lines[1].type, QtWarningMsg);
        QVERIFY(sink.recent(2).isEmpty());
        for (int i = 0; i < LogSink::RecentLines; ++i)
            qCInfo(lcApp, "line %d", i);
        lines = sink.recent();
        QCOMPARE(lines.size(), qsizetype(LogSink::RecentLines));
        QCOMPARE(lines.first().serial, quint64(3));
        QCOMPARE(sink.recent(lines.last().serial - 1).size(), 1);
    }

    void debug_lines_are_off_unless_a_rule_says_otherwise()
    {
        const FakeClock clock;
        const LogSink sink({}, clock, false);
        qCDebug(lcHttp, "quiet");
        QVERIFY(sink.recent().isEmpty());
        applyLogRules(u"restante.http.debug=true;restante.queue=false"_s);
        qCDebug(lcHttp, "loud");
        qCWarning(lcQueue, "silenced");
        QCOMPARE(sink.recent().size(), 1);
        applyLogRules({});
        qCDebug(lcHttp, "quiet again");
        QCOMPARE(sink.recent().size(), 1);
    }

    void the_files_turn_over_and_five_are_kept()
    {
        const FakeClock clock;
        const LogSink sink(m_folder->path(), clock, false, 1'000);
        for (int i = 0; i < 100; ++i)
            qCInfo(lcApp, "line %d %s", i, QByteArray(60, 'x').constData());
        const auto files = QDir(m_folder->path()).entryList(QDir::Files, QDir::Name);
        QCOMPARE(files, (QStringList{u"restante.log"_s, u"restante.log.1"_s, u"restante.log.2"_s, u"restante.log.3"_s,
                                     u"restante.log.4"_s, u"restante.log.5"_s}));
        int last = 100;
        for (const QString &file : files) {
            const auto path = m_folder->filePath(file);
            const auto text = readFile(path);
            QVERIFY(text.size() <= 1'000 && !text.isEmpty());
            QVERIFY(text.endsWith('\n'));
            QCOMPARE(QFileInfo(path).permissions() & OthersRead, QFileDevice::Permissions());
            // The newest file has the newest lines, without a gap to the next.
            const auto lines = text.chopped(1).split('\n');
            for (auto line = lines.rbegin(); line != lines.rend(); ++line)
                QVERIFY2(line->contains("line " + QByteArray::number(--last) + ' '), line->constData());
        }
    }

    void an_existing_file_is_continued_and_closed_to_others()
    {
        QFile file(m_path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("before\n");
        file.close();
        QVERIFY(file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner | OthersRead));
        const FakeClock clock;
        const LogSink sink(m_folder->path(), clock, false);
        qCInfo(lcApp, "after");
        QVERIFY(readFile(m_path).startsWith("before\n20"));
        QCOMPARE(QFileInfo(m_path).permissions() & OthersRead, QFileDevice::Permissions());
    }

    void a_full_disk_loses_lines_and_nothing_else()
    {
        // Every write to /dev/full fails as on a full disk.
        QVERIFY(QFile::link(u"/dev/full"_s, m_path));
        const auto mode = QFileInfo(u"/dev/full"_s).permissions();
        const auto restored = qScopeGuard([mode] { QFile::setPermissions(u"/dev/full"_s, mode); });
        const FakeClock clock;
        LogFile file(m_folder->path(), clock);
        file.append("one\n");
        file.append("two\n");
        QCOMPARE(file.lostLines(), quint64(2));
        QCOMPARE(QFileInfo(u"/dev/full"_s).permissions(), mode); // it belongs to the machine
    }

    void a_link_leaves_the_mode_of_its_target()
    {
        const QString target = m_folder->filePath(u"target"_s);
        QFile file(target);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QVERIFY(file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner | OthersRead));
        QVERIFY(QFile::link(target, m_path));
        const FakeClock clock;
        LogFile log(m_folder->path(), clock);
        log.append("one\n");
        QCOMPARE(readFile(target), "one\n");
        QVERIFY(QFileInfo(target).permissions() & OthersRead);
    }

    void lines_lost_are_reported_once_it_works_again()
    {
        const auto folder = m_folder->filePath(u"later"_s);
        FakeClock clock;
        LogFile file(folder, clock);
        file.append("one\n");
        QCOMPARE(file.lostLines(), quint64(1));
        QVERIFY(QDir().mkdir(folder));
        file.append("two\n"); // not tried again at once
        QCOMPARE(file.lostLines(), quint64(2));
        clock.advance(10'000);
        file.append("three\n");
        QCOMPARE(file.lostLines(), quint64(0));
        QCOMPARE(readFile(folder + u"/restante.log"_s), "(2 lines were lost)\nthree\n");
    }

    void a_file_that_was_removed_begins_anew()
    {
        FakeClock clock;
        LogFile file(m_folder->path(), clock);
        file.append("one\n");
        QVERIFY(QFile::remove(m_path));
        clock.advance(1'000);
        file.append("two\n");
        QCOMPARE(readFile(m_path), "two\n");
        // As a program that keeps the old lines does it.
        QVERIFY(QFile::rename(m_path, m_path + u".old"_s));
        clock.advance(1'000);
        file.append("three\n");
        QCOMPARE(readFile(m_path), "three\n");
        QCOMPARE(readFile(m_path + u".old"_s), "two\n");
        QCOMPARE(file.lostLines(), quint64(0));
    }

    void why_a_line_was_lost_is_told_until_one_is_written()
    {
        QVERIFY(QDir().mkdir(m_path));
        FakeClock clock;
        LogFile file(m_folder->path(), clock);
        file.look();
        QVERIFY(!file.trouble().isEmpty()); // also before there is a line to write
        file.append("one\n");
        QCOMPARE(file.lostLines(), quint64(1));
        QVERIFY(QDir().rmdir(m_path));
        file.look(); // not tried that soon
        QVERIFY(!file.trouble().isEmpty());
        clock.advance(60'000);
        file.look();
        QCOMPARE(file.trouble(), QString());
        QCOMPARE(readFile(m_path), "(1 lines were lost)\n");
    }

    void what_replaced_the_folder_gets_no_lines_and_loses_none()
    {
        const QString folder = m_folder->filePath(u"data"_s);
        const QString moved = m_folder->filePath(u"moved"_s);
        QVERIFY(QDir().mkdir(folder));
        FakeClock clock;
        LogFile file(folder, clock, 10);
        file.append("one\n");
        QVERIFY(QDir().rename(folder, moved));
        QVERIFY(QDir().mkdir(folder));
        clock.advance(1'000);
        file.append("two\n");
        LogFile other(folder, clock);
        other.append("another program's\n");
        clock.advance(1'000);
        file.append("three\n"); // does not fit
        QCOMPARE(readFile(folder + u"/restante.log"_s), "another program's\n");
        QCOMPARE(QDir(folder).entryList(QDir::Files), QStringList{u"restante.log"_s});
        QCOMPARE(readFile(moved + u"/restante.log"_s), "three\n");
        QCOMPARE(file.lostLines(), quint64(0));
    }

    void threads_may_log_at_once()
    {
        const FakeClock clock;
        const LogSink sink(m_folder->path(), clock, false, 4'000);
        std::vector<std::thread> threads;
        threads.reserve(4);
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([t] {
                for (int i = 0; i < 100; ++i)
                    qCInfo(lcRelay, "thread %d line %d", t, i);
            });
        }
        for (auto &thread : threads)
            thread.join();
        QCOMPARE(sink.recent().size(), 400);
        QCOMPARE(sink.recent().last().serial, quint64(400));
        for (const auto &line : readFile(m_path).chopped(1).split('\n'))
            QVERIFY(line.contains(" info restante.relay: thread "));
    }

    void the_handler_before_comes_back()
    {
        static int heard = 0;
        const auto before =
            qInstallMessageHandler([](QtMsgType, const QMessageLogContext &, const QString &) { ++heard; });
        {
            const FakeClock clock;
            const LogSink sink({}, clock, false);
            qCInfo(lcApp, "inside");
            QCOMPARE(heard, 0);
        }
        qCInfo(lcApp, "outside");
        qInstallMessageHandler(before);
        QCOMPARE(heard, 1);
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
};

QTEST_GUILESS_MAIN(LogSinkTest)
#include "tst_logsink.moc"
