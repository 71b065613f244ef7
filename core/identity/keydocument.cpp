// SPDX-License-Identifier: GPL-3.0-or-later
#include "identity/keydocument.h"

#include "identity/identity.h"
#include "identity/secretbytes.h"
#include "matrix/base64.h"
#include "matrix/canonicaljson.h"
#include "matrix/jsonscan.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <optional>

using namespace Qt::Literals::StringLiterals;

namespace restante::identity
{

namespace
{
using matrix::JsonKind;
using matrix::JsonMember;
using matrix::JsonSlice;
using matrix::ScannedObject;

constexpr QByteArrayView Algorithm = "ed25519:";

QString sentence(DocumentFault fault)
{
    switch (fault) {
    case DocumentFault::None:
        break;
    case DocumentFault::Malformed:
        return u"the key document does not have the shape of one"_s;
    case DocumentFault::ServerNameMismatch:
        return u"the key document is of another server"_s;
    case DocumentFault::Expired:
        return u"the key document has expired"_s;
    case DocumentFault::BadKey:
        return u"the key document lists a key that is not 32 bytes"_s;
    case DocumentFault::BadSignature:
        return u"the key document has a wrong signature"_s;
    case DocumentFault::NoSelfSignature:
        return u"the key document is not signed by a key it lists"_s;
    case DocumentFault::NoEd25519Key:
        return u"the key document lists no ed25519 key"_s;
    case DocumentFault::NotarySignature:
        return u"the notary's signature is missing or wrong"_s;
    case DocumentFault::Empty:
        return u"the notary has no key document of this server"_s;
    }
    return {};
}

/// One document, taken apart; views into `text`.
struct Parts {
    QByteArray text;
    QByteArray serverName;
    qint64 validUntilMs = 0;
    std::vector<JsonMember> verifyKeys;
    std::vector<JsonMember> oldVerifyKeys;
    std::vector<JsonMember> signatures;
    std::vector<QByteArray> signedForms; ///< what a signature may cover: the lenient form, then CPython's
};

const JsonSlice *member(const std::vector<JsonMember> &members, QByteArrayView key)
{
    const auto found = std::find_if(members.begin(), members.end(),
                                    [key](const JsonMember &m) { return QByteArrayView(m.key) == key; });
    return found == members.end() ? nullptr : &found->value;
}

/// The document without `signatures` and `unsigned`, canonical.
std::vector<QByteArray> signedForms(const ScannedObject &object)
{
    QByteArray stripped("{");
    for (const JsonMember &m : object.members()) {
        if (m.key == "signatures" || m.key == "unsigned")
            continue;
        if (stripped.size() > 1)
            stripped += ',';
        stripped += matrix::jsonString(m.key);
        stripped += ':';
        stripped.append(m.value.text.data(), m.value.text.size());
    }
    stripped += '}';
    std::vector<QByteArray> forms;
    QByteArray form;
    if (matrix::canonicalise(stripped, matrix::NumberRule::Lenient, &form) == matrix::JsonFault::None)
        forms.push_back(form);
    if (object.hasFloats() &&
        matrix::canonicalise(stripped, matrix::NumberRule::Python, &form) == matrix::JsonFault::None)
        forms.push_back(form);
    return forms;
}

std::optional<Parts> takeApart(const QByteArray &text)
{
    const auto object = ScannedObject::scan(text);
    if (!object)
        return {};
    const auto kindOf = [&](QByteArrayView key, JsonKind kind) {
        const JsonSlice *slice = object->find(key);
        return slice && slice->kind == kind ? slice : nullptr;
    };
    const auto *name = kindOf("server_name", JsonKind::String);
    const auto *validUntil = kindOf("valid_until_ts", JsonKind::Number);
    const auto *verifyKeys = kindOf("verify_keys", JsonKind::Object);
    const auto *signatures = kindOf("signatures", JsonKind::Object);
    const auto *oldKeys = object->find("old_verify_keys");
    if (!name || !validUntil || !verifyKeys || !signatures || (oldKeys && oldKeys->kind != JsonKind::Object))
        return {};
    const auto validUntilMs = validUntil->toInteger();
    if (!validUntilMs)
        return {};
    Parts parts;
    parts.text = object->text();
    parts.serverName = name->toText().value_or(QByteArray());
    parts.validUntilMs = *validUntilMs;
    parts.verifyKeys = matrix::membersOf(*verifyKeys);
    if (oldKeys)
        parts.oldVerifyKeys = matrix::membersOf(*oldKeys);
    parts.signatures = matrix::membersOf(*signatures);
    if (parts.verifyKeys.size() > size_t(MaxKeysInDocument) || parts.oldVerifyKeys.size() > size_t(MaxKeysInDocument))
        return {};
    parts.signedForms = signedForms(*object);
    return parts;
}

/// The text of `signatures[signer][keyId]`: null if there is none, empty if it is not a text.
QByteArray signatureText(const Parts &parts, QByteArrayView signer, QByteArrayView keyId)
{
    const JsonSlice *ofSigner = member(parts.signatures, signer);
    if (!ofSigner)
        return {};
    const auto list = matrix::membersOf(*ofSigner);
    const JsonSlice *signature = member(list, keyId);
    if (!signature)
        return {};
    const auto text = signature->toText().value_or(QByteArray());
    return text.isNull() ? QByteArray("") : text;
}

bool verifies(const Parts &parts, const QByteArray &signature, const PublicKey &key)
{
    const auto bytes = matrix::decodeBase64(signature, crypto_sign_BYTES);
    if (!bytes)
        return false;
    const auto *raw = reinterpret_cast<const unsigned char *>(bytes->constData());
    return std::any_of(parts.signedForms.begin(), parts.signedForms.end(), [&](const QByteArray &form) {
        return crypto_sign_verify_detached(raw, reinterpret_cast<const unsigned char *>(form.constData()),
                                           static_cast<unsigned long long>(form.size()), key.data()) == 0;
    });
}

/// Reads `{"key":"…"}`. Malformed or BadKey, or None and the key.
DocumentFault readKey(const JsonSlice &slice, PublicKey &key)
{
    if (slice.kind != JsonKind::Object)
        return DocumentFault::Malformed;
    const auto members = matrix::membersOf(slice);
    const JsonSlice *text = member(members, "key");
    if (!text || text->kind != JsonKind::String)
        return DocumentFault::Malformed;
    const auto bytes = matrix::decodeBase64(text->toText().value_or(QByteArray()), qsizetype(key.size()));
    if (!bytes)
        return DocumentFault::BadKey;
    std::memcpy(key.data(), bytes->constData(), key.size());
    return DocumentFault::None;
}

/// Keys of scanned members may be views into the document, which stored keys outlive.
QByteArray ownCopy(const QByteArray &view)
{
    return {view.constData(), view.size()};
}

DocumentFault readOldKeys(const Parts &parts, const StoredKey &blank, std::vector<StoredKey> &keys)
{
    for (const JsonMember &m : parts.oldVerifyKeys) {
        if (!m.key.startsWith(Algorithm))
            continue;
        StoredKey key = blank;
        key.keyId = ownCopy(m.key);
        key.old = true;
        if (const auto fault = readKey(m.value, key.key); fault != DocumentFault::None)
            return fault;
        const auto members = matrix::membersOf(m.value);
        const JsonSlice *expired = member(members, "expired_ts");
        const auto expiredMs = expired ? expired->toInteger() : std::nullopt;
        if (!expiredMs)
            return DocumentFault::Malformed;
        key.validUntilMs = *expiredMs;
        if (matrix::isEd25519KeyId(m.key))
            keys.push_back(std::move(key));
    }
    return DocumentFault::None;
}

DocumentFault readVerifyKeys(const Parts &parts, const StoredKey &blank, std::vector<StoredKey> &keys)
{
    bool any = false;
    bool wrong = false;
    for (const JsonMember &m : parts.verifyKeys) {
        if (!m.key.startsWith(Algorithm))
            continue;
        any = true;
        StoredKey key = blank;
        key.keyId = ownCopy(m.key);
        if (const auto fault = readKey(m.value, key.key); fault != DocumentFault::None)
            return fault;
        const QByteArray signature = signatureText(parts, blank.server.bytes(), m.key);
        if (signature.isNull())
            continue; // listed, but it did not sign: left out
        if (!verifies(parts, signature, key.key))
            wrong = true;
        else if (matrix::isEd25519KeyId(m.key))
            keys.push_back(std::move(key));
    }
    if (!any)
        return DocumentFault::NoEd25519Key;
    if (wrong)
        return DocumentFault::BadSignature;
    return keys.empty() ? DocumentFault::NoSelfSignature : DocumentFault::None;
}

DocumentFault readKeys(const Parts &parts, const matrix::ServerName &server, qint64 nowMs, std::vector<StoredKey> &keys)
{
    if (parts.serverName != server.bytes())
        return DocumentFault::ServerNameMismatch;
    if (parts.validUntilMs < nowMs)
        return DocumentFault::Expired;
    StoredKey blank;
    blank.server = server;
    blank.validUntilMs = parts.validUntilMs;
    blank.fetchedMs = nowMs;
    blank.document = parts.text;
    if (const auto fault = readVerifyKeys(parts, blank, keys); fault != DocumentFault::None)
        return fault;
    return readOldKeys(parts, blank, keys);
}

bool notarySigned(const Parts &parts, const matrix::ServerName &notary, const std::vector<StoredKey> &notaryKeys)
{
    return std::any_of(notaryKeys.begin(), notaryKeys.end(), [&](const StoredKey &key) {
        const QByteArray signature = signatureText(parts, notary.bytes(), key.keyId);
        return !signature.isNull() && verifies(parts, signature, key.key);
    });
}

Result<std::vector<StoredKey>> conclude(DocumentFault found, std::vector<StoredKey> keys, DocumentFault *fault)
{
    if (fault)
        *fault = found;
    if (found != DocumentFault::None)
        return {Errc::BadSignature, sentence(found)};
    return keys;
}
} // namespace

Result<std::vector<StoredKey>> checkKeyDocument(const QByteArray &text, const matrix::ServerName &server, qint64 nowMs,
                                                DocumentFault *fault)
{
    ensureSodium();
    const auto parts = takeApart(text);
    if (!parts)
        return conclude(DocumentFault::Malformed, {}, fault);
    std::vector<StoredKey> keys;
    const auto found = readKeys(*parts, server, nowMs, keys);
    return conclude(found, std::move(keys), fault);
}

Result<std::vector<StoredKey>> checkNotaryReply(const QByteArray &text, const matrix::ServerName &server,
                                                const matrix::ServerName &notary,
                                                const std::vector<StoredKey> &notaryKeys, qint64 nowMs,
                                                DocumentFault *fault)
{
    ensureSodium();
    const auto reply = ScannedObject::scan(text);
    const JsonSlice *list = reply ? reply->find("server_keys") : nullptr;
    if (!list || list->kind != JsonKind::Array)
        return conclude(DocumentFault::Malformed, {}, fault);
    constexpr qsizetype mostDocuments = 64;
    DocumentFault worst = DocumentFault::Empty;
    std::vector<StoredKey> best;
    for (const JsonSlice &element : matrix::elementsOf(*list, mostDocuments)) {
        const auto parts = takeApart(element.text.toByteArray());
        if (parts && parts->serverName != server.bytes())
            continue;
        std::vector<StoredKey> keys;
        DocumentFault found = DocumentFault::Malformed;
        if (parts)
            found = notarySigned(*parts, notary, notaryKeys) ? readKeys(*parts, server, nowMs, keys)
                                                             : DocumentFault::NotarySignature;
        if (found != DocumentFault::None)
            worst = found;
        else if (best.empty() || keys.front().validUntilMs > best.front().validUntilMs)
            best = std::move(keys);
    }
    const auto found = best.empty() ? worst : DocumentFault::None;
    return conclude(found, std::move(best), fault);
}

} // namespace restante::identity
