// SPDX-License-Identifier: GPL-3.0-or-later
// Where time comes from. Passed by reference to what needs it, so that tests can move it.
#pragma once

#include <QtCore/QtGlobal>

namespace restante::base
{

inline constexpr qint64 DayMs = 86'400'000; ///< milliseconds

/// Time for the whole program. Implementations are thread-safe.
class Clock
{
public:
    Clock() = default;
    virtual ~Clock() = default;
    Q_DISABLE_COPY_MOVE(Clock)

    /// Milliseconds since 1970-01-01 UTC as the machine believes; may jump in either direction.
    virtual qint64 wallMs() const = 0;
    /// Milliseconds since some fixed moment; never goes back. For deadlines and budgets.
    virtual qint64 steadyMs() const = 0;
};

/// The machine's own clocks.
class SystemClock final : public Clock
{
public:
    qint64 wallMs() const override;
    qint64 steadyMs() const override;
};

} // namespace restante::base
