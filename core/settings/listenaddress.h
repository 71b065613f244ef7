// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses and networks as settings, options and dialogs write them.
#pragma once

#include "settings/complaint.h"

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringView>
#include <QtNetwork/QHostAddress>

#include <optional>

namespace restante::settings
{

/// Where a listener waits: an IP address and a port.
struct ListenAddress {
    QHostAddress address;
    quint16 port = 0; ///< 0 = the system picks a free one

    QString toString() const;
    friend bool operator==(const ListenAddress &, const ListenAddress &) = default;
};

/// Every address of this computer, those that it gets later included: with `six` of IPv6, too.
QList<ListenAddress> everyNetwork(quint16 port, bool six);
/// Whether `list` is what everyNetwork gives, with or without IPv6.
bool isEveryNetwork(const QList<ListenAddress> &list);

/// Addresses whose first bits are the same.
struct Network {
    QHostAddress address;
    int bits = 0;

    QString toString() const;
    friend bool operator==(const Network &, const Network &) = default;
};

/// `1.2.3.4:8449` or `[2001:db8::1]:8449`. Host names, scope ids, short forms of IPv4 and missing ports are refused.
MaybeComplaint parse(const QString &text, ListenAddress &out);
/// The same, or an empty text for none.
MaybeComplaint parse(const QString &text, std::optional<ListenAddress> &out);
/// As parseAddress, or an empty text for none.
MaybeComplaint parse(const QString &text, std::optional<QHostAddress> &out);
/// `ADDRESS/BITS`.
MaybeComplaint parse(const QString &text, Network &out);

/// One IP address in its ordinary spelling: IPv4 as four plain decimal numbers, IPv6 without brackets and scope.
/// QHostAddress alone would also take `127.1` and `2130706433`.
std::optional<QHostAddress> parseAddress(QStringView text);

} // namespace restante::settings
