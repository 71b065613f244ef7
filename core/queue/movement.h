// SPDX-License-Identifier: GPL-3.0-or-later
// One change of the running totals, and how a batch's changes are written down.
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

#include <optional>
#include <vector>

namespace restante::queue
{

/// An entry that came or went. The running totals are what all movements add up to (Ledger); a batch writes its
/// movements in one row, and a fold writes the totals themselves now and then. Servers, labels and addresses are the
/// numbers that the tables use.
struct Movement {
    enum class Kind : quint8 {
        Stored = 1,
        Acknowledged = 2,       ///< leaves a tombstone
        Expired = 3,            ///< counted for the destination
        Discarded = 4,          ///< thrown away by the operator, or set aside
        TombstoneForgotten = 5, ///< only destination is meant
        Sent = 6,               ///< as Acknowledged, but by this relay itself: its owner did not collect it
    };
    bool leavesTombstone() const { return kind == Kind::Acknowledged || kind == Kind::Sent; }

    Kind kind = Kind::Stored;
    qint64 destination = 0;
    qint64 origin = 0;
    qint64 label = 0;
    qint64 address = 0; ///< 0 = not counted for an address
    qint64 size = 0;
    qint64 id = 0; ///< entry id
    qint64 arrival = 0;
    qint64 atMs = 0; ///< wall clock of the movement

    friend bool operator==(const Movement &, const Movement &) = default;
};

/// Appends `movement` to `changes`: the kind, then each number as a zigzag varint.
void encodeMovement(QByteArray &changes, const Movement &movement);

/// Reverses encodeMovement. Nothing if the bytes do not follow the format.
std::optional<std::vector<Movement>> decodeMovements(QByteArrayView changes);

} // namespace restante::queue
