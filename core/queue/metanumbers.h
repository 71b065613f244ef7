// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/sqlstatement.h"

namespace restante::queue
{

/// No entry id up to it is given any more, to any destination.
inline const QString IdFloorName = QStringLiteral("id_floor");
/// The rows with the secret keys of the two hashes: of contents, and of clients' addresses.
inline const QString ContentKeyName = QStringLiteral("content_key");
inline const QString AddressKeyName = QStringLiteral("address_key");

/// The single numbers that the table `meta` keeps by name. Lives in the writer's thread.
class MetaNumbers
{
public:
    explicit MetaNumbers(base::Database &database);

    /// 0 if there is none.
    Result<qint64> read(const QString &name);
    /// Inside a transaction that the caller runs.
    Result<void> write(const QString &name, qint64 number);

private:
    base::SqlStatement m_read;
    base::SqlStatement m_write;
};

} // namespace restante::queue
