// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/relaywire.h"
#include "samples.h"

#include <QtTest/QTest>

#include <sodium.h>

using namespace restante;
using namespace restante::test;

class TestRelayWire : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(sodium_init() >= 0); }

    void a_request_acknowledges_and_asks_for_many();
    void the_clock_of_a_relay_is_read_from_its_date();
    void targets_are_encoded_once();
    void answers_are_read_data();
    void answers_are_read();
    void a_batch_is_read_in_order();
    void bytes_are_kept_as_they_came();
    void a_transaction_as_deep_as_a_relay_takes_is_read();
    void what_a_dendrite_relay_changes_makes_no_other_content();
    void the_spelling_of_an_entry_makes_no_other_content_of_those_behind_it();
    void typing_that_repeats_is_not_the_same_without_a_transaction_id();
    void a_transaction_that_is_not_as_it_should_be_is_kept();
    void what_a_stranger_wrote_does_not_hide_the_rest_data();
    void what_a_stranger_wrote_does_not_hide_the_rest();
    void a_transaction_of_nobody_can_be_acknowledged_data();
    void a_transaction_of_nobody_can_be_acknowledged();
    void what_no_relay_means_is_refused_with_its_words_data();
    void what_no_relay_means_is_refused_with_its_words();

private:
    Result<node::RelayAnswer> read(const QByteArray &text, const QByteArray &relay = "r.example") const
    {
        return node::readRelayAnswer(text, server(relay), m_key);
    }
    matrix::DigestKey m_key{1, 2, 3};
};

void TestRelayWire::a_request_acknowledges_and_asks_for_many()
{
    const node::Stamp stamp{17, "ab"};
    QCOMPARE(node::relayTxnBody({}, 32, stamp),
             R"({"entry_id":0,"nonce":"ab","org.restante.batch":{"acknowledge":[],"limit":32},"ts":17})");
    QCOMPARE(node::relayTxnBody({{7}, {8}, {9}}, 1, stamp),
             R"({"entry_id":7,"nonce":"ab","org.restante.batch":{"acknowledge":[8,9],"limit":1},"ts":17})");
    QCOMPARE(node::relayTxnBody({}, std::nullopt, stamp), R"({"entry_id":0,"nonce":"ab","ts":17})");
    for (const auto &body : {node::relayTxnBody({}, 32, stamp), node::relayTxnBody({{7}, {8}}, 1, stamp)})
        QCOMPARE(*matrix::canonicalJson(body, matrix::NumberRule::Strict), body);
}

void TestRelayWire::the_clock_of_a_relay_is_read_from_its_date()
{
    const auto offset = [](const QByteArray &date) {
        return node::clockOffsetMs({401, {{"date", date}}, {}}, 1'790'000'000'000);
    };
    QCOMPARE(offset("Mon, 21 Sep 2026 14:13:20 GMT"), std::optional<qint64>(0));
    QCOMPARE(offset("Tue, 22 Sep 2026 14:13:20 GMT"), std::optional<qint64>(86'400'000));
    QVERIFY(!offset("yesterday GMT"));
    QVERIFY(!offset(""));
}

void TestRelayWire::targets_are_encoded_once()
{
    QCOMPARE(node::relayTxnTarget(server("b.example:8448")), "/_matrix/federation/v1/relay_txn/@user:b.example:8448");
    QCOMPARE(node::relayTxnTarget(server("[::1]:80")), "/_matrix/federation/v1/relay_txn/@user:%5B::1%5D:80");
    QCOMPARE(node::sendRelayTarget("a/b %c", server("b.example")),
             "/_matrix/federation/v1/send_relay/a%2Fb%20%25c/@user:b.example");
}

void TestRelayWire::answers_are_read_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("entries"); ///< -1: Errc::BadAnswer
    QTest::addColumn<qint64>("expired");
    const auto row = [](const char *name, const QByteArray &text, int entries, qint64 expired = -1) {
        QTest::newRow(name) << text << entries << expired;
    };
    row("one entry", answerWith({entryMembers("x", 5, 1)}), 1);
    row("Dendrite's empty queue", EmptyAnswer, 0);
    row("our empty queue",
        R"({"transaction":{"origin":"","origin_server_ts":0,"pdus":[]},"entries_queued":false,"expired":4})", 0, 4);
    row("no entry_id", R"({"transaction":{"origin":"a.example","origin_server_ts":0,"pdus":[]},"entries_queued":true})",
        1);
    row("pdus null", R"({"transaction":{"origin":"a.example","pdus":null},"entry_id":3,"entries_queued":true})", 1);
    row("unknown members", R"({"remaining":3,"transaction":{"origin":"a.example","pdus":[],"x":1},"entry_id":3})", 1);
    row("null", "null", -1);
    row("no JSON", "<html>", -1);
    row("no transaction", "{}", -1);
    row("transaction is a list", R"({"transaction":[]})", -1);
    row("cut off", R"({"transaction":{"origin":"a.example","pdus":[]},"entry_id":3)", -1);
    row("origin is no name, no entry_id", R"({"transaction":{"origin":"a b","pdus":[]}})", -1);
    row("an odd batch", R"({)" + entryMembers("x", 5, 1) + R"(,"org.restante.batch":[3]})", -1);
}

void TestRelayWire::answers_are_read()
{
    QFETCH(const QByteArray, text);
    QFETCH(const int, entries);
    QFETCH(const qint64, expired);
    const auto answer = read(text);
    QCOMPARE(answer.ok(), entries >= 0);
    if (!answer) {
        QCOMPARE(answer.error().code, Errc::BadAnswer);
        return;
    }
    QCOMPARE(int(answer->entries.size()), entries);
    QCOMPARE(answer->expired.value_or(-1), expired);
    QVERIFY(answer->odd.isNull());
}

void TestRelayWire::a_batch_is_read_in_order()
{
    const auto answer = read(answerWith({entryMembers("x", 5, 1), entryMembers("y", 6, 2), entryMembers("z", 7, 3)}));
    QVERIFY(answer.ok());
    QCOMPARE(answer->entries.size(), size_t(3));
    QCOMPARE(answer->entries[2].id.value, 7);
    QCOMPARE(answer->entries[2].collected.txnId, "t-z");
    QCOMPARE(answer->entries[1].collected.originServerTs, 2);
}

void TestRelayWire::bytes_are_kept_as_they_came()
{
    const QByteArray pdus = R"([ {"n":1.50,"big":123456789012345678901234567890,"s":"\u003c"} ])";
    const auto answer = read(R"({"transaction":{"origin":"a.example","pdus":)" + pdus + R"(},"entry_id":3})");
    QVERIFY(answer.ok());
    QCOMPARE(answer->entries[0].collected.pdus, pdus);
    QCOMPARE(answer->entries[0].collected.edus, "[]");
    QCOMPARE(answer->entries[0].collected.pduCount, 1);
}

void TestRelayWire::a_transaction_as_deep_as_a_relay_takes_is_read()
{
    constexpr int inside = matrix::MaxJsonDepth - 3; // root, pdus, the event
    const QByteArray pdus = R"([{"a":)" + QByteArray("[").repeated(inside) + QByteArray("]").repeated(inside) + "}]";
    QVERIFY(matrix::ScannedObject::scan(R"({"pdus":)" + pdus + '}').ok());
    const QByteArray deep = R"("transaction":{"origin":"a.example","pdus":)" + pdus + R"(},"entry_id":)";
    const auto answer = read('{' + deep + R"(3,"org.restante.batch":[{)" + deep + R"(4}]})");
    QVERIFY(answer.ok());
    QVERIFY(answer->odd.isNull());
    QCOMPARE(answer->entries.size(), size_t(2));
    QCOMPARE(answer->entries[1].collected.pdus, pdus);
    QCOMPARE(answer->entries[1].collected.pduCount, 1);
}

void TestRelayWire::what_a_dendrite_relay_changes_makes_no_other_content()
{
    const auto first = read(R"({"transaction":{"origin":"a.example","origin_server_ts":77,"pdus":[{"b":"<&>"}],)"
                            R"("edus":[{"edu_type":"m.x","content":{"c":1}}]},"entry_id":3,"transaction_id":"t"})");
    const auto second = read(R"({"transaction":{"origin":"a.example","origin_server_ts":0,)"
                             R"("pdus":[{"b":"\u003c\u0026\u003e"}],)"
                             R"("edus":[{"edu_type":"m.x","origin":"","content":{"c":1}}]},"entry_id":9})",
                             "other.example");
    QVERIFY(first.ok() && second.ok());
    QCOMPARE(first->entries[0].collected.digest, second->entries[0].collected.digest);
}

void TestRelayWire::the_spelling_of_an_entry_makes_no_other_content_of_those_behind_it()
{
    const auto entry = [](const QByteArray &space, int id) {
        return R"("transaction":{"origin":"a.example","origin_server_ts":7,"pdus":[{"content":{"a":[1)" +
               QByteArray("," + space + "2").repeated(200) + R"(]},"type":"m"}],"edus":[{"edu_type":"e","content":{)" +
               space + R"("x":1}}]},"entry_id":)" + QByteArray::number(id);
    };
    const auto tidy = read(answerWith({entry("", 1)}));
    QVERIFY(tidy.ok());
    const auto &digest = tidy->entries[0].collected.digest;
    for (const QByteArray &first : {QByteArray(""), QByteArray(" ")}) {
        for (const QByteArray &second : {QByteArray(""), QByteArray("\n")}) {
            const auto answer = read(answerWith({entry(first, 1), entry(second, 2), entry("", 3)}));
            QVERIFY(answer.ok());
            QCOMPARE(answer->entries.size(), size_t(3));
            for (const auto &each : answer->entries)
                QCOMPARE(each.collected.digest, digest);
        }
    }
}

void TestRelayWire::typing_that_repeats_is_not_the_same_without_a_transaction_id()
{
    const auto typing = [this](int id) {
        return read(R"({"transaction":{"origin":"a.example","pdus":[],"edus":[{"edu_type":"m.typing","content":{}}]},)"
                    R"("entry_id":)" +
                    QByteArray::number(id) + '}');
    };
    QVERIFY(typing(3)->entries[0].collected.digest != typing(4)->entries[0].collected.digest);
    QCOMPARE(typing(3)->entries[0].collected.digest, typing(3)->entries[0].collected.digest);
}

void TestRelayWire::a_transaction_that_is_not_as_it_should_be_is_kept()
{
    const auto answer = read(R"({"transaction":{"origin":"a.example","pdus":[3]},"entry_id":3,"entries_queued":true})");
    QVERIFY(answer.ok());
    QVERIFY(!answer->odd.isNull());
    QCOMPARE(answer->entries.size(), size_t(1));
    QCOMPARE(answer->entries[0].collected.pdus, "[3]");
}

void TestRelayWire::what_a_stranger_wrote_does_not_hide_the_rest_data()
{
    QTest::addColumn<QByteArray>("pdu");
    QTest::newRow("duplicate key") << QByteArray("{\"a\":1,\"a\":2}");
    QTest::newRow("lone surrogate") << QByteArray("{\"a\":\"\\ud800\"}");
    QTest::newRow("bad UTF-8") << QByteArray("{\"a\":\"\xff\"}");
    QTest::newRow("bad number") << QByteArray("{\"a\":01}");
    QTest::newRow("bad escape") << QByteArray("{\"a\":\"\\u12\"}");
    QTest::newRow("too deep") << "{\"a\":" + QByteArray("[").repeated(400) + QByteArray("]").repeated(400) + '}';
}

void TestRelayWire::what_a_stranger_wrote_does_not_hide_the_rest()
{
    QFETCH(const QByteArray, pdu);
    const QByteArray good = "{\"type\":\"good\"}";
    const QByteArray odd = "\"transaction\":{\"origin\":\"a.example\",\"origin_server_ts\":7,\"pdus\":[" + good + ',' +
                           pdu + ',' + good + "],\"edus\":[" + pdu + "]},\"entry_id\":6,\"transaction_id\":\"t\"";
    const auto answer = read(answerWith({entryMembers("x", 5, 1), odd, entryMembers("z", 7, 3)}));
    QVERIFY2(answer.ok(), answer ? "" : qPrintable(answer.error().detail));
    QVERIFY(!answer->odd.isNull());
    QCOMPARE(answer->entries.size(), size_t(3));
    QCOMPARE(answer->entries[0].collected.digest,
             read(answerWith({entryMembers("x", 5, 1)}))->entries[0].collected.digest);
    const auto &mended = answer->entries[1];
    QCOMPARE(mended.id.value, 6);
    QVERIFY(!mended.useless);
    QCOMPARE(mended.collected.pdus, '[' + good + ',' + good + ']');
    QCOMPARE(mended.collected.pduCount, 2);
    QCOMPARE(mended.collected.edus, QByteArray("[]"));
    QCOMPARE(mended.collected.originServerTs, 7);
    QCOMPARE(mended.collected.txnId, QByteArray("t"));
    QCOMPARE(answer->entries[2].id.value, 7);
    QCOMPARE(answer->entries[2].collected.txnId, QByteArray("t-z"));

    const auto alone = read('{' + odd + '}'); // at a Dendrite relay
    QVERIFY(alone.ok());
    QCOMPARE(alone->entries[0].collected.digest, mended.collected.digest);
}

void TestRelayWire::a_transaction_of_nobody_can_be_acknowledged_data()
{
    QTest::addColumn<QByteArray>("transaction");
    QTest::newRow("no origin") << QByteArray("{\"pdus\":[]}");
    QTest::newRow("no name") << QByteArray("{\"origin\":\"a b\",\"pdus\":[]}");
    QTest::newRow("no text") << QByteArray("{\"origin\":7,\"pdus\":[]}");
    QTest::newRow("no JSON") << QByteArray("{\"origin\":\"\\ud800\",\"pdus\":[]}");
}

void TestRelayWire::a_transaction_of_nobody_can_be_acknowledged()
{
    QFETCH(const QByteArray, transaction);
    const auto answer = read("{\"transaction\":" + transaction + ",\"entry_id\":3,\"entries_queued\":true}");
    QVERIFY(answer.ok());
    QCOMPARE(answer->entries.size(), size_t(1));
    QCOMPARE(answer->entries[0].id.value, 3);
    QVERIFY(answer->entries[0].useless);
    QVERIFY(!answer->odd.isNull());
}

void TestRelayWire::what_no_relay_means_is_refused_with_its_words_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("words");
    const auto row = [](const char *name, const QByteArray &rest, const QString &words) {
        QTest::newRow(name) << R"({"transaction":{"origin":"a.example","pdus":[]},)" + rest + '}' << words;
    };
    row("an error", R"("entry_id":3,"entries_queued":true,"errcode":"M_FORBIDDEN","error":"Not you")",
        QStringLiteral("The relay answered 200 M_FORBIDDEN: Not you"));
    row("more that is no boolean", R"("entry_id":3,"entries_queued":"yes")",
        QStringLiteral("The relay's answer has entries_queued as \"yes\""));
    row("a number", R"("entry_id":3,"entries_queued":1)", QStringLiteral("The relay's answer has entries_queued as 1"));
    row("a negative id", R"("entry_id":-3,"entries_queued":true)",
        QStringLiteral("The relay's answer has entry_id as -3"));
    row("a large id", R"("entry_id":9007199254740992,"entries_queued":true)",
        QStringLiteral("The relay's answer has entry_id as 9007199254740992"));
    row("a text", R"("entry_id":"3","entries_queued":true)",
        QStringLiteral("The relay's answer has entry_id as \"3\""));
    QTest::newRow("an error alone") << QByteArray(R"({"errcode":"M_X"})")
                                    << QStringLiteral("The relay answered 200 M_X");
    QTest::newRow("an empty queue") << QByteArray(R"({"transaction":{"origin":"","pdus":null},"entries_queued":"no"})")
                                    << QStringLiteral("The relay's answer has entries_queued as \"no\"");
    QTest::newRow("a negative id of an empty queue")
        << QByteArray(R"({"transaction":{"origin":"","pdus":null},"entry_id":-1,"entries_queued":false})")
        << QStringLiteral("The relay's answer has entry_id as -1");
    QTest::newRow("in a batch") << answerWith({entryMembers("x", 5, 1), entryMembers("y", -6, 2)})
                                << QStringLiteral("The relay's answer has entry_id as -6");
}

void TestRelayWire::what_no_relay_means_is_refused_with_its_words()
{
    QFETCH(const QByteArray, text);
    QFETCH(const QString, words);
    const auto answer = read(text);
    QVERIFY(!answer.ok());
    QCOMPARE(answer.error().code, Errc::BadAnswer);
    QCOMPARE(answer.error().detail, words);
}

QTEST_GUILESS_MAIN(TestRelayWire)
#include "tst_relaywire.moc"
