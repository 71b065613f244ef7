// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/turns.h"

#include <QtCore/QByteArray>
#include <QtCore/QHash>
#include <QtCore/QTimer>

#include <deque>
#include <functional>

namespace restante::sites
{

/// Keeps those who ask for large mail, which takes milliseconds to read, from holding up the others: the answers to
/// owners whose last one was large are made one by one, with time for the others in between, and those who ask take
/// turns. 800 requests of six addresses for 4 MB each had kept everybody else waiting for two seconds. Lives in
/// the worker's thread.
class LargeAnswers
{
public:
    using Step = std::function<void()>;

    static constexpr qint64 LargeBytes = qint64(256) * 1024;
    /// Owners with large mail that are remembered; if there are more, all are forgotten.
    static constexpr qsizetype MostOwners = 1'024;

    /// So many times as long as one took, the thread is the others' before the next one is made.
    static constexpr qint64 OthersShare = 3;
    static constexpr qint64 LongestPauseMs =
        50; ///< but an owner with large mail waits no longer than that for the next

    LargeAnswers();
    Q_DISABLE_COPY_MOVE(LargeAnswers)

    /// `make`, which makes an answer to `owner`, is called at once, or when the turn of `who` comes where it may be
    /// large; not after this object is gone.
    void run(const QByteArray &owner, const QByteArray &who, Step make);
    /// How large the last answer to this owner was, in bytes, if it was large; else 0.
    qint64 lastBytes(const QByteArray &owner) const { return m_bytesOf.value(owner); }
    /// The answer had `bytes` bytes. True where the last one to this owner was large and had as many: it is asked for
    /// again.
    bool note(const QByteArray &owner, qint64 bytes);

private:
    struct Waiting {
        QByteArray who;
        Step make;
    };

    void next();

    QHash<QByteArray, qint64> m_bytesOf; ///< by owner: of the last answer, where it was large
    std::deque<Waiting> m_line;
    base::Turns m_turns;
    QTimer m_timer;
};

} // namespace restante::sites
