// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QHash>
#include <QtNetwork/QSslConfiguration>

namespace restante::http
{

/// Certificates by the host name that clients ask for, in lower case.
using HostCertificates = QHash<QByteArray, QSslConfiguration>;

/// What connections are encrypted with: the relay's own certificate, and those that front doors have for the names that
/// lead to them. A plain value.
struct Certificates {
    QSslConfiguration own; ///< also for clients that do not ask for a name
    HostCertificates doors;

    QSslConfiguration forHost(const QByteArray &host) const { return doors.value(host, own); }
};

} // namespace restante::http
