// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "identity/publickey.h"
#include "matrix/xmatrix.h"

#include <QtCore/QByteArray>

namespace restante::identity
{

/// Whether `signature` was made over `bytes` with the secret part of `key`. Any thread.
bool isSignatureOver(const matrix::Signature &signature, const QByteArray &bytes, const PublicKey &key);

/// Whether one of the claim's signatures with `keyId` was made with the secret part of `key`, over the lenient
/// canonical form of `body` or, where it has floats, over CPython's spelling (PROTOCOL 2.3). `method` and `target` as
/// on the wire; `body` empty where the request has none. Any thread; for requests of one's own side: a body costs what
/// its canonical form costs.
bool isRequestSignedWith(const matrix::XMatrix &claim, const QByteArray &keyId, const PublicKey &key,
                         QByteArrayView method, QByteArrayView target, const QByteArray &body);

} // namespace restante::identity
