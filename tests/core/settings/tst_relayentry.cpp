// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/fieldtable.h"
#include "settings/relayentry.h"
#include "settingsvalues.h"

#include <QtTest/QTest>

using namespace restante::settings;
using restante::test::relayEntry;
using namespace Qt::Literals::StringLiterals;

Q_DECLARE_METATYPE(restante::settings::RelayTexts)

class RelayEntryTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void what_is_wrong_is_found_data()
    {
        QTest::addColumn<RelayTexts>("texts");
        QTest::addColumn<int>("part"); ///< -1: it can be used
        const auto row = [](const char *name, const RelayTexts &texts, int part) {
            QTest::newRow(name) << texts << part;
        };
        const auto bad = [&row](const char *name, const RelayTexts &texts, RelayPart part) {
            row(name, texts, int(part));
        };
        const QString hex(64, u'a');
        row("found by its name", {u"r.example"_s, {}, {}, {}, {}, false}, -1);
        row("for a contact", {u"r.example"_s, {}, {}, u"b.example:8448"_s, {}, false}, -1);
        row("at an address", {hex, u"https://r.example:8449"_s, {}, {}, {}, false}, -1);
        row("with a slash", {hex, u"https://r.example:8449/"_s, {}, {}, {}, false}, -1);
        row("with a pin", {hex, u"https://10.0.0.1:8449"_s, QString(64, u'F'), {}, {}, false}, -1);
        row("plain to this computer", {hex, u"http://127.0.0.1:8449"_s, {}, {}, {}, false}, -1);
        row("plain to this computer, IPv6", {hex, u"http://[::1]:8449"_s, {}, {}, {}, false}, -1);
        row("plain over an overlay", {hex, u"http://[200:1::2]:8449"_s, {}, {}, {}, true}, -1);
        bad("no name", {}, RelayPart::Relay);
        bad("a name that is none", {u"r_example"_s, {}, {}, {}, {}, false}, RelayPart::Relay);
        bad("a key without address", {hex, {}, {}, {}, {}, false}, RelayPart::Url);
        bad("plain over a network", {hex, u"http://r.example:8449"_s, {}, {}, {}, false}, RelayPart::Url);
        bad("plain to a name", {hex, u"http://localhost:8449"_s, {}, {}, {}, false}, RelayPart::Url);
        bad("plain to a short form", {hex, u"http://127.1:8449"_s, {}, {}, {}, false}, RelayPart::Url);
        row("a name with an umlaut", {hex, u"https://bücher.example:8449"_s, {}, {}, {}, false}, -1);
        row("the same as the network has it", {hex, u"https://xn--bcher-kva.example"_s, {}, {}, {}, false}, -1);
        bad("another scheme", {hex, u"ftp://r.example"_s, {}, {}, {}, false}, RelayPart::Url);
        bad("no scheme", {hex, u"r.example:8449"_s, {}, {}, {}, false}, RelayPart::Url);
        bad("a path", {hex, u"https://r.example/relay"_s, {}, {}, {}, false}, RelayPart::Url);
        bad("a query", {hex, u"https://r.example/?x"_s, {}, {}, {}, false}, RelayPart::Url);
        bad("a user", {hex, u"https://me@r.example"_s, {}, {}, {}, false}, RelayPart::Url);
        bad("a short pin", {hex, u"https://r.example"_s, u"abcd"_s, {}, {}, false}, RelayPart::Pin);
        bad("a pin without TLS", {hex, u"http://127.0.0.1:1"_s, QString(64, u'f'), {}, {}, false}, RelayPart::Pin);
        bad("a destination that is none", {u"r.example"_s, {}, {}, u"a b"_s, {}, false}, RelayPart::Destination);
        bad("a long petname", {u"r.example"_s, {}, {}, {}, QString(201, u'x'), false}, RelayPart::Petname);
    }
    void what_is_wrong_is_found()
    {
        QFETCH(const RelayTexts, texts);
        QFETCH(const int, part);
        RelayEntry entry;
        auto problem = parse(texts, entry);
        if (!problem)
            problem = relayProblem(entry);
        QCOMPARE(problem.has_value(), part >= 0);
        if (problem) {
            QCOMPARE(int(problem->part), part);
            QVERIFY(!sentence(problem->complaint).contains(u'%'));
        }
    }

    void json_there_and_back_is_the_same()
    {
        const RelayTexts full{u"r.example"_s, u"HTTPS://x/"_s, QString(64, u'0'), u"b.example"_s, u"Bob's"_s, true};
        for (const RelayTexts &texts : {full, RelayTexts{u"r.example"_s, {}, {}, {}, {}, false}}) {
            const RelayEntry entry = relayEntry(texts);
            RelayTexts read;
            QVERIFY(relayFromJson(relayToJson(entry), read));
            QCOMPARE(relayEntry(read), entry);
            QCOMPARE(read.url, texts.url); // as it was written
        }
        QCOMPARE(relayToJson(relayEntry({u"r.example"_s, {}, {}, {}, {}, false})).size(), 1);
    }

    void json_of_another_shape_is_refused_data()
    {
        QTest::addColumn<QJsonObject>("object");
        QTest::newRow("empty") << QJsonObject();
        QTest::newRow("relay is a number") << QJsonObject{{u"relay"_s, 1}};
        QTest::newRow("url is null") << QJsonObject{{u"relay"_s, u"r"_s}, {u"url"_s, QJsonValue()}};
        QTest::newRow("overlay is text") << QJsonObject{{u"relay"_s, u"r"_s}, {u"overlay"_s, u"yes"_s}};
    }
    void json_of_another_shape_is_refused()
    {
        QFETCH(const QJsonObject, object);
        RelayTexts read;
        QVERIFY(!relayFromJson(object, read));
    }

    void text_is_relay_url_and_destination()
    {
        Settings settings;
        QVERIFY(!set(settings, u"node.relays", u"r.example,s.example  https://s:1 ,t.example https://t b.example"_s));
        QCOMPARE(settings.relays.size(), 3);
        QCOMPARE(settings.relays.at(1).url.toString(), u"https://s:1"_s);
        QCOMPARE(settings.relays.at(2).destination.toString(), u"b.example"_s);
        QVERIFY(set(settings, u"node.relays", u"r.example https://r b.example more"_s));
    }

    void a_relay_of_our_own_is_for_every_destination()
    {
        Settings settings;
        QVERIFY(!set(settings, u"node.own_relays", u"r.example https://r:8449"_s));
        QCOMPARE(settings.ownRelays.size(), 1);
        QVERIFY(complaints(settings).isEmpty());
        QVERIFY(!set(settings, u"node.own_relays", u"r.example https://r:8449 b.example"_s));
        QCOMPARE(complaints(settings).size(), 1);
        QCOMPARE(complaints(settings).first().code, ComplaintCode::OwnRelayForOne);
    }

    void the_same_association_twice_is_refused()
    {
        Settings settings;
        QVERIFY(set(settings, u"node.relays", u"r.example,r.example"_s));
        QVERIFY(!set(settings, u"node.relays", u"r.example,r.example https://r b.example"_s));
    }
};

QTEST_GUILESS_MAIN(RelayEntryTest)
#include "tst_relayentry.moc"
