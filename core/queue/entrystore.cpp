// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/entrystore.h"

#include "base/clock.h"
#include "base/sqlstatement.h"
#include "queue/clockwatch.h"
#include "queue/entrystoresql.h"

#include <QtCore/QtEndian>

#include <sodium.h>

#include <cstring>

namespace restante::queue
{

namespace
{

constexpr int MaxCollisions = 8;
constexpr int MostLookedAfter = 20'000; // for the time when rows without one came at the latest
constexpr qsizetype IndexedBytes = 8;

} // namespace

EntryStore::EntryStore(base::Database &database, EntryIndex &index, Ledger &ledger)
    : m_index(index)
    , m_ledger(ledger)
    , m_sql(std::make_unique<Statements>(database))
{
}

EntryStore::~EntryStore() = default;

Result<void> EntryStore::load()
{
    auto contentKey = key(QStringLiteral("content_key"), crypto_generichash_KEYBYTES);
    if (!contentKey)
        return contentKey.error();
    auto addressKey = key(QStringLiteral("address_key"), crypto_shorthash_KEYBYTES);
    if (!addressKey)
        return addressKey.error();
    m_contentKey = *contentKey;
    m_addressKey = *addressKey;
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
    crypto_generichash_final(&state, hash.data(), hash.size());
    const QByteArrayView bytes(hash);
    return {qFromLittleEndian<qint64>(hash.data()), bytes.sliced(IndexedBytes).toByteArray()};
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

Result<Stored> EntryStore::store(const StoreRequest &request, qint64 stampMs)
{
    auto destination = m_ledger.findDestination(request.destination);
    if (!destination)
        return destination.error();
    auto origin = m_ledger.findOrigin(request.origin);
    if (!origin)
        return origin.error();
    const Fingerprint print = fingerprint(request);
    const qint64 size = sizeOf(request);
    qint64 address = addressNumber(request.addressKey);
    Standing standing = Standing::Unknown;
    auto admitted = m_ledger.admit(*destination, request.destination, *origin, request.origin, address, size, standing);
    if (!admitted) {
        if (admitted.error().code != Errc::QuotaExceeded)
            return admitted.error();
        if (*destination) {
            auto known = claim(**destination, print);
            if (!known)
                return known.error();
            if (known->held)
                return *known->held;
        }
        m_ledger.refused(*destination, request.destination, admitted.error(), stampMs);
        return admitted.error();
    }
    if (!*destination) {
        destination = m_ledger.addDestination(request.destination);
        if (!destination)
            return destination.error();
    }
    Ledger::Destination &queue = **destination;
    auto claimed = claim(queue, print);
    if (!claimed)
        return claimed.error();
    if (claimed->held)
        return *claimed->held;
    auto id = m_ledger.drawId(queue, stampMs);
    if (!id)
        return id.error();
    if (*origin == 0) {
        origin = m_ledger.addOrigin(request.origin);
        if (!origin)
            return origin.error();
    }
    auto label = m_ledger.label(queue, request.userLabel);
    if (!label)
        return label.error();
    if (standing != Standing::Unknown)
        address = 0;
    const EntryIndex::Row row{queue.number, {{*id}, m_index.drawArrival()}, claimed->dedup, print.rest};
    auto added = m_sql->add.run(row.place.arrival, queue.number, *id, *origin, *label, address, row.dedup, row.rest,
                                size, request.pduCount, request.eduCount, request.originServerTs, stampMs,
                                base::present(request.txnId), base::present(request.pdus), base::present(request.edus));
    if (!added)
        return added.error();
    m_index.add(row, request.destination);
    Movement movement{Movement::Kind::Stored, queue.number, *origin, *label, address, size, *id,
                      row.place.arrival,      stampMs};
    if (auto applied = m_ledger.apply(movement); !applied)
        return applied.error();
    return Stored{matrix::EntryId{*id}, true};
}

/// Where the content is known, what holds it; otherwise the number under which it may be added.
Result<EntryStore::Claim> EntryStore::claim(const Ledger::Destination &destination, const Fingerprint &print)
{
    Claim claim{{}, print.first};
    for (int collision = 0; collision < MaxCollisions; ++collision) {
        auto known = m_index.content(destination.number, claim.dedup);
        if (!known)
            return known.error();
        if (!*known)
            return claim;
        if ((*known)->rest == print.rest) {
            auto held = heldAs(destination, **known);
            if (!held)
                return held.error();
            claim.held = *held;
            return claim;
        }
        claim.dedup = static_cast<qint64>(static_cast<quint64>(claim.dedup) + 1);
    }
    return Error{Errc::StorageFailed, QStringLiteral("Too many entries share the start of a hash."), 0};
}

Result<Stored> EntryStore::heldAs(const Ledger::Destination &destination, const EntryIndex::Content &content)
{
    qint64 arrival = content.arrival;
    if (arrival == 0) {
        auto place = m_index.find(destination.number, destination.name, content.id);
        if (!place)
            return place.error();
        arrival = place->arrival;
    }
    if (auto done = m_sql->held.run(arrival); !done)
        return done.error();
    const base::SqlRows rows(m_sql->held);
    if (m_sql->held.next())
        return Stored{content.id, false};
    if (auto failed = m_sql->held.failure(); !failed)
        return failed.error();
    return Stored{};
}

Result<std::optional<EntryStore::Row>> EntryStore::takeArrival(qint64 arrival)
{
    base::SqlStatement &statement = m_sql->takeArrival;
    if (auto done = statement.run(arrival); !done)
        return done.error();
    const base::SqlRows rows(statement);
    if (!statement.next()) {
        if (auto failed = statement.failure(); !failed)
            return failed.error();
        return std::optional<Row>();
    }
    Row row;
    row.indexed = {statement.integer(0), {{statement.integer(1)}, arrival}, statement.integer(5), statement.bytes(6)};
    row.origin = statement.integer(2);
    row.label = statement.integer(3);
    row.address = statement.integer(4);
    row.size = statement.integer(7);
    return std::optional<Row>(std::move(row));
}

Result<std::optional<EntryStore::Row>> EntryStore::take(const Ledger::Destination &destination, matrix::EntryId id)
{
    auto place = m_index.find(destination.number, destination.name, id);
    if (!place)
        return place.error();
    return place->arrival == 0 ? std::optional<Row>() : takeArrival(place->arrival);
}

Movement EntryStore::leaving(Movement::Kind kind, const Row &row, qint64 atMs) const
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

Result<bool> EntryStore::acknowledge(const matrix::ServerName &destination, Place place, qint64 stampMs)
{
    auto queue = m_ledger.findDestination(destination);
    if (!queue)
        return queue.error();
    if (!*queue)
        return false;
    auto row = place.arrival == 0 ? take(**queue, place.id) : takeArrival(place.arrival);
    if (!row)
        return row.error();
    if (!*row) {
        m_index.acknowledged({place.id, 0}, destination);
        return false;
    }
    const EntryIndex::Row &gone = (*row)->indexed;
    if (auto added = m_sql->addTombstone.run(m_index.drawTombstone(), stampMs, gone.destination, gone.dedup, gone.rest,
                                             gone.place.id.value, gone.place.arrival);
        !added)
        return added.error();
    m_index.acknowledged(gone.place, destination);
    if (auto applied = m_ledger.apply(leaving(Movement::Kind::Acknowledged, **row, stampMs)); !applied)
        return applied.error();
    return true;
}

/// An entry that went without being acknowledged leaves nothing: the same content may come again.
Result<void> EntryStore::forget(const Row &row, const matrix::ServerName &name, Movement::Kind kind, qint64 atMs)
{
    if (auto dropped = m_index.drop(row.indexed, name); !dropped)
        return dropped;
    return m_ledger.apply(leaving(kind, row, atMs));
}

Result<bool> EntryStore::discard(const matrix::ServerName &destination, matrix::EntryId id)
{
    auto queue = m_ledger.findDestination(destination);
    if (!queue)
        return queue.error();
    if (!*queue)
        return false;
    auto row = take(**queue, id);
    if (!row)
        return row.error();
    if (*row) {
        if (auto gone = forget(**row, destination, Movement::Kind::Discarded, 0); !gone)
            return gone.error();
        return true;
    }
    if (auto done = m_sql->dropQuarantined.run((*queue)->number, id.value); !done)
        return done.error();
    return m_sql->dropQuarantined.rowsAffected() > 0;
}

Result<qint64> EntryStore::discardOldest(const matrix::ServerName &destination, matrix::EntryId last, int limit)
{
    auto queue = m_ledger.findDestination(destination);
    if (!queue)
        return queue.error();
    if (!*queue)
        return qint64(0);
    auto places = m_index.oldest((*queue)->number, destination, last, limit);
    if (!places)
        return places.error();
    for (const Place &place : *places) {
        auto row = takeArrival(place.arrival);
        if (!row)
            return row.error();
        if (!*row)
            continue;
        if (auto gone = forget(**row, destination, Movement::Kind::Discarded, 0); !gone)
            return gone.error();
    }
    return qint64(places->size());
}

Result<matrix::EntryId> EntryStore::lastId(const matrix::ServerName &destination)
{
    auto queue = m_ledger.findDestination(destination);
    if (!queue)
        return queue.error();
    return matrix::EntryId{*queue ? (*queue)->lastId : 0};
}

Result<bool> EntryStore::quarantine(const matrix::ServerName &destination, matrix::EntryId id, qint64 stampMs)
{
    auto queue = m_ledger.findDestination(destination);
    if (!queue)
        return queue.error();
    if (!*queue)
        return false;
    auto place = m_index.find((*queue)->number, destination, id);
    if (!place)
        return place.error();
    if (auto done = m_sql->setAside.run(stampMs, place->arrival); !done)
        return done.error();
    auto row = takeArrival(place->arrival);
    if (!row)
        return row.error();
    if (!*row) {
        // Listed, and not there: only the list can be mended.
        if (auto dropped = m_index.dropPosition((*queue)->number, id); !dropped)
            return dropped.error();
        return false;
    }
    if (auto gone = forget(**row, destination, Movement::Kind::Discarded, stampMs); !gone)
        return gone.error();
    return true;
}

Result<EntryStore::Aged> EntryStore::expire(qint64 beforeMs, qint64 nowMs, qint64 latestStampMs, int limit)
{
    Aged aged;
    if (!ClockWatch::isPlausible(nowMs)) // nothing has an age
        return aged;
    std::vector<std::pair<qint64, qint64>> arrivals;
    {
        if (auto done = m_sql->arrivals.run(m_agedTo, limit); !done)
            return done.error();
        const base::SqlRows rows(m_sql->arrivals);
        while (m_sql->arrivals.next())
            arrivals.emplace_back(m_sql->arrivals.integer(0), m_sql->arrivals.integer(1));
        if (auto failed = m_sql->arrivals.failure(); !failed)
            return failed.error();
    }
    const auto isStamp = [latestStampMs](qint64 ms) { return ClockWatch::isPlausible(ms) && ms <= latestStampMs; };
    qint64 neighbour = nowMs;
    if (!arrivals.empty() && !isStamp(arrivals.back().second)) {
        const auto later = stampAfter(arrivals.back().first, latestStampMs);
        if (!later)
            return later.error();
        neighbour = std::min(later->value_or(nowMs), nowMs);
    }
    for (auto arrival = arrivals.rbegin(); arrival != arrivals.rend(); ++arrival) {
        const auto [number, stampMs] = *arrival;
        // Stamped before there was a time to believe, or by a clock that was ahead: it came no later than its
        // neighbour.
        const bool stamped = isStamp(stampMs);
        neighbour = stamped ? stampMs : neighbour;
        if (neighbour >= beforeMs) {
            if (stamped)
                continue;
            if (auto done = m_sql->restamp.run(neighbour, number); !done)
                return done.error();
            ++aged.restamped;
            continue;
        }
        auto row = takeArrival(number);
        if (!row)
            return row.error();
        if (!*row)
            continue;
        auto queue = m_ledger.findDestination((*row)->indexed.destination);
        if (!queue)
            return queue.error();
        const matrix::ServerName name = *queue ? (*queue)->name : matrix::ServerName();
        if (auto expired = forget(**row, name, Movement::Kind::Expired, nowMs); !expired)
            return expired.error();
        ++aged.expired;
    }
    // Rows that were stamped anew are young now; behind them the others wait for the next step.
    m_agedTo = aged.expired + aged.restamped == limit ? arrivals.back().first : 0;
    return aged;
}

/// Of the next arrival that has one; nothing where those that are looked at have none.
Result<std::optional<qint64>> EntryStore::stampAfter(qint64 arrival, qint64 latestStampMs)
{
    if (auto done = m_sql->stampAfter.run(arrival, MostLookedAfter, ClockWatch::EarliestMs, latestStampMs); !done)
        return done.error();
    const base::SqlRows rows(m_sql->stampAfter);
    if (m_sql->stampAfter.next())
        return std::optional(m_sql->stampAfter.integer(0));
    if (auto failed = m_sql->stampAfter.failure(); !failed)
        return failed.error();
    return std::optional<qint64>();
}

Result<void> EntryStore::stampTimeless(qint64 nowMs)
{
    for (base::SqlStatement *statement : {&m_sql->stampTombstones, &m_sql->stampQuarantined}) {
        if (auto done = statement->run(nowMs, ClockWatch::EarliestMs); !done)
            return done;
    }
    return {};
}

Result<int> EntryStore::forgetTombstones(qint64 beforeMs, qint64 most, int limit)
{
    struct Tombstone {
        qint64 number, acknowledgedMs, destination, dedup, id;
    };
    std::vector<Tombstone> oldest;
    {
        if (auto done = m_sql->tombstones.run(limit); !done)
            return done.error();
        const base::SqlRows rows(m_sql->tombstones);
        while (m_sql->tombstones.next())
            oldest.push_back({m_sql->tombstones.integer(0), m_sql->tombstones.integer(1), m_sql->tombstones.integer(2),
                              m_sql->tombstones.integer(3), m_sql->tombstones.integer(4)});
        if (auto failed = m_sql->tombstones.failure(); !failed)
            return failed.error();
    }
    int gone = 0;
    for (const Tombstone &tombstone : oldest) {
        if (tombstone.acknowledgedMs >= beforeMs && m_ledger.tombstones() <= most)
            break;
        if (!m_index.knowsTombstone(tombstone.number))
            break;
        if (auto done = m_index.dropContent(tombstone.destination, tombstone.dedup, {tombstone.id}); !done)
            return done.error();
        if (auto done = m_sql->dropTombstone.run(tombstone.number); !done)
            return done.error();
        Movement movement;
        movement.kind = Movement::Kind::TombstoneForgotten;
        movement.destination = tombstone.destination;
        if (auto applied = m_ledger.apply(movement); !applied)
            return applied.error();
        ++gone;
    }
    return gone;
}

Result<int> EntryStore::dropQuarantined(qint64 beforeMs)
{
    if (auto done = m_sql->dropOldQuarantined.run(beforeMs); !done)
        return done.error();
    return int(m_sql->dropOldQuarantined.rowsAffected());
}

void EntryStore::committed()
{
    m_index.committed();
    m_ledger.committed();
}

void EntryStore::rolledBack()
{
    m_agedTo = 0;
    m_index.rolledBack();
    m_ledger.rolledBack();
}

} // namespace restante::queue
