// SPDX-License-Identifier: GPL-3.0-or-later
#include "identity/identity.h"
#include "identity/keydocument.h"
#include "keysource.h"
#include "matrix/base64.h"
#include "vectors.h"

using namespace restante;
using namespace restante::identity;
using namespace restante::test;
using namespace Qt::Literals::StringLiterals;

namespace
{
constexpr qint64 Now = 1'790'000'000'000;

QByteArray nameOfFault(DocumentFault fault)
{
    switch (fault) {
    case DocumentFault::None:
        return "none";
    case DocumentFault::Malformed:
        return "malformed";
    case DocumentFault::ServerNameMismatch:
        return "server_name_mismatch";
    case DocumentFault::Expired:
        return "expired";
    case DocumentFault::BadKey:
        return "bad_key";
    case DocumentFault::BadSignature:
        return "bad_signature";
    case DocumentFault::NoSelfSignature:
        return "no_self_signature";
    case DocumentFault::NoEd25519Key:
        return "no_ed25519_key";
    case DocumentFault::NotarySignature:
        return "notary_signature";
    case DocumentFault::Empty:
        return "empty";
    }
    return {};
}

Result<std::vector<StoredKey>> check(const QJsonObject &vector, DocumentFault *fault)
{
    const auto body = text(vector, "response_text");
    const auto server = nameOf(text(vector, "requested_server"));
    const qint64 nowMs = vector.value("now_ms"_L1).toInteger();
    if (text(vector, "kind") != "notary")
        return checkKeyDocument(body, server, nowMs, fault);
    std::vector<StoredKey> notaryKeys;
    const auto keys = vector.value("notary_keys"_L1).toObject();
    for (auto it = keys.begin(); it != keys.end(); ++it) {
        StoredKey key;
        key.keyId = it.key().toLatin1();
        key.key = publicKey(it.value().toString().toLatin1());
        notaryKeys.push_back(key);
    }
    return checkNotaryReply(body, server, nameOf(text(vector, "notary_name")), notaryKeys, nowMs, fault);
}

/// JSON as it is written in tests: with ' for ", since moc does not get along with raw strings.
QByteArray json(QByteArray text)
{
    return text.replace('\'', '"');
}

/// A document of `self` with other members than its own one, correctly signed.
QByteArray documentWith(const Identity &self, const QByteArray &membersBeforeAndAfter)
{
    const QByteArray body = '{' + membersBeforeAndAfter + '}';
    const auto signature = self.signBytes(body);
    QByteArray document = body;
    document.chop(1);
    return document + json(",'signatures':{'") + self.name().bytes() + json("':{'") + self.keyId() + json("':'") +
           matrix::encodeBase64({reinterpret_cast<const char *>(signature.data()), 64}) + json("'}}}");
}

QByteArray keyText(const Identity &self)
{
    return matrix::encodeBase64({reinterpret_cast<const char *>(self.publicKey().data()), 32});
}
} // namespace

class KeyDocumentTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void documents_are_judged_as_the_vectors_say_data()
    {
        QVERIFY(addRows(u"key_responses"_s, [](const QJsonObject &) { return true; }) >= 35);
    }
    void documents_are_judged_as_the_vectors_say()
    {
        QFETCH(const QJsonObject, vector);
        const auto expect = vector.value("expect"_L1).toObject();
        DocumentFault fault = DocumentFault::Empty;
        const auto keys = check(vector, &fault);
        QCOMPARE(keys.ok(), expect.value("ok"_L1).toBool());
        if (!keys) {
            QCOMPARE(nameOfFault(fault), text(expect, "error"));
            QCOMPARE(keys.error().code, Errc::BadSignature);
            return;
        }
        QCOMPARE(fault, DocumentFault::None);
        const auto expected = expect.value("keys"_L1).toArray();
        QCOMPARE(qsizetype(keys->size()), expected.size());
        for (qsizetype i = 0; i < expected.size(); ++i) {
            const auto wanted = expected.at(i).toObject();
            const StoredKey &got = keys->at(size_t(i));
            QCOMPARE(got.keyId, text(wanted, "key_id"));
            QVERIFY(got.key == publicKey(text(wanted, "key")));
            QCOMPARE(got.old, !wanted.value("usable_for_requests"_L1).toBool());
            const auto until = got.old ? wanted.value("expired_ts"_L1) : wanted.value("valid_until_ts"_L1);
            QCOMPARE(got.effectiveUntilMs(), until.toInteger());
            QCOMPARE(got.server.bytes(), text(expect, "server_name"));
            QCOMPARE(got.fetchedMs, Now);
            QVERIFY(!got.document.isEmpty());
        }
    }

    void a_document_counts_for_seven_days_at_most()
    {
        const auto self = Identity::generate();
        const auto document = documentWith(
            self, json("'server_name':'") + self.name().bytes() + json("','valid_until_ts':9000000000000000,") +
                      json("'verify_keys':{'") + self.keyId() + json("':{'key':'") + keyText(self) + json("'}}"));
        const auto keys = checkKeyDocument(document, self.name(), Now);
        QVERIFY(keys);
        QCOMPARE(keys->front().validUntilMs, Q_INT64_C(9000000000000000));
        QCOMPARE(keys->front().effectiveUntilMs(), Now + MaxKeyValidityMs);
    }

    void a_float_elsewhere_in_a_document_does_not_spoil_its_signature()
    {
        const auto self = Identity::generate();
        const QByteArray rest = json(",'server_name':'") + self.name().bytes() +
                                json("','valid_until_ts':1790000000001,'verify_keys':{'") + self.keyId() +
                                json("':{'key':'") + keyText(self) + json("'}}");
        // Signed over CPython's spelling, sent in another one.
        auto document = documentWith(self, json("'a':1.5") + rest);
        document.replace(json("'a':1.5"), json("'a':1.50"));
        QVERIFY(checkKeyDocument(document, self.name(), Now));
        document.replace(json("'a':1.50"), json("'a':1.51"));
        QVERIFY(!checkKeyDocument(document, self.name(), Now));
    }

    void documents_of_the_wrong_shape_are_malformed_data()
    {
        QTest::addColumn<QByteArray>("members");
        const auto row = [](const char *tag, const QByteArray &members) { QTest::newRow(tag) << members; };
        const QByteArray until = json("'valid_until_ts':1790000000001,");
        row("float time", json("'server_name':'NAME','valid_until_ts':1.79e12,'verify_keys':{}"));
        row("text time", json("'server_name':'NAME','valid_until_ts':'1790000000001','verify_keys':{}"));
        row("keys no object", json("'server_name':'NAME',") + until + json("'verify_keys':[]"));
        row("key no object", json("'server_name':'NAME',") + until + json("'verify_keys':{'ed25519:1':'AAAA'}"));
        row("key without text", json("'server_name':'NAME',") + until + json("'verify_keys':{'ed25519:1':{'key':1}}"));
        row("old keys no object",
            json("'old_verify_keys':[],'server_name':'NAME',") + until + json("'verify_keys':{}"));
        row("old key without time", json("'old_verify_keys':{'ed25519:0':{'key':'kfm6u3NrI4guA7mTLrDKz+"
                                         "sf62oe7bHnZDscWcYjYsA'}},'server_name':'NAME',") +
                                        until + json("'verify_keys':{'KEYID':{'key':'KEY'}}"));
        QByteArray many;
        for (int i = 0; i <= MaxKeysInDocument; ++i)
            many += (i ? ",\"ed25519:" : "\"ed25519:") + QByteArray::number(i) + json("':{'key':'KEY'}");
        row("too many keys", json("'server_name':'NAME',") + until + json("'verify_keys':{") + many + "}");
    }
    void documents_of_the_wrong_shape_are_malformed()
    {
        QFETCH(QByteArray, members);
        const auto self = Identity::generate();
        members.replace("NAME", self.name().bytes())
            .replace("KEYID", self.keyId())
            .replace("\"KEY\"", json("'" + keyText(self) + "'"));
        DocumentFault fault = DocumentFault::None;
        QVERIFY(!checkKeyDocument(documentWith(self, members), self.name(), Now, &fault));
        QCOMPARE(fault, DocumentFault::Malformed);
    }

    void keys_outlive_the_document_they_came_from()
    {
        const auto self = Identity::generate();
        QByteArray text = self.keyDocument(Now);
        auto keys = checkKeyDocument(text, self.name(), Now).value();
        keys[0].document.clear();
        text.fill('x'); // in place: nobody else holds it now
        QCOMPARE(keys[0].keyId, self.keyId());
        QCOMPARE(keys[0].server, self.name());
    }

    void a_notary_speaks_only_of_the_server_that_was_asked_for()
    {
        const auto self = Identity::generate();
        const auto notary = nameOf("notary.example");
        DocumentFault fault = DocumentFault::None;
        const auto reply = json("{'server_keys':[") + self.keyDocument(Now) + "]}";
        QVERIFY(!checkNotaryReply(reply, nameOf("other.example"), notary, {}, Now, &fault));
        QCOMPARE(fault, DocumentFault::Empty);
        QVERIFY(!checkNotaryReply(reply, self.name(), notary, {}, Now, &fault));
        QCOMPARE(fault, DocumentFault::NotarySignature);
        QVERIFY(!checkNotaryReply("[]", self.name(), notary, {}, Now, &fault));
        QCOMPARE(fault, DocumentFault::Malformed);
    }
};

QTEST_GUILESS_MAIN(KeyDocumentTest)
#include "tst_keydocument.moc"
