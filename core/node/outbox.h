// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "federation/caller.h"
#include "node/associationboard.h"
#include "node/destinationbook.h"
#include "telemetry/counters.h"

#include <QtCore/QHash>
#include <QtCore/QObject>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace restante::node
{

/// How long, and how much.
struct OutboxLimits {
    int relayMs = 20'000;                         ///< for the relays, and with 64 KiB/s the size
    qint64 waitingBytes = qint64(32) * 1'048'576; ///< of copies that wait for a relay which is busy with earlier ones
    qsizetype waitingCopies = 2'000;
};

/// Sends a homeserver's transactions (core/README 3.4): directly; if the destination counts as offline and that
/// one try fails, to all its relays at once; if it has none, or none takes it, to our own, which send it by themselves
/// later. Typing and presence alone are not left anywhere. Keeps no transaction, so it can lose none: what went nowhere
/// is the homeserver's to send again. A relay gets the transactions for one destination one after another, in the order
/// they were sent, so that the next one does not overtake: what comes while it is still busy waits, up to a bound, and
/// keeps neither the other relays nor the answer waiting. One a thread, with an event loop; constructed, used and
/// destroyed in it.
class Outbox
{
public:
    static constexpr int DirectMs = 15'000;
    static constexpr qint64 BytesPerSecond = qint64(64) * 1024; ///< either deadline grows with the size

    struct Transaction {
        matrix::ServerName destination;
        QByteArray txnId;
        QByteArray body;
        QByteArray target;               ///< of the direct request, as the homeserver wrote it; empty: the ordinary one
        QList<QByteArray> authorization; ///< the homeserver's own X-Matrix headers; empty: we sign
        bool mayRelay = true; ///< false if it is signed by another server than we are: a relay would take it for ours
    };
    using Done = std::function<void(SendReport)>;

    /// All references outlive the outbox.
    Outbox(federation::Caller &caller, DestinationBook &book, const AssociationBoard &associations,
           telemetry::NodeCounters &counters, const OutboxLimits &limits = {});
    ~Outbox();
    Q_DISABLE_COPY_MOVE(Outbox)

    /// `done` comes once, later, in this thread, and not after the outbox is gone: with the direct answer, or when the
    /// first relay took it (the others are still served), or when nobody did, or none in time. If more waits for a
    /// slow relay than the limits allow, the oldest copies that another relay has taken are dropped, and counted.
    void send(Transaction transaction, Done done);

private:
    struct Try;
    struct Copy;
    struct Chain;
    using ChainKey = std::pair<matrix::ServerName, matrix::ServerName>; ///< relay, destination
    using Chains = std::map<ChainKey, Chain>;

    void onDirect(const std::shared_ptr<Try> &attempt, const Result<federation::Response> &response);
    bool isOffline(const matrix::ServerName &destination, const Result<federation::Response> &response,
                   const QString &detail);
    void toRelays(const std::shared_ptr<Try> &attempt);
    void toOwnRelays(const std::shared_ptr<Try> &attempt);
    void leave(const std::shared_ptr<Try> &attempt, const QList<Association> &relays);
    void drop(Try &attempt);
    void toRelay(const std::shared_ptr<Try> &attempt, const Association &relay);
    void goOn(const ChainKey &key);
    Copy take(Chain &chain, size_t at);
    void makeRoom();
    Copy dropOne();
    void onLate(const std::shared_ptr<Try> &attempt);
    void onRelay(const std::shared_ptr<Try> &attempt, const Association &relay,
                 const Result<federation::Response> &response);
    void noteRefusal(Try &attempt, const Association &relay, const Error &error);
    bool isNews(const Try &attempt, const Association &relay, const Error &error);
    void answer(Try &attempt);
    void call(federation::Request request, std::function<void(const Result<federation::Response> &)> done);

    federation::Caller &m_caller;
    DestinationBook &m_book;
    const AssociationBoard &m_associations;
    telemetry::NodeCounters &m_counters;
    const OutboxLimits m_limits;
    std::set<federation::Caller::Id> m_pending;
    QHash<matrix::ServerName, QString> m_ownRefusals; ///< what our own relays answered last, if they took nothing
    Chains m_chains;                                  ///< those with one on its way
    qint64 m_waitingBytes = 0;
    qsizetype m_waitingCopies = 0;
    quint64 m_copies = 0; ///< that ever waited
    QObject m_context;    ///< of timers: they end with it
};

} // namespace restante::node
