// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/exchange.h"

#include "matrix/servername.h"

#include <algorithm>
#include <utility>

namespace restante::federation
{

namespace
{
using Kind = matrix::ServerName::Kind;

/// The address that a host is, nothing for a name. Only texts that are addresses in full get to Qt, which would take
/// "127.1" for one, too.
std::optional<QHostAddress> addressIn(const QByteArray &host)
{
    const auto name = matrix::ServerName::parse(host);
    if (!name || (name->kind() != Kind::Ipv4 && name->kind() != Kind::Ipv6))
        return {};
    QByteArray text = name->host().toByteArray();
    if (name->kind() == Kind::Ipv6)
        text = text.sliced(1).chopped(1);
    return QHostAddress(QString::fromLatin1(text));
}

int remainingMs(const QDeadlineTimer &deadline)
{
    return int(std::clamp(deadline.remainingTime(), qint64(1), qint64(3'600'000)));
}
} // namespace

Exchange::Exchange(ExchangeTools tools, Message message, std::vector<Endpoint> endpoints, QDeadlineTimer connectBy,
                   QDeadlineTimer endBy)
    : m_tools(tools)
    , m_message(std::move(message))
    , m_connectBy(connectBy)
    , m_endBy(endBy)
    , m_endpoints(std::make_move_iterator(endpoints.begin()), std::make_move_iterator(endpoints.end()))
    , m_alive(std::make_shared<int>(0))
{
}

Exchange::~Exchange() = default;

void Exchange::start(Finished finished)
{
    m_finished = std::move(finished);
    nextEndpoint();
}

void Exchange::nextEndpoint()
{
    if (m_endpoints.empty())
        return end(m_failure);
    const Endpoint &endpoint = m_endpoints.front();
    if (!m_message.anyAddress && !AddressRules::allowsPort(endpoint.port)) {
        m_failure = {Errc::AddressRefused, QStringLiteral("Its name leads to a port that is not allowed"), 0};
        m_endpoints.pop_front();
        return nextEndpoint();
    }
    if (const auto address = addressIn(endpoint.target))
        return onAddresses(QList{*address});
    if (!isResolvable(endpoint.target))
        return onAddresses(noSuchServer());
    m_tools.resolver.addresses(endpoint.target, m_alive, [this](const auto &found) { onAddresses(found); });
}

void Exchange::onAddresses(const Result<QList<QHostAddress>> &found)
{
    m_addresses.clear();
    if (!found) {
        m_failure = found.error();
    } else {
        for (const QHostAddress &address : found->first(std::min(found->size(), qsizetype(MostAddresses)))) {
            if (m_message.anyAddress || m_tools.rules.addresses.allows(address))
                m_addresses.push_back(address);
            else
                m_failure = {Errc::AddressRefused, QStringLiteral("Its name leads to an address that is not allowed"),
                             0};
        }
    }
    nextAddress();
}

void Exchange::nextAddress()
{
    if (m_tried == MostAddresses)
        return end(m_failure);
    if (m_addresses.empty()) {
        m_endpoints.pop_front();
        return nextEndpoint();
    }
    const QHostAddress address = m_addresses.front();
    m_addresses.pop_front();
    ++m_tried;
    const bool others = !m_addresses.empty() || m_endpoints.size() > 1;
    const int connectMs = others ? std::min(remainingMs(m_connectBy), PatienceMs) : remainingMs(m_connectBy);
    m_transfer = std::make_unique<Transfer>(m_tools.loop, m_tools.rules, m_message, m_endpoints.front(), address,
                                            connectMs, remainingMs(m_endBy));
    m_transfer->start([this](Transfer::Result result) { onFinished(std::move(result)); });
}

void Exchange::onFinished(Transfer::Result result)
{
    const std::unique_ptr<Transfer> ended = std::move(m_transfer); // it is in the middle of telling us
    m_answered = ended->hasAnswered();
    m_wasConnected = ended->isConnected();
    const bool elsewhere =
        !result.answer && !result.sent && result.answer.error().code == Errc::Unreachable && !m_connectBy.hasExpired();
    if (!elsewhere)
        return end(std::move(result.answer));
    m_failure = result.answer.error();
    nextAddress();
}

void Exchange::end(Result<Response> result)
{
    const Finished tell = std::move(m_finished);
    tell(std::move(result)); // this may be gone now
}

} // namespace restante::federation
