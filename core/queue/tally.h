// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

#include <algorithm>

namespace restante::queue
{

/// How much of something is held.
struct Tally {
    qint64 entries = 0;
    qint64 bytes = 0;

    Tally &operator+=(const Tally &other)
    {
        entries += other.entries;
        bytes += other.bytes;
        return *this;
    }
    Tally &operator-=(const Tally &other)
    {
        entries -= other.entries;
        bytes -= other.bytes;
        return *this;
    }
    friend Tally operator+(Tally a, const Tally &b) { return a += b; }
    friend Tally operator-(Tally a, const Tally &b) { return a -= b; }
    friend bool operator==(const Tally &, const Tally &) = default;

    bool isZero() const { return entries == 0 && bytes == 0; }
    Tally dividedBy(qint64 parts) const { return {entries / parts, bytes / parts}; }
    /// Each figure the smaller one of both.
    static Tally smaller(const Tally &a, const Tally &b)
    {
        return {std::min(a.entries, b.entries), std::min(a.bytes, b.bytes)};
    }
    static Tally larger(const Tally &a, const Tally &b)
    {
        return {std::max(a.entries, b.entries), std::max(a.bytes, b.bytes)};
    }
    /// Both figures at most those of `limit`.
    bool fits(const Tally &limit) const { return entries <= limit.entries && bytes <= limit.bytes; }
};

} // namespace restante::queue
