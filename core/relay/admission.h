// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay/policy.h"

namespace restante::relay
{

/// Step 6 of the order of checks: what read-only policy says of the names that a request claims, before its body is
/// read or a key is looked up. Any thread; changes nothing.
class Admission
{
public:
    explicit Admission(const PolicyBoard &board)
        : m_board(board)
    {
    }

    /// May `origin` leave mail for `destination`? RelayingOff, Paused, OriginBlocked, NotServed, in this order.
    Result<void> mayLeave(const matrix::ServerName &origin, const matrix::ServerName &destination) const;
    /// May mail of `origin` be passed on to `destination` at its front door, without being held? As `mayLeave`, pausing
    /// aside.
    Result<void> mayPass(const matrix::ServerName &origin, const matrix::ServerName &destination) const;
    /// May `caller` collect the mail of `owner`? RelayingOff, OriginBlocked, NotOwner, in this order. Pausing and no
    /// longer serving the owner are not reasons to refuse: what is held belongs to its owner.
    Result<void> mayCollect(const matrix::ServerName &caller, const matrix::ServerName &owner) const;

    /// May `caller` ask about its own mailbox, or whether it could leave mail for another? RelayingOff, OriginBlocked.
    /// More is told only if the signature was verified.
    Result<void> mayAsk(const matrix::ServerName &caller) const;
    /// May `origin` ask what became of its mail that is sent from here? RelayingOff, OriginBlocked, NotServed.
    Result<void> mayAskAfter(const matrix::ServerName &origin) const;
    /// May `owner` say that requests at its front door are to be passed on to it? RelayingOff, OriginBlocked,
    /// NotServed.
    Result<void> mayOpen(const matrix::ServerName &owner) const;
    /// Whether mail for `owner` is taken in, from anybody; pausing aside.
    bool holdsFor(const matrix::ServerName &owner) const;
    /// The server whose front door a request with this Host header came to; null: no one's.
    matrix::ServerName frontedAt(const QByteArray &host) const;
    /// Whether mail of `origin` for `destination` is taken in for no other reason than to be sent from here.
    bool onlySends(const matrix::ServerName &origin, const matrix::ServerName &destination) const
    {
        return !holdsFor(destination) && m_board.current()->sends(origin, destination);
    }
    bool fronts(const matrix::ServerName &server) const { return m_board.current()->fronts(server); }
    bool isOn() const { return m_board.current()->enabled; }
    bool isPaused() const { return m_board.current()->paused; }
    bool serves(const matrix::ServerName &owner) const { return m_board.current()->served.contains(owner); }
    /// Whether the operator listed `origin` among those that `owner` knows.
    bool knows(const matrix::ServerName &owner, const matrix::ServerName &origin) const;
    /// Whether requests for mail must say when they were made.
    bool requiresStamps() const { return m_board.current()->requireFresh; }

    /// What a peer is told to wait while taking in is paused.
    static constexpr qint64 PausedRetryMs = 300'000;
    /// Errc::Paused, as a peer is told.
    static Error pausedNow();

private:
    const PolicyBoard &m_board;
};

} // namespace restante::relay
