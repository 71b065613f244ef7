// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

#include <optional>

namespace restante::matrix
{

/// Reads base64 as other servers do (PROTOCOL 1.2): standard or URL-safe alphabet, never mixed; padding optional; spare
/// bits ignored. Nothing for anything else, or for a length other than `bytes` if that is not negative.
std::optional<QByteArray> decodeBase64(QByteArrayView text, qsizetype bytes = -1);
/// Unpadded, standard alphabet.
QByteArray encodeBase64(QByteArrayView bytes);

} // namespace restante::matrix
