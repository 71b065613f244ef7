// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "queue/types.h"

#include <atomic>
#include <mutex>

namespace restante::queue
{

/// Why there is no room for an entry, as far as a mailbox as a whole is concerned.
enum class FullPart {
    None,     ///< there is room
    Sender,   ///< only what this one sender may leave
    Address,  ///< only what may be left from this one client's address
    Mailbox,  ///< the whole mailbox
    OpenHalf, ///< the half of it for senders that its owner does not know
    Relay,    ///< all that this relay may hold
};

/// Which mailboxes are filling up, and for which ones mail is being refused: what was observed, not what is to be
/// expected. The writer's thread tells, any thread reads; one small mutex. Only served destinations are listed; what an
/// open relay refuses for others is the relay's own limit, under a null name. Bounded by the served ones.
class MailboxBoard
{
public:
    /// A destination that is at least so full is listed.
    static constexpr int WarnPercent = 80;

    /// Mail of `origin` for `destination` was refused at `nowMs` (wall clock) because `part` is full.
    void refused(const matrix::ServerName &destination, bool served, const matrix::ServerName &origin, FullPart part,
                 const QString &reason, qint64 nowMs);
    /// Whether anything is being refused: else the next two calls are nothing, and need not be made.
    bool isRefusing() const { return m_refusing.load(std::memory_order_relaxed); }
    /// An entry of `origin` for `destination` was taken in; `known`: the owner knows that sender.
    void accepted(const matrix::ServerName &destination, bool served, const matrix::ServerName &origin, bool known);
    /// An entry of `origin` for `destination` is gone: there is room again.
    void left(const matrix::ServerName &destination, bool served, const matrix::ServerName &origin);
    /// `destination`, which is served, is `percent` full now.
    void setFill(const matrix::ServerName &destination, int percent);
    /// Other destinations are served: forgets the fills, and the refusals of those that are not. `quotasToo`: there may
    /// be room now, so that all refusals are observed anew.
    void restart(const QHash<matrix::ServerName, ServedDestination> &served, bool quotasToo);

    QList<MailRefusal> refusals() const;
    /// By destination, at most one each.
    QList<SenderRefusal> senderRefusals() const;
    QList<MailboxFill> fills() const;
    /// Whether one of these lists has changed since this was asked the last time.
    bool takeChanged() { return m_changed.exchange(false, std::memory_order_relaxed); }

private:
    struct Refusal {
        MailRefusal told;
        FullPart part = FullPart::None;
    };
    void refusedOne(const matrix::ServerName &destination, const matrix::ServerName &origin, FullPart part,
                    const QString &reason, qint64 nowMs);
    void noteEnded(bool any);

    mutable std::mutex m_mutex;
    QHash<matrix::ServerName, Refusal> m_refusals; ///< null name: destinations that are not served
    QHash<matrix::ServerName, SenderRefusal> m_senders;
    QHash<matrix::ServerName, int> m_fills;
    std::atomic<bool> m_refusing{false}; ///< spares the others the mutex
    std::atomic<bool> m_changed{false};
};

} // namespace restante::queue
