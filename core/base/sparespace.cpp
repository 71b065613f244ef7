// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/sparespace.h"

#include "base/sqlstatement.h"
#include "base/sqltransaction.h"

#include <algorithm>
#include <limits>

namespace restante::base
{

SpareSpace::SpareSpace(Database &database, const Clock &clock, qint64 keptBytes)
    : m_database(database)
    , m_clock(clock)
    , m_kept(keptBytes)
    , m_nextVerdict(clock.steadyMs() + NeededWithinMs)
    , m_least(std::numeric_limits<qint64>::max())
{
}

Result<qint64> SpareSpace::freeBytes()
{
    const QString question = m_database.dialect().freeInside();
    if (question.isEmpty())
        return 0;
    SqlStatement inside(m_database, question);
    if (auto done = inside.run(); !done)
        return done.error();
    const SqlRows rows(inside);
    if (inside.next())
        return inside.integer(0);
    if (auto failed = inside.failure(); !failed)
        return failed.error();
    return 0;
}

Result<void> SpareSpace::look(bool atOnce)
{
    const auto free = freeBytes();
    if (!free)
        return free.error();
    m_least = std::min(m_least, *free);
    // What is being given back was judged already; meanwhile somebody may have come to need it.
    m_spare = std::min(m_spare, std::max<qint64>(0, *free - m_kept));
    const bool verdict = m_clock.steadyMs() >= m_nextVerdict;
    if (atOnce || verdict)
        m_spare = std::max<qint64>(0, (atOnce ? *free : m_least) - m_kept);
    if (verdict) {
        m_least = *free;
        m_nextVerdict = m_clock.steadyMs() + NeededWithinMs;
    }
    return {};
}

Result<void> SpareSpace::giveBack()
{
    const auto before = freeBytes();
    if (!before)
        return before.error();
    if (*before <= m_kept) {
        m_spare = 0;
        return {};
    }
    SqlTransaction transaction(m_database);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    {
        SqlStatement shrink(m_database, m_database.dialect().shrink());
        for (int page = 0; page < PiecePages; ++page) {
            if (auto done = shrink.run(); !done)
                return done;
            shrink.finish();
        }
    }
    const auto after = freeBytes();
    if (!after)
        return after.error();
    if (auto done = transaction.commit(); !done)
        return done;
    // If nothing moves there is better luck at the next look.
    m_spare = *after < *before ? std::max<qint64>(0, m_spare - (*before - *after)) : 0;
    return {};
}

} // namespace restante::base
