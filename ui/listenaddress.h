// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtNetwork/QHostAddress>

#include <optional>

namespace restante::ui
{

/// ADDR:PORT as the settings write it; IPv6 in brackets. A value type.
struct ListenAddress {
    QHostAddress address;
    quint16 port = 0; ///< 0 picks a free one

    /// Nothing for names, missing ports, and ports above 65535.
    static std::optional<ListenAddress> parse(const QString &text);
    QString toString() const;
};

} // namespace restante::ui
