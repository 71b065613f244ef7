// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/answerbox.h"
#include "base/taskthread.h"

#include <deque>
#include <functional>
#include <memory>
#include <optional>

namespace restante::base
{

/// Work that would keep its thread from serving others for too long, done in a thread beside it, one piece after the
/// other. Lives in the thread that has the work; the other one is made when it is first needed.
class SideWork
{
public:
    using Step = std::function<void()>;
    struct Job;
    /// A piece of work that is on its way.
    using Ticket = std::shared_ptr<Job>;

    /// `name` is what debuggers show of the thread.
    explicit SideWork(QString name);
    ~SideWork();
    Q_DISABLE_COPY_MOVE(SideWork)

    /// `work` runs in the other thread when its turn comes, then `done` in this one; not after this object is gone.
    Ticket run(Step work, Step done);
    /// Nobody wants it any more: neither step runs, and what they hold goes at once; a piece that is being worked on is
    /// only finished.
    void forget(const Ticket &ticket);

private:
    void startNext();

    const QString m_name;
    std::deque<Ticket> m_line;
    Ticket m_running;
    AnswerBox m_answers;
    std::optional<TaskThread> m_thread; ///< goes first
};

} // namespace restante::base
