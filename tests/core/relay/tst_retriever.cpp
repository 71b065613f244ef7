// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay/retriever.h"

#include <QtTest/QTest>

using namespace restante;

class TestRetriever : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_reply_is_spliced_from_the_stored_bytes();
    void no_edus_means_no_member();
    void an_empty_queue_still_tells_what_expired();
    void the_entries_behind_the_first_come_in_a_member_of_our_own();
};

void TestRetriever::a_reply_is_spliced_from_the_stored_bytes()
{
    queue::HeldEntry entry;
    entry.id = {12};
    entry.origin = "a.example";
    entry.txnId = "t\"\n\xc3\xa9";
    entry.originServerTs = 1'700'000'000'123;
    entry.receivedMs = 1'790'000'000'000;
    entry.pdus = "[ {\"n\":1.50,\"big\":123456789012345678901234567890} ]";
    entry.edus = R"([{"edu_type":"m.x","content":{"é":"<&>"}}])";
    QCOMPARE(relay::relayTxnReply({entry, 3}),
             QByteArray(R"({"transaction":{"origin":"a.example","origin_server_ts":1700000000123,"pdus":)") +
                 entry.pdus + R"(,"edus":)" + entry.edus +
                 R"(},"entry_id":12,"entries_queued":true,"transaction_id":"t\"\n)"
                 "\xc3\xa9"
                 R"(","received_ts":1790000000000,"expired":3})");
}

void TestRetriever::no_edus_means_no_member()
{
    queue::HeldEntry entry;
    entry.id = {1};
    entry.origin = "a.example";
    entry.pdus = "[]";
    entry.edus = "[]";
    QVERIFY(!relay::relayTxnReply({entry, 0}).contains("edus"));
}

void TestRetriever::an_empty_queue_still_tells_what_expired()
{
    QCOMPARE(relay::relayTxnReply({std::nullopt, 9}),
             R"({"transaction":{"origin":"","origin_server_ts":0,"pdus":[]},"entries_queued":false,"expired":9})");
    QVERIFY(relay::relayTxnReply({std::nullopt, 9}, false)
                .endsWith(R"("expired":9,"org.restante.holds":false,"org.restante.paused":false})"));
    QVERIFY(relay::relayTxnReply({std::nullopt, 9}, true, true)
                .endsWith(R"("expired":9,"org.restante.holds":true,"org.restante.paused":true})"));
}

void TestRetriever::the_entries_behind_the_first_come_in_a_member_of_our_own()
{
    queue::HeldEntry entry;
    entry.id = {1};
    entry.origin = "a.example";
    entry.pdus = "[]";
    entry.edus = "[]";
    queue::HeldEntry second = entry;
    second.id = {2};
    second.txnId = "t2";
    const QByteArray reply = relay::relayTxnReply({entry, 0, {second, second}});
    const QByteArray expected = R"({"transaction":{"origin":"a.example","origin_server_ts":0,"pdus":[]},)"
                                R"("entry_id":2,"transaction_id":"t2","received_ts":0})";
    QVERIFY(reply.endsWith(R"(,"org.restante.batch":[)" + expected + ',' + expected + "]}"));
    QVERIFY(reply.startsWith(R"({"transaction":{"origin":"a.example","origin_server_ts":0,"pdus":[]},"entry_id":1,)"
                             R"("entries_queued":true,)"));
}

QTEST_GUILESS_MAIN(TestRetriever)
#include "tst_retriever.moc"
