// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/taskthread.h"

#include <QtCore/QSemaphore>
#include <QtCore/QThread>
#include <QtTest/QTest>

#include <atomic>

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
    QThread *where = nullptr;
    QSemaphore done;
    {
        TaskThread thread(QStringLiteral("test"));
        for (int i = 0; i < 100; ++i) {
            thread.post([&order, &where, &done, i] {
                order.push_back(i);
                where = QThread::currentThread();
                done.release();
            });
        }
        QVERIFY(done.tryAcquire(100, 10'000));
        QVERIFY(where != QThread::currentThread());
    }
    QCOMPARE(order.size(), size_t(100));
    QVERIFY(std::is_sorted(order.begin(), order.end()));
}

void TestTaskThread::the_end_waits_for_the_task_that_runs()
{
    QSemaphore running;
    std::atomic<bool> finished{false};
    auto thread = std::make_unique<TaskThread>(QStringLiteral("test"));
    thread->post([&] {
        running.release();
        for (int i = 0; i < 1'000; ++i)
            QThread::yieldCurrentThread();
        finished = true;
    });
    running.acquire();
    thread.reset();
    QVERIFY(finished);
}

QTEST_GUILESS_MAIN(TestTaskThread)
#include "tst_taskthread.moc"
