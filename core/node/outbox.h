// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "federation/caller.h"
#include "node/associationboard.h"
#include "node/destinationbook.h"
#include "telemetry/counters.h"

#include <functional>
#include <memory>
#include <set>

namespace restante::node
{

/// Sends a homeserver's transactions (DESIGN 7, "Outbox"): directly; where the destination counts as offline and that
/// one try fails, to all its relays at once. Keeps no transaction, so it can lose none: what went nowhere is the
/// homeserver's to send again. One a thread; constructed, used and destroyed in it.
class Outbox
{
public:
    static constexpr int DirectMs = 15'000;
    static constexpr int RelayMs = 20'000;
    static constexpr qint64 BytesPerSecond = qint64(64) * 1024; ///< either deadline grows with the size

    struct Transaction {
        matrix::ServerName destination;
        QByteArray txnId;
        QByteArray body;
        QByteArray target;               ///< of the direct request, as the homeserver wrote it; empty: the ordinary one
        QList<QByteArray> authorization; ///< the homeserver's own X-Matrix headers; empty: we sign
        bool mayRelay =
            true; ///< false where it is signed by another server than we are: a relay would take it for ours
    };
    using Done = std::function<void(SendReport)>;

    /// All references outlive the outbox.
    Outbox(federation::Caller &caller, DestinationBook &book, const AssociationBoard &associations,
           telemetry::NodeCounters &counters);
    ~Outbox();
    Q_DISABLE_COPY_MOVE(Outbox)

    /// `done` comes once, later, in this thread, and not after the outbox is gone: with the direct answer, or when the
    /// first relay took it (the others are still served), or when nobody did.
    void send(Transaction transaction, Done done);

private:
    struct Try;

    void onDirect(const std::shared_ptr<Try> &attempt, const Result<federation::Response> &response);
    void toRelays(const std::shared_ptr<Try> &attempt);
    void onRelay(const std::shared_ptr<Try> &attempt, const Association &relay,
                 const Result<federation::Response> &response);
    void answer(Try &attempt);
    void call(federation::Request request, std::function<void(const Result<federation::Response> &)> done);

    federation::Caller &m_caller;
    DestinationBook &m_book;
    const AssociationBoard &m_associations;
    telemetry::NodeCounters &m_counters;
    std::set<federation::Caller::Id> m_pending;
};

} // namespace restante::node
