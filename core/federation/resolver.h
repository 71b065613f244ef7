// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QByteArray>
#include <QtCore/QList>
#include <QtNetwork/QHostAddress>

#include <functional>
#include <memory>

namespace restante::federation
{

/// One SRV record.
struct Service {
    quint16 priority = 0;
    quint16 weight = 0;
    quint16 port = 0;
    QByteArray target; ///< without the final dot
    qint64 ttlMs = 0;
};

inline Error noSuchServer()
{
    return {Errc::NotFound, QStringLiteral("There is no server of this name"), 0};
}

/// What wants an answer holds what this points to; once it is gone, the answer is not wanted any more.
using Wish = std::weak_ptr<const void>;

/// Asks the system's name service. Made, used and destroyed in one thread with an event loop; `done` is called there at
/// most once, possibly before the call returns, never after `wish` or the resolver is gone. An answer that nobody wants
/// gives up its place to others. Tests bring one of their own.
class Resolver
{
public:
    using GotAddresses = std::function<void(Result<QList<QHostAddress>>)>;
    using GotServices = std::function<void(Result<QList<Service>>)>;

    Resolver() = default;
    virtual ~Resolver() = default;
    Q_DISABLE_COPY_MOVE(Resolver)

    /// The addresses of `host` (isResolvable), best first. Errc::NotFound if there is no such name or it has no
    /// address, Errc::Unreachable if the name service could not tell, Errc::Busy if it was not asked.
    virtual void addresses(const QByteArray &host, Wish wish, GotAddresses done) = 0;
    /// The SRV records of `name` (two labels, then a host); an empty list if the name service says that there are
    /// none. Errc::NotFound if it knows the host but could not tell (some cannot do SRV), Errc::Unreachable if it
    /// told nothing at all, Errc::Busy if it was not asked.
    virtual void services(const QByteArray &name, Wish wish, GotServices done) = 0;
};

} // namespace restante::federation
