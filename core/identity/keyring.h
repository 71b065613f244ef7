// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "identity/fetchfailures.h"
#include "identity/keyfetcher.h"
#include "identity/keystore.h"
#include "identity/refusedkeys.h"
#include "identity/selfcertifiednames.h"

#include <QtCore/QHash>
#include <QtCore/QSet>

#include <functional>
#include <limits>
#include <mutex>
#include <vector>

namespace restante::identity
{

/// The keys of other servers (core/README 8), asked in this order: the name itself (self-certifying), pinned keys, what
/// was fetched and still counts; the fetcher of the thread that asks comes last. Thread-safe: one mutex around the
/// cache, held for a hash lookup at a time (for a list of all, while they are copied), never while something is
/// computed, stored, fetched or called. Bounded memory. Clock and store must outlive it; the store may be null.
class KeyRing
{
public:
    enum class Standing {
        Usable,
        Unknown, ///< asking the server may help
        Expired, ///< asking the server may help
        Refused, ///< a small-order or otherwise invalid name, or a banned key: nothing helps
    };
    /// How worthwhile it is to ask a server for its keys again and again.
    enum class Favour {
        None,
        Proven, ///< it has signed a good request before
        Named,  ///< the operator named it: it is served here, or listed as a sender
    };
    /// What an operator sees of the ring.
    struct Listing {
        struct Key {
            StoredKey key;       ///< without its document; `validUntilMs` is the effective end
            bool usable = false; ///< a request may be verified with it now
        };
        std::vector<Key> keys;            ///< by server and key id
        std::vector<RefusedKey> refused;  ///< by server
        std::vector<FetchFailure> failed; ///< by server; those whose keys could not be fetched the last time
        qsizetype left = 0;               ///< keys that were too many for the list
    };
    struct Lookup {
        Standing standing = Standing::Unknown;
        PublicKey key{};    ///< meaningful for Usable
        bool stale = false; ///< Usable, but more than half of its time is over: worth a `refresh`
        /// Expired, but the last one that a served server had: a request signed with it still comes from that server.
        bool lastOfOwner = false;
        bool proven = true; ///< false: `prove` is due once a request is verified with it
    };

    /// The most keys of ordinary names that are kept in memory; those of the lowest rank go first, and of them the ones
    /// fetched longest ago.
    static constexpr int MostKeys = 16'384;
    static constexpr int MostKeysOfOneServer = 2 * 64;
    static constexpr int MostKeysOfAStranger = 4; ///< until it has signed a good request
    /// A stale or doubted key is asked for again at most once in this time.
    static constexpr qint64 RefreshMs = qint64(10) * 60 * 1000;
    /// One that was seen no longer ago than this is not doubted: its server was asked just now.
    static constexpr qint64 DoubtAgeMs = qint64(60) * 1000;

    KeyRing(const base::Clock &clock, KeyStore *store);
    Q_DISABLE_COPY_MOVE(KeyRing)

    /// Takes over what the store holds; once, before the listeners open; blocks. Passes on the store's error, with an
    /// empty ring that works.
    Result<void> load();

    /// The key that a request of `server` with `keyId` is to be verified with now. `keyId` begins with `ed25519:`.
    Lookup find(const matrix::ServerName &server, const QByteArray &keyId);
    /// All keys of an ordinary name that requests may be verified with now.
    std::vector<StoredKey> usableKeys(const matrix::ServerName &server);
    /// Asks the calling thread's fetcher, keeps what it brings, then calls `done` in this thread; look with `find`
    /// again then. Errors as KeyFetcher::fetch. The ring outlives the fetcher.
    void fetch(KeyFetcher &fetcher, const matrix::ServerName &server, const QByteArray &keyId,
               const QByteArray &addressKey, std::function<void(Result<void>)> done);
    /// A request was verified with a stale key: fetches the server's keys again in the background, unless that was done
    /// lately. Charged to nobody, since the signature was good.
    void refresh(KeyFetcher &fetcher, const matrix::ServerName &server, const QByteArray &keyId);

    /// A request was verified with a key of `server` that Lookup::proven denied: its keys are worth more from now on.
    void prove(const matrix::ServerName &server);
    /// The servers that this relay serves, whose keys are not given up for those of others, and those that the operator
    /// named as their senders.
    void setOwners(QList<matrix::ServerName> owners, QSet<matrix::ServerName> senders = {});
    /// How much the keys of `server` are wanted. Anybody can claim to be one of them.
    Favour favour(const matrix::ServerName &server) const;

    /// A signature of `server` does not fit the key that is held: has the server asked whether it has another one by
    /// now, in the background, so that the operator gets to see it; unless that was done lately. Charged to the address
    /// of its sender.
    void doubt(KeyFetcher &fetcher, const matrix::ServerName &server, const QByteArray &keyId,
               const QByteArray &addressKey);

    /// Keeps keys that passed `checkKeyDocument`. First seen wins: a key id that comes with another key than the one
    /// held is left as it is until the held one's effective end, logged and listed (MSC4499). Pinned ones never change.
    void remember(std::vector<StoredKey> keys);
    /// The keys of `server` could not be fetched, for the reason given (KeyFetcher's error); for `list`.
    void noteFailure(const matrix::ServerName &server, const QString &reason);
    /// The operator trusts this key; it does not expire. Replaces what was held under this key id: the value tells
    /// whether that was another key. Errc::InvalidParam for a name that is a key itself and for a key that cannot be
    /// used, Errc::Refused for a banned one.
    Result<bool> pin(const matrix::ServerName &server, const QByteArray &keyId, const PublicKey &key);
    /// Forgets the key with this id, or all keys of the server if it is empty; pinned ones too. The value is how
    /// many were held. Errc::InvalidParam for a name that is a key itself.
    Result<qint64> forget(const matrix::ServerName &server, const QByteArray &keyId);
    /// Everything that is held of one server, or of all if `server` is null: at most `most` keys, pinned ones before
    /// others and those seen last before earlier ones. And what was refused, and could not be fetched, since the start.
    Listing list(const matrix::ServerName &server, qsizetype most) const;
    /// From now on no request verifies with this key, whatever server claims it. Keys known to be public already are
    /// banned from the start.
    void ban(const PublicKey &key);

private:
    struct Held {
        QByteArray keyId;
        PublicKey key{};
        qint64 effectiveUntilMs = 0;
        qint64 fetchedMs = 0;
        bool pinned = false;
        bool old = false;
        KeyRank rank = KeyRank::Unproven;
        qint64 refreshedMs = std::numeric_limits<qint64>::min() / 2; ///< steady; when `refresh` last asked
        qint64 doubtedMs = std::numeric_limits<qint64>::min() / 2; ///< the same for `doubt`, which strangers can cause
    };
    using Keys = std::vector<Held>;

    Held *heldKey(const matrix::ServerName &server, const QByteArray &keyId);
    Lookup judge(const Held &held, qint64 nowMs) const;
    bool isLastOfOwner(const matrix::ServerName &server, const Held &held) const;
    bool isBanned(const PublicKey &key) const;
    static StoredKey toStored(const matrix::ServerName &server, const Held &held);
    bool isDue(const matrix::ServerName &server, const QByteArray &keyId, qint64 Held::*lastMs, qint64 leastAgeMs);
    bool hasRoomFor(const StoredKey &key);
    bool admit(const StoredKey &key, qint64 nowMs);
    KeyRank rankOf(const matrix::ServerName &server) const;
    void place(const matrix::ServerName &server, Held held);
    void makeRoom();

    const base::Clock &m_clock;
    KeyStore *m_store;

    std::mutex m_changing; ///< taken before the other, until the store was told: it hears of changes in their order
    mutable std::mutex m_mutex; ///< guards all below
    QHash<matrix::ServerName, Keys> m_keys;
    int m_count = 0;
    QSet<matrix::ServerName> m_owners;
    QSet<matrix::ServerName> m_senders; ///< named by the operator
    bool m_ownersTold = false;          ///< the store may still have those of an earlier run
    RefusedKeys m_refused;
    FetchFailures m_failures;
    QSet<QByteArray> m_banned;

    SelfCertifiedNames m_names; ///< has a mutex of its own
};

} // namespace restante::identity
