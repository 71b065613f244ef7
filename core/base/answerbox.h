// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/mailbox.h"
#include "base/result.h"

#include <QtCore/QObject>
#include <QtCore/QPointer>

#include <functional>
#include <memory>

namespace restante::base
{

/// The way home for answers from a worker thread. Lives in the thread that asks (construct and destroy it there, with
/// an event loop running in between) and longer than the thread that answers.
class AnswerBox
{
public:
    template <typename T>
    using Done = std::function<void(Result<T>)>;

    AnswerBox()
        : m_box([](const std::vector<std::function<void()>> &answers) {
            for (const auto &answer : answers)
                answer();
        })
    {
    }
    Q_DISABLE_COPY_MOVE(AnswerBox)

    /// What any thread may call with the answer: `done` gets it in the asking thread, later, and not after `context` is
    /// gone. Asking thread only.
    template <typename T>
    Done<T> to(QObject *context, Done<T> done)
    {
        // The guard is made and looked at in the asking thread only; it just travels through the other one.
        return [this, guard = std::make_shared<QPointer<QObject>>(context), done = std::move(done)](Result<T> answer) {
            post([guard, done, answer = std::move(answer)] {
                if (*guard)
                    done(answer);
            });
        };
    }
    /// Runs `news` in the asking thread, later. Any thread.
    void post(std::function<void()> news) { m_box.post(std::move(news)); }

private:
    Mailbox<std::function<void()>> m_box;
};

} // namespace restante::base
