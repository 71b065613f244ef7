// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QByteArray>

namespace restante::node
{

/// The secret that a homeserver shows to the node listener: 64 hex digits in `node.secret` in `folder`, readable to its
/// owner alone; made, on the disk, if it is missing or empty: an empty one is nobody's. Errc::Io if the file
/// cannot be read or written, Errc::Corrupt if it holds something else: it is never overwritten.
Result<QByteArray> loadOrCreateSecret(const QString &folder);

/// Whether `given` is the secret, in a time that does not depend on where they differ.
bool isSecret(const QByteArray &given, const QByteArray &secret);

} // namespace restante::node
