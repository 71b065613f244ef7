// SPDX-License-Identifier: GPL-3.0-or-later
// Where a server is (PROTOCOL 3.4), without a network.
#include "fakeclock.h"
#include "fakenames.h"
#include "federation/discovery.h"
#include "federation/wellknown.h"

#include <QtTest/QTest>

#include <optional>

using namespace restante;
using namespace restante::federation;
using namespace restante::test;

namespace
{
constexpr qint64 Minute = 60'000;
constexpr qint64 Hour = 60 * Minute;

matrix::ServerName name(const QByteArray &text)
{
    return *matrix::ServerName::parse(text);
}

Response file(const QByteArray &body, int status = 200, const Headers &headers = {})
{
    return {status, headers, body};
}

/// `name>target:port (host header)` for each place, or the number of the error.
QString words(const Result<std::vector<Endpoint>> &found)
{
    if (!found)
        return QStringLiteral("error ") + QString::number(int(found.error().code));
    QStringList list;
    for (const Endpoint &place : *found)
        list.append(QStringLiteral("%1>%2:%3 (%4)")
                        .arg(QString::fromLatin1(place.name), QString::fromLatin1(place.target))
                        .arg(place.port)
                        .arg(QString::fromLatin1(place.hostHeader)));
    return list.join(QStringLiteral(", "));
}

struct Scene {
    FakeClock clock;
    std::shared_ptr<FakeNames> names = std::make_shared<FakeNames>();
    FakeResolver resolver{names};
    Result<Response> wellKnown{Errc::Unreachable, QString()};
    QList<QByteArray> fetched;
    bool later = false; ///< the file comes when the test says so
    std::vector<Discovery::GotResponse> waiting;
    std::shared_ptr<int> wish = std::make_shared<int>(0);
    Discovery discovery{clock, resolver, [this](const QByteArray &host, const Wish &, Discovery::GotResponse done) {
                            fetched.append(host);
                            if (later)
                                waiting.push_back(std::move(done));
                            else
                                done(wellKnown);
                        }};

    QString locate(const QByteArray &text)
    {
        QString answer = QStringLiteral("nothing");
        discovery.locate(name(text), wish, [&answer](const auto &found) { answer = words(found); });
        return answer;
    }
};
} // namespace

class DiscoveryTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_name_leads_to_its_place_data()
    {
        QTest::addColumn<QByteArray>("server");
        QTest::addColumn<QByteArray>("wellKnown"); // body of a 200; null: none
        QTest::addColumn<QByteArray>("services");  // name target port, separated by ;
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *tag, const char *server, const char *wellKnown, const char *services,
                            const char *expected) {
            QTest::newRow(tag) << QByteArray(server) << QByteArray(wellKnown) << QByteArray(services)
                               << QString::fromLatin1(expected);
        };
        const char *const to = R"({"m.server":"host.example"})";
        row("1 IPv4", "1.2.3.4", nullptr, "", "1.2.3.4>1.2.3.4:8448 (1.2.3.4)");
        row("1 IPv4 with port", "1.2.3.4:99", nullptr, "", "1.2.3.4>1.2.3.4:99 (1.2.3.4:99)");
        row("1 IPv6", "[::1]", nullptr, "", "[::1]>[::1]:8448 ([::1])");
        row("1 IPv6 with port", "[::1]:99", nullptr, "", "[::1]>[::1]:99 ([::1]:99)");
        row("2 port", "a.example:99", to, "_matrix-fed._tcp.a.example x.example 1",
            "a.example>a.example:99 (a.example:99)");
        row("3a IPv4", "a.example", R"({"m.server":"1.2.3.4"})", "", "1.2.3.4>1.2.3.4:8448 (1.2.3.4)");
        row("3a IPv6 with port", "a.example", R"({"m.server":"[::1]:99"})", "", "[::1]>[::1]:99 ([::1]:99)");
        row("3b port", "a.example", R"({"m.server":"host.example:99"})", "_matrix-fed._tcp.host.example x.example 1",
            "host.example>host.example:99 (host.example:99)");
        row("3c SRV", "a.example", to, "_matrix-fed._tcp.host.example x.example 99",
            "host.example>x.example:99 (host.example)");
        row("3d deprecated SRV", "a.example", to, "_matrix._tcp.host.example x.example 99",
            "host.example>x.example:99 (host.example)");
        row("3c before 3d", "a.example", to,
            "_matrix._tcp.host.example y.example 98;_matrix-fed._tcp.host.example x.example 99",
            "host.example>x.example:99 (host.example)");
        row("3e", "a.example", to, "_matrix-fed._tcp.a.example x.example 99",
            "host.example>host.example:8448 (host.example)");
        row("4 SRV", "a.example", nullptr, "_matrix-fed._tcp.a.example x.example 99",
            "a.example>x.example:99 (a.example)");
        row("5 deprecated SRV", "a.example", nullptr, "_matrix._tcp.a.example x.example 99",
            "a.example>x.example:99 (a.example)");
        row("6", "a.example", nullptr, "", "a.example>a.example:8448 (a.example)");
        row("SRV with two targets", "a.example", nullptr,
            "_matrix-fed._tcp.a.example y.example 98 20;_matrix-fed._tcp.a.example x.example 99 10",
            "a.example>x.example:99 (a.example), a.example>y.example:98 (a.example)");
        row("SRV that says there is none", "a.example", nullptr, "_matrix-fed._tcp.a.example . 99",
            "a.example>a.example:8448 (a.example)");
        row("SRV to a number", "a.example", nullptr, "_matrix-fed._tcp.a.example 127.1 99",
            "a.example>a.example:8448 (a.example)");
        for (const char *broken :
             {"", "null", "{}", R"({"m.server":1})", R"({"m.server":""})", R"({"m.server":"https://host.example"})",
              R"({"m.server":"host.example/x"})", R"({"m.server":"user@host.example"})", R"({"m.server":"a b"})",
              "{\"m.server\":", R"({"m.server":"host.example","m.server":"x.example"})"})
            row(broken, "a.example", broken, "", "a.example>a.example:8448 (a.example)");
        const QString none = QStringLiteral("error %1").arg(int(Errc::NotFound));
        for (const char *number : {"127.1", "2130706433", "0x7f.1", "0x7f000001", "a.example.", "a..b"})
            row(number, number, nullptr, "", none.toLatin1());
        row("number with port", "127.1:8448", nullptr, "", none.toLatin1());
        row("number by well-known", "a.example", R"({"m.server":"127.1:8448"})", "", none.toLatin1());
        const QByteArray key(64, 'a');
        row("key", key, nullptr, "", none.toLatin1());
    }
    void a_name_leads_to_its_place()
    {
        QFETCH(const QByteArray, server);
        QFETCH(const QByteArray, wellKnown);
        QFETCH(const QByteArray, services);
        QFETCH(const QString, expected);
        Scene scene;
        if (!wellKnown.isNull())
            scene.wellKnown = file(wellKnown);
        for (const QByteArray &record : services.split(';')) {
            const auto words = record.split(' ');
            if (words.size() > 2)
                scene.names->addService(words[0], words[1], words[2].toUShort(), words.value(3).toUShort());
        }
        QCOMPARE(scene.locate(server), expected);
    }

    void another_status_than_200_is_no_well_known_file_data()
    {
        QTest::addColumn<int>("status");
        for (const int status : {201, 204, 301, 404, 500})
            QTest::addRow("%d", status) << status;
    }
    void another_status_than_200_is_no_well_known_file()
    {
        QFETCH(const int, status);
        Scene scene;
        scene.wellKnown = file(R"({"m.server":"host.example:1"})", status);
        QCOMPARE(scene.locate("a.example"), QStringLiteral("a.example>a.example:8448 (a.example)"));
    }

    void a_well_known_file_counts_for_as_long_as_it_says_data()
    {
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<qint64>("lifetimeMs");
        const auto row = [](const char *field, const char *value, qint64 lifetimeMs) {
            QTest::addRow("%s: %s", field, value) << QByteArray(field) << QByteArray(value) << lifetimeMs;
        };
        row("x", "", 24 * Hour);
        row("cache-control", "public, max-age=7200", 2 * Hour);
        row("cache-control", "Max-Age=7200", 2 * Hour);
        row("cache-control", "max-age=1", 5 * Minute);
        row("cache-control", "max-age=99999999", 48 * Hour);
        row("cache-control", "max-age=9223372036854775807", 48 * Hour);
        row("cache-control", "max-age=99999999999999999999", 24 * Hour); // no number
        row("cache-control", "max-age=-1", 24 * Hour);
        row("cache-control", "no-store", 5 * Minute);
        row("cache-control", "no-cache, max-age=7200", 5 * Minute);
        row("cache-control", "public", 24 * Hour);
        // The clock stands at Mon, 21 Sep 2026 14:13:20 GMT.
        row("expires", "Mon, 21 Sep 2026 15:13:20 GMT", 1 * Hour);
        row("expires", "Mon, 21 Sep 2026 13:13:20 GMT", 5 * Minute);
        row("expires", "0", 5 * Minute);
    }
    void a_well_known_file_counts_for_as_long_as_it_says()
    {
        QFETCH(const QByteArray, field);
        QFETCH(const QByteArray, value);
        QFETCH(const qint64, lifetimeMs);
        Scene scene;
        scene.wellKnown = file(R"({"m.server":"host.example:1"})", 200, {{field, value}});
        scene.locate("a.example");
        scene.clock.advance(lifetimeMs - 1);
        scene.locate("a.example");
        QCOMPARE(scene.fetched.size(), 1);
        scene.clock.advance(1);
        scene.locate("a.example");
        QCOMPARE(scene.fetched.size(), 2);
    }

    void a_file_that_is_not_there_is_asked_for_more_and_more_rarely()
    {
        Scene scene;
        scene.locate("a.example");
        for (const qint64 pause : {Minute, 2 * Minute, 4 * Minute, 8 * Minute, 16 * Minute, 32 * Minute, Hour, Hour}) {
            const auto before = scene.fetched.size();
            scene.clock.advance(pause - 1);
            scene.locate("a.example");
            QCOMPARE(scene.fetched.size(), before);
            scene.clock.advance(1);
            scene.locate("a.example");
            QCOMPARE(scene.fetched.size(), before + 1);
        }
    }

    void a_host_that_is_down_has_not_moved()
    {
        Scene scene;
        const auto there = QStringLiteral("host.example>host.example:1 (host.example:1)");
        scene.wellKnown = file(R"({"m.server":"host.example:1"})");
        QCOMPARE(scene.locate("a.example"), there);
        scene.clock.advance(25 * Hour);
        scene.wellKnown = Error{Errc::Unreachable, {}};
        QCOMPARE(scene.locate("a.example"), there);
        scene.clock.advance(2 * Minute);
        scene.wellKnown = file({}, 503);
        QCOMPARE(scene.locate("a.example"), there);
        scene.clock.advance(48 * Hour);
        QCOMPARE(scene.locate("a.example"), QStringLiteral("a.example>a.example:8448 (a.example)"));
    }

    void a_host_that_says_no_has_moved_back()
    {
        Scene scene;
        scene.wellKnown = file(R"({"m.server":"host.example:1"})");
        scene.locate("a.example");
        scene.clock.advance(25 * Hour);
        scene.wellKnown = file({}, 404);
        QCOMPARE(scene.locate("a.example"), QStringLiteral("a.example>a.example:8448 (a.example)"));
    }

    void services_count_for_as_long_as_they_say()
    {
        Scene scene;
        scene.names->addService("_matrix-fed._tcp.a.example", "x.example", 1, 0, 10 * Minute);
        scene.locate("a.example");
        scene.clock.advance(10 * Minute - 1);
        scene.locate("a.example");
        QCOMPARE(scene.names->asked("_matrix-fed._tcp.a.example"), 1);
        scene.clock.advance(1);
        scene.locate("a.example");
        QCOMPARE(scene.names->asked("_matrix-fed._tcp.a.example"), 2);
    }

    void all_who_wait_for_one_server_ask_once()
    {
        Scene scene;
        scene.later = true;
        QStringList answers;
        for (int i = 0; i < 3; ++i)
            scene.discovery.locate(name("a.example"), scene.wish,
                                   [&answers](const auto &found) { answers.append(words(found)); });
        QCOMPARE(scene.fetched.size(), 1);
        QVERIFY(answers.isEmpty());
        scene.waiting.front()(file(R"({"m.server":"host.example:1"})"));
        QCOMPARE(answers, QStringList(3, QStringLiteral("host.example>host.example:1 (host.example:1)")));
    }

    void too_many_searches_are_refused()
    {
        Scene scene;
        scene.later = true;
        for (int i = 0; i < Discovery::MostPending; ++i)
            scene.locate("s" + QByteArray::number(i) + ".example");
        QCOMPARE(scene.locate("more.example"), QStringLiteral("error %1").arg(int(Errc::Busy)));
        QCOMPARE(scene.locate("more.example:1"), QStringLiteral("more.example>more.example:1 (more.example:1)"));
    }

    void searches_that_nobody_waits_for_give_way()
    {
        Scene scene;
        scene.later = true;
        for (int i = 0; i < Discovery::MostPending; ++i)
            scene.locate("s" + QByteArray::number(i) + ".example");
        scene.wish = std::make_shared<int>(0);
        scene.locate("more.example");
        QCOMPARE(scene.fetched.last(), "more.example");
    }

    void a_search_that_nobody_waits_for_still_brings_its_answer_to_memory()
    {
        Scene scene;
        scene.later = true;
        QString answer = QStringLiteral("nothing");
        scene.discovery.locate(name("a.example"), std::make_shared<int>(0),
                               [&answer](const auto &found) { answer = words(found); });
        scene.waiting.front()(file(R"({"m.server":"host.example:1"})"));
        QCOMPARE(answer, QStringLiteral("nothing"));
        QCOMPARE(scene.locate("a.example"), QStringLiteral("host.example>host.example:1 (host.example:1)"));
        QCOMPARE(scene.fetched.size(), 1);
    }

    void strangers_cannot_fill_the_memory()
    {
        Scene scene;
        scene.wellKnown = file(R"({"m.server":"host.example:1"})");
        scene.locate("a.example");
        for (int i = 0; i < Discovery::MostRemembered; ++i) {
            scene.clock.advance(1);
            scene.locate("s" + QByteArray::number(i) + ".example");
        }
        const auto before = scene.fetched.size();
        scene.locate("s5.example"); // still known
        QCOMPARE(scene.fetched.size(), before);
        scene.locate("a.example"); // ended soonest
        QCOMPARE(scene.fetched.size(), before + 1);
    }

    void nobody_is_told_after_the_discovery_is_gone()
    {
        FakeClock clock;
        FakeResolver resolver(std::make_shared<FakeNames>());
        const auto us = std::make_shared<int>(0);
        Wish wish;
        Discovery::GotResponse late;
        int told = 0;
        {
            Discovery discovery(clock, resolver,
                                [&](const QByteArray &, const Wish &given, Discovery::GotResponse done) {
                                    wish = given;
                                    late = std::move(done);
                                });
            discovery.locate(name("a.example"), us, [&told](const auto &) { ++told; });
            QVERIFY(!wish.expired());
        }
        QVERIFY(wish.expired()); // so `late` must not be called
        QCOMPARE(told, 0);
    }

    void a_name_service_that_does_not_tell_has_not_said_that_there_is_nothing_data()
    {
        QTest::addColumn<QByteArray>("hidden");
        QTest::addColumn<int>("how");
        QTest::addColumn<QString>("meanwhile");
        const QString nowhere = QStringLiteral("error %1").arg(int(Errc::Unreachable));
        const QString itself = QStringLiteral("a.example>a.example:8448 (a.example)");
        QTest::newRow("4, it is down") << QByteArray("_matrix-fed._tcp.a.example") << int(Errc::Unreachable) << nowhere;
        QTest::newRow("4, it knows the host")
            << QByteArray("_matrix-fed._tcp.a.example") << int(Errc::NotFound) << itself;
        QTest::newRow("5, it told about 4") << QByteArray("_matrix._tcp.a.example") << int(Errc::Unreachable) << itself;
        QTest::newRow("5, it knows the host") << QByteArray("_matrix._tcp.a.example") << int(Errc::NotFound) << itself;
    }
    void a_name_service_that_does_not_tell_has_not_said_that_there_is_nothing()
    {
        QFETCH(const QByteArray, hidden);
        QFETCH(const int, how);
        QFETCH(const QString, meanwhile);
        Scene scene;
        scene.names->hideServices(hidden, Errc(how));
        QCOMPARE(scene.locate("a.example"), meanwhile);
        QCOMPARE(scene.locate("a.example"), meanwhile); // not asked again at once
        QCOMPARE(scene.names->asked(hidden), 1);
        scene.names->addService(hidden, "x.example", 99);
        scene.clock.advance(Discovery::ServicesRetryMs);
        const QString nowThere = QStringLiteral("a.example>x.example:99 (a.example)");
        if (hidden.startsWith("_matrix._tcp")) // what it told about the first holds longer, and it is not asked before
            scene.clock.advance(Discovery::LeastServicesMs);
        QCOMPARE(scene.locate("a.example"), nowThere);
    }

    void a_name_service_that_is_down_has_not_said_that_there_is_no_delegation()
    {
        Scene scene;
        scene.names->hideServices("_matrix-fed._tcp.a.example");
        for (int i = 0; i < 3; ++i) {
            QCOMPARE(scene.locate("a.example"), QStringLiteral("error %1").arg(int(Errc::Unreachable)));
            scene.clock.advance(Discovery::ServicesRetryMs);
        }
        scene.wellKnown = file(R"({"m.server":"host.example:1"})");
        QCOMPARE(scene.locate("a.example"), QStringLiteral("host.example>host.example:1 (host.example:1)"));
    }

    void what_the_name_service_said_last_holds_while_it_does_not_tell_data()
    {
        QTest::addColumn<bool>("service");
        QTest::newRow("there was one") << true;
        QTest::newRow("there was none") << false;
    }
    void what_the_name_service_said_last_holds_while_it_does_not_tell()
    {
        QFETCH(const bool, service);
        Scene scene;
        if (service)
            scene.names->addService("_matrix-fed._tcp.a.example", "x.example", 99);
        const QString there = service ? QStringLiteral("a.example>x.example:99 (a.example)")
                                      : QStringLiteral("a.example>a.example:8448 (a.example)");
        QCOMPARE(scene.locate("a.example"), there);
        scene.names->hideServices("_matrix-fed._tcp.a.example");
        scene.clock.advance(Discovery::MostServicesMs);
        QCOMPARE(scene.locate("a.example"), there);
        QCOMPARE(scene.names->asked("_matrix-fed._tcp.a.example"), 2);
        scene.clock.advance(Discovery::OldServicesMs);
        QCOMPARE(scene.locate("a.example"), QStringLiteral("error %1").arg(int(Errc::Unreachable)));
    }

    void a_name_service_that_was_not_asked_is_asked_the_next_time()
    {
        Scene scene;
        scene.names->hideServices("_matrix-fed._tcp.a.example", Errc::Busy);
        QCOMPARE(scene.locate("a.example"), QStringLiteral("error %1").arg(int(Errc::Busy)));
        scene.names->addService("_matrix-fed._tcp.a.example", "x.example", 99);
        QCOMPARE(scene.locate("a.example"), QStringLiteral("a.example>x.example:99 (a.example)"));
    }

    void heavier_services_come_first_more_often()
    {
        std::minstd_rand random(1);
        int heavyFirst = 0;
        constexpr int rounds = 1'000;
        for (int i = 0; i < rounds; ++i) {
            QList<Service> list{{1, 10, 1, "light", 0}, {1, 90, 1, "heavy", 0}, {0, 0, 1, "first", 0}};
            orderServices(list, random);
            QCOMPARE(list[0].target, "first");
            heavyFirst += list[1].target == "heavy" ? 1 : 0;
        }
        QVERIFY2(heavyFirst > 850 && heavyFirst < 950, qPrintable(QString::number(heavyFirst)));
    }
};

QTEST_GUILESS_MAIN(DiscoveryTest)
#include "tst_discovery.moc"
