// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/checkpointer.h"

#include "telemetry/logging.h"

#include <future>

namespace restante::queue
{

namespace
{
constexpr int CopyCacheKib = 64; // copying needs none
}

Checkpointer::Checkpointer(base::ConnectionOptions options)
    : m_options([&options] {
        options.cacheKib = CopyCacheKib;
        return std::move(options);
    }())
    , m_thread(QStringLiteral("checkpointer"))
{
}

Checkpointer::~Checkpointer()
{
    std::promise<void> closed;
    m_thread.post([this, &closed] {
        m_database.reset();
        closed.set_value();
    });
    closed.get_future().wait();
}

void Checkpointer::start()
{
    if (m_running.exchange(true, std::memory_order_acq_rel))
        return;
    m_thread.post([this] {
        const auto state = run();
        if (!state)
            qCWarning(lcQueue, "The log could not be copied into the database yet: %ls",
                      qUtf16Printable(state.error().detail));
        m_copiedAll.store(state && state->isCopied(), std::memory_order_release);
        m_running.store(false, std::memory_order_release);
    });
}

Result<base::LogState> Checkpointer::run()
{
    if (!m_database) {
        auto opened = base::Database::open(m_options);
        if (!opened)
            return opened.error();
        m_database = *std::move(opened);
    }
    return m_database->checkpoint(false);
}

} // namespace restante::queue
