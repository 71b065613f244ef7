// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <QtCore/QHash>
#include <QtCore/QLoggingCategory>
#include <QtCore/QTimer>

namespace restante::http
{

/// Writes what a listener refuses to the log, bounded: the first refusal of a kind for a name in a minute, and how many
/// came after it. One per site, in its worker's thread.
class RefusalLog
{
public:
    using Category = const QLoggingCategory &();
    static constexpr qint64 StretchMs = 60'000;
    static constexpr qsizetype MostAtOnce = 50; ///< kinds and names in a minute; the others count together

    /// The clock outlives it.
    RefusalLog(const base::Clock &clock, Category *category);
    ~RefusalLog();
    Q_DISABLE_COPY_MOVE(RefusalLog)

    /// `what` ("send_relay of a.example", with the name that is claimed) was answered with this error.
    void note(const QByteArray &what, const Error &error);
    /// The same for what the guard refused by itself, before anybody was named.
    void note(int status, QByteArrayView reason);
    /// Tells how many came after the first ones, and begins anew; the timer does it by itself.
    void tell();

private:
    void write(const QString &text);

    const base::Clock &m_clock;
    Category *const m_category;
    QHash<QString, qint64> m_kinds; ///< what was written in this stretch, and how many like it were not
    qint64 m_others = 0;            ///< that found no room
    qint64 m_beganMs = 0;
    QTimer m_end;
};

} // namespace restante::http
