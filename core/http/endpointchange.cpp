// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/endpointchange.h"

#include "http/descriptors.h"

#include <QtNetwork/QTcpServer>

#include <algorithm>

namespace restante::http
{

namespace
{

using namespace Qt::Literals::StringLiterals;

/// Connections that wait to be accepted; the system has a cap of its own.
constexpr int backlog = 512;

bool isSamePlace(const Endpoint &one, const Endpoint &other)
{
    return one.address == other.address && one.port == other.port;
}

bool isIn(const QList<Endpoint> &list, const Endpoint &endpoint)
{
    return std::any_of(list.begin(), list.end(),
                       [&endpoint](const Endpoint &each) { return isSamePlace(each, endpoint); });
}

} // namespace

EndpointChange::EndpointChange(std::vector<OpenEndpoint> open, int lastId)
    : m_open(std::move(open))
    , m_lastIdBefore(lastId)
    , m_lastId(lastId)
{
}

EndpointChange::~EndpointChange()
{
    m_wanted.clear(); // first, so that their ports are free
    for (const auto &server : m_suspended)
        listenAgain(server->socketDescriptor(), backlog);
}

Result<void> EndpointChange::bind(const QList<Endpoint> &wanted)
{
    for (const Endpoint &endpoint : wanted) {
        if (const OpenEndpoint *open = openAt(endpoint)) {
            m_wanted.push_back({open->id, endpoint, open->server});
            continue;
        }
        auto opened = openOne(endpoint);
        if (!opened) {
            suspendThoseInTheWayOf(endpoint, wanted);
            if (!m_suspended.empty())
                opened = openOne(endpoint);
        }
        if (!opened)
            return opened;
    }
    return {};
}

/// Null if nothing is, or if that is taken for another of the wanted ones already (free ports look alike).
const OpenEndpoint *EndpointChange::openAt(const Endpoint &endpoint) const
{
    const auto open = std::find_if(m_open.begin(), m_open.end(), [this, &endpoint](const OpenEndpoint &each) {
        return isSamePlace(each.asked, endpoint) &&
               std::none_of(m_wanted.begin(), m_wanted.end(),
                            [&each](const OpenEndpoint &wanted) { return wanted.id == each.id; });
    });
    return open == m_open.end() ? nullptr : &*open;
}

Result<void> EndpointChange::openOne(const Endpoint &endpoint)
{
    auto server = std::make_shared<QTcpServer>();
    server->setListenBacklogSize(backlog);
    if (!server->listen(endpoint.address, endpoint.port)) {
        return {Errc::Io, u"Cannot listen on %1 port %2: %3"_s.arg(endpoint.address.toString())
                              .arg(endpoint.port)
                              .arg(server->errorString())};
    }
    server->pauseAccepting(); // the first worker does that
    m_wanted.push_back({++m_lastId, endpoint, std::move(server)});
    return {};
}

/// Only what is given up anyway, and never a free port, which the system would not keep for it.
void EndpointChange::suspendThoseInTheWayOf(const Endpoint &endpoint, const QList<Endpoint> &wanted)
{
    for (const OpenEndpoint &open : m_open) {
        const bool suspended = std::find(m_suspended.begin(), m_suspended.end(), open.server) != m_suspended.end();
        if (suspended || endpoint.port == 0 || open.asked.port != endpoint.port || isIn(wanted, open.asked))
            continue;
        if (stopListening(open.server->socketDescriptor()))
            m_suspended.push_back(open.server);
    }
}

std::vector<OpenEndpoint> EndpointChange::take()
{
    m_suspended.clear();
    return std::exchange(m_wanted, {});
}

} // namespace restante::http
