// SPDX-License-Identifier: GPL-3.0-or-later
// The machine's own name service, as far as it answers without a network.
#include "federation/systemresolver.h"

#include <QtTest/QTest>

#include <optional>

using namespace restante;
using namespace restante::federation;

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
