// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/sqltransaction.h"

namespace restante::base
{

SqlTransaction::~SqlTransaction()
{
    rollback();
}

Result<void> SqlTransaction::begin()
{
    if (auto inPlace = m_database.checkInPlace(); !inPlace)
        return inPlace;
    auto begun = m_database.run(m_database.dialect().beginWrite());
    m_open = begun.ok();
    return begun;
}

Result<void> SqlTransaction::commit()
{
    auto committed = m_database.run(QStringLiteral("COMMIT"));
    if (committed)
        m_open = false;
    else
        rollback();
    return committed;
}

void SqlTransaction::rollback()
{
    if (!m_open)
        return;
    m_open = false;
    // A full disk or an I/O error has rolled back by itself: then there is nothing left to undo, and this says so.
    [[maybe_unused]] const auto undone = m_database.run(QStringLiteral("ROLLBACK"));
}

} // namespace restante::base
