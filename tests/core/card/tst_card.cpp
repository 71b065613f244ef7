// SPDX-License-Identifier: GPL-3.0-or-later
#include "card/card.h"

#include <QtCore/QRegularExpression>
#include <QtTest/QTest>

using namespace restante::card;
using restante::settings::RelayUrl;
using namespace Qt::Literals::StringLiterals;
using Code = CardProblem::Code;

namespace
{
const QString Key(64, u'a');

RelayUrl url(const QString &text)
{
    RelayUrl out;
    if (restante::settings::parseCardAddress(text, out))
        qFatal("%s is no address for a card", qPrintable(text));
    return out;
}

Card relayCard()
{
    Card card;
    card.server = *restante::matrix::ServerName::parse(Key.toLatin1());
    card.addresses = {url(u"https://relay.example:8449"_s)};
    return card;
}

Card parsed(const QString &text)
{
    Card card;
    if (const auto problem = parse(text, card))
        qFatal("%s: %s", qPrintable(text), qPrintable(sentence(*problem)));
    return card;
}
} // namespace

Q_DECLARE_METATYPE(restante::card::Card)

class TestCard : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_card_comes_back_from_its_text_data();
    void a_card_comes_back_from_its_text();
    void a_card_is_a_link_that_people_can_read();
    void what_mail_programs_do_to_a_link_does_no_harm_data();
    void what_mail_programs_do_to_a_link_does_no_harm();
    void what_cannot_be_used_is_told_data();
    void what_cannot_be_used_is_told();
    void a_refused_text_leaves_no_card();
    void nothing_odd_is_repeated_in_a_message();
    void every_problem_has_words();
    void any_byte_put_into_a_card_gives_a_card_or_words();
    void an_address_says_from_where_it_is_reached_data();
    void an_address_says_from_where_it_is_reached();
    void the_best_address_is_one_that_all_can_reach();
    void a_card_adds_what_it_says();
};

void TestCard::a_card_comes_back_from_its_text_data()
{
    QTest::addColumn<Card>("card");
    Card card = relayCard();
    QTest::newRow("a relay") << card;
    card.addresses = {url(u"https://[2001:db8::1]:8449"_s), url(u"https://192.168.1.2"_s),
                      url(u"http://127.0.0.1:8449"_s), url(u"https://xn--bcher-kva.example:1"_s)};
    QTest::newRow("several addresses") << card;
    card = relayCard();
    card.pin = QByteArray(32, '\xfe');
    card.name = u"Zoë & Jürgen = 50 % + #1 😀"_s;
    QTest::newRow("a pin and a name") << card;
    card = relayCard();
    card.server = *restante::matrix::ServerName::parse("relay.example:8448");
    card.addresses.clear();
    QTest::newRow("found by its name") << card;
    card.kind = Card::Kind::Friend;
    card.name = u"אנה"_s;
    QTest::newRow("a friend") << card;
    card.server = *restante::matrix::ServerName::parse("[2001:db8::5]:8448");
    card.name.clear();
    QTest::newRow("a friend without a name") << card;
}

void TestCard::a_card_comes_back_from_its_text()
{
    QFETCH(Card, card);
    const QString text = textOf(card);
    static const QRegularExpression safe(u"^restante:1/[-A-Za-z0-9._~:/?=&%]+\\z"_s);
    QVERIFY2(safe.match(text).hasMatch(), qPrintable(text));
    QVERIFY(looksLikeCard(text));
    Card again;
    QVERIFY(!parse(text, again));
    QCOMPARE(again, card);
    QCOMPARE(textOf(again), text);
}

void TestCard::a_card_is_a_link_that_people_can_read()
{
    Card card = relayCard();
    card.name = u"Anna B"_s;
    QCOMPARE(textOf(card),
             "restante:1/relay?server="_L1 + Key + "&address=https://relay.example:8449&name=Anna%20B"_L1);
}

void TestCard::what_mail_programs_do_to_a_link_does_no_harm_data()
{
    QTest::addColumn<QString>("text");
    const QString text = textOf(relayCard());
    QTest::newRow("white space around") << " \t\r\n"_L1 + text + "\r\n"_L1;
    QTest::newRow("angle brackets") << " <"_L1 + text + "> "_L1;
    QTest::newRow("a large scheme") << "RESTANTE:"_L1 + text.sliced(9);
    QTest::newRow("more is encoded") << QString(text).replace("://"_L1, "%3a%2F%2f"_L1);
    QTest::newRow("a large key") << QString(text).replace(Key, Key.toUpper());
}

void TestCard::what_mail_programs_do_to_a_link_does_no_harm()
{
    QFETCH(QString, text);
    QCOMPARE(parsed(text), relayCard());
}

void TestCard::what_cannot_be_used_is_told_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("word"); ///< in the sentence
    const auto row = [](const char *name, const QString &text, Code code, const QString &word) {
        QTest::newRow(name) << text << int(code) << word;
    };
    const QString relay = textOf(relayCard());
    const QString friendly = u"restante:1/friend?server=b.example"_s;
    row("nothing", u" \n"_s, Code::Nothing, u"restante:"_s);
    row("a web page", u"https://relay.example/"_s, Code::NotACard, u"not a card"_s);
    row("the scheme alone", u"restante:"_s, Code::NotACard, u"not a card"_s);
    row("no members", u"restante:1/relay"_s, Code::NotACard, u"not a card"_s);
    row("a member with a slash alone", u"restante:1?a/b"_s, Code::NotACard, u"not a card"_s);
    row("a newer version", u"restante:2/relay?server=b.example"_s, Code::OtherVersion, u"\"2\""_s);
    row("no version", u"restante:/relay?server=b.example"_s, Code::OtherVersion, u"version"_s);
    row("another kind", u"restante:1/group?server=b.example"_s, Code::OtherKind, u"\"group\""_s);
    row("huge", friendly + "&name="_L1 + QString(1'000'000, u'x'), Code::TooLong, u"longer"_s);
    row("just too long", relay + QString(MostCardBytes - relay.size() + 1, u'x'), Code::TooLong, u"longer"_s);
    row("a space", friendly + " x"_L1, Code::Broken, u"damaged"_s);
    row("a line break", QString(relay).insert(40, u'\n'), Code::Broken, u"damaged"_s);
    row("a control character", friendly + QChar(7), Code::Broken, u"damaged"_s);
    row("a letter that is not encoded", friendly + u"&name=Zoë"_s, Code::Broken, u"damaged"_s);
    row("half an escape", friendly + u"&name=a%2"_s, Code::Broken, u"damaged"_s);
    row("no escape", friendly + u"&name=a%zz"_s, Code::Broken, u"damaged"_s);
    row("no UTF-8", friendly + u"&name=%ff%fe"_s, Code::Broken, u"damaged"_s);
    row("overlong UTF-8", friendly + u"&name=%c0%af"_s, Code::Broken, u"damaged"_s);
    row("half a letter", friendly + u"&name=%f0%9f%98"_s, Code::Broken, u"damaged"_s);
    row("a member of another day", friendly + u"&colour=red"_s, Code::UnknownMember, u"\"colour\""_s);
    row("an empty member", friendly + u"&"_s, Code::UnknownMember, u"\"\""_s);
    row("two servers", friendly + u"&server=b.example"_s, Code::RepeatedMember, u"\"server\""_s);
    row("two names", friendly + u"&name=a&name=b"_s, Code::RepeatedMember, u"\"name\""_s);
    row("two pins", relay + "&pin="_L1 + Key + "&pin="_L1 + Key, Code::RepeatedMember, u"\"pin\""_s);
    row("an address twice", relay + "&address=https://relay.example:8449"_L1, Code::Unusable, u"twice"_s);
    row("no server", u"restante:1/friend?name=Anna"_s, Code::NoServer, u"whose"_s);
    row("a server that is none", u"restante:1/friend?server=b_example"_s, Code::Unusable, u"b_example"_s);
    row("a part of a key", "restante:1/friend?server="_L1 + Key.chopped(1), Code::Unusable, u"63"_s);
    row("a friend with an address", friendly + u"&address=https://b.example"_s, Code::FriendWithAddress, u"address"_s);
    row("a friend with a pin", friendly + "&pin="_L1 + Key, Code::FriendWithAddress, u"pin"_s);
    row("a key without an address", "restante:1/relay?server="_L1 + Key, Code::Unusable, u"say where it is"_s);
    row("an address without TLS", relay + u"&address=http://relay.example"_s, Code::Unusable, u"not encrypted"_s);
    row("a private address without TLS", relay + u"&address=http://192.168.1.1:8449"_s, Code::Unusable,
        u"not encrypted"_s);
    row("another scheme", relay + u"&address=file:///etc/passwd"_s, Code::Unusable, u"passwd"_s);
    row("an address with a path", relay + u"&address=https://relay.example/a"_s, Code::Unusable, u"/a"_s);
    row("an address with a user", relay + u"&address=https://relay.example%40evil.example"_s, Code::Unusable,
        u"evil"_s);
    row("an address that reads as another", relay + u"&address=https://2130706433"_s, Code::Unusable, u"2130706433"_s);
    row("an empty address", relay + u"&address="_s, Code::Unusable, u"cannot be used"_s);
    row("an address in other letters", relay + u"&address=https://%D0%B0pple.example"_s, Code::Unusable, u"pple"_s);
    row("five addresses",
        relay + u"&address=https://a.example&address=https://b.example&address=https://c.example"
                "&address=https://d.example"_s,
        Code::TooManyAddresses, u"four"_s);
    row("a pin that is none", relay + u"&pin=abcd"_s, Code::Unusable, u"\"abcd\""_s);
    row("an empty pin", relay + u"&pin="_s, Code::Unusable, u"pin"_s);
    row("a pin without TLS", "restante:1/relay?server="_L1 + Key + "&address=http://127.0.0.1:8449&pin="_L1 + Key,
        Code::Unusable, u"pin"_s);
    row("a name with a control character", friendly + u"&name=a%0Ab"_s, Code::Unusable, u"characters"_s);
    row("a name that turns the direction", friendly + u"&name=a%E2%80%AEb"_s, Code::Unusable, u"characters"_s);
    row("a name with an isolate", friendly + u"&name=a%E2%81%A7b"_s, Code::Unusable, u"characters"_s);
    row("a name of nothing", friendly + u"&name=%E3%85%A4"_s, Code::Unusable, u"characters"_s);
    row("a name with a null", friendly + u"&name=a%00b"_s, Code::Unusable, u"characters"_s);
    row("a name with space at its end", friendly + u"&name=a%20"_s, Code::Unusable, u"characters"_s);
    row("a long name", friendly + "&name="_L1 + QString(61, u'x'), Code::Unusable, u"60"_s);
}

void TestCard::what_cannot_be_used_is_told()
{
    QFETCH(QString, text);
    QFETCH(int, code);
    QFETCH(QString, word);
    Card card;
    const auto problem = parse(text, card);
    QVERIFY(problem);
    QVERIFY2(int(problem->code) == code && sentence(*problem).contains(word), qPrintable(sentence(*problem)));
    QCOMPARE(errorOf(*problem).code, restante::Errc::InvalidParam);
}

void TestCard::a_refused_text_leaves_no_card()
{
    Card card = relayCard();
    QVERIFY(parse(textOf(relayCard()) + "&pin=x"_L1, card));
    QCOMPARE(card, Card());
}

void TestCard::nothing_odd_is_repeated_in_a_message()
{
    const QString texts[] = {u"restante:1\u202E/relay?server=a.example"_s,
                             u"restante:1/re\u0007lay?server=a.example"_s,
                             u"restante:1/friend?server=a.example&name=%1B%5B31m"_s,
                             u"restante:1/friend?server=a%E2%80%AE.example"_s,
                             u"restante:1/relay?server=a.example&address=https://a%E2%80%AE.example"_s,
                             "restante:1/"_L1 + QString(1'900, u'k') + "?server=a.example"_L1};
    for (const QString &text : texts) {
        Card card;
        const auto problem = parse(text, card);
        QVERIFY(problem);
        const QString said = sentence(*problem);
        QVERIFY2(said.size() < 250, qPrintable(said));
        for (const QChar character : said)
            QVERIFY2(character.isPrint(), qPrintable(said));
    }
}

void TestCard::every_problem_has_words()
{
    for (int code = 0; code < int(CardProblem::LastCode); ++code)
        QVERIFY(!englishPattern(Code(code)).isEmpty());
}

void TestCard::any_byte_put_into_a_card_gives_a_card_or_words()
{
    Card full = relayCard();
    full.pin = QByteArray(32, 'p');
    full.name = u"Zoë"_s;
    const QString text = textOf(full);
    for (qsizetype at = 0; at <= text.size(); ++at) {
        for (const int code :
             std::initializer_list<int>{0, '%', '&', '=', '?', '/', ' ', '~', 'z', 0x202e, 0xd800, 0xffff}) {
            Card card;
            const auto problem = parse(text.first(at) + QChar(ushort(code)) + text.sliced(at), card);
            if (problem)
                QVERIFY(!sentence(*problem).isEmpty());
            else
                QCOMPARE(parsed(textOf(card)), card);
        }
        Card card;
        if (!parse(text.first(at), card))
            QCOMPARE(parsed(textOf(card)), card);
    }
}

void TestCard::an_address_says_from_where_it_is_reached_data()
{
    QTest::addColumn<QString>("address");
    QTest::addColumn<int>("reach");
    const auto row = [](const QString &address, Reach reach) {
        QTest::newRow(qPrintable(address)) << address << int(reach);
    };
    row(u"https://relay.example:8449"_s, Reach::Anywhere);
    row(u"https://9.9.9.9"_s, Reach::Anywhere);
    row(u"https://[2620:fe::fe]:8449"_s, Reach::Anywhere);
    row(u"https://192.168.1.2:8449"_s, Reach::LocalNetwork);
    row(u"https://10.1.2.3"_s, Reach::LocalNetwork);
    row(u"https://100.64.0.1"_s, Reach::LocalNetwork);
    row(u"https://169.254.169.254"_s, Reach::LocalNetwork);
    row(u"https://[fd00::1]:8449"_s, Reach::LocalNetwork);
    row(u"https://[fe80::1]"_s, Reach::LocalNetwork);
    row(u"https://[::ffff:192.168.1.2]"_s, Reach::LocalNetwork);
    row(u"https://relay"_s, Reach::LocalNetwork);
    row(u"https://relay.local:8449"_s, Reach::LocalNetwork);
    row(u"https://nas.home.arpa"_s, Reach::LocalNetwork);
    row(u"https://localhost:8449"_s, Reach::ThisComputer);
    row(u"https://LOCALHOST."_s, Reach::ThisComputer);
    row(u"https://127.9.9.9"_s, Reach::ThisComputer);
    row(u"http://[::1]:8449"_s, Reach::ThisComputer);
}

void TestCard::an_address_says_from_where_it_is_reached()
{
    QFETCH(QString, address);
    QFETCH(int, reach);
    QCOMPARE(int(reachOf(url(address))), reach);
}

void TestCard::the_best_address_is_one_that_all_can_reach()
{
    Card card = relayCard();
    card.addresses = {url(u"https://192.168.1.2"_s), url(u"https://relay.example"_s), url(u"https://b.example"_s)};
    QCOMPARE(bestAddress(card).toString(), u"https://relay.example"_s);
    card.addresses = {url(u"https://192.168.1.2"_s), url(u"https://127.0.0.1"_s)};
    QCOMPARE(bestAddress(card).toString(), u"https://192.168.1.2"_s);
    card.addresses.clear();
    QVERIFY(bestAddress(card).isNull());
}

void TestCard::a_card_adds_what_it_says()
{
    Card card = relayCard();
    card.pin = QByteArray(32, 'p');
    const auto relay = relayEntry(card, bestAddress(card), u"Anna"_s);
    QCOMPARE(relay.relay, card.server);
    QCOMPARE(relay.url, card.addresses.first());
    QCOMPARE(relay.pin, card.pin);
    QCOMPARE(relay.petname, u"Anna"_s);
    QVERIFY(relay.destination.isNull() && !relay.overlay);
    const auto served = servedEntry(parsed(u"restante:1/friend?server=b.example&name=Berta"_s), u"B"_s);
    QCOMPARE(served.name.toString(), u"b.example"_s);
    QCOMPARE(served.petname, u"B"_s);
    QVERIFY(served.knownOrigins.isEmpty() && served.front.isNull());
}

QTEST_GUILESS_MAIN(TestCard)
#include "tst_card.moc"
