// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/eventids.h"

#include "matrix/base64.h"
#include "matrix/edu.h"
#include "matrix/jsonpieces.h"
#include "matrix/jsonwalk.h"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace restante::matrix
{

namespace
{

constexpr int Last = 99;
constexpr qsizetype MostPrevious = 20;

/// Room versions from which on redaction differs from the one before.
constexpr std::array<int, 5> Redactions = {3, 6, 8, 9, 11};

/// A member that redaction leaves, in the room versions from `from` to `to`.
struct Kept {
    QByteArrayView name;
    int from = 3;
    int to = Last;
    QByteArrayView type = {}; ///< of the content: of events of this type only
};

constexpr Kept KeptOfEvent[] = {
    {"type"},
    {"room_id"},
    {"sender"},
    {"state_key"},
    {"content"},
    {"hashes"},
    {"depth"},
    {"prev_events"},
    {"auth_events"},
    {"origin_server_ts"},
    {"event_id"},
    {"origin", 3, 10},
    {"membership", 3, 10},
    {"prev_state", 3, 10},
};

constexpr Kept KeptOfContent[] = {
    {"membership", 3, Last, "m.room.member"},    {"join_authorised_via_users_server", 9, Last, "m.room.member"},
    {"creator", 3, 10, "m.room.create"},         {"join_rule", 3, Last, "m.room.join_rules"},
    {"allow", 8, Last, "m.room.join_rules"},     {"ban", 3, Last, "m.room.power_levels"},
    {"events", 3, Last, "m.room.power_levels"},  {"events_default", 3, Last, "m.room.power_levels"},
    {"invite", 11, Last, "m.room.power_levels"}, {"kick", 3, Last, "m.room.power_levels"},
    {"redact", 3, Last, "m.room.power_levels"},  {"state_default", 3, Last, "m.room.power_levels"},
    {"users", 3, Last, "m.room.power_levels"},   {"users_default", 3, Last, "m.room.power_levels"},
    {"aliases", 3, 5, "m.room.aliases"},         {"history_visibility", 3, Last, "m.room.history_visibility"},
    {"redacts", 11, Last, "m.room.redaction"},
};

/// What is left of the invitation of a third party.
QByteArray redactedInvitation(const JsonSlice &invitation)
{
    const JsonSlice proof = memberOf(invitation, "signed");
    return proof.kind == JsonKind::Null ? QByteArray() : "{\"signed\":" + proof.text.toByteArray() + '}';
}

bool keepsMember(const JsonRawMember &member, const JsonSlice &type, int version)
{
    return std::any_of(std::begin(KeptOfContent), std::end(KeptOfContent), [&](const Kept &kept) {
        return version >= kept.from && version <= kept.to && member.isCalled(kept.name) && holdsText(type, kept.type);
    });
}

QByteArray redactedContent(const JsonSlice &content, const JsonSlice &type, int version)
{
    if (version >= 11 && holdsText(type, "m.room.create"))
        return content.text.toByteArray();
    const bool invites = version >= 11 && holdsText(type, "m.room.member");
    JsonPieces object('{', '}');
    JsonWalk walk(content);
    JsonRawMember member;
    while (content.kind == JsonKind::Object && walk.next(&member)) {
        if (keepsMember(member, type, version))
            object.member(quotedKey(member), member.value.text);
        else if (invites && member.isCalled("third_party_invite")) {
            if (const QByteArray left = redactedInvitation(member.value); !left.isEmpty())
                object.member(quotedKey(member), left);
        }
    }
    return object.text();
}

/// What the hash is made over, not canonical yet.
QByteArray redacted(const JsonSlice &pdu, const JsonSlice &type, int version)
{
    JsonPieces object('{', '}');
    JsonWalk walk(pdu);
    JsonRawMember member;
    while (walk.next(&member)) {
        const bool stays = std::any_of(std::begin(KeptOfEvent), std::end(KeptOfEvent), [&](const Kept &kept) {
            return version >= kept.from && version <= kept.to && member.isCalled(kept.name);
        });
        if (!stays)
            continue;
        if (member.isCalled("content"))
            object.member(quotedKey(member), redactedContent(member.value, type, version));
        else
            object.member(quotedKey(member), member.value.text);
    }
    return object.text();
}

void addOnce(std::vector<QByteArray> *ids, const QByteArray &id)
{
    if (std::find(ids->begin(), ids->end(), id) == ids->end())
        ids->push_back(id);
}

} // namespace

std::vector<QByteArray> possibleEventIds(const JsonSlice &pdu)
{
    std::vector<QByteArray> ids;
    if (pdu.kind != JsonKind::Object)
        return ids;
    // One without a colon would be that of another event in a later room version.
    if (const auto own = memberOf(pdu, "event_id").toText(); own && own->contains(':'))
        ids.push_back(*own);
    const JsonSlice type = memberOf(pdu, "type");
    QByteArray before;
    for (const int version : Redactions) {
        const QByteArray left = redacted(pdu, type, version);
        QByteArray canonical;
        if (left == before || canonicalise(left, NumberRule::Lenient, &canonical) != JsonFault::None)
            continue;
        before = left;
        QByteArray hash(crypto_hash_sha256_BYTES, Qt::Uninitialized);
        crypto_hash_sha256(reinterpret_cast<unsigned char *>(hash.data()),
                           reinterpret_cast<const unsigned char *>(canonical.constData()),
                           static_cast<unsigned long long>(canonical.size()));
        const QByteArray standard = '$' + encodeBase64(hash);
        if (version < 6) // version 3 writes it so
            addOnce(&ids, standard);
        addOnce(&ids, QByteArray(standard).replace('+', '-').replace('/', '_'));
    }
    return ids;
}

std::vector<QByteArray> previousEventIds(const JsonSlice &pdu)
{
    std::vector<QByteArray> ids;
    for (const JsonSlice &previous : elementsOf(memberOf(pdu, "prev_events"), MostPrevious)) {
        // In versions 1 and 2 each is a pair of id and hashes.
        const auto pair = elementsOf(previous, 1);
        if (const auto id = (pair.empty() ? previous : pair.front()).toText())
            ids.push_back(*id);
    }
    return ids;
}

} // namespace restante::matrix
