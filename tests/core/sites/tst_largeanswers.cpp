// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/largeanswers.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QEventLoop>
#include <QtTest/QTest>

using namespace restante::sites;

namespace
{
constexpr qint64 LargeAnswer = 2 * LargeAnswers::LargeBytes;
}

class LargeAnswersTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void what_is_not_known_to_be_large_is_answered_at_once()
    {
        LargeAnswers answers;
        int made = 0;
        const auto make = [&made] { ++made; };
        answers.run("owner", "address", make);
        QCOMPARE(made, 1);
        QVERIFY(!answers.note("owner", LargeAnswers::LargeBytes));
        answers.run("owner", "address", make);
        QCOMPARE(made, 2);
    }

    void large_ones_are_made_one_in_each_pass_and_those_who_ask_take_turns()
    {
        LargeAnswers answers;
        QByteArrayList made;
        for (const QByteArray owner : {"a", "b"})
            answers.note(owner, LargeAnswer);
        for (const QByteArray owner : {"a", "a", "a", "b"})
            answers.run(owner, "address of " + owner, [&made, owner] { made += owner; });
        answers.run("c", "address of c", [&made] { made += "c"; }); // small, as far as is known
        QCOMPARE(made, QByteArrayList{"c"});
        QEventLoop loop;
        for (qsizetype known = made.size(); known < 5; known = made.size()) {
            loop.processEvents(QEventLoop::WaitForMoreEvents);
            QVERIFY(made.size() <= known + 1);
        }
        QCOMPARE(made, (QByteArrayList{"c", "a", "b", "a", "a"}));
    }

    void between_two_large_ones_the_thread_is_the_others_for_longer_than_one_took()
    {
        constexpr qint64 took = 15;
        LargeAnswers answers;
        answers.note("owner", LargeAnswer);
        QElapsedTimer since;
        QEventLoop loop;
        int made = 0;
        qint64 pause = 0;
        const auto make = [&] {
            pause = since.isValid() ? since.elapsed() : 0;
            QElapsedTimer working;
            working.start();
            while (working.elapsed() < took) {
            }
            since.start();
            if (++made == 2)
                loop.quit();
        };
        answers.run("owner", "address", make);
        answers.run("owner", "address", make);
        loop.exec();
        QVERIFY2(pause >= LargeAnswers::OthersShare * took - 1, qPrintable(QString::number(pause)));
    }

    void large_mail_is_asked_for_again_where_it_comes_twice()
    {
        LargeAnswers answers;
        QVERIFY(!answers.note("owner", LargeAnswer));
        QVERIFY(answers.note("owner", LargeAnswer));
        QVERIFY(!answers.note("owner", LargeAnswer + 1)); // the next one
        QVERIFY(!answers.note("other", LargeAnswer));
        QVERIFY(!answers.note("owner", 10));
        QVERIFY(!answers.note("owner", LargeAnswer));
    }

    void a_bounded_number_of_owners_is_remembered()
    {
        LargeAnswers answers;
        answers.note("first", LargeAnswer);
        for (qsizetype i = 0; i < LargeAnswers::MostOwners; ++i)
            answers.note(QByteArray::number(i), LargeAnswer);
        QVERIFY(!answers.note("first", LargeAnswer)); // forgotten
    }
};

QTEST_GUILESS_MAIN(LargeAnswersTest)
#include "tst_largeanswers.moc"
