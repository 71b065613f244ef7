// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/cards.h"
#include "settingsvalues.h"

#include <QtTest/QTest>

using namespace restante;
using control::CardUse;
using test::relayEntry;
using test::servedEntry;
using namespace Qt::Literals::StringLiterals;
using Effect = CardUse::Effect;

namespace
{
const QString Key(64, u'a');
const QString Own = u"me.example"_s;

card::Card parsed(const QString &text)
{
    card::Card card;
    if (const auto problem = card::parse(text, card))
        qFatal("%s", qPrintable(card::sentence(*problem)));
    return card;
}

card::Card relayLink(const QString &more = {})
{
    return parsed("restante:1/relay?server="_L1 + Key + "&address=https://relay.example:8449&name=Anna"_L1 + more);
}

control::ApplianceStatus listening(const QStringList &addresses)
{
    control::ApplianceStatus status;
    status.serverName = Key;
    status.addresses = addresses;
    return status;
}

settings::RelayEntry known(const QString &url, const QString &destination = {})
{
    return relayEntry({Key, url, {}, destination, u"my Anna"_s, false});
}
} // namespace

class TestCards : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_relays_card_has_the_addresses_that_were_set();
    void public_addresses_with_tls_need_not_be_set();
    void without_an_address_there_is_no_card_data();
    void without_an_address_there_is_no_card();
    void a_relay_that_holds_nothing_has_no_card();
    void a_certificate_of_ones_own_is_pinned();
    void a_friends_card_is_for_who_collects();
    void what_a_card_would_do_is_told_data();
    void what_a_card_would_do_is_told();
    void a_relay_is_added_with_the_best_address();
    void a_relay_is_added_with_the_address_that_was_chosen();
    void a_relay_that_moved_keeps_its_place_and_name();
    void a_contacts_relay_of_the_same_name_stays();
    void a_friend_is_added_once();
    void ones_own_card_is_refused();
};

void TestCards::a_relays_card_has_the_addresses_that_were_set()
{
    settings::Settings settings;
    settings.cardName = u"Anna"_s;
    settings.cardAddresses = u" https://relay.example:8449  https://192.168.1.2:8449 "_s;
    const auto card = control::relayCard(settings, listening({u"https://9.9.9.9:8449"_s}));
    QVERIFY(card);
    QCOMPARE(card::textOf(*card),
             "restante:1/relay?server="_L1 + Key +
                 "&address=https://relay.example:8449&address=https://192.168.1.2:8449&name=Anna"_L1);
}

void TestCards::public_addresses_with_tls_need_not_be_set()
{
    const auto card = control::relayCard(
        {}, listening({u"https://192.168.1.2:8449"_s, u"http://9.9.9.9:80"_s, u"https://9.9.9.9:8449"_s,
                       u"https://[2620:fe::fe]:8449"_s, u"https://0.0.0.0:8449"_s, u"https://[::]:8449"_s}));
    QVERIFY(card);
    QCOMPARE(card::textOf(*card), "restante:1/relay?server="_L1 + Key +
                                      "&address=https://9.9.9.9:8449&address=https://%5B2620:fe::fe%5D:8449"_L1);
}

void TestCards::without_an_address_there_is_no_card_data()
{
    QTest::addColumn<QStringList>("listens");
    QTest::newRow("nothing listens") << QStringList();
    QTest::newRow("this computer only") << QStringList{u"http://127.0.0.1:8449"_s};
    QTest::newRow("everywhere, without TLS") << QStringList{u"http://0.0.0.0:8449"_s};
    QTest::newRow("everywhere") << QStringList{u"https://0.0.0.0:8449"_s, u"https://[::]:8449"_s};
    QTest::newRow("a private address") << QStringList{u"https://192.168.1.2:8449"_s};
}

void TestCards::without_an_address_there_is_no_card()
{
    QFETCH(QStringList, listens);
    const auto card = control::relayCard({}, listening(listens));
    QVERIFY(!card);
    QCOMPARE(card.error().code, Errc::InvalidSetting);
    QVERIFY2(card.error().detail.contains("settings set card.addresses https://"_L1), qPrintable(card.error().detail));
}

void TestCards::a_relay_that_holds_nothing_has_no_card()
{
    settings::Settings settings;
    settings.cardAddresses = u"https://relay.example"_s;
    settings.relayEnabled = false;
    const auto card = control::relayCard(settings, listening({}));
    QVERIFY(!card && card.error().detail.contains("relay.enabled"_L1));
}

void TestCards::a_certificate_of_ones_own_is_pinned()
{
    settings::Settings settings;
    settings.cardAddresses = u"https://relay.example:8449"_s;
    control::ApplianceStatus status = listening({});
    status.pin = QString(64, u'a');
    auto card = control::relayCard(settings, status);
    QVERIFY(card);
    QCOMPARE(card->pin, QByteArray(32, '\xaa'));
    QCOMPARE(parsed(card::textOf(*card)), *card);
    settings.cardAddresses = u"http://127.0.0.1:8449"_s; // which a pin would make useless
    card = control::relayCard(settings, status);
    QVERIFY(card && card->pin.isEmpty());
}

void TestCards::a_friends_card_is_for_who_collects()
{
    settings::Settings settings;
    settings.cardName = u"Berta"_s;
    const auto off = control::friendCard(settings, Own);
    QVERIFY(!off && off.error().detail.contains("node.enabled"_L1));
    settings.nodeEnabled = true;
    const auto card = control::friendCard(settings, Own);
    QVERIFY(card);
    QCOMPARE(card::textOf(*card), u"restante:1/friend?server=me.example&name=Berta"_s);
}

void TestCards::what_a_card_would_do_is_told_data()
{
    QTest::addColumn<QString>("link");
    QTest::addColumn<QString>("knownUrl"); ///< of a relay of this node; "-": none is known
    QTest::addColumn<int>("effect");
    QTest::addColumn<QString>("petname");
    const auto row = [](const char *name, const QString &link, const QString &knownUrl, Effect effect,
                        const QString &petname) { QTest::newRow(name) << link << knownUrl << int(effect) << petname; };
    const QString relay = card::textOf(relayLink());
    row("a new relay", relay, u"-"_s, Effect::AddsRelay, u"Anna"_s);
    row("a known relay", relay, u"https://relay.example:8449"_s, Effect::ChangesNothing, u"my Anna"_s);
    row("a relay that moved", relay, u"https://old.example"_s, Effect::MovesRelay, u"my Anna"_s);
    row("a relay with a pin", relay + "&pin="_L1 + Key, u"https://relay.example:8449"_s, Effect::MovesRelay,
        u"my Anna"_s);
    row("a new friend", u"restante:1/friend?server=b.example"_s, u"-"_s, Effect::AddsFriend, QString());
    row("a known friend", u"restante:1/friend?server=f.example&name=F"_s, u"-"_s, Effect::ChangesNothing, u"F"_s);
    row("one's own, as a friend", u"restante:1/friend?server=me.example"_s, u"-"_s, Effect::IsOwn, QString());
    row("one's own, as a relay", u"restante:1/relay?server=me.example"_s, u"-"_s, Effect::IsOwn, QString());
}

void TestCards::what_a_card_would_do_is_told()
{
    QFETCH(QString, link);
    QFETCH(QString, knownUrl);
    QFETCH(int, effect);
    QFETCH(QString, petname);
    settings::Settings settings;
    settings.served = {servedEntry(u"f.example"_s, {}, {})};
    if (knownUrl != "-"_L1)
        settings.relays = {known(knownUrl)};
    const CardUse use = control::useOf(parsed(link), settings, Own);
    QCOMPARE(int(use.effect), effect);
    QCOMPARE(use.petname, petname);
}

void TestCards::a_relay_is_added_with_the_best_address()
{
    settings::Settings settings;
    const auto card = parsed("restante:1/relay?server="_L1 + Key +
                             "&address=https://10.0.0.1&address=https://relay.example&pin="_L1 + Key);
    QVERIFY(control::addCard(card, {}, u"A"_s, Own, settings));
    QCOMPARE(settings.relays, QList{relayEntry({Key, u"https://relay.example"_s, Key, {}, u"A"_s, false})});
    QVERIFY(control::useOf(card, settings, Own).nodeOff);
}

void TestCards::a_relay_is_added_with_the_address_that_was_chosen()
{
    settings::Settings settings;
    const auto card = relayLink(u"&address=https://10.0.0.1"_s);
    QVERIFY(control::addCard(card, card.addresses.last(), {}, Own, settings));
    QCOMPARE(settings.relays.first().url.toString(), u"https://10.0.0.1"_s);
    QCOMPARE(control::useOf(card, settings, Own).effect, Effect::ChangesNothing);
}

void TestCards::a_relay_that_moved_keeps_its_place_and_name()
{
    settings::Settings settings;
    settings.relays = {known(u"http://[200::1]:8449"_s, Own), known(u"https://x.example"_s, u"c.example"_s)};
    settings.relays.first().overlay = true;
    const auto card = relayLink();
    QVERIFY(control::addCard(card, {}, u"my Anna"_s, Own, settings));
    QCOMPARE(settings.relays,
             (QList{known(u"https://relay.example:8449"_s, Own), known(u"https://x.example"_s, u"c.example"_s)}));
    QCOMPARE(control::useOf(card, settings, Own).effect, Effect::ChangesNothing);
}

void TestCards::a_contacts_relay_of_the_same_name_stays()
{
    settings::Settings settings;
    settings.relays = {known(u"https://old.example"_s, u"c.example"_s)};
    QVERIFY(control::addCard(relayLink(), {}, u"A"_s, Own, settings));
    QCOMPARE(settings.relays.size(), 2);
    QCOMPARE(settings.relays.first(), known(u"https://old.example"_s, u"c.example"_s));
}

void TestCards::a_friend_is_added_once()
{
    settings::Settings settings;
    settings.relayEnabled = false;
    const auto card = parsed(u"restante:1/friend?server=b.example&name=Berta"_s);
    QVERIFY(control::useOf(card, settings, Own).relayOff);
    QVERIFY(control::addCard(card, {}, u"B"_s, Own, settings));
    QVERIFY(control::addCard(card, {}, u"other"_s, Own, settings));
    QCOMPARE(settings.served, QList{servedEntry(u"b.example"_s, u"B"_s, {})});
}

void TestCards::ones_own_card_is_refused()
{
    settings::Settings settings;
    const auto added = control::addCard(parsed(u"restante:1/friend?server=me.example"_s), {}, {}, Own, settings);
    QVERIFY(!added && added.error().code == Errc::InvalidParam);
    QCOMPARE(settings, settings::Settings());
}

QTEST_GUILESS_MAIN(TestCards)
#include "tst_cards.moc"
