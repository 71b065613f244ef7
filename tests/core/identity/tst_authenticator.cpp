// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakeclock.h"
#include "identity/authenticator.h"
#include "identity/identity.h"
#include "identity/keydocument.h"
#include "keysource.h"
#include "vectors.h"

#include <QtCore/QDir>

#include <optional>

using namespace restante;
using namespace restante::identity;
using namespace restante::test;
using namespace Qt::Literals::StringLiterals;

namespace
{
constexpr qint64 Now = 1'790'000'000'000;
const auto Method = QByteArrayView("PUT");
const auto Target = QByteArrayView("/_matrix/federation/v1/send_relay/1/@user:relay.example");

/// What a request got, perhaps later.
class Answer
{
public:
    Authenticator::Done taker() const
    {
        return [held = m_held](Result<Verified> result) {
            QVERIFY(!*held);
            held->emplace(std::move(result));
        };
    }
    bool pending() const { return !*m_held; }
    bool ok() const { return *m_held && (*m_held)->ok(); }
    /// Errc::Internal, which nothing here gives, if there is no error.
    Errc error() const { return *m_held && !(*m_held)->ok() ? (*m_held)->error().code : Errc::Internal; }
    const Verified &value() const { return m_held->value().value(); }
    const Result<Verified> &result() const { return m_held->value(); }

private:
    std::shared_ptr<std::optional<Result<Verified>>> m_held = std::make_shared<std::optional<Result<Verified>>>();
};

/// An origin with an ordinary name, a ring with a fetcher, an authenticator: what most tests need.
struct Scene {
    FakeClock clock{Now};
    ManualKeyFetcher fetcher;
    KeyRing ring{clock, nullptr};
    matrix::ServerName relay = nameOf("relay.example");
    Authenticator authenticator{ring, &fetcher, relay};
    Identity origin = Identity::of(nameOf("origin.example"), "ed25519:a", SecretKey::generate()).value();

    matrix::XMatrix claim(const QByteArray &content = {}) const
    {
        const auto bytes = matrix::signedRequestBytes(Method, Target, origin.name(), relay, content);
        return {origin.name(), relay, {{origin.keyId(), origin.signBytes(bytes)}}};
    }
    std::vector<StoredKey> originKeys() const
    {
        return checkKeyDocument(origin.keyDocument(clock.wallMs()), origin.name(), clock.wallMs()).value();
    }
    Answer ask(const matrix::XMatrix &claimed, const matrix::ScannedObject *body = nullptr)
    {
        Answer answer;
        authenticator.verify(claimed, Method, Target, body, "client", answer.taker());
        return answer;
    }
};

QByteArray bodyOf(const QByteArray &number, qsizetype bytes)
{
    return "{\"n\":" + number + ",\"x\":\"" + QByteArray(bytes, 'x') + "\"}";
}
} // namespace

class AuthenticatorTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void requests_are_verified_as_the_vectors_say_data()
    {
        const int rows =
            addRows(u"request_signing"_s, [](const QJsonObject &v) { return text(v, "kind") == "verify"; });
        QVERIFY(rows >= 31);
    }
    void requests_are_verified_as_the_vectors_say()
    {
        QFETCH(const QJsonObject, vector);
        const FakeClock clock(vector.value("now_ms"_L1).toInteger());
        KeyRing ring(clock, nullptr);
        ring.remember(keysOf(vector));
        QList<matrix::ServerName> names;
        for (const auto &name : vector.value("our_names"_L1).toArray())
            names.append(nameOf(name.toString().toUtf8()));
        Authenticator authenticator(ring, nullptr, names.first(),
                                    [&names](const matrix::ServerName &name) { return names.contains(name); });

        const auto expect = vector.value("expect"_L1).toObject();
        const auto answer = judge(vector, authenticator);
        QCOMPARE(answer.ok(), expect.value("ok"_L1).toBool());
        if (answer) {
            QCOMPARE(answer->origin.bytes(), text(expect, "origin"));
            QCOMPARE(answer->keyId, text(expect, "key"));
            return;
        }
        QCOMPARE(answer.error().code, codeOf(text(expect, "error")));
    }

    void captured_transactions_of_a_real_server_verify_data()
    {
        QTest::addColumn<QString>("file");
        const QDir folder(QStringLiteral(RESTANTE_TEST_DATA "/captures"));
        const auto files = folder.entryList({u"txn-*.json"_s}, QDir::Files, QDir::Name);
        QCOMPARE(files.size(), 45);
        for (const QString &file : files)
            QTest::newRow(qPrintable(file)) << file;
    }
    void captured_transactions_of_a_real_server_verify()
    {
        QFETCH(const QString, file);
        const auto capture = readTestObject(u"captures/"_s + file);
        const auto meta = capture.value("meta"_L1).toObject();
        const FakeClock clock(meta.value("received_ms"_L1).toInteger());
        KeyRing ring(clock, nullptr);
        const auto origin = nameOf(text(meta, "origin"));
        const auto document = readTestData(u"captures/keys/%1.json"_s.arg(origin.toString().replace(u':', u'_')));
        ring.remember(checkKeyDocument(document, origin, clock.wallMs()).value());
        Authenticator authenticator(ring, nullptr, nameOf(text(meta, "destination")));

        QList<QByteArray> headers;
        for (const auto &header : capture.value("headers"_L1).toArray()) {
            if (header.toArray().at(0).toString() == "Authorization"_L1)
                headers.append(header.toArray().at(1).toString().toUtf8());
        }
        const auto claim = matrix::XMatrix::parse(headers);
        QVERIFY(claim);
        const auto body = matrix::ScannedObject::scan(bytes(capture, "body_b64"));
        QVERIFY(body);
        const auto verify = [&](const QByteArray &target, const matrix::ScannedObject &content) {
            const Answer answer;
            authenticator.verify(*claim, text(capture, "method"), target, &content, {}, answer.taker());
            return answer.ok();
        };
        QVERIFY(verify(text(capture, "path"), *body));
        QVERIFY(!verify(text(capture, "path") + '0', *body));
        QVERIFY(!verify(text(capture, "path"), *matrix::ScannedObject::scan("{}")));
    }

    void a_known_key_answers_at_once()
    {
        Scene scene;
        scene.ring.remember(scene.originKeys());
        const auto answer = scene.ask(scene.claim());
        QVERIFY(answer.ok());
        QCOMPARE(answer.value().origin, scene.origin.name());
        QCOMPARE(answer.value().keyId, scene.origin.keyId());
        QVERIFY(scene.fetcher.asked.empty());
    }

    void an_unknown_key_is_looked_up_once_and_the_request_goes_on()
    {
        Scene scene;
        const auto body = matrix::ScannedObject::scan(R"( {"b":1, "a":2})").value();
        const Answer answer;
        {
            // Everything that belongs to the request is gone while the key is looked up.
            const auto claim = scene.claim(R"({"a":2,"b":1})");
            const auto copy = body;
            const QByteArray method = Method.toByteArray();
            const QByteArray target = Target.toByteArray();
            scene.authenticator.verify(claim, method, target, &copy, "client", answer.taker());
        }
        QVERIFY(answer.pending());
        QCOMPARE(scene.fetcher.asked.size(), size_t(1));
        QCOMPARE(scene.fetcher.asked[0].server, scene.origin.name());
        QCOMPARE(scene.fetcher.asked[0].keyId, scene.origin.keyId());
        QCOMPARE(scene.fetcher.asked[0].addressKey, "client");
        scene.fetcher.asked[0].done(scene.originKeys());
        QVERIFY(answer.ok());
        QVERIFY(scene.ask(scene.claim(R"({"a":2,"b":1})"), &body).ok());
        QCOMPARE(scene.fetcher.asked.size(), size_t(1));
    }

    void an_owners_last_key_stays_good_for_collecting_data()
    {
        QTest::addColumn<bool>("owner");
        QTest::addColumn<bool>("collects");
        QTest::addColumn<bool>("newer"); // a document without that key came since
        QTest::addColumn<bool>("accepted");
        QTest::newRow("collecting") << true << true << false << true;
        QTest::newRow("leaving mail") << true << false << false << false;
        QTest::newRow("not served") << false << true << false << false;
        QTest::newRow("replaced meanwhile") << true << true << true << false;
    }
    void an_owners_last_key_stays_good_for_collecting()
    {
        QFETCH(const bool, owner);
        QFETCH(const bool, collects);
        QFETCH(const bool, newer);
        QFETCH(const bool, accepted);
        Scene scene;
        scene.ring.remember(scene.originKeys());
        if (owner)
            scene.ring.setOwners({scene.origin.name()});
        scene.clock.advance(MaxKeyValidityMs + 1);
        if (newer) {
            const auto other = Identity::of(scene.origin.name(), "ed25519:other", SecretKey::generate()).value();
            scene.ring.remember(
                checkKeyDocument(other.keyDocument(scene.clock.wallMs()), other.name(), scene.clock.wallMs()).value());
        }
        const Answer answer;
        using Keys = Authenticator::Keys;
        scene.authenticator.verify(scene.claim(), Method, Target, nullptr, "client", answer.taker(),
                                   collects ? Keys::ValidOrLastOfOwner : Keys::Valid);
        QCOMPARE(scene.fetcher.asked.size(), size_t(1)); // for a newer one
        QCOMPARE(answer.pending(), !accepted);
        if (accepted)
            QVERIFY(answer.ok());
    }

    void an_owner_with_a_new_key_is_looked_up_before_it_is_refused()
    {
        Scene scene;
        scene.ring.remember(scene.originKeys());
        scene.ring.setOwners({scene.origin.name()});
        scene.clock.advance(MaxKeyValidityMs + 1);
        scene.origin = Identity::of(scene.origin.name(), scene.origin.keyId(), SecretKey::generate()).value();
        const Answer answer;
        scene.authenticator.verify(scene.claim(), Method, Target, nullptr, "client", answer.taker(),
                                   Authenticator::Keys::ValidOrLastOfOwner);
        QVERIFY(answer.pending());
        scene.fetcher.asked.at(0).done(scene.originKeys());
        QVERIFY(answer.ok());
    }

    void a_good_signature_makes_a_servers_keys_worth_keeping()
    {
        Scene scene;
        scene.ring.remember(scene.originKeys());
        const auto keyId = scene.origin.keyId();
        QVERIFY(!scene.ring.find(scene.origin.name(), keyId).proven);
        auto forged = scene.claim();
        forged.signatures[0].signature[0] ^= 1;
        QVERIFY(!scene.ask(forged).ok());
        QVERIFY(!scene.ring.find(scene.origin.name(), keyId).proven);
        QVERIFY(scene.ask(scene.claim()).ok());
        QVERIFY(scene.ring.find(scene.origin.name(), keyId).proven);
    }

    void a_look_up_that_brings_another_key_refuses_the_request()
    {
        Scene scene;
        const auto answer = scene.ask(scene.claim());
        auto keys = scene.originKeys();
        keys[0].keyId = "ed25519:other";
        scene.fetcher.asked[0].done(keys);
        QCOMPARE(answer.error(), Errc::BadSignature);
    }

    void a_failed_look_up_is_passed_on()
    {
        Scene scene;
        const auto answer = scene.ask(scene.claim());
        scene.fetcher.asked[0].done(Error{Errc::KeyUnavailable, u"later"_s});
        QCOMPARE(answer.error(), Errc::KeyUnavailable);
    }

    void nothing_is_answered_after_the_authenticator_is_gone()
    {
        const FakeClock clock(Now);
        ManualKeyFetcher fetcher;
        KeyRing ring(clock, nullptr);
        const Scene scene;
        int answers = 0;
        {
            Authenticator authenticator(ring, &fetcher, scene.relay);
            authenticator.verify(scene.claim(), Method, Target, nullptr, {},
                                 [&answers](const Result<Verified> &) { ++answers; });
        }
        fetcher.asked[0].done(scene.originKeys());
        QCOMPARE(answers, 0);
    }

    void an_expired_key_is_looked_up_again()
    {
        Scene scene;
        scene.ring.remember(scene.originKeys());
        scene.clock.advance(MaxKeyValidityMs);
        QVERIFY(scene.ask(scene.claim()).ok());
        scene.clock.advance(1);
        const auto answer = scene.ask(scene.claim());
        QVERIFY(answer.pending());
        scene.fetcher.asked.back().done(scene.originKeys());
        QVERIFY(answer.ok());
    }

    void without_a_fetcher_an_unknown_key_is_refused_at_once()
    {
        Scene scene;
        Authenticator alone(scene.ring, nullptr, scene.relay);
        const Answer answer;
        alone.verify(scene.claim(), Method, Target, nullptr, {}, answer.taker());
        QCOMPARE(answer.error(), Errc::BadSignature);
    }

    void a_good_signature_by_a_stale_key_has_it_fetched_again()
    {
        Scene scene;
        scene.ring.remember(scene.originKeys());
        QVERIFY(scene.ask(scene.claim()).ok());
        QVERIFY(scene.fetcher.asked.empty());
        scene.clock.advance(MaxKeyValidityMs / 2);
        QVERIFY(scene.ask(scene.claim()).ok()); // at once
        QCOMPARE(scene.fetcher.asked.size(), size_t(1));
        QVERIFY(scene.ask(scene.claim()).ok());
        QCOMPARE(scene.fetcher.asked.size(), size_t(1));
    }

    void a_wrong_signature_has_the_server_asked_whether_it_has_another_key()
    {
        Scene scene;
        scene.ring.remember(scene.originKeys());
        scene.clock.advance(KeyRing::DoubtAgeMs);
        // Set up anew, under the same key id.
        scene.origin = Identity::of(scene.origin.name(), scene.origin.keyId(), SecretKey::generate()).value();
        QCOMPARE(scene.ask(scene.claim()).error(), Errc::BadSignature); // at once
        QCOMPARE(scene.fetcher.asked.size(), size_t(1));
        QCOMPARE(scene.fetcher.asked[0].server, scene.origin.name());
        QCOMPARE(scene.fetcher.asked[0].addressKey, "client");
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"origin.example now says"_s));
        scene.fetcher.asked[0].done(scene.originKeys());
        QCOMPARE(scene.ask(scene.claim()).error(), Errc::BadSignature);
        QCOMPARE(scene.fetcher.asked.size(), size_t(1));
        const auto refused = scene.ring.list(scene.origin.name(), 10).refused;
        QCOMPARE(refused.size(), size_t(1));
        QVERIFY(refused[0].key == scene.origin.publicKey());

        QVERIFY(scene.ring.pin(scene.origin.name(), scene.origin.keyId(), refused[0].key).value());
        QVERIFY(scene.ask(scene.claim()).ok());
    }

    void a_pinned_key_does_not_expire()
    {
        Scene scene;
        QVERIFY(scene.ring.pin(scene.origin.name(), scene.origin.keyId(), scene.origin.publicKey()));
        scene.clock.advance(100 * MaxKeyValidityMs);
        QVERIFY(scene.ask(scene.claim()).ok());
    }

    void one_good_signature_beside_unknown_keys_needs_no_look_up()
    {
        Scene scene;
        scene.ring.remember(scene.originKeys());
        auto claim = scene.claim();
        claim.signatures.insert(claim.signatures.begin(), {"ed25519:unknown", claim.signatures[0].signature});
        QVERIFY(scene.ask(claim).ok());
        QVERIFY(scene.fetcher.asked.empty());
    }

    void a_self_certifying_name_is_never_looked_up()
    {
        Scene scene;
        scene.origin = Identity::generate();
        QVERIFY(scene.ask(scene.claim()).ok());
        auto claim = scene.claim();
        claim.signatures[0].signature[5] ^= 1;
        QCOMPARE(scene.ask(claim).error(), Errc::BadSignature);
        // Any key id will do, since the name fixes the key.
        claim = scene.claim();
        claim.signatures[0].keyId = "ed25519:whatever";
        QVERIFY(scene.ask(claim).ok());
        QVERIFY(scene.fetcher.asked.empty());
    }

    void a_banned_key_is_refused_without_asking()
    {
        Scene scene;
        scene.ring.remember(scene.originKeys());
        scene.ring.ban(scene.origin.publicKey());
        QCOMPARE(scene.ask(scene.claim()).error(), Errc::BadSignature);
        QVERIFY(scene.fetcher.asked.empty());
    }

    void a_request_for_somebody_else_is_refused()
    {
        Scene scene;
        scene.ring.remember(scene.originKeys());
        auto claim = scene.claim();
        claim.destination = nameOf("other.example");
        QCOMPARE(scene.ask(claim).error(), Errc::WrongDestination);
        claim.destination = {}; // then it counts as meant for us
        QVERIFY(scene.ask(claim).ok());
    }

    void an_absent_body_is_not_an_empty_object()
    {
        Scene scene;
        scene.ring.remember(scene.originKeys());
        const auto empty = matrix::ScannedObject::scan("{}").value();
        QVERIFY(!scene.ask(scene.claim(), &empty).ok());
        QVERIFY(!scene.ask(scene.claim("{}")).ok());
        QVERIFY(scene.ask(scene.claim("{}"), &empty).ok());
    }

    /// A claim of eight signatures by one key does not have a large body hashed eight times.
    void of_several_signatures_by_one_key_over_a_large_body_the_first_is_looked_at()
    {
        for (const bool large : {false, true}) {
            Scene scene;
            scene.origin = Identity::generate();
            const QByteArray text = bodyOf("1", large ? Authenticator::SmallBytes : 10);
            const auto body = matrix::ScannedObject::scan(text).value();
            auto claim = scene.claim(text);
            const auto good = claim.signatures[0];
            auto bad = good;
            bad.keyId = "ed25519:other";
            bad.signature[5] ^= 1;
            claim.signatures = {good, bad};
            QVERIFY(scene.ask(claim, &body).ok());
            claim.signatures = {bad, good};
            QCOMPARE(scene.ask(claim, &body).ok(), !large);
        }
    }

    void a_body_that_was_signed_in_another_spelling_is_given_on_in_it()
    {
        Scene scene;
        scene.ring.remember(scene.originKeys());
        const auto spelt = matrix::ScannedObject::scan(R"({"b":15e-1, "a":1})").value();
        const auto verified = scene.ask(scene.claim(R"({"a":1,"b":1.5})"), &spelt);
        QVERIFY(verified.ok());
        QVERIFY(verified.result()->rewritten);
        QCOMPARE(verified.result()->rewritten->text(), R"({"a":1,"b":1.5})");
        // As it came, it was signed as it came.
        const auto asItCame = scene.ask(scene.claim(R"({"a":1,"b":15e-1})"), &spelt);
        QVERIFY(asItCame.ok());
        QVERIFY(!asItCame.result()->rewritten);
    }

    void the_spelling_of_a_large_body_is_tried_for_those_who_have_used_it()
    {
        Scene scene;
        scene.ring.remember(scene.originKeys());
        const auto large = matrix::ScannedObject::scan(bodyOf("1.50", Authenticator::SmallBytes)).value();
        const auto claim = scene.claim(bodyOf("1.5", Authenticator::SmallBytes));
        QCOMPARE(scene.ask(claim, &large).error(), Errc::BadSignature);
        const auto small = matrix::ScannedObject::scan(bodyOf("1.50", 10)).value();
        QVERIFY(scene.ask(scene.claim(bodyOf("1.5", 10)), &small).ok());
        QVERIFY(scene.ask(claim, &large).ok());
        const auto huge = matrix::ScannedObject::scan(bodyOf("1.50", Authenticator::MostRespeltBytes)).value();
        QCOMPARE(scene.ask(scene.claim(bodyOf("1.5", Authenticator::MostRespeltBytes)), &huge).error(),
                 Errc::BadSignature);
        // No more than that are remembered.
        for (qsizetype i = 0; i < Authenticator::MostSpellers; ++i) {
            Scene other;
            other.origin = Identity::generate();
            Answer answer;
            scene.authenticator.verify(other.claim(bodyOf("1.5", 10)), Method, Target, &small, "client",
                                       answer.taker());
            QVERIFY(answer.ok());
        }
        QCOMPARE(scene.ask(claim, &large).error(), Errc::BadSignature);
    }

    void a_large_body_is_verified_beside_its_thread()
    {
        Scene scene;
        scene.ring.remember(scene.originKeys());
        base::SideWork side;
        Authenticator authenticator(scene.ring, &scene.fetcher, scene.relay, {}, &side);
        const QByteArray text = bodyOf("1", Authenticator::LargeBytes);
        const auto body = matrix::ScannedObject::scan(text).value();
        auto forged = scene.claim(text);
        forged.signatures[0].signature[5] ^= 1;
        const Answer good;
        const Answer bad;
        const Answer unwanted;
        QVERIFY(authenticator.verify(scene.claim(text), Method, Target, &body, "client", good.taker()));
        QVERIFY(authenticator.verify(forged, Method, Target, &body, "client", bad.taker()));
        const auto wait = authenticator.verify(forged, Method, Target, &body, "client", unwanted.taker());
        QVERIFY(good.pending() && bad.pending() && unwanted.pending());
        authenticator.giveUp(wait);
        QVERIFY(QTest::qWaitFor([&] { return !good.pending() && !bad.pending(); }, 10'000));
        QVERIFY(good.ok());
        QCOMPARE(bad.error(), Errc::BadSignature);
        QVERIFY(unwanted.pending());
    }

private:
    static std::vector<StoredKey> keysOf(const QJsonObject &vector)
    {
        std::vector<StoredKey> keys;
        const auto servers = vector.value("keys"_L1).toObject();
        for (auto server = servers.begin(); server != servers.end(); ++server) {
            const auto ofServer = server.value().toObject();
            for (auto it = ofServer.begin(); it != ofServer.end(); ++it) {
                StoredKey key;
                key.server = nameOf(server.key().toUtf8());
                key.keyId = it.key().toUtf8();
                key.key = publicKey(text(it.value().toObject(), "key"));
                key.validUntilMs = it.value().toObject().value("valid_until_ts"_L1).toInteger();
                key.fetchedMs = vector.value("now_ms"_L1).toInteger();
                keys.push_back(key);
            }
        }
        return keys;
    }

    /// Steps 3, 4, 8 and 9 of the order of checks, as the front and the handlers take them.
    static Result<Verified> judge(const QJsonObject &vector, Authenticator &authenticator)
    {
        QList<QByteArray> headers;
        for (const auto &header : vector.value("headers"_L1).toArray())
            headers.append(header.toString().toUtf8());
        const auto claim = matrix::XMatrix::parse(headers);
        if (!claim)
            return claim.error();
        std::optional<matrix::ScannedObject> body;
        if (!vector.value("body_b64"_L1).isNull()) {
            auto scanned = matrix::ScannedObject::scan(bytes(vector, "body_b64"));
            if (!scanned)
                return scanned.error();
            body = *scanned;
        }
        const Answer answer;
        authenticator.verify(*claim, text(vector, "method"), text(vector, "uri"), body ? &*body : nullptr, {},
                             answer.taker());
        return answer.pending() ? Result<Verified>(Errc::Internal, u"not answered at once"_s) : answer.result();
    }

    static Errc codeOf(const QByteArray &error)
    {
        const QHash<QByteArray, Errc> codes{
            {"missing", Errc::MissingAuth},
            {"missing_param", Errc::MalformedAuth},
            {"wrong_destination", Errc::WrongDestination},
            {"bad_signature", Errc::BadSignature},
            {"unknown_key", Errc::BadSignature},
            {"expired_key", Errc::BadSignature},
            {"not_json", Errc::NotJson},
            {"bad_json", Errc::BadJson},
        };
        return codes.value(error, Errc::Internal);
    }
};

QTEST_GUILESS_MAIN(AuthenticatorTest)
#include "tst_authenticator.moc"
