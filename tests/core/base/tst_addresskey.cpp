// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/addresskey.h"

#include <QtTest/QTest>

using namespace restante::base;

class AddressKeyTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void addresses_share_a_key_or_not_data()
    {
        QTest::addColumn<QString>("one");
        QTest::addColumn<QString>("other");
        QTest::addColumn<bool>("same");
        QTest::newRow("the same IPv4") << "192.0.2.1"
                                       << "192.0.2.1" << true;
        QTest::newRow("neighbouring IPv4") << "192.0.2.1"
                                           << "192.0.2.2" << false;
        QTest::newRow("IPv4 mapped into IPv6") << "192.0.2.1"
                                               << "::ffff:192.0.2.1" << true;
        QTest::newRow("two mapped ones") << "::ffff:192.0.2.2"
                                         << "::ffff:192.0.2.1" << false;
        QTest::newRow("one /64") << "2001:db8:1:2::1"
                                 << "2001:db8:1:2:ffff::9" << true;
        QTest::newRow("two /64") << "2001:db8:1:2::1"
                                 << "2001:db8:1:3::1" << false;
        QTest::newRow("6to4 of one IPv4") << "2002:c000:201:1::1"
                                          << "2002:c000:201:2::1" << true;
        QTest::newRow("6to4 and its IPv4") << "2002:c000:201:1::1"
                                           << "192.0.2.1" << true;
        QTest::newRow("loopback of both kinds") << "127.0.0.1"
                                                << "::1" << false;
    }

    void addresses_share_a_key_or_not()
    {
        QFETCH(const QString, one);
        QFETCH(const QString, other);
        QFETCH(const bool, same);
        QCOMPARE(addressKey(QHostAddress(one)) == addressKey(QHostAddress(other)), same);
    }

    void networks_around_an_address_data()
    {
        QTest::addColumn<QString>("one");
        QTest::addColumn<QString>("other");
        QTest::addColumn<int>("shared"); ///< networks
        QTest::newRow("one /56") << "2001:db8:1:201::1"
                                 << "2001:db8:1:202::1" << 2;
        QTest::newRow("one /48") << "2001:db8:1:201::1"
                                 << "2001:db8:1:301::1" << 1;
        QTest::newRow("two /48") << "2001:db8:1:201::1"
                                 << "2001:db8:2:201::1" << 0;
        QTest::newRow("one /24") << "192.0.2.1"
                                 << "192.0.2.200" << 1;
        QTest::newRow("two /24") << "192.0.2.1"
                                 << "192.0.3.1" << 0;
        QTest::newRow("this computer") << "127.0.0.1"
                                       << "127.0.0.2" << 0;
        QTest::newRow("this computer, IPv6") << "::1"
                                             << "::1" << 0;
    }
    void networks_around_an_address()
    {
        QFETCH(const QString, one);
        QFETCH(const QString, other);
        QFETCH(const int, shared);
        int same = 0;
        for (const WiderNetwork &a : networksAround(addressKey(QHostAddress(one)))) {
            QVERIFY(a.shares > 1);
            for (const WiderNetwork &b : networksAround(addressKey(QHostAddress(other))))
                same += a.key == b.key ? 1 : 0;
        }
        QCOMPARE(same, shared);
    }

    void a_customer_is_a_48_or_an_ipv4_address()
    {
        const auto customer = [](const char *address) {
            return customerKey(addressKey(QHostAddress(QString::fromLatin1(address))));
        };
        QCOMPARE(customer("2001:db8:1:201::1"), customer("2001:db8:1:301::1"));
        QVERIFY(customer("2001:db8:1::1") != customer("2001:db8:2::1"));
        QVERIFY(customer("192.0.2.1") != customer("192.0.2.2"));
        QCOMPARE(customerKey("of a test"), QByteArray("of a test"));
    }
};

QTEST_GUILESS_MAIN(AddressKeyTest)
#include "tst_addresskey.moc"
