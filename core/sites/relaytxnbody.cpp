// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/relaytxnbody.h"

#include <algorithm>

namespace restante::sites
{

namespace
{
constexpr QByteArrayView BatchMember = "org.restante.batch";
constexpr qsizetype MostNonceBytes = 128;

Error badJson(const QString &detail)
{
    return {Errc::BadJson, detail, 0};
}

Result<matrix::EntryId> entryId(const matrix::JsonSlice &slice)
{
    const auto value = slice.kind == matrix::JsonKind::Number ? slice.toInteger() : std::nullopt;
    if (!value)
        return badJson(QStringLiteral("entry_id must be an integer"));
    if (*value < 0)
        return badJson(QStringLiteral("Invalid entry id provided. Must be >= 0."));
    // Larger than any id that was ever given out: unknown, so nothing is acknowledged.
    return matrix::EntryId{*value > matrix::EntryId::Largest ? 0 : *value};
}

/// Our own extension of relay_txn: `"org.restante.batch":{"acknowledge":[…],"limit":N}`. Both may be missing. A server
/// that sends it is told by an empty answer whether mail for it is taken in (`org.restante.holds`,
/// `org.restante.paused`).
Result<void> readBatch(const matrix::JsonSlice &batch, relay::Retriever::Wish &wish)
{
    if (batch.kind != matrix::JsonKind::Object)
        return badJson(QStringLiteral("org.restante.batch must be an object"));
    for (const matrix::JsonMember &member : matrix::membersOf(batch)) {
        if (member.key == "limit") {
            const auto limit = member.value.kind == matrix::JsonKind::Number ? member.value.toInteger() : std::nullopt;
            if (!limit || *limit < 1)
                return badJson(QStringLiteral("The limit must be a positive integer"));
            wish.limit = int(std::min<qint64>(*limit, queue::Reader::MostAtOnce));
        } else if (member.key == "acknowledge") {
            if (member.value.kind != matrix::JsonKind::Array ||
                matrix::countElements(member.value) > queue::Reader::MostAtOnce)
                return badJson(QStringLiteral("acknowledge must be a list of at most 32 entry ids"));
            for (const matrix::JsonSlice &element : matrix::elementsOf(member.value, queue::Reader::MostAtOnce)) {
                const auto id = entryId(element);
                if (!id)
                    return id.error();
                wish.acknowledged.push_back(*id);
            }
        }
    }
    return {};
}
} // namespace

Result<std::optional<relay::Stamp>> stampOf(const matrix::ScannedObject &body)
{
    const matrix::JsonSlice *ts = body.find("ts");
    const matrix::JsonSlice *nonce = body.find("nonce");
    if (!ts || !nonce)
        return std::optional<relay::Stamp>();
    const auto moment = ts->kind == matrix::JsonKind::Number ? ts->toInteger() : std::nullopt;
    if (!moment || *moment < 0)
        return badJson(QStringLiteral("ts must be a time in milliseconds"));
    auto text = nonce->toText();
    if (!text || text->isEmpty() || text->size() > MostNonceBytes)
        return badJson(QStringLiteral("nonce must be a text of 1 to 128 bytes"));
    return std::optional<relay::Stamp>({*moment, *std::move(text)});
}

Result<RelayTxnBody> readRelayTxnBody(const matrix::ScannedObject &body)
{
    RelayTxnBody read;
    if (const matrix::JsonSlice *member = body.find("entry_id")) {
        const auto id = entryId(*member);
        if (!id)
            return id.error();
        read.wish.acknowledged.push_back(*id);
    }
    if (const matrix::JsonSlice *batch = body.find(BatchMember)) {
        read.isBatch = true;
        if (auto done = readBatch(*batch, read.wish); !done)
            return done.error();
    }
    auto stamp = stampOf(body);
    if (!stamp)
        return stamp.error();
    read.stamp = *std::move(stamp);
    return read;
}

} // namespace restante::sites
