// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QList>
#include <QtNetwork/QHostAddress>

#include <memory>
#include <vector>

class QTcpServer;

namespace restante::http
{

/// Where to listen.
struct Endpoint {
    QHostAddress address;
    quint16 port = 0;   ///< 0 picks a free one
    bool plain = false; ///< no TLS here, even if there is a certificate
};

/// A socket that listens.
struct OpenEndpoint {
    int id = 0; ///< it keeps that as long as it is open
    Endpoint asked;
    std::shared_ptr<QTcpServer> server; ///< does not accept by itself
};

/// Binds what is to be listened on while what is listened on now stays: a port that is taken costs nothing. Lives in
/// the main thread.
class EndpointChange
{
public:
    /// `open` is what is listened on now, `lastId` the highest id so far.
    EndpointChange(std::vector<OpenEndpoint> open, int lastId);
    /// As if nothing had been, unless `take` was called.
    ~EndpointChange();
    Q_DISABLE_COPY_MOVE(EndpointChange)

    /// Opens those of `wanted` that are not open yet. Errc::Io with a sentence that names the first that cannot be had.
    /// An address that only an own socket stands in the way of (127.0.0.1 to 0.0.0.0 at the same port) can be had:
    /// that one stops listening until the change is given up.
    Result<void> bind(const QList<Endpoint> &wanted);
    /// What was bound, in the order of `wanted`.
    const std::vector<OpenEndpoint> &endpoints() const { return m_wanted; }
    /// Whether that one was not open before.
    bool isNew(const OpenEndpoint &endpoint) const { return endpoint.id > m_lastIdBefore; }
    /// The change is made: nothing is given back any more.
    std::vector<OpenEndpoint> take();

private:
    const OpenEndpoint *openAt(const Endpoint &endpoint) const;
    Result<void> openOne(const Endpoint &endpoint);
    void suspendThoseInTheWayOf(const Endpoint &endpoint, const QList<Endpoint> &wanted);

    std::vector<OpenEndpoint> m_open;
    std::vector<OpenEndpoint> m_wanted;
    std::vector<std::shared_ptr<QTcpServer>> m_suspended;
    const int m_lastIdBefore;
    int m_lastId;
};

} // namespace restante::http
