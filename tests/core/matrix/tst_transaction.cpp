// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/transaction.h"
#include "vectors.h"

#include <QtTest/QTest>

#include <sodium.h>

using namespace restante;
using namespace restante::matrix;

class TransactionTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void every_capture_has_the_counts_that_were_noted();
    void a_body_has_the_shape_of_a_transaction_or_is_refused_data();
    void a_body_has_the_shape_of_a_transaction_or_is_refused();
    void arrays_are_kept_as_they_came();
    void arrays_outlive_the_body();
    void missing_members_count_as_empty();
    void counts_have_limits_data();
    void counts_have_limits();
    void a_to_device_message_is_noticed_data();
    void a_to_device_message_is_noticed();
    void the_digest_is_of_the_content_data();
    void the_digest_is_of_the_content();
    void the_digest_is_that_of_the_described_bytes();
    void every_capture_has_a_digest_of_its_own();
    void a_summary_names_types_senders_and_rooms();
    void a_summary_is_cut_at_the_limit();
    void a_summary_of_damaged_arrays_is_empty();
};

namespace
{

const QByteArray Attestation = R"({"content":{"v":1},"edu_type":"org.restante.attestation"})";

Result<Transaction> read(const QByteArray &body)
{
    auto object = ScannedObject::scan(body);
    return object ? Transaction::fromBody(std::move(*object)) : Result<Transaction>(object.error());
}

constexpr DigestKey Key = {0x85, 0xd6, 0xbe, 0x78, 0x57, 0x55, 0x6d, 0x33, 0x7f, 0x44, 0x52,
                           0xfe, 0x42, 0xd5, 0x06, 0xa8, 0x01, 0x03, 0x80, 0x8a, 0xfb, 0x0d,
                           0xb2, 0xfd, 0x4a, 0xbf, 0xf6, 0xaf, 0x41, 0x49, 0xf5, 0x1b};

QByteArray digestOf(const QByteArray &body, QByteArrayView txnId)
{
    const auto transaction = read(body);
    if (!transaction)
        return "unreadable " + body;
    const Digest digest = contentDigest(*transaction, txnId, Key);
    return QByteArray(reinterpret_cast<const char *>(digest.data()), qsizetype(digest.size())).toHex();
}

QByteArray listOf(int count, const QByteArray &element, const QByteArray &last = {})
{
    QByteArray list = "[";
    for (int i = 0; i < count; ++i)
        list += (i == 0 ? "" : ",") + element;
    if (!last.isEmpty())
        list += (count == 0 ? "" : ",") + last;
    return list + ']';
}

} // namespace

void TransactionTest::initTestCase()
{
    QVERIFY(sodium_init() >= 0);
}

void TransactionTest::every_capture_has_the_counts_that_were_noted()
{
    for (const test::Capture &capture : test::captures()) {
        const QJsonObject meta = capture.json.value(QLatin1String("meta")).toObject();
        const auto transaction = read(capture.body);
        QVERIFY2(transaction.ok(), qPrintable(capture.name));
        QCOMPARE(transaction->pduCount(), meta.value(QLatin1String("pdus")).toInt());
        QCOMPARE(transaction->eduCount(), meta.value(QLatin1String("edus")).toInt());
        QVERIFY(transaction->originServerTs() > 0);

        QJsonArray pduTypes;
        QJsonArray eduTypes;
        bool toDevice = false;
        for (const EventSummary &event : summarise(transaction->pdus(), transaction->edus(), 150)) {
            (event.edu ? eduTypes : pduTypes).append(event.type);
            toDevice = toDevice || event.type == QLatin1String("m.direct_to_device");
        }
        QCOMPARE(pduTypes, meta.value(QLatin1String("pdu_types")).toArray());
        QCOMPARE(eduTypes, meta.value(QLatin1String("edu_types")).toArray());
        QCOMPARE(transaction->hasToDeviceMessage(), toDevice);
    }
}

void TransactionTest::a_body_has_the_shape_of_a_transaction_or_is_refused_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("good");
    const auto row = [](const QByteArray &body, bool good) { QTest::newRow(body.constData()) << body << good; };
    row("{}", true);
    row(R"({"pdus":null,"edus":null})", true);
    row(R"({"pdus":{}})", false);
    row(R"({"pdus":"x"})", false);
    row(R"({"edus":1})", false);
    row(R"({"pdus":[{},{"a":1}]})", true);
    row(R"({"pdus":[{},1]})", false);
    row(R"({"pdus":[null]})", false);
    row(R"({"pdus":[[]]})", false);
    row(R"({"edus":[{"edu_type":"m.x"}]})", true);
    row(R"({"edus":[{"edu_type":"m.x","content":{}}]})", true);
    row(R"({"edus":[{"edu_type":"m.x","content":[]}]})", false);
    row(R"({"edus":[{"edu_type":"m.x","content":null}]})", true);
    row(R"({"edus":[{"edu_type":1,"content":{}}]})", false);
    row(R"({"edus":[{"content":{}}]})", false);
    row(R"({"edus":[{}]})", false);
    row(R"({"edus":["m.x"]})", false);
    row(R"({"origin_server_ts":0})", true);
    row(R"({"origin_server_ts":9007199254740991})", true);
    row(R"({"origin_server_ts":9007199254740992})", false);
    row(R"({"origin_server_ts":-1})", false);
    row(R"({"origin_server_ts":-0})", true);
    row(R"({"origin_server_ts":1.0})", false);
    row(R"({"origin_server_ts":"1"})", false);
    row(R"({"origin_server_ts":null})", false);
    row(R"({"origin":5,"future":[{"x":{}}]})", true);
}

void TransactionTest::a_body_has_the_shape_of_a_transaction_or_is_refused()
{
    QFETCH(QByteArray, body);
    QFETCH(bool, good);
    const auto transaction = read(body);
    QCOMPARE(transaction.ok(), good);
    if (!good)
        QCOMPARE(transaction.error().code, Errc::BadJson);
}

void TransactionTest::arrays_are_kept_as_they_came()
{
    const auto transaction = read(
        R"( {"pdus":[ {"x":1.50,"a":"\u003c"} ] , "edus" : [{"origin":"a","edu_type":"m.x"} ],"origin_server_ts":7})");
    QVERIFY(transaction.ok());
    const QByteArray pdus = R"([ {"x":1.50,"a":"\u003c"} ])";
    const QByteArray edus = R"([{"origin":"a","edu_type":"m.x"} ])";
    QCOMPARE(transaction->pdus(), pdus);
    QCOMPARE(transaction->edus(), edus);
    QCOMPARE(transaction->originServerTs(), 7);
}

void TransactionTest::arrays_outlive_the_body()
{
    QByteArray pdus;
    {
        const auto transaction = read(R"({"pdus":[{"a":1}]})");
        QVERIFY(transaction.ok());
        pdus = transaction->pdus();
    }
    const QByteArray expected = R"([{"a":1}])";
    QCOMPARE(pdus, expected);
}

void TransactionTest::missing_members_count_as_empty()
{
    for (const char *body : {"{}", R"({"pdus":null,"edus":null})", R"({"pdus":[],"edus":[]})"}) {
        const auto transaction = read(body);
        QVERIFY(transaction.ok());
        QCOMPARE(transaction->pdus(), QByteArray("[]"));
        QCOMPARE(transaction->edus(), QByteArray("[]"));
        QCOMPARE(transaction->pduCount(), 0);
        QCOMPARE(transaction->eduCount(), 0);
        QCOMPARE(transaction->originServerTs(), 0);
        QVERIFY(!transaction->hasToDeviceMessage());
    }
}

void TransactionTest::counts_have_limits_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("good");
    const QByteArray edu = R"({"edu_type":"m.x"})";
    QTest::newRow("50 PDUs") << "{\"pdus\":" + listOf(50, "{}") + "}" << true;
    QTest::newRow("51 PDUs") << "{\"pdus\":" + listOf(51, "{}") + "}" << false;
    QTest::newRow("100 EDUs") << "{\"edus\":" + listOf(100, edu) + "}" << true;
    QTest::newRow("101 EDUs") << "{\"edus\":" + listOf(101, edu) + "}" << false;
    QTest::newRow("100 EDUs and an attestation") << "{\"edus\":" + listOf(100, edu, Attestation) + "}" << true;
    QTest::newRow("101 EDUs and an attestation") << "{\"edus\":" + listOf(101, edu, Attestation) + "}" << false;
    QTest::newRow("101 attestations") << "{\"edus\":" + listOf(101, Attestation) + "}" << true;
    QTest::newRow("102 attestations") << "{\"edus\":" + listOf(102, Attestation) + "}" << false;
}

void TransactionTest::counts_have_limits()
{
    QFETCH(QByteArray, body);
    QFETCH(bool, good);
    QCOMPARE(read(body).ok(), good);
}

void TransactionTest::a_to_device_message_is_noticed_data()
{
    QTest::addColumn<QByteArray>("edus");
    QTest::addColumn<bool>("toDevice");
    QTest::newRow("typing") << QByteArray(R"([{"edu_type":"m.typing"}])") << false;
    QTest::newRow("second") << QByteArray(R"([{"edu_type":"m.typing"},{"edu_type":"m.direct_to_device"}])") << true;
    QTest::newRow("escaped") << QByteArray(R"([{"edu\u005ftype":"m.direct\u005fto_device"}])") << true;
    QTest::newRow("in the content") << QByteArray(R"([{"edu_type":"m.x","content":{"edu_type":"m.direct_to_device"}}])")
                                    << false;
}

void TransactionTest::a_to_device_message_is_noticed()
{
    QFETCH(QByteArray, edus);
    QFETCH(bool, toDevice);
    const auto transaction = read("{\"edus\":" + edus + "}");
    QVERIFY(transaction.ok());
    QCOMPARE(transaction->hasToDeviceMessage(), toDevice);
}

void TransactionTest::the_digest_is_of_the_content_data()
{
    QTest::addColumn<QByteArray>("first");
    QTest::addColumn<QByteArray>("firstTxn");
    QTest::addColumn<QByteArray>("second");
    QTest::addColumn<QByteArray>("secondTxn");
    QTest::addColumn<bool>("same");
    const auto row = [](const char *name, const QByteArray &first, const QByteArray &second, bool same,
                        const QByteArray &secondTxn = "1") {
        QTest::newRow(name) << first << QByteArray("1") << second << secondTxn << same;
    };
    const QByteArray base =
        R"({"edus":[{"content":{"a":1,"b":"<"},"edu_type":"m.x"}],"origin":"o","origin_server_ts":1,)"
        R"("pdus":[{"a":1,"b":2},{"c":3}]})";
    row("itself", base, base, true);
    row("timestamp, origin, unknown members", base,
        R"({"edus":[{"content":{"a":1,"b":"<"},"edu_type":"m.x"}],"pdus":[{"a":1,"b":2},{"c":3}],"x":{}})", true);
    row("white space, key order and escapes", base,
        R"( { "pdus" : [ {"b":2,"\u0061":1}, { "c" : 3 } ], "edus":[{"edu_type":"m\u002ex","content":{"b":"\u003c","a":1}}]})",
        true);
    row("another txn id with a PDU", base, base, true, "2");
    row("members of EDUs that relays drop", base,
        R"({"edus":[{"content":{"a":1,"b":"<"},"destination":"d","edu_type":"m.x","origin":""}],"pdus":[{"a":1,"b":2},{"c":3}]})",
        true);
    row("an attestation", base,
        R"({"edus":[{"content":{"a":1,"b":"<"},"edu_type":"m.x"},)" + Attestation +
            R"(],"pdus":[{"a":1,"b":2},{"c":3}]})",
        true);
    row("an attestation that is not the last", base,
        R"({"edus":[)" + Attestation +
            R"(,{"content":{"a":1,"b":"<"},"edu_type":"m.x"}],"pdus":[{"a":1,"b":2},{"c":3}]})",
        false);
    row("order of PDUs", base,
        R"({"edus":[{"content":{"a":1,"b":"<"},"edu_type":"m.x"}],"pdus":[{"c":3},{"a":1,"b":2}]})", false);
    row("another PDU", base, R"({"edus":[{"content":{"a":1,"b":"<"},"edu_type":"m.x"}],"pdus":[{"a":1,"b":2}]})",
        false);
    row("another member of a PDU", base,
        R"({"edus":[{"content":{"a":1,"b":"<"},"edu_type":"m.x"}],"pdus":[{"a":1,"b":2,"unsigned":{}},{"c":3}]})",
        false);
    row("another content of an EDU", base,
        R"({"edus":[{"content":{"a":2,"b":"<"},"edu_type":"m.x"}],"pdus":[{"a":1,"b":2},{"c":3}]})", false);
    row("another type of an EDU", base,
        R"({"edus":[{"content":{"a":1,"b":"<"},"edu_type":"m.y"}],"pdus":[{"a":1,"b":2},{"c":3}]})", false);
    row("no EDU", base, R"({"pdus":[{"a":1,"b":2},{"c":3}]})", false);
    row("EDUs empty or missing", R"({"edus":[],"pdus":[{"a":1}]})", R"({"pdus":[{"a":1}]})", true);
    row("PDUs empty, null or missing", R"({"pdus":[]})", R"({"pdus":null})", true);
    row("empty content and none", R"({"edus":[{"edu_type":"m.x"}]})", R"({"edus":[{"content":{},"edu_type":"m.x"}]})",
        false);
    row("order of EDUs", R"({"edus":[{"edu_type":"m.x"},{"edu_type":"m.y"}]})",
        R"({"edus":[{"edu_type":"m.y"},{"edu_type":"m.x"}]})", false);

    const QByteArray typing = R"({"edus":[{"content":{},"edu_type":"m.typing"}],"pdus":[]})";
    row("typing under the same txn id", typing, typing, true);
    row("typing under another txn id", typing, typing, false, "2");
    const QByteArray toDevice = R"({"edus":[{"content":{},"edu_type":"m.direct_to_device"}],"pdus":[]})";
    row("to-device under another txn id", toDevice, toDevice, true, "2");
    row("nothing under another txn id", "{}", "{}", false, "2");
}

void TransactionTest::the_digest_is_of_the_content()
{
    QFETCH(QByteArray, first);
    QFETCH(QByteArray, firstTxn);
    QFETCH(QByteArray, second);
    QFETCH(QByteArray, secondTxn);
    QFETCH(bool, same);
    const QByteArray one = digestOf(first, firstTxn);
    const QByteArray two = digestOf(second, secondTxn);
    QVERIFY2(one.size() == 32 && two.size() == 32, "both are transactions");
    QCOMPARE(one == two, same);
}

void TransactionTest::the_digest_is_that_of_the_described_bytes()
{
    // Held entries are compared by it over years, so the bytes may not change unnoticed.
    QByteArray bytes("org.restante.content/2");
    bytes += '\0';
    bytes += R"([{"a":1}])";
    bytes += '\0';
    bytes += R"({"content":{"b":2},"edu_type":"m.x"})";
    bytes += '\0';
    bytes += R"({"edu_type":"m.y"})";
    bytes += '\0';
    bytes += '\0';
    const auto hashed = [](const QByteArray &input) {
        unsigned char digest[crypto_onetimeauth_BYTES];
        crypto_onetimeauth(digest, reinterpret_cast<const unsigned char *>(input.data()),
                           static_cast<unsigned long long>(input.size()), Key.data());
        return QByteArray(reinterpret_cast<const char *>(digest), sizeof digest).toHex();
    };
    const QByteArray edus = R"("edus":[{"x":1,"edu_type":"m.x","content":{"b":2}},{"edu_type":"m.y"}])";
    QCOMPARE(digestOf(R"({"pdus":[{"a":1}],)" + edus + "}", "7"), hashed(bytes));
    bytes.replace(R"([{"a":1}])", "[]");
    QCOMPARE(digestOf("{" + edus + "}", "7"), hashed(bytes + '7'));
}

void TransactionTest::every_capture_has_a_digest_of_its_own()
{
    QSet<QByteArray> digests;
    for (const test::Capture &capture : test::captures()) {
        const QByteArray txnId = test::textField(capture.json.value(QLatin1String("meta")).toObject(), "txn_id");
        const QByteArray digest = digestOf(capture.body, txnId);
        QCOMPARE(digestOf(indentedJson(capture.body), txnId), digest);
        digests.insert(digest);
    }
    QCOMPARE(digests.size(), 45);
}

void TransactionTest::a_summary_names_types_senders_and_rooms()
{
    const auto events =
        summarise(R"([{"type":"m.room.message","sender":"@a:b","room_id":"!r:b"},{"type":7}])",
                  R"([{"edu_type":"m.typing","content":{"user_id":"@u:b","room_id":"!t:b"}},)"
                  R"({"edu_type":"m.direct_to_device","content":{"sender":"@s:b"}},{"edu_type":"m.x"}])",
                  100);
    QCOMPARE(events.size(), size_t(5));
    const auto check = [&events](size_t i, bool edu, const char *type, const char *sender, const char *room) {
        return events[i].edu == edu && events[i].type == QLatin1String(type) &&
               events[i].sender == QLatin1String(sender) && events[i].roomId == QLatin1String(room);
    };
    QVERIFY(check(0, false, "m.room.message", "@a:b", "!r:b"));
    QVERIFY(check(1, false, "", "", ""));
    QVERIFY(check(2, true, "m.typing", "@u:b", "!t:b"));
    QVERIFY(check(3, true, "m.direct_to_device", "@s:b", ""));
    QVERIFY(check(4, true, "m.x", "", ""));
}

void TransactionTest::a_summary_is_cut_at_the_limit()
{
    const QByteArray pdus = listOf(5, R"({"type":"m.p"})");
    const QByteArray edus = listOf(5, R"({"edu_type":"m.e"})");
    QCOMPARE(summarise(pdus, edus, 100).size(), size_t(10));
    QCOMPARE(summarise(pdus, edus, 7).size(), size_t(7));
    QVERIFY(summarise(pdus, edus, 7).back().edu);
    QCOMPARE(summarise(pdus, edus, 3).size(), size_t(3));
    QVERIFY(summarise(pdus, edus, 0).empty());
    const auto longType = summarise("[{\"type\":\"" + QByteArray(100000, 'x') + "\"}]", "[]", 10);
    QCOMPARE(longType.front().type.size(), 255);
}

void TransactionTest::a_summary_of_damaged_arrays_is_empty()
{
    QVERIFY(summarise("", "", 10).empty());
    QVERIFY(summarise("[{", "{}", 10).empty());
    QVERIFY(summarise("[1,\"x\",null]", "[[]]", 10).empty());
    QVERIFY(summarise("[{\"type\":\"\xff\"}]", "[{\"edu_type\":\"m.x\"", 10).empty());
}

QTEST_GUILESS_MAIN(TransactionTest)
#include "tst_transaction.moc"
