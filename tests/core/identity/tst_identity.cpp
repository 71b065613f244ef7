// SPDX-License-Identifier: GPL-3.0-or-later
#include "identity/identity.h"
#include "identity/keydocument.h"
#include "identity/signingkeytext.h"
#include "keysource.h"
#include "matrix/base64.h"
#include "matrix/canonicaljson.h"
#include "vectors.h"

#include <cstring>
#include <type_traits>

using namespace restante;
using namespace restante::identity;
using namespace restante::test;
using namespace Qt::Literals::StringLiterals;

namespace
{
SecretKey keyOfSeed(const QByteArray &seed)
{
    SecretBytes bytes(seed.size());
    std::memcpy(bytes.data(), seed.constData(), size_t(seed.size()));
    return SecretKey::fromSeed(bytes);
}

QByteArray base64(const PublicKey &key)
{
    return matrix::encodeBase64({reinterpret_cast<const char *>(key.data()), qsizetype(key.size())});
}

constexpr qint64 Now = 1'790'000'000'000;
} // namespace

class IdentityTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void requests_are_signed_as_the_vectors_say_data()
    {
        const int rows = addRows(u"request_signing"_s, [](const QJsonObject &v) { return text(v, "kind") == "sign"; });
        QVERIFY(rows >= 17);
    }
    void requests_are_signed_as_the_vectors_say()
    {
        QFETCH(const QJsonObject, vector);
        auto key = keyOfSeed(bytes(vector, "seed_b64"));
        QCOMPARE(base64(key.publicKey()), text(vector, "public_key_b64"));
        const auto origin = nameOf(text(vector, "origin"));
        const auto destination = nameOf(text(vector, "destination"));
        const auto method = text(vector, "method");
        const auto target = text(vector, "uri");
        QByteArray content;
        if (!vector.value("body_b64"_L1).isNull()) {
            const auto rule =
                text(vector, "mode") == "strict" ? matrix::NumberRule::Strict : matrix::NumberRule::Lenient;
            content = matrix::canonicalJson(bytes(vector, "body_b64"), rule).value();
        }
        const auto signedText = matrix::signedRequestBytes(method, target, origin, destination, content);
        QCOMPARE(signedText, bytes(vector, "signed_b64"));
        const auto signature = key.sign(signedText);
        QCOMPARE(matrix::encodeBase64({reinterpret_cast<const char *>(signature.data()), 64}),
                 text(vector, "signature"));
        const auto self = Identity::of(origin, text(vector, "key_id"), std::move(key));
        QVERIFY(self);
        QCOMPARE(self->authorizationHeader(method, target, destination, content), text(vector, "authorization"));
    }

    void a_new_identity_is_named_by_its_key()
    {
        const auto self = Identity::generate();
        QCOMPARE(self.name().kind(), matrix::ServerName::Kind::Ed25519);
        QCOMPARE(QByteArray::fromHex(self.name().bytes()).toBase64(QByteArray::OmitTrailingEquals),
                 base64(self.publicKey()));
        QCOMPARE(self.keyId(), "ed25519:dendrite-demo-yggdrasil");
        QVERIFY(isUsablePoint(self.publicKey()));
        QVERIFY(Identity::generate().name() != self.name());
    }

    void an_identity_must_fit_together_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("keyId");
        QTest::addColumn<bool>("good");
        QTest::newRow("ordinary") << QByteArray("example.org") << QByteArray("ed25519:a_1-b") << true;
        QTest::newRow("hex of another key") << QByteArray(64, 'a') << QByteArray("ed25519:1") << false;
        QTest::newRow("hex of this key") << QByteArray() << QByteArray("ed25519:1") << true;
        QTest::newRow("no algorithm") << QByteArray("example.org") << QByteArray("a_1") << false;
        QTest::newRow("other algorithm") << QByteArray("example.org") << QByteArray("rsa:1") << false;
        QTest::newRow("no version") << QByteArray("example.org") << QByteArray("ed25519:") << false;
        QTest::newRow("bad character") << QByteArray("example.org") << QByteArray("ed25519:a\"b") << false;
        QTest::newRow("long") << QByteArray("example.org") << "ed25519:" + QByteArray(128, 'x') << true;
        QTest::newRow("too long") << QByteArray("example.org") << "ed25519:" + QByteArray(129, 'x') << false;
    }
    void an_identity_must_fit_together()
    {
        QFETCH(const QByteArray, name);
        QFETCH(const QByteArray, keyId);
        QFETCH(const bool, good);
        auto key = SecretKey::generate();
        const auto server = name.isEmpty() ? selfCertifyingName(key.publicKey()) : nameOf(name);
        QCOMPARE(Identity::of(server, keyId, std::move(key)).ok(), good);
    }

    void the_own_key_document_is_canonical_and_stands_for_seven_days_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("self-certifying") << QByteArray();
        QTest::newRow("ordinary") << QByteArray("[2001:db8::1]:8448");
    }
    void the_own_key_document_is_canonical_and_stands_for_seven_days()
    {
        QFETCH(const QByteArray, name);
        auto key = SecretKey::generate();
        const auto server = name.isEmpty() ? selfCertifyingName(key.publicKey()) : nameOf(name);
        const auto self = Identity::of(server, "ed25519:auto", std::move(key));
        QVERIFY(self);
        const auto document = self->keyDocument(Now);
        QCOMPARE(matrix::canonicalJson(document, matrix::NumberRule::Strict).value(), document);
        const auto keys = checkKeyDocument(document, self->name(), Now + MaxKeyValidityMs);
        QVERIFY(keys);
        QCOMPARE(keys->size(), size_t(1));
        QCOMPARE(keys->front().keyId, "ed25519:auto");
        QVERIFY(keys->front().key == self->publicKey());
        QCOMPARE(keys->front().validUntilMs, Now + MaxKeyValidityMs);
        QVERIFY(!checkKeyDocument(document, self->name(), Now + MaxKeyValidityMs + 1));
    }

    void secrets_move_and_are_not_copied()
    {
        QVERIFY(!std::is_copy_constructible_v<SecretBytes>);
        QVERIFY(!std::is_copy_constructible_v<SecretKey>);
        QVERIFY(!std::is_copy_assignable_v<Identity>);
        SecretBytes first(32);
        first.data()[0] = 7;
        SecretBytes second(std::move(first));
        QCOMPARE(int(second.data()[0]), 7);
        QCOMPARE(second.size(), qsizetype(32));
        SecretBytes third;
        QVERIFY(third.isNull());
        third = std::move(second);
        QCOMPARE(int(third.data()[0]), 7);
    }

    void points_that_anybody_could_sign_for_are_not_usable_data()
    {
        QTest::addColumn<QByteArray>("hex");
        QTest::addColumn<bool>("usable");
        const auto row = [](const char *tag, const char *hex, bool usable) {
            QTest::newRow(tag) << QByteArray(hex) << usable;
        };
        row("a key", "67e0304dfd117d024cd001a498f637eb9e82dfad503101c53cba83a07f8cad9e", true);
        row("neutral", "0100000000000000000000000000000000000000000000000000000000000000", false);
        row("order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", false);
        row("order 4", "0000000000000000000000000000000000000000000000000000000000000000", false);
        row("order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", false);
        row("neutral, not canonical", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", false);
        row("off the curve", "0200000000000000000000000000000000000000000000000000000000000000", false);
    }
    void points_that_anybody_could_sign_for_are_not_usable()
    {
        QFETCH(const QByteArray, hex);
        QFETCH(const bool, usable);
        const auto raw = QByteArray::fromHex(hex);
        PublicKey key;
        std::memcpy(key.data(), raw.constData(), key.size());
        QCOMPARE(isUsablePoint(key), usable);
    }

    void names_that_cannot_be_sealed_to_are_not_usable()
    {
        int compared = 0;
        for (const auto &value : vectorCases(u"sealed_box"_s)) {
            const auto vector = value.toObject();
            if (!text(vector, "id").startsWith("convert"))
                continue;
            const auto raw = QByteArray::fromHex(text(vector, "ed25519_public_hex"));
            QCOMPARE(raw.size(), qsizetype(32));
            PublicKey key;
            std::memcpy(key.data(), raw.constData(), key.size());
            QCOMPARE(isUsablePoint(key), vector.value("expect"_L1).toObject().value("ok"_L1).toBool());
            ++compared;
        }
        QVERIFY(compared > 0);
    }
};

QTEST_GUILESS_MAIN(IdentityTest)
#include "tst_identity.moc"
