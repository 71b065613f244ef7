// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

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

    /// `1.2.3.4:8449` or `[2001:db8::1]:8449`. Host names, scope ids, short forms of IPv4 and missing ports are
    /// refused: Errc::InvalidSetting.
    static Result<ListenAddress> parse(QStringView text);
};

/// One IP address in its ordinary spelling: IPv4 as four plain decimal numbers, IPv6 without brackets and scope.
/// QHostAddress alone would also take `127.1` and `2130706433`.
std::optional<QHostAddress> parseAddress(QStringView text);

} // namespace restante::settings
