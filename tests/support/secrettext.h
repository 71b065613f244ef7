// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "identity/secretbytes.h"

#include <cstring>

namespace restante::test
{

/// A passphrase.
inline identity::SecretBytes secretText(const char *text)
{
    const auto size = qsizetype(std::strlen(text));
    identity::SecretBytes bytes(size);
    if (size > 0)
        std::memcpy(bytes.data(), text, size_t(size));
    return bytes;
}

} // namespace restante::test
