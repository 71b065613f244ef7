// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/inboxstore.h"

#include "node/damagedrows.h"
#include "node/inboxstoreparts.h"
#include "node/salvage.h"
#include "telemetry/logging.h"

#include <sodium.h>

#include <utility>

namespace restante::node
{

InboxStore::InboxStore(const QString &folder, const base::Clock &clock)
    : m_folder(folder)
    , m_clock(clock)
{
}

InboxStore::~InboxStore() = default;

Result<std::unique_ptr<InboxStore>> InboxStore::open(const QString &folder, const base::Clock &clock)
{
    std::unique_ptr<InboxStore> store(new InboxStore(folder, clock));
    if (auto opened = store->openFirst(); !opened)
        return opened.error();
    return store;
}

Result<void> InboxStore::openFirst()
{
    if (auto finished = Salvage(m_folder).finishInterrupted(); !finished)
        return finished;
    Result<void> opened;
    for (int again = 0; again < 2; ++again) { // perhaps the disk failed for a moment only
        opened = reopen();
        if (!isCorrupt(opened) && !(opened && d->harmed))
            return opened;
    }
    auto renewed = renew();
    if (renewed || !d)
        return renewed;
    qCWarning(lcNode).noquote() << "The damaged node.sqlite stays in use:" << renewed.error().detail;
    return {};
}

Result<void> InboxStore::reopen()
{
    d.reset();
    auto opened = Private::open(m_folder, m_clock);
    if (!opened)
        return opened.error();
    d = *std::move(opened);
    m_secret = d->secret;
    return {};
}

Result<void> InboxStore::renew()
{
    const Salvage salvage(m_folder);
    const auto salvaged = salvage.write(m_secret, d ? d->stampMs() : m_clock.wallMs());
    if (!salvaged)
        return salvaged.error();
    d.reset();
    const auto placed = salvage.putInPlace();
    if (auto opened = reopen(); !opened)
        return opened;
    if (!placed)
        return placed.error();
    qCWarning(lcNode).noquote() << "node.sqlite was damaged and has been written anew:" << salvaged->words()
                                << "(the damaged one is kept as" << *placed + QLatin1Char(')');
    return {};
}

/// Nothing goes around the damage that was met: the database is written anew, but for the first time. Otherwise the
/// error tells why it is not.
Result<void> InboxStore::mend()
{
    const qint64 now = m_clock.steadyMs();
    if (!m_damagedSinceMs)
        m_damagedSinceMs = now;
    if (now - *m_damagedSinceMs < RenewAfterMs)
        return Error{
            Errc::Corrupt,
            QStringLiteral("A page of node.sqlite is damaged. If it still is at the next try, in %1 seconds or "
                           "later, the database is written anew with all that can be read of it.")
                .arg(RenewAfterMs / 1'000),
            RenewAfterMs};
    m_damagedSinceMs = now; // not again at once
    auto renewed = renew();
    const QString reason = renewed ? QString() : renewed.error().detail;
    if (!renewed && m_notRenewed != reason)
        qCWarning(lcNode).noquote() << "The damaged node.sqlite could not be written anew:" << reason;
    m_notRenewed = reason;
    if (renewed)
        m_damagedSinceMs.reset();
    return renewed;
}

/// Does `change`, and if damage kept it from being done, and the database could be written anew, once more.
template <typename T>
Result<T> InboxStore::mended(const std::function<Result<T>()> &change)
{
    if (auto opened = d ? Result<void>() : reopen(); !opened)
        return opened.error();
    auto done = change();
    if (isCorrupt(done)) {
        if (auto mending = mend(); !mending)
            return mending.error();
        return change();
    }
    if (done && std::exchange(d->harmed, false)) {
        // What could be done is done; the rest comes next time. Why that is not mended yet was logged.
        [[maybe_unused]] const auto mending = mend();
    }
    return done;
}

matrix::DigestKey InboxStore::digestKey() const
{
    constexpr QByteArrayView purpose = "org.restante.inbox/digest";
    matrix::DigestKey key{};
    crypto_generichash(key.data(), key.size(), reinterpret_cast<const unsigned char *>(purpose.data()),
                       static_cast<unsigned long long>(purpose.size()),
                       reinterpret_cast<const unsigned char *>(m_secret.constData()), size_t(m_secret.size()));
    return key;
}

Result<InboxStore::Kept> InboxStore::add(const matrix::ServerName &relay, const std::vector<Collected> &batch,
                                         const InboxLimits &limits)
{
    auto kept = mended<Kept>([&] { return d->addAround(relay, batch, limits, Private::Unreadable::Fails); });
    if (kept || m_notRenewed.isEmpty() || !d)
        return kept;
    auto forced = d->addAround(relay, batch, limits, Private::Unreadable::IsUnknown);
    return isCorrupt(forced) ? kept : forced;
}

Result<qint64> InboxStore::merge()
{
    return mended<qint64>([this] { return d->mergeAround(); });
}

Result<InboxTotals> InboxStore::totals()
{
    return mended<InboxTotals>([this] { return d->totals(); });
}

Result<InboxPage> InboxStore::page(qint64 after, int limit)
{
    return mended<InboxPage>([&] { return d->page(after, limit); });
}

Result<InboxEntry> InboxStore::entry(qint64 id)
{
    if (auto opened = d ? Result<void>() : reopen(); !opened)
        return opened.error();
    return d->entry(id);
}

Result<qint64> InboxStore::remove(const QList<qint64> &ids)
{
    auto removed = mended<qint64>([&] { return d->removeAround(ids, Private::Trace::NoSummary); });
    if (removed || m_notRenewed.isEmpty() || !d)
        return removed;
    auto forced = d->removeAround(ids, Private::Trace::Unremembered);
    return isCorrupt(forced) ? removed : forced;
}

Result<void> InboxStore::prune(const InboxLimits &limits)
{
    return mended<void>([&] { return d->prune(limits); });
}

Result<bool> InboxStore::summariseMore()
{
    return mended<bool>([this] { return d->summaries.addMissing(); });
}

bool InboxStore::takeProven()
{
    return d && std::exchange(d->proven, false);
}

Result<std::vector<DeliveryRow>> InboxStore::deliveries()
{
    return mended<std::vector<DeliveryRow>>([this] { return d->deliveries.all(); });
}

Result<void> InboxStore::setDelivery(const DeliveryRow &row)
{
    return mended<void>([&] { return d->deliveries.set(row); });
}

Result<void> InboxStore::dropDelivery(qint64 id)
{
    return mended<void>([&] { return d->deliveries.drop(id); });
}

Result<void> InboxStore::keepTaken(const DeliveredMail &mail)
{
    return mended<void>([&] { return d->deliveries.taken(mail, m_clock.wallMs()); });
}

Result<void> InboxStore::turn(const std::vector<DeliveredMail> &taken, const std::vector<DeliveryRow> &sending)
{
    if (auto opened = d ? Result<void>() : reopen(); !opened)
        return opened;
    return d->deliveries.turn(taken, sending, m_clock.wallMs(), [this](qint64 id) {
        const auto removed = d->removeOne(id);
        return removed ? Result<void>() : removed.error();
    });
}

Result<std::optional<qint64>> InboxStore::sentMs(const matrix::ServerName &origin, const QByteArray &txnId)
{
    return mended<std::optional<qint64>>([&] { return d->deliveries.sentMs(origin, txnId, m_clock.wallMs()); });
}

Result<void> InboxStore::noteSent(const matrix::ServerName &origin, const QByteArray &txnId)
{
    return mended<void>([&] { return d->deliveries.noteSent(origin, txnId, m_clock.wallMs()); });
}

Result<std::vector<DeliveredEvent>> InboxStore::deliveredById(const QByteArray &eventId)
{
    return mended<std::vector<DeliveredEvent>>([&] { return d->deliveries.eventsById(eventId); });
}

Result<std::vector<DeliveredEvent>> InboxStore::deliveredOfRoom(const QString &room, qint64 leastDepth, int limit)
{
    return mended<std::vector<DeliveredEvent>>([&] { return d->deliveries.eventsOfRoom(room, leastDepth, limit); });
}

Result<std::vector<DestinationMemory>> InboxStore::destinations()
{
    return mended<std::vector<DestinationMemory>>([this] { return d->records.all(); });
}

Result<void> InboxStore::remember(const std::vector<DestinationMemory> &memories)
{
    return mended<void>([&] { return d->records.set(memories); });
}

} // namespace restante::node
