// SPDX-License-Identifier: GPL-3.0-or-later
#include "files.h"
#include "telemetry/trafficfile.h"

#include <QtCore/QDateTime>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <ctime>

using namespace restante;
using namespace restante::telemetry;
using namespace Qt::Literals::StringLiterals;

namespace
{
/// The clocks here are those of another place while it lives.
class Zone
{
public:
    explicit Zone(const char *name)
        : m_before(qgetenv("TZ"))
    {
        qputenv("TZ", name);
        tzset();
    }
    ~Zone()
    {
        if (m_before.isNull())
            qunsetenv("TZ");
        else
            qputenv("TZ", m_before);
        tzset();
    }
    Q_DISABLE_COPY_MOVE(Zone)

private:
    const QByteArray m_before;
};

qint64 local(int month, int day, int hour, int minute, int second = 0)
{
    return QDateTime(QDate(2026, month, day), QTime(hour, minute, second)).toMSecsSinceEpoch();
}

Traffic in(qint64 count)
{
    Traffic traffic;
    traffic.takenIn = count;
    return traffic;
}

qint64 sum(const TrafficReport &report)
{
    Traffic all;
    for (const TrafficBucket &bucket : report.buckets)
        all += bucket.traffic;
    return all.takenIn;
}

QString clockText(const TrafficBucket &bucket)
{
    return QDateTime::fromMSecsSinceEpoch(bucket.startMs).toString(u"MM-dd hh:mm"_s);
}

constexpr qint64 MinuteMs = 60'000;
constexpr qint64 HourMs = 60 * MinuteMs;
} // namespace

class TestTraffic : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void mail_stands_in_its_minute_hour_and_day()
    {
        const Zone zone("Europe/Berlin");
        TrafficHistory history;
        const qint64 now = local(9, 20, 14, 30, 10);
        history.add({1, 2, 3, 4, 5}, now - 20'000);
        history.add({10, 0, 0, 0, 0}, now);
        const Traffic both{11, 2, 3, 4, 5};
        const auto hour = history.report(TrafficSpan::Hour, now);
        QCOMPARE(hour.buckets.size(), 60);
        QCOMPARE(hour.buckets[59].startMs, local(9, 20, 14, 30));
        QCOMPARE(hour.buckets[59].traffic, in(10));
        QCOMPARE(hour.buckets[58].traffic, (Traffic{1, 2, 3, 4, 5}));
        const auto day = history.report(TrafficSpan::Day, now);
        QCOMPARE(day.buckets.size(), 24);
        QCOMPARE(clockText(day.buckets.first()), u"09-19 15:00"_s);
        QCOMPARE(clockText(day.buckets.last()), u"09-20 14:00"_s);
        QCOMPARE(day.buckets.last().traffic, both);
        const auto month = history.report(TrafficSpan::Month, now);
        QCOMPARE(month.buckets.size(), 30);
        QCOMPARE(clockText(month.buckets.first()), u"08-22 00:00"_s);
        QCOMPARE(month.buckets.last().traffic, both);
        QCOMPARE(month.today, both);
        QCOMPARE(month.yesterday, Traffic());
    }

    void what_is_older_than_the_span_is_not_in_it()
    {
        const Zone zone("UTC");
        TrafficHistory history;
        const qint64 now = local(9, 20, 14, 30);
        history.add(in(1), now - 60 * MinuteMs);
        history.add(in(2), now - 59 * MinuteMs);
        history.add(in(4), local(9, 19, 14, 59));
        history.add(in(8), local(9, 19, 15, 0));
        history.add(in(16), local(8, 21, 23, 59));
        history.add(in(32), local(8, 22, 0, 0));
        QCOMPARE(sum(history.report(TrafficSpan::Hour, now)), 2);
        QCOMPARE(sum(history.report(TrafficSpan::Day, now)), 1 + 2 + 8);
        QCOMPARE(sum(history.report(TrafficSpan::Month, now)), 1 + 2 + 4 + 8 + 32);
        QCOMPARE(history.report(TrafficSpan::Hour, now).yesterday, in(4 + 8));
    }

    void today_begins_at_midnight_here_data()
    {
        QTest::addColumn<QByteArray>("zone");
        QTest::addColumn<int>("month");
        QTest::addColumn<int>("day");
        QTest::newRow("summer begins, 23 hours") << QByteArray("Europe/Berlin") << 3 << 29;
        QTest::newRow("summer ends, 25 hours") << QByteArray("Europe/Berlin") << 10 << 25;
        QTest::newRow("an ordinary day") << QByteArray("America/New_York") << 7 << 1;
        QTest::newRow("half an hour off") << QByteArray("Asia/Kolkata") << 7 << 1;
        QTest::newRow("a quarter of an hour off") << QByteArray("Asia/Kathmandu") << 7 << 1;
        QTest::newRow("half an hour of summer") << QByteArray("Australia/Lord_Howe") << 10 << 4;
    }
    void today_begins_at_midnight_here()
    {
        QFETCH(const QByteArray, zone);
        QFETCH(const int, month);
        QFETCH(const int, day);
        const Zone here(zone);
        TrafficHistory history;
        const qint64 evening = local(month, day, 23, 59, 59);
        history.add(in(1), local(month, day, 0, 0) - 1);
        history.add(in(2), local(month, day, 0, 0));
        history.add(in(4), local(month, day, 12, 0));
        history.add(in(8), evening);
        const auto that = history.report(TrafficSpan::Month, evening);
        QCOMPARE(that.today, in(14));
        QCOMPARE(that.yesterday, in(1));
        QCOMPARE(that.buckets[29].startMs, local(month, day, 0, 0));
        QCOMPARE(that.buckets[29].traffic, in(14));
        QCOMPARE(that.buckets[28].traffic, in(1));
        const auto next = history.report(TrafficSpan::Month, evening + 1'000);
        QCOMPARE(next.today, Traffic());
        QCOMPARE(next.yesterday, in(14));
        QCOMPARE(next.buckets[28].traffic, in(14));
        // The hours are as long as ever, and the last one is that of the clock.
        const auto hours = history.report(TrafficSpan::Day, evening);
        QCOMPARE(clockText(hours.buckets[23]).right(5), u"23:00"_s);
        for (qsizetype i = 1; i < hours.buckets.size(); ++i)
            QCOMPARE(hours.buckets[i].startMs - hours.buckets[i - 1].startMs, HourMs);
        QCOMPARE(hours.buckets[23].traffic, in(8));
    }

    void a_clock_that_jumps_breaks_nothing_and_leaves_nothing_behind()
    {
        const Zone zone("Europe/Berlin");
        TrafficHistory history;
        const qint64 now = local(9, 20, 14, 30);
        history.add(in(7), now);
        for (const qint64 wrong : {qint64(-5'000'000'000'000), qint64(0), now - 2 * HourMs, now + 2 * HourMs,
                                   qint64(4'000'000'000'000), qint64(200'000'000'000'000)}) {
            for (int i = 0; i < 20; ++i)
                history.add(in(1), wrong + i * 24 * HourMs);
            QCOMPARE(history.report(TrafficSpan::Month, wrong).buckets.size(), 30);
            QVERIFY(history.toJson().size() < 8 * 1024);
            QVERIFY(TrafficHistory::parse(history.toJson()).ok());
        }
        // It is set right: what comes from now on has its place, and takes it from those years.
        for (int i = 0; i < 31 * 24 * 60; ++i)
            history.add(in(1), now + i * MinuteMs);
        const qint64 later = now + (31 * 24 * 60 - 1) * MinuteMs;
        QCOMPARE(sum(history.report(TrafficSpan::Hour, later)), 60);
        QCOMPARE(sum(history.report(TrafficSpan::Day, later)), 23 * 60 + 30);
        QVERIFY(sum(history.report(TrafficSpan::Month, later)) >= 29 * 24 * 60);
        const QByteArray json = history.toJson();
        QVERIFY2(json.size() < 8 * 1024, qPrintable(QString::number(json.size())));
    }

    void a_jump_that_is_taken_back_keeps_the_day()
    {
        const Zone zone("Europe/Berlin");
        TrafficHistory history;
        const qint64 now = local(9, 20, 14, 30);
        history.add(in(7), now - HourMs);
        history.add(in(1), now + 3650 * 24 * HourMs);
        history.add(in(2), now);
        QCOMPARE(history.report(TrafficSpan::Day, now).today, in(9));
        QCOMPARE(sum(history.report(TrafficSpan::Day, now)), 9);
    }

    void a_history_is_written_and_read()
    {
        const Zone zone("Europe/Berlin");
        TrafficHistory history;
        const qint64 now = local(9, 20, 14, 30);
        for (int i = 0; i < 40 * 24; ++i)
            history.add({i, 9'000'000'000, 0, 1, i}, now - i * HourMs);
        const auto again = TrafficHistory::parse(history.toJson());
        QVERIFY(again);
        for (const auto span : {TrafficSpan::Hour, TrafficSpan::Day, TrafficSpan::Month})
            QCOMPARE(again->report(span, now), history.report(span, now));
    }

    void a_file_that_cannot_be_used_is_set_aside_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("no JSON") << QByteArray("\0\0\0\0", 4);
        QTest::newRow("cut") << QByteArray(R"({"version":1,"minutes":[[1,2,3,4)");
        QTest::newRow("another version") << QByteArray(R"({"version":2,"minutes":[],"quarters":[],"days":[]})");
        QTest::newRow("a part is missing") << QByteArray(R"({"version":1,"minutes":[],"quarters":[]})");
        QTest::newRow("too few") << QByteArray(R"({"version":1,"minutes":[[1,2,3,4,5]],"quarters":[],"days":[]})");
        QTest::newRow("below nothing") << QByteArray(
            R"({"version":1,"minutes":[[1,-2,3,4,5,6]],"quarters":[],"days":[]})");
        QTest::newRow("a fraction") << QByteArray(
            R"({"version":1,"minutes":[[1,0.5,3,4,5,6]],"quarters":[],"days":[]})");
        QTest::newRow("too much") << QByteArray(
            R"({"version":1,"minutes":[[1,1e300,3,4,5,6]],"quarters":[],"days":[]})");
        QTest::newRow("a text") << QByteArray(R"({"version":1,"minutes":[["1",2,3,4,5,6]],"quarters":[],"days":[]})");
        QTest::newRow("twice") << QByteArray(
            R"({"version":1,"minutes":[],"quarters":[],"days":[[1,2,3,4,5,6],[1,2,3,4,5,6]]})");
        QTest::newRow("too many") << "{\"version\":1,\"minutes\":[" + QByteArray("[1,2,3,4,5,6],").repeated(60) +
                                         "[1,2,3,4,5,6]],\"quarters\":[],\"days\":[]}";
        QTest::newRow("far too large") << QByteArray(200'000, ' ');
    }
    void a_file_that_cannot_be_used_is_set_aside()
    {
        QFETCH(const QByteArray, content);
        const QTemporaryDir folder;
        const QString path = folder.filePath(u"traffic.json"_s);
        test::write(path, content);
        test::write(path + u".damaged"_s, "an older one");
        TrafficFile file(folder.path());
        const auto loaded = file.load();
        QVERIFY2(loaded.trouble.contains(path) && loaded.trouble.contains(u"traffic.json.damaged"_s),
                 qPrintable(loaded.trouble));
        QCOMPARE(test::read(path + u".damaged"_s), content);
        QCOMPARE(test::namesIn(folder.path()), QStringList{u"traffic.json.damaged"_s});
        TrafficHistory history = loaded.history;
        QCOMPARE(sum(history.report(TrafficSpan::Month, 1'790'000'000'000)), 0);
        history.add(in(3), 1'790'000'000'000);
        QVERIFY(file.save(history.toJson()));
        QCOMPARE(file.load().trouble, QString());
    }

    void what_is_no_file_stops_nothing()
    {
        const QTemporaryDir folder;
        QVERIFY(QDir(folder.path()).mkdir(u"traffic.json"_s));
        QVERIFY(TrafficFile(folder.path()).load().trouble.contains(u"folder"_s));
    }

    void a_folder_begins_without_a_file_and_keeps_what_is_saved()
    {
        const QTemporaryDir folder;
        TrafficFile file(folder.path());
        QCOMPARE(file.load().trouble, QString());
        TrafficHistory history;
        history.add(in(3), 1'790'000'000'000);
        QVERIFY(file.save(history.toJson()));
        QCOMPARE(QFile::permissions(folder.filePath(u"traffic.json"_s)), test::OwnerOnly);
        QCOMPARE(TrafficFile(folder.path()).load().history.report(TrafficSpan::Day, 1'790'000'000'000).today, in(3));
    }

    void what_took_the_place_of_the_folder_is_left_alone()
    {
        const QTemporaryDir outer;
        const QString path = outer.filePath(u"data"_s);
        QVERIFY(QDir().mkdir(path));
        TrafficFile file(path);
        QVERIFY(QDir().rename(path, outer.filePath(u"moved"_s)));
        QVERIFY(QDir().mkdir(path));
        const auto saved = file.save(TrafficHistory().toJson());
        QVERIFY(!saved && saved.error().detail.contains(u"moved"_s));
        QVERIFY(test::namesIn(path).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestTraffic)
#include "tst_traffic.moc"
