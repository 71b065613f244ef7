// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>

#include <array>

namespace restante::identity
{

/// The 32 bytes of an ed25519 verify key. Nothing says that they are a usable point (see `isUsablePoint`).
using PublicKey = std::array<unsigned char, 32>;

/// Whether `key` is a canonical point of the prime-order group: on the curve, not of small order, no torsion part.
/// Anybody can sign for a small-order key (PROTOCOL 1.4, 3.1). Costs about as much as a signature check. Any thread.
bool isUsablePoint(const PublicKey &key);

/// As Matrix writes it: unpadded base64. Any thread.
QByteArray textOf(const PublicKey &key);

} // namespace restante::identity
