// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/addressbudget.h"

#include "base/addresskey.h"

#include <algorithm>

namespace restante::http
{

double requestsMore(qint64 bytes)
{
    constexpr qint64 oneMore = qint64(16) * 1024;
    const qint64 more = bytes / oneMore;
    return double(more);
}

AddressBudget::AddressBudget(double ratePerSecond, double burst, const base::Clock &clock)
    : m_buckets(ratePerSecond, burst, clock)
{
}

qint64 AddressBudget::take(const QByteArray &addressKey)
{
    if (const qint64 wait = waitMs(addressKey); wait > 0)
        return wait;
    owe(addressKey, 1);
    return 0;
}

void AddressBudget::owe(const QByteArray &addressKey, double tokens)
{
    m_buckets.owe(addressKey, tokens);
    for (const base::WiderNetwork &network : base::networksAround(addressKey))
        m_buckets.owe(network.key, tokens / network.shares);
}

qint64 AddressBudget::waitMs(const QByteArray &addressKey)
{
    qint64 wait = m_buckets.waitMs(addressKey);
    for (const base::WiderNetwork &network : base::networksAround(addressKey))
        wait = std::max(wait, m_buckets.waitMs(network.key));
    return wait;
}

void AddressBudget::configure(double ratePerSecond, double burst)
{
    m_buckets.configure(ratePerSecond, burst);
}

} // namespace restante::http
