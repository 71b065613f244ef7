// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "queue/tally.h"

#include <QtCore/QHash>

namespace restante::queue
{

/// What each origin, or each client address, holds over all destinations: so that no single one takes all places of an
/// open relay. In memory for those that were looked up, and exact for these from then on. Lives in the writer's thread.
class Spread
{
public:
    struct Share {
        qint64 destinations = 0; ///< with at least one entry of it
        Tally held;
    };

    /// Null if it was not looked up yet. Valid until the next call that is not const.
    const Share *find(qint64 number) const
    {
        const auto share = m_shares.constFind(number);
        return share == m_shares.cend() ? nullptr : &*share;
    }
    const Share *put(qint64 number, const Share &share) { return &*m_shares.insert(number, share); }
    /// What it holds for one destination was `before`, and is `after` now.
    void settle(qint64 number, const Tally &before, const Tally &after)
    {
        const auto share = m_shares.find(number);
        if (share == m_shares.end())
            return;
        share->held += after - before;
        share->destinations += (after.entries > 0) - (before.entries > 0);
    }
    qsizetype size() const { return m_shares.size(); }
    void clear() { m_shares.clear(); }

private:
    QHash<qint64, Share> m_shares;
};

} // namespace restante::queue
