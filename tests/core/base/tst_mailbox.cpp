// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/mailbox.h"

#include <QtCore/QThread>
#include <QtTest/QTest>

#include <atomic>
#include <memory>
#include <thread>

using namespace restante;

class MailboxTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void waiting_letters_arrive_in_one_call_in_order();
    void nothing_is_delivered_within_post();
    void a_letter_can_be_posted_from_the_receiver();
    void taken_letters_are_not_delivered_again();
    void many_letters_go_in_at_once();
    void a_patient_receiver_is_called_when_enough_waits_or_it_asks();
    void letters_may_be_move_only();
    void a_mailbox_with_letters_can_be_destroyed();
    void several_rings_cause_one_call();
    void a_ring_from_the_call_causes_another();
    void letters_of_many_threads_arrive_once_and_in_order_of_each();
    void letters_go_both_ways_between_two_threads();
};

void MailboxTest::waiting_letters_arrive_in_one_call_in_order()
{
    std::vector<std::vector<int>> calls;
    base::Mailbox<int> mailbox([&calls](std::vector<int> letters) { calls.push_back(std::move(letters)); });
    for (int i = 0; i < 5; ++i)
        mailbox.post(i);
    QTRY_COMPARE(calls.size(), size_t(1));
    QCOMPARE(calls[0], (std::vector<int>{0, 1, 2, 3, 4}));
    mailbox.post(5);
    QTRY_COMPARE(calls.size(), size_t(2));
    QCOMPARE(calls[1], std::vector<int>{5});
}

void MailboxTest::nothing_is_delivered_within_post()
{
    int delivered = 0;
    base::Mailbox<int> mailbox([&delivered](const std::vector<int> &) { ++delivered; });
    mailbox.post(1);
    QCOMPARE(delivered, 0);
    QTRY_COMPARE(delivered, 1);
}

void MailboxTest::a_letter_can_be_posted_from_the_receiver()
{
    std::vector<int> got;
    std::unique_ptr<base::Mailbox<int>> mailbox;
    mailbox = std::make_unique<base::Mailbox<int>>([&](const std::vector<int> &letters) {
        got.insert(got.end(), letters.begin(), letters.end());
        if (got.back() < 3)
            mailbox->post(got.back() + 1);
    });
    mailbox->post(0);
    QTRY_COMPARE(got.size(), size_t(4));
    QCOMPARE(got, (std::vector<int>{0, 1, 2, 3}));
}

void MailboxTest::taken_letters_are_not_delivered_again()
{
    std::vector<std::vector<int>> calls;
    base::Mailbox<int> mailbox([&calls](std::vector<int> letters) { calls.push_back(std::move(letters)); });
    mailbox.post(1);
    mailbox.post(2);
    QCOMPARE(mailbox.take(), (std::vector<int>{1, 2}));
    QVERIFY(mailbox.take().empty());
    QCoreApplication::processEvents();
    QVERIFY(calls.empty());
    mailbox.post(3);
    QTRY_COMPARE(calls.size(), size_t(1));
    QCOMPARE(calls[0], std::vector<int>{3});
}

void MailboxTest::many_letters_go_in_at_once()
{
    std::vector<int> got;
    base::Mailbox<int> mailbox(
        [&got](const std::vector<int> &letters) { got.insert(got.end(), letters.begin(), letters.end()); });
    mailbox.post(std::vector<int>{});
    mailbox.post(std::vector<int>{1, 2});
    mailbox.post(3);
    mailbox.post(std::vector<int>{4, 5});
    QTRY_COMPARE(got.size(), size_t(5));
    QCOMPARE(got, (std::vector<int>{1, 2, 3, 4, 5}));
}

void MailboxTest::a_patient_receiver_is_called_when_enough_waits_or_it_asks()
{
    std::vector<size_t> calls;
    base::Mailbox<int> mailbox([&calls](const std::vector<int> &letters) { calls.push_back(letters.size()); });
    mailbox.setPatience(3);
    mailbox.post(1);
    mailbox.post(std::vector<int>{2});
    QCoreApplication::processEvents();
    QVERIFY(calls.empty());
    mailbox.post(3);
    QTRY_COMPARE(calls, std::vector<size_t>{3});
    mailbox.post(4);
    QCoreApplication::processEvents();
    QCOMPARE(calls.size(), size_t(1));
    mailbox.setPatience(1);
    QTRY_COMPARE(calls, (std::vector<size_t>{3, 1}));
    mailbox.post(5);
    QTRY_COMPARE(calls, (std::vector<size_t>{3, 1, 1}));
}

void MailboxTest::letters_may_be_move_only()
{
    int got = 0;
    base::Mailbox<std::unique_ptr<int>> mailbox([&got](const std::vector<std::unique_ptr<int>> &letters) {
        for (const auto &letter : letters)
            got += *letter;
    });
    mailbox.post(std::make_unique<int>(7));
    mailbox.post(std::make_unique<int>(8));
    QTRY_COMPARE(got, 15);
}

void MailboxTest::a_mailbox_with_letters_can_be_destroyed()
{
    const auto letter = std::make_shared<int>(1);
    bool called = false;
    {
        base::Mailbox<std::shared_ptr<int>> mailbox(
            [&called](const std::vector<std::shared_ptr<int>> &) { called = true; });
        mailbox.post(letter);
        QCOMPARE(letter.use_count(), 2L);
    }
    QCoreApplication::processEvents();
    QVERIFY(!called);
    QCOMPARE(letter.use_count(), 1L);
}

void MailboxTest::several_rings_cause_one_call()
{
    int calls = 0;
    base::WakeUp wakeUp([&calls] { ++calls; });
    for (int i = 0; i < 10; ++i)
        wakeUp.ring();
    QTRY_COMPARE(calls, 1);
    QCoreApplication::processEvents();
    QCOMPARE(calls, 1);
}

void MailboxTest::a_ring_from_the_call_causes_another()
{
    int calls = 0;
    std::unique_ptr<base::WakeUp> wakeUp;
    wakeUp = std::make_unique<base::WakeUp>([&] {
        if (++calls < 3)
            wakeUp->ring();
    });
    wakeUp->ring();
    QTRY_COMPARE(calls, 3);
}

void MailboxTest::letters_of_many_threads_arrive_once_and_in_order_of_each()
{
    constexpr int Writers = 4;
    constexpr int Each = 5000;
    struct Letter {
        int writer;
        int number;
    };
    std::array<int, Writers> next{};
    int total = 0;
    bool ordered = true;
    base::Mailbox<Letter> mailbox([&](const std::vector<Letter> &letters) {
        for (const Letter &letter : letters) {
            ordered = ordered && letter.number == next[size_t(letter.writer)]++;
            ++total;
        }
    });
    std::vector<std::thread> threads;
    threads.reserve(Writers);
    for (int writer = 0; writer < Writers; ++writer) {
        threads.emplace_back([&mailbox, writer] {
            for (int i = 0; i < Each; ++i) {
                if (i % 3 == 0 && i + 1 < Each) {
                    mailbox.post(std::vector<Letter>{{writer, i}, {writer, i + 1}});
                    ++i;
                } else {
                    mailbox.post(Letter{writer, i});
                }
            }
        });
    }
    QTRY_COMPARE_WITH_TIMEOUT(total, Writers * Each, 60000);
    for (std::thread &thread : threads)
        thread.join();
    QVERIFY(ordered);
}

namespace
{

/// A thread with an event loop and a mailbox that sends back each number plus one.
class Echo final : public QThread
{
public:
    explicit Echo(base::Mailbox<int> &answers)
        : m_answers(answers)
    {
    }
    ~Echo() override
    {
        quit();
        wait();
    }
    Q_DISABLE_COPY_MOVE(Echo)

    /// Null until the thread has made its mailbox.
    base::Mailbox<int> *mailbox() const { return m_mailbox.load(std::memory_order_acquire); }

protected:
    void run() override
    {
        base::Mailbox<int> mailbox([this](std::vector<int> letters) {
            for (int &letter : letters)
                ++letter;
            m_answers.post(std::move(letters));
        });
        m_mailbox.store(&mailbox, std::memory_order_release);
        exec();
        m_mailbox.store(nullptr, std::memory_order_release);
    }

private:
    base::Mailbox<int> &m_answers;
    std::atomic<base::Mailbox<int> *> m_mailbox{nullptr};
};

} // namespace

void MailboxTest::letters_go_both_ways_between_two_threads()
{
    constexpr int Rounds = 1000;
    std::atomic<base::Mailbox<int> *> echoMailbox{nullptr};
    int last = 0;
    base::Mailbox<int> answers([&](const std::vector<int> &letters) {
        last = letters.back();
        if (last < Rounds)
            echoMailbox.load()->post(last);
    });
    Echo echo(answers);
    echo.start();
    QTRY_VERIFY(echo.mailbox());
    echoMailbox = echo.mailbox();
    echoMailbox.load()->post(0);
    QTRY_COMPARE_WITH_TIMEOUT(last, Rounds, 60000);
}

QTEST_GUILESS_MAIN(MailboxTest)
#include "tst_mailbox.moc"
