// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/taskthread.h"

#include <QtTest/QTest>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

using restante::base::TaskThread;

class TestTaskThread : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tasks_run_in_order_in_one_other_thread();
    void the_end_waits_for_the_task_that_runs();
};

void TestTaskThread::tasks_run_in_order_in_one_other_thread()
{
    std::vector<int> order;
    std::vector<std::thread::id> where;
    std::promise<void> done;
    {
        TaskThread thread(QStringLiteral("test"));
        for (int i = 0; i < 100; ++i) {
            thread.post([&order, &where, i] {
                order.push_back(i);
                where.push_back(std::this_thread::get_id());
            });
        }
        thread.post([&done] { done.set_value(); });
        QCOMPARE(done.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
    }
    QCOMPARE(order.size(), size_t(100));
    QVERIFY(std::is_sorted(order.begin(), order.end()));
    QVERIFY(where.front() != std::this_thread::get_id());
    QVERIFY(std::all_of(where.begin(), where.end(), [&where](std::thread::id id) { return id == where.front(); }));
}

void TestTaskThread::the_end_waits_for_the_task_that_runs()
{
    std::promise<void> running;
    std::atomic<bool> finished{false};
    auto thread = std::make_unique<TaskThread>(QStringLiteral("test"));
    thread->post([&running, &finished] {
        running.set_value();
        for (int i = 0; i < 1'000; ++i)
            std::this_thread::yield();
        finished = true;
    });
    running.get_future().wait();
    thread.reset();
    QVERIFY(finished);
}

QTEST_GUILESS_MAIN(TestTaskThread)
#include "tst_taskthread.moc"
