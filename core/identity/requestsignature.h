// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "identity/publickey.h"
#include "matrix/xmatrix.h"

#include <QtCore/QByteArray>

#include <optional>

namespace restante::identity
{

/// Whether `signature` was made over `bytes` with the secret part of `key`. Any thread.
bool isSignatureOver(const matrix::Signature &signature, const QByteArray &bytes, const PublicKey &key);

/// The form of `body` over which one of the claim's signatures with `keyId` was made with the secret part of `key`: the
/// lenient canonical one or, for a body with floats, CPython's spelling (PROTOCOL 2.3). Nothing if there is none.
/// `method` and `target` as on the wire; `body` empty if the request has none. Any thread; for requests of one's own
/// side: a body costs what its canonical form costs.
std::optional<QByteArray> formSignedWith(const matrix::XMatrix &claim, const QByteArray &keyId, const PublicKey &key,
                                         QByteArrayView method, QByteArrayView target, const QByteArray &body);

} // namespace restante::identity
