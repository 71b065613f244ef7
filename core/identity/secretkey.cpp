// SPDX-License-Identifier: GPL-3.0-or-later
#include "identity/secretkey.h"

#include <sodium.h>

#include <cstring>

namespace restante::identity
{

SecretKey SecretKey::generate()
{
    SecretBytes seed(crypto_sign_SEEDBYTES);
    randombytes_buf(seed.data(), size_t(seed.size()));
    return fromSeed(seed);
}

SecretKey SecretKey::fromSeed(const SecretBytes &seed)
{
    Q_ASSERT(seed.size() == crypto_sign_SEEDBYTES);
    SecretKey key;
    key.m_secret = SecretBytes(crypto_sign_SECRETKEYBYTES);
    crypto_sign_seed_keypair(key.m_public.data(), key.m_secret.data(), seed.data());
    key.m_secret.protect();
    return key;
}

matrix::Signature SecretKey::sign(QByteArrayView bytes) const
{
    matrix::Signature signature;
    crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const unsigned char *>(bytes.data()),
                         static_cast<unsigned long long>(bytes.size()), m_secret.data());
    return signature;
}

void SecretKey::writeSeed(SecretBytes &out, qsizetype offset) const
{
    Q_ASSERT(offset >= 0 && offset + SeedTextLength <= out.size());
    SecretBytes text(SeedTextLength + 1); // sodium_bin2base64 ends it with NUL
    sodium_bin2base64(text.chars(), size_t(text.size()), m_secret.data(), crypto_sign_SEEDBYTES,
                      sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    std::memcpy(out.data() + offset, text.data(), size_t(SeedTextLength));
}

} // namespace restante::identity
