// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "identity/keystore.h"

#include <QtCore/QHash>

#include <vector>

namespace restante::identity
{

/// A key that came under the id of another one, which is held and stays.
struct RefusedKey {
    matrix::ServerName server;
    QByteArray keyId; ///< with algorithm: `ed25519:…`
    PublicKey key{};
    qint64 refusedMs = 0; ///< wall clock; the last time that it came
};

/// The last such key of each server, so that an operator sees why mail of that server is refused. In memory, of a
/// bounded number of servers: those that were noted longest ago go first. Not thread-safe.
class RefusedKeys
{
public:
    static constexpr qsizetype MostServers = 256;

    /// Whether it is new: false if the last one of its server was the same.
    bool note(const StoredKey &key, qint64 nowMs);
    /// The operator decided about this key id, or about all of the server's if it is empty.
    void settle(const matrix::ServerName &server, const QByteArray &keyId);
    /// This key is held now, and no longer refused.
    void admitted(const StoredKey &key);
    /// Of one server, or of all if `server` is null; in no order.
    std::vector<RefusedKey> list(const matrix::ServerName &server) const;

private:
    QHash<matrix::ServerName, RefusedKey> m_last;
};

} // namespace restante::identity
