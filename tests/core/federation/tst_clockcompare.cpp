// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/clockcompare.h"

#include <QtCore/QDateTime>
#include <QtCore/QLocale>
#include <QtCore/QRegularExpression>
#include <QtCore/QTimeZone>
#include <QtTest/QTest>

using namespace restante;
using federation::ClockCompare;

namespace
{
constexpr qint64 DayMs = qint64(24) * 3'600'000;
constexpr qint64 Now = 1'795'878'000'000; // 2026-11-28
} // namespace

class TestClockCompare : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_changes = 0;
        m_compare = std::make_unique<ClockCompare>([this] { ++m_changes; });
    }

    void a_relay_that_the_operator_named_is_believed_data();
    void a_relay_that_the_operator_named_is_believed();
    void it_takes_two_strangers();
    void the_next_one_that_agrees_ends_it();
    void what_is_no_date_says_nothing();

private:
    static QByteArray dateAt(qint64 ms)
    {
        const QDateTime time = QDateTime::fromMSecsSinceEpoch(ms, QTimeZone::utc());
        return (QLocale::c().toString(time, QStringLiteral("ddd, dd MMM yyyy HH:mm:ss")) + QStringLiteral(" GMT"))
            .toLatin1();
    }

    int m_changes = 0;
    std::unique_ptr<ClockCompare> m_compare;
};

void TestClockCompare::a_relay_that_the_operator_named_is_believed_data()
{
    QTest::addColumn<qint64>("offMs");
    QTest::addColumn<QString>("told");
    QTest::newRow("right") << qint64(0) << QString();
    QTest::newRow("hours") << DayMs - 60'000 << QString();
    QTest::newRow("hours behind") << 60'000 - DayMs << QString();
    QTest::newRow("ahead") << 3 * DayMs << QStringLiteral("seems to be 3 days ahead of that of r.example");
    QTest::newRow("a day and an hour") << DayMs + 3'600'000 << QStringLiteral("seems to be a day ahead of");
    QTest::newRow("behind") << -1000 * DayMs << QStringLiteral("seems to be 1000 days behind that of r.example");
}

void TestClockCompare::a_relay_that_the_operator_named_is_believed()
{
    QFETCH(const qint64, offMs);
    QFETCH(const QString, told);
    if (!told.isEmpty())
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(told));
    m_compare->note("r.example", dateAt(Now), true, Now + offMs);
    m_compare->note("r.example", dateAt(Now), true, Now + offMs);
    QVERIFY2(m_compare->trouble().contains(told), qPrintable(m_compare->trouble()));
    QCOMPARE(m_compare->trouble().isEmpty(), told.isEmpty());
    QCOMPARE(m_changes, told.isEmpty() ? 0 : 1);
}

void TestClockCompare::it_takes_two_strangers()
{
    m_compare->note("a.example", dateAt(Now), false, Now + 3 * DayMs);
    m_compare->note("a.example", dateAt(Now), false, Now + 3 * DayMs);
    QCOMPARE(m_compare->trouble(), QString());
    m_compare->note("b.example", dateAt(Now), false, Now - 3 * DayMs); // the two do not agree
    QCOMPARE(m_compare->trouble(), QString());
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("behind that of c.example")));
    m_compare->note("c.example", dateAt(Now), false, Now - 3 * DayMs);
    QVERIFY(!m_compare->trouble().isEmpty());
}

void TestClockCompare::the_next_one_that_agrees_ends_it()
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("ahead of")));
    m_compare->note("r.example", dateAt(Now), true, Now + 3 * DayMs);
    m_compare->note("a.example", dateAt(Now + 3 * DayMs), false, Now + 3 * DayMs);
    QCOMPARE(m_compare->trouble(), QString());
    QCOMPARE(m_changes, 2);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("ahead of")));
    m_compare->note("r.example", dateAt(Now), true, Now + 3 * DayMs);
    QCOMPARE(m_changes, 3);
}

void TestClockCompare::what_is_no_date_says_nothing()
{
    for (const char *date : {"", "yesterday", "\xff", "Sat, 99 Foo 2026"})
        m_compare->note("r.example", date, true, Now);
    QCOMPARE(m_compare->trouble(), QString());
}

QTEST_GUILESS_MAIN(TestClockCompare)
#include "tst_clockcompare.moc"
