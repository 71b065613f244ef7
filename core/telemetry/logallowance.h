// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

#include <optional>
#include <utility>

namespace restante::telemetry
{

/// How much may be logged of what strangers can cause: a number of lines in a stretch of time, and how many were left
/// out before. Not thread-safe.
class LogAllowance
{
public:
    LogAllowance(int mostLines, qint64 stretchMs)
        : m_most(mostLines)
        , m_stretchMs(stretchMs)
    {
    }

    /// Asks for one line at `nowMs` (steady). Nothing: it is left out. Else what to write behind it: empty, or how many
    /// lines were left out before.
    std::optional<QString> take(qint64 nowMs)
    {
        if (m_lines == 0 || nowMs - m_beganMs >= m_stretchMs) {
            m_beganMs = nowMs;
            m_lines = 0;
        }
        if (m_lines == m_most) {
            ++m_leftOut;
            return {};
        }
        ++m_lines;
        const qint64 leftOut = std::exchange(m_leftOut, 0);
        return leftOut == 0 ? QString() : QStringLiteral(" (%1 more of this kind before it)").arg(leftOut);
    }

private:
    const int m_most;
    const qint64 m_stretchMs;
    int m_lines = 0;
    qint64 m_beganMs = 0;
    qint64 m_leftOut = 0;
};

} // namespace restante::telemetry
