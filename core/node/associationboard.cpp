// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/associationboard.h"

namespace restante::node
{

QList<Association> AssociationBoard::relaysOf(const matrix::ServerName &destination) const
{
    std::shared_ptr<const Table> table;
    {
        const std::lock_guard lock(m_mutex);
        table = m_table;
    }
    return table->value(destination);
}

void AssociationBoard::replace(const QList<Association> &associations, const matrix::ServerName &ownName)
{
    auto table = std::make_shared<Table>();
    for (const Association &association : associations) {
        if (!association.isMine(ownName))
            (*table)[association.destination].append(association);
    }
    const std::lock_guard lock(m_mutex);
    m_table = std::move(table);
}

} // namespace restante::node
