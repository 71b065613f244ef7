// SPDX-License-Identifier: GPL-3.0-or-later
// X-Matrix headers, one a line: what is accepted reads back from what we would send.
#include "invariant.h"
#include "matrix/xmatrix.h"

using namespace restante;
using namespace restante::matrix;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArray text(reinterpret_cast<const char *>(data), static_cast<qsizetype>(size));
    AuthFault fault = AuthFault::None;
    const auto claim = XMatrix::parse(text.split('\n'), &fault);
    invariant(claim.ok() == (fault == AuthFault::None));
    if (!claim) {
        invariant(claim.error().code == Errc::MissingAuth || claim.error().code == Errc::MalformedAuth);
        return 0;
    }
    invariant(!claim->origin.isNull());
    invariant(!claim->signatures.empty() && claim->signatures.size() <= 8);
    const auto again = XMatrix::parse({claim->toHeader()});
    invariant(again.ok());
    invariant(again->origin == claim->origin && again->destination == claim->destination);
    invariant(again->signatures.front().keyId == claim->signatures.front().keyId);
    invariant(again->signatures.front().signature == claim->signatures.front().signature);
    return 0;
}
