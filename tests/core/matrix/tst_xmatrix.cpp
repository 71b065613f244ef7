// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/base64.h"
#include "matrix/xmatrix.h"
#include "vectors.h"

#include <QtTest/QTest>

#include <sodium.h>

using namespace restante;
using namespace restante::matrix;

Q_DECLARE_METATYPE(restante::matrix::AuthFault)

class XMatrixTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void every_header_vector_gives_its_result_data();
    void every_header_vector_gives_its_result();
    void the_grammar_is_followed_to_the_byte_data();
    void the_grammar_is_followed_to_the_byte();
    void eight_headers_are_read_and_nine_refused();
    void the_caller_need_not_ask_for_the_fault();
    void every_signing_vector_gives_its_bytes_data();
    void every_signing_vector_gives_its_bytes();
    void the_header_to_send_reads_back();
    void the_signed_bytes_are_canonical_whatever_the_target_holds();
    void the_captured_requests_verify_data();
    void the_captured_requests_verify();
};

namespace
{

const QByteArray GoodSig = QByteArray(86, 'A');

AuthFault faultOf(const QString &name)
{
    static const QHash<QString, AuthFault> faults{
        {QStringLiteral("missing"), AuthFault::Missing},
        {QStringLiteral("unsupported_algorithm"), AuthFault::UnsupportedAlgorithm},
        {QStringLiteral("malformed"), AuthFault::Malformed},
        {QStringLiteral("missing_param"), AuthFault::MissingParam},
        {QStringLiteral("duplicate_param"), AuthFault::DuplicateParam},
        {QStringLiteral("bad_origin"), AuthFault::BadOrigin},
        {QStringLiteral("bad_destination"), AuthFault::BadDestination},
        {QStringLiteral("bad_key_id"), AuthFault::BadKeyId},
        {QStringLiteral("bad_sig"), AuthFault::BadSig},
        {QStringLiteral("origin_conflict"), AuthFault::OriginConflict},
        {QStringLiteral("destination_conflict"), AuthFault::DestinationConflict},
        {QStringLiteral("too_many"), AuthFault::TooMany},
    };
    return faults.value(name, AuthFault::None);
}

QList<QByteArray> byteArrays(const QJsonArray &array)
{
    QList<QByteArray> list;
    for (const QJsonValue value : array)
        list.append(value.toString().toUtf8());
    return list;
}

QByteArray base64(const Signature &signature)
{
    return encodeBase64({reinterpret_cast<const char *>(signature.data()), qsizetype(signature.size())});
}

Signature signWith(const QByteArray &seed, const QByteArray &message)
{
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> publicKey;
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secretKey;
    crypto_sign_seed_keypair(publicKey.data(), secretKey.data(), reinterpret_cast<const unsigned char *>(seed.data()));
    Signature signature;
    crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const unsigned char *>(message.data()),
                         static_cast<unsigned long long>(message.size()), secretKey.data());
    return signature;
}

bool verifies(const QByteArray &key, const Signature &signature, const QByteArray &message)
{
    return crypto_sign_verify_detached(signature.data(), reinterpret_cast<const unsigned char *>(message.data()),
                                       static_cast<unsigned long long>(message.size()),
                                       reinterpret_cast<const unsigned char *>(key.data())) == 0;
}

} // namespace

void XMatrixTest::initTestCase()
{
    QVERIFY(sodium_init() >= 0);
    QCOMPARE(test::vectorCases("xmatrix_header").size(), 57);
}

void XMatrixTest::every_header_vector_gives_its_result_data()
{
    QTest::addColumn<QJsonObject>("vector");
    for (const QJsonValue value : test::vectorCases("xmatrix_header"))
        QTest::newRow(test::textField(value.toObject(), "id").constData()) << value.toObject();
}

void XMatrixTest::every_header_vector_gives_its_result()
{
    QFETCH(QJsonObject, vector);
    const QJsonObject expect = vector.value(QLatin1String("expect")).toObject();
    AuthFault fault = AuthFault::None;
    const auto claim = XMatrix::parse(byteArrays(vector.value(QLatin1String("headers")).toArray()), &fault);
    QCOMPARE(claim.ok(), expect.value(QLatin1String("ok")).toBool());
    if (!claim) {
        QCOMPARE(fault, faultOf(expect.value(QLatin1String("error")).toString()));
        const int status = claim.error().code == Errc::MissingAuth ? 401 : 400;
        QVERIFY(claim.error().code == Errc::MissingAuth || claim.error().code == Errc::MalformedAuth);
        QCOMPARE(status, expect.value(QLatin1String("http_status")).toInt());
        return;
    }
    QCOMPARE(fault, AuthFault::None);
    QCOMPARE(claim->origin.bytes(), test::textField(expect, "origin"));
    QCOMPARE(claim->destination.bytes(), test::textField(expect, "destination"));
    const QJsonArray signatures = expect.value(QLatin1String("signatures")).toArray();
    QCOMPARE(qsizetype(claim->signatures.size()), signatures.size());
    for (qsizetype i = 0; i < signatures.size(); ++i) {
        const KeySignature &got = claim->signatures[size_t(i)];
        QCOMPARE(got.keyId, test::textField(signatures[i].toObject(), "key"));
        QCOMPARE(base64(got.signature), test::textField(signatures[i].toObject(), "sig"));
    }
}

void XMatrixTest::the_grammar_is_followed_to_the_byte_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<AuthFault>("fault");
    const QByteArray tail = "key=\"ed25519:a\",sig=\"" + GoodSig + '"';
    const QByteArray whole = "origin=\"a.example\"," + tail;
    const auto row = [](const char *name, const QByteArray &header, AuthFault fault) {
        QTest::newRow(name) << header << fault;
    };
    row("nothing", "", AuthFault::Missing);
    row("scheme alone", "X-Matrix", AuthFault::Malformed);
    row("tab behind the scheme", "X-Matrix\t" + whole, AuthFault::Malformed);
    row("tab behind the space", "X-Matrix \t" + whole, AuthFault::Malformed);
    row("empty element, then a tab", "X-Matrix \t," + whole, AuthFault::None);
    row("space at the end", "X-Matrix " + whole + " ", AuthFault::Malformed);
    row("comma and space at the end", "X-Matrix " + whole + " , ", AuthFault::None);
    row("no comma between", "X-Matrix origin=\"a.example\" " + tail, AuthFault::Malformed);
    row("only commas", "X-Matrix ,,,", AuthFault::MissingParam);
    row("no name", "X-Matrix =\"a\"," + whole, AuthFault::Malformed);
    row("name with a quote", "X-Matrix \"origin\"=a," + whole, AuthFault::Malformed);
    row("unknown parameter", "X-Matrix future=\"x\"," + whole, AuthFault::None);
    row("unknown parameter twice", "X-Matrix future=1,future=2," + whole, AuthFault::None);
    row("NUL in quotes", "X-Matrix future=\"" + QByteArray(1, '\0') + "\"," + whole, AuthFault::Malformed);
    row("line feed in quotes", "X-Matrix future=\"a\nb\"," + whole, AuthFault::Malformed);
    row("escaped line feed", "X-Matrix future=\"\\\n\"," + whole, AuthFault::Malformed);
    row("DEL in quotes", "X-Matrix future=\"\x7f\"," + whole, AuthFault::Malformed);
    row("tab in quotes", "X-Matrix future=\"\t\"," + whole, AuthFault::None);
    row("comma in quotes", "X-Matrix future=\"a,origin=b\"," + whole, AuthFault::None);
    row("escaped quote", "X-Matrix future=\"a\\\"\"," + whole, AuthFault::None);
    row("unclosed quotes", "X-Matrix " + whole + ",future=\"a", AuthFault::Malformed);
    row("unquoted IPv6", "X-Matrix origin=[2001:db8::1]:8448," + tail, AuthFault::None);
    row("unquoted with a comma only", "X-Matrix origin=," + tail, AuthFault::Malformed);
    row("unquoted beyond ASCII", "X-Matrix future=\xc3\xbc," + whole, AuthFault::Malformed);
    row("empty origin", "X-Matrix origin=\"\"," + tail, AuthFault::BadOrigin);
    row("empty destination", "X-Matrix destination=\"\"," + whole, AuthFault::BadDestination);
    row("empty key name", "X-Matrix origin=a,key=\"ed25519:\",sig=" + GoodSig, AuthFault::BadKeyId);
    row("key name of 128", "X-Matrix origin=a,key=ed25519:" + QByteArray(128, 'k') + ",sig=" + GoodSig,
        AuthFault::None);
    row("key name of 129", "X-Matrix origin=a,key=ed25519:" + QByteArray(129, 'k') + ",sig=" + GoodSig,
        AuthFault::BadKeyId);
    row("no algorithm", "X-Matrix origin=a,key=:k,sig=" + GoodSig, AuthFault::BadKeyId);
    row("algorithm in capitals", "X-Matrix origin=a,key=ED25519:k,sig=" + GoodSig, AuthFault::UnsupportedAlgorithm);
    row("sig of 63 bytes", "X-Matrix origin=a,key=ed25519:k,sig=" + QByteArray(84, 'A'), AuthFault::BadSig);
    row("sig of 65 bytes", "X-Matrix origin=a,key=ed25519:k,sig=" + QByteArray(87, 'A'), AuthFault::BadSig);
    row("destination twice", "X-Matrix destination=a,Destination=a," + whole, AuthFault::DuplicateParam);
}

void XMatrixTest::the_grammar_is_followed_to_the_byte()
{
    QFETCH(QByteArray, header);
    QFETCH(AuthFault, fault);
    AuthFault found = AuthFault::None;
    const auto claim = XMatrix::parse({header}, &found);
    QCOMPARE(found, fault);
    QCOMPARE(claim.ok(), fault == AuthFault::None);
}

void XMatrixTest::eight_headers_are_read_and_nine_refused()
{
    QList<QByteArray> headers(8, "X-Matrix origin=a,key=ed25519:k,sig=" + GoodSig);
    headers.append("Bearer other");
    const auto eight = XMatrix::parse(headers);
    QVERIFY(eight.ok());
    QCOMPARE(eight->signatures.size(), size_t(8));
    headers.append("X-Matrix origin=a,key=other:k,sig=x");
    AuthFault fault = AuthFault::None;
    QVERIFY(!XMatrix::parse(headers, &fault).ok());
    QCOMPARE(fault, AuthFault::TooMany);
}

void XMatrixTest::the_caller_need_not_ask_for_the_fault()
{
    QCOMPARE(XMatrix::parse({}).error().code, Errc::MissingAuth);
    QCOMPARE(XMatrix::parse({"X-Matrix x"}).error().code, Errc::MalformedAuth);
}

void XMatrixTest::every_signing_vector_gives_its_bytes_data()
{
    QTest::addColumn<QJsonObject>("vector");
    int count = 0;
    for (const QJsonValue value : test::vectorCases("request_signing")) {
        const QJsonObject vector = value.toObject();
        if (vector.value(QLatin1String("kind")).toString() != QLatin1String("sign"))
            continue;
        QTest::newRow(test::textField(vector, "id").constData()) << vector;
        ++count;
    }
    QVERIFY(count >= 17);
}

void XMatrixTest::every_signing_vector_gives_its_bytes()
{
    QFETCH(QJsonObject, vector);
    const auto origin = ServerName::parse(test::textField(vector, "origin"));
    const auto destination = ServerName::parse(test::textField(vector, "destination"));
    QVERIFY(origin.ok() && destination.ok());
    QByteArray content;
    if (!vector.value(QLatin1String("body_b64")).isNull()) {
        const bool strict = test::textField(vector, "mode") == "strict";
        const auto canonical =
            canonicalJson(test::base64Field(vector, "body_b64"), strict ? NumberRule::Strict : NumberRule::Lenient);
        QVERIFY(canonical.ok());
        content = *canonical;
    }
    const QByteArray bytes = signedRequestBytes(test::textField(vector, "method"), test::textField(vector, "uri"),
                                                *origin, *destination, content);
    QCOMPARE(bytes, test::base64Field(vector, "signed_b64"));

    const Signature signature = signWith(test::base64Field(vector, "seed_b64"), bytes);
    QCOMPARE(base64(signature), test::textField(vector, "signature"));
    XMatrix claim;
    claim.origin = *origin;
    claim.destination = *destination;
    claim.signatures.push_back({test::textField(vector, "key_id"), signature});
    QCOMPARE(claim.toHeader(), test::textField(vector, "authorization"));
}

void XMatrixTest::the_header_to_send_reads_back()
{
    const auto claim = XMatrix::parse({"x-matrix sig=" + GoodSig + ",key=ed25519:k-1,origin=[::1]:8448"});
    QVERIFY(claim.ok());
    QCOMPARE(claim->toHeader(), "X-Matrix origin=\"[::1]:8448\",key=\"ed25519:k-1\",sig=\"" + GoodSig + '"');
    const auto again = XMatrix::parse({claim->toHeader()});
    QVERIFY(again.ok());
    QCOMPARE(again->toHeader(), claim->toHeader());
}

void XMatrixTest::the_signed_bytes_are_canonical_whatever_the_target_holds()
{
    const auto name = ServerName::parse("a.example");
    QVERIFY(name.ok());
    const QByteArray bytes = signedRequestBytes("GET", "/a\"b\\c\x01?d", *name, *name, "{\"a\":1}");
    const QByteArray expected = "{\"content\":{\"a\":1},\"destination\":\"a.example\",\"method\":\"GET\","
                                "\"origin\":\"a.example\",\"uri\":\"/a\\\"b\\\\c\\u0001?d\"}";
    QCOMPARE(bytes, expected);
    const auto canonical = canonicalJson(bytes, NumberRule::Strict);
    QVERIFY(canonical.ok());
    QCOMPARE(*canonical, bytes);
}

void XMatrixTest::the_captured_requests_verify_data()
{
    QTest::addColumn<QJsonObject>("capture");
    QTest::addColumn<QByteArray>("body");
    for (const test::Capture &capture : test::captures())
        QTest::newRow(qPrintable(capture.name)) << capture.json << capture.body;
}

void XMatrixTest::the_captured_requests_verify()
{
    QFETCH(QJsonObject, capture);
    QFETCH(QByteArray, body);
    QList<QByteArray> headers;
    for (const QJsonValue field : capture.value(QLatin1String("headers")).toArray()) {
        if (field.toArray().at(0).toString() == QLatin1String("Authorization"))
            headers.append(field.toArray().at(1).toString().toLatin1());
    }
    const auto claim = XMatrix::parse(headers);
    QVERIFY(claim.ok());
    const QByteArray bytes = signedRequestBytes(test::textField(capture, "method"), test::textField(capture, "path"),
                                                claim->origin, claim->destination, body);

    const QString file = QStringLiteral(RESTANTE_TEST_DATA "/captures/keys/%1.json")
                             .arg(claim->origin.toString().replace(QLatin1Char(':'), QLatin1Char('_')));
    const QJsonObject keys = test::readJson(file);
    const KeySignature &signature = claim->signatures.front();
    const auto key = decodeBase64(keys.value(QLatin1String("verify_keys"))
                                      .toObject()
                                      .value(QLatin1String(signature.keyId))
                                      .toObject()
                                      .value(QLatin1String("key"))
                                      .toString()
                                      .toLatin1(),
                                  crypto_sign_PUBLICKEYBYTES);
    QVERIFY(key.has_value());
    QVERIFY(verifies(*key, signature.signature, bytes));
    QVERIFY(!verifies(*key, signature.signature, bytes + ' '));
}

QTEST_GUILESS_MAIN(XMatrixTest)
#include "tst_xmatrix.moc"
