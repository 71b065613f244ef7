// SPDX-License-Identifier: GPL-3.0-or-later
// The machine's own name service, as far as it answers without a network, and a name server on loopback.
#include "federation/systemresolver.h"

#include "fakenameserver.h"

#include <QtTest/QTest>

#include <optional>

using namespace restante;
using namespace restante::federation;

namespace
{
using Found = std::optional<Result<QList<Service>>>;
} // namespace

class SystemResolverTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void the_hosts_file_is_read()
    {
        SystemResolver resolver;
        std::optional<Result<QList<QHostAddress>>> found;
        resolver.addresses("localhost", [&found](auto result) { found = std::move(result); });
        QTRY_VERIFY(found);
        QVERIFY(found->ok());
        QVERIFY(std::all_of((*found)->begin(), (*found)->end(), [](const auto &each) { return each.isLoopback(); }));
        QVERIFY(!(*found)->isEmpty());
    }

    void many_lookups_are_all_answered()
    {
        SystemResolver resolver;
        constexpr int many = 3 * SystemResolver::MostThreads;
        int answered = 0;
        for (int i = 0; i < many; ++i)
            resolver.addresses("localhost", [&answered](const auto &) { ++answered; });
        QTRY_COMPARE(answered, many);
    }

    void services_are_read_with_all_they_say()
    {
        test::FakeNameServer names;
        names.add("_matrix-fed._tcp.a.example", 10, 5, 8448, "x.example", 600);
        names.add("_matrix-fed._tcp.a.example", 20, 0, 443, "y.sub.example", 60);
        SystemResolver resolver(names.place());
        Found found;
        resolver.services("_matrix-fed._tcp.a.example", [&found](auto result) { found = std::move(result); });
        QVERIFY(!found);
        QTRY_VERIFY(found);
        QVERIFY(found->ok());
        QCOMPARE((*found)->size(), 2);
        const Service first = (*found)->at(0);
        QCOMPARE(first.priority, 10);
        QCOMPARE(first.weight, 5);
        QCOMPARE(first.port, 8448);
        QCOMPARE(first.target, QByteArray("x.example"));
        QCOMPARE(first.ttlMs, 600'000);
        QCOMPARE((*found)->at(1).target, QByteArray("y.sub.example"));
    }

    void no_services_are_told_from_no_answer_data()
    {
        QTest::addColumn<int>("code");
        QTest::addColumn<bool>("answered");
        QTest::newRow("no such name") << 3 << true;
        QTest::newRow("no such record") << 0 << true;
        QTest::newRow("the server fails") << 2 << false;
        QTest::newRow("the server refuses") << 5 << false;
    }

    void no_services_are_told_from_no_answer()
    {
        QFETCH(int, code);
        QFETCH(bool, answered);
        test::FakeNameServer names;
        names.code = quint16(code);
        SystemResolver resolver(names.place());
        Found found;
        resolver.services("_matrix-fed._tcp.a.example", [&found](auto result) { found = std::move(result); });
        constexpr int patienceMs = 2 * SystemResolver::ServicesMs;
        QTRY_VERIFY_WITH_TIMEOUT(found, patienceMs);
        QCOMPARE(found->ok(), answered);
        if (answered)
            QVERIFY((*found)->isEmpty());
        else
            QCOMPARE(found->error().code, Errc::Unreachable);
    }

    void a_name_server_that_is_silent_is_given_up()
    {
        test::FakeNameServer names;
        Found found;
        constexpr int patienceMs = 200;
        const ServicesLookup lookup("_matrix-fed._tcp.a.example", "127.0.0.1:9", patienceMs,
                                    [&found](auto result) { found = std::move(result); });
        QTRY_VERIFY(found);
        QVERIFY(!found->ok());
        Found silent;
        const ServicesLookup other("dead.example", names.place(), patienceMs,
                                   [&silent](auto result) { silent = std::move(result); });
        QTRY_VERIFY(silent);
        QCOMPARE(silent->error().code, Errc::Unreachable);
        QCOMPARE(names.asked, 1);
    }

    void names_of_silent_name_servers_hold_up_nobody()
    {
        test::FakeNameServer names;
        names.add("good.example", 0, 0, 1, "x.example", 60);
        SystemResolver resolver(names.place());
        size_t ended = 0;
        for (size_t i = 1; i < SystemResolver::MostServices; ++i)
            resolver.services("dead" + QByteArray::number(int(i)) + ".example", [&ended](const auto &) { ++ended; });
        Found found;
        resolver.services("good.example", [&found](auto result) { found = std::move(result); });
        QTRY_VERIFY(found);
        QVERIFY(found->ok());
        QCOMPARE(ended, size_t(0));
    }

    void more_lookups_than_go_at_once_have_their_turn()
    {
        test::FakeNameServer names;
        names.add("good.example", 0, 0, 1, "x.example", 60);
        SystemResolver resolver(names.place());
        size_t good = 0;
        for (size_t i = 0; i < 2 * SystemResolver::MostServices; ++i)
            resolver.services("good.example", [&good](const auto &found) { good += found.ok(); });
        QTRY_COMPARE(good, 2 * SystemResolver::MostServices);
    }

    void too_many_names_that_wait_are_refused()
    {
        SystemResolver resolver;
        size_t busy = 0;
        size_t found = 0;
        constexpr size_t many = SystemResolver::MostWaiting + size_t(4) * size_t(SystemResolver::MostThreads);
        for (size_t i = 0; i < many; ++i)
            resolver.addresses("localhost", [&busy, &found](const auto &result) {
                ++(result ? found : busy);
                if (!result)
                    QCOMPARE(result.error().code, Errc::Busy);
            });
        QTRY_COMPARE(busy + found, many);
        QVERIFY(found >= SystemResolver::MostWaiting);
    }

    void nobody_is_told_after_the_resolver_is_gone()
    {
        int told = 0;
        {
            SystemResolver resolver;
            resolver.addresses("localhost", [&told](const auto &) { ++told; });
            resolver.services("_matrix-fed._tcp.localhost", [&told](const auto &) { ++told; });
        }
        // Another one asks the same afterwards: when it has its answers, the first one's would have come.
        SystemResolver later;
        int answered = 0;
        later.addresses("localhost", [&answered](const auto &) { ++answered; });
        later.services("_matrix-fed._tcp.localhost", [&answered](const auto &) { ++answered; });
        constexpr int patienceMs = 30'000; // services may ask a name server that does not answer
        QTRY_COMPARE_WITH_TIMEOUT(answered, 2, patienceMs);
        QCOMPARE(told, 0);
    }
};

QTEST_GUILESS_MAIN(SystemResolverTest)
#include "tst_systemresolver.moc"
