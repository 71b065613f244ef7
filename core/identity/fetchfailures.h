// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "matrix/servername.h"

#include <QtCore/QHash>

#include <vector>

namespace restante::identity
{

/// A server whose keys could not be fetched.
struct FetchFailure {
    matrix::ServerName server;
    QString reason;      ///< a sentence, as KeyFetcher's error has it
    qint64 failedMs = 0; ///< wall clock; the last time
};

/// Why the keys of servers could not be fetched the last time, so that an operator sees why their mail is refused. In
/// memory, of a bounded number of servers: those that were noted longest ago go first. Not thread-safe.
class FetchFailures
{
public:
    static constexpr qsizetype MostServers = 256;

    void note(const matrix::ServerName &server, const QString &reason, qint64 nowMs);
    /// Its keys came, or the operator decided about them.
    void settle(const matrix::ServerName &server) { m_last.remove(server); }
    /// Of one server, or of all if `server` is null; in no order.
    std::vector<FetchFailure> list(const matrix::ServerName &server) const;

private:
    QHash<matrix::ServerName, FetchFailure> m_last;
};

} // namespace restante::identity
