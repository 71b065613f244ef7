// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "identity/keystore.h"

#include <functional>

namespace restante::queue
{

class Client;
class Writer;

/// The keys of other servers, in the queue's database, and of each server the last document that they came in. Both are
/// bounded, since strangers can have any number fetched: unpinned keys to 20,000 and documents to MaxDocumentBytes; of
/// origins whose mail is held to twice of that. The lowest KeyRank goes first, and of one rank what was fetched longest
/// ago; pinned keys and those of served servers stay. `load`, `document` and `staleOfHeldMail` open a connection of
/// their own; the others travel to the writer's thread and take effect with its next commit. Any thread. The Writer
/// outlives it.
class KeyCache final : public identity::KeyStore
{
public:
    /// A server to be asked again, and the id of the key that its newest document has.
    struct Stale {
        matrix::ServerName server;
        QByteArray keyId;
    };

    static constexpr qint64 MaxDocumentBytes = qint64(64) << 20;

    explicit KeyCache(Writer &writer)
        : m_writer(writer)
    {
    }

    Result<std::vector<identity::StoredKey>> load() override;
    void put(std::vector<identity::StoredKey> keys) override;
    void remove(const matrix::ServerName &server, const QByteArray &keyId) override;
    void prove(const matrix::ServerName &server) override;
    void setOwners(QList<matrix::ServerName> owners) override;

    /// After `put` of a pinned key: `done` is called in the thread of `client`, later, with a value when that survives
    /// a power cut. StorageFailed if it is not kept, Busy.
    static void confirmPinned(Client &client, const matrix::ServerName &server, const QByteArray &keyId,
                              std::function<void(Result<void>)> done);
    /// The same after `remove`.
    static void confirmRemoved(Client &client, const matrix::ServerName &server, const QByteArray &keyId,
                               std::function<void(Result<void>)> done);

    /// The signed document that the keys of `server` came in last; empty if there is none, or it had to go. Blocks.
    /// Errc::Io, StorageFailed, Busy, Corrupt.
    Result<QByteArray> document(const matrix::ServerName &server) const;

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
