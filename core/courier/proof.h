// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "courier/letter.h"
#include "identity/keyring.h"

namespace restante::courier
{

/// Whether `letter` is for the homeserver of `destination` to judge. If the key is at hand the signature decides, and
/// the body becomes the form that was signed; else the homeserver does. Any thread.
bool isProven(Letter &letter, identity::KeyRing &ring, const matrix::ServerName &destination);

} // namespace restante::courier
