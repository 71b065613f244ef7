// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakeclock.h"
#include "relay/freshness.h"

#include <QtTest/QTest>

using namespace restante;
using namespace restante::test;
using relay::FreshnessBook;
using relay::Stamp;

class TestFreshness : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void a_stamp_counts_once();
    void a_stamp_counts_within_ten_minutes_data();
    void a_stamp_counts_within_ten_minutes();
    void requests_without_a_stamp_count_until_the_name_has_used_one();
    void a_setting_requires_stamps_from_everybody();
    void a_restart_does_not_reopen_the_window_data();
    void a_restart_does_not_reopen_the_window();
    void a_clock_that_was_once_ahead_counts_against_its_owner_only_until_that_time();
    void what_was_ahead_and_not_written_down_is_refused_after_a_restart();
    void a_clock_that_was_a_day_off_does_not_keep_names_out_for_a_day();
    void a_clock_that_is_ahead_is_written_down_at_most_once_a_minute_data();
    void a_clock_that_is_ahead_is_written_down_at_most_once_a_minute();
    void after_a_restart_a_name_is_asked_for_stamps();
    void a_jump_of_the_clock_does_not_reopen_the_window_data();
    void a_jump_of_the_clock_does_not_reopen_the_window();
    void what_a_name_forgets_is_refused_as_too_old();
    void nonces_of_one_name_are_not_at_the_expense_of_another();
    void nonces_are_forgotten_when_their_time_is_over();
    void too_many_names_keep_out_neither_served_ones_nor_those_with_mail();
    void a_name_is_given_up_only_when_its_stamps_count_no_more();

private:
    /// "" if it counts, else the words of the refusal.
    QString take(const QByteArray &name, const std::optional<Stamp> &stamp, bool required = false)
    {
        const auto origin = *matrix::ServerName::parse(name);
        const auto fresh = m_book->take({origin, stamp, required, false, {}});
        if (fresh && *fresh) {
            m_kept.insert(origin, (*fresh)->latestTs);
            ++m_writes;
        }
        return fresh ? QString() : fresh.error().detail;
    }
    Stamp now(const QByteArray &nonce) const { return {m_clock.wallMs(), nonce}; }
    void restart()
    {
        m_book = std::make_unique<FreshnessBook>(m_clock);
        std::vector<queue::FreshName> names;
        for (auto name = m_kept.cbegin(); name != m_kept.cend(); ++name)
            names.push_back({name.key(), name.value()});
        m_book->load(names);
    }

    FakeClock m_clock;
    QHash<matrix::ServerName, qint64> m_kept; ///< what survives a restart
    int m_writes = 0;
    std::unique_ptr<FreshnessBook> m_book;
};

void TestFreshness::init()
{
    m_kept.clear();
    m_writes = 0;
    m_book = std::make_unique<FreshnessBook>(m_clock);
}

void TestFreshness::a_stamp_counts_once()
{
    const Stamp stamp = now("1");
    QCOMPARE(take("a.example", stamp), QString());
    QVERIFY(take("a.example", stamp).contains(u"has come before"));
    QVERIFY(take("a.example", {{stamp.ts + 1, "1"}}).contains(u"has come before"));
    QCOMPARE(take("a.example", {{stamp.ts, "2"}}), QString());
    QCOMPARE(take("b.example", stamp), QString()); // another's nonces are his own
}

void TestFreshness::a_stamp_counts_within_ten_minutes_data()
{
    QTest::addColumn<qint64>("offMs");
    QTest::addColumn<QString>("refusal");
    QTest::newRow("now") << qint64(0) << QString();
    QTest::newRow("ten minutes behind") << qint64(-600'000) << QString();
    QTest::newRow("ten minutes ahead") << qint64(600'000) << QString();
    QTest::newRow("more behind") << qint64(-600'001) << QStringLiteral("made 10 minutes ago");
    QTest::newRow("more ahead") << qint64(600'001) << QStringLiteral("dated 10 minutes ahead");
    QTest::newRow("three hours behind") << qint64(-10'800'000) << QStringLiteral("made 3 hours ago");
    QTest::newRow("days ahead") << qint64(864'000'000) << QStringLiteral("dated 10 days ahead");
    QTest::newRow("never") << -m_clock.wallMs() << QStringLiteral("days ago");
}

void TestFreshness::a_stamp_counts_within_ten_minutes()
{
    QFETCH(const qint64, offMs);
    QFETCH(const QString, refusal);
    const QString told = take("a.example", {{m_clock.wallMs() + offMs, "1"}});
    QVERIFY2(refusal.isEmpty() ? told.isEmpty() : told.contains(refusal), qPrintable(told));
    QVERIFY(refusal.isEmpty() || m_book->names() == 0);
}

void TestFreshness::requests_without_a_stamp_count_until_the_name_has_used_one()
{
    QCOMPARE(take("a.example", {}), QString());
    QCOMPARE(take("a.example", now("1")), QString());
    QVERIFY(take("a.example", {}).contains(u"ts and nonce"));
    QCOMPARE(take("b.example", {}), QString());
}

void TestFreshness::a_setting_requires_stamps_from_everybody()
{
    QVERIFY(take("a.example", {}, true).contains(u"ts and nonce"));
    QCOMPARE(take("a.example", now("1"), true), QString());
}

void TestFreshness::a_restart_does_not_reopen_the_window_data()
{
    QTest::addColumn<qint64>("aheadMs"); // of the caller's clock
    QTest::newRow("clocks agree") << qint64(0);
    QTest::newRow("behind") << qint64(-300'000);
    QTest::newRow("a little ahead") << qint64(3);
    QTest::newRow("ahead by what is not written down each time") << qint64(5'000);
    QTest::newRow("ahead by more") << qint64(5'001);
    QTest::newRow("ahead") << qint64(300'000);
}

void TestFreshness::a_restart_does_not_reopen_the_window()
{
    QFETCH(const qint64, aheadMs);
    const Stamp recorded{m_clock.wallMs() + aheadMs, "1"};
    QCOMPARE(take("a.example", recorded), QString());
    m_clock.advance(1'000);
    restart();
    for (int seconds = 0; seconds < 1'300; ++seconds) {
        QVERIFY(!take("a.example", recorded).isEmpty());
        m_clock.advance(1'000);
    }
    restart();
    m_clock.advance(1);
    // The owner itself waits no longer than its clock is behind, and not at all with the relay's time.
    QCOMPARE(take("a.example", {{m_clock.wallMs() + std::max<qint64>(aheadMs, 0) + 5'000, "2"}}), QString());
}

void TestFreshness::a_clock_that_was_once_ahead_counts_against_its_owner_only_until_that_time()
{
    const Stamp recorded{m_clock.wallMs() + 540'000, "1"};
    QCOMPARE(take("a.example", recorded), QString());
    m_clock.advance(1'000);
    QCOMPARE(take("a.example", now("2")), QString()); // set right since
    restart();
    const QString told = take("a.example", now("3"));
    QVERIFY2(told.contains(u"with this time or a later one") && told.contains(u"wait "), qPrintable(told));
    m_clock.advance(600'000);
    QVERIFY(!take("a.example", recorded).isEmpty());
    QCOMPARE(take("a.example", now("4")), QString());
    restart();
    QVERIFY(!take("a.example", recorded).isEmpty());
    m_clock.advance(5'001);
    QCOMPARE(take("a.example", now("5")), QString());
    QVERIFY(!take("a.example", recorded).isEmpty());
}

void TestFreshness::what_was_ahead_and_not_written_down_is_refused_after_a_restart()
{
    QCOMPARE(take("a.example", {{m_clock.wallMs() + 3, "1"}}), QString());
    m_clock.advance(1'000);
    const Stamp recorded{m_clock.wallMs() + 5'000, "2"};
    QCOMPARE(take("a.example", recorded), QString());
    QCOMPARE(m_writes, 1);
    restart();
    QVERIFY(!take("a.example", recorded).isEmpty());
    m_clock.advance(5'001);
    QVERIFY(!take("a.example", recorded).isEmpty());
    QCOMPARE(take("a.example", now("3")), QString());
}

void TestFreshness::a_clock_that_was_a_day_off_does_not_keep_names_out_for_a_day()
{
    QCOMPARE(take("a.example", {{m_clock.wallMs() + 300'000, "1"}}), QString());
    m_clock.setWall(m_clock.wallMs() - base::DayMs);
    restart();
    QVERIFY(take("a.example", now("2")).contains(u"wait "));
    m_clock.advance(FreshnessBook::WindowMs + 1);
    QCOMPARE(take("a.example", now("3")), QString());
}

void TestFreshness::a_clock_that_is_ahead_is_written_down_at_most_once_a_minute_data()
{
    QTest::addColumn<qint64>("aheadMs");
    QTest::addColumn<int>("mostWrites"); // in ten minutes
    QTest::newRow("clocks agree") << qint64(0) << 1;
    QTest::newRow("a little ahead") << qint64(3) << 1;
    QTest::newRow("ahead") << qint64(300'000) << 11;
}

void TestFreshness::a_clock_that_is_ahead_is_written_down_at_most_once_a_minute()
{
    QFETCH(const qint64, aheadMs);
    QFETCH(const int, mostWrites);
    Stamp last;
    for (int seconds = 0; seconds < 600; ++seconds) {
        last = {m_clock.wallMs() + aheadMs, QByteArray::number(seconds)};
        QCOMPARE(take("a.example", last), QString());
        m_clock.advance(1'000);
    }
    QVERIFY2(m_writes >= 1 && m_writes <= mostWrites, qPrintable(QString::number(m_writes)));
    restart();
    QVERIFY(!take("a.example", last).isEmpty());
}

void TestFreshness::after_a_restart_a_name_is_asked_for_stamps()
{
    QCOMPARE(take("a.example", now("1")), QString());
    restart();
    QVERIFY(take("a.example", {}).contains(u"ts and nonce"));
}

void TestFreshness::a_jump_of_the_clock_does_not_reopen_the_window_data()
{
    QTest::addColumn<qint64>("afterMs");
    QTest::addColumn<qint64>("jumpMs");
    QTest::newRow("back, when it is forgotten") << qint64(1'300'000) << qint64(-1'000'000);
    QTest::newRow("back at once") << qint64(0) << qint64(-60'000);
    QTest::newRow("ahead") << qint64(0) << qint64(60'000);
}

void TestFreshness::a_jump_of_the_clock_does_not_reopen_the_window()
{
    QFETCH(const qint64, afterMs);
    QFETCH(const qint64, jumpMs);
    const Stamp recorded = now("1");
    QCOMPARE(take("a.example", recorded), QString());
    m_clock.advance(afterMs);
    QCOMPARE(take("a.example", now("2")), QString()); // what is too old is forgotten now
    m_clock.setWall(m_clock.wallMs() + jumpMs);
    QVERIFY(!take("a.example", recorded).isEmpty());
    m_clock.advance(1);
    QCOMPARE(take("a.example", now("3")), QString());
}

void TestFreshness::what_a_name_forgets_is_refused_as_too_old()
{
    const Stamp first = now("first");
    QCOMPARE(take("a.example", first), QString());
    for (int i = 0; i < FreshnessBook::MostNonces; ++i) {
        m_clock.advance(1);
        QCOMPARE(take("a.example", now(QByteArray::number(i))), QString());
    }
    QVERIFY(m_book->nonces() <= FreshnessBook::MostNonces);
    QVERIFY(!take("a.example", first).isEmpty());
    QVERIFY(take("a.example", {{first.ts, "another"}}).contains(u"older than those"));
    QCOMPARE(take("a.example", now("new")), QString());
}

void TestFreshness::nonces_of_one_name_are_not_at_the_expense_of_another()
{
    const Stamp honest = now("honest");
    QCOMPARE(take("honest.example", honest), QString());
    for (int i = 0; i < 3 * FreshnessBook::MostNonces; ++i)
        QCOMPARE(take("busy.example", {{m_clock.wallMs() + i, QByteArray::number(i)}}), QString());
    QVERIFY(take("honest.example", honest).contains(u"has come before"));
    QCOMPARE(take("honest.example", {{honest.ts, "another"}}), QString());
}

void TestFreshness::nonces_are_forgotten_when_their_time_is_over()
{
    for (int i = 0; i < 10; ++i)
        QCOMPARE(take("a.example", now(QByteArray::number(i))), QString());
    QCOMPARE(m_book->nonces(), 10);
    m_clock.advance(FreshnessBook::WindowMs + 1);
    QCOMPARE(take("b.example", now("1")), QString());
    QCOMPARE(m_book->nonces(), 1);
    QCOMPARE(m_book->names(), 2);
}

void TestFreshness::too_many_names_keep_out_neither_served_ones_nor_those_with_mail()
{
    for (int i = 0; i < FreshnessBook::MostNames; ++i)
        QCOMPARE(take("n" + QByteArray::number(i) + ".example", now("1")), QString());
    const auto newcomer = *matrix::ServerName::parse("new.example");
    const std::optional<Stamp> stamp = now("1");
    const auto refused = m_book->take({newcomer, stamp, false, false, [] { return false; }});
    QCOMPARE(refused.error().code, Errc::Busy);
    QVERIFY(m_book->take({newcomer, stamp, false, false, [] { return true; }}).ok());
    const auto served = *matrix::ServerName::parse("served.example");
    QVERIFY(m_book->take({served, stamp, false, true, {}}).ok());
}

void TestFreshness::a_name_is_given_up_only_when_its_stamps_count_no_more()
{
    QList<matrix::ServerName> forgotten;
    m_book = std::make_unique<FreshnessBook>(m_clock, [&](const matrix::ServerName &name) { forgotten.append(name); });
    for (int i = 0; i < FreshnessBook::MostNames; ++i)
        QCOMPARE(take("n" + QByteArray::number(i) + ".example", now("1")), QString());
    m_clock.advance(2 * FreshnessBook::WindowMs - 1);
    QVERIFY(take("late.example", now("1")).contains(u"Too many"));
    m_clock.advance(1);
    QCOMPARE(take("late.example", now("1")), QString());
    QCOMPARE(forgotten.size(), 1);
    QCOMPARE(m_book->names(), FreshnessBook::MostNames);
}

QTEST_GUILESS_MAIN(TestFreshness)
#include "tst_freshness.moc"
