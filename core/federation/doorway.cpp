// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/doorway.h"

#include "federation/engine.h"

#include <future>
#include <utility>

namespace restante::federation
{

Doorway::Doorway(std::function<std::unique_ptr<Engine>()> makeEngine)
    : m_thread(std::make_unique<base::TaskThread>(QStringLiteral("federation")))
    , m_room(std::make_shared<std::unique_ptr<Engine>>())
{
    m_thread->post([room = m_room, makeEngine = std::move(makeEngine)] { *room = makeEngine(); });
}

Doorway::~Doorway()
{
    close();
}

bool Doorway::post(std::function<void(Engine &)> task)
{
    const std::lock_guard lock(m_mutex);
    if (!m_thread)
        return false;
    m_thread->post([room = m_room, task = std::move(task)] { task(**room); });
    return true;
}

bool Doorway::perform(const std::function<void(Engine &)> &task)
{
    std::promise<void> ran;
    const auto done = ran.get_future();
    const bool posted = post([&task, &ran](Engine &engine) {
        task(engine);
        ran.set_value();
    });
    if (posted)
        done.wait();
    return posted;
}

void Doorway::close()
{
    std::unique_ptr<base::TaskThread> thread;
    {
        const std::lock_guard lock(m_mutex);
        thread = std::move(m_thread);
    }
    if (!thread)
        return;
    std::promise<void> ended;
    const auto done = ended.get_future();
    thread->post([&room = *m_room, &ended] {
        room.reset();
        ended.set_value();
    });
    done.wait();
}

} // namespace restante::federation
