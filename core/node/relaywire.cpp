// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/relaywire.h"

#include "matrix/canonicaljson.h"
#include "matrix/jsonscan.h"

#include <sodium.h>

#include <algorithm>

namespace restante::node
{

namespace
{
constexpr QByteArrayView BatchMember = "org.restante.batch";

Error badAnswer(const QString &detail)
{
    return {Errc::BadAnswer, detail, 0};
}

/// The member of an object slice; nothing where it is missing.
const matrix::JsonSlice *find(const std::vector<matrix::JsonMember> &members, QByteArrayView name)
{
    const auto found = std::find_if(members.begin(), members.end(),
                                    [name](const matrix::JsonMember &member) { return member.key == name; });
    return found == members.end() ? nullptr : &found->value;
}

qint64 integerOf(const matrix::JsonSlice *slice)
{
    const auto value = slice && slice->kind == matrix::JsonKind::Number ? slice->toInteger() : std::nullopt;
    return value && *value > 0 ? *value : 0;
}

QByteArray textOf(const matrix::JsonSlice *slice)
{
    return slice ? slice->toText().value_or(QByteArray()) : QByteArray();
}

/// An array as it came; "[]" for null and for what is missing or no array.
QByteArray arrayOf(const matrix::JsonSlice *slice)
{
    return slice && slice->kind == matrix::JsonKind::Array ? slice->text.toByteArray() : QByteArrayLiteral("[]");
}

/// For what no ordinary digest can be made of: its own bytes.
matrix::Digest digestOfBytes(QByteArrayView bytes, const matrix::DigestKey &key)
{
    matrix::Digest digest{};
    crypto_generichash(digest.data(), digest.size(), reinterpret_cast<const unsigned char *>(bytes.data()),
                       static_cast<unsigned long long>(bytes.size()), key.data(), key.size());
    return digest;
}

/// Reads one entry: the members that stand around `transaction` in an answer, or in an element of the batch.
Result<std::optional<RelayAnswer::Entry>> readEntry(const std::vector<matrix::JsonMember> &members,
                                                    const matrix::ServerName &relay, const matrix::DigestKey &key,
                                                    QByteArrayView *odd)
{
    const matrix::JsonSlice *transaction = find(members, "transaction");
    if (!transaction || transaction->kind != matrix::JsonKind::Object)
        return badAnswer(QStringLiteral("The relay's answer has no transaction"));
    const auto parts = matrix::membersOf(*transaction);
    RelayAnswer::Entry entry;
    const qint64 id = integerOf(find(members, "entry_id"));
    entry.id = matrix::EntryId{id > matrix::EntryId::Largest ? 0 : id};
    Collected &collected = entry.collected;
    const QByteArray origin = textOf(find(parts, "origin"));
    collected.pdus = arrayOf(find(parts, "pdus"));
    collected.edus = arrayOf(find(parts, "edus"));
    collected.originServerTs = integerOf(find(parts, "origin_server_ts"));
    collected.txnId = textOf(find(members, "transaction_id"));
    if (entry.id.isNull() && origin.isEmpty())
        return std::optional<RelayAnswer::Entry>(); // an empty queue
    auto name = matrix::ServerName::parse(origin);
    if (!name)
        return badAnswer(QStringLiteral("The relay names no origin for a transaction"));
    collected.origin = *std::move(name);

    auto scanned = matrix::ScannedObject::scan(transaction->text.toByteArray());
    auto whole =
        scanned ? matrix::Transaction::fromBody(*std::move(scanned)) : Result<matrix::Transaction>(scanned.error());
    if (whole) {
        collected.pduCount = whole->pduCount();
        collected.eduCount = whole->eduCount();
        // Without a transaction id, presence and typing that repeat are told apart by where they were held.
        const QByteArray about =
            collected.txnId.isEmpty() ? relay.bytes() + ' ' + QByteArray::number(entry.id.value) : collected.txnId;
        collected.digest = matrix::contentDigest(*whole, about, key);
    } else {
        *odd = "a transaction that is not as it should be";
        collected.digest = digestOfBytes(transaction->text, key);
    }
    return std::optional<RelayAnswer::Entry>(std::move(entry));
}
} // namespace

QByteArray relayTxnBody(const std::vector<matrix::EntryId> &acknowledged, int limit)
{
    QByteArray body = R"({"entry_id":)" + QByteArray::number(acknowledged.empty() ? 0 : acknowledged.front().value);
    body += R"(,"org.restante.batch":{"acknowledge":[)";
    for (size_t i = 1; i < acknowledged.size(); ++i)
        body += (i > 1 ? "," : "") + QByteArray::number(acknowledged[i].value);
    body += R"(],"limit":)" + QByteArray::number(limit) + "}}";
    return body;
}

QByteArray relayTxnTarget(const matrix::ServerName &owner)
{
    return "/_matrix/federation/v1/relay_txn/@user:" + owner.bytes().toPercentEncoding(":");
}

QByteArray sendRelayTarget(const QByteArray &txnId, const matrix::ServerName &destination)
{
    return "/_matrix/federation/v1/send_relay/" + txnId.toPercentEncoding() +
           "/@user:" + destination.bytes().toPercentEncoding(":");
}

Result<RelayAnswer> readRelayAnswer(const QByteArray &text, const matrix::ServerName &relay,
                                    const matrix::DigestKey &key)
{
    // A transaction may be as deep as any text; here it lies some levels below the root.
    const auto scanned = matrix::ScannedObject::scan(text, matrix::MaxJsonDepth + matrix::EnvelopeLevels);
    if (!scanned)
        return badAnswer(QStringLiteral("The relay's answer is no JSON: ") + scanned.error().detail);
    RelayAnswer answer;
    if (const matrix::JsonSlice *expired = scanned->find("expired"))
        answer.expired = integerOf(expired);
    const auto take = [&](const std::vector<matrix::JsonMember> &members) -> Result<void> {
        auto entry = readEntry(members, relay, key, &answer.odd);
        if (!entry)
            return entry.error();
        if (*entry)
            answer.entries.push_back(**std::move(entry));
        return {};
    };
    if (auto first = take(scanned->members()); !first)
        return first.error();
    if (const matrix::JsonSlice *batch = scanned->find(BatchMember); batch && !answer.entries.empty()) {
        for (const matrix::JsonSlice &element : matrix::elementsOf(*batch, BatchEntries)) {
            if (auto next = take(matrix::membersOf(element)); !next)
                return next.error();
        }
    }
    return answer;
}

} // namespace restante::node
