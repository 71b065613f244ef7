// SPDX-License-Identifier: GPL-3.0-or-later
// Requests byte for byte as a Synapse wrote them to its outbound hook (tests/data/captures/hook), over a real listener.
#include "fakeclock.h"
#include "http/front.h"
#include "sites/nodesite.h"

#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QTimer>
#include <QtCore/QUrl>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QTest>

#include <algorithm>
#include <mutex>

using namespace restante;
using namespace restante::http;
using namespace restante::sites;

namespace
{
const QByteArray Secret = "hook-secret";

struct Capture {
    QByteArray file;
    QByteArray bytes;
    QByteArray method;
    QByteArray target; ///< in origin-form
    QByteArray origin;
    QByteArray destination;
    QByteArray shape;
    QByteArray host;
    bool isSend() const { return target.startsWith("/_matrix/federation/v1/send/"); }
    /// Only typing or presence: nothing that a relay is to keep.
    bool isFleeting() const { return file.contains("-send-typing.") || file.contains("-send-presence."); }
    QByteArray body() const { return bytes.mid(bytes.indexOf("\r\n\r\n") + 4); }
};

QList<Capture> captures()
{
    const QString folder = QStringLiteral(RESTANTE_TEST_DATA "/captures/hook/");
    QFile index(folder + QStringLiteral("index.json"));
    if (!index.open(QIODevice::ReadOnly))
        qFatal("no captures");
    QList<Capture> all;
    const QJsonArray requests =
        QJsonDocument::fromJson(index.readAll()).object().value(QLatin1String("requests")).toArray();
    for (const auto &element : requests) {
        const QJsonObject row = element.toObject();
        const auto text = [&row](const char *name) { return row.value(QLatin1String(name)).toString().toUtf8(); };
        QFile file(folder + row.value(QLatin1String("file")).toString());
        if (!file.open(QIODevice::ReadOnly))
            qFatal("no file %s", qPrintable(file.fileName()));
        const QByteArray whole = text("target");
        const QByteArray scheme = "matrix-federation://";
        all.append({text("file"), file.readAll(), text("method"), whole.mid(whole.indexOf('/', scheme.size())),
                    text("origin"), text("destination"), text("destination_shape"), text("host")});
    }
    return all;
}

/// The key that the Synapse of this name signed with.
struct SignedWith {
    QByteArray id;
    identity::PublicKey key{};
};

SignedWith keyOf(const QByteArray &origin)
{
    QFile file(QStringLiteral(RESTANTE_TEST_DATA "/captures/hook/keys/%1.json")
                   .arg(QString::fromUtf8(origin).replace(u':', u'-')));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("no file %s", qPrintable(file.fileName()));
    const QJsonObject keys =
        QJsonDocument::fromJson(file.readAll()).object().value(QLatin1String("verify_keys")).toObject();
    SignedWith found;
    found.id = keys.constBegin().key().toUtf8();
    const QByteArray key =
        QByteArray::fromBase64(keys.constBegin().value().toObject().value(QLatin1String("key")).toString().toUtf8());
    std::copy_n(key.cbegin(), std::min<qsizetype>(key.size(), qsizetype(found.key.size())), found.key.begin());
    return found;
}

/// How the other servers are. The test changes it while no request is on its way.
struct World {
    enum class Peer {
        Up,        ///< answers 200 and says its name
        Away,      ///< no connection comes about
        BreaksOff, ///< a connection stands and ends
    };
    std::mutex mutex;
    Peer peer = Peer::Up;
    bool relayTakes = true;
    std::vector<federation::Request> asked;
};

/// Carries nothing anywhere: answers as the world is. Lives in the listener's thread.
class WorldCaller final : public federation::Caller
{
public:
    explicit WorldCaller(World &world)
        : m_world(world)
    {
    }
    Id send(federation::Request request, Done done) override
    {
        answer(std::move(request), std::move(done), {});
        return ++m_last;
    }
    Id stream(federation::Request request, Done done, Part part) override
    {
        answer(std::move(request), std::move(done), std::move(part));
        return ++m_last;
    }
    void goOn(Id, qint64) override {}
    void cancel(Id) override {}

private:
    void answer(federation::Request request, Done done, Part part)
    {
        const std::lock_guard lock(m_world.mutex);
        const bool toRelay = request.target.startsWith("/_matrix/federation/v1/send_relay/");
        const auto peer = toRelay ? (m_world.relayTakes ? World::Peer::Up : World::Peer::Away) : m_world.peer;
        const QByteArray body = R"({"from":")" + request.destination.bytes() + R"("})";
        m_world.asked.push_back(std::move(request));
        QTimer::singleShot(0, &m_context, [peer, body, done = std::move(done), part = std::move(part)] {
            if (peer != World::Peer::Up)
                return done(Error{Errc::Unreachable, QStringLiteral("It is not there"), 0, peer == World::Peer::Away});
            const federation::Headers headers{{"content-type", "application/json"}};
            done(federation::Response{200, headers, part ? QByteArray() : body});
            if (part) {
                part(body);
                part(QByteArray());
            }
        });
    }

    World &m_world;
    QObject m_context;
    Id m_last = 0;
};

struct Outcome {
    int status = 0;
    QByteArray body;
    QByteArray errcode() const
    {
        return QJsonDocument::fromJson(body).object().value(QLatin1String("errcode")).toString().toUtf8();
    }
};

/// A node listener of the server `own`.
struct Hook {
    explicit Hook(const QByteArray &own)
        : Hook(own, keyOf(own))
    {
    }
    Hook(const QByteArray &own, const SignedWith &with)
        : book(clock, [] {})
        , homeserver(clock, *matrix::ServerName::parse(own), with.id, with.key, [] {})
        , front({}, clock, connections)
    {
        book.setFailuresUntilOffline(1);
        const NodeServices services{*matrix::ServerName::parse(own),
                                    Secret,
                                    book,
                                    associations,
                                    counters,
                                    homeserver,
                                    clock,
                                    [this] { return std::make_unique<WorldCaller>(world); },
                                    qint64(13) << 20};
        const auto up = front.listen(
            {{QHostAddress::LocalHost, 0, true}}, std::nullopt,
            [services](int) { return std::make_unique<NodeSite>(services); }, 1);
        if (!up)
            qFatal("%s", qPrintable(up.error().detail));
    }
    Outcome ask(const QByteArray &bytes)
    {
        QTcpSocket socket;
        const QUrl url(front.addresses().constFirst());
        socket.connectToHost(url.host(), quint16(url.port()));
        socket.write(bytes);
        constexpr int patienceMs = 20'000;
        if (socket.state() != QAbstractSocket::UnconnectedState && !socket.waitForDisconnected(patienceMs))
            return {};
        const QByteArray answer = socket.readAll();
        const qsizetype end = answer.indexOf("\r\n\r\n");
        QByteArray body = answer.mid(end + 4);
        if (answer.left(end).toLower().contains("transfer-encoding: chunked")) // one piece, and the end
            body = body.mid(body.indexOf("\r\n") + 2, body.left(body.indexOf("\r\n")).toInt(nullptr, 16));
        return {answer.mid(9, 3).toInt(), body};
    }
    std::vector<federation::Request> takeAsked()
    {
        const std::lock_guard lock(world.mutex);
        return std::exchange(world.asked, {});
    }
    void set(World::Peer peer, bool relayTakes = true)
    {
        const std::lock_guard lock(world.mutex);
        world.peer = peer;
        world.relayTakes = relayTakes;
    }
    void giveRelay(const QByteArray &destination)
    {
        associations.replace(
            {{*matrix::ServerName::parse("r.example"), std::nullopt, *matrix::ServerName::parse(destination)}});
    }

    test::FakeClock clock;
    World world;
    node::AssociationBoard associations{clock};
    telemetry::NodeCounters counters;
    node::DestinationBook book;
    node::HomeserverWatch homeserver;
    ConnectionCounters connections;
    Front front;
};

QByteArray field(const federation::Request &request, const QByteArray &name)
{
    for (const auto &[key, value] : request.headers) {
        if (key == name)
            return value;
    }
    return {};
}
} // namespace

class TestHookRequests : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void the_captures_have_every_shape_of_name();
    void the_target_decides_where_a_request_goes_data();
    void the_target_decides_where_a_request_goes();
    void every_signature_is_seen_to_be_made_with_the_servers_key();
    void a_key_made_anew_under_the_old_ones_name_is_told();
    void every_kind_of_request_is_answered_as_the_facts_say_data();
    void every_kind_of_request_is_answered_as_the_facts_say();
    void the_host_field_says_nothing_data();
    void the_host_field_says_nothing();
    void what_is_not_the_homeservers_is_refused_data();
    void what_is_not_the_homeservers_is_refused();

private:
    static void addShapes();
    const QList<Capture> m_captures = captures();
};

void TestHookRequests::addShapes()
{
    QTest::addColumn<QByteArray>("shape");
    for (const char *shape : {"name", "name:port", "ipv4", "ipv4:port", "ipv6", "ipv6:port"})
        QTest::newRow(shape) << QByteArray(shape);
}

void TestHookRequests::the_captures_have_every_shape_of_name()
{
    QCOMPARE(m_captures.size(), 317);
    qsizetype odd = 0;
    for (const Capture &capture : m_captures) {
        QVERIFY2(capture.bytes.contains("\r\nHost: " + capture.host + "\r\n"), capture.file);
        odd += capture.host != capture.destination ? 1 : 0;
    }
    QVERIFY(odd > 100); // Host is not what the target names
}

void TestHookRequests::the_target_decides_where_a_request_goes_data()
{
    addShapes();
}

/// As it came, byte for byte, to the server that the target names; the answer comes back.
void TestHookRequests::the_target_decides_where_a_request_goes()
{
    QFETCH(const QByteArray, shape);
    std::map<QByteArray, std::unique_ptr<Hook>> hooks;
    int tried = 0;
    for (const Capture &capture : m_captures) {
        if (capture.shape != shape)
            continue;
        auto &hook = hooks[capture.origin];
        if (!hook)
            hook = std::make_unique<Hook>(capture.origin);
        const Outcome outcome = hook->ask(capture.bytes);
        QVERIFY2(outcome.status == 200, capture.file + ": " + outcome.body);
        QVERIFY2(outcome.body == R"({"from":")" + capture.destination + R"("})", capture.file + ": " + outcome.body);
        const auto asked = hook->takeAsked();
        QCOMPARE(asked.size(), size_t(1));
        QCOMPARE(asked[0].destination.bytes(), capture.destination);
        QCOMPARE(asked[0].method, capture.method);
        QCOMPARE(asked[0].target, capture.target);
        QCOMPARE(asked[0].body, capture.body());
        QVERIFY(!asked[0].sign);
        QVERIFY2(capture.bytes.contains("\r\nAuthorization: " + field(asked[0], "Authorization") + "\r\n"),
                 capture.file);
        ++tried;
    }
    QVERIFY(tried > 0);
}

void TestHookRequests::every_signature_is_seen_to_be_made_with_the_servers_key()
{
    std::map<QByteArray, std::unique_ptr<Hook>> hooks;
    for (const Capture &capture : m_captures) {
        auto &hook = hooks[capture.origin];
        if (!hook)
            hook = std::make_unique<Hook>(capture.origin);
        hook->clock.advance(node::HomeserverWatch::ProofPauseMs);
        hook->ask(capture.bytes);
        QVERIFY2(hook->homeserver.trouble().identity.isEmpty(),
                 capture.file + ": " + hook->homeserver.trouble().identity.toUtf8());
    }
}

/// With and without a body. A request that carries no signature says nothing about it.
void TestHookRequests::a_key_made_anew_under_the_old_ones_name_is_told()
{
    SignedWith other = keyOf("b.test");
    other.id = keyOf("a.test").id;
    int told = 0;
    for (const Capture &capture : m_captures) {
        if (capture.origin != "a.test")
            continue;
        Hook hook("a.test", other);
        const Outcome outcome = hook.ask(capture.bytes);
        QCOMPARE(outcome.status, 200);
        const QString trouble = hook.homeserver.trouble().identity;
        const bool isSigned = capture.bytes.contains("\r\nAuthorization: ");
        QVERIFY2(trouble.contains(QStringLiteral("with another key")) == isSigned, capture.file);
        QVERIFY(!isSigned || trouble.contains(QString::fromUtf8(other.id)));
        told += isSigned ? 1 : 0;
        if (told == 40)
            break;
    }
    QCOMPARE(told, 40);
}

void TestHookRequests::every_kind_of_request_is_answered_as_the_facts_say_data()
{
    QTest::addColumn<World::Peer>("peer");
    QTest::addColumn<bool>("offline");
    QTest::addColumn<bool>("hasRelay");
    QTest::addColumn<bool>("relayTakes");
    QTest::addColumn<int>("send");  ///< the status for a transaction
    QTest::addColumn<int>("other"); ///< and for everything else
    using enum World::Peer;
    QTest::newRow("up") << Up << false << false << false << 200 << 200;
    QTest::newRow("up again, still counted as offline") << Up << true << false << false << 200 << 200;
    QTest::newRow("up, with a relay") << Up << false << true << true << 200 << 200;
    QTest::newRow("away, with a relay") << Away << false << true << true << 200 << 404;
    QTest::newRow("away, offline, with a relay") << Away << true << true << true << 200 << 404;
    QTest::newRow("away, with a relay that is away") << Away << false << true << false << 502 << 404;
    QTest::newRow("away, offline, without a relay") << Away << true << false << false << 502 << 404;
    QTest::newRow("away, nothing known of it") << Away << false << false << false << 502 << 502;
    QTest::newRow("breaks off, with a relay") << BreaksOff << false << true << true << 200 << 502;
    QTest::newRow("breaks off, offline") << BreaksOff << true << false << false << 502 << 502;
}

void TestHookRequests::every_kind_of_request_is_answered_as_the_facts_say()
{
    QFETCH(const World::Peer, peer);
    QFETCH(const bool, offline);
    QFETCH(const bool, hasRelay);
    QFETCH(const bool, relayTakes);
    QFETCH(const int, send);
    QFETCH(const int, other);
    std::map<QByteArray, std::unique_ptr<Hook>> hooks;
    for (const Capture &capture : m_captures) {
        auto &hook = hooks[capture.origin];
        if (!hook)
            hook = std::make_unique<Hook>(capture.origin);
        hook->set(peer, relayTakes);
        const auto destination = *matrix::ServerName::parse(capture.destination);
        hook->book.noteContact(destination);
        if (offline)
            hook->book.noteFailure(destination, QStringLiteral("before"));
        if (hasRelay)
            hook->giveRelay(capture.destination);
        const Outcome outcome = hook->ask(capture.bytes);
        const bool isDropped = capture.isFleeting() && hasRelay && peer != World::Peer::Up;
        const int expected = isDropped ? 200 : capture.isSend() ? send : other;
        QVERIFY2(outcome.status == expected,
                 capture.file + ": " + QByteArray::number(outcome.status) + ' ' + outcome.body);
        if (expected == 404)
            QCOMPARE(outcome.errcode(), "M_NOT_FOUND");
        else if (expected == 502)
            QCOMPARE(outcome.errcode(), "M_UNKNOWN");
        const auto asked = hook->takeAsked();
        const bool isLeft = capture.isSend() && hasRelay && peer != World::Peer::Up && !isDropped;
        QCOMPARE(asked.size(), size_t(isLeft ? 2 : 1));
    }
}

void TestHookRequests::the_host_field_says_nothing_data()
{
    QTest::addColumn<QByteArray>("destination");
    QTest::addColumn<QByteArray>("host");
    const auto row = [](const char *destination, const char *host) {
        QTest::newRow((QByteArray(destination) + " as " + host).constData())
            << QByteArray(destination) << QByteArray(host);
    };
    row("b.test", "b.test:80");
    row("b.test", "b.test");
    row("b.test", "b.test:8448");
    row("b.test", "other.test");
    row("b.test", "");
    row("b.test:8448", "b.test:8448");
    row("b.test:8448", "b.test");
    row("B.Test", "b.test:80");
    row("b.test:80", "b.test:80");
    row("192.0.2.7", "192.0.2.7:80");
    row("192.0.2.7:8448", "192.0.2.7:8448");
    row("[2001:db8::7]", "[2001:db8::7]:80");
    row("[2001:db8::7]", "[2001:db8::7]");
    row("[2001:db8::7]:8448", "[2001:db8::7]:8448");
}

void TestHookRequests::the_host_field_says_nothing()
{
    QFETCH(const QByteArray, destination);
    QFETCH(const QByteArray, host);
    Hook hook("a.test");
    const Outcome outcome =
        hook.ask("GET matrix-federation://" + destination +
                 "/_matrix/key/v2/server HTTP/1.1\r\nConnection: close\r\nUser-Agent: Synapse/1.160.0\r\n"
                 "Proxy-Authorization: Bearer hook-secret\r\nHost: " +
                 host + "\r\n\r\n");
    QCOMPARE(outcome.status, 200);
    const auto asked = hook.takeAsked();
    QCOMPARE(asked.size(), size_t(1));
    QCOMPARE(asked[0].destination.bytes(), destination);
}

void TestHookRequests::what_is_not_the_homeservers_is_refused_data()
{
    QTest::addColumn<QByteArray>("from");
    QTest::addColumn<QByteArray>("to");
    QTest::addColumn<int>("status");
    QTest::newRow("another secret") << QByteArray("Bearer hook-secret") << QByteArray("Bearer hook-secreT") << 401;
    QTest::newRow("no secret") << QByteArray("Proxy-Authorization") << QByteArray("X-Other") << 401;
    QTest::newRow("no other server") << QByteArray("matrix-federation://b.test/") << QByteArray("/") << 400;
    QTest::newRow("our own server") << QByteArray("matrix-federation://b.test/")
                                    << QByteArray("matrix-federation://a.test/") << 400;
    QTest::newRow("signed for another") << QByteArray("matrix-federation://b.test/")
                                        << QByteArray("matrix-federation://c.test/") << 401;
    QTest::newRow("the client's side") << QByteArray("/_matrix/federation/v1/") << QByteArray("/_matrix/client/v3/")
                                       << 404;
    QTest::newRow("no Host at all") << QByteArray("\r\nHost: b.test:80") << QByteArray() << 400;
    QTest::newRow("two Hosts") << QByteArray("Host: b.test:80") << QByteArray("Host: b.test:80\r\nHost: b.test") << 400;
}

void TestHookRequests::what_is_not_the_homeservers_is_refused()
{
    QFETCH(const QByteArray, from);
    QFETCH(const QByteArray, to);
    QFETCH(const int, status);
    Hook hook("a.test");
    int tried = 0;
    for (const Capture &capture : m_captures) {
        if (capture.destination != "b.test" || !capture.bytes.contains(from))
            continue;
        QByteArray changed = capture.bytes;
        changed.replace(changed.indexOf(from), from.size(), to);
        const Outcome outcome = hook.ask(changed);
        QVERIFY2(outcome.status == status,
                 capture.file + ": " + QByteArray::number(outcome.status) + ' ' + outcome.body);
        QVERIFY(hook.takeAsked().empty());
        ++tried;
    }
    QVERIFY(tried > 0);
}

QTEST_GUILESS_MAIN(TestHookRequests)
#include "tst_hookrequests.moc"
