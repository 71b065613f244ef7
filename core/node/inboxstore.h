// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "base/database.h"
#include "node/delivery.h"
#include "node/destinationrecords.h"
#include "node/types.h"

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include <functional>
#include <memory>
#include <optional>

namespace restante::node
{

/// One transaction as a relay handed it over.
struct Collected {
    matrix::ServerName origin;
    QByteArray txnId; ///< empty if the relay did not say
    qint64 originServerTs = 0;
    QByteArray pdus; ///< arrays as they came
    QByteArray edus;
    int pduCount = 0;
    int eduCount = 0;
    matrix::Digest digest{}; ///< contentDigest()

    qint64 bytes() const { return pdus.size() + edus.size() + txnId.size(); }
};

/// What one relay may have in the inbox, and how much of the disk stays free.
struct InboxLimits {
    qint64 relayEntries = 20'000;
    qint64 relayBytes = qint64(512) << 20;
    qint64 diskFloorBytes = qint64(1) << 30;

    friend bool operator==(const InboxLimits &, const InboxLimits &) = default;
};

struct InboxTotals {
    qint64 entries = 0; ///< merged ones
    qint64 bytes = 0;
    qint64 unmerged = 0;
};

/// The node's database: what was collected, and the outbox's memory. Lives in one thread; everything blocks. What is
/// collected is kept once, by origin and content; what was taken out is remembered for 60 days (at most 1,000,000), so
/// that a relay that was away does not bring it again.
///
/// A row that cannot be read stops no other: it is listed as damaged and can be discarded. If its page of the file
/// cannot be changed the row stays there, unseen. If a damaged page must be written and nothing goes around it, at
/// the start or twice while the program runs, the database is written anew (Salvage).
class InboxStore
{
public:
    static constexpr qint64 HandledMs = qint64(60) * 24 * 3'600'000;
    static constexpr qint64 MostHandled = 1'000'000;
    /// A disk that failed for a moment must not cost entries: this long after damage was met first it is believed.
    static constexpr qint64 RenewAfterMs = 20'000;

    /// Opens or creates node.sqlite in `folder`, migrates it. Errc::Io, Corrupt, NewerSchema, StorageFailed.
    static Result<std::unique_ptr<InboxStore>> open(const QString &folder, const base::Clock &clock);
    ~InboxStore();
    Q_DISABLE_COPY_MOVE(InboxStore)

    /// For contentDigest(), the same as long as the database lives. Secret.
    matrix::DigestKey digestKey() const;

    /// What became of a batch.
    struct Kept {
        qsizetype taken = 0;      ///< of the batch, from its start: in the inbox, or known already; may be acknowledged
        qint64 fresh = 0;         ///< of these, new
        qint64 disputed = 0;      ///< of these, in the inbox with another time
        std::optional<Error> end; ///< QuotaExceeded if the next one had no room
    };
    /// Keeps what one relay brought; durable when it returns. An error means that nothing of it was kept. What is there
    /// already without a time, and not yet merged, takes time and transaction id of the copy that has one; if both
    /// have one, the earlier.
    Result<Kept> add(const matrix::ServerName &relay, const std::vector<Collected> &batch, const InboxLimits &limits);
    /// A sweep has asked all relays: what it brought takes its place in the order. The value is how many did. What
    /// cannot be read has no place, and is listed first.
    Result<qint64> merge();

    Result<InboxTotals> totals();
    /// Reads no body. At most `limit` merged rows (0: only the figures) in the order of signed time, after the one with
    /// id `after` (0: from the start; one that is gone counts with its old place for as long as it is remembered).
    Result<InboxPage> page(qint64 after, int limit);
    /// Gives some of the entries that an older program collected the summary that `page` shows; until then they show no
    /// events. False if there are no more.
    Result<bool> summariseMore();
    /// Errc::NotHeld; Corrupt with words for one that cannot be read, or of which what is kept is not JSON.
    Result<InboxEntry> entry(qint64 id);
    /// Takes merged ones out for good; empty `ids`: all. The value is how many were there.
    Result<qint64> remove(const QList<qint64> &ids);
    /// Forgets what was handled long ago, and gives some of the file's spare space back to the disk.
    Result<void> prune(const InboxLimits &limits);

    /// Whether an entry that had no usable proof of its sender took over one since this was asked last.
    bool takeProven();
    /// What DeliveryRecords has, and as it does it.
    Result<std::vector<DeliveryRow>> deliveries();
    Result<void> setDelivery(const DeliveryRow &row);
    Result<void> dropDelivery(qint64 id);
    Result<void> keepTaken(const DeliveredMail &mail);
    /// As keepTaken, remove and dropDelivery for each of `taken` and setDelivery for each of `sending`, all with one
    /// commit. Goes around no damage: after an error nothing has changed, and each is to be done by itself.
    Result<void> turn(const std::vector<DeliveredMail> &taken, const std::vector<DeliveryRow> &sending);
    Result<std::optional<qint64>> sentMs(const matrix::ServerName &origin, const QByteArray &txnId);
    Result<void> noteSent(const matrix::ServerName &origin, const QByteArray &txnId);
    Result<std::vector<DeliveredEvent>> deliveredById(const QByteArray &eventId);
    Result<std::vector<DeliveredEvent>> deliveredOfRoom(const QString &room, qint64 leastDepth, int limit);

    Result<std::vector<DestinationMemory>> destinations();
    Result<void> remember(const std::vector<DestinationMemory> &memories);

private:
    class Private;
    InboxStore(const QString &folder, const base::Clock &clock);
    Result<void> openFirst();
    Result<void> reopen();
    Result<void> renew();
    Result<void> mend();
    template <typename T>
    Result<T> mended(const std::function<Result<T>()> &change);

    const QString m_folder;
    const base::Clock &m_clock;
    QByteArray m_secret;
    std::optional<qint64> m_damagedSinceMs; ///< steady
    QString m_notRenewed;                   ///< why; logged
    std::unique_ptr<Private> d;             ///< null if it could not be opened again after it was written anew
};

} // namespace restante::node
