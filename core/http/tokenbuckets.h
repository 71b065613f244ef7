// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"

#include <QtCore/QByteArray>
#include <QtCore/QHash>

#include <mutex>

namespace restante::http
{

/// A token bucket for each key (an address, a verified origin). Thread-safe (its own mutex). Memory is bounded: when
/// too many keys come, those that have not been used for the longest time are forgotten, which gives them a full
/// bucket.
class TokenBuckets
{
public:
    /// `ratePerSecond` tokens are added a second, up to `burst`. A rate of 0 or less switches the limit off.
    TokenBuckets(double ratePerSecond, double burst, const base::Clock &clock, qsizetype keys = 65'536);
    Q_DISABLE_COPY_MOVE(TokenBuckets)

    /// Takes one token for `key`. 0: taken; else the milliseconds until one will be there, and nothing was taken.
    qint64 take(const QByteArray &key);
    /// Takes `tokens` that were spent already, whether they were there or not; the debt is at most another burst.
    void owe(const QByteArray &key, double tokens);
    /// 0 if there is a token for `key`; else the milliseconds until one will be there.
    qint64 waitMs(const QByteArray &key);
    /// Changes rate and burst; buckets keep their tokens, up to the new burst.
    void configure(double ratePerSecond, double burst);
    /// Keys remembered now.
    qsizetype size() const;

private:
    struct Bucket {
        double tokens = 0;
        qint64 atMs = 0; ///< when `tokens` was right
    };

    Bucket &bucketOf(const QByteArray &key, qint64 now);
    double tokensIn(const Bucket &bucket, qint64 now) const;
    qint64 untilOne(double tokens) const;

    const base::Clock &m_clock;
    const qsizetype m_keysPerGeneration;
    mutable std::mutex m_mutex;
    double m_rate;
    double m_burst;
    QHash<QByteArray, Bucket> m_young; ///< used since the last change of generations
    QHash<QByteArray, Bucket> m_old;   ///< used before; dropped at the next change
};

} // namespace restante::http
