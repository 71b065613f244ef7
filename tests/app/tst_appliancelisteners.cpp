// SPDX-License-Identifier: GPL-3.0-or-later
// What an appliance listens on: every state of it, and the event that leads there.
#include "appliance.h"
#include "fakeclock.h"
#include "hostileserver.h"
#include "http/owncertificate.h"
#include "settingsvalues.h"

#include <QtCore/QDateTime>
#include <QtCore/QElapsedTimer>
#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QRegularExpression>
#include <QtCore/QTemporaryDir>
#include <QtCore/QUrl>
#include <QtCore/QtEndian>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace restante;
using app::Appliance;
using test::listenAddresses;
using test::parsed;
using State = control::ApplianceStatus::State;
using Kind = control::StatusWarning::Kind;

namespace
{
constexpr qint64 Day = 24 * 3'600'000;

/// Whether somebody answers there as a relay does.
bool isAnswered(const QString &url)
{
    QTcpSocket socket;
    socket.connectToHost(QUrl(url).host(), quint16(QUrl(url).port()));
    socket.write("GET /_matrix/federation/v1/version HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    QByteArray answer;
    while (socket.waitForReadyRead(5'000))
        answer += socket.readAll();
    return answer.startsWith("HTTP/1.1 200");
}
} // namespace

class TestApplianceListeners : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_certificates.make()); }
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_clock.setWall(QDateTime::currentMSecsSinceEpoch());
    }
    void cleanup() { m_appliance.reset(); }

    void before_it_listens_it_is_stopped_and_names_no_address();
    void listening_is_running_and_every_address_it_names_answers();
    void only_this_computer_is_said_where_nobody_else_gets_in_data();
    void only_this_computer_is_said_where_nobody_else_gets_in();
    void a_pause_is_paused_and_still_answers();
    void a_taken_port_at_the_start_is_degraded_until_it_can_be_had();
    void a_taken_port_in_new_settings_costs_neither_listener_nor_settings_data();
    void a_taken_port_in_new_settings_costs_neither_listener_nor_settings();
    void settings_that_cannot_be_saved_leave_the_listeners();
    void new_addresses_do_not_keep_the_main_thread();
    void a_certificate_that_cannot_be_used_is_refused_and_the_relay_goes_on();
    void no_descriptor_to_accept_with_is_degraded_until_there_is_one();
    void a_listener_that_goes_takes_its_trouble_along();
    void tls_is_turned_on_and_off_while_it_runs();
    void a_certificate_near_its_end_is_a_warning_and_after_it_a_reason();
    void a_renewed_certificate_that_does_not_fit_is_a_warning_until_it_does();
    void a_front_door_shows_a_certificate_of_its_own();
    void others_are_spoken_to_by_tls_and_this_computer_plainly();

private:
    void open(const QStringList &listen = {QStringLiteral("127.0.0.1:0")});
    control::ApplianceStatus status() const { return m_appliance->status(); }
    control::ApplianceStatus statusWithoutDescriptors(const QUrl &url);
    settings::Settings withTls() const;
    QByteArray saved() const;

    test::TestCertificates m_certificates;
    test::FakeClock m_clock;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Appliance> m_appliance;
};

void TestApplianceListeners::open(const QStringList &listen)
{
    settings::Options options;
    options.dataFolder = m_folder->path();
    options.listen = listenAddresses(listen);
    options.overrides.append({QStringLiteral("queue.disk_floor_bytes"), QStringLiteral("0")});
    auto appliance = Appliance::open(options, m_clock);
    QVERIFY2(appliance.ok(), appliance ? "" : qPrintable(appliance.error().detail));
    m_appliance = *std::move(appliance);
}

settings::Settings TestApplianceListeners::withTls() const
{
    settings::Settings edited = m_appliance->settings();
    edited.tlsCertificate = m_folder->filePath(QStringLiteral("cert.pem"));
    edited.tlsKey = m_folder->filePath(QStringLiteral("key.pem"));
    QFile::remove(edited.tlsCertificate);
    QFile::remove(edited.tlsKey);
    QFile::copy(m_certificates.file("good.pem"), edited.tlsCertificate);
    QFile::copy(m_certificates.file("good.key"), edited.tlsKey);
    return edited;
}

QByteArray TestApplianceListeners::saved() const
{
    QFile file(m_folder->filePath(QStringLiteral("settings.json")));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void TestApplianceListeners::before_it_listens_it_is_stopped_and_names_no_address()
{
    open();
    QCOMPARE(status().state, State::Stopped);
    QVERIFY(status().addresses.isEmpty());
}

void TestApplianceListeners::listening_is_running_and_every_address_it_names_answers()
{
    open({QStringLiteral("127.0.0.1:0"), QStringLiteral("127.0.0.2:0")});
    QVERIFY(m_appliance->listen(false));
    QCOMPARE(status().state, State::Running);
    QVERIFY(status().reasons.isEmpty());
    QCOMPARE(status().addresses.size(), 2);
    for (const QString &address : status().addresses)
        QVERIFY(isAnswered(address));
}

void TestApplianceListeners::only_this_computer_is_said_where_nobody_else_gets_in_data()
{
    QTest::addColumn<QStringList>("listen");
    QTest::addColumn<QString>("proxy");
    QTest::addColumn<bool>("only");
    QTest::newRow("loopback") << QStringList{QStringLiteral("127.0.0.1:0")} << QString() << true;
    QTest::newRow("everywhere") << QStringList{QStringLiteral("0.0.0.0:0")} << QString() << false;
    QTest::newRow("both") << QStringList{QStringLiteral("127.0.0.2:0"), QStringLiteral("0.0.0.0:0")} << QString()
                          << false;
    QTest::newRow("behind a proxy") << QStringList{QStringLiteral("127.0.0.1:0")} << QStringLiteral("127.0.0.1")
                                    << false;
}

void TestApplianceListeners::only_this_computer_is_said_where_nobody_else_gets_in()
{
    QFETCH(QStringList, listen);
    QFETCH(QString, proxy);
    QFETCH(bool, only);
    open(listen);
    QVERIFY(m_appliance->listen(false));
    settings::Settings edited = m_appliance->settings();
    edited.trustedProxy = parsed<std::optional<QHostAddress>>(proxy);
    QVERIFY(m_appliance->applySettings(edited).ok());
    QCOMPARE(status().loopbackOnly, only);
}

void TestApplianceListeners::a_pause_is_paused_and_still_answers()
{
    open();
    QVERIFY(m_appliance->listen(false));
    settings::Settings edited = m_appliance->settings();
    edited.relayPaused = true;
    QVERIFY(m_appliance->applySettings(edited).ok());
    QCOMPARE(status().state, State::Paused);
    QVERIFY(isAnswered(status().addresses.constFirst()));
}

void TestApplianceListeners::a_taken_port_at_the_start_is_degraded_until_it_can_be_had()
{
    QTcpServer holder;
    QVERIFY(holder.listen(QHostAddress::LocalHost));
    open({QStringLiteral("127.0.0.1:%1").arg(holder.serverPort())});
    QVERIFY(!m_appliance->listen(true));
    QCOMPARE(status().state, State::Degraded);
    QVERIFY(status().addresses.isEmpty());
    QVERIFY(status().reasons.constFirst().detail.contains(QString::number(holder.serverPort())));
    settings::Settings edited = m_appliance->settings(); // another that can be had
    edited.listen = listenAddresses({QStringLiteral("127.0.0.2:0")});
    QVERIFY(m_appliance->applySettings(edited).ok());
    QCOMPARE(status().state, State::Running);
    QVERIFY(isAnswered(status().addresses.constFirst()));
}

void TestApplianceListeners::a_taken_port_in_new_settings_costs_neither_listener_nor_settings_data()
{
    QTest::addColumn<QString>("which");
    QTest::addColumn<QString>("metricsBefore");
    QTest::newRow("relay") << QStringLiteral("relay") << QString();
    QTest::newRow("node") << QStringLiteral("node") << QString();
    QTest::newRow("metrics that were off") << QStringLiteral("metrics") << QString();
    QTest::newRow("metrics that were on") << QStringLiteral("metrics") << QStringLiteral("127.0.0.1:0");
}

void TestApplianceListeners::a_taken_port_in_new_settings_costs_neither_listener_nor_settings()
{
    QFETCH(QString, which);
    QFETCH(QString, metricsBefore);
    QTcpServer holder;
    QVERIFY(holder.listen(QHostAddress(QStringLiteral("127.0.0.9"))));
    const QString taken = QStringLiteral("127.0.0.9:%1").arg(holder.serverPort());
    open();
    QVERIFY(m_appliance->listen(false));
    settings::Settings edited = m_appliance->settings();
    edited.metricsListen = parsed<std::optional<settings::ListenAddress>>(metricsBefore);
    QVERIFY(m_appliance->applySettings(edited).ok());
    const QStringList before = status().addresses;
    const QByteArray ready = m_appliance->readyLine();
    const QByteArray file = saved();
    edited.expiryDays = 7;
    if (which == QLatin1String("metrics"))
        edited.metricsListen = parsed<settings::ListenAddress>(taken);
    else if (which == QLatin1String("relay"))
        edited.listen = listenAddresses({taken});
    else
        edited.nodeListen = parsed<settings::ListenAddress>(taken);
    edited.nodeEnabled = which == QLatin1String("node");
    const auto applied = m_appliance->applySettings(edited);
    QVERIFY(!applied);
    QCOMPARE(applied.error().code, Errc::Io);
    QVERIFY(applied.error().detail.contains(
        QRegularExpression(QStringLiteral("127\\.0\\.0\\.9( port |:)%1").arg(holder.serverPort()))));
    QCOMPARE(status().addresses, before);
    QCOMPARE(m_appliance->readyLine(), ready);
    QCOMPARE(status().state, State::Running);
    QCOMPARE(m_appliance->settings().expiryDays, 30); // all together, or none
    QCOMPARE(saved(), file);
    QVERIFY(isAnswered(before.constFirst()));
    holder.close();
    QVERIFY(m_appliance->applySettings(edited).ok());
    QCOMPARE(m_appliance->settings().expiryDays, 7);
}

void TestApplianceListeners::settings_that_cannot_be_saved_leave_the_listeners()
{
    open();
    QVERIFY(m_appliance->listen(false));
    const QStringList before = status().addresses;
    settings::Settings edited = m_appliance->settings();
    edited.listen = listenAddresses({QStringLiteral("127.0.0.2:0")});
    const QString file = m_folder->filePath(QStringLiteral("settings.json"));
    QFile::remove(file);
    QVERIFY(QDir().mkpath(file + QStringLiteral("/in the way")));
    QVERIFY(!m_appliance->applySettings(edited));
    QCOMPARE(status().addresses, before);
    QVERIFY(isAnswered(before.constFirst()));
}

void TestApplianceListeners::new_addresses_do_not_keep_the_main_thread()
{
    open();
    QVERIFY(m_appliance->listen(false));
    QTcpSocket slow; // in the middle of a request
    slow.connectToHost(QHostAddress::LocalHost, quint16(QUrl(status().addresses.constFirst()).port()));
    slow.write("GET /_matrix/federation/v1/version HTTP/1.1\r\nHost: a\r\n");
    QVERIFY(slow.waitForBytesWritten());
    settings::Settings edited = m_appliance->settings();
    edited.listen = listenAddresses({QStringLiteral("127.0.0.2:0")});
    QElapsedTimer timer;
    timer.start();
    QVERIFY(m_appliance->applySettings(edited).ok());
    QVERIFY(timer.elapsed() < 1'000);
    slow.write("Connection: close\r\n\r\n");
    QVERIFY(slow.waitForReadyRead(5'000));
    QVERIFY(slow.readAll().startsWith("HTTP/1.1 200")); // and what was open goes on
}

void TestApplianceListeners::a_certificate_that_cannot_be_used_is_refused_and_the_relay_goes_on()
{
    open();
    QVERIFY(m_appliance->listen(false));
    settings::Settings edited = withTls();
    edited.tlsKey = m_certificates.file("own.key"); // of another certificate
    const auto applied = m_appliance->applySettings(edited);
    QVERIFY(!applied);
    QVERIFY(applied.error().detail.contains(QStringLiteral("cannot be used together")));
    QCOMPARE(status().state, State::Running);
    QVERIFY(isAnswered(status().addresses.constFirst()));
    QVERIFY(m_appliance->settings().tlsCertificate.isEmpty());
}

/// While this process may open nothing more, a client whose socket is there already comes to `url`. The status then.
control::ApplianceStatus TestApplianceListeners::statusWithoutDescriptors(const QUrl &url)
{
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    rlimit before{};
    if (client < 0 || ::getrlimit(RLIMIT_NOFILE, &before) != 0)
        return {};
    const rlimit none{rlim_t(client) + 1, before.rlim_max}; // it got the lowest number that was free
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = qToBigEndian(quint16(url.port()));
    there.sin_addr.s_addr = qToBigEndian(quint32(INADDR_LOOPBACK));
    control::ApplianceStatus meanwhile;
    if (::setrlimit(RLIMIT_NOFILE, &none) == 0 &&
        ::connect(client, reinterpret_cast<const sockaddr *>(&there), sizeof there) == 0 &&
        QTest::qWaitFor([this] { return status().state == State::Degraded; }))
        meanwhile = status();
    ::setrlimit(RLIMIT_NOFILE, &before);
    ::close(client);
    return meanwhile;
}

void TestApplianceListeners::no_descriptor_to_accept_with_is_degraded_until_there_is_one()
{
    open();
    QVERIFY(m_appliance->listen(false));
    const QUrl url(status().addresses.constFirst());
    QCOMPARE(status().state, State::Running);
    const auto meanwhile = statusWithoutDescriptors(url);
    QCOMPARE(meanwhile.state, State::Degraded);
    QCOMPARE(meanwhile.reasons.size(), 1);
    QVERIFY(meanwhile.reasons.constFirst().detail.startsWith(
        QStringLiteral("No connection can be accepted by the relay: ")));
    QTRY_COMPARE(status().state, State::Running);
    QVERIFY(status().reasons.isEmpty());
    QVERIFY(isAnswered(url.toString()));
}

void TestApplianceListeners::a_listener_that_goes_takes_its_trouble_along()
{
    open();
    settings::Settings edited = m_appliance->settings();
    edited.metricsListen = parsed<settings::ListenAddress>(QStringLiteral("127.0.0.1:0"));
    QVERIFY(m_appliance->applySettings(edited).ok());
    QVERIFY(m_appliance->listen(false));
    const QJsonObject ready = QJsonDocument::fromJson(m_appliance->readyLine()).object();
    const auto meanwhile = statusWithoutDescriptors(QUrl(ready.value(QLatin1String("metrics")).toString()));
    QCOMPARE(meanwhile.state, State::Degraded);
    QVERIFY(meanwhile.reasons.constFirst().detail.startsWith(
        QStringLiteral("No connection can be accepted by the metrics listener: ")));
    edited.metricsListen.reset();
    QVERIFY(m_appliance->applySettings(edited).ok()); // before it tries to accept again
    QTRY_COMPARE(status().state, State::Running);
}

void TestApplianceListeners::tls_is_turned_on_and_off_while_it_runs()
{
    open();
    QVERIFY(m_appliance->listen(false));
    const QString plain = status().addresses.constFirst();
    QVERIFY(m_appliance->applySettings(withTls()).ok());
    QString secure = plain;
    secure.replace(QStringLiteral("http:"), QStringLiteral("https:"));
    QCOMPARE(status().addresses, QStringList{secure}); // the same port
    QTRY_VERIFY(!isAnswered(plain));
    QSslSocket client;
    client.setPeerVerifyMode(QSslSocket::VerifyNone);
    client.connectToHostEncrypted(QStringLiteral("127.0.0.1"), quint16(QUrl(secure).port()));
    QVERIFY(client.waitForEncrypted(5'000));
    settings::Settings edited = m_appliance->settings();
    edited.tlsCertificate.clear();
    edited.tlsKey.clear();
    QVERIFY(m_appliance->applySettings(edited).ok());
    QCOMPARE(status().addresses, QStringList{plain});
    QTRY_VERIFY(isAnswered(plain));
}

void TestApplianceListeners::a_certificate_near_its_end_is_a_warning_and_after_it_a_reason()
{
    open();
    QVERIFY(m_appliance->listen(false));
    QVERIFY(m_appliance->applySettings(withTls()).ok()); // two days are left
    QCOMPARE(status().state, State::Running);
    QCOMPARE(status().warnings.size(), 1);
    QCOMPARE(status().warnings.constFirst().kind, Kind::CertificateEndsSoon);
    QVERIFY(status().warnings.constFirst().detail.contains(m_appliance->settings().tlsCertificate));
    m_clock.setWall(QDateTime::currentMSecsSinceEpoch() + 3 * Day);
    QCOMPARE(status().state, State::Degraded);
    QCOMPARE(status().reasons.constFirst().code, Errc::CertificateInvalid);
    QVERIFY(status().warnings.isEmpty());
}

void TestApplianceListeners::a_renewed_certificate_that_does_not_fit_is_a_warning_until_it_does()
{
    open();
    QVERIFY(m_appliance->listen(false));
    QVERIFY(m_appliance->applySettings(withTls()).ok());
    const settings::Settings &settings = m_appliance->settings();
    QVERIFY(QFile::remove(settings.tlsKey) && QFile::copy(m_certificates.file("own.key"), settings.tlsKey));
    const auto refused = [this] {
        const auto warnings = status().warnings;
        return std::any_of(warnings.begin(), warnings.end(),
                           [](const auto &each) { return each.kind == Kind::CertificateNotRenewed; });
    };
    QTRY_VERIFY_WITH_TIMEOUT(refused(), 30'000);
    QCOMPARE(status().state, State::Running); // with the one from before
    QVERIFY(QFile::remove(settings.tlsCertificate) &&
            QFile::copy(m_certificates.file("own.pem"), settings.tlsCertificate));
    QTRY_VERIFY_WITH_TIMEOUT(!refused(), 30'000);
}

void TestApplianceListeners::a_front_door_shows_a_certificate_of_its_own()
{
    open();
    QVERIFY(m_appliance->listen(false));
    settings::Settings edited = withTls();
    settings::ServedEntry anna = test::servedEntry(QStringLiteral("anna.example"));
    anna.tlsCertificate = m_folder->filePath(QStringLiteral("anna.pem"));
    anna.tlsKey = m_folder->filePath(QStringLiteral("anna.key"));
    QVERIFY(QFile::copy(m_certificates.file("own.pem"), anna.tlsCertificate));
    edited.served = {anna};
    const auto refusal = [this, &edited] {
        const auto applied = m_appliance->applySettings(edited);
        return applied ? QString() : applied.error().detail;
    };
    QVERIFY(refusal().contains(QStringLiteral("needs a front door")));
    edited.served[0].front = test::parsed<matrix::ServerName>(QStringLiteral("Door.example:8449"));
    QVERIFY(refusal().startsWith(QStringLiteral("The front door of anna.example: ")));
    QVERIFY(QFile::copy(m_certificates.file("own.key"), anna.tlsKey));
    QCOMPARE(refusal(), QString());

    const auto shown = [this](const QString &host) {
        const QUrl url(status().addresses.constFirst());
        QSslSocket client;
        client.setPeerVerifyMode(QSslSocket::VerifyNone);
        client.connectToHostEncrypted(url.host(), quint16(url.port()), host);
        client.waitForEncrypted(5'000);
        return client.peerCertificate();
    };
    const auto made = [this](const char *name) {
        return QSslCertificate::fromPath(m_certificates.file(name)).value(0);
    };
    QTRY_COMPARE(shown(QStringLiteral("door.example")), made("own.pem"));
    QCOMPARE(shown(QStringLiteral("anna.example")), made("own.pem"));
    QCOMPARE(shown(QStringLiteral("good.example")), made("good.pem"));

    // Broken files of a friend stop nothing, at the start either; they are told.
    const auto told = [this] {
        const auto warnings = status().warnings;
        return std::any_of(warnings.begin(), warnings.end(), [](const auto &each) {
            return each.kind == Kind::DoorCertificate && each.detail.contains(QStringLiteral("anna.key"));
        });
    };
    QVERIFY(QFile::remove(anna.tlsKey));
    QTRY_VERIFY_WITH_TIMEOUT(told(), 30'000);
    QCOMPARE(shown(QStringLiteral("anna.example")), made("own.pem"));
    m_appliance.reset();
    open();
    QVERIFY(m_appliance->listen(false));
    QTRY_VERIFY_WITH_TIMEOUT(told(), 30'000);
    QCOMPARE(shown(QStringLiteral("anna.example")), made("good.pem"));
    QVERIFY(QFile::copy(m_certificates.file("own.key"), anna.tlsKey));
    QTRY_COMPARE_WITH_TIMEOUT(shown(QStringLiteral("anna.example")), made("own.pem"), 30'000);
}

void TestApplianceListeners::others_are_spoken_to_by_tls_and_this_computer_plainly()
{
    open({QStringLiteral("127.0.0.1:0"), QStringLiteral("0.0.0.0:0")});
    QVERIFY(m_appliance->listen(false));
    QStringList addresses = status().addresses;
    QVERIFY(addresses.value(0).startsWith(QStringLiteral("http://127.0.0.1:")));
    QVERIFY(addresses.value(1).startsWith(QStringLiteral("https://0.0.0.0:")));
    QVERIFY(isAnswered(addresses.value(0)));
    const auto pinShown = [this] {
        QSslSocket client;
        client.setPeerVerifyMode(QSslSocket::VerifyNone);
        client.connectToHostEncrypted(QStringLiteral("127.0.0.1"), quint16(QUrl(status().addresses.value(1)).port()));
        client.waitForEncrypted(5'000);
        return QString::fromLatin1(http::pinOf(client.peerCertificate()).toHex());
    };
    const QString pin = status().pin;
    QCOMPARE(pin.size(), 64);
    QCOMPARE(pinShown(), pin);
    QVERIFY(status().warnings.isEmpty());

    settings::Settings edited = m_appliance->settings();
    edited.plainHttp = true;
    QVERIFY(m_appliance->applySettings(edited).ok());
    QVERIFY(status().addresses.value(1).startsWith(QStringLiteral("http://0.0.0.0:")));
    QVERIFY(status().pin.isEmpty());
    QTRY_VERIFY(isAnswered(QStringLiteral("http://127.0.0.1:%1").arg(QUrl(status().addresses.value(1)).port())));
    edited.plainHttp = false;
    QVERIFY(m_appliance->applySettings(edited).ok());
    QCOMPARE(status().pin, pin); // the same one, also after a start
    m_appliance.reset();
    open({QStringLiteral("0.0.0.0:0")});
    QVERIFY(m_appliance->listen(false));
    QCOMPARE(status().pin, pin);

    // With one that the operator chose friends need none.
    QVERIFY(m_appliance->applySettings(withTls()).ok());
    QVERIFY(status().pin.isEmpty());
}

QTEST_GUILESS_MAIN(TestApplianceListeners)
#include "tst_appliancelisteners.moc"
