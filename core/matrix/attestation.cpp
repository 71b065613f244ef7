// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/attestation.h"

#include "matrix/base64.h"
#include "matrix/edu.h"
#include "matrix/jsonpieces.h"
#include "matrix/transaction.h"

#include <algorithm>
#include <array>
#include <utility>

namespace restante::matrix
{

namespace
{

constexpr qint64 AttestationVersion = 1;

Error unusable(const QString &why)
{
    return {Errc::BadJson, why};
}

bool isEduMember(const JsonRawMember &member)
{
    return member.isCalled("edu_type") || member.isCalled("content");
}

/// What a relay may lose of the EDUs.
struct EduRemains {
    JsonPieces extra{'{', '}'};
    JsonPieces withoutContent{'[', ']'};
    QByteArrayView last; ///< the hundredth
    qsizetype end = 0;   ///< where in the array those end that stay in it
    int count = 0;       ///< of those
};

void noteEdu(const JsonSlice &edu, EduRemains *remains)
{
    const QByteArray index = QByteArray::number(remains->count);
    JsonPieces extra('{', '}');
    bool hasContent = false;
    JsonWalk members(edu);
    JsonRawMember member;
    while (members.next(&member)) {
        hasContent = hasContent || member.isCalled("content");
        if (!isEduMember(member))
            extra.member(quotedKey(member), member.value.text);
    }
    if (!extra.isEmpty())
        remains->extra.member('"' + index + '"', extra.text());
    if (!hasContent)
        remains->withoutContent.element(index);
}

Result<EduRemains> remainsOf(const JsonSlice &edus)
{
    EduRemains remains;
    JsonWalk walk(edus);
    JsonSlice edu;
    while (walk.next(&edu)) {
        if (eduOf(edu).type.kind != JsonKind::String)
            return unusable(QStringLiteral("An EDU lacks a textual edu_type."));
        if (!remains.last.isEmpty())
            return unusable(QStringLiteral("The transaction has more than 100 EDUs."));
        if (remains.count == MaxEdus - 1) {
            remains.last = edu.text;
            continue;
        }
        noteEdu(edu, &remains);
        ++remains.count;
        remains.end = edu.text.end() - edus.text.begin();
    }
    return remains;
}

/// The canonical attestation EDU. It is checked where it will stand, two levels below the root.
Result<QByteArray> attestationEdu(const QByteArray &content)
{
    QByteArray canonical;
    const QByteArray inPlace = "[[{\"content\":" + content + ",\"edu_type\":" + jsonString(AttestationEduType) + "}]]";
    if (const JsonFault fault = canonicalise(inPlace, NumberRule::Lenient, &canonical); fault != JsonFault::None)
        return describe(fault);
    return canonical.sliced(2, canonical.size() - 4);
}

/// The content of an attestation, read.
class Fields
{
public:
    /// `edus`: how many stand before the attestation.
    static Result<Fields> read(const JsonSlice &content, size_t edus);

    AttestedRequest request; ///< without its body
    JsonSlice members;
    bool hasPdus = false;
    bool hasEdus = false;
    std::vector<JsonSlice> extra;     ///< one for each EDU; Null if it had none
    std::vector<bool> withoutContent; ///< one for each EDU
    JsonSlice last;                   ///< Null if there were less than 100

private:
    bool readMember(const JsonRawMember &member);
    bool readHas(const JsonSlice &value);
    bool readExtra(const JsonSlice &value);
    bool readWithoutContent(const JsonSlice &value);
};

/// What is delivered is what the transaction holds, and not another one that the attestation brings along.
bool readMembers(const JsonSlice &value)
{
    JsonWalk walk(value);
    JsonRawMember member;
    while (walk.next(&member)) {
        const bool isPart = member.isCalled("pdus") || member.isCalled("edus");
        if (isPart && member.value.kind != JsonKind::Null)
            return false;
    }
    return value.kind == JsonKind::Object;
}

bool readOrigin(const JsonSlice &value, ServerName *origin)
{
    const auto name = ServerName::parse(value.toText().value_or(QByteArray()));
    if (name)
        *origin = *name;
    return name.ok();
}

bool readKeyId(const JsonSlice &value, QByteArray *keyId)
{
    *keyId = value.toText().value_or(QByteArray());
    return isEd25519KeyId(*keyId);
}

bool readSignature(const JsonSlice &value, Signature *signature)
{
    const auto bytes = decodeBase64(value.toText().value_or(QByteArray()), static_cast<qsizetype>(signature->size()));
    if (bytes)
        std::copy(bytes->begin(), bytes->end(), signature->begin());
    return bytes.has_value();
}

bool readTxnId(const JsonSlice &value, QByteArray *txnId)
{
    *txnId = value.toText().value_or(QByteArray());
    return isPlainTransactionId(*txnId);
}

bool Fields::readHas(const JsonSlice &value)
{
    JsonWalk walk(value);
    JsonSlice name;
    while (walk.next(&name)) {
        hasPdus = hasPdus || holdsText(name, "pdus");
        hasEdus = hasEdus || holdsText(name, "edus");
    }
    return value.kind == JsonKind::Array;
}

bool Fields::readExtra(const JsonSlice &value)
{
    JsonWalk walk(value);
    JsonRawMember member;
    while (walk.next(&member)) {
        bool isNumber = false;
        const size_t index = member.key.toULong(&isNumber);
        if (!isNumber || index >= extra.size() || member.value.kind != JsonKind::Object)
            return false;
        extra[index] = member.value;
    }
    return value.kind == JsonKind::Object;
}

bool Fields::readWithoutContent(const JsonSlice &value)
{
    JsonWalk walk(value);
    JsonSlice number;
    while (walk.next(&number)) {
        const auto index = number.toInteger();
        if (!index || *index < 0 || static_cast<size_t>(*index) >= withoutContent.size())
            return false;
        withoutContent[static_cast<size_t>(*index)] = true;
    }
    return value.kind == JsonKind::Array;
}

bool Fields::readMember(const JsonRawMember &member)
{
    const JsonSlice &value = member.value;
    if (member.isCalled("v"))
        return value.toInteger() == AttestationVersion;
    if (member.isCalled("origin"))
        return readOrigin(value, &request.origin);
    if (member.isCalled("key"))
        return readKeyId(value, &request.signature.keyId);
    if (member.isCalled("sig"))
        return readSignature(value, &request.signature.signature);
    if (member.isCalled("txn"))
        return readTxnId(value, &request.txnId);
    if (member.isCalled("has"))
        return readHas(value);
    if (member.isCalled("edu_extra"))
        return readExtra(value);
    if (member.isCalled("edu_nocontent"))
        return readWithoutContent(value);
    if (member.isCalled("members")) {
        members = value;
        return readMembers(value);
    }
    if (member.isCalled("last")) {
        last = value;
        return value.kind == JsonKind::Object;
    }
    return true; // of a later version, and this one can do without it
}

Result<Fields> Fields::read(const JsonSlice &content, size_t edus)
{
    Fields fields;
    fields.extra.resize(edus);
    fields.withoutContent.resize(edus);
    std::array<bool, 5> seen{}; // the members without which nothing can be rebuilt
    constexpr std::array<QByteArrayView, 5> Needed = {"v", "origin", "key", "sig", "txn"};
    JsonWalk walk(content);
    JsonRawMember member;
    while (walk.next(&member)) {
        if (!fields.readMember(member))
            return unusable(
                QStringLiteral("The member %1 of an attestation cannot be used.").arg(QString::fromUtf8(member.key)));
        for (size_t i = 0; i < Needed.size(); ++i)
            seen[i] = seen[i] || member.isCalled(Needed[i]);
    }
    if (std::find(seen.begin(), seen.end(), false) != seen.end() || fields.members.kind != JsonKind::Object)
        return unusable(QStringLiteral("An attestation lacks a member."));
    if (!fields.hasEdus && edus > 0)
        return unusable(QStringLiteral("An attestation is of a transaction without edus, and there are some."));
    if (fields.last.kind == JsonKind::Object && edus != MaxEdus - 1)
        return unusable(QStringLiteral("An attestation holds the hundredth of another number of EDUs."));
    return fields;
}

/// The EDU as its origin wrote it.
QByteArray originalEdu(const JsonSlice &edu, const JsonSlice &extra, bool withoutContent)
{
    JsonPieces object('{', '}');
    JsonRawMember member;
    JsonWalk members(edu);
    while (members.next(&member)) {
        if (member.isCalled("edu_type") || (member.isCalled("content") && !withoutContent))
            object.member(quotedKey(member), member.value.text);
    }
    JsonWalk extras(extra);
    while (extras.next(&member))
        object.member(quotedKey(member), member.value.text);
    return object.text();
}

/// What the origin wrote, not canonical yet.
QByteArray originalBody(const Fields &fields, const JsonSlice &pdus, const std::vector<JsonSlice> &edus)
{
    JsonPieces body('{', '}');
    JsonRawMember member;
    JsonWalk members(fields.members);
    while (members.next(&member))
        body.member(quotedKey(member), member.value.text);
    if (fields.hasPdus)
        body.member("\"pdus\"", pdus.text);
    if (fields.hasEdus) {
        JsonPieces array('[', ']');
        for (size_t i = 0; i < edus.size(); ++i)
            array.element(originalEdu(edus[i], fields.extra[i], fields.withoutContent[i]));
        if (fields.last.kind == JsonKind::Object)
            array.element(fields.last.text);
        body.member("\"edus\"", array.text());
    }
    return body.text();
}

/// The attestation's content, and the EDUs before it; nothing if the last EDU is not one.
std::optional<JsonSlice> takeAttestation(const JsonSlice &edus, std::vector<JsonSlice> *before)
{
    *before = elementsOf(edus, MaxEdus + 2);
    if (before->empty() || before->size() > static_cast<size_t>(MaxEdus) + 1)
        return std::nullopt;
    const Edu last = eduOf(before->back());
    if (!holdsText(last.type, AttestationEduType))
        return std::nullopt;
    before->pop_back();
    return last.content.value_or(JsonSlice());
}

} // namespace

bool isPlainTransactionId(QByteArrayView text)
{
    const auto isPlain = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '~' || c == '-';
    };
    return !text.isEmpty() && text.size() <= MaxTransactionIdBytes && text != "." && text != ".." &&
           std::all_of(text.begin(), text.end(), isPlain);
}

QByteArray AttestedRequest::target() const
{
    return "/_matrix/federation/v1/send/" + txnId;
}

XMatrix AttestedRequest::claim(const ServerName &destination) const
{
    return {origin, destination, {signature}};
}

Result<QByteArray> attestedEdus(const ScannedObject &body, const ServerName &origin, const KeySignature &signature,
                                QByteArrayView txnId)
{
    if (!isPlainTransactionId(txnId))
        return Error{Errc::InvalidParam,
                     QStringLiteral("The transaction id has characters that an attestation cannot carry."), 0};
    JsonPieces members('{', '}');
    JsonPieces has('[', ']');
    JsonSlice edus{JsonKind::Array, "[]"};
    for (const JsonMember &member : body.members()) {
        const bool isEdus = member.key == "edus";
        const bool isPart = isEdus || member.key == "pdus";
        if (isPart && member.value.kind == JsonKind::Array)
            has.element(jsonString(member.key));
        else if (isPart && member.value.kind != JsonKind::Null)
            return unusable(QStringLiteral("The pdus and edus of a transaction are arrays."));
        else
            members.member(jsonString(member.key), member.value.text);
        if (isEdus && member.value.kind == JsonKind::Array)
            edus = member.value;
    }
    const auto remains = remainsOf(edus);
    if (!remains)
        return remains.error();

    JsonPieces content('{', '}');
    if (!remains->extra.isEmpty())
        content.member("\"edu_extra\"", remains->extra.text());
    if (!remains->withoutContent.isEmpty())
        content.member("\"edu_nocontent\"", remains->withoutContent.text());
    content.member("\"has\"", has.text());
    content.member("\"key\"", jsonString(signature.keyId));
    if (!remains->last.isEmpty())
        content.member("\"last\"", remains->last);
    content.member("\"members\"", members.text());
    content.member("\"origin\"", jsonString(origin.bytes()));
    content.member("\"sig\"",
                   jsonString(encodeBase64(QByteArrayView(reinterpret_cast<const char *>(signature.signature.data()),
                                                          static_cast<qsizetype>(signature.signature.size())))));
    content.member("\"txn\"", jsonString(txnId));
    content.member("\"v\"", QByteArray::number(AttestationVersion));
    const auto attestation = attestationEdu(content.text());
    if (!attestation)
        return attestation.error();

    JsonPieces array('[', ']');
    if (remains->count > 0)
        array.element(edus.text.first(remains->end).sliced(1));
    array.element(*attestation);
    return array.text();
}

QByteArray withEdus(const ScannedObject &body, QByteArrayView edus)
{
    constexpr QByteArrayView name = "edus";
    JsonPieces changed('{', '}');
    bool placed = false;
    for (const JsonMember &member : body.members()) {
        if (!placed && member.key >= name) {
            changed.member("\"edus\"", edus);
            placed = true;
        }
        if (member.key != name)
            changed.member(jsonString(member.key), member.value.text);
    }
    if (!placed)
        changed.member("\"edus\"", edus);
    return changed.text();
}

Result<AttestedRequest> rebuildRequest(QByteArrayView pdus, QByteArrayView edus)
{
    JsonPieces held('{', '}');
    held.member("\"edus\"", edus);
    held.member("\"pdus\"", pdus);
    const auto scanned = ScannedObject::scan(held.text());
    if (!scanned)
        return scanned.error();
    const JsonSlice *heldEdus = scanned->find("edus");
    const JsonSlice *heldPdus = scanned->find("pdus");
    if (!heldEdus || !heldPdus || heldEdus->kind != JsonKind::Array || heldPdus->kind != JsonKind::Array)
        return unusable(QStringLiteral("The pdus and edus of a transaction are arrays."));

    std::vector<JsonSlice> before;
    const auto content = takeAttestation(*heldEdus, &before);
    if (!content)
        return Error{Errc::NotHeld, QStringLiteral("The transaction has no attestation."), 0};
    if (content->kind != JsonKind::Object)
        return unusable(QStringLiteral("An attestation has no content."));
    auto fields = Fields::read(*content, before.size());
    if (!fields)
        return fields.error();
    const auto canonical = canonicalJson(originalBody(*fields, *heldPdus, before), NumberRule::Lenient);
    if (!canonical)
        return canonical.error();
    fields->request.body = *canonical;
    return std::move(fields->request);
}

} // namespace restante::matrix
