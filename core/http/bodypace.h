// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/limits.h"

namespace restante::http
{

/// Whether a body goes on coming: one that stops a byte before its end would otherwise hold its memory until all the
/// time is over that its size may take. Lives in the worker's thread.
class BodyPace
{
public:
    /// The body begins to come; times are steady.
    void begin(qint64 nowMs)
    {
        m_sinceMs = nowMs;
        m_before = 0;
    }
    /// Whether the stretch that is over brought too little. `bytes` have come in all.
    bool isTooSlow(qint64 nowMs, qint64 bytes, const Limits &limits)
    {
        if (nowMs - m_sinceMs < limits.bodyPaceMs)
            return false;
        const bool slow = bytes - m_before < limits.bodyPaceBytes;
        m_sinceMs = nowMs;
        m_before = bytes;
        return slow;
    }

private:
    qint64 m_sinceMs = 0; ///< when this stretch began
    qint64 m_before = 0;  ///< what had come by then
};

} // namespace restante::http
