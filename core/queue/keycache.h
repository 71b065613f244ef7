// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "identity/keystore.h"

namespace restante::queue
{

class Writer;

/// The keys of other servers, in the queue's database. Unpinned ones are bounded: beyond 20,000 those that were fetched
/// longest ago go. `load` opens a connection of its own; `put` and `removePinned` travel to the writer's thread and
/// take effect with its next commit. Any thread. The Writer outlives it.
class KeyCache final : public identity::KeyStore
{
public:
    explicit KeyCache(Writer &writer)
        : m_writer(writer)
    {
    }

    Result<std::vector<identity::StoredKey>> load() override;
    void put(std::vector<identity::StoredKey> keys) override;
    void removePinned(const matrix::ServerName &server) override;

private:
    Writer &m_writer;
};

} // namespace restante::queue
