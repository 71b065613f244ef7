// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "matrix/servername.h"

#include <functional>
#include <vector>

namespace restante::queue
{

class Client;
class Writer;

/// A name whose requests for its mail say when they were made.
struct FreshName {
    matrix::ServerName server;
    /// Wall clock: no stamp of it counted that was dated later, but for those that were at most seconds ahead of our
    /// clock; 0: none was ahead.
    qint64 latestTs = 0;
};

/// Which names those are, over restarts, in the queue's database. `load` opens a connection of its own and blocks;
/// the others travel to the writer's thread. Any thread. The Writer outlives it.
class FreshNames
{
public:
    explicit FreshNames(Writer &writer)
        : m_writer(writer)
    {
    }

    /// Errc::Io, StorageFailed, Busy, Corrupt.
    Result<std::vector<FreshName>> load() const;
    /// `done` is called in the thread of `client`, later: with a value when it survives a crash of the program. Errors:
    /// StorageFailed, Busy.
    static void remember(Client &client, const FreshName &name, qint64 nowMs, std::function<void(Result<void>)> done);
    /// With the writer's next commit; a failure is logged.
    void forget(const matrix::ServerName &server);

private:
    Writer &m_writer;
};

} // namespace restante::queue
