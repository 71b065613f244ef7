// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/sqlpieces.h"

namespace restante::base
{

namespace
{
constexpr qint64 PieceBytes = qint64(16) << 20;
}

Result<void> SqlPieces::wrote(qint64 bytes)
{
    ++m_rows;
    m_bytes += bytes;
    if (m_open && m_rows < m_mostRows && m_bytes < PieceBytes)
        return {};
    if (auto ended = end(); !ended)
        return ended;
    m_open.emplace(m_to);
    return m_open->begin();
}

Result<void> SqlPieces::end()
{
    m_rows = 0;
    m_bytes = 0;
    if (!m_open)
        return {};
    auto committed = m_open->commit();
    m_open.reset();
    if (!committed)
        return committed;
    const auto log = m_to.checkpoint(false);
    return log ? Result<void>() : log.error();
}

} // namespace restante::base
