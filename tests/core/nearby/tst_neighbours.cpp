// SPDX-License-Identifier: GPL-3.0-or-later
// Who is on the local network, as an Avahi that the test plays tells it over a bus of the test's own.
#include "nearby/avahineighbours.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <QtDBus/QDBusArgument>
#include <QtDBus/QDBusMetaType>
#include <QtDBus/QDBusObjectPath>
#include <QtDBus/QDBusVirtualObject>
#include <QtTest/QTest>

#include <memory>

using namespace restante;
using nearby::AvahiNeighbours;
using nearby::Neighbours;

namespace
{
const auto AvahiName = QStringLiteral("org.freedesktop.Avahi");
const auto ServerInterface = QStringLiteral("org.freedesktop.Avahi.Server");
const auto Type = QString::fromLatin1(Neighbours::ServiceType);

/// dbus-daemon on a socket that its file tells.
class TestBus
{
public:
    bool start(const QString &socket)
    {
        QFile::remove(socket);
        const QString config = socket + QStringLiteral(".conf");
        QFile file(config);
        if (!file.open(QIODevice::WriteOnly))
            return false;
        file.write("<busconfig><type>system</type><listen>unix:path=" + socket.toUtf8() +
                   "</listen><auth>EXTERNAL</auth><policy context=\"default\"><allow send_destination=\"*\" "
                   "eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>");
        file.close();
        m_daemon.start(QStringLiteral("dbus-daemon"),
                       {QStringLiteral("--nofork"), QStringLiteral("--nopidfile"), QStringLiteral("--print-address"),
                        QStringLiteral("--config-file=") + config});
        return m_daemon.waitForStarted() && m_daemon.waitForReadyRead(); // it prints its address when it listens
    }
    void stop()
    {
        m_daemon.kill();
        m_daemon.waitForFinished();
    }
    ~TestBus() { stop(); }

private:
    QProcess m_daemon;
};

/// What Avahi does with what it is asked, and what it is told to say.
class FakeAvahi final : public QDBusVirtualObject
{
public:
    explicit FakeAvahi(const QString &socket)
        : m_bus(QDBusConnection::connectToBus(QStringLiteral("unix:path=") + socket,
                                              QStringLiteral("fake-avahi-%1").arg(++s_number)))
    {
        m_bus.registerVirtualObject(QStringLiteral("/"), this, QDBusConnection::SubPath);
    }
    ~FakeAvahi() override { QDBusConnection::disconnectFromBus(m_bus.name()); }
    bool appear() { return m_bus.registerService(AvahiName); }
    void leave() { m_bus.unregisterService(AvahiName); }

    QString introspect(const QString &) const override { return {}; }
    bool handleMessage(const QDBusMessage &message, const QDBusConnection &bus) override
    {
        calls.append(message.member());
        const QVariantList arguments = message.arguments();
        client = message.service();
        QDBusMessage reply = message.createReply();
        if (message.member() == QStringLiteral("GetState")) {
            reply << state;
        } else if (message.member() == QStringLiteral("EntryGroupNew")) {
            reply << QVariant::fromValue(QDBusObjectPath("/Client0/EntryGroup1"));
        } else if (message.member() == QStringLiteral("AddService")) {
            labels.append(arguments.at(3).toString());
            port = arguments.at(7).toUInt();
            text = qdbus_cast<QList<QByteArray>>(arguments.at(8));
            if (collisions > 0 && collisions--)
                reply = message.createErrorReply(QStringLiteral("org.freedesktop.Avahi.CollisionError"),
                                                 QStringLiteral("Local name collision"));
        } else if (message.member() == QStringLiteral("ServiceBrowserNew")) {
            browsed = arguments.at(2).toString();
            reply << QVariant::fromValue(QDBusObjectPath("/Client0/ServiceBrowser1"));
        } else if (message.member() == QStringLiteral("ResolveService")) {
            const QString name = arguments.at(2).toString();
            reply.setArguments({arguments.at(0), arguments.at(1), name, Type, QStringLiteral("local"),
                                QStringLiteral("host.local"), 0, QString(), QVariant::fromValue(ushort(0)),
                                QVariant::fromValue(texts.value(name))});
        }
        bus.send(reply);
        return true;
    }
    void say(const QString &path, const QString &interface, const QString &signal, const QVariantList &arguments)
    {
        auto message = QDBusMessage::createTargetedSignal(client, path, interface, signal);
        message.setArguments(arguments);
        m_bus.send(message);
    }
    void sayServerState(int now)
    {
        say(QStringLiteral("/"), ServerInterface, QStringLiteral("StateChanged"), {now, QString()});
    }
    void sayGroupState(int now)
    {
        say(QStringLiteral("/Client0/EntryGroup1"), QStringLiteral("org.freedesktop.Avahi.EntryGroup"),
            QStringLiteral("StateChanged"), {now, QString()});
    }
    void sayItem(const char *signal, const QString &name, int network = 2)
    {
        say(QStringLiteral("/Client0/ServiceBrowser1"), QStringLiteral("org.freedesktop.Avahi.ServiceBrowser"),
            QLatin1String(signal), {network, 0, name, Type, QStringLiteral("local"), 0u});
    }
    void show(const QString &name, const QList<QByteArray> &strings)
    {
        texts.insert(name, strings);
        sayItem("ItemNew", name);
    }

    int state = 2;
    int collisions = 0;
    QStringList calls;
    QStringList labels;
    uint port = 1;
    QList<QByteArray> text;
    QString browsed;
    QHash<QString, QList<QByteArray>> texts;
    QString client;

private:
    static inline int s_number = 0;
    QDBusConnection m_bus;
};
} // namespace

class TestNeighbours : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void nothing_is_asked_before_somebody_wants_it();
    void a_name_is_announced();
    void a_name_that_others_use_gets_a_number();
    void a_collision_that_comes_later_is_met_too();
    void others_are_heard();
    void what_is_no_announcement_is_not_heard();
    void each_service_is_looked_at_once_while_it_is_there();
    void no_more_services_are_looked_at_than_are_allowed();
    void a_daemon_that_is_not_there_is_waited_for();
    void a_daemon_that_comes_back_is_asked_again();
    void a_daemon_that_is_not_ready_is_waited_for();
    void a_bus_that_comes_back_is_used_again();
    void a_bus_that_comes_late_is_found();
    void it_ends_when_nobody_wants_it_any_more();
    void the_part_can_be_loaded();
    void without_the_part_it_says_so();

private:
    void make(const Neighbours::Wish &wish)
    {
        m_neighbours = std::make_unique<AvahiNeighbours>(
            Neighbours::Listener{[this](const QByteArray &name) { m_heard.append(name); }, [this] { ++m_changes; }});
        m_neighbours->want(wish);
    }
    QString trouble() const { return m_neighbours->standing().trouble; }

    QTemporaryDir m_folder;
    QString m_socket;
    TestBus m_bus;
    std::unique_ptr<FakeAvahi> m_avahi;
    std::unique_ptr<AvahiNeighbours> m_neighbours;
    QByteArrayList m_heard;
    int m_changes = 0;
};

void TestNeighbours::init()
{
    qDBusRegisterMetaType<QList<QByteArray>>();
    m_socket = m_folder.filePath(QStringLiteral("dbus/bus")); // always the same: libdbus reads the address once
    QVERIFY(QDir(m_folder.path()).mkpath(QStringLiteral("dbus")));
    qputenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=" + m_socket.toUtf8());
    QVERIFY(m_bus.start(m_socket));
    m_avahi = std::make_unique<FakeAvahi>(m_socket);
    QVERIFY(m_avahi->appear());
    m_heard.clear();
}

void TestNeighbours::cleanup()
{
    m_neighbours.reset();
    m_avahi.reset();
    m_bus.stop();
}

void TestNeighbours::nothing_is_asked_before_somebody_wants_it()
{
    make({});
    QCOMPARE(m_neighbours->standing(), Neighbours::Standing());
    make({"a.example", false});
    QTRY_VERIFY(m_avahi->calls.contains(QStringLiteral("Commit")));
    QVERIFY(!m_avahi->calls.contains(QStringLiteral("ServiceBrowserNew")));
}

void TestNeighbours::a_name_is_announced()
{
    make({"a.example", false});
    QTRY_VERIFY(m_avahi->calls.contains(QStringLiteral("Commit")));
    QCOMPARE(m_avahi->text, QList<QByteArray>{"name=a.example"});
    QCOMPARE(m_avahi->labels, QStringList{QStringLiteral("a.example")});
    QCOMPARE(m_avahi->port, 0u);
    QVERIFY(!m_neighbours->standing().announces); // the network was not asked yet
    m_avahi->sayGroupState(2);
    QTRY_VERIFY(m_neighbours->standing().announces);
    QCOMPARE(trouble(), QString());
    m_neighbours->want({QByteArray(64, 'a'), false}); // a name that is a key is longer than a label
    QTRY_COMPARE(m_avahi->labels.last(), QString(63, u'a'));
    QCOMPARE(m_avahi->text, QList<QByteArray>{"name=" + QByteArray(64, 'a')});
    m_neighbours->want({QByteArray(255, 'a'), false});
    QTRY_VERIFY(trouble().contains(u"too long"));
}

void TestNeighbours::a_name_that_others_use_gets_a_number()
{
    m_avahi->collisions = 2;
    make({QByteArray(64, 'a'), false});
    QTRY_VERIFY(m_avahi->calls.contains(QStringLiteral("Commit")));
    QCOMPARE(m_avahi->labels.last(), QString(60, u'a') + QStringLiteral(" #3"));
    m_avahi->collisions = 1'000;
    m_neighbours->want({"b.example", false});
    QTRY_VERIFY(trouble().contains(u"others use it"));
    QCOMPARE(m_avahi->labels.size(), 3 + 9);
}

void TestNeighbours::a_collision_that_comes_later_is_met_too()
{
    make({"a.example", false});
    QTRY_VERIFY(m_avahi->calls.contains(QStringLiteral("Commit")));
    m_avahi->sayGroupState(3);
    QTRY_COMPARE(m_avahi->labels.last(), QStringLiteral("a.example #2"));
    m_avahi->sayGroupState(2);
    QTRY_VERIFY(m_neighbours->standing().announces);
}

void TestNeighbours::others_are_heard()
{
    make({{}, true});
    QTRY_VERIFY(m_neighbours->standing().watches);
    QCOMPARE(m_avahi->browsed, Type);
    QVERIFY(!m_avahi->calls.contains(QStringLiteral("EntryGroupNew"))); // this one keeps its name to itself
    m_avahi->show(QStringLiteral("one"), {"v=1", "name=b.example"});
    QTRY_COMPARE(m_heard, QByteArrayList{"b.example"});
}

void TestNeighbours::what_is_no_announcement_is_not_heard()
{
    make({{}, true});
    QTRY_VERIFY(m_neighbours->standing().watches);
    m_avahi->show(QStringLiteral("none"), {});
    m_avahi->show(QStringLiteral("empty"), {"name="});
    m_avahi->show(QStringLiteral("other"), {"title=x"});
    m_avahi->show(QStringLiteral("last"), {"name=\r\n\xff<script>"}); // as it came: whoever uses it parses it
    QTRY_COMPARE(m_heard, QByteArrayList{"\r\n\xff<script>"});
    QCOMPARE(trouble(), QString());
}

void TestNeighbours::each_service_is_looked_at_once_while_it_is_there()
{
    make({{}, true});
    QTRY_VERIFY(m_neighbours->standing().watches);
    m_avahi->show(QStringLiteral("one"), {"name=b.example"});
    QTRY_COMPARE(m_heard.size(), 1);
    m_avahi->sayItem("ItemNew", QStringLiteral("one"), 3); // on another network
    m_avahi->sayItem("ItemRemove", QStringLiteral("one"), 2);
    m_avahi->show(QStringLiteral("two"), {"name=c.example"});
    QTRY_COMPARE(m_heard, (QByteArrayList{"b.example", "c.example"}));
    m_avahi->sayItem("ItemRemove", QStringLiteral("one"), 3);
    m_avahi->show(QStringLiteral("one"), {"name=b.example"}); // it is back
    QTRY_COMPARE(m_heard, (QByteArrayList{"b.example", "c.example", "b.example"}));
}

void TestNeighbours::no_more_services_are_looked_at_than_are_allowed()
{
    make({{}, true});
    QTRY_VERIFY(m_neighbours->standing().watches);
    for (int number = 0; number < Neighbours::MostServices + 50; ++number)
        m_avahi->show(QString::number(number), {"name=s" + QByteArray::number(number)});
    QTRY_COMPARE(m_heard.size(), Neighbours::MostServices);
    m_avahi->sayItem("ItemRemove", QStringLiteral("0"));
    m_avahi->show(QStringLiteral("last"), {"name=last"});
    QTRY_COMPARE(m_heard.last(), QByteArray("last"));
    QCOMPARE(m_avahi->calls.count(QStringLiteral("ResolveService")), Neighbours::MostServices + 1);
}

void TestNeighbours::a_daemon_that_is_not_there_is_waited_for()
{
    m_avahi->leave();
    make({"a.example", true});
    QTRY_COMPARE(trouble(), QStringLiteral("avahi-daemon is not running"));
    QVERIFY(m_changes > 0);
    QVERIFY(m_avahi->appear());
    QTRY_VERIFY(m_neighbours->standing().watches);
    QTRY_VERIFY(m_avahi->calls.contains(QStringLiteral("Commit")));
    QCOMPARE(trouble(), QString());
}

void TestNeighbours::a_daemon_that_comes_back_is_asked_again()
{
    make({"a.example", true});
    QTRY_VERIFY(m_neighbours->standing().watches);
    m_avahi->show(QStringLiteral("one"), {"name=b.example"});
    QTRY_COMPARE(m_heard.size(), 1);
    m_avahi->leave();
    QTRY_COMPARE(trouble(), QStringLiteral("avahi-daemon is not running"));
    QVERIFY(!m_neighbours->standing().watches && !m_neighbours->standing().announces);
    m_avahi->calls.clear();
    QVERIFY(m_avahi->appear());
    QTRY_VERIFY(m_neighbours->standing().watches);
    QTRY_VERIFY(m_avahi->calls.contains(QStringLiteral("Commit")));
    m_avahi->sayItem("ItemNew", QStringLiteral("one"));
    QTRY_COMPARE(m_heard.size(), 2);
}

void TestNeighbours::a_daemon_that_is_not_ready_is_waited_for()
{
    m_avahi->state = 1;
    make({"a.example", true});
    QTRY_COMPARE(trouble(), QStringLiteral("avahi-daemon is not ready"));
    QVERIFY(!m_avahi->calls.contains(QStringLiteral("EntryGroupNew")));
    m_avahi->sayServerState(2);
    QTRY_VERIFY(m_neighbours->standing().watches);
    m_avahi->sayServerState(3); // its host name is another's
    QTRY_VERIFY(!m_neighbours->standing().watches);
    m_avahi->sayServerState(2);
    QTRY_VERIFY(m_neighbours->standing().watches);
}

void TestNeighbours::a_bus_that_comes_back_is_used_again()
{
    make({"a.example", true});
    QTRY_VERIFY(m_neighbours->standing().watches);
    m_avahi.reset();
    m_bus.stop();
    QTRY_VERIFY(!trouble().isEmpty());
    QVERIFY(!m_neighbours->standing().watches);
    QVERIFY(m_bus.start(m_socket));
    m_avahi = std::make_unique<FakeAvahi>(m_socket);
    QVERIFY(m_avahi->appear());
    QTRY_VERIFY_WITH_TIMEOUT(m_neighbours->standing().watches, 20'000);
    QTRY_VERIFY(m_avahi->calls.contains(QStringLiteral("Commit")));
}

void TestNeighbours::a_bus_that_comes_late_is_found()
{
    m_avahi.reset();
    m_bus.stop();
    QDir folder(m_folder.filePath(QStringLiteral("dbus")));
    QVERIFY(folder.removeRecursively());
    make({{}, true});
    QVERIFY(trouble().contains(u"There is no D-Bus"));
    QVERIFY(folder.mkpath(folder.path()));
    QVERIFY(m_bus.start(m_socket));
    m_avahi = std::make_unique<FakeAvahi>(m_socket);
    QVERIFY(m_avahi->appear());
    QTRY_VERIFY_WITH_TIMEOUT(m_neighbours->standing().watches, 20'000);
    QCOMPARE(trouble(), QString());
}

void TestNeighbours::it_ends_when_nobody_wants_it_any_more()
{
    make({"a.example", true});
    QTRY_VERIFY(m_neighbours->standing().watches);
    QTRY_VERIFY(m_avahi->calls.contains(QStringLiteral("Commit")));
    m_neighbours->want({{}, true});
    QTRY_VERIFY(m_avahi->calls.contains(QStringLiteral("Free")));
    QTRY_VERIFY(m_neighbours->standing().watches);
    m_neighbours->want({});
    QCOMPARE(m_neighbours->standing(), Neighbours::Standing());
}

void TestNeighbours::the_part_can_be_loaded()
{
    QByteArrayList heard;
    const auto part = nearby::makeNeighbours({[&heard](const QByteArray &name) { heard.append(name); }, {}},
                                             QStringLiteral(RESTANTE_PART));
    part->want({{}, true});
    QTRY_VERIFY2(part->standing().watches, qPrintable(part->standing().trouble));
    m_avahi->show(QStringLiteral("one"), {"name=b.example"});
    QTRY_COMPARE(heard, QByteArrayList{"b.example"});
}

void TestNeighbours::without_the_part_it_says_so()
{
    const auto none = nearby::makeNeighbours({}, m_folder.filePath(QStringLiteral("none.so")));
    QCOMPARE(none->standing(), Neighbours::Standing());
    none->want({"a.example", true});
    QVERIFY(none->standing().trouble.contains(u"cannot be loaded"));
    QVERIFY(!none->standing().announces && !none->standing().watches);
}

QTEST_GUILESS_MAIN(TestNeighbours)
#include "tst_neighbours.moc"
