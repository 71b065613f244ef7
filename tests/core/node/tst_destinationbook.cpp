// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakeclock.h"
#include "node/destinationbook.h"
#include "samples.h"

#include <QtTest/QTest>

using namespace restante;
using namespace restante::test;
using State = node::DestinationRow::State;

class TestDestinationBook : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_dirty = 0;
        m_book = std::make_unique<node::DestinationBook>(m_clock, [this] { ++m_dirty; });
    }

    void so_many_failures_in_a_row_count_as_offline();
    void a_clock_that_was_ahead_does_not_hide_what_came_later();
    void a_success_or_a_contact_clears_the_failures();
    void reachable_is_said_only_of_what_was_reached();
    void what_changed_is_told_once_until_it_is_taken();
    void it_goes_on_from_what_was_remembered();
    void what_was_sent_counts_on_after_a_restart();
    void rows_tell_how_each_is_doing();
    void the_number_of_offline_ones_follows_every_change();

private:
    State state() const { return m_book->rows().first().state; }

    FakeClock m_clock;
    matrix::ServerName m_name = server("b.example");
    int m_dirty = 0;
    std::unique_ptr<node::DestinationBook> m_book;
};

void TestDestinationBook::so_many_failures_in_a_row_count_as_offline()
{
    m_book->setFailuresUntilOffline(3);
    QVERIFY(!m_book->isOffline(m_name));
    QVERIFY(!m_book->noteFailure(m_name, QStringLiteral("x")));
    QVERIFY(!m_book->noteFailure(m_name, QStringLiteral("x")));
    m_book->noteDirect(m_name, true);
    QVERIFY(!m_book->noteFailure(m_name, QStringLiteral("x")));
    QVERIFY(!m_book->noteFailure(m_name, QStringLiteral("x")));
    QCOMPARE(state(), State::Failing);
    QVERIFY(m_book->noteFailure(m_name, QStringLiteral("x")));
    QVERIFY(m_book->isOffline(m_name));
    QCOMPARE(state(), State::Offline);
    QCOMPARE(m_book->offline(), 1);
}

void TestDestinationBook::a_success_or_a_contact_clears_the_failures()
{
    m_book->noteFailure(m_name, QStringLiteral("x"));
    m_book->noteFailure(m_name, QStringLiteral("x"));
    m_book->noteRelayed(m_name);
    QVERIFY(m_book->isOffline(m_name)); // a relay's success says nothing of the destination
    QVERIFY(m_book->noteContact(m_name));
    QVERIFY(!m_book->isOffline(m_name));
    QVERIFY(!m_book->noteContact(m_name));
    QVERIFY(!m_book->noteContact(server("stranger.example")));
    QCOMPARE(m_book->rows().size(), 1);
}

void TestDestinationBook::reachable_is_said_only_of_what_was_reached()
{
    m_book->noteFailure(m_name, QStringLiteral("x"));
    m_book->noteContact(m_name); // the operator has it tried again, or it sent something
    QCOMPARE(state(), State::Unknown);
    QCOMPARE(m_book->rows().first().lastSuccessMs, 0);
    m_clock.advance(1'000);
    m_book->noteDirect(m_name, true);
    QCOMPARE(state(), State::Reachable);
    m_clock.advance(1'000);
    m_book->noteFailure(m_name, QStringLiteral("x"));
    m_book->noteContact(m_name);
    QCOMPARE(state(), State::Unknown); // what worked before the failure says nothing
    m_book->noteRelayed(server("a.example"));
    QCOMPARE(state(), State::Unknown); // of a server whose first transaction a relay took
}

void TestDestinationBook::what_changed_is_told_once_until_it_is_taken()
{
    m_book->noteFailure(m_name, QStringLiteral("x"));
    m_book->noteFailure(m_name, QStringLiteral("y"));
    m_book->noteDirect(server("c.example"), true);
    QCOMPARE(m_dirty, 1);
    QCOMPARE(m_book->takeDirty().size(), size_t(2));
    QVERIFY(m_book->takeDirty().empty());
    m_book->noteFailure(m_name, QStringLiteral("z"));
    QCOMPARE(m_dirty, 2);
    const auto dirty = m_book->takeDirty();
    QCOMPARE(dirty.at(0).failures, 3);
    QCOMPARE(dirty.at(0).lastError, QStringLiteral("z"));
}

void TestDestinationBook::it_goes_on_from_what_was_remembered()
{
    m_book->load({{m_name, 2, 10, 20, QStringLiteral("gone"), 7, 8}});
    QVERIFY(m_book->isOffline(m_name));
    QCOMPARE(m_dirty, 0);
    QCOMPARE(m_book->rows().first().lastSuccessMs, 10);
    QCOMPARE(m_book->rows().first().sentDirect, 7);
    QCOMPARE(m_book->rows().first().sentByRelay, 8);
}

void TestDestinationBook::what_was_sent_counts_on_after_a_restart()
{
    m_book->noteDirect(m_name, true);
    m_book->noteFailure(m_name, QStringLiteral("x"));
    m_book->noteRelayed(m_name);
    node::DestinationBook next(m_clock, [] {});
    next.load(m_book->takeDirty());
    next.noteFailure(m_name, QStringLiteral("x"));
    next.noteRelayed(m_name);
    const auto row = next.rows().first();
    QCOMPARE(row.failures, 2);
    QCOMPARE(row.sentDirect, 1);
    QCOMPARE(row.sentByRelay, 2);
}

void TestDestinationBook::rows_tell_how_each_is_doing()
{
    m_book->noteDirect(server("z.example"), true);
    m_book->noteFailure(m_name, QStringLiteral("It does not answer"));
    m_book->noteRelayed(m_name);
    const auto rows = m_book->rows();
    QCOMPARE(rows.size(), 2);
    QCOMPARE(rows[0].destination, m_name);
    QCOMPARE(rows[0].failures, 1);
    QCOMPARE(rows[0].sentByRelay, 1);
    QCOMPARE(rows[0].lastFailureMs, m_clock.wallMs());
    QCOMPARE(rows[0].lastError, QStringLiteral("It does not answer"));
    QCOMPARE(rows[1].state, State::Reachable);
    QCOMPARE(rows[1].sentDirect, 1);
    QCOMPARE(rows[1].lastSuccessMs, m_clock.wallMs());
}

void TestDestinationBook::the_number_of_offline_ones_follows_every_change()
{
    m_book->load({{m_name, 2, 0, 0, {}}, {server("c.example"), 1, 0, 0, {}}, {server("d.example"), 5, 0, 0, {}}});
    const auto counted = [this] {
        const auto rows = m_book->rows();
        return int(
            std::count_if(rows.begin(), rows.end(), [](const auto &row) { return row.state == State::Offline; }));
    };
    const auto agree = [&](int offline) { return m_book->offline() == offline && counted() == offline; };
    QVERIFY(agree(2));
    m_book->noteFailure(server("c.example"), QStringLiteral("x"));
    QVERIFY(agree(3));
    m_book->noteFailure(server("c.example"), QStringLiteral("x"));
    QVERIFY(agree(3));
    m_book->setFailuresUntilOffline(4);
    QVERIFY(agree(1));
    m_book->setFailuresUntilOffline(1);
    QVERIFY(agree(3));
    m_book->noteDirect(server("d.example"), true);
    m_book->noteContact(server("c.example"));
    m_book->noteContact(server("c.example"));
    QVERIFY(agree(1));
    m_book->noteRelayed(m_name);
    QVERIFY(agree(1));
}

void TestDestinationBook::a_clock_that_was_ahead_does_not_hide_what_came_later()
{
    FakeClock clock;
    node::DestinationBook book(clock, [] {});
    const qint64 now = clock.wallMs();
    clock.setWall(now + 61 * base::DayMs);
    book.noteFailure(server("b.example"), QStringLiteral("No"));
    clock.setWall(now);
    book.noteDirect(server("b.example"), true);
    QCOMPARE(book.rows().first().state, State::Reachable);
    clock.setWall(now + 61 * base::DayMs);
    book.noteDirect(server("b.example"), true);
    clock.setWall(now);
    book.noteFailure(server("b.example"), QStringLiteral("No"));
    clock.advance(1);
    book.noteFailure(server("b.example"), QStringLiteral("No"));
    book.noteContact(server("b.example"));
    QCOMPARE(book.rows().first().state, State::Unknown); // its failures were forgotten, and nothing else is known
}

QTEST_GUILESS_MAIN(TestDestinationBook)
#include "tst_destinationbook.moc"
