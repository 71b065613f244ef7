// SPDX-License-Identifier: GPL-3.0-or-later
// Whether mail for a server that is fronted is held or passed on (PROTOCOL 6.5).
#include "fakeclock.h"
#include "relay/doorboard.h"

#include <QtTest/QTest>

#include <algorithm>
#include <limits>
#include <memory>

using namespace restante;
using relay::DoorBoard;
using test::FakeClock;

class TestDoorBoard : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_board = std::make_unique<DoorBoard>(m_clock);
        m_board->setServers({m_b, m_other});
    }

    void mail_is_held_unless_a_lease_says_otherwise()
    {
        QVERIFY(!m_board->upstream(m_b));
        QVERIFY(grant());
        QCOMPARE(m_board->upstream(m_b), std::optional(m_home));
        QVERIFY(!m_board->upstream(m_other));
    }

    void since_when_a_door_holds_or_passes_on_is_told()
    {
        const qint64 startMs = m_clock.wallMs();
        const auto door = [this] {
            const auto doors = m_board->list();
            const auto found =
                std::find_if(doors.begin(), doors.end(), [this](const auto &d) { return d.server == m_b; });
            return found == doors.end() ? relay::DoorState() : *found;
        };
        QCOMPARE(m_board->list().size(), 2);
        QVERIFY((door() == relay::DoorState{m_b, false, {}, startMs}));
        m_clock.advance(10);
        QVERIFY(grant(1'000));
        m_clock.advance(500);
        QVERIFY(grant(1'000)); // renewed: it is open since before
        QVERIFY((door() == relay::DoorState{m_b, true, m_home, startMs + 10}));
        m_clock.advance(5'000); // its time ran out
        QVERIFY((door() == relay::DoorState{m_b, false, {}, startMs + 1'510}));
        QVERIFY(m_board->beginHold(m_b)); // which changes nothing
        m_board->endHold(m_b);
        QVERIFY((door() == relay::DoorState{m_b, false, {}, startMs + 1'510}));
        QVERIFY(grant(1'000));
        m_clock.advance(7);
        m_board->revoke(m_b);
        m_clock.advance(7);
        QVERIFY((door() == relay::DoorState{m_b, false, {}, m_clock.wallMs() - 7}));
    }

    void a_lease_ends_after_its_time()
    {
        QVERIFY(grant(1'000));
        m_clock.advance(999);
        QVERIFY(m_board->upstream(m_b));
        m_clock.advance(1);
        QVERIFY(!m_board->upstream(m_b));
    }

    void a_lease_is_renewed_before_it_ends()
    {
        QVERIFY(grant(1'000));
        m_clock.advance(900);
        QVERIFY(grant(1'000));
        m_clock.advance(900);
        QVERIFY(m_board->upstream(m_b));
    }

    void no_lease_is_longer_than_two_minutes()
    {
        QVERIFY(grant(std::numeric_limits<qint64>::max()));
        m_clock.advance(DoorBoard::MostLeaseMs - 1);
        QVERIFY(m_board->upstream(m_b));
        m_clock.advance(1);
        QVERIFY(!m_board->upstream(m_b));
    }

    void a_clock_that_is_set_ends_no_lease()
    {
        QVERIFY(grant());
        m_clock.setWall(m_clock.wallMs() + 86'400'000);
        QVERIFY(m_board->upstream(m_b));
    }

    void the_first_mail_that_is_held_ends_a_lease()
    {
        QVERIFY(grant());
        QVERIFY(m_board->beginHold(m_b));
        QVERIFY(!m_board->upstream(m_b));
        m_board->endHold(m_b);
        QVERIFY(!m_board->upstream(m_b));
    }

    void no_lease_is_granted_while_mail_is_being_stored()
    {
        QVERIFY(m_board->beginHold(m_b));
        QVERIFY(m_board->beginHold(m_b));
        QVERIFY(!grant());
        m_board->endHold(m_b);
        QVERIFY(!grant());
        m_board->endHold(m_b);
        QVERIFY(!m_board->upstream(m_b));
        QVERIFY(grant());
    }

    void mail_that_was_stored_since_somebody_looked_refuses_a_lease()
    {
        const quint64 seen = m_board->holds(m_b);
        QVERIFY(m_board->beginHold(m_b));
        m_board->endHold(m_b);
        QVERIFY(!m_board->grant(m_b, m_home, 60'000, seen));
        QVERIFY(!m_board->upstream(m_b));
        QVERIFY(grant());
    }

    void mail_of_another_server_has_nothing_to_do_with_it()
    {
        QVERIFY(m_board->beginHold(m_other));
        QVERIFY(grant());
        QVERIFY(!m_board->grant(m_other, m_home, 60'000, m_board->holds(m_other)));
        QVERIFY(m_board->upstream(m_b));
    }

    void a_lease_that_is_given_back_has_ended()
    {
        QVERIFY(grant());
        m_board->revoke(m_b);
        QVERIFY(!m_board->upstream(m_b));
    }

    void nothing_is_kept_of_a_server_that_is_not_fronted()
    {
        const auto stranger = *matrix::ServerName::parse("c.example");
        QVERIFY(!m_board->grant(stranger, m_home, 60'000, m_board->holds(stranger)));
        QVERIFY(!m_board->beginHold(stranger));
        m_board->endHold(stranger);
        m_board->revoke(stranger);
        m_board->setDocument(stranger, "{}", m_clock.wallMs() + 1'000);
        QVERIFY(m_board->document(stranger).isEmpty());
        m_board->setServers({m_b, m_other, stranger});
        QVERIFY(m_board->document(stranger).isEmpty());
        QVERIFY(!m_board->upstream(stranger));
    }

    void a_change_of_the_settings_ends_the_leases_of_those_that_go()
    {
        QVERIFY(grant());
        QVERIFY(m_board->grant(m_other, m_home, 60'000, m_board->holds(m_other)));
        m_board->setServers({m_b});
        QVERIFY(m_board->upstream(m_b));
        QVERIFY(!m_board->upstream(m_other));
        m_board->setServers({m_b, m_other});
        QVERIFY(!m_board->upstream(m_other));
    }

    void mail_that_was_being_stored_for_one_that_went_and_came_again_does_no_harm()
    {
        QVERIFY(m_board->beginHold(m_b));
        m_board->setServers({m_other});
        m_board->setServers({m_b, m_other});
        m_board->endHold(m_b);
        QVERIFY(m_board->beginHold(m_b));
        QVERIFY(!grant());
    }

    void a_key_document_is_given_while_it_is_valid()
    {
        m_board->setDocument(m_b, "{}", m_clock.wallMs() + 1'000);
        QCOMPARE(m_board->document(m_b), "{}");
        QVERIFY(m_board->document(m_other).isEmpty());
        m_clock.advance(1'000);
        QVERIFY(m_board->document(m_b).isEmpty());
    }

private:
    bool grant(qint64 ms = 60'000) { return m_board->grant(m_b, m_home, ms, m_board->holds(m_b)); }

    FakeClock m_clock;
    const matrix::ServerName m_b = *matrix::ServerName::parse("b.example");
    const matrix::ServerName m_other = *matrix::ServerName::parse("other.example");
    const matrix::ServerName m_home = *matrix::ServerName::parse("198.51.100.7:8448");
    std::unique_ptr<DoorBoard> m_board;
};

QTEST_GUILESS_MAIN(TestDoorBoard)
#include "tst_doorboard.moc"
