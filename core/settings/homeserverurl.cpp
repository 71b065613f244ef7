// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/homeserverurl.h"

#include "settings/listenaddress.h"
#include "settings/relayurl.h"

#include <QtCore/QUrl>

#include <algorithm>

namespace restante::settings
{

namespace
{
bool isInside(const QHostAddress &address)
{
    static const QList<QPair<QHostAddress, int>> networks{
        QHostAddress::parseSubnet(QStringLiteral("10.0.0.0/8")),
        QHostAddress::parseSubnet(QStringLiteral("172.16.0.0/12")),
        QHostAddress::parseSubnet(QStringLiteral("192.168.0.0/16")),
        QHostAddress::parseSubnet(QStringLiteral("fc00::/7")),
    };
    return address.isLoopback() || std::any_of(networks.begin(), networks.end(), [&address](const auto &network) {
               return address.protocol() == network.first.protocol() && address.isInSubnet(network);
           });
}
} // namespace

MaybeComplaint parse(const QString &text, HomeserverUrl &out)
{
    out = {};
    const QString trimmed = text.trimmed();
    RelayUrl url;
    if (auto wrong = parse(trimmed, url))
        return wrong->code == ComplaintCode::NotAUrl ? Complaint{ComplaintCode::NotAHomeserver, {text}} : *wrong;
    if (url.isNull())
        return {};
    const auto address = parseAddress(QUrl(trimmed).host());
    if (url.isTls() || !address || !isInside(*address))
        return Complaint{ComplaintCode::NotAHomeserver, {text}};
    out.m_place = url.place();
    return {};
}

} // namespace restante::settings
