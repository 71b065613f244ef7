// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "http/tlsfiles.h"

#include <QtCore/QString>
#include <QtNetwork/QSslCertificate>

namespace restante::http
{

/// The file in a data folder that holds the certificate which this installation made for itself, and its key.
inline constexpr char OwnCertificateFile[] = "relay.pem";

/// Both are in that file of `folder`: made if it is missing, and kept from then on, because others know the relay by
/// its key. It does not expire and names nothing that could change: clients that have the pin check nothing else.
/// `serverName` is what tools show. Errc::Io if the file cannot be written, Errc::Internal if the TLS library cannot
/// make a key; what is in the file is looked at when it is used. Blocks for some milliseconds.
Result<TlsFiles> ownCertificate(const QString &folder, const QString &serverName);

/// What others know a certificate's key by: SHA-256 of its SubjectPublicKeyInfo, 32 bytes.
QByteArray pinOf(const QSslCertificate &certificate);

} // namespace restante::http
