// SPDX-License-Identifier: GPL-3.0-or-later
#include "identity/requestsignature.h"

#include "matrix/canonicaljson.h"

#include <sodium.h>

#include <algorithm>

namespace restante::identity
{

bool isSignatureOver(const matrix::Signature &signature, const QByteArray &bytes, const PublicKey &key)
{
    return crypto_sign_verify_detached(signature.data(), reinterpret_cast<const unsigned char *>(bytes.constData()),
                                       static_cast<unsigned long long>(bytes.size()), key.data()) == 0;
}

std::optional<QByteArray> formSignedWith(const matrix::XMatrix &claim, const QByteArray &keyId, const PublicKey &key,
                                         QByteArrayView method, QByteArrayView target, const QByteArray &body)
{
    const auto isGood = [&](QByteArrayView content) {
        const QByteArray bytes = matrix::signedRequestBytes(method, target, claim.origin, claim.destination, content);
        return std::any_of(claim.signatures.begin(), claim.signatures.end(), [&](const matrix::KeySignature &each) {
            return each.keyId == keyId && isSignatureOver(each.signature, bytes, key);
        });
    };
    if (body.isEmpty())
        return isGood({}) ? std::optional(body) : std::nullopt;
    for (const auto rule : {matrix::NumberRule::Lenient, matrix::NumberRule::Python}) {
        QByteArray content;
        if (matrix::canonicalise(body, rule, &content) == matrix::JsonFault::None && isGood(content))
            return content;
    }
    return std::nullopt;
}

} // namespace restante::identity
