// SPDX-License-Identifier: GPL-3.0-or-later
// What the Ledger reads: rows into memory, on demand, and everything that is needed at the start.
#include "queue/ledger.h"

#include "base/clock.h"
#include "queue/ledgersql.h"
#include "queue/tablerepair.h"
#include "telemetry/logging.h"

#include <QtCore/QSet>

#include <algorithm>

namespace restante::queue
{

namespace
{
/// Only what says how much mail there is room for.
Quotas roomOf(Quotas quotas)
{
    const Quotas other;
    quotas.diskFloorBytes = other.diskFloorBytes;
    quotas.expiryDays = other.expiryDays;
    quotas.tombstoneDays = other.tombstoneDays;
    quotas.tombstones = other.tombstones;
    quotas.secureDelete = other.secureDelete;
    return quotas;
}
} // namespace

Result<void> Ledger::load()
{
    {
        if (auto done = m_sql->sums.run(); !done)
            return done;
        const base::SqlRows rows(m_sql->sums);
        if (!m_sql->sums.next())
            return m_sql->sums.failure();
        m_total = {m_sql->sums.integer(0), m_sql->sums.integer(1)};
        m_tombstones = m_sql->sums.integer(2);
        m_holding = m_sql->sums.integer(3);
        m_nextDestination = m_sql->sums.integer(4) + 1;
        m_tombstoneHolders = m_sql->sums.integer(5);
    }
    {
        if (auto done = m_sql->lastOrigin.run(); !done)
            return done;
        const base::SqlRows rows(m_sql->lastOrigin);
        if (!m_sql->lastOrigin.next())
            return m_sql->lastOrigin.failure();
        m_nextOrigin = m_sql->lastOrigin.integer(0) + 1;
    }
    auto idFloor = m_sql->numbers.read(IdFloorName);
    if (!idFloor)
        return idFloor.error();
    m_idFloor = *idFloor;
    auto doubtful = m_sql->numbers.read(TableRepair::Doubtful);
    if (!doubtful)
        return doubtful.error();
    m_doubtful = *doubtful != 0;
    if (auto counted = recountServed(); !counted)
        return counted;
    return replay();
}

/// What was committed after the last fold, in the order in which it happened.
Result<void> Ledger::replay()
{
    std::vector<QByteArray> pending;
    {
        if (auto done = m_sql->movements.run(); !done)
            return done;
        const base::SqlRows rows(m_sql->movements);
        while (m_sql->movements.next()) {
            m_nextMovement = m_sql->movements.integer(0) + 1;
            pending.push_back(m_sql->movements.bytes(1));
        }
        if (auto failed = m_sql->movements.failure(); !failed)
            return failed;
    }
    for (const QByteArray &changes : pending) {
        const auto movements = decodeMovements(changes);
        if (!movements)
            return {Errc::Corrupt, QStringLiteral("The database's record of recent changes is damaged.")};
        for (const Movement &movement : *movements) {
            if (auto applied = apply(movement); !applied)
                return applied;
        }
        committed();
    }
    if (m_doubtful) // the indexes lack what came last, although no change tells that
        m_unfolded = std::max(m_unfolded, 1);
    if (m_unfolded == 0)
        return {};
    auto folded = fold();
    if (folded || folded.error().code != Errc::Corrupt)
        return folded;
    m_lacksFold = true;
    // Those entries are in no index, but all others are; every fold tries again.
    qCWarning(lcQueue, "Some of what came last before the program ended cannot be read, and is out of reach: %ls",
              qUtf16Printable(folded.error().detail));
    return {};
}

Result<void> Ledger::trustTotals()
{
    auto done = m_sql->numbers.write(TableRepair::Doubtful, 0);
    if (done)
        m_doubtful = false;
    return done;
}

Result<std::vector<qint64>> Ledger::destinations()
{
    std::vector<qint64> numbers;
    if (auto done = m_sql->allDestinations.run(); !done)
        return done.error();
    const base::SqlRows rows(m_sql->allDestinations);
    while (m_sql->allDestinations.next())
        numbers.push_back(m_sql->allDestinations.integer(0));
    if (auto failed = m_sql->allDestinations.failure(); !failed)
        return failed.error();
    return numbers;
}

Result<void> Ledger::setPolicy(const Policy &policy)
{
    // Shares are added up from SQL, so nothing may be pending there. If the disk refuses, figures in memory still hold.
    auto folded = fold();
    // What may fail comes first, so that nothing is changed by halves.
    for (auto served = policy.served.constBegin(); served != policy.served.constEnd(); ++served) {
        if (auto found = findDestination(served.key()); !found)
            return found.error();
    }
    if (folded)
        m_pairs.clear(); // to be read again, and judged anew then
    std::vector<matrix::ServerName> origins;
    for (const auto &[key, pair] : m_pairs) {
        auto origin = originName(key.other);
        if (!origin)
            return origin.error();
        origins.push_back(*std::move(origin));
    }
    m_board.restart(policy.served, roomOf(policy.quotas) != roomOf(m_policy.quotas));
    m_policy = policy;
    for (auto &[number, destination] : m_destinations) {
        const auto served = m_policy.served.constFind(destination->name);
        destination->served = served == m_policy.served.constEnd() ? nullptr : &served.value();
        destination->sharesReady = false;
    }
    auto origin = origins.cbegin();
    for (auto &[key, pair] : m_pairs)
        pair.standing = standingOf(*m_destinations.at(key.destination), pair, *origin++);
    if (auto counted = recountServed(); !counted) // only how full a mailbox is shown is out of date
        qCWarning(lcQueue, "How full the mailboxes are could not be looked up everywhere: %ls",
                  qUtf16Printable(counted.error().detail));
    return {};
}

/// If something cannot be looked up the others are counted all the same; the value is the first error then.
Result<void> Ledger::recountServed()
{
    m_unusedGuarantee = {};
    m_servedHolding = 0;
    Result<void> counted;
    constexpr int worthAdding = MailboxBoard::WarnPercent / 2; // the open half is full when half of the whole is
    const Tally own = guarantee(m_policy.quotas, int(m_policy.served.size()));
    for (auto served = m_policy.served.constBegin(); served != m_policy.served.constEnd(); ++served) {
        auto destination = findDestination(served.key());
        const Tally held = destination && *destination ? (*destination)->held : Tally();
        m_unusedGuarantee += Tally::larger(own - held, {});
        m_servedHolding += held.entries > 0;
        if (!destination && counted)
            counted = destination.error();
        if (!destination || !*destination)
            continue;
        if (fillPercent(m_policy.quotas, held, held) >= worthAdding) {
            if (auto ready = readyShares(**destination); !ready && counted)
                counted = ready;
        }
        (*destination)->fillPercent = -1;
        tellFill(**destination);
    }
    return counted;
}

Result<Ledger::Destination *> Ledger::findDestination(const matrix::ServerName &name)
{
    if (Destination *known = m_byName.value(name))
        return known;
    if (auto done = m_sql->destinationByName.run(name.bytes()); !done)
        return done.error();
    return readDestination(m_sql->destinationByName);
}

Result<Ledger::Destination *> Ledger::findDestination(qint64 number)
{
    if (const auto known = m_destinations.find(number); known != m_destinations.end())
        return known->second.get();
    if (auto done = m_sql->destinationByNumber.run(number); !done)
        return done.error();
    return readDestination(m_sql->destinationByNumber);
}

Result<Ledger::Destination *> Ledger::readDestination(base::SqlStatement &statement)
{
    const base::SqlRows rows(statement);
    if (!statement.next()) {
        if (auto failed = statement.failure(); !failed)
            return failed.error();
        return static_cast<Destination *>(nullptr);
    }
    auto destination = std::make_unique<Destination>();
    destination->number = statement.integer(0);
    // Without a usable name nobody asks for it; what it holds still ages.
    if (auto name = matrix::ServerName::parse(statement.bytes(1)))
        destination->name = *std::move(name);
    destination->held = {statement.integer(2), statement.integer(3)};
    destination->lastId = statement.integer(4);
    destination->collectedMs = statement.integer(5);
    destination->expired = statement.integer(6);
    destination->expiredMs = statement.integer(7);
    destination->tombstones = statement.integer(8);
    return keep(std::move(destination));
}

Result<Ledger::Destination *> Ledger::addDestination(const matrix::ServerName &name)
{
    auto destination = std::make_unique<Destination>();
    destination->number = m_nextDestination;
    destination->name = name;
    if (auto added = m_sql->addDestination.run(destination->number, name.bytes()); !added)
        return added.error();
    // Not reused, even if this batch is rolled back: what is in memory goes by number.
    ++m_nextDestination;
    Destination *kept = keep(std::move(destination));
    kept->labelsReady = true;
    m_newDestinations.push_back(kept);
    return kept;
}

Ledger::Destination *Ledger::keep(std::unique_ptr<Destination> destination)
{
    const auto served = m_policy.served.constFind(destination->name);
    destination->served = served == m_policy.served.constEnd() ? nullptr : &served.value();
    Destination *kept = destination.get();
    m_byName.insert(kept->name, kept);
    m_destinations.insert_or_assign(kept->number, std::move(destination));
    return kept;
}

Result<qint64> Ledger::findOrigin(const matrix::ServerName &name)
{
    if (const auto known = m_originNumbers.constFind(name); known != m_originNumbers.constEnd())
        return *known;
    if (auto done = m_sql->originByName.run(name.bytes()); !done)
        return done.error();
    const base::SqlRows rows(m_sql->originByName);
    if (!m_sql->originByName.next()) {
        if (auto failed = m_sql->originByName.failure(); !failed)
            return failed.error();
        return qint64(0);
    }
    const qint64 number = m_sql->originByName.integer(0);
    m_originNumbers.insert(name, number);
    m_originNames.insert(number, name);
    return number;
}

Result<qint64> Ledger::addOrigin(const matrix::ServerName &name)
{
    const qint64 number = m_nextOrigin;
    if (auto added = m_sql->addOrigin.run(number, name.bytes()); !added)
        return added.error();
    ++m_nextOrigin;
    m_originNumbers.insert(name, number);
    m_originNames.insert(number, name);
    m_newOrigins.push_back(name);
    return number;
}

Result<matrix::ServerName> Ledger::originName(qint64 number)
{
    if (const auto known = m_originNames.constFind(number); known != m_originNames.constEnd())
        return *known;
    if (auto done = m_sql->originByNumber.run(number); !done)
        return done.error();
    const base::SqlRows rows(m_sql->originByNumber);
    if (!m_sql->originByNumber.next()) {
        if (auto failed = m_sql->originByNumber.failure(); !failed)
            return failed.error();
        return matrix::ServerName(); // a pair whose origin was rolled back; nobody's
    }
    auto name = matrix::ServerName::parse(m_sql->originByNumber.bytes(0));
    if (!name)
        return matrix::ServerName(); // nobody's either
    m_originNames.insert(number, *name);
    m_originNumbers.insert(*name, number);
    return name;
}

Result<Ledger::Pair *> Ledger::pair(Destination &destination, qint64 origin)
{
    const PairKey key{destination.number, origin};
    if (const auto known = m_pairs.find(key); known != m_pairs.end())
        return &known->second;
    Pair pair;
    {
        if (auto done = m_sql->pair.run(key.destination, key.other); !done)
            return done.error();
        const base::SqlRows rows(m_sql->pair);
        if (m_sql->pair.next()) {
            pair.held = {m_sql->pair.integer(0), m_sql->pair.integer(1)};
            pair.firstDay = m_sql->pair.integer(2);
            pair.learned = m_sql->pair.integer(3) != 0;
            pair.lastDay = m_sql->pair.integer(4);
            pair.learnedFrom = m_sql->pair.integer(5);
        } else if (auto failed = m_sql->pair.failure(); !failed) {
            return failed.error();
        }
    }
    auto name = originName(origin);
    if (!name)
        return name.error();
    pair.standing = standingOf(destination, pair, *name);
    return &m_pairs.insert_or_assign(key, pair).first->second;
}

Standing Ledger::standingOf(const Destination &destination, const Pair &pair, const matrix::ServerName &origin) const
{
    if (destination.served && destination.served->knownOrigins.contains(origin))
        return Standing::Listed;
    return pair.learned ? Standing::Learned : Standing::Unknown;
}

Result<Ledger::Address *> Ledger::address(qint64 destination, qint64 number)
{
    const PairKey key{destination, number};
    if (const auto known = m_addresses.find(key); known != m_addresses.end())
        return &known->second;
    Address address;
    if (auto done = m_sql->address.run(destination, number); !done)
        return done.error();
    const base::SqlRows rows(m_sql->address);
    if (m_sql->address.next())
        address.held = {m_sql->address.integer(0), m_sql->address.integer(1)};
    else if (auto failed = m_sql->address.failure(); !failed)
        return failed.error();
    return &m_addresses.insert_or_assign(key, address).first->second;
}

Result<void> Ledger::readyLabels(Destination &destination)
{
    if (destination.labelsReady)
        return {};
    if (auto done = m_sql->labels.run(destination.number); !done)
        return done;
    const base::SqlRows rows(m_sql->labels);
    while (m_sql->labels.next()) {
        const int number = int(m_sql->labels.integer(0));
        const QByteArray name = m_sql->labels.bytes(1);
        destination.labels[number] = {name, {m_sql->labels.integer(2), m_sql->labels.integer(3)}, false};
        if (number != 0)
            destination.labelNumbers.insert(name, number);
        ++m_labels;
    }
    if (auto failed = m_sql->labels.failure(); !failed)
        return failed;
    destination.labelsReady = true;
    return {};
}

Result<void> Ledger::readyShares(Destination &destination)
{
    if (destination.sharesReady)
        return {};
    QSet<qint64> known;
    {
        if (auto done = m_sql->learnedOrigins.run(destination.number); !done)
            return done;
        const base::SqlRows rows(m_sql->learnedOrigins);
        while (m_sql->learnedOrigins.next())
            known.insert(m_sql->learnedOrigins.integer(0));
        if (auto failed = m_sql->learnedOrigins.failure(); !failed)
            return failed;
    }
    if (destination.served) {
        for (const auto &name : destination.served->knownOrigins) {
            auto number = findOrigin(name);
            if (!number)
                return number.error();
            if (*number != 0)
                known.insert(*number);
        }
    }
    Destination shares;
    for (const qint64 origin : std::as_const(known)) {
        auto found = pair(destination, origin);
        if (!found)
            return found.error();
        const Pair &holding = **found;
        shareOf(shares, holding.standing) += sharePart(m_policy.quotas, holding.standing, holding.held);
        if (holding.learned)
            shares.acquaintance.learn(holding.learnedFrom);
    }
    {
        if (auto done = m_sql->halfLearned.run(destination.number); !done)
            return done;
        const base::SqlRows rows(m_sql->halfLearned);
        while (m_sql->halfLearned.next())
            shares.acquaintance.begin(m_sql->halfLearned.integer(0), int(m_sql->halfLearned.integer(1)));
        if (auto failed = m_sql->halfLearned.failure(); !failed)
            return failed;
    }
    destination.listed = shares.listed;
    destination.learned = shares.learned;
    destination.acquaintance = shares.acquaintance;
    destination.sharesReady = true;
    return {};
}

/// What is held over all destinations of the origin with this number; 0 is none. `rowsOf` reads what was written at the
/// last fold, `touched` has what changed since, `dirty` tells what of that may have no row yet.
template <typename Held>
Result<Spread::Share> Ledger::shareOver(qint64 number, base::SqlStatement &rowsOf, const Held &touched,
                                        const std::vector<PairKey> &dirty, Spread &spread)
{
    if (number == 0)
        return Spread::Share();
    if (const auto *known = spread.find(number))
        return *known;
    Spread::Share share;
    QSet<qint64> counted;
    const auto count = [&](qint64 destination, const Tally &written) {
        counted.insert(destination);
        const auto now = touched.find(PairKey{destination, number});
        const Tally held = now == touched.end() ? written : now->second.held;
        share.held += held;
        share.destinations += held.entries > 0;
    };
    if (auto done = rowsOf.run(number); !done)
        return done.error();
    const base::SqlRows rows(rowsOf);
    while (rowsOf.next())
        count(rowsOf.integer(0), {rowsOf.integer(1), rowsOf.integer(2)});
    if (auto failed = rowsOf.failure(); !failed)
        return failed.error();
    for (const PairKey &key : dirty) {
        if (key.other == number && !counted.contains(key.destination))
            count(key.destination, {});
    }
    return *spread.put(number, share);
}

/// Whether one origin, or one client address, may take more of what there is for destinations that are not served.
Result<void> Ledger::checkSpread(bool isNewPlace, qint64 origin, qint64 addressNumber, qint64 size)
{
    auto ofOrigin = shareOver(origin, m_sql->pairsOfOrigin, m_pairs, m_dirtyPairs, m_originSpread);
    if (!ofOrigin)
        return ofOrigin.error();
    auto ofAddress = shareOver(addressNumber, m_sql->rowsOfAddress, m_addresses, m_dirtyAddresses, m_addressSpread);
    if (!ofAddress)
        return ofAddress.error();
    if (maySpread(m_policy.quotas, *ofOrigin, isNewPlace, size, OriginParts) &&
        maySpread(m_policy.quotas, *ofAddress, isNewPlace, size, AddressParts))
        return {};
    m_full = FullPart::Sender; // the relay itself is not full
    return takesTooManyPlaces();
}

} // namespace restante::queue
