// SPDX-License-Identifier: GPL-3.0-or-later
// An origin's own signature, kept and used once more (PROTOCOL 6.4): attestation.json, and what real servers sent.
#include "identity/requestsignature.h"
#include "keysource.h"
#include "matrix/attestation.h"
#include "matrix/canonicaljson.h"
#include "matrix/transaction.h"
#include "vectors.h"

#include <QtCore/QDir>

using namespace restante;
using namespace restante::test;

namespace
{

struct Vectors {
    QJsonObject json = readTestObject(QStringLiteral("vectors/attestation.json"));
    matrix::ServerName origin = nameOf(text(json, "origin"));
    matrix::ServerName destination = nameOf(text(json, "destination"));
    QByteArray keyId = text(json, "key_id");

    identity::PublicKey key() const { return publicKey(text(json, "public_key")); }
    matrix::KeySignature signature(const QJsonObject &row) const
    {
        const QByteArray made = bytes(row, "sig");
        matrix::KeySignature signature{keyId, {}};
        std::copy(made.begin(), made.end(), signature.signature.begin());
        return signature;
    }
};

QByteArray canonicalOf(const QByteArray &text)
{
    return matrix::canonicalJson(text, matrix::NumberRule::Lenient).value();
}

/// `[]` if it is null or missing, as an entry is kept.
QByteArray keptPdus(const matrix::ScannedObject &body)
{
    const matrix::JsonSlice *pdus = body.find("pdus");
    return pdus && pdus->kind == matrix::JsonKind::Array ? pdus->text.toByteArray() : QByteArrayLiteral("[]");
}

matrix::Digest digestOf(const QByteArray &pdus, const QByteArray &edus)
{
    auto body = matrix::ScannedObject::scan("{\"edus\":" + edus + ",\"pdus\":" + pdus + "}");
    const auto transaction = matrix::Transaction::fromBody(std::move(body).value());
    return matrix::contentDigest(transaction.value(), "1", {});
}

void addVectorRows()
{
    QTest::addColumn<QJsonObject>("row");
    const auto cases = vectorCases(QStringLiteral("attestation"));
    for (const auto &each : cases)
        QTest::newRow(text(each.toObject(), "name").constData()) << each.toObject();
}

const QByteArray Usable =
    R"({"has":["pdus"],"key":"ed25519:a","members":{"origin":"a.example"},"origin":"a.example",)"
    R"("sig":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","txn":"1","v":1})";

QByteArray edusWith(const QByteArray &content, const QByteArray &before = {})
{
    return "[" + before + "{\"content\":" + content + ",\"edu_type\":\"org.restante.attestation\"}]";
}

} // namespace

class AttestationTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void it_is_made_of_the_request_data() { addVectorRows(); }
    void it_is_made_of_the_request();
    void the_request_is_rebuilt_as_it_was_signed_data() { addVectorRows(); }
    void the_request_is_rebuilt_as_it_was_signed();
    void a_relay_that_encodes_anew_leaves_it_usable_data() { addVectorRows(); }
    void a_relay_that_encodes_anew_leaves_it_usable();
    void it_makes_no_other_transaction_data() { addVectorRows(); }
    void it_makes_no_other_transaction();
    void what_a_homeserver_sent_is_rebuilt_to_the_byte_data();
    void what_a_homeserver_sent_is_rebuilt_to_the_byte();
    void what_is_changed_is_not_verified_data();
    void what_is_changed_is_not_verified();
    void one_that_cannot_be_used_is_an_error_data();
    void one_that_cannot_be_used_is_an_error();
    void what_cannot_be_attested_is_told_data();
    void what_cannot_be_attested_is_told();
    void without_one_there_is_nothing_to_rebuild();
    void a_hundred_edus_and_one_that_holds_another_are_too_many();
    void a_transaction_id_is_one_segment_of_a_path_data();
    void a_transaction_id_is_one_segment_of_a_path();
};

void AttestationTest::it_is_made_of_the_request()
{
    QFETCH(QJsonObject, row);
    const Vectors vectors;
    const auto body = matrix::ScannedObject::scan(text(row, "body"));
    QVERIFY(body.ok());
    const auto edus = matrix::attestedEdus(*body, vectors.origin, vectors.signature(row), text(row, "txn"));
    QVERIFY2(edus.ok(), edus.ok() ? "" : qPrintable(edus.error().detail));
    QCOMPARE(canonicalOf(*edus), text(row, "edus"));
    if (body->isCanonical())
        QCOMPARE(*edus, text(row, "edus"));
}

void AttestationTest::the_request_is_rebuilt_as_it_was_signed()
{
    QFETCH(QJsonObject, row);
    const Vectors vectors;
    const auto body = matrix::ScannedObject::scan(text(row, "body"));
    const auto request = matrix::rebuildRequest(keptPdus(*body), text(row, "edus"));
    QVERIFY2(request.ok(), request.ok() ? "" : qPrintable(request.error().detail));
    QCOMPARE(request->body, text(row, "rebuilt"));
    QCOMPARE(request->origin, vectors.origin);
    QCOMPARE(request->target(), "/_matrix/federation/v1/send/" + text(row, "txn"));
    const auto signedForm = identity::formSignedWith(request->claim(vectors.destination), vectors.keyId, vectors.key(),
                                                     "PUT", request->target(), request->body);
    QVERIFY(signedForm.has_value());
    QCOMPARE(*signedForm, text(row, "signed"));
}

void AttestationTest::a_relay_that_encodes_anew_leaves_it_usable()
{
    QFETCH(QJsonObject, row);
    const auto request = matrix::rebuildRequest(text(row, "dendrite_pdus"), text(row, "dendrite_edus"));
    QVERIFY2(request.ok(), request.ok() ? "" : qPrintable(request.error().detail));
    QCOMPARE(request->body, text(row, "rebuilt"));
}

void AttestationTest::it_makes_no_other_transaction()
{
    QFETCH(QJsonObject, row);
    if (text(row, "name") == "content that is null or absent")
        return; // relays refuse such a transaction with or without an attestation: it has no digest
    const auto body = matrix::ScannedObject::scan(text(row, "body"));
    const matrix::JsonSlice *edus = body->find("edus");
    const bool hasEdus = edus && edus->kind == matrix::JsonKind::Array;
    const QByteArray before = hasEdus ? edus->text.toByteArray() : QByteArrayLiteral("[]");
    if (!text(row, "name").contains("foreign attestation"))
        QCOMPARE(digestOf(keptPdus(*body), text(row, "edus")), digestOf(keptPdus(*body), before));
}

void AttestationTest::what_a_homeserver_sent_is_rebuilt_to_the_byte_data()
{
    QTest::addColumn<QString>("name");
    const QDir folder(QStringLiteral(RESTANTE_TEST_DATA "/captures"));
    const auto names = folder.entryList({QStringLiteral("txn-*.json")}, QDir::Files);
    QCOMPARE(names.size(), 45);
    for (const QString &name : names)
        QTest::newRow(qPrintable(name)) << name;
}

void AttestationTest::what_a_homeserver_sent_is_rebuilt_to_the_byte()
{
    QFETCH(QString, name);
    const QJsonObject capture = readTestObject(QStringLiteral("captures/") + name);
    const QByteArray sent = bytes(capture, "body_b64");
    QByteArray header;
    const auto headers = capture.value(QLatin1String("headers")).toArray();
    for (const auto &each : headers) {
        if (each.toArray().at(0).toString() == QLatin1String("Authorization"))
            header = each.toArray().at(1).toString().toLatin1();
    }
    const auto claim = matrix::XMatrix::parse({header});
    QVERIFY(claim.ok());
    const QByteArray target = text(capture, "path");
    const auto body = matrix::ScannedObject::scan(sent);
    const auto edus = matrix::attestedEdus(*body, claim->origin, claim->signatures.front(),
                                           target.sliced(target.lastIndexOf('/') + 1));
    QVERIFY(edus.ok());
    const auto request = matrix::rebuildRequest(keptPdus(*body), *edus);
    QVERIFY(request.ok());
    QCOMPARE(request->body, sent);
    QCOMPARE(request->target(), target);
    QCOMPARE(request->claim(claim->destination).toHeader(), claim->toHeader());
}

void AttestationTest::what_is_changed_is_not_verified_data()
{
    QTest::addColumn<QByteArray>("from");
    QTest::addColumn<QByteArray>("to");
    QTest::newRow("text of an EDU") << QByteArray("\"typing\":true") << QByteArray("\"typing\":false");
    QTest::newRow("a top-level member") << QByteArray("1795339814076") << QByteArray("1795339814077");
    QTest::newRow("the transaction id") << QByteArray("\"txn\":\"1795339802268\"") << QByteArray("\"txn\":\"2\"");
    QTest::newRow("the origin") << QByteArray("\"key\":\"ed25519:a_1\",\"members\":{\"origin\":\"a.example\"")
                                << QByteArray("\"key\":\"ed25519:a_1\",\"members\":{\"origin\":\"c.example\"");
    QTest::newRow("the key id") << QByteArray("ed25519:a_1") << QByteArray("ed25519:a_2");
    QTest::newRow("what there was") << QByteArray("\"has\":[\"edus\",\"pdus\"]") << QByteArray("\"has\":[\"edus\"]");
}

void AttestationTest::what_is_changed_is_not_verified()
{
    QFETCH(QByteArray, from);
    QFETCH(QByteArray, to);
    const Vectors vectors;
    QJsonObject row;
    const auto cases = vectorCases(QStringLiteral("attestation"));
    for (const auto &each : cases) {
        if (text(each.toObject(), "name") == "empty pdus")
            row = each.toObject();
    }
    QByteArray edus = text(row, "edus");
    const auto isVerified = [&vectors, &edus] {
        const auto request = matrix::rebuildRequest("[]", edus);
        return request.ok() && identity::formSignedWith(request->claim(vectors.destination), vectors.keyId,
                                                        vectors.key(), "PUT", request->target(), request->body);
    };
    QVERIFY(isVerified());
    QVERIFY(edus.contains(from));
    edus.replace(from, to);
    QVERIFY(!isVerified());
}

void AttestationTest::one_that_cannot_be_used_is_an_error_data()
{
    QTest::addColumn<QByteArray>("edus");
    QTest::addColumn<bool>("usable");
    const auto row = [](const char *name, QByteArrayView from, const QByteArray &to, const QByteArray &before = {}) {
        QByteArray content = Usable;
        QVERIFY(content.contains(from));
        content.replace(from, to);
        QTest::newRow(name) << edusWith(content, before) << false;
    };
    const QByteArray edu = R"({"edu_type":"m.x"},)";
    QTest::newRow("itself") << edusWith(Usable) << true;
    QTest::newRow("a member of later") << edusWith(QByteArray(Usable).replace("{\"has\"", "{\"extra\":1,\"has\""))
                                       << true;
    row("another version", "\"v\":1", "\"v\":2");
    row("a version that is no number", "\"v\":1", "\"v\":\"1\"");
    row("no version", ",\"v\":1", "");
    row("a name that is none", "\"origin\":\"a.example\",\"sig", "\"origin\":\"a example\",\"sig");
    row("no origin", ",\"origin\":\"a.example\",\"sig", ",\"sig");
    row("a key of another kind", "ed25519:a", "rsa:a");
    row("a signature that is too short", "AAAA\",\"txn", "\",\"txn");
    row("a path instead of an id", "\"txn\":\"1\"", R"("txn":"1/../../x")");
    row("a way up", "\"txn\":\"1\"", R"("txn":"..")");
    row("a query", "\"txn\":\"1\"", R"("txn":"1?x")");
    row("an empty id", "\"txn\":\"1\"", R"("txn":"")");
    row("a line break in the id", "\"txn\":\"1\"", R"("txn":"1\n")");
    row("members that are a list", R"({"origin":"a.example"})", "[]");
    row("no members", R"("members":{"origin":"a.example"},)", "");
    row("other PDUs among the members", R"({"origin":"a.example"})", R"({"p\u0064us":[{}]})");
    row("EDUs among the members", R"({"origin":"a.example"})", R"({"edus":[{"edu_type":"m.x"}]})");
    row("has is not a list", "[\"pdus\"]", "true");
    row("EDUs that there were none of", "[\"pdus\"]", "[\"pdus\"]", edu);
    const QByteArray both = "{\"has\":[\"pdus\",\"edus\"]";
    row("more of an EDU that is not there", "{\"has\":[\"pdus\"]", R"({"edu_extra":{"1":{"a":1}},"has":["edus"])", edu);
    row("more of an EDU without number", "{\"has\":[\"pdus\"]", R"({"edu_extra":{"x":{"a":1}},"has":["edus"])", edu);
    row("more of an EDU that is a list", "{\"has\":[\"pdus\"]", R"({"edu_extra":{"0":[]},"has":["edus"])", edu);
    row("a second type of an EDU", "{\"has\":[\"pdus\"]", R"({"edu_extra":{"0":{"edu_type":"m.y"}},"has":["edus"])",
        edu);
    row("no content of an EDU that is not there", "{\"has\":[\"pdus\"]", R"({"edu_nocontent":[1],"has":["edus"])", edu);
    row("no content of a negative EDU", "{\"has\":[\"pdus\"]", R"({"edu_nocontent":[-1],"has":["edus"])", edu);
    row("a hundredth of two", "{\"has\":[\"pdus\"]", R"({"last":{"edu_type":"m.y"},"has":["edus"])", edu);
    QTest::newRow("content that is a list") << edusWith("[]") << false;
    QTest::newRow("content that is null") << edusWith("null") << false;
    QTest::newRow("not JSON") << QByteArray("[{]") << false;
    QTest::newRow("not a list") << QByteArray("{}") << false;
}

void AttestationTest::one_that_cannot_be_used_is_an_error()
{
    QFETCH(QByteArray, edus);
    QFETCH(bool, usable);
    const auto request = matrix::rebuildRequest("[]", edus);
    QCOMPARE(request.ok(), usable);
    if (!usable)
        QVERIFY(request.error().code != Errc::NotHeld);
}

void AttestationTest::what_cannot_be_attested_is_told_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("txn");
    const QByteArray deep = "{\"x\":" + QByteArray(254, '[') + QByteArray(254, ']') + "}";
    QTest::newRow("PDUs that are an object") << QByteArray(R"({"pdus":{}})") << QByteArray("1");
    QTest::newRow("an EDU that is none") << QByteArray(R"({"edus":[1]})") << QByteArray("1");
    QTest::newRow("an EDU without type") << QByteArray(R"({"edus":[{"content":{}}]})") << QByteArray("1");
    QTest::newRow("101 EDUs") << "{\"edus\":[" + QByteArray(R"({"edu_type":"m.x"},)").repeated(100) +
                                     R"({"edu_type":"m.x"}]})"
                              << QByteArray("1");
    QTest::newRow("a member that is too deep") << deep << QByteArray("1");
    QTest::newRow("an id with a slash") << QByteArray("{}") << QByteArray("1/2");
    QTest::newRow("an id with an escape") << QByteArray("{}") << QByteArray("1%2f2");
}

void AttestationTest::what_cannot_be_attested_is_told()
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, txn);
    const Vectors vectors;
    const auto scanned = matrix::ScannedObject::scan(body);
    QVERIFY(scanned.ok());
    QVERIFY(!matrix::attestedEdus(*scanned, vectors.origin, {vectors.keyId, {}}, txn).ok());
}

void AttestationTest::without_one_there_is_nothing_to_rebuild()
{
    for (const char *edus : {"[]", R"([{"content":{},"edu_type":"m.x"}])",
                             R"([{"content":{"v":1},"edu_type":"org.restante.attestation"},{"edu_type":"m.x"}])"}) {
        const auto request = matrix::rebuildRequest("[]", edus);
        QVERIFY(!request.ok());
        QCOMPARE(request.error().code, Errc::NotHeld);
    }
}

void AttestationTest::a_hundred_edus_and_one_that_holds_another_are_too_many()
{
    const QByteArray before = QByteArray(R"({"edu_type":"m.x"},)").repeated(100);
    const auto read = [](const QByteArray &edus) {
        return matrix::Transaction::fromBody(matrix::ScannedObject::scan("{\"edus\":" + edus + "}").value());
    };
    const auto full = read(edusWith(Usable, before));
    QVERIFY(full.ok());
    QCOMPARE(full->eduCount(), 100);
    const QByteArray holding =
        QByteArray(Usable).replace("{\"has\"", R"({"last":{"edu_type":"m.direct_to_device"},"has")");
    QVERIFY(!read(edusWith(holding, before)).ok());
    const auto one = read(edusWith(holding));
    QVERIFY(one.ok());
    QCOMPARE(one->eduCount(), 1);
    QVERIFY(one->hasToDeviceMessage());
}

void AttestationTest::a_transaction_id_is_one_segment_of_a_path_data()
{
    QTest::addColumn<QByteArray>("id");
    QTest::addColumn<bool>("plain");
    const auto row = [](const QByteArray &id, bool plain) { QTest::newRow(id.left(20).constData()) << id << plain; };
    row("1795339802268", true);
    row("aZ0._~-", true);
    row("...", true);
    row(QByteArray(255, 'a'), true);
    row(QByteArray(256, 'b'), false);
    row("", false);
    row(".", false);
    row("..", false);
    row("a/b", false);
    row("a%2fb", false);
    row("a?b", false);
    row("a#b", false);
    row("a b", false);
    row("a\n", false);
    row(QByteArray("a\0b", 3), false);
    row("ä", false);
}

void AttestationTest::a_transaction_id_is_one_segment_of_a_path()
{
    QFETCH(QByteArray, id);
    QFETCH(bool, plain);
    QCOMPARE(matrix::isPlainTransactionId(id), plain);
}

QTEST_GUILESS_MAIN(AttestationTest)
#include "tst_attestation.moc"
