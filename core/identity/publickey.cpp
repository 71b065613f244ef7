// SPDX-License-Identifier: GPL-3.0-or-later
#include "identity/publickey.h"

#include "matrix/base64.h"

#include <sodium.h>

namespace restante::identity
{

bool isUsablePoint(const PublicKey &key)
{
    // Implies what crypto_sign_ed25519_pk_to_curve25519 demands, and demands the canonical encoding besides.
    return crypto_core_ed25519_is_valid_point(key.data()) == 1;
}

QByteArray textOf(const PublicKey &key)
{
    return matrix::encodeBase64({reinterpret_cast<const char *>(key.data()), qsizetype(key.size())});
}

} // namespace restante::identity
