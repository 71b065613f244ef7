// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/mailboxboard.h"

#include <algorithm>

namespace restante::queue
{

void MailboxBoard::refused(const matrix::ServerName &destination, bool served, const matrix::ServerName &origin,
                           FullPart part, const QString &reason, qint64 nowMs)
{
    if (part == FullPart::None || (!served && part != FullPart::Relay))
        return;
    const matrix::ServerName name = served ? destination : matrix::ServerName();
    const std::lock_guard lock(m_mutex);
    if (part == FullPart::Sender || part == FullPart::Address)
        return refusedOne(name, origin, part, reason, nowMs);
    const auto known = m_refusals.find(name);
    if (known != m_refusals.end() && known->told.reason == reason) {
        ++known->told.count;
        return;
    }
    m_refusals.insert(name, {{name, reason, nowMs, 1, part == FullPart::OpenHalf}, part});
    m_refusing = true;
    m_changed = true;
}

/// One sender stands for all of a mailbox: how many there are is up to strangers.
void MailboxBoard::refusedOne(const matrix::ServerName &destination, const matrix::ServerName &origin, FullPart part,
                              const QString &reason, qint64 nowMs)
{
    const auto known = m_senders.find(destination);
    if (known != m_senders.end()) {
        ++known->count;
        known->others = known->others || known->origin != origin;
        return;
    }
    m_senders.insert(destination, {destination, origin, reason, nowMs, 1, false, part == FullPart::Address});
    m_refusing = true;
    m_changed = true;
}

void MailboxBoard::noteEnded(bool any)
{
    m_refusing = !m_refusals.isEmpty() || !m_senders.isEmpty();
    if (any)
        m_changed = true;
}

void MailboxBoard::accepted(const matrix::ServerName &destination, bool served, const matrix::ServerName &origin,
                            bool known)
{
    if (!isRefusing())
        return;
    const std::lock_guard lock(m_mutex);
    const auto refusal = m_refusals.constFind(served ? destination : matrix::ServerName());
    const bool ended = refusal != m_refusals.cend() && !(known && refusal->part == FullPart::OpenHalf);
    if (ended)
        m_refusals.erase(refusal);
    const auto sender = m_senders.constFind(destination);
    const bool senderEnded = sender != m_senders.cend() && sender->origin == origin;
    if (senderEnded)
        m_senders.erase(sender);
    noteEnded(ended || senderEnded);
}

void MailboxBoard::left(const matrix::ServerName &destination, bool served, const matrix::ServerName &origin)
{
    if (!isRefusing())
        return;
    const std::lock_guard lock(m_mutex);
    // If the whole relay was full there is room for others, too.
    const auto gone = m_refusals.removeIf([&](const auto &refusal) {
        return refusal.value().part == FullPart::Relay || (served && refusal.key() == destination);
    });
    // Whose entries an address has left is not known here.
    const auto sender = m_senders.constFind(destination);
    const bool senderEnded = sender != m_senders.cend() && (sender->byAddress || sender->origin == origin);
    if (senderEnded)
        m_senders.erase(sender);
    noteEnded(gone > 0 || senderEnded);
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
    m_senders.removeIf([&](const auto &sender) { return quotasToo || !served.contains(sender.key()); });
    m_fills.clear();
    noteEnded(true);
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

QList<SenderRefusal> MailboxBoard::senderRefusals() const
{
    const std::lock_guard lock(m_mutex);
    QList<SenderRefusal> list;
    for (const SenderRefusal &sender : m_senders)
        list.append(sender);
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
