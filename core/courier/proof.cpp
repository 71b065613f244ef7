// SPDX-License-Identifier: GPL-3.0-or-later
#include "courier/proof.h"

#include "identity/requestsignature.h"

#include <utility>

namespace restante::courier
{

bool isProven(Letter &letter, identity::KeyRing &ring, const matrix::ServerName &destination)
{
    matrix::AttestedRequest &request = letter.request;
    const auto key = ring.find(request.origin, request.signature.keyId);
    if (key.standing != identity::KeyRing::Standing::Usable)
        return true;
    auto form = identity::formSignedWith(request.claim(destination), request.signature.keyId, key.key, "PUT",
                                         request.target(), request.body);
    if (form)
        request.body = *std::move(form);
    return form.has_value();
}

} // namespace restante::courier
