// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "matrix/servername.h"

#include <QtCore/QByteArray>
#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QSet>

#include <mutex>
#include <optional>

namespace restante::relay
{

/// What an operator sees of a front door.
struct DoorState {
    matrix::ServerName server;
    bool passes = false;         ///< mail goes on at once; else it is held until it is collected
    matrix::ServerName upstream; ///< where it goes on to; null while it is held
    qint64 sinceMs = 0;          ///< wall clock; since when that is so, or since the start of the program

    friend bool operator==(const DoorState &, const DoorState &) = default;
};

/// For each server that this relay fronts: whether its mail is held, or passed on because its owner is at home. Holding
/// is the rule; passing on needs a lease that the owner renews (PROTOCOL 6.5). Any thread; one small mutex.
///
/// Nothing overtakes what is held: a lease is granted only while nothing is on its way to the disk, and ends with the
/// first mail that is held. Whoever grants it asks for `holds`, looks then whether something is held, and grants last.
class DoorBoard
{
public:
    /// A lease is good for at most this time.
    static constexpr qint64 MostLeaseMs = 120'000;

    explicit DoorBoard(const base::Clock &clock)
        : m_clock(clock)
    {
    }
    Q_DISABLE_COPY_MOVE(DoorBoard)

    /// The servers that are fronted; of others nothing is kept. A lease of one that stays goes on.
    void setServers(const QSet<matrix::ServerName> &servers);
    /// How often mail for `server` was stored so far, or was about to be.
    quint64 holds(const matrix::ServerName &server) const;
    /// From now on mail for `server` is passed on to `upstream`, for `ms`. False, and nothing changes, while mail for
    /// it is being stored, if some was since `holds` answered `seen`, and for one that is not fronted.
    bool grant(const matrix::ServerName &server, const matrix::ServerName &upstream, qint64 ms, quint64 seen);
    void revoke(const matrix::ServerName &server);
    /// Where requests for `server` go now; nothing: they are held.
    std::optional<matrix::ServerName> upstream(const matrix::ServerName &server) const;

    /// All doors, by the names of their servers.
    QList<DoorState> list() const;

    /// Mail for `server` is about to be stored: ends its lease. True if it is fronted; then `endHold` is due once it is
    /// stored, or was not.
    bool beginHold(const matrix::ServerName &server);
    void endHold(const matrix::ServerName &server);

    /// The newest key document that `server` brought itself, checked by the caller; good until `untilMs`, wall clock.
    void setDocument(const matrix::ServerName &server, const QByteArray &text, qint64 untilMs);
    /// That document while it is good, else null.
    QByteArray document(const matrix::ServerName &server) const;

private:
    struct Door {
        matrix::ServerName upstream;
        qint64 untilMs = 0;   ///< steady
        qint64 changedMs = 0; ///< steady; when it was opened or shut, unless its time has run out since
        int storing = 0;
        quint64 holds = 0;
        QByteArray document;
        qint64 documentUntilMs = 0; ///< wall clock
    };

    static void shut(Door &door, qint64 nowMs);

    const base::Clock &m_clock;
    mutable std::mutex m_mutex;
    QHash<matrix::ServerName, Door> m_doors; ///< of all that are fronted
};

} // namespace restante::relay
