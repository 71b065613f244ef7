// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/largeanswers.h"

#include <algorithm>
#include <utility>

namespace restante::sites
{

LargeAnswers::LargeAnswers()
{
    m_timer.setInterval(0);
    m_timer.callOnTimeout([this] { next(); });
}

void LargeAnswers::run(const QByteArray &owner, const QByteArray &who, Step make)
{
    if (!m_bytesOf.contains(owner))
        return make();
    m_line.push_back({who, std::move(make)});
    m_timer.start();
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
    const auto first = std::min_element(m_line.begin(), m_line.end(), [this](const Waiting &a, const Waiting &b) {
        return m_turns.lastOf(a.who) < m_turns.lastOf(b.who);
    });
    const Waiting waiting = std::move(*first);
    m_line.erase(first);
    m_turns.take(waiting.who);
    if (m_line.empty()) {
        m_timer.stop();
        m_turns.clear();
    }
    waiting.make();
}

} // namespace restante::sites
