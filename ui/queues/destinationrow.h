// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "queue/types.h"

#include <QtCore/QCollator>
#include <QtCore/QList>
#include <QtCore/QString>

#include <optional>

namespace restante::ui
{

/// One queue as DestinationModel keeps it: the totals and what is derived from them once, so that sorting and filtering
/// ten thousand of them touches no locale code. A value type of the main thread.
struct DestinationRow {
    queue::DestinationTotal total; ///< its labels are in `labels`, in the order shown
    QList<queue::UserLabelTotal> labels;
    quint32 labelsSorted = 0; ///< which sorting `labels` follow; they are sorted when they are read
    QString name;             ///< the whole server name
    QString shown;            ///< petname and short name
    QString searchText;       ///< case-folded names and labels, one a line
    std::optional<QCollatorSortKey> nameKey;
    quint32 seen = 0; ///< the last batch that named it
};

} // namespace restante::ui
