// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/clockcompare.h"

#include "telemetry/logging.h"

#include <curl/curl.h>

#include <cstdlib>
#include <utility>

using namespace Qt::Literals::StringLiterals;

namespace restante::federation
{

ClockCompare::ClockCompare(std::function<void()> changed)
    : m_changed(std::move(changed))
{
}

void ClockCompare::note(const QByteArray &server, const QByteArray &date, bool isTyped, qint64 nowMs)
{
    if (date.isEmpty())
        return;
    const time_t seconds = curl_getdate(date.constData(), nullptr);
    if (seconds <= 0)
        return;
    QString told;
    {
        const std::lock_guard lock(m_mutex);
        if (!judge(server, nowMs - qint64(seconds) * 1'000, isTyped))
            return;
        told = m_trouble;
    }
    if (told.isEmpty())
        qCInfo(lcApp, "The clock of this computer agrees with other servers again");
    else
        qCWarning(lcApp).noquote() << told;
    m_changed();
}

bool ClockCompare::judge(const QByteArray &server, qint64 offMs, bool isTyped)
{
    if (std::abs(offMs) <= ToleratedMs) {
        m_doubting.clear();
        m_days = 0;
        return !std::exchange(m_trouble, {}).isEmpty();
    }
    const bool ahead = offMs > 0;
    if (!isTyped && (m_doubting.isEmpty() || m_doubting == server || m_ahead != ahead)) {
        m_doubting = server;
        m_ahead = ahead;
        return false;
    }
    const qint64 days = (offMs + (ahead ? ToleratedMs / 2 : -ToleratedMs / 2)) / ToleratedMs;
    if (days == std::exchange(m_days, days)) // whatever server says it
        return false;
    m_trouble = u"The clock of this computer seems to be %1 %2 that of %3: set it, or signatures and certificates "
                "are refused"_s.arg(std::abs(days) == 1 ? u"a day"_s : u"%1 days"_s.arg(std::abs(days)),
                                    ahead ? u"ahead of"_s : u"behind"_s, QString::fromUtf8(server));
    return true;
}

QString ClockCompare::trouble() const
{
    const std::lock_guard lock(m_mutex);
    return m_trouble;
}

} // namespace restante::federation
