// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakeclock.h"
#include "files.h"
#include "trafficwatch.h"

#include <QtCore/QDateTime>
#include <QtCore/QRegularExpression>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

using namespace restante;
using app::TrafficWatch;
using telemetry::Traffic;
using telemetry::TrafficSpan;
using namespace Qt::Literals::StringLiterals;

namespace
{
constexpr qint64 MinuteMs = 60'000;

Traffic in(qint64 count)
{
    Traffic traffic;
    traffic.takenIn = count;
    return traffic;
}

qint64 local(int day, int hour, int minute, int second)
{
    return QDateTime(QDate(2026, 9, day), QTime(hour, minute, second)).toMSecsSinceEpoch();
}
} // namespace

class TestTrafficWatch : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_counted = {};
        m_clock.setWall(local(20, 14, 30, 0));
    }

    void what_came_since_the_last_look_is_of_its_minute()
    {
        const auto watch = open();
        m_counted = {1, 2, 3, 4, 5};
        m_clock.advance(MinuteMs); // the look at the end of that minute
        const auto report = watch->report(TrafficSpan::Hour);
        QCOMPARE(report.buckets[58].traffic, m_counted);
        QCOMPARE(report.buckets[59].traffic, Traffic());
        QCOMPARE(report.today, m_counted);
        m_clock.advance(1'000);
        QCOMPARE(watch->report(TrafficSpan::Hour).buckets[58].traffic, m_counted); // not twice
    }

    void what_came_before_midnight_is_yesterdays()
    {
        m_clock.setWall(local(20, 23, 59, 0));
        const auto watch = open();
        m_counted = in(5);
        m_clock.setWall(local(21, 0, 0, 0));
        QCOMPARE(watch->report(TrafficSpan::Day).today, Traffic());
        QCOMPARE(watch->report(TrafficSpan::Day).yesterday, in(5));
        m_counted = in(7);
        QCOMPARE(watch->report(TrafficSpan::Day).today, in(2));
    }

    void what_came_after_a_night_asleep_is_of_the_morning()
    {
        m_clock.setWall(local(20, 22, 0, 0));
        const auto watch = open();
        m_counted = in(5);
        m_clock.setWall(local(21, 8, 0, 30));
        QCOMPARE(watch->report(TrafficSpan::Day).today, in(5));
    }

    void a_clock_that_is_set_back_is_followed()
    {
        const auto watch = open();
        m_counted = in(5);
        m_clock.setWall(local(19, 8, 0, 0));
        QCOMPARE(watch->report(TrafficSpan::Hour).buckets[59].traffic, in(5));
    }

    void figures_that_seem_to_go_back_are_counted_once()
    {
        const auto watch = open();
        for (const qint64 collected : {10, 6, 10, 12}) { // as two counters read one after the other may show
            m_counted.collected = collected;
            watch->report(TrafficSpan::Day);
        }
        QCOMPARE(watch->report(TrafficSpan::Day).today.collected, 12);
    }

    void an_end_keeps_all_of_it()
    {
        open();
        QVERIFY(test::namesIn(m_folder->path()).isEmpty()); // nothing came: nothing is written
        auto watch = open();
        m_counted = in(5);
        watch.reset();
        m_counted = {};
        watch = open();
        QCOMPARE(watch->report(TrafficSpan::Day).today, in(5));
        m_counted = in(2); // since this start
        QCOMPARE(watch->report(TrafficSpan::Day).today, in(7));
    }

    void who_is_killed_loses_the_last_minute_at_most()
    {
        m_clock.setWall(local(20, 14, 30, 0) - 1); // the minute is over in a moment
        const auto watch = open();
        m_counted = in(5);
        QTRY_VERIFY(QFile::exists(file()));
        const QTemporaryDir copy; // as it would be found after a kill
        QVERIFY(QFile::copy(file(), copy.filePath(u"traffic.json"_s)));
        TrafficWatch again(copy.path(), m_clock, [] { return Traffic(); });
        QCOMPARE(again.report(TrafficSpan::Day).today, in(5));
    }

    void a_disk_that_refuses_is_logged_once_and_tried_again()
    {
        m_clock.setWall(local(20, 14, 30, 0) - 1);
        const auto watch = open();
        QVERIFY(QDir(m_folder->path()).mkdir(u"traffic.json"_s));
        int failures = 0;
        int mended = 0;
        static int *failed = nullptr;
        static int *worked = nullptr;
        failed = &failures;
        worked = &mended;
        const auto before = qInstallMessageHandler([](QtMsgType, const QMessageLogContext &, const QString &text) {
            *failed += text.contains(u"cannot be kept"_s) ? 1 : 0;
            *worked += text.contains(u"kept again"_s) ? 1 : 0;
        });
        m_counted = in(5);
        QTRY_COMPARE(failures, 1);
        m_counted = in(6);
        QVERIFY(QDir().rmdir(file()));
        QTRY_COMPARE(mended, 1);
        qInstallMessageHandler(before);
        QCOMPARE(failures, 1);
        QVERIFY(QFileInfo(file()).isFile());
    }

    void a_damaged_file_is_told()
    {
        test::write(file(), "{");
        const auto watch = open();
        QVERIFY2(watch->trouble().contains(u"traffic.json.damaged"_s), qPrintable(watch->trouble()));
        QCOMPARE(watch->report(TrafficSpan::Day).today, Traffic());
    }

private:
    std::unique_ptr<TrafficWatch> open()
    {
        return std::make_unique<TrafficWatch>(m_folder->path(), m_clock, [this] { return m_counted; });
    }
    QString file() const { return m_folder->filePath(u"traffic.json"_s); }

    test::FakeClock m_clock;
    std::unique_ptr<QTemporaryDir> m_folder;
    Traffic m_counted;
};

QTEST_GUILESS_MAIN(TestTrafficWatch)
#include "tst_trafficwatch.moc"
