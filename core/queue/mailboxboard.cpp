// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/mailboxboard.h"

#include <algorithm>

namespace restante::queue
{

void MailboxBoard::refused(const matrix::ServerName &destination, bool served, FullPart part, const QString &reason,
                           qint64 nowMs)
{
    if (part == FullPart::None || (!served && part != FullPart::Relay))
        return;
    const matrix::ServerName name = served ? destination : matrix::ServerName();
    const std::lock_guard lock(m_mutex);
    const auto known = m_refusals.find(name);
    if (known != m_refusals.end() && known->told.reason == reason) {
        ++known->told.count;
        return;
    }
    m_refusals.insert(name, {{name, reason, nowMs, 1}, part});
    m_refusing = true;
    m_changed = true;
}

void MailboxBoard::accepted(const matrix::ServerName &destination, bool served, bool known)
{
    if (!m_refusing)
        return;
    const std::lock_guard lock(m_mutex);
    const auto refusal = m_refusals.constFind(served ? destination : matrix::ServerName());
    if (refusal == m_refusals.cend() || (known && refusal->part == FullPart::OpenHalf))
        return;
    m_refusals.erase(refusal);
    m_refusing = !m_refusals.isEmpty();
    m_changed = true;
}

void MailboxBoard::left(const matrix::ServerName &destination, bool served)
{
    if (!m_refusing)
        return;
    const std::lock_guard lock(m_mutex);
    // Where the whole relay was full there is room for others, too.
    const auto gone = m_refusals.removeIf([&](const auto &refusal) {
        return refusal.value().part == FullPart::Relay || (served && refusal.key() == destination);
    });
    m_refusing = !m_refusals.isEmpty();
    if (gone > 0)
        m_changed = true;
}

void MailboxBoard::setFill(const matrix::ServerName &destination, int percent)
{
    const std::lock_guard lock(m_mutex);
    const int before = m_fills.value(destination);
    if (percent >= WarnPercent)
        m_fills[destination] = percent;
    else
        m_fills.remove(destination);
    if (before != m_fills.value(destination))
        m_changed = true;
}

void MailboxBoard::restart(const QHash<matrix::ServerName, ServedDestination> &served, bool quotasToo)
{
    const std::lock_guard lock(m_mutex);
    m_refusals.removeIf(
        [&](const auto &refusal) { return quotasToo || (!refusal.key().isNull() && !served.contains(refusal.key())); });
    m_fills.clear();
    m_refusing = !m_refusals.isEmpty();
    m_changed = true;
}

QList<MailRefusal> MailboxBoard::refusals() const
{
    const std::lock_guard lock(m_mutex);
    QList<MailRefusal> list;
    for (const Refusal &refusal : m_refusals)
        list.append(refusal.told);
    std::sort(list.begin(), list.end(), [](const auto &a, const auto &b) { return a.destination < b.destination; });
    return list;
}

QList<MailboxFill> MailboxBoard::fills() const
{
    const std::lock_guard lock(m_mutex);
    QList<MailboxFill> list;
    for (auto fill = m_fills.cbegin(); fill != m_fills.cend(); ++fill)
        list.append({fill.key(), fill.value()});
    std::sort(list.begin(), list.end(), [](const auto &a, const auto &b) { return a.destination < b.destination; });
    return list;
}

} // namespace restante::queue
