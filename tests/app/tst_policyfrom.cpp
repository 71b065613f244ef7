// SPDX-License-Identifier: GPL-3.0-or-later
#include "policyfrom.h"
#include "settingsvalues.h"

#include <QtTest/QTest>

using namespace restante;
using test::parsed;
using test::parsedAll;
using test::relayEntry;
using test::servedEntry;
using test::serverNames;
using namespace restante::app;

namespace
{
settings::Settings unusualSettings()
{
    settings::Settings settings;
    settings.headBytes = 16'000;
    settings.smallBodyReserveBytes = 1'000'000;
    settings.bodyBytesPerSecond = 1'000;
    settings.lingerMs = 77;
    settings.unsentBytes = 99'999;
    settings.trustedProxy = QHostAddress(QHostAddress::LocalHost);
    settings.totalBytes = 123'456'789;
    settings.tombstones = 17;
    settings.relayOpen = true;
    settings.relayPaused = true;
    settings.blockedOrigins = serverNames({QStringLiteral("bad.example")});
    settings.served = {servedEntry(QStringLiteral("a.example"), QString(), {}),
                       servedEntry(QStringLiteral("b.example"), QStringLiteral("Bob"),
                                   {QStringLiteral("c.example"), QStringLiteral("d.example")})};
    return settings;
}
} // namespace

class TestPolicyFrom : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rooms_get_their_share_in_their_own_types()
    {
        const settings::Settings settings = unusualSettings();
        const auto limits = limitsFrom(settings);
        QCOMPARE(limits.headBytes, settings.headBytes);
        QCOMPARE(limits.smallBodyReserveBytes, settings.smallBodyReserveBytes);
        QCOMPARE(limits.bodyBytesPerSecond, settings.bodyBytesPerSecond);
        QCOMPARE(limits.lingerMs, settings.lingerMs);
        QCOMPARE(limits.unsentBytes, settings.unsentBytes);
        QCOMPARE(limits.trustedProxy, std::optional(QHostAddress(QStringLiteral("127.0.0.1"))));
        QVERIFY(!limitsFrom(settings::Settings()).trustedProxy);
        const auto policy = queuePolicyFrom(settings);
        QCOMPARE(policy.quotas.totalBytes, settings.totalBytes);
        QCOMPARE(policy.quotas.tombstones, settings.tombstones);
        QCOMPARE(policy.served.size(), 2);
        const auto bob = policy.served.value(matrix::ServerName::parse("b.example").value());
        QCOMPARE(bob.knownOrigins.size(), 2);
    }

    void the_defaults_of_settings_and_rooms_agree()
    {
        const auto limits = limitsFrom(settings::Settings());
        const http::Limits defaults;
        QCOMPARE(limits.requestLineBytes, defaults.requestLineBytes);
        QCOMPARE(limits.headBytes, defaults.headBytes);
        QCOMPARE(limits.headFields, defaults.headFields);
        QCOMPARE(limits.bodyBytes, defaults.bodyBytes);
        QCOMPARE(limits.bodyMemoryBytes, defaults.bodyMemoryBytes);
        QCOMPARE(limits.bodyMemoryAddressDivisor, defaults.bodyMemoryAddressDivisor);
        QCOMPARE(limits.smallBodyReserveBytes, defaults.smallBodyReserveBytes);
        QCOMPARE(limits.smallBodyBytes, defaults.smallBodyBytes);
        QCOMPARE(limits.connections, defaults.connections);
        QCOMPARE(limits.connectionsPerAddress, defaults.connectionsPerAddress);
        QCOMPARE(limits.connectionRate, defaults.connectionRate);
        QCOMPARE(limits.connectionBurst, defaults.connectionBurst);
        QCOMPARE(limits.headMs, defaults.headMs);
        QCOMPARE(limits.bodyMs, defaults.bodyMs);
        QCOMPARE(limits.bodyBytesPerSecond, defaults.bodyBytesPerSecond);
        QCOMPARE(limits.idleMs, defaults.idleMs);
        QCOMPARE(limits.handlerMs, defaults.handlerMs);
        QCOMPARE(limits.writeStallMs, defaults.writeStallMs);
        QCOMPARE(limits.tlsHandshakeMs, defaults.tlsHandshakeMs);
        QCOMPARE(limits.lingerMs, defaults.lingerMs);
        QCOMPARE(limits.unsentBytes, defaults.unsentBytes);
        const auto quotas = queuePolicyFrom(settings::Settings()).quotas;
        const queue::Quotas queueDefaults;
        QCOMPARE(quotas.destinationEntries, queueDefaults.destinationEntries);
        QCOMPARE(quotas.destinationBytes, queueDefaults.destinationBytes);
        QCOMPARE(quotas.originEntries, queueDefaults.originEntries);
        QCOMPARE(quotas.originBytes, queueDefaults.originBytes);
        QCOMPARE(quotas.totalEntries, queueDefaults.totalEntries);
        QCOMPARE(quotas.totalBytes, queueDefaults.totalBytes);
        QCOMPARE(quotas.diskFloorBytes, queueDefaults.diskFloorBytes);
        QCOMPARE(quotas.unservedDestinations, queueDefaults.unservedDestinations);
        QCOMPARE(quotas.expiryDays, queueDefaults.expiryDays);
        QCOMPARE(quotas.tombstoneDays, queueDefaults.tombstoneDays);
        QCOMPARE(quotas.tombstones, queueDefaults.tombstones);
        QCOMPARE(quotas.secureDelete, queueDefaults.secureDelete);
    }

    void the_federation_client_gets_its_networks_and_authorities()
    {
        settings::Settings settings;
        settings.allowedNetworks = parsedAll<settings::Network>(
            {QStringLiteral("192.168.0.0/16"), QStringLiteral("fd00::/8"), QStringLiteral("10.1.2.3/32")});
        settings.caFile = QStringLiteral("/some/ca.pem");
        const auto options = clientOptionsFrom(settings);
        QCOMPARE(options.openNetworks.size(), size_t(3));
        const federation::AddressRules rules(options.openNetworks);
        QVERIFY(rules.allows(QHostAddress(QStringLiteral("192.168.7.7"))));
        QVERIFY(rules.allows(QHostAddress(QStringLiteral("fd12::1"))));
        QVERIFY(rules.allows(QHostAddress(QStringLiteral("10.1.2.3"))));
        QVERIFY(!rules.allows(QHostAddress(QStringLiteral("10.1.2.4"))));
        QVERIFY(!rules.allows(QHostAddress(QStringLiteral("127.0.0.1"))));
        QCOMPARE(options.caFile, settings.caFile);
        QVERIFY(clientOptionsFrom(settings::Settings()).openNetworks.empty());
    }

    void keys_are_looked_up_from_notaries_never_from_ourselves_and_in_time()
    {
        const auto own = *matrix::ServerName::parse("relay.example");
        settings::Settings settings;
        settings.notaries = serverNames({QStringLiteral("a.example"), QStringLiteral("b.example:1")});
        const auto options = keyLookupOptionsFrom(settings, own);
        QCOMPARE(options.never, QList{own});
        QCOMPARE(options.notaries,
                 (QList{*matrix::ServerName::parse("a.example"), *matrix::ServerName::parse("b.example:1")}));
        QVERIFY(options.answerMs < settings.handlerMs);
        settings.handlerMs = 1'000;
        QVERIFY(keyLookupOptionsFrom(settings, own).answerMs < 1'000);
    }

    void the_node_gets_its_associations_and_limits()
    {
        settings::Settings settings;
        settings.relays = {relayEntry({QStringLiteral("r.example"),
                                       QStringLiteral("https://10.0.0.1:8449"),
                                       QString(64, u'a'),
                                       QStringLiteral("b.example"),
                                       {},
                                       false}),
                           relayEntry({QStringLiteral("s.example"), {}, {}, {}, {}, false})};
        settings.collectSeconds = 60;
        settings.inboxRelayEntries = 7;
        settings.inboxRelayBytes = 70'000;
        settings.diskFloorBytes = 5;
        settings.failuresUntilOffline = 3;
        QVERIFY(nodeOptionsFrom(settings).homeserver.isEmpty());
        settings.homeserver = parsed<settings::HomeserverUrl>(QStringLiteral("http://127.0.0.1:8008/"));
        settings.unproven =
            parsed<settings::RelayOrigins>(QStringLiteral("r.example a.example,  s.example   c.example"));
        const auto options = nodeOptionsFrom(settings);
        QCOMPARE(options.unproven.size(), 2);
        QCOMPARE(options.unproven[1].relay.bytes(), QByteArray("s.example"));
        QCOMPARE(options.unproven[1].origin.bytes(), QByteArray("c.example"));
        QCOMPARE(options.associations.size(), 2);
        QVERIFY(!options.associations[0].isMine({}));
        QCOMPARE(options.associations[0].peer->baseUrl, "https://10.0.0.1:8449");
        QCOMPARE(options.associations[0].peer->pin, QByteArray(32, char(0xaa)));
        QVERIFY(options.associations[1].isMine({}));
        QVERIFY(!options.associations[1].peer);
        QCOMPARE(options.collector.intervalMs, 60'000);
        QCOMPARE(options.collector.limits.relayEntries, 7);
        QCOMPARE(options.collector.limits.relayBytes, 70'000);
        QCOMPARE(options.collector.limits.diskFloorBytes, 5);
        QCOMPARE(options.failuresUntilOffline, 3);
        QCOMPARE(options.homeserver, QByteArray("http://127.0.0.1:8008"));
    }

    void the_place_of_a_relay_is_what_the_client_wants()
    {
        const auto placeOf = [](const char *url) {
            settings::Settings settings;
            settings.relays = {relayEntry({QStringLiteral("r.example"), QString::fromUtf8(url), {}, {}, {}, false})};
            return nodeOptionsFrom(settings).associations[0].peer->baseUrl;
        };
        QCOMPARE(placeOf("https://relay.example/"), "https://relay.example");
        QCOMPARE(placeOf("HTTPS://Relay.example:8449"), "https://relay.example:8449");
        QCOMPARE(placeOf("https://[2001:db8::1]:8449/"), "https://[2001:db8::1]:8449");
    }

    void the_relay_gets_its_names_and_switches()
    {
        const relay::Policy policy = relayPolicyFrom(unusualSettings(), *matrix::ServerName::parse("relay.example"));
        QVERIFY(policy.enabled && policy.paused && policy.open);
        QCOMPARE(policy.served.size(), 2);
        QVERIFY(policy.served.contains(*matrix::ServerName::parse("b.example")));
        QVERIFY(policy.blockedOrigins.contains(*matrix::ServerName::parse("bad.example")));
        QVERIFY(policy.fronted.isEmpty());
    }

    void host_tells_whose_front_door_it_is_data()
    {
        QTest::addColumn<QStringList>("doors"); ///< name, front, and so on
        QTest::addColumn<QStringList>("hosts"); ///< host, name, and so on: all that lead somewhere
        const auto row = [](const char *name, const QString &doors, const QString &hosts) {
            QTest::newRow(name) << doors.split(u' ') << hosts.split(u' ', Qt::SkipEmptyParts);
        };
        row("a delegated host", QStringLiteral("b.example b.door.example"),
            QStringLiteral("b.example b.example b.door.example b.example"));
        row("a delegated host and port", QStringLiteral("b.example door.example:8443"),
            QStringLiteral("b.example b.example door.example b.example door.example:8443 b.example"));
        row("its own name", QStringLiteral("b.example b.example"), QStringLiteral("b.example b.example"));
        row("its own name in capitals", QStringLiteral("b.example B.example:8448"),
            QStringLiteral("b.example b.example b.example:8448 b.example"));
        row("a name with a port", QStringLiteral("b.example:1 door.example"),
            QStringLiteral("b.example b.example:1 b.example:1 b.example:1 door.example b.example:1"));
        row("two ports of one host", QStringLiteral("b.example door.example:1 c.example door.example:2"),
            QStringLiteral(
                "b.example b.example c.example c.example door.example:1 b.example door.example:2 c.example"));
        row("a port of the relay's own host", QStringLiteral("b.example relay.example:8449"),
            QStringLiteral("b.example b.example relay.example:8449 b.example"));
        row("IPv6", QStringLiteral("b.example [2001:db8::1]:8448"),
            QStringLiteral("b.example b.example [2001:db8::1] b.example [2001:db8::1]:8448 b.example"));
    }

    void host_tells_whose_front_door_it_is()
    {
        QFETCH(QStringList, doors);
        QFETCH(QStringList, hosts);
        settings::Settings settings;
        settings.served = {servedEntry(QStringLiteral("x.example"))};
        for (qsizetype i = 0; i < doors.size(); i += 2) {
            settings.served.append(servedEntry(doors[i]));
            settings.served.last().front = *matrix::ServerName::parse(doors[i + 1].toLatin1());
        }
        const auto own = *matrix::ServerName::parse("relay.example");
        QHash<QByteArray, matrix::ServerName> expected;
        for (qsizetype i = 0; i < hosts.size(); i += 2)
            expected.insert(hosts[i].toLatin1(), *matrix::ServerName::parse(hosts[i + 1].toLatin1()));
        QCOMPARE(relayPolicyFrom(settings, own).fronted, expected);
        QVERIFY(checkDoors(settings, own).ok());
    }

    void a_front_door_is_not_the_relay_itself()
    {
        settings::Settings settings;
        settings.served = {servedEntry(QStringLiteral("b.example"))};
        settings.served[0].front = *matrix::ServerName::parse("Relay.example");
        const auto wrong = checkDoors(settings, *matrix::ServerName::parse("relay.example"));
        QVERIFY(!wrong);
        QCOMPARE(wrong.error().code, Errc::InvalidSetting);
        QVERIFY(wrong.error().detail.contains(QLatin1String("b.example")));
    }
};

QTEST_GUILESS_MAIN(TestPolicyFrom)
#include "tst_policyfrom.moc"
