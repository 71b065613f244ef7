// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node/types.h"

#include <QtCore/QHash>

#include <memory>
#include <mutex>

namespace restante::node
{

/// Which relays hold mail for whom, as the operator configured it. Any thread; holds one small mutex of its own, like
/// relay::PolicyBoard.
class AssociationBoard
{
public:
    AssociationBoard() = default;
    Q_DISABLE_COPY_MOVE(AssociationBoard)

    /// The relays that hold mail for `destination`, in the operator's order; not our own.
    QList<Association> relaysOf(const matrix::ServerName &destination) const;
    /// `ownName`: what holds mail for that one is our own, too.
    void replace(const QList<Association> &associations, const matrix::ServerName &ownName = {});

private:
    using Table = QHash<matrix::ServerName, QList<Association>>;
    mutable std::mutex m_mutex;
    std::shared_ptr<const Table> m_table = std::make_shared<Table>();
};

} // namespace restante::node
