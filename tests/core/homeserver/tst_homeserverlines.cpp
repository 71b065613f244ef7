// SPDX-License-Identifier: GPL-3.0-or-later
#include "homeserver/lines.h"
#include "homeserver/yamltree.h"

#include <QtCore/QJsonObject>
#include <QtTest/QTest>

using namespace restante;
using namespace Qt::Literals::StringLiterals;
using homeserver::Configuration;
using homeserver::Piece;
using homeserver::Software;
using Kind = Piece::Kind;

class TestHomeserverLines : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void synapse_gets_its_way_out_with_the_secret();
    void debians_synapse_gets_a_file_of_its_own();
    void what_is_there_already_is_left_out();
    void a_secret_that_restante_would_refuse_is_replaced();
    void what_no_name_or_path_looks_like_makes_no_command();
    void a_synapse_without_a_fitting_listener_gets_one();
    void dendrite_gets_its_front_door();
    void another_name_gets_the_command_that_takes_it_over();
    void odd_values_stay_what_they_are();

private:
    static homeserver::Access access() { return {u"127.0.0.1"_s, 8450, u"5ec5e7"_s, u"a.example"_s, u"/data"_s}; }
    static QJsonObject read(const QString &text)
    {
        const auto value = homeserver::readYaml(text.toUtf8());
        return value ? value->toObject() : QJsonObject();
    }
};

void TestHomeserverLines::synapse_gets_its_way_out_with_the_secret()
{
    const auto pieces = homeserver::linesFor(Configuration(), access());
    QCOMPARE(pieces.size(), 1);
    QVERIFY(pieces[0].kind == Kind::WayOut);
    QCOMPARE(pieces[0].text, u"outbound_federation_restricted_to: [restante]\n"
                             "instance_map:\n"
                             "  main: {host: '127.0.0.1', port: 9093}\n"
                             "  restante: {host: '127.0.0.1', port: 8450}\n"
                             "worker_replication_secret: '5ec5e7'\n"_s);
}

void TestHomeserverLines::debians_synapse_gets_a_file_of_its_own()
{
    Configuration debian{Software::Synapse,
                         u"/etc/matrix-synapse/homeserver.yaml"_s,
                         u"/etc/matrix-synapse/conf.d"_s,
                         u"a.example"_s,
                         {},
                         u"http://127.0.0.1:8008"_s};
    const auto pieces = homeserver::linesFor(debian, access());
    QCOMPARE(pieces.size(), 1);
    QCOMPARE(pieces[0].file, u"/etc/matrix-synapse/conf.d/restante.yaml"_s);
    QVERIFY(pieces[0].isNew);
    debian.partFolder.clear();
    QCOMPARE(homeserver::linesFor(debian, access())[0].file, debian.file);
    QVERIFY(!homeserver::linesFor(debian, access())[0].isNew);
}

void TestHomeserverLines::what_is_there_already_is_left_out()
{
    Configuration synapse;
    synapse.file = u"/x.yaml"_s;
    synapse.instancesFile = u"/conf.d/workers.yaml"_s;
    synapse.secret = access().secret;
    const auto pieces = homeserver::linesFor(synapse, access());
    QCOMPARE(pieces.size(), 2);
    QCOMPARE(pieces[0].text, u"outbound_federation_restricted_to: [restante]\n"_s);
    QVERIFY(pieces[1].kind == Kind::Instance);
    QCOMPARE(pieces[1].file, synapse.instancesFile);
    QCOMPARE(pieces[1].text, u"  restante: {host: '127.0.0.1', port: 8450}\n"_s);
    synapse.wayOut = QStringList{u"restante"_s};
    QVERIFY(homeserver::linesFor(synapse, access()).isEmpty());
}

void TestHomeserverLines::a_secret_that_restante_would_refuse_is_replaced()
{
    Configuration synapse;
    synapse.file = u"/x.yaml"_s;
    synapse.secret = u"another"_s;
    auto pieces = homeserver::linesFor(synapse, access());
    QCOMPARE(pieces.size(), 1);
    QCOMPARE(read(pieces[0].text)["worker_replication_secret"_L1].toString(), access().secret);
    synapse.wayOut = QStringList{u"restante"_s};
    pieces = homeserver::linesFor(synapse, access());
    QCOMPARE(pieces.size(), 1);
    QVERIFY(pieces[0].kind == Kind::Secret);
    QVERIFY(pieces[0].replaces);
    QCOMPARE(pieces[0].text, u"worker_replication_secret: '5ec5e7'\n"_s);
    synapse.secretFile = u"/secret"_s; // Synapse refuses to have both
    for (const QStringList &wayOut : {QStringList{u"restante"_s}, QStringList()}) {
        synapse.wayOut = wayOut;
        pieces = homeserver::linesFor(synapse, access());
        QVERIFY(pieces.last().kind == Kind::Secret);
        QCOMPARE(pieces.last().file, synapse.secretFile);
        QCOMPARE(pieces.last().text, u"5ec5e7\n"_s);
        QVERIFY(wayOut.isEmpty() == (pieces.size() == 2));
        QVERIFY(!pieces[0].text.contains(u"worker_replication_secret"_s));
    }
    synapse.secret = access().secret; // it could be read
    QCOMPARE(homeserver::linesFor(synapse, access()).size(), 1);
}

void TestHomeserverLines::what_no_name_or_path_looks_like_makes_no_command()
{
    Configuration synapse;
    synapse.serverName = u"b.example; rm -rf /"_s;
    synapse.signingKey = u"/x.key"_s;
    QCOMPARE(homeserver::linesFor(synapse, access()).size(), 1);
    synapse.serverName = u"b.example"_s;
    QCOMPARE(homeserver::linesFor(synapse, access()).size(), 2);
    synapse.signingKey = u"/x\u001b[2J.key"_s;
    QCOMPARE(homeserver::linesFor(synapse, access()).size(), 1);
}

void TestHomeserverLines::a_synapse_without_a_fitting_listener_gets_one()
{
    Configuration synapse;
    synapse.file = u"/x.yaml"_s;
    synapse.listenersFile = u"/conf.d/y.yaml"_s;
    const auto pieces = homeserver::linesFor(synapse, access());
    QCOMPARE(pieces.size(), 2);
    QVERIFY(pieces[1].kind == Kind::Listener);
    QCOMPARE(pieces[1].file, synapse.listenersFile);
    const QJsonObject listener = read(u"listeners:\n"_s + pieces[1].text)["listeners"_L1][0].toObject();
    QCOMPARE(listener["tls"_L1].toString(), u"false"_s);
    QCOMPARE(listener["resources"_L1][0]["names"_L1][0].toString(), u"federation"_s);
}

void TestHomeserverLines::dendrite_gets_its_front_door()
{
    Configuration dendrite;
    dendrite.software = Software::Dendrite;
    const auto pieces = homeserver::linesFor(dendrite, access());
    QCOMPARE(pieces.size(), 1);
    QVERIFY(pieces[0].kind == Kind::Delegate);
    QVERIFY(!pieces[0].replaces);
    QCOMPARE(read(u"global:\n"_s + pieces[0].text)["global"_L1]["well_known_server_name"_L1].toString(),
             homeserver::FrontDoorBlank);
    QVERIFY(!pieces[0].text.contains(access().secret)); // Dendrite shows none
    dendrite.hasDelegate = true;
    QVERIFY(homeserver::linesFor(dendrite, access())[0].replaces);
}

void TestHomeserverLines::another_name_gets_the_command_that_takes_it_over()
{
    Configuration synapse{Software::Synapse, u"/x.yaml"_s, {}, u"b.example"_s, u"/etc/it's.key"_s, u"http://x"_s};
    const auto pieces = homeserver::linesFor(synapse, access());
    QCOMPARE(pieces.size(), 2);
    QVERIFY(pieces[0].kind == Kind::Identity);
    QCOMPARE(pieces[0].text, u"restantectl --data-dir '/data' identity import '/etc/it'\\''s.key' "
                             "--server-name 'b.example'\n"_s);
    synapse.serverName = u"a.example"_s;
    QCOMPARE(homeserver::linesFor(synapse, access()).size(), 1);
}

void TestHomeserverLines::odd_values_stay_what_they_are()
{
    homeserver::Access odd = access();
    odd.host = u"::1"_s;
    odd.secret = u"it's: {odd} # \"\\"_s;
    const QJsonObject lines = read(homeserver::linesFor(Configuration(), odd)[0].text);
    QCOMPARE(lines["instance_map"_L1]["restante"_L1]["host"_L1].toString(), odd.host);
    QCOMPARE(lines["worker_replication_secret"_L1].toString(), odd.secret);
}

QTEST_GUILESS_MAIN(TestHomeserverLines)
#include "tst_homeserverlines.moc"
