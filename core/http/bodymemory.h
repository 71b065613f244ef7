// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/limits.h"

#include <QtCore/QByteArray>
#include <QtCore/QHash>

#include <atomic>
#include <mutex>
#include <vector>

namespace restante::http
{

/// The memory that request bodies and large answers of all connections share. One address may hold its part, the
/// networks around it (base::networksAround) half. A reserve stays free for small bodies, and another one for those of
/// ordinary transactions of modest addresses, so that a few large ones, or many of one address, cannot shut everybody
/// out. Those that ask for little are served before those that hold much. Thread-safe (its own mutex).
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
        /// decides whether the body is small. False, and nothing changed, if there is no room.
        [[nodiscard]] bool resize(qint64 bytes, qint64 announced);
        /// Gives everything back.
        void release();
        qint64 bytes() const { return m_bytes; }

        /// The body begins to come; times are steady.
        void begin(qint64 nowMs);
        /// A moment while it comes; several a second, so that how fast it comes is known.
        void progress(qint64 nowMs);
        /// All of it is there, and waits to be answered.
        void complete(qint64 nowMs);
        /// Whether others need the memory more: a large body that comes slowly, or waits for long, and will for some
        /// time, while there is none for another one.
        bool isToLeave() const { return m_toLeave.load(std::memory_order_relaxed); }

    private:
        friend class BodyMemory;
        BodyMemory &m_memory;
        const QByteArray m_key;
        const bool m_exempt;
        bool m_large = false; ///< more than small
        bool m_huge = false;  ///< more than medium, or one of an address that is not modest
        bool m_waits = false;
        qint64 m_bytes = 0;
        qint64 m_announced = 0;
        qint64 m_beganMs = 0;
        qint64 m_completeMs = -1; ///< not before
        qint64 m_markMs = 0;      ///< since when it is measured how fast it comes now
        qint64 m_markBytes = 0;
        qint64 m_rate = -1; ///< bytes a second just before that; not known: -1
        std::atomic<bool> m_toLeave{false};
    };

    /// What is younger than this is not judged.
    static constexpr qint64 GraceMs = 2'000;
    /// What will be there for no longer than this need not leave.
    static constexpr qint64 SoonMs = 3'000;
    /// The same two for those that are not modest, while a modest one waits: one whose address will hold no more than
    /// this part of all.
    static constexpr qint64 GraceForModestMs = 1'000;
    static constexpr qint64 SoonForModestMs = 500;
    static constexpr qint64 ModestDivisor = 32;
    /// What waits for its answer for longer than this, as for a key that does not come, leaves before others.
    static constexpr qint64 WaitMs = 10'000;

    /// For the bodies of requests, or for answers, which have a memory of their own: an owner gets its mail however
    /// many bodies strangers hold here.
    enum class For { Bodies, Answers };
    explicit BodyMemory(const Limits &limits, For what = For::Bodies);
    Q_DISABLE_COPY_MOVE(BodyMemory)

    /// Bytes held now, in all.
    qint64 held() const;
    /// There was no room for `wanted` to be `bytes` large, and it waits for some from now on: the slowest of the others
    /// is to leave, and of those that wait or have not begun to come, one whose address holds least is the next. False
    /// if it need not wait, because its own part is used up.
    [[nodiscard]] bool makeRoom(Charge &wanted, qint64 bytes, qint64 nowMs);

private:
    bool resize(Charge &charge, qint64 bytes, qint64 announced);
    void add(const QByteArray &key, qint64 more);
    bool isOverShare(const Charge &charge, qint64 more) const;
    qint64 heldAround(const Charge &charge) const;
    bool isModest(const Charge &charge) const;
    bool isForAnother(const Charge &charge) const;
    Charge *slowest(const Charge &wanted, bool forModest, qint64 nowMs) const;
    Charge *greediestWaiting(const Charge &wanted) const;
    static qint64 remainingMs(const Charge &charge, qint64 graceMs, qint64 nowMs);

    const qint64 m_total;
    const qint64 m_totalForLarge;
    const qint64 m_totalForHuge;
    const qint64 m_perAddress;
    const qint64 m_smallBytes;
    const qint64 m_mediumBytes;
    mutable std::mutex m_mutex;
    qint64 m_held = 0;
    qint64 m_heldByLarge = 0; ///< the huge among them
    qint64 m_heldByHuge = 0;
    std::vector<Charge *> m_large; ///< those that are
    std::vector<Charge *> m_waiting;
    QHash<QByteArray, qint64> m_byAddress; ///< and by network
};

} // namespace restante::http
