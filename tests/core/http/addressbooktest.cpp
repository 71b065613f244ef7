// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/addressbook.h"

#include "base/addresskey.h"
#include "fakeclock.h"

#include <QtTest/QTest>

#include <vector>

using namespace restante;
using restante::http::AddressBook;
using restante::http::Limits;

class AddressBookTest : public QObject
{
    Q_OBJECT

    static Limits seats(int inAll, int perAddress)
    {
        Limits limits;
        limits.connections = inAll;
        limits.connectionsPerAddress = perAddress;
        return limits;
    }

    test::FakeClock m_clock;

private Q_SLOTS:
    void one_address_gets_its_share_and_no_more()
    {
        AddressBook book(seats(10, 2), m_clock);
        const auto first = book.enter("a", false);
        const auto second = book.enter("a", false);
        QVERIFY(first && second);
        QVERIFY(!book.enter("a", false));
        QVERIFY(book.enter("b", false));
    }

    void one_customer_does_not_get_the_share_of_each_of_its_addresses()
    {
        constexpr int ofOne = 3;
        AddressBook book(seats(1'000, ofOne), m_clock);
        std::vector<AddressBook::Seat> taken;
        const auto enterFrom = [&](int subnet56, int subnet64) {
            const QString address = QStringLiteral("2001:db8:1:%1%2::1")
                                        .arg(subnet56, 2, 16, QLatin1Char('0'))
                                        .arg(subnet64, 2, 16, QLatin1Char('0'));
            auto seat = book.enter(base::addressKey(QHostAddress(address)), false);
            if (seat)
                taken.push_back(std::move(*seat));
            return bool(seat);
        };
        int of56 = 0;
        for (int subnet = 0; subnet < 256; ++subnet)
            of56 += enterFrom(1, subnet) ? 1 : 0;
        QCOMPARE_EQ(of56, 4 * ofOne);
        int of48 = of56;
        for (int subnet = 2; subnet < 256; ++subnet)
            of48 += enterFrom(subnet, 0) ? 1 : 0;
        QCOMPARE_EQ(of48, 8 * ofOne);
        QVERIFY(book.enter(base::addressKey(QHostAddress(QStringLiteral("2001:db8:2::1"))), false));
        taken.clear();
        QCOMPARE_EQ(book.taken(), 0);
        QVERIFY(enterFrom(1, 0));
    }

    void all_addresses_together_get_the_whole_and_no_more()
    {
        AddressBook book(seats(3, 2), m_clock);
        std::vector<std::optional<AddressBook::Seat>> taken;
        for (const char *key : {"a", "b", "c"})
            taken.push_back(book.enter(key, false));
        QCOMPARE_EQ(book.taken(), 3);
        QVERIFY(!book.enter("d", false));
        QVERIFY(!book.enter("d", true));
    }

    void a_seat_that_is_left_can_be_taken_again()
    {
        AddressBook book(seats(1, 1), m_clock);
        {
            const auto seat = book.enter("a", false);
            QVERIFY(seat);
        }
        QCOMPARE_EQ(book.taken(), 0);
        QVERIFY(book.enter("a", false));
    }

    void an_address_that_comes_and_goes_all_the_time_waits()
    {
        Limits limits;
        limits.connectionRate = 2;
        limits.connectionBurst = 3;
        AddressBook book(limits, m_clock);
        for (int i = 0; i < 3; ++i)
            QVERIFY(book.enter("a", false));
        QVERIFY(!book.enter("a", false));
        QVERIFY(book.enter("b", false));
        QVERIFY(book.enter("a", true));
        QCOMPARE_EQ(book.taken(), 0);
        m_clock.advance(500);
        QVERIFY(book.enter("a", false));
        QVERIFY(!book.enter("a", false));
    }

    void an_exempt_address_has_no_share_of_its_own()
    {
        AddressBook book(seats(5, 1), m_clock);
        std::vector<std::optional<AddressBook::Seat>> taken;
        for (int i = 0; i < 5; ++i) {
            taken.push_back(book.enter("proxy", true));
            QVERIFY(taken.back());
        }
        QVERIFY(!book.enter("proxy", true));
        taken.clear();
        QCOMPARE_EQ(book.taken(), 0);
    }

    void a_moved_seat_is_left_once()
    {
        AddressBook book(seats(5, 5), m_clock);
        auto seat = book.enter("a", false);
        {
            AddressBook::Seat moved = std::move(*seat);
            QCOMPARE_EQ(moved.key(), QByteArray("a"));
            QCOMPARE_EQ(book.taken(), 1);
            auto other = book.enter("b", false);
            moved = std::move(*other);
            QCOMPARE_EQ(book.taken(), 1);
        }
        QCOMPARE_EQ(book.taken(), 0);
    }
};

QTEST_GUILESS_MAIN(AddressBookTest)
#include "addressbooktest.moc"
