// SPDX-License-Identifier: GPL-3.0-or-later
// What the EntryStore does with bodies that are stored in parts.
#include "queue/entrystore.h"
#include "queue/entrystoresql.h"

namespace restante::queue
{

/// As no arrival is given twice, no body has the number of another one.
Result<void> EntryStore::putPart(const StoreRequest &request, PartsSoFar &parts)
{
    if (parts.body == 0) {
        parts.body = m_index.drawArrival() * BodyParts::NumbersOfABody;
        if (auto begun = m_parts.begin(parts.body); !begun)
            return begun;
    }
    return m_parts.put(request, parts);
}

void EntryStore::abandon(const PartsSoFar &parts)
{
    if (parts.body != 0)
        m_abandoned << parts.body;
}

Result<void> EntryStore::dropAbandoned(const InTransaction &inTransaction)
{
    Result<void> first;
    for (const qint64 body : QList<qint64>(m_abandoned)) {
        auto dropped = inTransaction([this, body]() -> Result<void> { return m_parts.drop(body); });
        if (dropped || dropped.error().code == Errc::Corrupt)
            m_abandoned.removeOne(body);
        if (first && !dropped)
            first = dropped;
    }
    return first;
}

/// Deletes a row, with the parts of its body.
Result<std::optional<EntryStore::Row>> EntryStore::takeArrival(qint64 arrival)
{
    auto row = runForRow(m_sql->takeArrival, arrival);
    if (row && *row && (*row)->body != 0) {
        if (auto dropped = m_parts.drop((*row)->body); !dropped)
            return dropped.error();
    }
    return row;
}

} // namespace restante::queue
