// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include <functional>
#include <mutex>

namespace restante::federation
{

/// Finds out that this computer's clock is days off: signatures and certificates do not count then, and what other
/// servers answer names anything but the reason. Compares it with the Date of their answers: one of a place that the
/// operator typed in is believed, of others it takes two; the next one that agrees ends it. Says it in the log once.
/// Any thread; one small mutex of its own.
class ClockCompare
{
public:
    static constexpr qint64 ToleratedMs = qint64(24) * 3'600'000;

    /// `changed` is called, in any thread and under no lock, when `trouble` tells something else.
    explicit ClockCompare(std::function<void()> changed);
    Q_DISABLE_COPY_MOVE(ClockCompare)

    /// `server` answered at `nowMs` (our wall clock) with the Date field `date`; what is not a date counts for nothing.
    void note(const QByteArray &server, const QByteArray &date, bool isTyped, qint64 nowMs);
    /// One English sentence; empty if the clock seems to be right.
    QString trouble() const;

private:
    /// True if `trouble` tells something else afterwards.
    bool judge(const QByteArray &server, qint64 offMs, bool isTyped);

    const std::function<void()> m_changed;
    mutable std::mutex m_mutex; ///< guards all below
    QString m_trouble;
    qint64 m_days = 0;     ///< that m_trouble tells
    QByteArray m_doubting; ///< one that nobody has to believe said so
    bool m_ahead = false;  ///< what it said
};

} // namespace restante::federation
