// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/ledger.h"

#include "base/clock.h"
#include "queue/clockwatch.h"
#include "queue/ledgersql.h"

namespace restante::queue
{

namespace
{
constexpr int MaxLabels = 100;
constexpr int IdSecondBits = 20; // an id starts at the second of its time, with room for a million a second
} // namespace

Ledger::Ledger(base::Database &database, EntryIndex &index, const Policy &policy, MailboxBoard &board)
    : m_database(database)
    , m_index(index)
    , m_policy(policy)
    , m_board(board)
    , m_sql(std::make_unique<Statements>(database))
{
}

Ledger::~Ledger() = default;

Result<qint64> Ledger::drawId(Destination &destination, qint64 wallMs)
{
    qint64 next = destination.lastId + 1;
    if (!destination.idDrawn) {
        next = std::max(next, m_idFloor + 1);
        if (ClockWatch::isPlausible(wallMs))
            next = std::max(next, (wallMs / 1000) << IdSecondBits);
    }
    if (next > matrix::EntryId::Largest)
        return {Errc::StorageFailed, QStringLiteral("All entry ids of this destination are used up.")};
    destination.idDrawn = true;
    destination.lastId = next;
    return next;
}

Result<int> Ledger::label(Destination &destination, const QByteArray &name)
{
    if (auto ready = readyLabels(destination); !ready)
        return ready.error();
    if (const auto found = destination.labelNumbers.constFind(name); found != destination.labelNumbers.constEnd())
        return *found;
    if (name.isEmpty() || destination.labelNumbers.size() >= MaxLabels)
        return 0;
    int number = 1;
    for (auto taken = destination.labels.upper_bound(0); taken != destination.labels.end() && taken->first == number;
         ++taken)
        ++number;
    if (auto put = m_sql->putLabel.run(destination.number, number, name, 0, 0); !put)
        return put.error();
    destination.labels[number].name = name;
    destination.labelNumbers.insert(name, number);
    ++m_labels;
    m_newLabels.emplace_back(&destination, number);
    return number;
}

Result<void> Ledger::admit(Destination *destination, const matrix::ServerName &destinationName, qint64 origin,
                           const matrix::ServerName &originName, qint64 addressNumber, qint64 size, Standing &standing)
{
    Destination nobody;
    if (!destination) {
        nobody.name = destinationName;
        const auto served = m_policy.served.constFind(destinationName);
        nobody.served = served == m_policy.served.constEnd() ? nullptr : &served.value();
        nobody.sharesReady = true;
        destination = &nobody;
    }
    if (destination->held.entries == 0 && !destination->served &&
        m_holding - m_servedHolding >= m_policy.quotas.unservedDestinations) {
        m_full = FullPart::Relay;
        return tooManyUnserved(m_policy.quotas);
    }
    if (auto ready = readyShares(*destination); !ready)
        return ready;
    Pair fresh;
    Pair *holding = &fresh;
    if (origin != 0 && destination != &nobody) {
        auto found = pair(*destination, origin);
        if (!found)
            return found.error();
        holding = *found;
    } else {
        fresh.standing = standingOf(*destination, fresh, originName);
    }
    standing = holding->standing;
    QuotaCase figures;
    figures.destination = destination->held;
    figures.origin = holding->held;
    figures.standing = holding->standing;
    figures.listed = destination->listed;
    figures.learned = destination->learned;
    figures.served = destination->served != nullptr;
    figures.total = m_total;
    figures.unusedGuarantee = m_unusedGuarantee;
    figures.servedCount = int(m_policy.served.size());
    if (standing != Standing::Listed && addressNumber != 0 && destination != &nobody) {
        auto found = address(destination->number, addressNumber);
        if (!found)
            return found.error();
        figures.address = (*found)->held;
        figures.addressCounts = true;
    }
    auto admitted = queue::admit(m_policy.quotas, figures, size, m_full);
    if (!admitted || destination->served)
        return admitted;
    return checkSpread(holding->held.entries == 0, origin, addressNumber, size);
}

void Ledger::refused(const Destination *destination, const matrix::ServerName &name, const matrix::ServerName &origin,
                     const Error &error, qint64 nowMs)
{
    const bool served = destination ? destination->served != nullptr : m_policy.served.contains(name);
    m_board.refused(name, served, origin, m_full, error.detail, nowMs);
}

void Ledger::tellBoard(const Destination &destination, const Pair &pair, const Movement &movement)
{
    if (!m_board.isRefusing())
        return;
    const matrix::ServerName origin = m_originNames.value(movement.origin);
    const bool served = destination.served != nullptr;
    if (movement.kind == Movement::Kind::Stored)
        m_board.accepted(destination.name, served, origin, pair.standing != Standing::Unknown);
    else
        m_board.left(destination.name, served, origin);
}

/// Only news, and only of those that are nearly full, so that this costs next to nothing.
void Ledger::tellFill(Destination &destination)
{
    // Without shares the open half cannot be told from the other.
    const Tally reserved = destination.sharesReady
                               ? reservedOf(m_policy.quotas, destination.listed, destination.learned)
                               : destination.held;
    const int percent = fillPercent(m_policy.quotas, destination.held, reserved);
    const int before = std::exchange(destination.fillPercent, percent);
    if (before < 0 || (before != percent && std::max(before, percent) >= MailboxBoard::WarnPercent))
        m_board.setFill(destination.name, percent);
}

Result<void> Ledger::apply(const Movement &movement)
{
    auto destination = findDestination(movement.destination);
    if (!destination)
        return destination.error();
    if (!*destination) // its row is lost: there are no totals to keep
        return {};
    if (movement.kind == Movement::Kind::TombstoneForgotten) {
        settleTombstones(**destination, -1);
        m_batch.push_back(movement);
        return {};
    }
    auto holding = pair(**destination, movement.origin);
    if (!holding)
        return holding.error();
    if (auto ready = readyLabels(**destination); !ready)
        return ready;
    Address *place = nullptr;
    if (movement.address != 0) {
        auto found = address(movement.destination, movement.address);
        if (!found)
            return found.error();
        place = *found;
    }
    if (movement.kind == Movement::Kind::Acknowledged) {
        if (auto ready = readyShares(**destination); !ready)
            return ready;
    }
    settle(**destination, **holding, place, movement, movement.kind == Movement::Kind::Stored ? 1 : -1);
    tellBoard(**destination, **holding, movement);
    switch (movement.kind) {
    case Movement::Kind::Stored:
        (*destination)->lastId = std::max((*destination)->lastId, movement.id);
        break;
    case Movement::Kind::Acknowledged:
        (*destination)->collectedMs = std::max((*destination)->collectedMs, movement.atMs);
        settleTombstones(**destination, 1);
        learn(**destination, **holding, movement);
        break;
    case Movement::Kind::Sent:
        settleTombstones(**destination, 1);
        break;
    case Movement::Kind::Expired:
        (*destination)->expired += 1;
        (*destination)->expiredMs = movement.atMs;
        break;
    case Movement::Kind::Discarded:
    case Movement::Kind::TombstoneForgotten:
        break;
    }
    m_batch.push_back(movement);
    return {};
}

/// Everything that is touched here is in memory, so that undoing cannot fail.
void Ledger::settle(Destination &destination, Pair &pair, Address *address, const Movement &movement, qint64 sign)
{
    const Tally amount{sign, sign * movement.size};
    const bool held = destination.held.entries > 0;
    const Tally own = guarantee(m_policy.quotas, int(m_policy.served.size()));
    const Tally unused = Tally::larger(own - destination.held, {});
    destination.held += amount;
    m_total += amount;
    if (held != (destination.held.entries > 0)) {
        m_holding += sign;
        m_servedHolding += destination.served ? sign : 0;
    }
    if (destination.served)
        m_unusedGuarantee += Tally::larger(own - destination.held, {}) - unused;
    markDirty(destination);

    const Tally part = sharePart(m_policy.quotas, pair.standing, pair.held);
    const Tally before = pair.held;
    pair.held += amount;
    m_originSpread.settle(movement.origin, before, pair.held);
    if (destination.sharesReady)
        shareOf(destination, pair.standing) += sharePart(m_policy.quotas, pair.standing, pair.held) - part;
    if (destination.served)
        tellFill(destination);
    if (!std::exchange(pair.dirty, true))
        m_dirtyPairs.push_back({movement.destination, movement.origin});

    Label &label = destination.labels[int(movement.label)];
    label.held += amount;
    if (!std::exchange(label.dirty, true))
        m_dirtyLabels.emplace_back(&destination, int(movement.label));

    if (!address)
        return;
    const Tally here = address->held;
    address->held += amount;
    m_addressSpread.settle(movement.address, here, address->held);
    if (!std::exchange(address->dirty, true))
        m_dirtyAddresses.push_back({movement.destination, movement.address});
}

void Ledger::settleTombstones(Destination &destination, qint64 amount)
{
    const bool had = destination.tombstones > 0;
    destination.tombstones += amount;
    m_tombstones += amount;
    m_tombstoneHolders += (destination.tombstones > 0) - had;
    markDirty(destination);
}

bool Ledger::mayLeaveTombstone(const Destination &destination, qint64 most) const
{
    if (m_tombstones < most || m_tombstoneHolders <= 1) // then its own oldest ones go
        return true;
    const qint64 ofAll = most / std::max<qint64>(m_tombstoneHolders, 1);
    const qint64 ofServed = destination.served ? most / 2 / std::max<qint64>(m_policy.served.size(), 1) : 0;
    return destination.tombstones < std::max(ofAll, ofServed);
}

/// Unknown origins have no part of the reserved half: what they take of it is nothing.
Tally &Ledger::shareOf(Destination &destination, Standing standing)
{
    return standing == Standing::Listed ? destination.listed : destination.learned;
}

/// Mail of this origin was taken: after a second day of that the destination knows it, if not too many names of that
/// address became known before.
void Ledger::learn(Destination &destination, Pair &pair, const Movement &movement)
{
    if (!ClockWatch::isPlausible(movement.atMs))
        return;
    const qint64 day = movement.atMs / base::DayMs;
    Acquaintance &known = destination.acquaintance;
    if (pair.learned) {
        pair.lastDay = std::max(pair.lastDay, day);
        return;
    }
    if (pair.firstDay == 0) {
        if (!known.mayBegin(movement.address))
            return;
        pair.firstDay = day;
        pair.learnedFrom = movement.address;
        return known.begin(movement.address);
    }
    if (pair.firstDay == day || !known.mayLearn(pair.learnedFrom))
        return;
    known.endBeginning(pair.learnedFrom);
    known.learn(pair.learnedFrom);
    pair.learned = true;
    pair.lastDay = day;
    if (pair.standing != Standing::Unknown)
        return;
    pair.standing = Standing::Learned;
    destination.learned += sharePart(m_policy.quotas, pair.standing, pair.held);
}

void Ledger::markDirty(Destination &destination)
{
    if (!std::exchange(destination.dirty, true))
        m_dirtyDestinations.push_back(&destination);
}

Result<void> Ledger::writeBatch()
{
    if (m_batch.empty())
        return {};
    QByteArray changes;
    changes.reserve(qsizetype(m_batch.size()) * 40);
    for (const Movement &movement : m_batch)
        encodeMovement(changes, movement);
    return m_sql->addMovements.run(m_nextMovement, changes);
}

void Ledger::committed()
{
    if (!m_batch.empty()) {
        ++m_nextMovement;
        ++m_unfolded;
        for (const Movement &movement : m_batch)
            m_unfoldedMovements += movement.kind != Movement::Kind::TombstoneForgotten;
    }
    m_batch.clear();
    m_newDestinations.clear();
    m_newOrigins.clear();
    m_newLabels.clear();
}

void Ledger::rolledBack()
{
    for (auto movement = m_batch.rbegin(); movement != m_batch.rend(); ++movement) {
        Destination &destination = *m_destinations.at(movement->destination);
        if (movement->kind == Movement::Kind::TombstoneForgotten) {
            settleTombstones(destination, 1);
            continue;
        }
        Address *place =
            movement->address == 0 ? nullptr : &m_addresses.at(PairKey{movement->destination, movement->address});
        settle(destination, m_pairs.at(PairKey{movement->destination, movement->origin}), place, *movement,
               movement->kind == Movement::Kind::Stored ? -1 : 1);
        if (movement->leavesTombstone())
            settleTombstones(destination, -1);
        if (movement->kind == Movement::Kind::Expired)
            destination.expired -= 1;
    }
    for (const auto &[destination, number] : m_newLabels) {
        destination->labelNumbers.remove(destination->labels[number].name);
        destination->labels[number].name.clear();
    }
    for (const auto &name : std::as_const(m_newOrigins)) {
        m_originNames.remove(m_originNumbers.value(name));
        m_originNumbers.remove(name);
    }
    for (Destination *destination : m_newDestinations)
        m_byName.remove(destination->name);
    m_batch.clear();
    m_newDestinations.clear();
    m_newOrigins.clear();
    m_newLabels.clear();
}

} // namespace restante::queue
