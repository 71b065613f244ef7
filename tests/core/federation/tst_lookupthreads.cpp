// SPDX-License-Identifier: GPL-3.0-or-later
// Look-ups that block, with a name service that the test holds up.
#include "federation/lookupthreads.h"

#include <QtCore/QSemaphore>
#include <QtTest/QTest>

#include <atomic>

using namespace restante;
using namespace restante::federation;
using Trust = LookupThreads::Trust;

namespace
{
/// Names that begin with "slow" are answered when the test lets them. Threads may outlive the test, so they share it.
struct Names {
    std::atomic<int> begun{0};
    QSemaphore let;

    Result<QList<QHostAddress>> lookUp(const QByteArray &host)
    {
        ++begun;
        if (host.startsWith("slow"))
            let.acquire();
        return QList{QHostAddress(QHostAddress::LocalHost)};
    }
};
} // namespace

class LookupThreadsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_names = std::make_shared<Names>();
        m_wish = std::make_shared<int>(0);
    }
    void cleanup() { m_names->let.release(2 * int(LookupThreads::MostWaiting)); }

    void doubtful_names_leave_threads_to_the_others()
    {
        LookupThreads threads(4, work());
        int told = 0;
        for (int i = 0; i < 10; ++i)
            threads.ask("slow", m_wish, Trust::Doubtful, [&told](const auto &) { ++told; });
        QTRY_COMPARE(m_names->begun.load(), 2);
        int answered = 0;
        for (int i = 0; i < 10; ++i)
            threads.ask("quick", m_wish, Trust::Ordinary,
                        [&answered](const auto &found) { answered += found ? 1 : 0; });
        QTRY_COMPARE(answered, 10);
        QCOMPARE(m_names->begun.load(), 12); // no further doubtful one
        QCOMPARE(told, 0);
        m_names->let.release(10);
        QTRY_COMPARE(told, 10);
    }

    void what_nobody_wants_is_not_begun()
    {
        LookupThreads threads(1, work());
        int told = 0;
        threads.ask("slow", m_wish, Trust::Ordinary, [&told](const auto &) { ++told; });
        QTRY_COMPARE(m_names->begun.load(), 1);
        auto dropped = std::make_shared<int>(0);
        for (int i = 0; i < 3; ++i)
            threads.ask("unwanted", dropped, Trust::Ordinary, [](const auto &) { QFAIL("told"); });
        threads.ask("wanted", m_wish, Trust::Ordinary, [&told](const auto &) { ++told; });
        dropped.reset();
        m_names->let.release();
        QTRY_COMPARE(told, 2);
        QCOMPARE(m_names->begun.load(), 2);
    }

    void those_who_wait_are_bounded_and_unwanted_ones_give_way()
    {
        LookupThreads threads(1, work());
        threads.ask("slow", m_wish, Trust::Ordinary, [](const auto &) {});
        QTRY_COMPARE(m_names->begun.load(), 1);
        auto dropped = std::make_shared<int>(0);
        for (size_t i = 0; i < LookupThreads::MostWaiting; ++i)
            threads.ask("waits", dropped, Trust::Doubtful, [](const auto &) { QFAIL("told"); });
        Errc code = Errc::Internal;
        threads.ask("more", m_wish, Trust::Ordinary, [&code](const auto &found) { code = found.error().code; });
        QCOMPARE(code, Errc::Busy);
        dropped.reset();
        bool answered = false;
        threads.ask("more", m_wish, Trust::Ordinary, [&answered](const auto &found) { answered = found.ok(); });
        m_names->let.release();
        QTRY_VERIFY(answered);
    }

    void nobody_is_told_after_it_is_gone()
    {
        int told = 0;
        {
            LookupThreads threads(2, work());
            threads.ask("slow", m_wish, Trust::Ordinary, [&told](const auto &) { ++told; });
            threads.ask("slow", m_wish, Trust::Ordinary, [&told](const auto &) { ++told; });
            threads.ask("waits", m_wish, Trust::Ordinary, [&told](const auto &) { ++told; });
            QTRY_COMPARE(m_names->begun.load(), 2);
        }
        m_names->let.release(2);
        LookupThreads later(1, work());
        bool answered = false;
        later.ask("quick", m_wish, Trust::Ordinary, [&answered](const auto &) { answered = true; });
        QTRY_VERIFY(answered);
        QCOMPARE(told, 0);
    }

private:
    LookupThreads::Work work() const
    {
        return [names = m_names](const QByteArray &host) { return names->lookUp(host); };
    }

    std::shared_ptr<Names> m_names;
    std::shared_ptr<int> m_wish;
};

QTEST_GUILESS_MAIN(LookupThreadsTest)
#include "tst_lookupthreads.moc"
