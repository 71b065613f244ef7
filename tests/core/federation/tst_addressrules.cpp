// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakeclock.h"
#include "federation/addressrules.h"

#include <QtTest/QTest>

using namespace restante::federation;
using restante::test::FakeClock;

class AddressRulesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void an_address_is_public_or_not_data()
    {
        QTest::addColumn<QString>("address");
        QTest::addColumn<bool>("isPublic");
        const auto rows = [](bool isPublic, std::initializer_list<const char *> addresses) {
            for (const char *address : addresses)
                QTest::newRow(address) << QString::fromLatin1(address) << isPublic;
        };
        rows(
            true,
            {"1.1.1.1",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255",   "100.128.0.0",
             "126.255.255.255", "128.0.0.0",       "169.253.255.255", "169.255.0.0",      "172.15.255.255",
             "172.32.0.0",      "192.0.1.0",       "192.167.255.255", "192.169.0.0",      "198.17.255.255",
             "198.20.0.0",      "223.255.255.255", "2a00:1450::1",    "2606:4700::1111",  "3ffe::1",
             "::ffff:1.1.1.1",  "::1.1.1.1",       "2002:101:101::1", "64:ff9b::1.1.1.1", "2001:0:101:101::fefe:fefe"});
        rows(false, {"0.0.0.0",         "0.1.2.3",        "10.0.0.1",        "10.255.255.255",  "100.64.0.1",
                     "100.127.255.255", "127.0.0.1",      "127.255.255.255", "169.254.169.254", "172.16.0.1",
                     "172.31.255.255",  "192.0.0.8",      "192.0.2.1",       "192.88.99.1",     "192.168.1.1",
                     "198.18.0.1",      "198.19.255.255", "198.51.100.7",    "203.0.113.9",     "224.0.0.1",
                     "239.1.1.1",       "240.0.0.1",      "255.255.255.255"});
        rows(false, {"::", "::1", "fe80::1", "febf::1", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1", "ff0e::1",
                     "2001:db8::1", "3fff:fff::1", "2001:2::1", "2001:10::1", "2001:20::1", "100::1", "4000::1",
                     "64:ff9b:1::1"});
        rows(false, {"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::10.1.2.3",
                     "2002:7f00:1::1", "2002:a00:1::", "2002:c0a8:101::1", "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1",
                     "2001:0:101:101::80ff:fffe", "2001:0:7f00:1::fefe:fefe", "::ffff:0:127.0.0.1"});
    }
    void an_address_is_public_or_not()
    {
        QFETCH(const QString, address);
        QFETCH(const bool, isPublic);
        const QHostAddress parsed(address);
        QVERIFY(!parsed.isNull());
        QCOMPARE(AddressRules::isPublic(parsed), isPublic);
        QCOMPARE(AddressRules().allows(parsed), isPublic);
    }

    void an_open_network_opens_what_it_covers_data()
    {
        QTest::addColumn<QString>("network");
        QTest::addColumn<int>("bits");
        QTest::addColumn<QString>("address");
        QTest::addColumn<bool>("allowed");
        const auto row = [](const char *network, int bits, const char *address, bool allowed) {
            QTest::addRow("%s/%d %s", network, bits, address)
                << QString::fromLatin1(network) << bits << QString::fromLatin1(address) << allowed;
        };
        row("192.168.0.0", 16, "192.168.255.1", true);
        row("192.168.0.0", 16, "192.167.0.1", true); // public anyway
        row("192.168.0.0", 16, "10.0.0.1", false);
        row("192.168.0.0", 16, "::ffff:192.168.1.1", true);
        row("192.168.0.0", 16, "::ffff:10.0.0.1", false);
        row("10.1.2.3", 32, "10.1.2.3", true);
        row("10.1.2.3", 32, "10.1.2.2", false);
        row("10.1.2.3", 31, "10.1.2.2", true);
        row("127.0.0.0", 8, "127.9.9.9", true);
        row("127.0.0.0", 8, "::1", false);
        row("0.0.0.0", 0, "127.0.0.1", true);
        row("0.0.0.0", 0, "::1", false);
        row("::", 0, "::1", true);
        row("0.0.0.0", 0, "::", false);
        row("::", 0, "::ffff:127.0.0.1", false); // an IPv4 address in other clothes
        row("::", 0, "127.0.0.1", false);
        row("fd00::", 8, "fd12::1", true);
        row("fd00::", 8, "fc12::1", false);
        row("fd12:3456:7800::", 41, "fd12:3456:787f::1", true);
        row("fd12:3456:7800::", 41, "fd12:3456:7880::1", false);
    }
    void an_open_network_opens_what_it_covers()
    {
        QFETCH(const QString, network);
        QFETCH(const int, bits);
        QFETCH(const QString, address);
        QFETCH(const bool, allowed);
        const AddressRules rules({{QHostAddress(network), bits}});
        QCOMPARE(rules.allows(QHostAddress(address)), allowed);
    }

    void an_address_of_this_computer_is_inside_however_public()
    {
        const QHostAddress own(QStringLiteral("1.1.1.1"));
        const QHostAddress own6(QStringLiteral("2606:4700::1111"));
        const auto addresses = [&] { return QList{own, own6}; };
        const AddressRules rules({}, addresses);
        QVERIFY(!rules.allows(own) && !rules.allows(own6));
        QVERIFY(!rules.allows(QHostAddress(QStringLiteral("::ffff:1.1.1.1"))));
        QVERIFY(rules.allows(QHostAddress(QStringLiteral("1.1.1.2"))));
        QVERIFY(AddressRules({{own, 32}}, addresses).allows(own)); // the operator opened it
    }

    void the_system_is_asked_for_its_own_addresses_now_and_then()
    {
        FakeClock clock;
        int asked = 0;
        const QHostAddress first(QStringLiteral("1.1.1.1"));
        const QHostAddress second(QStringLiteral("1.1.1.2"));
        const auto own = [&] { return QList{asked++ == 0 ? first : second}; };
        const AddressRules rules({}, askedNowAndThen(own, 1'000, clock));
        QCOMPARE(asked, 0);
        for (int i = 0; i < 100; ++i)
            QVERIFY(!rules.allows(first) && rules.allows(second));
        QCOMPARE(asked, 1);
        clock.advance(999);
        QVERIFY(!rules.allows(first));
        clock.advance(1);
        QVERIFY(rules.allows(first) && !rules.allows(second)); // it has another one by now
        QCOMPARE(asked, 2);
    }

    void no_address_is_not_allowed() { QVERIFY(!AddressRules().allows(QHostAddress())); }

    void ports_of_other_services_are_not_allowed()
    {
        for (const quint16 port : {quint16(443), quint16(80), quint16(1024), quint16(8448), quint16(65535)})
            QVERIFY(AddressRules::allowsPort(port));
        for (const quint16 port : {quint16(0), quint16(22), quint16(25), quint16(110), quint16(1023)})
            QVERIFY(!AddressRules::allowsPort(port));
    }

    void a_host_may_be_resolved_or_not_data()
    {
        QTest::addColumn<QByteArray>("host");
        QTest::addColumn<bool>("resolvable");
        for (const char *host : {"example.org", "a", "localhost", "1.example", "127.0.0.1.example", "0xexample",
                                 "a-b.c", "3com.example", "a.0xg", "1a"})
            QTest::newRow(host) << QByteArray(host) << true;
        for (const char *host :
             {"", ".", "example.org.", "a..b", ".a", "127.1", "2130706433", "0x7f.1", "0x7f000001", "0X7F000001",
              "a.0x", "1.2.3.0x4", "example.1", "127.0.0.01", "127.0.0.1", "0177.0.0.1"})
            QTest::addRow("\"%s\"", host) << QByteArray(host) << false;
        QTest::newRow("label of 63") << QByteArray(63, 'a') << true;
        QTest::newRow("label of 64") << QByteArray(64, 'a') << false;
        QTest::newRow("long") << QByteArray("abcdefg.").repeated(32) + "example" << false;
    }
    void a_host_may_be_resolved_or_not()
    {
        QFETCH(const QByteArray, host);
        QFETCH(const bool, resolvable);
        QCOMPARE(isResolvable(host), resolvable);
    }
};

QTEST_GUILESS_MAIN(AddressRulesTest)
#include "tst_addressrules.moc"
