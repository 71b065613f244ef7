// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "matrix/entryid.h"
#include "matrix/servername.h"

#include <QtCore/QByteArray>
#include <QtCore/QHash>
#include <QtCore/QSet>
#include <QtCore/QString>

#include <functional>
#include <optional>
#include <vector>

namespace restante::queue
{

class Client;
class Writer;

/// A held entry that this relay sends by itself, for a server that it works for.
struct Dispatch {
    enum class State {
        Sending = 1,      ///< it may have arrived
        Taken = 2,        ///< the destination took it; its transaction id is used up there
        Parked = 3,       ///< it is not sent any more
        ParkedUnsure = 4, ///< the same, and it may have arrived
    };
    bool isParked() const { return state == State::Parked || state == State::ParkedUnsure; }

    matrix::ServerName destination;
    matrix::EntryId id;
    matrix::ServerName origin;
    QByteArray txnId; ///< that it is sent under
    State state = State::Sending;
    qint64 sinceMs = 0;  ///< wall clock; of what may have arrived, since then
    QString reason = {}; ///< why it is parked: English
};

/// How it stands with what this relay sends by itself to one destination.
struct Sending {
    enum class State {
        Going,   ///< just now
        Away,    ///< the destination is not there; it is tried again at `nextMs`
        Waiting, ///< it does not take mail of some origins just now; they are tried again at `nextMs`
        Parked,  ///< nothing but parked mail is left
    };
    matrix::ServerName destination;
    State state = State::Going;
    qint64 nextMs = 0;   ///< wall clock; 0 = no such time
    qint64 parked = 0;   ///< transactions
    QString reason = {}; ///< English; may be empty
};

/// Mail that expired before its destination took it, or that the operator threw away.
struct GivenUp {
    matrix::ServerName destination;
    qint64 entries = 0;
    qint64 lastMs = 0;    ///< wall clock
    qint64 discarded = 0; ///< of the entries, by the operator

    friend bool operator==(const GivenUp &, const GivenUp &) = default;
};

/// How it stands with what this relay sends by itself, in the queue's database. Those that answer at once open a
/// connection of their own and block; the others travel to the writer's thread. Any thread. The Writer outlives it.
class DispatchRecords
{
public:
    /// Mail that went to a homeserver under a transaction id is answered from memory for a day; an hour for clocks.
    static constexpr qint64 KnownMs = qint64(25) * 3'600'000;
    /// How long an origin is told what was given up.
    static constexpr qint64 ToldMs = qint64(90) * 24 * 3'600'000;
    static constexpr int MostTold = 10'000; ///< destinations

    explicit DispatchRecords(const Writer &writer)
        : m_writer(writer)
    {
    }

    /// The destinations for which mail of these origins may be held: all for which some is, and perhaps a few others.
    /// Errors: Busy, StorageFailed, Corrupt.
    Result<std::vector<matrix::ServerName>> destinations(const QSet<matrix::ServerName> &origins) const;

    /// Which entries of `destination` are parked, of those after `after` and up to `last`, and why. Errors as
    /// `destinations`.
    Result<QHash<qint64, QString>> parked(const matrix::ServerName &destination, matrix::EntryId after,
                                          matrix::EntryId last) const;

    /// What is known of an entry and of its transaction id.
    struct Standing {
        std::optional<Dispatch::State> state;
        qint64 sinceMs = 0;
        std::optional<qint64> othersMs; ///< other mail went out under its transaction id then, or may have
    };
    /// `dispatch`: as far as its state. Errors as `destinations`.
    Result<Standing> standing(const Dispatch &dispatch) const;

    using Done = std::function<void(Result<void>)>;
    /// `done` is called in the thread of `client`, later: with a value when it survives a crash of the program, and for
    /// State::Sending a power cut, too. Errors: StorageFailed, Busy.
    static void put(Client &client, const Dispatch &dispatch, Done done);
    /// It did not arrive, for certain.
    static void drop(Client &client, const matrix::ServerName &destination, matrix::EntryId id, Done done);
    /// What is parked for `destination` is parked no more; null: for all. `done` as in `put`.
    static void takeUp(Client &client, const matrix::ServerName &destination, Done done);
    /// Forgets what nobody asks for any more: `expiryMs` is how long entries are held. What was written down by a clock
    /// that ran ahead counts from now on. Nothing happens with a time that no clock can show (ClockWatch::isPlausible).
    static void forgetOld(Client &client, qint64 nowMs, qint64 expiryMs, Done done);

    using Told = std::function<void(Result<std::vector<GivenUp>>)>;
    /// What of `origin` was given up, by destination, the latest first and at most MostTold. `done` as in `put`.
    static void tellGivenUp(Client &client, const matrix::ServerName &origin, Told done);

private:
    const Writer &m_writer;
};

} // namespace restante::queue
