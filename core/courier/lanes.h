// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/servername.h"

#include <QtCore/QByteArray>
#include <QtCore/QHash>
#include <QtCore/QSet>

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace restante::courier
{

/// An entry of the inbox, as far as its turn depends on it.
struct Waiting {
    qint64 id = 0;
    qint64 ts = 0; ///< signed
    matrix::ServerName origin;
    QByteArray keyId;          ///< of its signature
    std::vector<size_t> makes; ///< hashes of the ids that its PDUs may have
    std::vector<size_t> needs; ///< of those that they name as before them
};

/// Why an entry goes now, or does not.
struct Turn {
    enum class State {
        Unknown, ///< it is not here
        Sending,
        Ready,
        Behind,  ///< earlier mail of its origin goes first
        After,   ///< mail of `other` goes first, since its events come before
        NoKey,   ///< the homeserver cannot verify this origin now; asked again at `untilMs`
        Busy,    ///< the homeserver wants no more of this origin before that
        Failing, ///< the homeserver failed over it, and gets it again then
        Stopped, ///< the homeserver cannot be reached
    };
    State state = State::Unknown;
    qint64 untilMs = 0; ///< steady; 0 = depends on others
    matrix::ServerName other = {};
};

/// Which entry goes to the homeserver next: a state machine without I/O, a value that lives in one thread. Times are
/// steady milliseconds.
///
/// Each key of each origin has a lane, in the order of signed time: a key that the homeserver does not know holds up
/// the mail that it signed, and that alone. Of an origin one entry at a time is on its way, because homeservers refuse
/// two at once. Across lanes, what makes an event goes before what names it as earlier. That order is a help and no
/// condition: a lane in which nothing moves is not waited for, and of lanes that wait for each other in a circle the
/// earliest entry goes.
class Lanes
{
public:
    static constexpr int AtOnce = 4;
    static constexpr int MostOfOrigin = 1'000;
    static constexpr int MostInAll = 20'000;
    static constexpr qsizetype MostIds = 500'000; ///< of events that it remembers
    static constexpr int FaultsToPark = 5;

    enum class After {
        Again, ///< it stays, and comes again later
        Probe, ///< the homeserver is to be asked how it is; then `probed`
        Park,  ///< the homeserver is well, so it is this entry; it is to be set aside with `refused`
    };

    bool hasRoom(const matrix::ServerName &origin) const;
    bool holds(qint64 id) const { return m_places.contains(id); }
    qsizetype size() const { return m_places.size(); }
    /// New mail also has a lane that waits for a key tried again.
    void add(Waiting waiting);
    /// It is gone, or set aside; nothing happens for one that is not here.
    void remove(qint64 id);

    /// The entry to send now, which is on its way until one of the calls below. Nothing if none may go.
    std::optional<qint64> next(qint64 nowMs);
    /// The homeserver took it: it leaves.
    void taken(qint64 id);
    /// The homeserver answered that it will never take it: it leaves.
    void refused(qint64 id);
    /// 401: the lane waits, a minute at first, then up to an hour.
    void keyMissing(qint64 id, qint64 nowMs);
    /// 429: the lane waits as long as it was told; `afterMs` 0 if it was not.
    void busy(qint64 id, qint64 nowMs, qint64 afterMs);
    /// The homeserver failed over this one (5xx, or no answer).
    After failed(qint64 id, qint64 nowMs);
    /// How the homeserver is. After::Park if it is well; else everything stops for a while.
    After probed(qint64 id, bool isWell, qint64 nowMs);
    /// Nothing can be sent at all: everything stops, a second at first, then up to five minutes.
    void stopped(qint64 id, qint64 nowMs);

    /// Ends what `stopped` began, at once.
    void wake();
    /// Ends the pauses of an origin.
    void wakeOrigin(const matrix::ServerName &origin);
    /// Ends the pause of the lane that this one is in; false if there is none.
    bool wakeOf(qint64 id);
    /// Ends all pauses; the value is how many there were.
    qint64 wakeAll();
    /// When time alone lets something go; nothing if only an answer or new mail does.
    std::optional<qint64> nextMs() const;
    Turn turn(qint64 id, qint64 nowMs) const;
    qsizetype onTheWay() const { return m_sending.size(); }
    /// Origins and the keys that they wait for.
    std::vector<std::pair<matrix::ServerName, QByteArray>> withoutKey() const;

private:
    struct Place {
        qint64 ts = 0;
        qint64 id = 0;
        friend auto operator<=>(const Place &, const Place &) = default;
    };
    struct Item {
        std::vector<size_t> makes;
        std::vector<size_t> needs;
        int faults = 0;
        quint64 goodBefore = 0; ///< m_good at the first fault
    };
    struct Lane {
        std::map<Place, Item> items;
        std::optional<Place> sending;
        Turn::State pause = Turn::State::Ready; ///< NoKey, Busy or Failing while it pauses
        qint64 untilMs = 0;
        int pauses = 0; ///< in a row
    };
    using Name = std::pair<matrix::ServerName, QByteArray>; ///< origin and key id
    using Known = std::map<Name, Lane>;
    struct Spot {
        Name lane;
        qint64 ts = 0;
    };

    static bool isPaused(const Lane &lane) { return lane.pause != Turn::State::Ready; }
    static bool moves(const Lane &lane);
    void list(Known::iterator lane);
    void unlist(Known::iterator lane);
    void resume(qint64 nowMs);
    void pause(Known::iterator lane, Turn::State why, qint64 untilMs);
    void wakeLane(const Name &name);
    std::vector<Name> waitsFor(const Name &name, const Lane &lane) const;
    bool isInCircle(const Name &name) const;
    std::optional<qint64> take(Place place);
    Item &itemOf(qint64 id);
    Known::iterator land(qint64 id, bool answered);
    void leave(qint64 id, bool answered);

    Known m_lanes;
    QHash<qint64, Spot> m_places; ///< by id
    QHash<matrix::ServerName, int> m_ofOrigin;
    QSet<matrix::ServerName> m_sending;
    std::unordered_multimap<size_t, qint64> m_makers; ///< ids of entries by hash of an event
    std::map<Place, Name> m_heads;                    ///< of lanes that neither pause nor have one on its way
    std::set<std::pair<qint64, Name>> m_paused;
    int m_stops = 0; ///< in a row
    qint64 m_stoppedUntilMs = 0;
    quint64 m_good = 0; ///< how many were taken
};

} // namespace restante::courier
