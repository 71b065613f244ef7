// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/site.h"

#include <QtTest/QTest>

using namespace restante::http;

class SiteTest : public QObject
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
        QTest::newRow("loopback of both kinds") << "127.0.0.1"
                                                << "::1" << false;
    }

    void addresses_share_a_key_or_not()
    {
        QFETCH(const QString, one);
        QFETCH(const QString, other);
        QFETCH(const bool, same);
        QCOMPARE_EQ(addressKey(QHostAddress(one)) == addressKey(QHostAddress(other)), same);
    }

    void fields_are_found_without_regard_to_case()
    {
        RequestHead head;
        head.headers = {{"AUTHORIZATION", "one"}, {"Host", "a"}, {"authorization", "two"}};
        QCOMPARE_EQ(head.all("authorization"), QList<QByteArray>({"one", "two"}));
        QCOMPARE_EQ(head.value("authorization"), QByteArray("one"));
        QVERIFY(head.value("expect").isNull());
        QVERIFY(head.all("auth").isEmpty());
    }
};

QTEST_GUILESS_MAIN(SiteTest)
#include "sitetest.moc"
