// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/largeanswers.h"

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
    void large_mail_is_asked_for_again_if_it_comes_twice()
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
