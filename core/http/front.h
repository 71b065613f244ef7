// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "http/certificates.h"
#include "http/connectioncounters.h"
#include "http/endpointchange.h"
#include "http/limits.h"
#include "http/site.h"
#include "http/tlsfiles.h"

#include <QtCore/QList>
#include <QtCore/QStringList>
#include <QtNetwork/QHostAddress>

#include <functional>
#include <memory>
#include <optional>

namespace restante::http
{

/// The HTTP front: listens, and serves a Site in worker threads behind all limits. Lives in the main thread.
class Front
{
public:
    /// Makes the site of one worker (numbered from 0), in that worker's thread. It must not wait for the main thread,
    /// which waits for it. Null means that it could not be made.
    using SiteFactory = std::function<std::unique_ptr<Site>(int worker)>;

    /// `clock` and `counters` must outlive the front.
    Front(const Limits &limits, const base::Clock &clock, ConnectionCounters &counters);
    /// Closes.
    ~Front();
    Q_DISABLE_COPY_MOVE(Front)

    /// `tell` is called, in a worker's thread, with the system's reason when connections can no longer be accepted, and
    /// with a null one when they can again. It must only post. For the next `listen`.
    void whenAccepting(std::function<void(const QString &trouble)> tell);
    /// Other limits, from the next `listen` on.
    void setLimits(const Limits &limits);

    /// Listens on all endpoints and starts the workers; returns when they serve. Errc::Io if an address cannot be
    /// had, Errc::InvalidSetting if the TLS files cannot be used, Errc::Internal if a site could not be made:
    /// nothing listens then. Must not be called while listening.
    Result<void> listen(const QList<Endpoint> &endpoints, const std::optional<TlsFiles> &tls, const SiteFactory &sites,
                        int workers);
    bool isListening() const;
    /// What connections are encrypted with; nothing without TLS. Only while listening.
    const std::optional<QSslConfiguration> &tls() const;

    /// What is to be listened on instead of what is listened on now. Destroyed without `commit`, it changes nothing.
    class Change;
    /// Binds what is new and reads the TLS files, while everything goes on as it is; does not block. Errors as
    /// `listen`; nothing has happened then. Only while listening.
    Result<std::shared_ptr<Change>> prepare(const QList<Endpoint> &endpoints, const std::optional<TlsFiles> &tls,
                                            const std::optional<QHostAddress> &trustedProxy);
    /// Puts it in force: accepts on what is new and no longer on what is not in it. Connections that are open, and
    /// what is accepted on endpoints that stay, notice nothing. `change` is of this front and its latest.
    void commit(const std::shared_ptr<Change> &change);
    /// Another certificate for connections from now on. Only while listening with TLS.
    void renewTls(const QSslConfiguration &tls);
    /// Certificates for clients that ask for one of these hosts, instead of those so far; connections from now on get
    /// them wherever there is TLS. Any time.
    void setDoorTls(const HostCertificates &doors);

    /// What is listened on, as URLs ("http://127.0.0.1:40123"), in the order of the endpoints.
    QStringList addresses() const;

    /// Accepts no more, gives pending answers up to Limits::closeMs, ends the threads. Blocks meanwhile; afterwards
    /// `listen` can be called again.
    void close();

private:
    class Running;
    Limits m_limits;
    const base::Clock &m_clock;
    ConnectionCounters &m_counters;
    QStringList m_addresses;
    std::function<void(const QString &trouble)> m_accepting;
    HostCertificates m_doors;
    std::unique_ptr<Running> m_running;
};

} // namespace restante::http
