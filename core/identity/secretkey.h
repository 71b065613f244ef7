// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "identity/publickey.h"
#include "identity/secretbytes.h"
#include "matrix/xmatrix.h"

#include <QtCore/QByteArrayView>

namespace restante::identity
{

/// An ed25519 signing key in guarded memory, wiped when it goes. Move-only; `sign` from any thread.
class SecretKey
{
public:
    /// A new key from the system's randomness.
    static SecretKey generate();
    /// `seed` is 32 bytes (RFC 8032's private key; what Synapse and Dendrite keep).
    static SecretKey fromSeed(const SecretBytes &seed);

    const PublicKey &publicKey() const { return m_public; }
    matrix::Signature sign(QByteArrayView bytes) const;
    /// Writes the seed as 43 characters of unpadded base64, without a final NUL, to `out`, which is guarded memory.
    void writeSeed(SecretBytes &out, qsizetype offset) const;

    static constexpr qsizetype SeedTextLength = 43;

private:
    SecretKey() = default;

    SecretBytes m_secret; ///< libsodium's 64 bytes: seed and public key
    PublicKey m_public{};
};

} // namespace restante::identity
