// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/addressbook.h"

#include <QtTest/QTest>

#include <vector>

using restante::http::AddressBook;

class AddressBookTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void one_address_gets_its_share_and_no_more()
    {
        AddressBook book(10, 2);
        const auto first = book.enter("a", false);
        const auto second = book.enter("a", false);
        QVERIFY(first && second);
        QVERIFY(!book.enter("a", false));
        QVERIFY(book.enter("b", false));
    }

    void all_addresses_together_get_the_whole_and_no_more()
    {
        AddressBook book(3, 2);
        std::vector<std::optional<AddressBook::Seat>> seats;
        for (const char *key : {"a", "b", "c"})
            seats.push_back(book.enter(key, false));
        QCOMPARE_EQ(book.taken(), 3);
        QVERIFY(!book.enter("d", false));
        QVERIFY(!book.enter("d", true));
    }

    void a_seat_that_is_left_can_be_taken_again()
    {
        AddressBook book(1, 1);
        {
            const auto seat = book.enter("a", false);
            QVERIFY(seat);
        }
        QCOMPARE_EQ(book.taken(), 0);
        QVERIFY(book.enter("a", false));
    }

    void an_exempt_address_has_no_share_of_its_own()
    {
        AddressBook book(5, 1);
        std::vector<std::optional<AddressBook::Seat>> seats;
        for (int i = 0; i < 5; ++i) {
            seats.push_back(book.enter("proxy", true));
            QVERIFY(seats.back());
        }
        QVERIFY(!book.enter("proxy", true));
        seats.clear();
        QCOMPARE_EQ(book.taken(), 0);
    }

    void a_moved_seat_is_left_once()
    {
        AddressBook book(5, 5);
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
