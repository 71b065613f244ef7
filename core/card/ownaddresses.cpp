// SPDX-License-Identifier: GPL-3.0-or-later
#include "card/ownaddresses.h"

#include "card/card.h"
#include "settings/cardtext.h"

#include <QtCore/QSysInfo>
#include <QtNetwork/QHostInfo>
#include <QtNetwork/QNetworkInterface>
#include <QtNetwork/QUdpSocket>

#include <algorithm>
#include <array>

using namespace Qt::Literals::StringLiterals;

namespace restante::card
{

namespace
{
bool isSix(const QHostAddress &address)
{
    return address.protocol() == QAbstractSocket::IPv6Protocol;
}

bool isForOthers(const QHostAddress &address)
{
    return !address.isNull() && !address.isLoopback() && !address.isLinkLocal() && !address.isMulticast();
}

Reach reachOfHost(const QHostAddress &address)
{
    return reachOf(cardAddress(address.toString(), 1));
}

bool leadsHere(const QHostInfo &info)
{
    const auto own = interfaceAddresses();
    const auto found = info.addresses();
    return std::any_of(own.begin(), own.end(), [&found](const InterfaceAddress &each) {
        return isForOthers(each.address) && found.contains(each.address);
    });
}
} // namespace

QList<InterfaceAddress> interfaceAddresses()
{
    QList<InterfaceAddress> addresses;
    const auto interfaces = QNetworkInterface::allInterfaces();
    for (const QNetworkInterface &interface : interfaces) {
        if (!interface.flags().testFlag(QNetworkInterface::IsRunning))
            continue;
        const auto entries = interface.addressEntries();
        for (const QNetworkAddressEntry &entry : entries) {
            // What does not belong into DNS: Qt asks the system for privacy and outlived addresses so.
            const bool isPassing = isSix(entry.ip()) && entry.dnsEligibility() == QNetworkAddressEntry::DnsIneligible;
            addresses.append({entry.ip(), isPassing});
        }
    }
    return addresses;
}

settings::RelayUrl cardAddress(const QString &host, quint16 port)
{
    const QString place = host.contains(u':') ? u"[%1]"_s.arg(host) : host;
    settings::RelayUrl url;
    if (settings::parseCardAddress(u"https://%1:%2"_s.arg(place).arg(port), url))
        return {};
    return url;
}

QList<settings::RelayUrl> addressesToOffer(const QList<InterfaceAddress> &all, quint16 port)
{
    std::array<QList<settings::RelayUrl>, 4> ranks; // public IPv4, public IPv6, the others in the same order
    const auto rankOf = [](const QHostAddress &address) {
        return (reachOfHost(address) == Reach::Anywhere ? 0 : 2) + (isSix(address) ? 1 : 0);
    };
    const auto take = [&](bool passing) {
        const auto lasting = ranks;
        for (const InterfaceAddress &each : all) {
            if (each.isPassing != passing || !isForOthers(each.address))
                continue;
            const auto rank = size_t(rankOf(each.address));
            const auto url = cardAddress(each.address.toString(), port);
            if (!url.isNull() && !ranks[rank].contains(url) && (!passing || lasting[rank].isEmpty()))
                ranks[rank].append(url);
        }
    };
    take(false);
    take(true);
    return ranks[0] + ranks[1] + ranks[2] + ranks[3];
}

bool hasIPv6()
{
    QUdpSocket trial;
    return trial.bind(QHostAddress(QHostAddress::AnyIPv6), 0);
}

void lookUpOwnName(QObject *context, std::function<void(const QString &name)> done)
{
    const QString name = QSysInfo::machineHostName();
    if (name.isEmpty())
        return;
    QHostInfo::lookupHost(name, context, [context, name, done](const QHostInfo &info) {
        if (leadsHere(info))
            return done(name);
        if (name.contains(u'.'))
            return;
        const QString local = name + u".local"_s;
        QHostInfo::lookupHost(local, context, [local, done](const QHostInfo &second) {
            if (leadsHere(second))
                done(local);
        });
    });
}

} // namespace restante::card
