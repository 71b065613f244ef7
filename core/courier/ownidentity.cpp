// SPDX-License-Identifier: GPL-3.0-or-later
#include "courier/ownidentity.h"

#include "identity/secretbytes.h"

#include <sodium.h>

namespace restante::courier
{

identity::Identity ownIdentity(const QByteArray &secret)
{
    constexpr QByteArrayView purpose = "org.restante.courier/identity";
    identity::ensureSodium();
    identity::SecretBytes seed(crypto_sign_SEEDBYTES);
    crypto_generichash_state state;
    crypto_generichash_init(&state, nullptr, 0, size_t(seed.size()));
    for (const QByteArrayView part : {purpose, QByteArrayView(secret)})
        crypto_generichash_update(&state, reinterpret_cast<const unsigned char *>(part.data()),
                                  static_cast<unsigned long long>(part.size()));
    crypto_generichash_final(&state, seed.data(), size_t(seed.size()));
    auto key = identity::SecretKey::fromSeed(seed);
    const matrix::ServerName name = identity::selfCertifyingName(key.publicKey());
    auto own = identity::Identity::of(name, identity::SelfCertifyingKeyId, std::move(key));
    if (!own)
        qFatal("a key is a server name");
    return *std::move(own);
}

} // namespace restante::courier
