// SPDX-License-Identifier: GPL-3.0-or-later
#include "card/ownaddresses.h"

#include <QtTest/QTest>

using namespace restante;
using card::InterfaceAddress;

class TestOwnAddresses : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void what_a_friend_could_use_is_offered_the_widest_first_data()
    {
        QTest::addColumn<QStringList>("has");
        QTest::addColumn<QStringList>("offered");
        QTest::newRow("nothing") << QStringList() << QStringList();
        QTest::newRow("for this computer and its cable only")
            << QStringList{QStringLiteral("127.0.0.1"), QStringLiteral("::1"), QStringLiteral("fe80::1"),
                           QStringLiteral("169.254.3.4")}
            << QStringList();
        QTest::newRow("public before private, IPv4 before IPv6")
            << QStringList{QStringLiteral("fd00::5"), QStringLiteral("192.168.1.5"), QStringLiteral("2a02:1::5"),
                           QStringLiteral("8.8.8.8")}
            << QStringList{QStringLiteral("https://8.8.8.8:8449"), QStringLiteral("https://[2a02:1::5]:8449"),
                           QStringLiteral("https://192.168.1.5:8449"), QStringLiteral("https://[fd00::5]:8449")};
        QTest::newRow("none twice") << QStringList{QStringLiteral("192.168.1.5"), QStringLiteral("192.168.1.5")}
                                    << QStringList{QStringLiteral("https://192.168.1.5:8449")};
        QTest::newRow("a passing one gives way")
            << QStringList{QStringLiteral("2a02:1::77 passing"), QStringLiteral("2a02:1::5")}
            << QStringList{QStringLiteral("https://[2a02:1::5]:8449")};
        QTest::newRow("a passing one is better than none")
            << QStringList{QStringLiteral("2a02:1::77 passing"), QStringLiteral("fd00::5")}
            << QStringList{QStringLiteral("https://[2a02:1::77]:8449"), QStringLiteral("https://[fd00::5]:8449")};
        QTest::newRow("several passing ones")
            << QStringList{QStringLiteral("2a02:1::77 passing"), QStringLiteral("2a02:1::78 passing")}
            << QStringList{QStringLiteral("https://[2a02:1::77]:8449"), QStringLiteral("https://[2a02:1::78]:8449")};
    }

    void what_a_friend_could_use_is_offered_the_widest_first()
    {
        QFETCH(const QStringList, has);
        QFETCH(const QStringList, offered);
        QList<InterfaceAddress> all;
        for (const QString &each : has)
            all.append({QHostAddress(each.section(u' ', 0, 0)), each.endsWith(QLatin1String("passing"))});
        QStringList texts;
        for (const auto &url : card::addressesToOffer(all, 8449))
            texts.append(url.toString());
        QCOMPARE(texts, offered);
    }

    void what_is_no_host_is_no_address()
    {
        QVERIFY(card::cardAddress(QStringLiteral("no host"), 1).isNull());
        QVERIFY(card::cardAddress(QString(), 1).isNull());
    }

    void this_computer_has_a_loopback_address()
    {
        QList<QHostAddress> found;
        for (const auto &each : card::interfaceAddresses())
            found.append(each.address);
        QVERIFY(found.contains(QHostAddress(QHostAddress::LocalHost)));
    }
};

QTEST_GUILESS_MAIN(TestOwnAddresses)
#include "tst_ownaddresses.moc"
