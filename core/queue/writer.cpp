// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/writer.h"

#include "queue/writerthread.h"

namespace restante::queue
{

Result<std::unique_ptr<Writer>> Writer::open(Location location, Policy policy, const base::Clock &clock,
                                             Observers observers, const Tuning &tuning)
{
    auto thread = std::make_unique<WriterThread>(std::move(location), policy, clock, std::move(observers), tuning);
    if (auto opened = thread->open(); !opened) {
        thread->wait();
        return opened.error();
    }
    return std::unique_ptr<Writer>(new Writer(std::move(thread), std::move(policy)));
}

Writer::Writer(std::unique_ptr<WriterThread> thread, Policy policy)
    : m_thread(std::move(thread))
    , m_policy(std::move(policy))
{
}

Writer::~Writer() = default;

void Writer::setPolicy(Policy policy)
{
    if (policy == m_policy)
        return;
    m_policy = std::move(policy);
    Operation operation;
    operation.what = Operation::SetPolicy{m_policy};
    m_thread->submit(std::move(operation));
}

AcknowledgedOverlay &Writer::overlay()
{
    return m_thread->overlay();
}

const Tail &Writer::tail() const
{
    return m_thread->tail();
}

const Location &Writer::location() const
{
    return m_thread->location();
}

quint64 Writer::edition() const
{
    return m_thread->edition();
}

void Writer::maintain()
{
    Operation operation;
    operation.what = Operation::Maintain{};
    m_thread->submit(std::move(operation));
}

void Writer::report(const Error &error)
{
    Operation operation;
    operation.what = Operation::Trouble{error, true};
    m_thread->submit(std::move(operation));
}

void Writer::perform(std::function<Result<void>(base::Database &)> task)
{
    Operation operation;
    operation.what = Operation::Task{std::move(task)};
    m_thread->submit(std::move(operation));
}

const MailboxBoard &Writer::mailboxes() const
{
    return m_thread->mailboxes();
}

const QueueCounters &Writer::counters() const
{
    return m_thread->counters();
}

} // namespace restante::queue
