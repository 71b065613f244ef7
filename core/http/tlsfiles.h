// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QString>
#include <QtNetwork/QSslConfiguration>

namespace restante::http
{

/// Where the certificate and its key are, as PEM.
struct TlsFiles {
    QString certificate; ///< the certificate, then those between it and the authority
    QString key;         ///< its private key, EC or RSA, without a passphrase
};

/// Reads both and makes a server's configuration: TLS 1.2 or newer, ALPN http/1.1, no client certificates. Errc::Io
/// if a file cannot be read, Errc::InvalidSetting if it does not hold what it should or the two do not belong
/// together. Blocks for some milliseconds.
Result<QSslConfiguration> loadTls(const TlsFiles &files);

} // namespace restante::http
