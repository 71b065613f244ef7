// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/inputfile.h"
#include "base/result.h"
#include "identity/secretkey.h"

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>
#include <QtCore/QString>

namespace restante::identity
{

/// A signing key with its id, as read from a text.
struct NamedKey {
    QByteArray keyId; ///< `ed25519:…`
    SecretKey key;
};

/// Reads what homeservers keep (core/README 8): Synapse's signing.key (lines `ed25519 VERSION SEED`, '#' begins a
/// comment line, the first key counts) or Dendrite's PEM block `MATRIX PRIVATE KEY` with its Key-ID header. `text` is
/// guarded memory; no part of it is copied elsewhere but the key id. Errc::InvalidSetting, never quoting the text.
Result<NamedKey> parseSigningKey(QByteArrayView text);

/// One line `ed25519 VERSION SEED`.
Result<NamedKey> parseSigningKeyLine(QByteArrayView line);

/// Reads a whole file of at most 64 KiB into guarded memory. Errc::Io. `pipes` as for base::openToRead.
Result<SecretBytes> readSecretFile(const QString &path, base::Pipes pipes = base::Pipes::Refused);

} // namespace restante::identity
