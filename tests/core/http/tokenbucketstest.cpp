// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/tokenbuckets.h"
#include "base/addresskey.h"
#include "fakeclock.h"
#include "http/addressbudget.h"

#include <QtTest/QTest>

using restante::http::AddressBudget;
using restante::http::TokenBuckets;
using restante::test::FakeClock;

class TokenBucketsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_rate_of_zero_limits_nothing()
    {
        FakeClock clock;
        TokenBuckets buckets(0, 1, clock);
        for (int i = 0; i < 100; ++i)
            QCOMPARE_EQ(buckets.take("a"), 0);
        QCOMPARE_EQ(buckets.size(), 0);
    }

    void a_burst_is_allowed_then_the_wait_is_told()
    {
        FakeClock clock;
        TokenBuckets buckets(2, 3, clock); // one each 500 ms
        for (int i = 0; i < 3; ++i)
            QCOMPARE_EQ(buckets.take("a"), 0);
        QCOMPARE_EQ(buckets.take("a"), 500);
        clock.advance(499);
        QCOMPARE_EQ(buckets.take("a"), 1);
        clock.advance(1);
        QCOMPARE_EQ(buckets.take("a"), 0);
        QCOMPARE_EQ(buckets.take("a"), 500);
    }

    void a_refused_attempt_costs_nothing()
    {
        FakeClock clock;
        TokenBuckets buckets(1, 1, clock);
        QCOMPARE_EQ(buckets.take("a"), 0);
        for (int i = 0; i < 50; ++i)
            QCOMPARE_GT(buckets.take("a"), 0);
        clock.advance(1000);
        QCOMPARE_EQ(buckets.take("a"), 0);
    }

    void tokens_do_not_pile_up_beyond_the_burst()
    {
        FakeClock clock;
        TokenBuckets buckets(10, 2, clock);
        QCOMPARE_EQ(buckets.take("a"), 0);
        clock.advance(3'600'000);
        QCOMPARE_EQ(buckets.take("a"), 0);
        QCOMPARE_EQ(buckets.take("a"), 0);
        QCOMPARE_GT(buckets.take("a"), 0);
    }

    void keys_have_buckets_of_their_own()
    {
        FakeClock clock;
        TokenBuckets buckets(1, 1, clock);
        QCOMPARE_EQ(buckets.take("a"), 0);
        QCOMPARE_GT(buckets.take("a"), 0);
        QCOMPARE_EQ(buckets.take("b"), 0);
    }

    void the_number_of_keys_is_bounded()
    {
        FakeClock clock;
        TokenBuckets buckets(1, 1, clock, 100);
        for (int i = 0; i < 10'000; ++i)
            QCOMPARE_EQ(buckets.take(QByteArray::number(i)), 0);
        QCOMPARE_LE(buckets.size(), 100);
    }

    void a_key_in_use_is_not_forgotten_among_many_others()
    {
        FakeClock clock;
        TokenBuckets buckets(0.001, 1, clock, 100);
        QCOMPARE_EQ(buckets.take("greedy"), 0);
        for (int i = 0; i < 5'000; ++i) {
            buckets.take(QByteArray::number(i));
            if (i % 20 == 0)
                QCOMPARE_GT(buckets.take("greedy"), 0);
        }
    }

    void what_was_spent_already_is_owed()
    {
        FakeClock clock;
        TokenBuckets buckets(10, 100, clock);
        QCOMPARE_EQ(buckets.waitMs("a"), 0);
        QCOMPARE_EQ(buckets.size(), 0); // asking alone remembers nobody
        buckets.owe("a", 99);
        QCOMPARE_EQ(buckets.waitMs("a"), 0);
        buckets.owe("a", 50);
        QCOMPARE_EQ(buckets.waitMs("a"), 5'000);
        QCOMPARE_EQ(buckets.waitMs("b"), 0);
        buckets.owe("a", 1e9); // a burst of debt at most
        QCOMPARE_EQ(buckets.waitMs("a"), 10'100);
        clock.advance(10'100);
        QCOMPARE_EQ(buckets.waitMs("a"), 0);
    }

    void an_address_shares_with_the_networks_around_it()
    {
        FakeClock clock;
        AddressBudget budget(1, 10, clock);
        const auto takeFrom = [&](int subnet) {
            const auto address = QStringLiteral("2001:db8:1:%1::1").arg(subnet, 0, 16);
            return budget.take(restante::base::addressKey(QHostAddress(address))) == 0;
        };
        int ofOne = 0;
        for (int i = 0; i < 100; ++i)
            ofOne += takeFrom(0) ? 1 : 0;
        QCOMPARE_EQ(ofOne, 10);
        int ofAll = ofOne;
        for (int subnet = 1; subnet < 1'000; ++subnet)
            ofAll += takeFrom(subnet) ? 1 : 0;
        QVERIFY2(ofAll > 70 && ofAll <= 80, qPrintable(QString::number(ofAll))); // eight shares for a /48
        QVERIFY(budget.take(restante::base::addressKey(QHostAddress(QStringLiteral("192.0.2.1")))) == 0);
    }

    void other_figures_apply_at_once()
    {
        FakeClock clock;
        TokenBuckets buckets(1, 1, clock);
        QCOMPARE_EQ(buckets.take("a"), 0);
        buckets.configure(0, 1);
        QCOMPARE_EQ(buckets.take("a"), 0);
        buckets.configure(1000, 5);
        clock.advance(5);
        for (int i = 0; i < 5; ++i)
            QCOMPARE_EQ(buckets.take("a"), 0);
        QCOMPARE_EQ(buckets.take("a"), 1);
    }
};

QTEST_GUILESS_MAIN(TokenBucketsTest)
#include "tokenbucketstest.moc"
