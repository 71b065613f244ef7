// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/movement.h"

namespace restante::queue
{

namespace
{

void appendNumber(QByteArray &changes, qint64 number)
{
    quint64 rest = (static_cast<quint64>(number) << 1) ^ static_cast<quint64>(number >> 63);
    while (rest >= 0x80) {
        changes.append(static_cast<char>((rest & 0x7f) | 0x80));
        rest >>= 7;
    }
    changes.append(static_cast<char>(rest));
}

bool takeNumber(QByteArrayView &changes, qint64 &number)
{
    quint64 value = 0;
    for (int shift = 0; shift < 64 && !changes.isEmpty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(changes.front());
        changes = changes.sliced(1);
        value |= quint64(byte & 0x7f) << shift;
        if (byte < 0x80) {
            number = static_cast<qint64>(value >> 1) ^ -static_cast<qint64>(value & 1);
            return true;
        }
    }
    return false;
}

} // namespace

void encodeMovement(QByteArray &changes, const Movement &movement)
{
    changes.append(static_cast<char>(movement.kind));
    for (const qint64 number : {movement.destination, movement.origin, movement.label, movement.address, movement.size,
                                movement.id, movement.arrival, movement.atMs})
        appendNumber(changes, number);
}

std::optional<std::vector<Movement>> decodeMovements(QByteArrayView changes)
{
    std::vector<Movement> movements;
    while (!changes.isEmpty()) {
        Movement movement;
        const auto kind = static_cast<quint8>(changes.front());
        if (kind < quint8(Movement::Kind::Stored) || kind > quint8(Movement::Kind::Sent))
            return {};
        movement.kind = static_cast<Movement::Kind>(kind);
        changes = changes.sliced(1);
        for (qint64 *number : {&movement.destination, &movement.origin, &movement.label, &movement.address,
                               &movement.size, &movement.id, &movement.arrival, &movement.atMs}) {
            if (!takeNumber(changes, *number))
                return {};
        }
        movements.push_back(movement);
    }
    return movements;
}

} // namespace restante::queue
