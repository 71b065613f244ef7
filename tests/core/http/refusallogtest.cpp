// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/refusallog.h"
#include "fakeclock.h"
#include "telemetry/logging.h"

#include <QtTest/QTest>

using namespace restante;
using http::RefusalLog;

namespace
{
QStringList written;

void keep(QtMsgType, const QMessageLogContext &, const QString &text)
{
    written.append(text);
}

const Error Refusal{Errc::NotServed, QStringLiteral("No mail is held for it"), 0};
} // namespace

class TestRefusalLog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        written.clear();
        m_before = qInstallMessageHandler(keep);
    }
    void cleanup() { qInstallMessageHandler(m_before); }

    void the_first_of_a_kind_and_name_is_written_and_the_others_are_counted();
    void a_minute_later_it_begins_anew();
    void names_without_end_write_no_lines_without_end();
    void the_rest_is_told_at_the_end();

private:
    test::FakeClock m_clock;
    QtMessageHandler m_before = nullptr;
};

void TestRefusalLog::the_first_of_a_kind_and_name_is_written_and_the_others_are_counted()
{
    RefusalLog log(m_clock, lcRelay);
    for (int i = 0; i < 5; ++i)
        log.note("send_relay of a.example", Refusal);
    QCOMPARE(written, QStringList{QStringLiteral(
                          "Answered 403 M_FORBIDDEN to send_relay of a.example: No mail is held for it")});
    log.note("send_relay of b.example", Refusal);
    log.note("relay_txn of a.example", Refusal);
    log.note(400, "The request is not HTTP");
    QCOMPARE(written.size(), 4);
    QCOMPARE(written.last(), QStringLiteral("Answered 400 to a request: The request is not HTTP"));
    log.tell();
    QCOMPARE(written.size(), 5);
    QVERIFY(
        written.last().endsWith(QStringLiteral("to send_relay of a.example: No mail is held for it (4 more times)")));
}

void TestRefusalLog::a_minute_later_it_begins_anew()
{
    RefusalLog log(m_clock, lcRelay);
    log.note("send_relay of a.example", Refusal);
    m_clock.advance(RefusalLog::StretchMs - 1);
    log.note("send_relay of a.example", Refusal);
    QCOMPARE(written.size(), 1);
    m_clock.advance(1);
    log.note("send_relay of a.example", Refusal);
    QCOMPARE(written.size(), 3); // how many there were, and the first of the next minute
    QVERIFY(written[1].endsWith(QStringLiteral("(1 more times)")));
}

void TestRefusalLog::names_without_end_write_no_lines_without_end()
{
    RefusalLog log(m_clock, lcRelay);
    for (int i = 0; i < 1'000; ++i)
        log.note("send_relay of " + QByteArray::number(i), Refusal);
    QCOMPARE(written.size(), RefusalLog::MostAtOnce);
    log.tell();
    QCOMPARE(written.size(), RefusalLog::MostAtOnce + 1);
    QCOMPARE(written.last(),
             QStringLiteral("Refused %1 more requests, of other names and kinds").arg(1'000 - RefusalLog::MostAtOnce));
}

void TestRefusalLog::the_rest_is_told_at_the_end()
{
    {
        RefusalLog log(m_clock, lcNode);
        log.note("send_relay of a.example", Refusal);
        log.note("send_relay of a.example", Refusal);
    }
    QCOMPARE(written.size(), 2);
}

QTEST_GUILESS_MAIN(TestRefusalLog)
#include "refusallogtest.moc"
