// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

#include <algorithm>

namespace restante::federation
{

/// Makes room for one more in a QHash whose values say until when they hold (`untilMs`, steady time) and which shall
/// hold no more than `most`: what is over goes, else what ends soonest. Linear, and only if it is full.
template <typename Table>
void makeRoom(Table &table, qsizetype most, qint64 nowMs)
{
    if (table.size() < most)
        return;
    table.removeIf([nowMs](const auto &entry) { return entry.value().untilMs <= nowMs; });
    if (table.size() < most)
        return;
    table.erase(std::min_element(table.cbegin(), table.cend(),
                                 [](const auto &a, const auto &b) { return a.untilMs < b.untilMs; }));
}

/// The entry of `key`, made if there is none, in a table that holds no more than `most`.
template <typename Table>
auto &placeIn(Table &table, const typename Table::key_type &key, qsizetype most, qint64 nowMs)
{
    if (!table.contains(key))
        makeRoom(table, most, nowMs);
    return table[key];
}

} // namespace restante::federation
