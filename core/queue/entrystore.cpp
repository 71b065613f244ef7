// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/entrystore.h"

#include "base/clock.h"
#include "base/sqlstatement.h"
#include "queue/clockwatch.h"
#include "queue/entrystoresql.h"
#include "queue/metanumbers.h"

#include <QtCore/QtEndian>

#include <sodium.h>

#include <cstring>
#include <utility>

namespace restante::queue
{

namespace
{

constexpr int MaxCollisions = 8;
constexpr qsizetype IndexedBytes = 8;

} // namespace

EntryStore::EntryStore(base::Database &database, EntryIndex &index, Ledger &ledger)
    : m_database(database)
    , m_index(index)
    , m_ledger(ledger)
    , m_sql(std::make_unique<Statements>(database))
    , m_parts(database)
{
}

EntryStore::~EntryStore() = default;

Result<void> EntryStore::load()
{
    auto contentKey = key(ContentKeyName, crypto_generichash_KEYBYTES);
    if (!contentKey)
        return contentKey.error();
    auto addressKey = key(AddressKeyName, crypto_shorthash_KEYBYTES);
    if (!addressKey)
        return addressKey.error();
    m_contentKey = *contentKey;
    m_addressKey = *addressKey;
    // Nobody knows whether the program ended before what such a row had counted was added up anew.
    for (const BrokenRows::Left &left : m_index.broken().leftAfter(0))
        m_inexact.insert(left.destination);
    if (m_ledger.isDoubtful()) {
        auto all = m_ledger.destinations();
        if (!all)
            return all.error();
        m_inexact.insert(all->begin(), all->end());
    }
    auto unfinished = m_parts.unfinished();
    if (!unfinished)
        return unfinished.error();
    m_abandoned = *std::move(unfinished);
    return {};
}

Result<QByteArray> EntryStore::key(const QString &name, qsizetype length)
{
    if (auto done = m_sql->meta.run(name); !done)
        return done.error();
    QByteArray key;
    {
        const base::SqlRows rows(m_sql->meta);
        if (m_sql->meta.next())
            key = m_sql->meta.bytes(0);
        else if (auto failed = m_sql->meta.failure(); !failed)
            return failed.error();
    }
    if (key.size() == length)
        return key;
    if (!key.isEmpty())
        return Error{Errc::Corrupt, QStringLiteral("The database's %1 is damaged.").arg(name), 0};
    key.resize(length);
    randombytes_buf(key.data(), static_cast<size_t>(key.size()));
    if (auto added = m_sql->addMeta.run(name, key); !added)
        return added.error();
    return key;
}

qint64 EntryStore::sizeOf(const StoreRequest &request)
{
    return request.pdus.size() + request.edus.size() + request.txnId.size();
}

/// Keyed, so that nobody outside can search for two contents with the same eight bytes, and as the digest asks for.
EntryStore::Fingerprint EntryStore::fingerprint(const StoreRequest &request) const
{
    std::array<unsigned char, 32> hash{};
    crypto_generichash_state state;
    crypto_generichash_init(&state, reinterpret_cast<const unsigned char *>(m_contentKey.constData()),
                            static_cast<size_t>(m_contentKey.size()), hash.size());
    crypto_generichash_update(&state, request.digest.data(), request.digest.size());
    const QByteArray &origin = request.origin.bytes();
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char *>(origin.constData()),
                              static_cast<size_t>(origin.size()));
    if (request.attested) {
        constexpr unsigned char mark = 0; // no server name has it
        crypto_generichash_update(&state, &mark, 1);
    }
    crypto_generichash_final(&state, hash.data(), hash.size());
    const QByteArrayView bytes(hash);
    return {qFromLittleEndian<qint64>(hash.data()), bytes.sliced(IndexedBytes).toByteArray()};
}

QMap<QString, QByteArray> EntryStore::hashKeys() const
{
    return {{ContentKeyName, m_contentKey}, {AddressKeyName, m_addressKey}};
}

matrix::DigestKey EntryStore::digestKey() const
{
    constexpr QByteArrayView Purpose = "org.restante.content/digest";
    matrix::DigestKey key{};
    crypto_generichash(key.data(), key.size(), reinterpret_cast<const unsigned char *>(Purpose.data()),
                       static_cast<unsigned long long>(Purpose.size()),
                       reinterpret_cast<const unsigned char *>(m_contentKey.constData()),
                       static_cast<size_t>(m_contentKey.size()));
    return key;
}

qint64 EntryStore::addressNumber(const QByteArray &addressKey) const
{
    if (addressKey.isEmpty())
        return 0;
    std::array<unsigned char, crypto_shorthash_BYTES> hash{};
    crypto_shorthash(hash.data(), reinterpret_cast<const unsigned char *>(addressKey.constData()),
                     static_cast<unsigned long long>(addressKey.size()),
                     reinterpret_cast<const unsigned char *>(m_addressKey.constData()));
    const auto number = qFromLittleEndian<qint64>(hash.data());
    return number == 0 ? 1 : number;
}

/// What holds the content already is found even if there is no room.
Result<EntryStore::Prospect> EntryStore::prospect(const StoreRequest &request, qint64 stampMs)
{
    Prospect prospect;
    auto destination = m_ledger.findDestination(request.destination);
    if (!destination)
        return destination.error();
    prospect.destination = *destination;
    auto origin = m_ledger.findOrigin(request.origin);
    if (!origin)
        return origin.error();
    prospect.origin = *origin;
    prospect.print = fingerprint(request);
    prospect.address = addressNumber(request.addressKey);
    const auto admitted = m_ledger.admit(*destination, request.destination, *origin, request.origin, prospect.address,
                                         sizeOf(request), prospect.standing);
    if (!admitted && admitted.error().code != Errc::QuotaExceeded)
        return admitted.error();
    if (*destination) {
        auto claimed = claim(**destination, prospect.print, stampMs);
        if (!claimed)
            return claimed.error();
        prospect.claim = *claimed;
    }
    if (!admitted && !prospect.claim.held) {
        m_ledger.refused(*destination, request.destination, request.origin, admitted.error(), stampMs);
        return admitted.error();
    }
    return prospect;
}

Result<std::optional<Stored>> EntryStore::judge(const StoreRequest &request, qint64 stampMs)
{
    auto prospect = this->prospect(request, stampMs);
    if (!prospect)
        return prospect.error();
    return prospect->claim.held;
}

Result<Stored> EntryStore::store(const StoreRequest &request, qint64 stampMs, const PartsSoFar &parts)
{
    auto prospect = this->prospect(request, stampMs);
    const bool refused = !prospect && prospect.error().code == Errc::QuotaExceeded;
    if (parts.body != 0 && (refused || (prospect && prospect->claim.held))) {
        if (auto dropped = m_parts.drop(parts.body); !dropped)
            return dropped.error();
    }
    if (!prospect)
        return prospect.error();
    if (prospect->claim.held)
        return *prospect->claim.held;
    return add(request, *prospect, stampMs, parts);
}

Result<Stored> EntryStore::add(const StoreRequest &request, Prospect &prospect, qint64 stampMs, const PartsSoFar &parts)
{
    if (!prospect.destination) {
        auto destination = m_ledger.addDestination(request.destination);
        if (!destination)
            return destination.error();
        prospect.destination = *destination;
        auto claimed = claim(**destination, prospect.print, stampMs);
        if (!claimed)
            return claimed.error();
        if (claimed->held)
            return *claimed->held;
        prospect.claim = *claimed;
    }
    Ledger::Destination &queue = *prospect.destination;
    auto id = m_ledger.drawId(queue, stampMs);
    if (!id)
        return id.error();
    if (prospect.origin == 0) {
        auto origin = m_ledger.addOrigin(request.origin);
        if (!origin)
            return origin.error();
        prospect.origin = *origin;
    }
    auto label = m_ledger.label(queue, request.userLabel);
    if (!label)
        return label.error();
    const qint64 size = sizeOf(request);
    const qint64 address = prospect.standing == Standing::Listed ? 0 : prospect.address;
    const EntryIndex::Row row{queue.number, {{*id}, m_index.drawArrival()}, prospect.claim.dedup, prospect.print.rest};
    const bool inParts = parts.body != 0;
    const QVariant none; // NULL
    auto added = m_sql->add.run(row.place.arrival, queue.number, *id, prospect.origin, *label, address, row.dedup,
                                row.rest, size, request.pduCount, request.eduCount, request.originServerTs, stampMs,
                                base::present(request.txnId), inParts ? QByteArray("") : base::present(request.pdus),
                                inParts ? QByteArray("") : base::present(request.edus),
                                inParts ? QVariant(parts.body) : none, inParts ? QVariant(parts.count) : none);
    if (added && inParts)
        added = m_parts.finish(parts.body);
    if (!added)
        return added.error();
    m_index.add(row, request.destination);
    Movement movement{Movement::Kind::Stored, queue.number, prospect.origin, *label, address, size, *id,
                      row.place.arrival,      stampMs};
    if (auto applied = m_ledger.apply(movement); !applied)
        return applied.error();
    if (request.fleeting != 0) {
        if (auto done = supersede(request, queue.number, prospect.origin, {*id}); !done)
            return done.error();
    }
    return Stored{matrix::EntryId{*id}, true};
}

/// Of typing and presence only the newest counts: the one before it goes. Only memory knows which that is, so that one
/// more of each may be held after a start, or after too many.
Result<void> EntryStore::supersede(const StoreRequest &request, qint64 destination, qint64 origin, matrix::EntryId id)
{
    constexpr size_t most = 10'000;
    if (m_fleeting.size() >= most)
        m_fleeting.clear();
    const FleetingKey key{destination, origin, qint64(request.fleeting)};
    const matrix::EntryId before = std::exchange(m_fleeting[key], id);
    m_superseded.emplace_back(key, before);
    const auto gone = before.isNull() ? Result<bool>(false) : discard(request.destination, before);
    return gone ? Result<void>() : Result<void>(gone.error());
}

/// If the content is known, what holds it; otherwise the number under which it may be added.
/// Forgetting the first of two contents that share a number lets the next store of the second one pass for a new one:
/// it is delivered twice. That any two of 20,000 contents do so has odds of 1 in 10^11, of a million tombstones 1 in
/// 4 * 10^7; nobody outside can bring it about, since the hash is keyed.
Result<EntryStore::Claim> EntryStore::claim(const Ledger::Destination &destination, const Fingerprint &print,
                                            qint64 stampMs)
{
    Claim claim{{}, print.first};
    for (int collision = 0; collision < MaxCollisions; ++collision) {
        auto known = m_index.content(destination.number, claim.dedup);
        if (!known)
            return known.error();
        if (!*known)
            return claim;
        if ((*known)->rest == print.rest) {
            auto held = heldAs(destination, **known, stampMs);
            if (!held)
                return held.error();
            claim.held = *held;
            return claim;
        }
        claim.dedup = static_cast<qint64>(static_cast<quint64>(claim.dedup) + 1);
    }
    return Error{Errc::StorageFailed, QStringLiteral("Too many entries share the start of a hash."), 0};
}

/// Only a row or a tombstone answers for a content. Nothing if the row has been lost: the index knows it no longer.
Result<std::optional<Stored>> EntryStore::heldAs(const Ledger::Destination &destination,
                                                 const EntryIndex::Content &content, qint64 stampMs)
{
    Place place{content.id, content.arrival};
    if (place.arrival == 0) {
        auto listed = m_index.find(destination.number, destination.name, content.id);
        if (!listed)
            return listed.error();
        place.arrival = listed->arrival;
    }
    // Without a place it was acknowledged, and a fold has dealt with that.
    if (place.arrival == 0 || m_index.isAcknowledged(place.arrival))
        return std::optional(Stored{});
    if (m_index.broken().harm(place.arrival) != BrokenRows::Harm::Unreadable) {
        if (auto done = m_sql->held.run(place.arrival); !done)
            return metReading(place, done.error());
        const base::SqlRows rows(m_sql->held);
        if (m_sql->held.next())
            return std::optional(Stored{content.id, false});
        if (auto failed = m_sql->held.failure(); !failed)
            return failed.error();
    }
    if (auto lost = setAside(destination, place, Movement::Kind::Discarded, stampMs); !lost)
        return lost.error();
    return std::optional<Stored>();
}

Movement EntryStore::movementOf(Movement::Kind kind, const Row &row, qint64 atMs) const
{
    return {kind,
            row.indexed.destination,
            row.origin,
            row.label,
            row.address,
            row.size,
            row.indexed.place.id.value,
            row.indexed.place.arrival,
            atMs};
}

Result<bool> EntryStore::acknowledge(const matrix::ServerName &destination, Place place, Movement::Kind kind,
                                     qint64 stampMs)
{
    auto queue = m_ledger.findDestination(destination);
    if (!queue)
        return queue.error();
    if (!*queue)
        return false;
    if (place.arrival == 0) {
        auto listed = m_index.find((*queue)->number, destination, place.id);
        if (!listed)
            return listed.error();
        place.arrival = listed->arrival;
    }
    auto row = take((*queue)->number, place);
    if (!row)
        return row.error();
    if (!*row) {
        m_index.acknowledged({place.id, 0}, destination);
        return false;
    }
    if (!(*row)->known) { // what a tombstone needs cannot be read
        if (auto forgotten = forget(**row, destination, Movement::Kind::Discarded, stampMs); !forgotten)
            return forgotten.error();
        return true;
    }
    if (!m_ledger.mayLeaveTombstone(**queue, m_ledger.policy().quotas.tombstones))
        return forgetAcknowledged(**row, destination, kind, stampMs);
    const EntryIndex::Row &gone = (*row)->indexed;
    if (auto added = m_sql->addTombstone.run(m_index.drawTombstone(), stampMs, gone.destination, gone.dedup, gone.rest,
                                             gone.place.id.value, gone.place.arrival);
        !added)
        return added.error();
    if (m_index.broken().isLeft(gone.place.arrival)) {
        if (auto dropped = m_index.dropPosition(gone.destination, gone.place.id); !dropped)
            return dropped.error();
    }
    m_index.acknowledged(gone.place, destination);
    if (auto applied = m_ledger.apply(movementOf(kind, **row, stampMs)); !applied)
        return applied.error();
    return true;
}

/// If the destination has had its share of the tombstones: it was acknowledged, and its content may come again.
Result<bool> EntryStore::forgetAcknowledged(const Row &row, const matrix::ServerName &name, Movement::Kind kind,
                                            qint64 atMs)
{
    if (auto forgotten = forget(row, name, kind, atMs); !forgotten)
        return forgotten.error();
    m_index.acknowledged({row.indexed.place.id, 0}, name);
    Movement tombstone;
    tombstone.kind = Movement::Kind::TombstoneForgotten;
    tombstone.destination = row.indexed.destination;
    if (auto applied = m_ledger.apply(tombstone); !applied)
        return applied.error();
    return true;
}

/// An entry that went without being acknowledged leaves nothing: the same content may come again.
Result<void> EntryStore::forget(const Row &row, const matrix::ServerName &name, Movement::Kind kind, qint64 atMs)
{
    const EntryIndex::Row &indexed = row.indexed;
    auto dropped = row.known ? m_index.drop(indexed, name) : m_index.lose(indexed.destination, indexed.place, name);
    if (!dropped)
        return dropped;
    if (!row.known)
        m_inexact.insert(indexed.destination);
    return m_ledger.apply(movementOf(kind, row, atMs));
}

Result<matrix::EntryId> EntryStore::lastId(const matrix::ServerName &destination)
{
    auto queue = m_ledger.findDestination(destination);
    if (!queue)
        return queue.error();
    return matrix::EntryId{*queue ? (*queue)->lastId : 0};
}

void EntryStore::committed()
{
    m_setAside = 0;
    m_superseded.clear();
    m_index.committed();
    m_ledger.committed();
}

void EntryStore::rolledBack()
{
    m_agedTo = 0;
    m_setAside = 0;
    m_gaps.clear();
    for (auto each = m_superseded.rbegin(); each != m_superseded.rend(); ++each)
        m_fleeting[each->first] = each->second;
    m_superseded.clear();
    m_index.rolledBack();
    m_ledger.rolledBack();
}

} // namespace restante::queue
