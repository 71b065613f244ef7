// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/largeanswers.h"

#include <QtCore/QElapsedTimer>

#include <algorithm>
#include <utility>

namespace restante::sites
{

LargeAnswers::LargeAnswers()
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    m_timer.callOnTimeout([this] { next(); });
}

void LargeAnswers::run(const QByteArray &owner, const QByteArray &who, Step make)
{
    if (!m_bytesOf.contains(owner))
        return make();
    m_line.push_back({who, std::move(make)});
    if (!m_timer.isActive())
        m_timer.start(0);
}

bool LargeAnswers::note(const QByteArray &owner, qint64 bytes)
{
    if (bytes <= LargeBytes) {
        m_bytesOf.remove(owner);
        return false;
    }
    if (m_bytesOf.size() >= MostOwners && !m_bytesOf.contains(owner))
        m_bytesOf.clear();
    return std::exchange(m_bytesOf[owner], bytes) == bytes;
}

/// Of those in line, the first of the one whose last turn is longest ago.
void LargeAnswers::next()
{
    if (m_line.empty())
        return m_turns.clear();
    const auto first = std::min_element(m_line.begin(), m_line.end(), [this](const Waiting &a, const Waiting &b) {
        return m_turns.lastOf(a.who) < m_turns.lastOf(b.who);
    });
    const Waiting waiting = std::move(*first);
    m_line.erase(first);
    m_turns.take(waiting.who);
    QElapsedTimer taken;
    taken.start();
    waiting.make();
    // Also where the line is empty now: what comes next is in line behind this.
    m_timer.start(int(std::min(OthersShare * taken.elapsed(), LongestPauseMs)));
}

} // namespace restante::sites
