// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay/admission.h"

#include <QtTest/QTest>

using namespace restante;
using relay::Admission;
using relay::Policy;
using relay::PolicyBoard;

namespace
{
matrix::ServerName name(const char *text)
{
    return *matrix::ServerName::parse(text);
}

enum class Verdict { Allowed, Off, Paused, Blocked, NotServed, NotOwner };

Verdict verdictOf(const Result<void> &result)
{
    if (result)
        return Verdict::Allowed;
    switch (result.error().code) {
    case Errc::RelayingOff:
        return Verdict::Off;
    case Errc::Paused:
        return Verdict::Paused;
    case Errc::OriginBlocked:
        return Verdict::Blocked;
    case Errc::NotServed:
        return Verdict::NotServed;
    case Errc::NotOwner:
        return Verdict::NotOwner;
    default:
        qFatal("an unexpected error code");
    }
}
} // namespace

Q_DECLARE_METATYPE(Verdict)
Q_DECLARE_METATYPE(Policy)

class TestAdmission : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void policy_decides_who_may_leave_and_collect_data();
    void policy_decides_who_may_leave_and_collect();
    void only_those_that_it_sends_for_may_ask_what_became_of_it();
    void a_pause_says_when_to_try_again();
    void a_replaced_policy_counts_from_the_next_question_on();
};

void TestAdmission::policy_decides_who_may_leave_and_collect_data()
{
    QTest::addColumn<Policy>("policy");
    QTest::addColumn<Verdict>("leaving");
    QTest::addColumn<Verdict>("collectingOwn");
    QTest::addColumn<Verdict>("collectingAnothers");

    Policy closed;
    QTest::newRow("serves nobody") << closed << Verdict::NotServed << Verdict::Allowed << Verdict::NotOwner;
    Policy open;
    open.open = true;
    QTest::newRow("open") << open << Verdict::Allowed << Verdict::Allowed << Verdict::NotOwner;
    Policy served;
    served.served = {name("b.example")};
    QTest::newRow("served") << served << Verdict::Allowed << Verdict::Allowed << Verdict::NotOwner;
    Policy paused = served;
    paused.paused = true;
    QTest::newRow("paused") << paused << Verdict::Paused << Verdict::Allowed << Verdict::NotOwner;
    Policy blocked = served;
    blocked.blockedOrigins = {name("a.example"), name("b.example")};
    QTest::newRow("blocked") << blocked << Verdict::Blocked << Verdict::Blocked << Verdict::Blocked;
    Policy blockedAndNotServed = blocked;
    blockedAndNotServed.served.clear();
    QTest::newRow("blocked before not served")
        << blockedAndNotServed << Verdict::Blocked << Verdict::Blocked << Verdict::Blocked;
    Policy sends;
    sends.sendsFor = {name("a.example")};
    QTest::newRow("sends for the sender") << sends << Verdict::Allowed << Verdict::Allowed << Verdict::NotOwner;
    sends.sendsFor = {name("b.example")};
    QTest::newRow("sends for another") << sends << Verdict::NotServed << Verdict::Allowed << Verdict::NotOwner;
    Policy pausedAndBlocked = blocked;
    pausedAndBlocked.paused = true;
    QTest::newRow("paused before blocked")
        << pausedAndBlocked << Verdict::Paused << Verdict::Blocked << Verdict::Blocked;
    Policy off = pausedAndBlocked;
    off.enabled = false;
    QTest::newRow("off before everything") << off << Verdict::Off << Verdict::Off << Verdict::Off;
}

void TestAdmission::policy_decides_who_may_leave_and_collect()
{
    QFETCH(Policy, policy);
    const PolicyBoard board(policy);
    const Admission admission(board);
    QTEST(verdictOf(admission.mayLeave(name("a.example"), name("b.example"))), "leaving");
    QTEST(verdictOf(admission.mayCollect(name("b.example"), name("b.example"))), "collectingOwn");
    QTEST(verdictOf(admission.mayCollect(name("a.example"), name("b.example"))), "collectingAnothers");
}

void TestAdmission::only_those_that_it_sends_for_may_ask_what_became_of_it()
{
    Policy policy;
    policy.sendsFor = {name("a.example")};
    policy.served = {name("b.example")};
    const PolicyBoard board(policy);
    const Admission admission(board);
    QCOMPARE(verdictOf(admission.mayAskAfter(name("a.example"))), Verdict::Allowed);
    QCOMPARE(verdictOf(admission.mayAskAfter(name("c.example"))), Verdict::NotServed);
    QVERIFY(admission.onlySends(name("a.example"), name("d.example")));
    QVERIFY(!admission.onlySends(name("a.example"), name("b.example"))); // its owner collects it
    QVERIFY(!admission.onlySends(name("c.example"), name("d.example")));
}

void TestAdmission::a_pause_says_when_to_try_again()
{
    Policy policy;
    policy.paused = true;
    const PolicyBoard board(policy);
    const auto verdict = Admission(board).mayLeave(name("a.example"), name("b.example"));
    QVERIFY(!verdict);
    QVERIFY(verdict.error().retryAfterMs > 0);
}

void TestAdmission::a_replaced_policy_counts_from_the_next_question_on()
{
    PolicyBoard board({});
    const Admission admission(board);
    QVERIFY(!admission.mayLeave(name("a.example"), name("b.example")));
    Policy open;
    open.open = true;
    const auto before = board.current();
    board.replace(open);
    QVERIFY(admission.mayLeave(name("a.example"), name("b.example")));
    QVERIFY2(!before->open, "a snapshot that somebody holds does not change");
}

QTEST_GUILESS_MAIN(TestAdmission)
#include "tst_admission.moc"
