// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "identity/publickey.h"
#include "matrix/servername.h"

#include <QtCore/QByteArray>
#include <QtCore/QList>

#include <algorithm>
#include <limits>
#include <vector>

namespace restante::identity
{

/// A document of another server counts for at most this time after it was fetched, whatever it says (PROTOCOL 3.2).
inline constexpr qint64 MaxKeyValidityMs = qint64(7) * 24 * 60 * 60 * 1000;

/// How much a server's keys are worth keeping: the lower ones go first if there are too many.
enum class KeyRank {
    Unproven, ///< no request was ever verified with one of them; anybody can have any server's keys fetched
    Proven,   ///< one was
    Owner,    ///< the server is served here
};

/// One verify key of another server, as it is remembered. (server, keyId) is its primary key.
struct StoredKey {
    matrix::ServerName server;
    QByteArray keyId; ///< with algorithm: `ed25519:…`
    PublicKey key{};
    qint64 validUntilMs = 0;          ///< wall clock; as the document says. Of an old key: when it ceased to be used
    qint64 fetchedMs = 0;             ///< wall clock; when the document came
    bool pinned = false;              ///< trusted by the operator: does not expire, is never replaced by a fetched one
    KeyRank rank = KeyRank::Unproven; ///< of its server
    bool old = false;                 ///< from `old_verify_keys`: good for events of its time, never for requests
    QByteArray document; ///< the whole signed document it came from; empty for a key pinned by hand, or as loaded

    /// The last moment at which a request may be verified with it; of a pinned key the end of time.
    qint64 effectiveUntilMs() const
    {
        if (pinned)
            return std::numeric_limits<qint64>::max();
        return std::min(validUntilMs, fetchedMs + MaxKeyValidityMs);
    }
    /// Whether half of its time is over, so that asking its server again is worthwhile. Never of a pinned key.
    bool isPastHalf(qint64 nowMs) const { return !pinned && nowMs - fetchedMs >= (effectiveUntilMs() - fetchedMs) / 2; }
};

/// Where the key ring keeps what it learned over a restart. Implemented over SQL by the queue's database; a null store
/// is allowed wherever one is taken. It must outlive the ring.
class KeyStore
{
public:
    KeyStore() = default;
    virtual ~KeyStore() = default;
    Q_DISABLE_COPY_MOVE(KeyStore)

    /// The keys worth having, without their documents, once, when the ring starts; blocks. Errc::StorageFailed or
    /// Corrupt; the ring then starts empty. A row that cannot be read is left out, it must not hide the others.
    virtual Result<std::vector<StoredKey>> load() = 0;
    /// Inserts or replaces each by (server, keyId). Asynchronous, from any thread, must not block; a failure is the
    /// store's to log, since the ring can do nothing about it.
    virtual void put(std::vector<StoredKey> keys) = 0;
    /// Removes the key with this id, or all keys of the server if it is empty; pinned ones too. Asynchronous, any
    /// thread. Takes effect after what was put before, and before what is put later.
    virtual void remove(const matrix::ServerName &server, const QByteArray &keyId) = 0;
    /// A request was verified with a key of `server`, whose keys were Unproven until now. As `put`.
    virtual void prove(const matrix::ServerName &server) = 0;
    /// These servers' keys are the ones with KeyRank::Owner, in place of those before; what an owner was is Proven. As
    /// `put`.
    virtual void setOwners(QList<matrix::ServerName> owners) = 0;
};

} // namespace restante::identity
