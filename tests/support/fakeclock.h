// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"

#include <atomic>

namespace restante::test
{

/// A clock that stands still until a test moves it.
class FakeClock final : public base::Clock
{
public:
    explicit FakeClock(qint64 wallMs = 1'790'000'000'000)
        : m_wall(wallMs)
    {
    }

    qint64 wallMs() const override { return m_wall; }
    qint64 steadyMs() const override { return m_steady; }

    /// Lets time pass: both clocks go on by `ms`.
    void advance(qint64 ms)
    {
        m_wall += ms;
        m_steady += ms;
    }
    /// Sets the wall clock alone, as a user or a time server does.
    void setWall(qint64 ms) { m_wall = ms; }

private:
    std::atomic<qint64> m_wall;
    std::atomic<qint64> m_steady{1'000'000};
};

} // namespace restante::test
