// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/wellknownreader.h"

#include "federation/wellknown.h"
#include "matrix/servername.h"

#include <utility>

using namespace Qt::Literals::StringLiterals;

namespace restante::federation
{

namespace
{
constexpr quint16 HttpsPort = 443;

bool isRedirect(const Response &response)
{
    return response.status == 301 || response.status == 302 || response.status == 303 || response.status == 307 ||
           response.status == 308;
}

/// Where a redirect leads; invalid if it is not to be followed.
QUrl redirected(const QUrl &from, const Response &response)
{
    const QUrl location = QUrl::fromEncoded(response.value("location"), QUrl::StrictMode);
    const QUrl to = from.resolved(location);
    const bool followed = location.isValid() && !location.isEmpty() && to.scheme() == "https"_L1 &&
                          to.userInfo().isEmpty() && !to.host().isEmpty();
    return followed ? to : QUrl();
}

/// The endpoint and the target of an https URL; nothing if its host is none of a server name.
std::optional<std::pair<Endpoint, QByteArray>> placeOf(const QUrl &url)
{
    QByteArray host = QUrl::toAce(url.host());
    if (host.isEmpty()) // an IPv6 address, which has no ACE form
        host = url.host().toLatin1();
    if (host.contains(':'))
        host = '[' + host + ']';
    const auto name = matrix::ServerName::parse(host);
    if (!name || name->port() || url.port(HttpsPort) <= 0)
        return {};
    const auto port = quint16(url.port(HttpsPort));
    const QByteArray target = url.toEncoded(QUrl::RemoveScheme | QUrl::RemoveAuthority | QUrl::RemoveFragment);
    return std::pair{Endpoint{host, host, port, port == HttpsPort ? host : host + ':' + QByteArray::number(port), true},
                     target.startsWith('/') ? target : '/' + target};
}
} // namespace

WellKnownReader::WellKnownReader(ExchangeTools tools, QByteArray userAgent, quint16 port)
    : m_tools(tools)
    , m_userAgent(std::move(userAgent))
    , m_port(port)
{
}

WellKnownReader::~WellKnownReader() = default;

void WellKnownReader::fetch(const QByteArray &host, Wish wish, Finished finished)
{
    if (m_errands.size() >= MostErrands)
        dropUnwanted();
    if (m_errands.size() >= MostErrands)
        return finished(Error{Errc::Busy, u"Too many well-known files are being fetched"_s, 0});
    const quint64 id = ++m_last;
    auto errand = std::make_unique<Errand>();
    errand->wish = std::move(wish);
    errand->finished = std::move(finished);
    errand->endBy.setRemainingTime(DeadlineMs);
    errand->url = QUrl::fromEncoded("https://" + host + "/.well-known/matrix/server", QUrl::StrictMode);
    errand->url.setPort(m_port);
    errand->deadline.setSingleShot(true);
    QObject::connect(&errand->deadline, &QTimer::timeout, &errand->deadline, [this, id] {
        end(id, Error{Errc::Unreachable, u"Its well-known file did not come in time"_s, 0});
    });
    errand->deadline.start(DeadlineMs);
    m_errands.emplace(id, std::move(errand));
    go(id);
}

void WellKnownReader::go(quint64 id)
{
    Errand &errand = *m_errands.at(id);
    const auto place = placeOf(errand.url);
    if (!place)
        return end(id, Error{Errc::BadAnswer, u"Its well-known file has no valid address"_s, 0});
    Message message;
    message.method = "GET";
    message.target = place->second;
    message.headers = {{"User-Agent", m_userAgent}};
    message.mostBytes = WellKnown::MostBytes;
    errand.exchange =
        std::make_unique<Exchange>(m_tools, std::move(message), std::vector{place->first}, errand.endBy, errand.endBy);
    errand.exchange->start([this, id](Result<Response> answer) { onAnswer(id, std::move(answer)); });
}

void WellKnownReader::onAnswer(quint64 id, Result<Response> answer)
{
    if (!answer || !isRedirect(*answer))
        return end(id, std::move(answer));
    Errand &errand = *m_errands.at(id);
    const std::unique_ptr<Exchange> ended = std::move(errand.exchange); // it is in the middle of telling us
    errand.url = redirected(errand.url, *answer);
    if (++errand.redirects > MostRedirects || !errand.url.isValid())
        return end(id, Error{Errc::BadAnswer, u"It answered with a redirect that is not followed"_s, 0});
    go(id);
}

void WellKnownReader::end(quint64 id, Result<Response> answer)
{
    auto found = m_errands.extract(id);
    if (found.empty())
        return;
    const Finished tell = std::move(found.mapped()->finished);
    const bool wanted = !found.mapped()->wish.expired();
    found.mapped()->exchange.reset();
    found.mapped()->deadline.stop();
    m_ended.push_back(std::move(found.mapped())); // its timer may be what brought us here
    QTimer::singleShot(0, &m_janitor, [this] { m_ended.clear(); });
    if (wanted)
        tell(std::move(answer));
}

void WellKnownReader::dropUnwanted()
{
    std::vector<quint64> unwanted;
    for (const auto &[id, errand] : m_errands) {
        if (errand->wish.expired())
            unwanted.push_back(id);
    }
    for (const quint64 id : unwanted)
        end(id, Error{Errc::Unreachable, u"The look-up is not wanted any more"_s, 0});
}

} // namespace restante::federation
