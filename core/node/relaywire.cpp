// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/relaywire.h"

#include "base/printable.h"
#include "matrix/canonicaljson.h"
#include "matrix/jsonscan.h"
#include "matrix/jsonskim.h"
#include "node/relayanswer.h"

#include <QtCore/QDateTime>

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

/// The member of an object slice; nothing if it is missing.
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

/// What a relay gave as the value of `member`, for a message.
Error oddMember(const char *member, const matrix::JsonSlice &value)
{
    constexpr qsizetype mostQuoted = 80;
    return badAnswer(
        QStringLiteral("The relay's answer has %2 as %1")
            .arg(base::printable(QString::fromUtf8(value.text.first(std::min(value.text.size(), mostQuoted)))),
                 QLatin1String(member)));
}

/// The id under which an entry is acknowledged; null if the relay gives none.
Result<matrix::EntryId> entryIdOf(const matrix::JsonSlice *slice)
{
    if (!slice || slice->kind == matrix::JsonKind::Null)
        return matrix::EntryId{};
    const auto value = slice->kind == matrix::JsonKind::Number ? slice->toInteger() : std::nullopt;
    if (!value || *value < 0 || *value > matrix::EntryId::Largest)
        return oddMember("entry_id", *slice);
    return matrix::EntryId{*value};
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

/// The elements that are good JSON, as one array: a homeserver judges each event by itself, and one that is not JSON
/// cannot have a signature. Empty if `array` is not an array.
QByteArray goodElements(const matrix::JsonSlice *array, qsizetype most)
{
    QByteArray good;
    const auto elements = array ? matrix::skimElements(array->text, most) : std::nullopt;
    for (const matrix::JsonSlice &element : elements.value_or(std::vector<matrix::JsonSlice>())) {
        if (matrix::ScannedObject::scan(element.text.toByteArray()))
            good += (good.isEmpty() ? "" : ",") + element.text.toByteArray();
    }
    return '[' + good + ']';
}

/// The transaction without what is not JSON in it. Dendrite takes texts that are not: a lone surrogate, a key given
/// twice. One such event of up to 50 must not keep the others from their homeserver, which judges each by itself; kept
/// as a raw text, no homeserver could take any of them.
Result<matrix::ScannedObject> mended(QByteArrayView transaction)
{
    const auto parts = matrix::skimMembers(transaction).value_or(std::vector<matrix::JsonMember>());
    QByteArray body = R"({"edus":)" + goodElements(find(parts, "edus"), matrix::MaxEdus) + R"(,"pdus":)" +
                      goodElements(find(parts, "pdus"), matrix::MaxPdus);
    for (const char *name : {"origin", "origin_server_ts"}) {
        const matrix::JsonSlice *value = find(parts, name);
        const QByteArray member = value ? QByteArray("\"") + name + "\":" + value->text.toByteArray() : QByteArray();
        if (value && matrix::ScannedObject::scan('{' + member + '}'))
            body += ',' + member;
    }
    return matrix::ScannedObject::scan(body + '}');
}

/// The transaction as an object. Within an answer that was scanned it was scanned, too; otherwise what it is, if it is
/// not quite JSON, is said in `odd`.
Result<matrix::ScannedObject> bodyOf(const matrix::JsonSlice &transaction, const matrix::ScannedObject *answer,
                                     QByteArrayView *odd)
{
    if (answer)
        return answer->part(transaction);
    auto scanned = matrix::ScannedObject::scan(transaction.text.toByteArray());
    if (scanned)
        return scanned;
    *odd = "a transaction that is not quite JSON; the readable events in it were kept";
    return mended(transaction.text);
}

/// Reads one entry: the members that stand around `transaction` in an answer, or in an element of the batch. `answer`
/// is null if it could not be scanned.
Result<std::optional<RelayAnswer::Entry>> readEntry(const std::vector<matrix::JsonMember> &members,
                                                    const matrix::ScannedObject *answer,
                                                    const matrix::ServerName &relay, const matrix::DigestKey &key,
                                                    QByteArrayView *odd)
{
    const matrix::JsonSlice *transaction = find(members, "transaction");
    if (!transaction || transaction->kind != matrix::JsonKind::Object)
        return badAnswer(QStringLiteral("The relay's answer has no transaction"));
    auto scanned = bodyOf(*transaction, answer, odd);
    if (!scanned)
        return scanned.error();
    RelayAnswer::Entry entry;
    const auto id = entryIdOf(find(members, "entry_id"));
    if (!id)
        return id.error();
    entry.id = *id;
    Collected &collected = entry.collected;
    const QByteArray origin = textOf(scanned->find("origin"));
    collected.originServerTs = integerOf(scanned->find("origin_server_ts"));
    collected.txnId = textOf(find(members, "transaction_id"));
    if (entry.id.isNull() && origin.isEmpty())
        return std::optional<RelayAnswer::Entry>(); // an empty queue
    auto name = matrix::ServerName::parse(origin);
    if (!name && entry.id.isNull())
        return badAnswer(QStringLiteral("The relay names no origin for a transaction"));
    if (!name) {
        *odd = "a transaction that names no valid origin; it was thrown away";
        entry.useless = true;
        return std::optional<RelayAnswer::Entry>(std::move(entry));
    }
    collected.origin = *std::move(name);

    if (const auto whole = matrix::Transaction::fromBody(*scanned)) {
        collected.pdus = whole->pdus(); // the one copy of them on their way to the inbox's row
        collected.edus = whole->edus();
        collected.pduCount = whole->pduCount();
        collected.eduCount = whole->eduCount();
        // Without a transaction id, presence and typing that repeat are told apart by where they were held.
        const QByteArray about =
            collected.txnId.isEmpty() ? relay.bytes() + ' ' + QByteArray::number(entry.id.value) : collected.txnId;
        collected.digest = matrix::contentDigest(*whole, about, key);
    } else {
        *odd = "a malformed transaction; it is kept for you to look at";
        collected.pdus = arrayOf(scanned->find("pdus"));
        collected.edus = arrayOf(scanned->find("edus"));
        collected.digest = digestOfBytes(scanned->text(), key);
    }
    return std::optional<RelayAnswer::Entry>(std::move(entry));
}

/// One answer, cut into the members of its envelope.
struct Envelope {
    std::vector<matrix::JsonMember> members;
    std::vector<std::vector<matrix::JsonMember>> batch;
};

Envelope envelopeOf(const matrix::ScannedObject &answer)
{
    Envelope envelope{answer.members(), {}};
    if (const matrix::JsonSlice *batch = answer.find(BatchMember)) {
        for (const matrix::JsonSlice &element : matrix::elementsOf(*batch, BatchEntries))
            envelope.batch.push_back(matrix::membersOf(element));
    }
    return envelope;
}

/// Members of a skimmed text, without those that cannot be trusted to be values; transactions and the batch are looked
/// into later.
std::vector<matrix::JsonMember> trusted(std::vector<matrix::JsonMember> members)
{
    std::erase_if(members, [](const matrix::JsonMember &member) {
        return member.key != "transaction" && member.key != BatchMember &&
               !matrix::ScannedObject::scan(R"({"x":)" + member.value.text.toByteArray() + '}');
    });
    return members;
}

/// As envelopeOf, of an answer in which something is not JSON.
std::optional<Envelope> skimmedEnvelope(QByteArrayView text)
{
    auto members = matrix::skimMembers(text);
    if (!members)
        return std::nullopt;
    Envelope envelope{trusted(*std::move(members)), {}};
    const matrix::JsonSlice *batch = find(envelope.members, BatchMember);
    const auto elements = batch ? matrix::skimElements(batch->text, BatchEntries) : std::nullopt;
    for (const matrix::JsonSlice &element : elements.value_or(std::vector<matrix::JsonSlice>()))
        envelope.batch.push_back(
            trusted(matrix::skimMembers(element.text).value_or(std::vector<matrix::JsonMember>())));
    return envelope;
}
} // namespace

Stamp newStamp(qint64 wallMs)
{
    QByteArray random(16, Qt::Uninitialized);
    randombytes_buf(random.data(), size_t(random.size()));
    return {wallMs, random.toHex()};
}

QByteArray relayTxnBody(const std::vector<matrix::EntryId> &acknowledged, std::optional<int> limit, const Stamp &stamp)
{
    QByteArray body = R"({"entry_id":)" + QByteArray::number(acknowledged.empty() ? 0 : acknowledged.front().value);
    body += R"(,"nonce":)" + matrix::jsonString(stamp.nonce);
    if (limit) {
        body += R"(,"org.restante.batch":{"acknowledge":[)";
        for (size_t i = 1; i < acknowledged.size(); ++i)
            body += (i > 1 ? "," : "") + QByteArray::number(acknowledged[i].value);
        body += R"(],"limit":)" + QByteArray::number(*limit) + '}';
    }
    body += R"(,"ts":)" + QByteArray::number(stamp.ts) + '}';
    return body;
}

bool isNotFresh(const federation::Response &response)
{
    if (response.status != 401)
        return false;
    const auto body = matrix::ScannedObject::scan(response.body);
    return body && textOf(body->find("errcode")) == "ORG.RESTANTE.NOT_FRESH";
}

std::optional<qint64> clockOffsetMs(const federation::Response &response, qint64 wallMs)
{
    QByteArray date = response.value("date");
    if (!date.endsWith(" GMT"))
        return std::nullopt;
    date.replace(" GMT", " +0000"); // as Qt's reader wants it
    const QDateTime moment = QDateTime::fromString(QString::fromLatin1(date), Qt::RFC2822Date);
    if (!moment.isValid())
        return std::nullopt;
    return moment.toMSecsSinceEpoch() - wallMs;
}

QByteArray relayTxnTarget(const matrix::ServerName &owner)
{
    return "/_matrix/federation/v1/relay_txn/@user:" + owner.bytes().toPercentEncoding(":");
}

QByteArray mailboxTarget(const matrix::ServerName &owner)
{
    return "/_matrix/federation/unstable/org.restante/mailbox/" + owner.bytes().toPercentEncoding(":");
}

QByteArray sendRelayTarget(const QByteArray &txnId, const matrix::ServerName &destination)
{
    return "/_matrix/federation/v1/send_relay/" + txnId.toPercentEncoding() +
           "/@user:" + destination.bytes().toPercentEncoding(":");
}

namespace
{
std::optional<bool> booleanOf(const matrix::JsonSlice *slice)
{
    if (slice && slice->kind == matrix::JsonKind::True)
        return true;
    if (slice && slice->kind == matrix::JsonKind::False)
        return false;
    return {};
}
} // namespace

Result<RelayAnswer> readRelayAnswer(const QByteArray &text, const matrix::ServerName &relay,
                                    const matrix::DigestKey &key)
{
    // A transaction may be as deep as any text; here it lies some levels below the root.
    const auto scanned = matrix::ScannedObject::scan(text, matrix::MaxJsonDepth + matrix::EnvelopeLevels);
    const auto envelope = scanned ? std::optional(envelopeOf(*scanned)) : skimmedEnvelope(text);
    if (!envelope)
        return badAnswer(QStringLiteral("The relay's answer is not JSON: ") + scanned.error().detail);
    if (scanned && namesError(*scanned)) // a refusal, whatever its status
        return refusalOf({200, {}, text});
    if (const matrix::JsonSlice *queued = find(envelope->members, "entries_queued"); queued && !booleanOf(queued))
        return oddMember("entries_queued", *queued);
    RelayAnswer answer;
    if (const matrix::JsonSlice *expired = find(envelope->members, "expired"))
        answer.expired = integerOf(expired);
    answer.holds = booleanOf(find(envelope->members, "org.restante.holds"));
    answer.paused = booleanOf(find(envelope->members, "org.restante.paused"));
    const auto take = [&](const std::vector<matrix::JsonMember> &members) -> Result<void> {
        auto entry = readEntry(members, scanned ? &*scanned : nullptr, relay, key, &answer.odd);
        if (!entry)
            return entry.error();
        if (*entry)
            answer.entries.push_back(**std::move(entry));
        return {};
    };
    if (auto first = take(envelope->members); !first)
        return first.error();
    for (const auto &members : envelope->batch) {
        if (answer.entries.empty())
            break;
        if (auto next = take(members); !next)
            return next.error();
    }
    return answer;
}

} // namespace restante::node
