// SPDX-License-Identifier: GPL-3.0-or-later
#include "homeserver/finder.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

using namespace restante;
using namespace Qt::Literals::StringLiterals;
using homeserver::Configuration;
using homeserver::Software;

class TestHomeserverFinder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void where_there_is_none_nothing_is_found_and_nothing_is_wrong();
    void debians_synapse_is_found_with_the_name_from_its_part();
    void a_synapse_at_home_is_found_with_the_listener_that_has_no_tls();
    void dendrite_is_found_at_its_usual_address();
    void settings_without_a_value_are_none();
    void each_setting_is_from_the_last_file_that_has_it();
    void the_listener_for_federation_on_this_computer_is_the_one_data();
    void the_listener_for_federation_on_this_computer_is_the_one();
    void what_cannot_be_read_is_named_with_the_reason_data();
    void what_cannot_be_read_is_named_with_the_reason();
    void a_broken_part_does_not_hide_the_others();
    void a_named_file_is_looked_at_alone();

private:
    static QString data(const QString &name) { return QStringLiteral(RESTANTE_TEST_DATA) + u"/homeserver/"_s + name; }
    static void write(const QString &path, const QByteArray &text)
    {
        QVERIFY(QDir().mkpath(QFileInfo(path).path()));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(text), text.size());
    }
};

void TestHomeserverFinder::where_there_is_none_nothing_is_found_and_nothing_is_wrong()
{
    const QTemporaryDir empty;
    const auto found = homeserver::findHomeservers(empty.path(), empty.path());
    QVERIFY(found.homeservers.isEmpty());
    QVERIFY(found.unreadable.isEmpty());
    QVERIFY(found.places.contains(empty.path() + u"/etc/matrix-synapse/homeserver.yaml"_s));
    QVERIFY(found.places.contains(empty.path() + u"/dendrite/dendrite.yaml"_s));
}

void TestHomeserverFinder::debians_synapse_is_found_with_the_name_from_its_part()
{
    const QTemporaryDir home;
    const QString folder = data(u"debian/etc/matrix-synapse"_s);
    const auto found = homeserver::findHomeservers(data(u"debian"_s), home.path());
    QVERIFY(found.unreadable.isEmpty());
    QCOMPARE(found.homeservers.size(), 1);
    const Configuration expected{Software::Synapse,
                                 folder + u"/homeserver.yaml"_s,
                                 folder + u"/conf.d"_s,
                                 u"anna.example.org"_s,
                                 u"/etc/matrix-synapse/homeserver.signing.key"_s,
                                 u"http://127.0.0.1:8008"_s,
                                 false,
                                 {},
                                 {},
                                 folder + u"/homeserver.yaml"_s};
    QVERIFY(found.homeservers[0] == expected);
}

void TestHomeserverFinder::a_synapse_at_home_is_found_with_the_listener_that_has_no_tls()
{
    const QTemporaryDir root;
    const QString home = data(u"manual/home"_s);
    const auto found = homeserver::findHomeservers(root.path(), home);
    QCOMPARE(found.homeservers.size(), 1);
    const Configuration &synapse = found.homeservers[0];
    QCOMPARE(synapse.serverName, u"home.example.org"_s);
    QCOMPARE(synapse.place, u"http://127.0.0.1:8009"_s);
    QCOMPARE(synapse.signingKey, home + u"/synapse/home.example.org.signing.key"_s);
    QCOMPARE(synapse.wayOut, QStringList{u"federation_sender1"_s});
    QCOMPARE(synapse.instancesFile, synapse.file);
    QCOMPARE(synapse.listenersFile, synapse.file);
    QCOMPARE(synapse.secretFile, u"/home/anna/synapse/secret"_s);
    QVERIFY(synapse.partFolder.isEmpty());
}

void TestHomeserverFinder::dendrite_is_found_at_its_usual_address()
{
    const QTemporaryDir home;
    const auto found = homeserver::findHomeservers(data(u"manual"_s), home.path());
    QCOMPARE(found.homeservers.size(), 1);
    const Configuration &dendrite = found.homeservers[0];
    QVERIFY(dendrite.software == Software::Dendrite);
    QCOMPARE(dendrite.serverName, u"dendrite.example.org"_s);
    QCOMPARE(dendrite.signingKey, data(u"manual/etc/dendrite/matrix_key.pem"_s));
    QCOMPARE(dendrite.place, u"http://127.0.0.1:8008"_s);
    QVERIFY(dendrite.placeIsUsual);
    QVERIFY(dendrite.hasDelegate);
}

void TestHomeserverFinder::settings_without_a_value_are_none()
{
    const QTemporaryDir folder;
    const QString file = folder.filePath(u"x.yaml"_s);
    write(file, "server_name: a.example\noutbound_federation_restricted_to:\ninstance_map: {}\n"
                "worker_replication_secret: ~\nsigning_key_path: null\nlisteners:\n");
    const auto found = homeserver::findHomeservers({}, {}, file);
    QCOMPARE(found.homeservers.size(), 1);
    const Configuration expected{
        Software::Synapse, file, {}, u"a.example"_s, folder.filePath(u"a.example.signing.key"_s)};
    QVERIFY(found.homeservers[0] == expected);
}

void TestHomeserverFinder::each_setting_is_from_the_last_file_that_has_it()
{
    const QTemporaryDir folder;
    const QString parts = folder.filePath(u"conf.d"_s);
    write(folder.filePath(u"secret"_s), "abc\n");
    write(folder.filePath(u"x.yaml"_s), "server_name: a.example\nsigning_key: ed25519 a x\n"
                                        "instance_map: {main: {port: 1}}\n");
    write(parts + u"/a.yaml"_s, "worker_replication_secret_path: secret\nlisteners: [{port: 1, type: manhole}]\n");
    write(parts + u"/.b.yaml"_s, "server_name: b.example\n"); // Synapse reads it, too
    write(parts + u"/c.YAML"_s, "server_name: c.example\n");  // and not this one
    write(parts + u"/d.yaml"_s, "---\n");
    const auto found = homeserver::findHomeservers({}, {}, folder.filePath(u"x.yaml"_s));
    QVERIFY(found.unreadable.isEmpty());
    const Configuration &synapse = found.homeservers.value(0);
    QCOMPARE(synapse.serverName, u"b.example"_s);
    QCOMPARE(synapse.signingKey, QString()); // it stands in the configuration itself
    QCOMPARE(synapse.instancesFile, folder.filePath(u"x.yaml"_s));
    QCOMPARE(synapse.listenersFile, parts + u"/a.yaml"_s);
    QCOMPARE(synapse.secretFile, folder.filePath(u"secret"_s));
    QCOMPARE(synapse.secret, u"abc"_s);
}

void TestHomeserverFinder::the_listener_for_federation_on_this_computer_is_the_one_data()
{
    QTest::addColumn<QByteArray>("listeners");
    QTest::addColumn<QString>("place");
    const auto row = [](const char *name, const QByteArray &listeners, const QString &place) {
        QTest::newRow(name) << listeners << place;
    };
    const QByteArray federation = "resources: [{names: [federation]}]";
    row("only for clients", "- {port: 1, tls: false, resources: [{names: [client]}]}", {});
    row("only with TLS", "- {port: 1, tls: true, " + federation + "}", {});
    row("a socket", "- {path: /run/synapse.sock, type: http, " + federation + "}", {});
    row("another sort", "- {port: 1, type: manhole}", {});
    row("on all addresses", "- {port: 1, bind_address: '0.0.0.0', " + federation + "}", u"http://127.0.0.1:1"_s);
    row("an empty address is all", "- {port: 1, bind_address: '', " + federation + "}", u"http://127.0.0.1:1"_s);
    row("only IPv6", "- {port: 1, bind_addresses: ['::1'], " + federation + "}", u"http://[::1]:1"_s);
    row("in the house", "- {port: 1, bind_addresses: [192.168.1.5], " + federation + "}", u"http://192.168.1.5:1"_s);
    row("this computer rather than the house",
        "- {port: 1, bind_addresses: [192.168.1.5], " + federation + "}\n- {port: 2, bind_addresses: [localhost], " +
            federation + "}",
        u"http://127.0.0.1:2"_s);
    row("no port", "- {port: x, " + federation + "}", {});
    row("no list", "none", {});
    row("what is merged", "- &x {port: 1, type: http, " + federation + "}\n- {<<: *x, port: 2, tls: true}",
        u"http://127.0.0.1:1"_s);
}

void TestHomeserverFinder::the_listener_for_federation_on_this_computer_is_the_one()
{
    QFETCH(QByteArray, listeners);
    QFETCH(QString, place);
    const QTemporaryDir folder;
    const QString file = folder.filePath(u"x.yaml"_s);
    write(file,
          "server_name: a.example\nlisteners:\n" + (listeners.startsWith('-') ? listeners : "  " + listeners) + '\n');
    const auto found = homeserver::findHomeservers({}, {}, file);
    QCOMPARE(found.homeservers.size(), 1);
    QCOMPARE(found.homeservers[0].place, place);
}

void TestHomeserverFinder::what_cannot_be_read_is_named_with_the_reason_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("reason");
    QTest::newRow("a folder") << QByteArray("FOLDER") << u"It is a folder, not a file"_s;
    QTest::newRow("a way that leads nowhere") << QByteArray("LOOP") << u"Too many levels of symbolic links"_s;
    QTest::newRow("not YAML") << QByteArray("a: [b\n") << u"(line 2)"_s;
    QTest::newRow("no map") << QByteArray("- a\n") << u"It is not a map of settings"_s;
    QTest::newRow("something else's") << QByteArray("a: b\n") << u"It is not a configuration of Synapse or Dendrite"_s;
    QTest::newRow("too large") << QByteArray(2'000'000, '#') << u"too large"_s;
}

void TestHomeserverFinder::what_cannot_be_read_is_named_with_the_reason()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, reason);
    const QTemporaryDir root;
    const QString file = root.path() + u"/etc/matrix-synapse/homeserver.yaml"_s;
    if (text == "FOLDER") {
        QVERIFY(QDir().mkpath(file));
    } else if (text == "LOOP") {
        QVERIFY(QDir().mkpath(root.path() + u"/etc"_s));
        QVERIFY(QFile::link(u"matrix-synapse"_s, root.path() + u"/etc/matrix-synapse"_s));
    } else {
        write(file, text);
    }
    const auto found = homeserver::findHomeservers(root.path(), root.path());
    QVERIFY(found.homeservers.isEmpty());
    QCOMPARE(found.unreadable.size(), 1);
    QCOMPARE(found.unreadable[0].path, file);
    QVERIFY2(found.unreadable[0].reason.contains(reason), qPrintable(found.unreadable[0].reason));
}

void TestHomeserverFinder::a_broken_part_does_not_hide_the_others()
{
    const QTemporaryDir root;
    const QString folder = root.path() + u"/etc/matrix-synapse"_s;
    write(folder + u"/homeserver.yaml"_s, "server_name: before.example\nlisteners: []\n");
    write(folder + u"/conf.d/a.yaml"_s, "[\n");
    write(folder + u"/conf.d/b.yaml"_s, "server_name: b.example\n");
    write(folder + u"/conf.d/c.yaml.bak"_s, "server_name: c.example\n");
    const auto found = homeserver::findHomeservers(root.path(), root.path());
    QCOMPARE(found.homeservers.size(), 1);
    QCOMPARE(found.homeservers[0].serverName, u"b.example"_s);
    QCOMPARE(found.unreadable.size(), 1);
    QCOMPARE(found.unreadable[0].path, folder + u"/conf.d/a.yaml"_s);
}

void TestHomeserverFinder::a_named_file_is_looked_at_alone()
{
    const QTemporaryDir root;
    const auto found = homeserver::findHomeservers(root.path(), root.path(), root.filePath(u"none.yaml"_s));
    QCOMPARE(found.places, QStringList{root.filePath(u"none.yaml"_s)});
    QCOMPARE(found.unreadable.size(), 1);
    QCOMPARE(found.unreadable[0].reason, u"There is no such file"_s);
}

QTEST_GUILESS_MAIN(TestHomeserverFinder)
#include "tst_homeserverfinder.moc"
