// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/answerbox.h"
#include "base/taskthread.h"
#include "base/turns.h"

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include <deque>
#include <functional>
#include <memory>
#include <optional>

namespace restante::base
{

/// Work on large data that would keep its thread from serving others for too long, done in threads beside it: one for
/// the very large and one for the others, so that 300 KB do not wait for 12 MB. In each, those that have work take
/// turns, however much of it they bring; and they yield to the threads that serve. Lives in the thread that has the
/// work; the others are made when they are first needed.
class SideWork
{
public:
    using Step = std::function<void()>;
    struct Job;
    /// A piece of work that is on its way.
    using Ticket = std::shared_ptr<Job>;

    /// What is larger than this is very large.
    static constexpr qint64 MediumBytes = qint64(2) * 1024 * 1024;

    /// `what` it works on, for debuggers.
    explicit SideWork(QLatin1String what = QLatin1String("bodies"));
    ~SideWork();
    Q_DISABLE_COPY_MOVE(SideWork)

    /// `work` on that many bytes runs in another thread when the turn of `who` comes, then `done` in this one; not
    /// after this object is gone.
    Ticket run(qint64 bytes, const QByteArray &who, Step work, Step done);
    /// Nobody wants it any more: neither step runs, and what they hold goes at once; a piece that is being worked on is
    /// only finished.
    void forget(const Ticket &ticket);

private:
    struct Lane {
        const QString name;
        std::deque<Ticket> line;
        Ticket running;
        Turns turns;
        std::optional<TaskThread> thread;
    };

    void startNext(Lane &lane);

    AnswerBox m_answers;
    Lane m_medium; ///< the lanes' threads go first
    Lane m_large;
};

} // namespace restante::base
