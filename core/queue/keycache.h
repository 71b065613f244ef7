// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "identity/keystore.h"

#include <functional>

namespace restante::queue
{

class Writer;

/// The keys of other servers, in the queue's database. Unpinned ones are bounded: beyond 20,000 those that were fetched
/// longest ago go, but of origins whose mail is held only beyond 40,000. `load` and `staleOfHeldMail` open a connection
/// of their own; `put` and `remove` travel to the writer's thread and take effect with its next commit. Any
/// thread. The Writer outlives it.
class KeyCache final : public identity::KeyStore
{
public:
    /// A server to be asked again, and the id of the key that its newest document has.
    struct Stale {
        matrix::ServerName server;
        QByteArray keyId;
    };

    explicit KeyCache(Writer &writer)
        : m_writer(writer)
    {
    }

    Result<std::vector<identity::StoredKey>> load() override;
    void put(std::vector<identity::StoredKey> keys) override;
    void remove(const matrix::ServerName &server, const QByteArray &keyId) override;

    /// Origins whose mail is held and whose newest key document is past half of its time at `nowMs` (wall clock), in
    /// the order of their names from behind `after` (null: from the first), at most `limit`, without those that `skip`
    /// names. What is held is known as of the last fold, a minute ago at most. Blocks: walks the keys, which are
    /// bounded, and looks by index whether mail of one that is stale is held. Errc::Io, StorageFailed, Busy, Corrupt.
    Result<std::vector<Stale>> staleOfHeldMail(const matrix::ServerName &after, int limit, qint64 nowMs,
                                               const std::function<bool(const matrix::ServerName &)> &skip) const;

private:
    Writer &m_writer;
};

} // namespace restante::queue
