// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/sidework.h"

#include <QtCore/QEventLoop>
#include <QtCore/QSemaphore>
#include <QtTest/QTest>

#include <sys/resource.h>

using namespace restante::base;

class SideWorkTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void those_who_bring_much_take_turns_with_the_others()
    {
        SideWork side;
        QSemaphore begin;
        QByteArrayList done;
        QEventLoop loop;
        const auto bring = [&](const QByteArray &who) {
            side.run(
                1, who, [&begin] { begin.acquire(); },
                [&, who] {
                    done += who;
                    if (done.size() == 6)
                        loop.quit();
                });
        };
        for (const char *who : {"greedy", "greedy", "greedy", "greedy", "modest", "modest"})
            bring(who);
        begin.release(6);
        loop.exec();
        QCOMPARE(done, (QByteArrayList{"greedy", "modest", "greedy", "modest", "greedy", "greedy"}));
    }

    void large_work_yields_to_the_thread_that_serves()
    {
        const int here = ::getpriority(PRIO_PROCESS, 0);
        int beside = here;
        SideWork side;
        QEventLoop loop;
        side.run(
            1, "somebody", [&beside] { beside = ::getpriority(PRIO_PROCESS, 0); }, [&loop] { loop.quit(); });
        loop.exec();
        QVERIFY2(beside > here, qPrintable(QString::number(beside)));
        QCOMPARE(::getpriority(PRIO_PROCESS, 0), here);
    }

    void of_very_many_only_the_last_turns_are_known()
    {
        constexpr int many = 100'000;
        Turns turns;
        for (int i = 0; i < many; ++i) {
            turns.take(QByteArray::number(i));
            QVERIFY(quint64(turns.known()) <= Turns::MostKnown);
        }
        // The order of the last ones is as it was.
        for (int i = many - int(Turns::MostKnown) / 2 + 1; i < many; ++i)
            QVERIFY(turns.lastOf(QByteArray::number(i)) > turns.lastOf(QByteArray::number(i - 1)));
        QCOMPARE(turns.lastOf("0"), quint64(0));
        turns.take("0");
        QVERIFY(turns.lastOf("0") > turns.lastOf(QByteArray::number(many - 1)));
    }
};

QTEST_GUILESS_MAIN(SideWorkTest)
#include "tst_sidework.moc"
