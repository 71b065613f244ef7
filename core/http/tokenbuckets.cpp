// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/tokenbuckets.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace restante::http
{

TokenBuckets::TokenBuckets(double ratePerSecond, double burst, const base::Clock &clock, qsizetype keys)
    : m_clock(clock)
    , m_keysPerGeneration(std::max<qsizetype>(1, keys / 2))
    , m_rate(ratePerSecond)
    , m_burst(std::max(1.0, burst))
{
}

qint64 TokenBuckets::take(const QByteArray &key)
{
    const std::lock_guard lock(m_mutex);
    if (m_rate <= 0)
        return 0;
    const qint64 now = m_clock.steadyMs();
    Bucket &bucket = bucketOf(key, now);
    const double tokens = tokensIn(bucket, now);
    if (tokens < 1.0)
        return untilOne(tokens);
    bucket = {tokens - 1.0, now};
    return 0;
}

void TokenBuckets::owe(const QByteArray &key, double tokens)
{
    const std::lock_guard lock(m_mutex);
    if (m_rate <= 0)
        return;
    const qint64 now = m_clock.steadyMs();
    Bucket &bucket = bucketOf(key, now);
    bucket = {std::max(tokensIn(bucket, now) - tokens, -m_burst), now};
}

qint64 TokenBuckets::waitMs(const QByteArray &key)
{
    const std::lock_guard lock(m_mutex);
    const bool isKnown = m_young.contains(key) || m_old.contains(key);
    if (m_rate <= 0 || !isKnown)
        return 0;
    const qint64 now = m_clock.steadyMs();
    const double tokens = tokensIn(bucketOf(key, now), now);
    return tokens < 1.0 ? untilOne(tokens) : 0;
}

double TokenBuckets::tokensIn(const Bucket &bucket, qint64 now) const
{
    return std::min(m_burst, bucket.tokens + double(now - bucket.atMs) * m_rate / 1000.0);
}

qint64 TokenBuckets::untilOne(double tokens) const
{
    // Rounded up, but not for the sake of a rounding error.
    constexpr double tolerance = 1e-6;
    return std::max<qint64>(1, qint64(std::ceil((1.0 - tokens) * 1000.0 / m_rate - tolerance)));
}

void TokenBuckets::configure(double ratePerSecond, double burst)
{
    const std::lock_guard lock(m_mutex);
    m_rate = ratePerSecond;
    m_burst = std::max(1.0, burst);
}

qsizetype TokenBuckets::size() const
{
    const std::lock_guard lock(m_mutex);
    return m_young.size() + m_old.size();
}

TokenBuckets::Bucket &TokenBuckets::bucketOf(const QByteArray &key, qint64 now)
{
    if (const auto young = m_young.find(key); young != m_young.end())
        return young.value();
    Bucket bucket{m_burst, now};
    if (const auto old = m_old.find(key); old != m_old.end()) {
        bucket = old.value();
        m_old.erase(old);
    }
    // Two generations forget the least recently used keys without any list: constant work, however many keys come.
    if (m_young.size() >= m_keysPerGeneration)
        m_old = std::exchange(m_young, {});
    return m_young.insert(key, bucket).value();
}

} // namespace restante::http
