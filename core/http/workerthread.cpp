// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/workerthread.h"

#include "http/httplog.h"

#include <QtCore/QEventLoop>

#include <exception>
#include <utility>

#ifdef Q_OS_LINUX
#include <pthread.h>
#endif

namespace restante::http
{

WorkerThread::~WorkerThread()
{
    stop();
    join();
}

Result<void> WorkerThread::start(Shared &shared, int index, const MakeSite &makeSite,
                                 std::shared_ptr<Listening> listening, Worker::Spread spread)
{
    std::promise<Worker *> made;
    std::future<Worker *> ready = made.get_future();
    // A plain thread, joined through the C++ library, so that tools which watch threads can see both ends of it.
    m_thread = std::thread([&shared, index, makeSite, listening = std::move(listening), spread = std::move(spread),
                            this, made = std::move(made)]() mutable {
#ifdef Q_OS_LINUX
        const QByteArray name = "http-" + QByteArray::number(index);
        ::pthread_setname_np(::pthread_self(), name.constData());
#endif
        // Makes the event dispatcher of this thread: a site may need one from its first line on.
        const QEventLoop dispatcher;
        std::unique_ptr<Site> site;
        try {
            site = makeSite();
        } catch (const std::exception &error) {
            qCCritical(lcHttp, "A site could not be made: %s", error.what());
        }
        if (!site) {
            made.set_value(nullptr);
            return;
        }
        Worker worker(shared, std::move(site), *listening, std::move(spread), m_load);
        listening.reset();
        made.set_value(&worker);
        worker.run();
    });
    m_worker = ready.get();
    if (m_worker)
        return {};
    join();
    return {Errc::Internal, QStringLiteral("A part of the HTTP front could not be started")};
}

void WorkerThread::stop()
{
    if (!m_worker || !m_thread.joinable())
        return;
    auto stopped = std::make_shared<std::promise<void>>();
    std::future<void> done = stopped->get_future();
    post({Order::Kind::Stop, -1, 0, nullptr, std::move(stopped)});
    done.wait();
}

void WorkerThread::join()
{
    if (m_thread.joinable())
        m_thread.join();
    m_worker = nullptr;
}

} // namespace restante::http
