// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>

#include <optional>

namespace restante::http
{

/// More than any client sends before its first turn ends; one that is longer is served with the first certificate.
inline constexpr qsizetype MostHelloBytes = 16 * 1024;

/// The host name that a TLS client asks for (RFC 6066, 3), read from the bytes it sends first and in lower case. Empty
/// if it asks for none, or if this is no hello: what TLS says of it is for the TLS library. Nothing while bytes are
/// missing. Works in any thread.
std::optional<QByteArray> hostAskedFor(QByteArrayView bytes);

} // namespace restante::http
