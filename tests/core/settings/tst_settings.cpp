// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/enteredname.h"
#include "settings/fieldtable.h"
#include "settings/settingsfile.h"
#include "settingsvalues.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QSet>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

using namespace restante;
using namespace restante::settings;
using namespace restante::test;
using namespace Qt::Literals::StringLiterals;

namespace
{
QByteArray readFile(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Settings in which every field differs from its default.
Settings everythingChanged()
{
    Settings changed;
    for (const Field &field : fields()) {
        std::visit(
            [&](auto pointer) {
                auto &value = changed.*pointer;
                using Value = std::decay_t<decltype(value)>;
                if constexpr (std::is_same_v<Value, bool>)
                    value = !value;
                else if constexpr (std::is_arithmetic_v<Value>)
                    value += 1;
            },
            field.member);
    }
    changed.listen = listenAddresses({u"0.0.0.0:0"_s, u"[::1]:8449"_s});
    changed.tlsCertificate = u"/etc/restante/cert.pem"_s;
    changed.tlsKey = u"/etc/restante/key.pem"_s;
    changed.trustedProxy = QHostAddress(QHostAddress::LocalHost);
    changed.served = {servedEntry(u"b.example"_s, u"Bob's laptop"_s, {u"a.example"_s, u"c.example:8448"_s}),
                      servedEntry(u"d.example"_s, {}, {})};
    changed.blockedOrigins = serverNames({u"spam.example"_s});
    changed.sendsFor = serverNames({u"home.example"_s});
    changed.ownRelays = {relayEntry({u"own.example"_s, u"https://own.example:8449"_s, {}, {}, {}, false})};
    changed.totalBytes = (qint64(1) << 40) + 1;
    changed.addressRate = 0.5;
    changed.nodeListen = parsed<ListenAddress>(u"[::1]:0"_s);
    changed.relays = {
        relayEntry({u"r.example"_s, u"https://10.0.0.1:8449"_s, QString(64, u'a'), u"b.example"_s, u"Rita"_s, true}),
        relayEntry({u"r.example"_s, {}, {}, {}, {}, false})};
    changed.homeserver = parsed<HomeserverUrl>(u"http://[::1]:8008"_s);
    changed.upstream = u"home.example:8448"_s;
    changed.cardName = u"Anna"_s;
    changed.cardAddresses = u"https://relay.example:8449 https://192.168.1.2"_s;
    changed.unproven = parsed<RelayOrigins>(u"r.example a.example, 10.0.0.1:8449 c.example"_s);
    changed.notaries = serverNames({u"notary.example"_s});
    changed.allowedNetworks = parsedAll<Network>({u"192.168.0.0/16"_s, u"fd00::/8"_s});
    changed.caFile = u"/etc/restante/ca.pem"_s;
    changed.metricsListen = parsed<ListenAddress>(u"127.0.0.1:9100"_s);
    changed.logRules = u"restante.http.debug=true; restante.queue=false"_s;
    return changed;
}
} // namespace

class SettingsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_name_in_capitals_that_is_a_key_is_the_same_key()
    {
        const QString key(64, u'a');
        QByteArray text = R"x({"relay.served":[{"name":"KEY","known_origins":["KEY"]}],)x"
                          R"x("relay.blocked_origins":[" KEY ","Example.org"],)x"
                          R"x("node.relays":[{"relay":"KEY","url":"https://r","destination":"KEY"}]})x";
        writeFile(text.replace("KEY", key.toUpper().toLatin1()));
        const auto settings = SettingsFile(m_folder->path()).load();
        QVERIFY2(settings, settings ? "" : qPrintable(settings.error().detail));
        QCOMPARE(settings->served, QList<ServedEntry>{servedEntry(key, {}, {key})});
        QCOMPARE(settings->served.first().name.toString(), key);
        QCOMPARE(settings->blockedOrigins, serverNames({key, u"Example.org"_s}));
        QCOMPARE(settings->relays.first().relay.toString(), key);
        QCOMPARE(settings->relays.first().destination.toString(), key);
    }

    void each_complaint_has_a_sentence_with_all_its_arguments()
    {
        const QStringList arguments{u"%2first"_s, u"second"_s, u"%1third"_s};
        QSet<QString> seen;
        for (int code = 0; code <= int(Complaint::LastCode); ++code) {
            const QString pattern = englishPattern(ComplaintCode(code));
            QVERIFY2(!pattern.isEmpty(), qPrintable(QString::number(code)));
            QVERIFY2(!seen.contains(pattern), qPrintable(pattern));
            seen.insert(pattern);
            QString said = sentence({ComplaintCode(code), arguments, u"some.key"_s});
            QVERIFY2(said.startsWith(u"some.key: "_s) && !said.endsWith(u'.'), qPrintable(said));
            for (qsizetype i = 0; i < arguments.size(); ++i)
                QCOMPARE(said.contains(arguments[i]), pattern.contains(u'%' + QString::number(i + 1)));
        }
    }

    void a_name_that_nobody_can_mean_is_refused_where_it_is_entered_data()
    {
        QTest::addColumn<QString>("entered");
        QTest::addColumn<QString>("read"); ///< empty: it is refused
        QTest::addColumn<QString>("why");
        const QString key(64, u'a');
        const auto row = [](const char *name, const QString &entered, const QString &read, const char *why = "") {
            QTest::newRow(name) << entered << read << QString::fromLatin1(why);
        };
        row("a domain", u"example.org"_s, u"example.org"_s);
        row("with a port", u" example.org:8448\n"_s, u"example.org:8448"_s);
        row("one label", u"laptop"_s, u"laptop"_s);
        row("IPv4", u"192.0.2.1:8448"_s, u"192.0.2.1:8448"_s);
        row("IPv6", u"[2001:db8::1]"_s, u"[2001:db8::1]"_s);
        row("a key", key, key);
        row("a key in capitals", key.toUpper(), key);
        row("a key, mixed", key.chopped(1) + u'F', key.chopped(1) + u'f');
        row("63 digits", key.chopped(1), {}, "63 hexadecimal digits");
        row("65 digits", key + u'a', {}, "65 hexadecimal digits");
        row("a key with a port", key + u":8448"_s, {}, "has no port");
        row("an empty label", u"example..org"_s, {}, "is empty");
        row("a dot at the end", u"example.org."_s, {}, "is empty");
        row("a dot before", u".example.org"_s, {}, "is empty");
        row("only dots", u".."_s, {}, "is empty");
        row("a long label", QString(64, u'x') + u".org"_s, {}, "longer than 63");
        row("a hyphen", u"-example.org"_s, {}, "hyphen");
        row("half an address", u"127.1"_s, {}, "not a complete IP address");
        row("an address too long", u"192.0.2.300"_s, {}, "not a complete IP address");
        row("the port 0", u"example.org:0"_s, {}, "0 is not a port");
        row("an address with the port 0", u"[2001:db8::1]:0"_s, {}, "0 is not a port");
        row("a scheme", u"https://example.org"_s, {}, "is not a server name");
        row("nothing", u" "_s, {}, "is not a server name");
    }
    void a_name_that_nobody_can_mean_is_refused_where_it_is_entered()
    {
        QFETCH(const QString, entered);
        QFETCH(const QString, read);
        QFETCH(const QString, why);
        matrix::ServerName name;
        const auto wrong = parseEntered(entered, name);
        QCOMPARE(!wrong, !read.isEmpty());
        if (wrong)
            QVERIFY2(sentence(*wrong).contains(why), qPrintable(sentence(*wrong)));
        else
            QCOMPARE(name.toString(), read);
    }

    void front_doors_that_host_cannot_tell_apart_are_refused_data()
    {
        QTest::addColumn<QStringList>("served"); ///< name, front or "-", and so on
        QTest::addColumn<QString>("twice");      ///< empty: they can be told apart
        const auto row = [](const char *name, const QString &served, const QString &twice = {}) {
            QTest::newRow(name) << served.split(u' ') << twice;
        };
        row("each its own", u"a.example door.example:1 b.example door.example:2 c.example -"_s);
        row("its own name", u"a.example a.example b.example B.door.example"_s);
        row("two doors alike", u"a.example door.example b.example door.example"_s, u"door.example"_s);
        row("alike but for capitals", u"a.example door.example b.example Door.example"_s, u"door.example"_s);
        row("another's name", u"a.example b.example b.example door.example"_s, u"b.example"_s);
        row("the name of one that has none", u"a.example b.example b.example -"_s, u"b.example"_s);
        row("that name in capitals", u"a.example B.example b.example -"_s, u"b.example"_s);
        row("names that are one host", u"a.example door.example A.example b.door.example"_s, u"a.example"_s);
    }
    void front_doors_that_host_cannot_tell_apart_are_refused()
    {
        QFETCH(const QStringList, served);
        QFETCH(const QString, twice);
        Settings settings;
        for (qsizetype i = 0; i < served.size(); i += 2) {
            settings.served.append(servedEntry(served[i]));
            if (served[i + 1] != u"-")
                settings.served.last().front = *matrix::ServerName::parse(served[i + 1].toLatin1());
        }
        const auto valid = validate(settings);
        QCOMPARE(valid.ok(), twice.isEmpty());
        if (!valid)
            QVERIFY2(valid.error().detail.contains(u"\"%1\" is listed twice"_s.arg(twice)),
                     qPrintable(valid.error().detail));
    }

    void only_new_names_must_be_ones_that_somebody_can_mean()
    {
        Settings before;
        before.served = {servedEntry(u"old..example"_s, {}, {})};
        Settings edited = before;
        edited.served.append(servedEntry(u"good.example"_s, {}, {}));
        QVERIFY(!checkNewNames(before, edited));
        QVERIFY(!checkNewNames(before, {})); // it can be taken out
        edited.served.first().knownOrigins = serverNames({u"new..example"_s});
        const auto refused = checkNewNames(before, edited);
        QVERIFY(refused);
        QCOMPARE(*refused, (Complaint{ComplaintCode::EmptyLabel, {u"new..example"_s}, u"relay.served"_s}));
    }

    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
        m_path = m_folder->filePath(u"settings.json"_s);
    }

    void the_defaults_are_valid_and_every_key_stands_once()
    {
        QVERIFY(complaints(Settings()).isEmpty());
        QSet<QString> keys;
        for (const Field &field : fields())
            keys.insert(field.key);
        QCOMPARE(size_t(keys.size()), fields().size());
        QVERIFY(findField(u"relay.open"));
        QVERIFY(!findField(u"relay.Open"));
    }

    void the_manual_names_every_setting()
    {
        const QString manual =
            QString::fromUtf8(readFile(QStringLiteral(RESTANTE_SOURCE_DIR "/packaging/man/restanted.1")));
        for (const Field &field : fields())
            QVERIFY2(manual.contains(u"\\fI"_s + field.key + u"\\fR"_s), field.key.data());
    }

    void a_missing_file_means_defaults()
    {
        const auto loaded = SettingsFile(m_folder->path()).load();
        QVERIFY(loaded);
        QCOMPARE(*loaded, Settings());
        QVERIFY(!QFileInfo::exists(m_path));
    }

    void what_was_saved_is_loaded_again()
    {
        const SettingsFile file(m_folder->path());
        const auto changed_ = everythingChanged();
        QCOMPARE(size_t(changed(Settings(), changed_).size()), fields().size()); // no field is left out
        const auto saved = file.save(changed_);
        QVERIFY2(saved, saved ? "" : qPrintable(saved.error().detail));
        const auto loaded = file.load();
        QVERIFY2(loaded, loaded ? "" : qPrintable(loaded.error().detail));
        QCOMPARE(changed(*loaded, changed_), QStringList());
        QCOMPARE(*loaded, changed_);
        QCOMPARE(QFileInfo(m_path).permissions() & (QFileDevice::ReadGroup | QFileDevice::ReadOther),
                 QFileDevice::Permissions());
        QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files), QStringList{u"settings.json"_s});
        // Back to the defaults, also where a key stands in the file.
        QVERIFY(file.save(Settings()));
        QCOMPARE(*file.load(), Settings());
    }

    void the_file_has_flat_dotted_keys()
    {
        const SettingsFile file(m_folder->path());
        Settings settings;
        settings.relayOpen = true;
        settings.served = {servedEntry(u"b.example"_s, u"Bob"_s, {u"a.example"_s})};
        QVERIFY(file.save(settings));
        const auto object = QJsonDocument::fromJson(readFile(m_path)).object();
        QCOMPARE(object.keys(), (QStringList{u"relay.open"_s, u"relay.served"_s}));
        QCOMPARE(object.value(u"relay.open"_s).toBool(), true);
        const auto served = object.value(u"relay.served"_s).toArray().at(0).toObject();
        QCOMPARE(served.value(u"name"_s).toString(), u"b.example"_s);
        QCOMPARE(served.value(u"petname"_s).toString(), u"Bob"_s);
        QCOMPARE(served.value(u"known_origins"_s).toArray().at(0).toString(), u"a.example"_s);
    }

    void unknown_keys_are_kept()
    {
        writeFile(R"x({"future.thing":{"a":[1,2]},"relay.open":true,"note":"mine"})x");
        const SettingsFile file(m_folder->path());
        auto settings = *file.load();
        QVERIFY(settings.relayOpen);
        settings.relayOpen = false;
        QVERIFY(file.save(settings));
        const auto object = QJsonDocument::fromJson(readFile(m_path)).object();
        QCOMPARE(object.value(u"note"_s).toString(), u"mine"_s);
        QCOMPARE(object.value(u"future.thing"_s).toObject().value(u"a"_s).toArray().size(), 2);
        QCOMPARE(object.value(u"relay.open"_s), QJsonValue(false));
    }

    void what_means_nothing_stays_while_its_list_does()
    {
        const QByteArray relays = R"x([{"relay":"r.org","Destination":"x.org","urls":"https://x"}])x";
        const QByteArray served = R"x([{"name":"a.example","pet_name":"Al","petname":""}])x";
        writeFile(R"x({"node.relays":)x" + relays + R"x(,"relay.served":)x" + served + '}');
        const SettingsFile file(m_folder->path());
        auto settings = *file.load();
        settings.expiryDays = 5;
        QVERIFY(file.save(settings));
        const auto object = QJsonDocument::fromJson(readFile(m_path)).object();
        QCOMPARE(object.value(u"queue.expiry_days"_s).toInt(), 5);
        QCOMPARE(object.value(u"node.relays"_s).toArray(), QJsonDocument::fromJson(relays).array());
        QCOMPARE(object.value(u"relay.served"_s).toArray(), QJsonDocument::fromJson(served).array());
    }

    void an_element_keeps_what_means_nothing_while_others_of_its_list_change()
    {
        writeFile(R"x({"node.relays":[{"relay":"gone.org","note":"old"},)x"
                  R"x({"relay":"r.org","destination":"d.org","petname":"R","urls":"https://x","note":[1]},)x"
                  R"x({"relay":"r.org","note":2}],)x"
                  R"x("relay.served":[{"name":"a.example","pet_name":"Al"}]})x");
        const SettingsFile file(m_folder->path());
        auto settings = *file.load();
        settings.relays.removeFirst();
        settings.relays.first().petname.clear();
        settings.served.prepend(servedEntry(u"new.example"_s, {}, {}));
        QVERIFY(file.save(settings));
        QCOMPARE(*file.load(), settings);
        const auto object = QJsonDocument::fromJson(readFile(m_path)).object();
        QCOMPARE(object.value(u"node.relays"_s).toArray(),
                 QJsonDocument::fromJson(R"x([{"relay":"r.org","destination":"d.org","urls":"https://x","note":[1]},)x"
                                         R"x({"relay":"r.org","note":2}])x")
                     .array());
        QCOMPARE(object.value(u"relay.served"_s).toArray(),
                 QJsonDocument::fromJson(R"x([{"name":"new.example"},{"name":"a.example","pet_name":"Al"}])x").array());
    }

    void what_stands_twice_in_the_file_is_named_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("named");
        QTest::newRow("a key") << QByteArray(R"x({"relay.served":[{"name":"a.example"}],"relay.served":[]})x")
                               << u"\"relay.served\" stands there twice"_s;
        QTest::newRow("a key, behind a byte order mark")
            << QByteArray("\xef\xbb\xbf{\"relay.open\":true,\"relay.open\":false}")
            << u"\"relay.open\" stands there twice"_s;
        QTest::newRow("a member") << QByteArray(R"x({"relay.served":[{"name":"a.example","name":"b.example"}]})x")
                                  << u"the same member twice in \"relay.served\""_s;
    }
    void what_stands_twice_in_the_file_is_named()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const QString, named);
        writeFile(text);
        const SettingsFile file(m_folder->path());
        const auto loaded = file.load();
        QVERIFY(!loaded);
        QCOMPARE(loaded.error().code, Errc::Corrupt);
        for (const QString &word : {m_path, named})
            QVERIFY2(loaded.error().detail.contains(word), qPrintable(loaded.error().detail));
        QCOMPARE(file.save(Settings()).error().code, Errc::Corrupt);
        QCOMPARE(readFile(m_path), text);
    }

    void a_damaged_file_is_an_error_and_stays_as_it_is_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("cut short") << QByteArray("{\"relay.open\":tr");
        QTest::newRow("array") << QByteArray("[]");
        QTest::newRow("rubbish") << QByteArray(100, '\x01');
    }
    void a_damaged_file_is_an_error_and_stays_as_it_is()
    {
        QFETCH(const QByteArray, text);
        writeFile(text);
        const SettingsFile file(m_folder->path());
        QCOMPARE(file.load().error().code, Errc::Corrupt);
        QVERIFY(file.load().error().detail.contains(m_path));
        QCOMPARE(file.save(Settings()).error().code, Errc::Corrupt);
        QCOMPARE(readFile(m_path), text);
    }

    void a_file_that_cannot_be_read_or_written_is_an_error()
    {
        QVERIFY(QDir().mkdir(m_path)); // as root nothing else is unreadable
        const SettingsFile file(m_folder->path());
        QCOMPARE(file.load().error().code, Errc::Io);
        QCOMPARE(file.save(Settings()).error().code, Errc::Io);
        QCOMPARE(SettingsFile(m_folder->filePath(u"missing"_s)).save(Settings()).error().code, Errc::Io);
    }

    void values_of_the_wrong_type_are_named_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("key");
        const auto row = [](const char *text, const QString &key) { QTest::newRow(text) << QByteArray(text) << key; };
        row("{\"relay.open\":1}", u"relay.open"_s);
        row("{\"server.listen\":\"127.0.0.1:1\"}", u"server.listen"_s);
        row("{\"server.listen\":[1]}", u"server.listen"_s);
        row("{\"server.http_workers\":1.5}", u"server.http_workers"_s);
        row("{\"server.http_workers\":\"1\"}", u"server.http_workers"_s);
        row("{\"server.http_workers\":1e10}", u"server.http_workers"_s);
        row("{\"queue.total_bytes\":1e30}", u"queue.total_bytes"_s);
        row("{\"relay.served\":{}}", u"relay.served"_s);
        row("{\"relay.served\":[\"a.example\"]}", u"relay.served"_s);
        row("{\"relay.served\":[{\"petname\":\"x\"}]}", u"relay.served"_s);
        row("{\"relay.served\":[{\"name\":\"a.example\",\"known_origins\":\"b.example\"}]}", u"relay.served"_s);
        row("{\"budgets.origin_rate\":\"fast\"}", u"budgets.origin_rate"_s);
        row("{\"log.rules\":null}", u"log.rules"_s);
    }
    void values_of_the_wrong_type_are_named()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const QString, key);
        writeFile(text);
        const auto loaded = SettingsFile(m_folder->path()).load();
        QVERIFY(!loaded);
        QCOMPARE(loaded.error().code, Errc::InvalidSetting);
        QVERIFY2(loaded.error().detail.startsWith(key), qPrintable(loaded.error().detail));
    }

    void values_out_of_range_are_named_with_what_is_allowed_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("hint");
        const auto row = [](const char *key, const char *value, const char *hint) {
            QTest::addRow("%s=%s", key, value)
                << QString::fromLatin1(key) << QString::fromLatin1(value) << QString::fromLatin1(hint);
        };
        row("server.http_workers", "0", "1 to 64");
        row("server.http_workers", "65", "1 to 64");
        row("server.http_workers", "many", "whole number");
        row("queue.expiry_days", "-1", "1 to 3650");
        row("node.listen", "0.0.0.0:8450", "loopback");
        row("node.listen", "127.0.0.1", "a port");
        row("node.upstream", "home.example", "such as home.example:8448");
        row("node.upstream", "https://home.example:8448", "a host with a port");
        row("node.unproven", "r.example", "r.example");
        row("node.unproven", "r.example a.example, r.example !", "!");
        row("node.unproven", "r.example a.example, s.example a.example,r.example  a.example", "r.example a.example");
        row("node.unproven", "r.example 127.0.0.1:0", "0");
        row("card.name", "a\tb", "each of which can be seen");
        row("card.name", "a\u202eb", "each of which can be seen");
        row("card.addresses", "http://relay.example:8449", "not encrypted");
        row("card.addresses", "https://relay.example/x", "https://host:port");
        row("card.addresses", "https://a.example https://a.example", "listed twice");
        row("card.addresses", "https://a https://b https://c https://d https://e", "0 to 4");
        row("node.homeserver", "127.0.0.1:8008", "such as http://127.0.0.1:8008");
        row("node.homeserver", "https://127.0.0.1:8008", "a loopback or private IP address");
        row("node.homeserver", "http://localhost:8008", "a loopback or private IP address");
        row("node.homeserver", "http://203.0.113.7:8008", "a loopback or private IP address");
        row("node.homeserver", "http://172.32.0.1:8008", "a loopback or private IP address");
        row("node.homeserver", "http://127.1:8008", "unusual spelling");
        row("node.homeserver", "http://127.0.0.1:8008/_matrix", "_matrix");
        row("node.relays", "a b c d", "list");
        row("node.collect_seconds", "9", "10 to 604800");
        row("federation.allowed_networks", "192.168.0.0", "is not a network");
        row("federation.allowed_networks", "192.168.0.0/33", "is not a network");
        row("federation.allowed_networks", "192.168/16", "is not a network");
        row("federation.notaries", "a b", "server name");
        row("queue.destination_bytes", "1", "65536 to");
        row("budgets.origin_burst", "0.5", "1 to 1000000");
        row("budgets.origin_rate", "nan", "number");
        row("server.listen", "localhost:8449", "localhost:8449");
        row("server.listen", "127.0.0.1:1,127.0.0.1:1", "twice");
        row("server.listen", "", "1 to 64");
        row("metrics.listen", "9100", "9100");
        row("server.trusted_proxy", "127.1", "IP address");
        row("server.tls_key", "key.pem", "absolute path");
        row("relay.served", "a.example,a.example", "twice");
        row("relay.served", "bad name", "bad name");
        row("relay.served", "[", "server name");
        row("relay.served", "[{\"name\":\"a.example\"}", "list");
        row("relay.served", "[{\"petname\":\"x\"}]", "list");
        row("relay.served", "[\"a.example\"]", "list");
        row("relay.served", "[{\"name\":\"bad name\"}]", "bad name");
        row("node.relays", "[{\"url\":\"https://r.example\"}]", "list");
        row("node.relays", "[{\"relay\":\"r.example\",\"pin\":\"x\"}]", "64 hexadecimal digits");
        row("relay.blocked_origins", "a.example,-_-", "-_-");
        row("relay.open", "perhaps", "true or false");
        row("log.rules", "restante.http", "log rule");
        row("log.rules", "restante.http=maybe", "log rule");
        row("no.such.key", "1", "no.such.key");
    }
    void values_out_of_range_are_named_with_what_is_allowed()
    {
        QFETCH(const QString, key);
        QFETCH(const QString, value);
        QFETCH(const QString, hint);
        Settings settings;
        const auto done = set(settings, key, value);
        QVERIFY(done);
        const QString told = sentence(*done);
        QVERIFY2(told.contains(key), qPrintable(told));
        QVERIFY2(told.contains(hint), qPrintable(told));
        QCOMPARE(settings, Settings());
    }

    void a_homeserver_is_inside_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QByteArray>("place");
        QTest::newRow("loopback") << u"http://127.0.0.1:8008"_s << QByteArray("http://127.0.0.1:8008");
        QTest::newRow("with a slash") << u" http://[::1]:8008/"_s << QByteArray("http://[::1]:8008");
        QTest::newRow("private") << u"http://172.31.0.2:80"_s << QByteArray("http://172.31.0.2:80");
        QTest::newRow("private, IPv6") << u"http://[fd00::2]:8008"_s << QByteArray("http://[fd00::2]:8008");
        QTest::newRow("none") << QString() << QByteArray();
    }
    void a_homeserver_is_inside()
    {
        QFETCH(const QString, text);
        QFETCH(const QByteArray, place);
        Settings settings;
        QVERIFY(!set(settings, u"node.homeserver", text));
        QCOMPARE(settings.homeserver.place(), place);
        QCOMPARE(settings.homeserver.isNull(), place.isEmpty());
    }

    void settings_are_set_from_text()
    {
        Settings settings;
        QVERIFY(!set(settings, u"relay.open", u"yes"_s));
        QVERIFY(settings.relayOpen);
        QVERIFY(!set(settings, u"relay.enabled", u"OFF"_s));
        QVERIFY(!settings.relayEnabled);
        QVERIFY(!set(settings, u"queue.total_bytes", u"10995116277760"_s));
        QCOMPARE(settings.totalBytes, qint64(10) << 40);
        QVERIFY(!set(settings, u"budgets.address_rate", u"0.25"_s));
        QCOMPARE(settings.addressRate, 0.25);
        QVERIFY(!set(settings, u"server.listen", u"0.0.0.0:0, [::1]:8449"_s));
        QCOMPARE(settings.listen, listenAddresses({u"0.0.0.0:0"_s, u"[::1]:8449"_s}));
        settings.served = {servedEntry(u"a.example"_s, u"Alice"_s, {u"b.example"_s})};
        QVERIFY(!set(settings, u"relay.served", u"c.example,a.example"_s));
        QCOMPARE(settings.served, (QList<ServedEntry>{servedEntry(u"c.example"_s, {}, {}),
                                                      servedEntry(u"a.example"_s, u"Alice"_s, {u"b.example"_s})}));
        QVERIFY(!set(settings, u"relay.served", u""_s));
        QVERIFY(settings.served.isEmpty());
    }

    void lists_are_set_from_the_json_that_they_are_shown_as()
    {
        const Settings filled = everythingChanged();
        for (const QString &key : {u"relay.served"_s, u"node.relays"_s}) {
            const Field *field = findField(key);
            QVERIFY(field);
            const QString shown = QString::fromUtf8(QJsonDocument(field->toJson(filled).toArray()).toJson());
            Settings settings;
            const auto done = set(settings, key, u"  "_s + shown);
            QVERIFY2(!done, done ? qPrintable(sentence(*done)) : "");
            QVERIFY(field->equal(settings, filled));
            QVERIFY(!set(settings, key, u"[ ]"_s));
            QVERIFY(field->equal(settings, Settings()));
        }
        Settings settings;
        QVERIFY(!set(settings, u"relay.served", u"[::1]:8448, [2001:db8::1]"_s)); // names, not JSON
        QCOMPARE(settings.served,
                 (QList<ServedEntry>{servedEntry(u"[::1]:8448"_s, {}, {}), servedEntry(u"[2001:db8::1]"_s, {}, {})}));
    }

    void a_misspelt_member_of_a_list_is_refused_by_its_name()
    {
        const QList<std::pair<QString, QString>> misspelt{
            {u"relay.served"_s, u"[{\"name\":\"a.example\",\"pet_name\":\"Al\"}]"_s},
            {u"node.relays"_s, u"[{\"relay\":\"r.example\",\"pet_name\":\"R\"}]"_s}};
        for (const auto &[key, text] : misspelt) {
            Settings settings;
            const auto done = set(settings, key, text);
            QVERIFY(done);
            for (const QString &word : {key, u"\"pet_name\""_s, u"petname"_s})
                QVERIFY2(sentence(*done).contains(word), qPrintable(sentence(*done)));
            QCOMPARE(settings, Settings());
        }
    }

    void what_the_file_holds_and_means_nothing_is_named()
    {
        writeFile(R"x({"relay.severd":[],"relay.open":true,)x"
                  R"x("relay.served":[{"name":"a.example","pet_name":"Al"},{"name":"b.example","pet_name":"Bo"}]})x");
        const SettingsFile file(m_folder->path());
        QVERIFY(file.load());
        QCOMPARE(file.unknownKeys(), (QStringList{u"pet_name in relay.served"_s, u"relay.severd"_s}));
    }

    void the_short_form_of_relays_keeps_what_is_known_of_them()
    {
        const RelayEntry mine =
            relayEntry({u"r.example"_s, u"https://r.example:1"_s, QString(64, u'a'), {}, u"Rita"_s, true});
        const RelayEntry theirs = relayEntry({u"r.example"_s, {}, {}, u"b.example"_s, u"Bob's"_s, false});
        Settings settings;
        settings.relays = {mine, theirs};
        QVERIFY(!set(settings, u"node.relays", u"s.example, r.example https://r.example:2"_s));
        RelayEntry moved = mine;
        moved.url = parsed<RelayUrl>(u"https://r.example:2"_s);
        QCOMPARE(settings.relays, (QList<RelayEntry>{relayEntry({u"s.example"_s, {}, {}, {}, {}, false}), moved}));
        QVERIFY(!set(settings, u"node.relays", u"r.example"_s));
        QCOMPARE(settings.relays, QList<RelayEntry>{moved});
        // For somebody else it is another association.
        QVERIFY(!set(settings, u"node.relays", u"r.example https://r.example:2 b.example"_s));
        QCOMPARE(
            settings.relays,
            (QList<RelayEntry>{relayEntry({u"r.example"_s, u"https://r.example:2"_s, {}, u"b.example"_s, {}, false})}));
    }

    void settings_that_contradict_each_other_are_refused_data()
    {
        QTest::addColumn<QStringList>("assignments");
        QTest::addColumn<QString>("key");
        QTest::newRow("certificate alone") << QStringList{u"server.tls_certificate=/c"_s} << u"server.tls_key"_s;
        QTest::newRow("key alone") << QStringList{u"server.tls_key=/k"_s} << u"server.tls_certificate"_s;
        QTest::newRow("reserve") << QStringList{u"limits.small_body_reserve_bytes=67108864"_s}
                                 << u"limits.small_body_reserve_bytes"_s;
        QTest::newRow("body larger than memory")
            << QStringList{u"limits.body_bytes=67108864"_s} << u"limits.body_memory_bytes"_s;
        QTest::newRow("line larger than head")
            << QStringList{u"limits.request_line_bytes=65536"_s} << u"limits.request_line_bytes"_s;
        QTest::newRow("the relay twice") << QStringList{u"server.listen=0.0.0.0:1,127.0.0.1:1"_s} << u"server.listen"_s;
        QTest::newRow("relay and node") << QStringList{u"server.listen=127.0.0.1:1"_s, u"node.listen=127.0.0.1:1"_s,
                                                       u"node.enabled=true"_s}
                                        << u"node.listen"_s;
        QTest::newRow("everywhere and metrics")
            << QStringList{u"server.listen=0.0.0.0:1"_s, u"metrics.listen=127.0.0.1:1"_s} << u"metrics.listen"_s;
    }
    void listeners_that_are_not_in_each_others_way_are_taken()
    {
        Settings settings;
        for (const char *assignment :
             {"server.listen=127.0.0.1:1,127.0.0.2:1,[::1]:1,127.0.0.1:0", "node.listen=127.0.0.1:1"})
            QVERIFY(!set(settings, QString::fromLatin1(assignment).section(u'=', 0, 0),
                         QString::fromLatin1(assignment).section(u'=', 1)));
        QVERIFY(complaints(settings).isEmpty()); // the node is off
    }
    void settings_that_contradict_each_other_are_refused()
    {
        QFETCH(const QStringList, assignments);
        QFETCH(const QString, key);
        Settings settings;
        for (const QString &assignment : assignments)
            QVERIFY(!set(settings, assignment.section(u'=', 0, 0), assignment.section(u'=', 1)));
        const auto found = complaints(settings);
        QVERIFY(!found.isEmpty());
        QCOMPARE(found.first().key, key);
        QVERIFY(sentence(found.first()).startsWith(key));
        QCOMPARE(validate(settings).error().code, Errc::InvalidSetting);
        QCOMPARE(SettingsFile(m_folder->path()).save(settings).error().code, Errc::InvalidSetting);
        QVERIFY(!QFileInfo::exists(m_path));
    }

    void changes_are_listed_and_tell_of_a_restart()
    {
        Settings after;
        QVERIFY(changed(Settings(), after).isEmpty());
        after.relayPaused = true;
        after.expiryDays = 7;
        QCOMPARE(changed(Settings(), after), (QStringList{u"relay.paused"_s, u"queue.expiry_days"_s}));
        QVERIFY(!needsRestart(changed(Settings(), after)));
        after.httpWorkers = 2;
        QVERIFY(needsRestart(changed(Settings(), after)));
    }

    void listen_addresses_are_read_strictly_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("address");
        QTest::addColumn<int>("port");
        const auto row = [](const char *text, const char *address, int port) {
            QTest::addRow("<%s>", text) << QString::fromLatin1(text) << QString::fromLatin1(address) << port;
        };
        row("127.0.0.1:8449", "127.0.0.1", 8449);
        row("0.0.0.0:0", "0.0.0.0", 0);
        row("[::1]:65535", "::1", 65535);
        row("[2001:DB8::1]:1", "2001:db8::1", 1);
        const char *const wrong[] = {"",
                                     "127.0.0.1",
                                     "127.0.0.1:",
                                     ":8449",
                                     "127.1:80",
                                     "2130706433:80",
                                     "0x7f.0.0.1:80",
                                     "127.0.0.01:80",
                                     "127.0.0.1:+80",
                                     "127.0.0.1:80 ",
                                     " 127.0.0.1:80",
                                     "127.0.0.1:65536",
                                     "127.0.0.1:000080",
                                     "::1:8449",
                                     "[127.0.0.1]:80",
                                     "[::1]",
                                     "[::1%lo]:80",
                                     "[[::1]]:80",
                                     "localhost:80",
                                     "127.0.0.1:-1",
                                     "256.0.0.1:80"};
        for (const char *text : wrong)
            row(text, "", -1);
    }
    void listen_addresses_are_read_strictly()
    {
        QFETCH(const QString, text);
        QFETCH(const QString, address);
        QFETCH(const int, port);
        ListenAddress read;
        const auto wrong = parse(text, read);
        QCOMPARE(!wrong, port >= 0);
        if (wrong) {
            QCOMPARE(*wrong, (Complaint{ComplaintCode::NotAListenAddress, {text}}));
            return;
        }
        QCOMPARE(read.address, QHostAddress(address));
        QCOMPARE(int(read.port), port);
    }

private:
    void writeFile(const QByteArray &text)
    {
        QFile file(m_path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(text), text.size());
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
};

QTEST_GUILESS_MAIN(SettingsTest)
#include "tst_settings.moc"
