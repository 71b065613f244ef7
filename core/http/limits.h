// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtNetwork/QHostAddress>

#include <algorithm>
#include <optional>

namespace restante::http
{

/// Everything that a client may use up (core/README 6). All are settings; these are the defaults.
struct Limits {
    int requestLineBytes = 8 * 1024;
    int headBytes = 32 * 1024;
    int headFields = 100;
    qint64 bodyBytes = 13'107'200;       ///< for routes that take a transaction
    qint64 bodyMemoryBytes = 52 << 20;   ///< bodies of all connections together, until answered
    int bodyMemoryAddressDivisor = 4;    ///< one address may use 1/4 of it, which is one body of the largest
    qint64 answerMemoryBytes = 26 << 20; ///< the same for large answers
    int answerMemoryAddressDivisor = 2;
    qint64 smallBodyReserveBytes = 8 << 20;    ///< of it kept for small bodies
    qint64 smallBodyBytes = qint64{64} * 1024; ///< what counts as small
    qint64 mediumBodyReserveBytes = 12 << 20; ///< and kept for small ones and ordinary transactions of modest addresses
    qint64 mediumBodyBytes = 1 << 20;         ///< what counts as such
    int connections = 2'000;
    int connectionsPerAddress = 100;
    double connectionRate = 50;   ///< connections of one address a second; 0 is off
    double connectionBurst = 500; ///< and in a row
    int headMs = 10'000;
    int bodyMs = 30'000; ///< plus size / bodyBytesPerSecond; the same for a client that takes an answer slowly
    qint64 bodyBytesPerSecond = qint64{64} * 1024;
    int bodyPaceMs = 10'000;                  ///< in each such stretch a large body grows by
    qint64 bodyPaceBytes = qint64{32} * 1024; ///< at least this much, or it is given up
    int bodyMemoryWaitMs = 5'000;             ///< a large body waits for memory while slow ones leave
    int idleMs = 15'000;
    int handlerMs = 60'000;
    int writeStallMs = 15'000;
    int tlsHandshakeMs = 5'000;
    int lingerMs = 1'500;
    int closeMs = 2'000;                           ///< how long pending answers may take when the front is closed
    qint64 unsentBytes = qint64{256} * 1024;       ///< a connection is not read while more than this waits to be sent
    int tickMs = 250;                              ///< granularity of the deadlines
    std::optional<QHostAddress> trustedProxy = {}; ///< exempt from the per-address figures; Front::prepare changes it

    /// How long `bytes` may take on the wire, one way, in milliseconds.
    qint64 transferMs(qint64 bytes) const { return bodyMs + bytes * 1000 / std::max<qint64>(1, bodyBytesPerSecond); }
};

} // namespace restante::http
