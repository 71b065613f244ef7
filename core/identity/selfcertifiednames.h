// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "identity/publickey.h"
#include "matrix/servername.h"

#include <QtCore/QCache>

#include <mutex>
#include <optional>

namespace restante::identity
{

/// Names that are keys (PROTOCOL 3.1), with the outcome of the check of their point remembered, since that costs as
/// much as a signature. Thread-safe: a small mutex of its own, not held during the arithmetic. Least recently used ones
/// go first.
class SelfCertifiedNames
{
public:
    explicit SelfCertifiedNames(int most = 4'096);
    Q_DISABLE_COPY_MOVE(SelfCertifiedNames)

    /// The key that `name` is; nothing if its point cannot be used. `name` is of kind Ed25519.
    std::optional<PublicKey> keyOf(const matrix::ServerName &name);

private:
    std::mutex m_mutex;
    QCache<matrix::ServerName, std::optional<PublicKey>> m_known;
};

} // namespace restante::identity
