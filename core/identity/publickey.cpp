// SPDX-License-Identifier: GPL-3.0-or-later
#include "identity/publickey.h"

#include <sodium.h>

namespace restante::identity
{

bool isUsablePoint(const PublicKey &key)
{
    // Implies what crypto_sign_ed25519_pk_to_curve25519 demands, and demands the canonical encoding besides.
    return crypto_core_ed25519_is_valid_point(key.data()) == 1;
}

} // namespace restante::identity
