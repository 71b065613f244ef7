// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/tokenbuckets.h"

namespace restante::http
{

/// As how many requests more a body counts, or mail that is asked for again.
double requestsMore(qint64 bytes);

/// What clients may use up, by address, and by the networks around it (base::networksAround) with their shares.
/// Thread-safe.
class AddressBudget
{
public:
    /// As TokenBuckets.
    AddressBudget(double ratePerSecond, double burst, const base::Clock &clock);
    Q_DISABLE_COPY_MOVE(AddressBudget)

    /// Takes one token for the address with this key (base::addressKey). 0: taken; else the milliseconds until one will
    /// be there, and nothing was taken.
    qint64 take(const QByteArray &addressKey);
    /// As TokenBuckets::owe.
    void owe(const QByteArray &addressKey, double tokens);
    /// As TokenBuckets::waitMs.
    qint64 waitMs(const QByteArray &addressKey);
    /// As TokenBuckets::configure.
    void configure(double ratePerSecond, double burst);

private:
    TokenBuckets m_buckets;
};

} // namespace restante::http
