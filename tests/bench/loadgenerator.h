// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

#include <optional>
#include <vector>

namespace restante::bench
{

/// What one round sends, connection by connection: each sends its next request when the last one was answered.
class Traffic
{
public:
    Traffic() = default;
    virtual ~Traffic() = default;
    Q_DISABLE_COPY_MOVE(Traffic)

    /// The next request of this connection, complete with head and body; the bytes stay valid until it is answered.
    /// Nothing: this connection has no more to send. The round ends early when none has.
    virtual std::optional<QByteArrayView> next(int connection) = 0;
    /// The body of a 200.
    virtual void answered(int connection, QByteArrayView body) = 0;
};

/// What a round was like.
struct Round {
    qint64 answers = 0;                 ///< with status 200
    qint64 refusals = 0;                ///< any other status
    QByteArray firstRefusal;            ///< status line and body of the first of them
    qint64 broken = 0;                  ///< connections that the server closed
    double seconds = 0;                 ///< from the first request to the last answer
    std::vector<quint32> latenciesUs{}; ///< of each answer, in no order

    double rate() const { return seconds > 0 ? double(answers) / seconds : 0; }
    /// The latency in ms that `share` (0…1) of the answers did not exceed.
    double latencyMs(double share) const;
};

/// Keeps `connections` keep-alive connections to 127.0.0.1:`port` busy with `traffic` for `seconds`. One thread, one
/// poll loop, no parsing beyond status and Content-Length, so that the server has the processors for itself.
/// Errc::Io if not even the connections can be made, or an answer is not HTTP.
Result<Round> generateLoad(quint16 port, int connections, Traffic &traffic, double seconds);

} // namespace restante::bench
