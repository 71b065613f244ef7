// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QHashFunctions>
#include <QtCore/QMetaType>
#include <QtCore/QtGlobal>

namespace restante::matrix
{

/// The number of a held entry, unique within its destination: 0 < value ≤ 2^53−1; 0 means "none" (PROTOCOL 5.2).
struct EntryId {
    static constexpr qint64 Largest = (qint64(1) << 53) - 1;

    qint64 value = 0;

    bool isNull() const { return value == 0; }
    friend bool operator==(EntryId a, EntryId b) { return a.value == b.value; }
    friend bool operator!=(EntryId a, EntryId b) { return a.value != b.value; }
    friend bool operator<(EntryId a, EntryId b) { return a.value < b.value; }
    friend size_t qHash(EntryId id, size_t seed = 0) { return ::qHash(id.value, seed); }
};

} // namespace restante::matrix

Q_DECLARE_METATYPE(restante::matrix::EntryId)
