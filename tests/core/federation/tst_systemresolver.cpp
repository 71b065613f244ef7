// SPDX-License-Identifier: GPL-3.0-or-later
// The machine's own name service, as far as it answers without a network, with a name server of the test's own.
#include "fakenameserver.h"
#include "federation/systemresolver.h"
#include "http/descriptors.h"

#include <QtCore/QSemaphore>
#include <QtTest/QTest>

#include <atomic>
#include <optional>

using namespace restante;
using namespace restante::federation;
using namespace restante::test;

namespace
{
/// Asks, waits, and keeps the wish as long as it lives.
struct Asker {
    explicit Asker(Resolver &asked)
        : resolver(asked)
    {
    }
    Result<QList<Service>> services(const QByteArray &name)
    {
        std::optional<Result<QList<Service>>> found;
        resolver.services(name, wish, [&found](auto result) { found = std::move(result); });
        if (!QTest::qWaitFor([&found] { return found.has_value(); }, PatienceMs))
            return {Errc::Internal, QStringLiteral("no answer at all")};
        return *found;
    }
    Result<QList<QHostAddress>> addresses(const QByteArray &host)
    {
        std::optional<Result<QList<QHostAddress>>> found;
        resolver.addresses(host, wish, [&found](auto result) { found = std::move(result); });
        if (!QTest::qWaitFor([&found] { return found.has_value(); }, PatienceMs))
            return {Errc::Internal, QStringLiteral("no answer at all")};
        return *found;
    }

    static constexpr int PatienceMs = 30'000;
    Resolver &resolver;
    std::shared_ptr<int> wish = std::make_shared<int>(0);
};
} // namespace

class SystemResolverTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(http::raiseDescriptorLimit() > qint64(SystemResolver::MostLookups) + 100); }

    void the_hosts_file_is_read()
    {
        FakeNameServer names;
        QVERIFY(names.listen());
        SystemResolver resolver(names.place());
        const auto found = Asker(resolver).addresses("localhost");
        QVERIFY(found.ok());
        QVERIFY(std::all_of(found->begin(), found->end(), [](const auto &each) { return each.isLoopback(); }));
        QVERIFY(!found->isEmpty());
        QCOMPARE(names.asked, 0);
    }

    void addresses_come_from_the_name_server()
    {
        FakeNameServer names;
        QVERIFY(names.listen());
        SystemResolver resolver(names.place());
        const QHostAddress v4(QStringLiteral("192.0.2.1"));
        const QHostAddress v6(QStringLiteral("2001:db8::1"));
        names.addAddress("one.test", v4);
        names.addAddress("both.test", v4);
        names.addAddress("both.test", v6);
        QCOMPARE(*Asker(resolver).addresses("one.test"), QList{v4});
        const auto both = Asker(resolver).addresses("both.test");
        QVERIFY(both.ok());
        QCOMPARE(both->size(), 2);
        QVERIFY(both->contains(v4) && both->contains(v6));
    }

    void services_come_with_all_that_is_said_of_them()
    {
        FakeNameServer names;
        QVERIFY(names.listen());
        SystemResolver resolver(names.place());
        names.addService("_matrix-fed._tcp.a.test", "one.a.test", 99, 300, 10, 20);
        names.addService("_matrix-fed._tcp.a.test", "", 98, 0x80000001);
        const auto found = Asker(resolver).services("_matrix-fed._tcp.a.test");
        QVERIFY(found.ok());
        QCOMPARE(found->size(), 2);
        QCOMPARE(found->at(0).target, "one.a.test");
        QCOMPARE(found->at(0).port, 99);
        QCOMPARE(found->at(0).priority, 10);
        QCOMPARE(found->at(0).weight, 20);
        QCOMPARE(found->at(0).ttlMs, 300'000);
        QCOMPARE(found->at(1).target, ""); // the root: no such service
        QCOMPARE(found->at(1).ttlMs, 0);   // RFC 2181, 8
    }

    void no_records_are_told_from_no_answer_data()
    {
        QTest::addColumn<int>("code");
        QTest::addColumn<bool>("answered");
        QTest::newRow("no such name") << int(FakeNameServer::NoSuchName) << true;
        QTest::newRow("no such record") << int(FakeNameServer::NoError) << true;
        QTest::newRow("failed") << int(FakeNameServer::ServerFailure) << false;
        QTest::newRow("refused") << int(FakeNameServer::Refused) << false;
        QTest::newRow("not implemented") << int(FakeNameServer::NotImplemented) << false;
        QTest::newRow("not understood") << int(FakeNameServer::FormatError) << false;
    }
    void no_records_are_told_from_no_answer()
    {
        QFETCH(const int, code);
        QFETCH(const bool, answered);
        FakeNameServer names;
        QVERIFY(names.listen());
        SystemResolver resolver(names.place());
        names.setCode("_matrix-fed._tcp.a.test", FakeNameServer::Code(code));
        const auto found = Asker(resolver).services("_matrix-fed._tcp.a.test");
        QCOMPARE(found.ok(), answered);
        if (answered)
            QVERIFY(found->isEmpty());
        else
            QCOMPARE(found.error().code, Errc::Unreachable);
        names.addAddress("a.test", QHostAddress(QStringLiteral("192.0.2.1")));
        const auto ofKnown = Asker(resolver).services("_matrix-fed._tcp.a.test");
        QCOMPARE(ofKnown.ok(), answered);
        if (!answered)
            QCOMPARE(ofKnown.error().code, Errc::NotFound); // it is there, but cannot do SRV
    }

    void a_name_server_that_is_silent_about_services_knows_the_host()
    {
        FakeNameServer names;
        QVERIFY(names.listen());
        names.silentTypes = {quint16(DnsLookup::Type::Srv)};
        names.addAddress("a.test", QHostAddress(QStringLiteral("192.0.2.1")));
        SystemResolver resolver(names.place());
        QCOMPARE(Asker(resolver).services("_matrix-fed._tcp.a.test").error().code, Errc::NotFound);
    }

    void an_answer_that_cannot_be_read_says_nothing()
    {
        FakeNameServer names;
        QVERIFY(names.listen());
        names.addService("_matrix-fed._tcp.a.test", "one.a.test", 99, 300);
        names.addBrokenService("_matrix-fed._tcp.a.test");
        SystemResolver resolver(names.place());
        QCOMPARE(Asker(resolver).services("_matrix-fed._tcp.a.test").error().code, Errc::Unreachable);
    }

    void one_type_that_is_never_answered_does_not_delay_the_other()
    {
        FakeNameServer names;
        QVERIFY(names.listen());
        names.silentTypes = {quint16(DnsLookup::Type::Aaaa)};
        const QHostAddress v4(QStringLiteral("192.0.2.1"));
        names.addAddress("a.test", v4);
        SystemResolver resolver(names.place());
        const auto wish = std::make_shared<int>(0);
        bool told = false;
        resolver.addresses("a.silent.test", wish, [&told](const auto &) { told = true; });
        QCOMPARE(*Asker(resolver).addresses("a.test"), QList{v4});
        QVERIFY(!told); // it has its whole time
    }

    void a_name_server_that_is_not_there_has_not_answered()
    {
        QByteArray place;
        {
            FakeNameServer names;
            QVERIFY(names.listen());
            place = names.place();
        }
        SystemResolver resolver(place);
        QCOMPARE(Asker(resolver).services("_matrix-fed._tcp.a.test").error().code, Errc::Unreachable);
    }

    void a_name_server_that_is_silent_has_not_answered()
    {
        FakeNameServer names;
        QVERIFY(names.listen());
        SystemResolver resolver(names.place());
        QCOMPARE(Asker(resolver).services("_matrix-fed._tcp.silent.test").error().code, Errc::Unreachable);
        QVERIFY(names.asked > 1); // a datagram may be lost
    }

    void names_that_are_in_no_name_server_are_not_asked_for_data()
    {
        QTest::addColumn<QByteArray>("host");
        for (const char *host : {"localhost", "laptop.local", "Laptop.LOCAL", "a.localhost", "laptop"})
            QTest::newRow(host) << QByteArray(host);
    }
    void names_that_are_in_no_name_server_are_not_asked_for()
    {
        QFETCH(const QByteArray, host);
        FakeNameServer names;
        QVERIFY(names.listen());
        SystemResolver resolver(names.place());
        const auto found = Asker(resolver).services("_matrix-fed._tcp." + host);
        QVERIFY(found.ok());
        QVERIFY(found->isEmpty());
        QCOMPARE(names.asked, 0);
    }

    void names_that_are_never_answered_delay_no_others()
    {
        FakeNameServer names;
        QVERIFY(names.listen());
        names.addService("_matrix-fed._tcp.a.test", "one.a.test", 99, 300);
        names.addAddress("a.test", QHostAddress(QStringLiteral("192.0.2.1")));
        SystemResolver resolver(names.place());
        const auto wish = std::make_shared<int>(0);
        int told = 0;
        for (int i = 0; i < 100; ++i) {
            const QByteArray name = QByteArray::number(i) + ".silent.test";
            resolver.services("_matrix-fed._tcp." + name, wish, [&told](const auto &) { ++told; });
            resolver.addresses(name, wish, [&told](const auto &) { ++told; });
        }
        QVERIFY(Asker(resolver).services("_matrix-fed._tcp.a.test").ok());
        QVERIFY(Asker(resolver).addresses("a.test").ok());
        QCOMPARE(told, 0);
    }

    void lookups_that_nobody_wants_give_way()
    {
        FakeNameServer names;
        QVERIFY(names.listen());
        names.addService("_matrix-fed._tcp.a.test", "one.a.test", 99, 300);
        SystemResolver resolver(names.place());
        auto wish = std::make_shared<int>(0);
        for (size_t i = 0; i < SystemResolver::MostLookups; ++i)
            resolver.services("_matrix-fed._tcp." + QByteArray::number(qulonglong(i)) + ".silent.test", wish,
                              [](const auto &) { QFAIL("told"); });
        QCOMPARE(Asker(resolver).services("_matrix-fed._tcp.a.test").error().code, Errc::Busy);
        wish.reset();
        QVERIFY(Asker(resolver).services("_matrix-fed._tcp.a.test").ok());
    }

    void names_that_strangers_made_up_leave_threads_to_those_that_were_found()
    {
        const auto gate = std::make_shared<QSemaphore>(); // threads may outlive the test
        const auto hanging = std::make_shared<std::atomic<int>>(0);
        const auto lookUp = [gate, hanging](const QByteArray &host) -> Result<QList<QHostAddress>> {
            if (host.startsWith("made-up")) {
                ++*hanging;
                gate->acquire();
                return {Errc::Unreachable, QString()};
            }
            return QList{QHostAddress(QHostAddress::LocalHost)};
        };
        FakeNameServer names;
        QVERIFY(names.listen());
        SystemResolver resolver(names.place(), lookUp);
        QVERIFY(Asker(resolver).addresses("laptop.local").ok());
        const auto wish = std::make_shared<int>(0);
        for (int i = 0; i < 2 * SystemResolver::OtherThreads; ++i)
            resolver.addresses("made-up-" + QByteArray::number(i) + ".local", wish, [](const auto &) {});
        QTRY_COMPARE(hanging->load(), SystemResolver::OtherThreads / 2);
        QVERIFY(Asker(resolver).addresses("laptop.local").ok());
        QCOMPARE(hanging->load(), SystemResolver::OtherThreads / 2);
        gate->release(2 * SystemResolver::OtherThreads);
    }

    void many_lookups_are_all_answered()
    {
        FakeNameServer names;
        QVERIFY(names.listen());
        SystemResolver resolver(names.place());
        const auto wish = std::make_shared<int>(0);
        constexpr int many = 3 * SystemResolver::OtherThreads;
        int answered = 0;
        for (int i = 0; i < many; ++i)
            resolver.addresses("localhost", wish, [&answered](const auto &found) { answered += found ? 1 : 0; });
        QTRY_COMPARE(answered, many);
    }

    void nobody_is_told_after_the_wish_or_the_resolver_is_gone()
    {
        FakeNameServer names;
        QVERIFY(names.listen());
        names.addService("_matrix-fed._tcp.a.test", "one.a.test", 99, 300);
        int told = 0;
        const auto count = [&told](const auto &) { ++told; };
        SystemResolver later(names.place());
        {
            SystemResolver resolver(names.place());
            const auto wish = std::make_shared<int>(0);
            resolver.addresses("localhost", wish, count);
            resolver.services("_matrix-fed._tcp.a.test", wish, count);
            later.addresses("localhost", std::make_shared<int>(0), count);
            later.services("_matrix-fed._tcp.a.test", std::make_shared<int>(0), count);
        }
        // Another one asks the same afterwards: when it has its answers, the first ones' would have come.
        QVERIFY(Asker(later).addresses("localhost").ok());
        QVERIFY(Asker(later).services("_matrix-fed._tcp.a.test").ok());
        QCOMPARE(told, 0);
    }

    void an_answer_may_be_broken()
    {
        QVERIFY(!servicesIn({}));
        QVERIFY(!servicesIn("no DNS"));
        QVERIFY(addressesIn(QByteArray(512, '\xff')).isEmpty());
        // One question, one SRV record whose target is cut off; then the same with a target that points to itself.
        const QByteArray head = QByteArray::fromHex("000081800001000100000000"
                                                    "0161000021"
                                                    "0001");
        const QByteArray record = QByteArray::fromHex("c00c00210001"
                                                      "0000003c");
        QVERIFY(!servicesIn(head + record +
                            QByteArray::fromHex("0009"
                                                "000000000001"
                                                "0561")));
        QVERIFY(!servicesIn(head + record +
                            QByteArray::fromHex("0008"
                                                "000000000001"
                                                "c025")));
        QVERIFY(!servicesIn(head + record +
                            QByteArray::fromHex("0004"
                                                "00000000")));
        const auto whole = servicesIn(head + record +
                                      QByteArray::fromHex("0009"
                                                          "000000000001"
                                                          "016200"));
        QVERIFY(whole.has_value());
        QCOMPARE(whole->size(), 1);
        QCOMPARE(whole->first().target, "b");
    }
};

QTEST_GUILESS_MAIN(SystemResolverTest)
#include "tst_systemresolver.moc"
