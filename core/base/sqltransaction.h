// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/database.h"

namespace restante::base
{

/// One writing transaction, rolled back when it goes out of scope without a commit. Same thread as the Database.
class SqlTransaction
{
public:
    explicit SqlTransaction(Database &database)
        : m_database(database)
    {
    }
    ~SqlTransaction();
    Q_DISABLE_COPY_MOVE(SqlTransaction)

    /// Errc::Busy if the lock was not to be had in time.
    Result<void> begin();
    /// A failed commit has rolled back.
    Result<void> commit();
    void rollback();

private:
    Database &m_database;
    bool m_open = false;
};

} // namespace restante::base
