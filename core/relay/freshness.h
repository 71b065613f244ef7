// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "queue/freshnames.h"

#include <QtCore/QByteArray>
#include <QtCore/QHash>

#include <functional>
#include <mutex>
#include <optional>
#include <vector>

namespace restante::relay
{

/// When a request for mail was made, and what tells it from all others: our own extension of relay_txn, signed with it.
struct Stamp {
    qint64 ts = 0;    ///< wall clock of the sender
    QByteArray nonce; ///< never the same twice
};

/// Tells copies of requests for mail from the requests: anybody who saw one (a proxy, a wire without TLS) could send it
/// again, be handed what is held and have it deleted. A stamp counts once, within ten minutes of our clock; a name that
/// has used stamps must always, over restarts too. Nonces are remembered until their time is over, each at the expense
/// of the verified name that used it: a name that uses many loses its own oldest ones, and what is older than those is
/// refused. After a restart, or a jump of the clock, requests from before it are refused, and those dated up to the
/// latest that had counted. Any thread; one mutex of its own.
class FreshnessBook
{
public:
    static constexpr qint64 WindowMs = 600'000;
    static constexpr qsizetype MostNonces = 1'024;        ///< of one name
    static constexpr qsizetype MostNoncesInAll = 500'000; ///< beyond, a name has FewNonces
    static constexpr qsizetype FewNonces = 16;
    static constexpr qsizetype MostNames = 20'000; ///< of names that keep no mail here and are not served

    /// What a request is, as far as it counts.
    struct Question {
        const matrix::ServerName &origin; ///< verified
        const std::optional<Stamp> &stamp;
        bool required = false;                ///< from everybody
        bool served = false;                  ///< then the name has a place however many there are
        std::function<bool()> holdsMail = {}; ///< then, too; asked only if there are too many
    };
    /// A fresh request; what is to be remembered over a restart before it is acted on, if something is new.
    using Fresh = std::optional<queue::FreshName>;

    /// `forget` is called for a name that is given up; under the mutex, so that it must only post.
    explicit FreshnessBook(const base::Clock &clock, std::function<void(const matrix::ServerName &)> forget = {});
    Q_DISABLE_COPY_MOVE(FreshnessBook)

    /// What was remembered; once, before the first question.
    void load(const std::vector<queue::FreshName> &names);
    /// Whether the request counts; from then on the stamp does not any more. Errors: NotFresh, with words for the
    /// sender; Busy if too many names are remembered already.
    Result<Fresh> take(const Question &question);
    /// Names that are remembered, and nonces.
    qsizetype names() const;
    qsizetype nonces() const;

private:
    struct Seen {
        qint64 ts;
        size_t nonce; ///< hashed
    };
    struct Name {
        qint64 latestTs = 0; ///< as in queue::FreshName
        qint64 blindTs = -1; ///< stamps up to it may have counted before a restart or a jump of the clock; -1: none did
        qint64 floorTs = -1; ///< stamps up to it may have counted and been forgotten
        qint64 usedMs = 0;   ///< steady clock
        bool served = false;
        std::vector<Seen> seen;
    };
    using Names = QHash<matrix::ServerName, Name>;

    void lookAtClock();
    static bool noteLatest(Name &name, qint64 ts, qint64 wallMs);
    static void blind(Name &name, qint64 wallMs);
    void prune(qint64 steadyMs, qint64 wallMs);
    bool makeRoom(qint64 steadyMs);
    Result<void> checkTime(const Name &name, qint64 ts) const;
    Result<void> remember(Name &name, const Stamp &stamp);
    void dropOldest(Name &name, qsizetype most);

    const base::Clock &m_clock;
    const std::function<void(const matrix::ServerName &)> m_forget;
    const size_t m_seed;
    mutable std::mutex m_mutex; ///< guards what follows
    Names m_names;
    qsizetype m_nonces = 0;
    qint64 m_wallAheadMs = 0; ///< of the wall clock to the steady one, at the last look
    qint64 m_setBackMs = -1;  ///< steady clock; when the wall clock was set back last; -1: never
    qint64 m_prunedMs = 0;    ///< steady clock
};

} // namespace restante::relay
