// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/limits.h"

#include <QtCore/QByteArray>
#include <QtCore/QHash>

#include <mutex>

namespace restante::http
{

/// The memory that request bodies and large answers of all connections share. One address may hold a quarter, and a
/// reserve stays free for small bodies, so that a few large ones cannot shut everybody out. Thread-safe (its own
/// mutex).
class BodyMemory
{
public:
    /// What one request holds. Lives with its connection, in one thread; gives everything back when destroyed.
    class Charge
    {
    public:
        /// `key` is the accounting key of the client; an exempt one has no share of its own.
        Charge(BodyMemory &memory, QByteArray key, bool exempt);
        ~Charge();
        Q_DISABLE_COPY_MOVE(Charge)

        /// Makes this charge `bytes` large. `announced` is the size that the body will have as far as is known; it
        /// decides whether the body is small. False, and nothing changed, where there is no room.
        [[nodiscard]] bool resize(qint64 bytes, qint64 announced);
        /// Gives everything back.
        void release();
        qint64 bytes() const { return m_bytes; }

    private:
        friend class BodyMemory;
        BodyMemory &m_memory;
        const QByteArray m_key;
        const bool m_exempt;
        bool m_large = false;
        qint64 m_bytes = 0;
    };

    explicit BodyMemory(const Limits &limits);
    Q_DISABLE_COPY_MOVE(BodyMemory)

    /// Bytes held now, in all.
    qint64 held() const;

private:
    bool resize(Charge &charge, qint64 bytes, bool large);

    const qint64 m_total;
    const qint64 m_totalForLarge;
    const qint64 m_perAddress;
    const qint64 m_smallBytes;
    mutable std::mutex m_mutex;
    qint64 m_held = 0;
    qint64 m_heldByLarge = 0;
    QHash<QByteArray, qint64> m_byAddress;
};

} // namespace restante::http
