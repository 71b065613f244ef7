// SPDX-License-Identifier: GPL-3.0-or-later
// The node role and what it hears of the network.
#include "fakeclock.h"
#include "hostileserver.h"
#include "noderole.h"
#include "policyfrom.h"
#include "settingsvalues.h"

#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

using namespace restante;
using app::NetworkWatch;
using app::NodeRole;
using test::HostileServer;
using test::relayEntry;
using Reachability = NetworkWatch::Reachability;

class TestNodeRole : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void only_more_network_than_before_is_told_data();
    void only_more_network_than_before_is_told();
    void a_network_that_came_up_starts_a_sweep();

private:
    test::FakeClock m_clock;
};

void TestNodeRole::only_more_network_than_before_is_told_data()
{
    QTest::addColumn<QList<Reachability>>("changes");
    QTest::addColumn<int>("told");
    using enum QNetworkInformation::Reachability;
    QTest::newRow("it goes") << QList{Disconnected} << 0;
    QTest::newRow("the system does not know") << QList{Unknown} << 0;
    QTest::newRow("it comes") << QList{Disconnected, Online} << 1;
    QTest::newRow("it was there before anybody asked") << QList{Online} << 1;
    QTest::newRow("it comes again") << QList{Disconnected, Online, Disconnected, Online} << 2;
    QTest::newRow("it stays") << QList{Online, Online} << 1;
    QTest::newRow("a network without internet") << QList{Disconnected, Site} << 1;
    QTest::newRow("internet comes later") << QList{Disconnected, Local, Online} << 2;
    QTest::newRow("internet goes") << QList{Online, Site} << 1;
}

void TestNodeRole::only_more_network_than_before_is_told()
{
    QFETCH(const QList<Reachability>, changes);
    QFETCH(const int, told);
    NetworkWatch watch;
    const QSignalSpy cameUp(&watch, &NetworkWatch::cameUp);
    for (const Reachability change : changes)
        watch.note(change);
    QCOMPARE(cameUp.count(), told);
}

void TestNodeRole::a_network_that_came_up_starts_a_sweep()
{
    const QTemporaryDir folder;
    HostileServer relay;
    QVERIFY(relay.listen());
    relay.script = [](QTcpSocket &socket, const HostileServer::Seen &) {
        socket.write(test::httpAnswer(R"({"transaction":{"origin":"","pdus":null},"entries_queued":false})"));
    };
    settings::Settings settings;
    settings.relays.append(
        relayEntry({QStringLiteral("relay.example"), QString::fromLatin1(relay.peer().baseUrl), {}, {}, {}}));
    const auto identity = identity::Identity::generate();
    federation::Client federation(identity, app::clientOptionsFrom(settings), m_clock);
    identity::KeyRing ring(m_clock, nullptr);
    const auto opened = NodeRole::open(folder.path(), settings, m_clock, identity, ring, federation);
    QVERIFY2(opened.ok(), opened.ok() ? "" : qPrintable(opened.error().detail));
    NodeRole &role = **opened;
    const auto sweptAt = [&role] {
        const node::Node::Snapshot &now = role.node().snapshot();
        return now.sweep.running ? 0 : now.sweep.endedMs;
    };
    QTRY_COMPARE(sweptAt(), m_clock.wallMs()); // the sweep of the start
    QCOMPARE(relay.seen.size(), 1);

    m_clock.advance(1'000);
    role.network().note(Reachability::Disconnected);
    role.network().note(Reachability::Online);
    QTRY_COMPARE(sweptAt(), m_clock.wallMs());
    QCOMPARE(relay.seen.size(), 2);

    // What comes while a sweep runs makes no second one.
    relay.script = [](QTcpSocket &, const HostileServer::Seen &) {};
    for (int comings = 0; comings < 3; ++comings) {
        role.network().note(Reachability::Disconnected);
        role.network().note(Reachability::Online);
    }
    std::optional<node::Sweep> ended;
    role.node().retrieve({}, this, [&ended](const Result<node::Sweep> &sweep) { ended = *sweep; });
    QTRY_COMPARE(relay.seen.size(), 3);
    role.node().cancelRetrieve();
    QTRY_VERIFY(ended.has_value());
    QCOMPARE(ended->relays.size(), 1);
    QCOMPARE(relay.seen.size(), 3);
}

QTEST_GUILESS_MAIN(TestNodeRole)
#include "tst_noderole.moc"
