// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "identity/keyfetcher.h"
#include "identity/keystore.h"
#include "identity/selfcertifiednames.h"

#include <QtCore/QHash>
#include <QtCore/QSet>

#include <functional>
#include <mutex>
#include <vector>

namespace restante::identity
{

/// The keys of other servers (DESIGN 8), asked in this order: the name itself (self-certifying), pinned keys, what was
/// fetched and still counts, the fetcher. Thread-safe: one mutex around the cache, held for a hash lookup at a time,
/// never while something is computed, stored, fetched or called. Bounded memory. Clock, store and fetcher must outlive
/// it; store and fetcher may be null.
class KeyRing
{
public:
    enum class Standing {
        Usable,
        Unknown, ///< asking the server may help
        Expired, ///< asking the server may help
        Refused, ///< a small-order or otherwise invalid name, or a banned key: nothing helps
    };
    struct Lookup {
        Standing standing = Standing::Unknown;
        PublicKey key{}; ///< meaningful for Usable
    };

    /// At most so many keys of ordinary names are kept in memory; the ones fetched longest ago go first.
    static constexpr int MostKeys = 16'384;
    static constexpr int MostKeysOfOneServer = 2 * 64;

    KeyRing(const base::Clock &clock, KeyStore *store, KeyFetcher *fetcher);
    Q_DISABLE_COPY_MOVE(KeyRing)

    /// Takes over what the store holds; once, before the listeners open; blocks. Passes on the store's error, with an
    /// empty ring that works.
    Result<void> load();

    /// The key that a request of `server` with `keyId` is to be verified with now. `keyId` begins with `ed25519:`.
    Lookup find(const matrix::ServerName &server, const QByteArray &keyId);
    /// Whether `fetch` can do anything at all.
    bool canFetch() const { return m_fetcher != nullptr; }
    /// Asks the fetcher, keeps what it brings, then calls `done` in the calling thread; look with `find` again then.
    /// Errors as KeyFetcher::fetch; Errc::BadSignature without a fetcher.
    void fetch(const matrix::ServerName &server, const QByteArray &keyId, const QByteArray &addressKey,
               std::function<void(Result<void>)> done);

    /// Keeps keys that passed `checkKeyDocument`. First seen wins: a key id that comes with another key than the one
    /// held is left as it is until the held one's effective end, and logged (MSC4499). Pinned ones never change.
    void remember(std::vector<StoredKey> keys);
    /// The operator trusts this key; it does not expire. Replaces what was held under this key id.
    void pin(const matrix::ServerName &server, const QByteArray &keyId, const PublicKey &key);
    /// Forgets the pinned keys of `server`; fetched ones stay.
    void unpin(const matrix::ServerName &server);
    /// No request verifies with this key from now on, whoever says it is theirs. Keys known to be public already are
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
    };
    using Keys = std::vector<Held>;

    bool isBanned(const PublicKey &key) const;
    bool admit(const StoredKey &key, qint64 nowMs);
    void place(Keys &keys, Held held);
    void makeRoom();

    const base::Clock &m_clock;
    KeyStore *m_store;
    KeyFetcher *m_fetcher;

    mutable std::mutex m_mutex; ///< guards all below
    QHash<matrix::ServerName, Keys> m_keys;
    int m_count = 0;
    QSet<QByteArray> m_banned;

    SelfCertifiedNames m_names; ///< has a mutex of its own
};

} // namespace restante::identity
