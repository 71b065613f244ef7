// SPDX-License-Identifier: GPL-3.0-or-later
// The machine's own name service, as far as it answers without a network.
#include "federation/systemresolver.h"

#include <QtTest/QtTest>

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
        constexpr int aMomentMs = 50;
        QTest::qWait(aMomentMs);
        QCOMPARE(told, 0);
    }
};

QTEST_GUILESS_MAIN(SystemResolverTest)
#include "tst_systemresolver.moc"
