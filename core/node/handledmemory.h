// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

#include <limits>

namespace restante::node
{

// Instead of the time when it went: taken out, but its row is still there, because its page cannot be changed.
inline constexpr qint64 StaysMs = std::numeric_limits<qint64>::max() - 1; ///< the relay's totals are right
inline constexpr qint64 StaysUnreadMs =
    std::numeric_limits<qint64>::max(); ///< they still have it: nobody knows whose it was

} // namespace restante::node
