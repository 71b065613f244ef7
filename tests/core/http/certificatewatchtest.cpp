// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/certificatewatch.h"
#include "fakeclock.h"
#include "hostileserver.h"
#include "http/front.h"

#include <QtCore/QDateTime>
#include <QtCore/QDir>
#include <QtCore/QUrl>
#include <QtNetwork/QSslSocket>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

using namespace restante;
using namespace restante::http;
using namespace restante::test;
using Validity = CertificateWatch::Validity;

namespace
{

constexpr qint64 Day = 24 * 3'600'000;

class HelloSite final : public Site
{
public:
    Verdict gate(const RequestHead &) override { return {}; }
    void handle(Request, Reply reply) override { reply.send(200, "text/plain", "hello"); }
};

/// A connection over TLS that checks nothing.
class Line
{
public:
    /// `host` is asked for; empty: none is.
    explicit Line(const QString &url, const QString &host = {})
    {
        m_socket.setPeerVerifyMode(QSslSocket::VerifyNone);
        const QString address = QUrl(url).host();
        m_socket.connectToHostEncrypted(address, quint16(QUrl(url).port()), host.isEmpty() ? address : host);
        m_socket.waitForEncrypted(5'000);
    }
    QByteArray certificate() const { return m_socket.peerCertificate().toDer(); }
    bool isAnswered()
    {
        m_socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        QByteArray answer;
        while (!answer.endsWith("hello") && m_socket.waitForReadyRead(5'000))
            answer += m_socket.readAll();
        return answer.endsWith("hello");
    }

private:
    QSslSocket m_socket;
};

} // namespace

class CertificateWatchTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_made.make());
        QVERIFY(m_others.make());
    }
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_clock.setWall(QDateTime::currentMSecsSinceEpoch());
        put(m_made, "good");
    }
    void cleanup()
    {
        m_watch.reset();
        m_front.reset();
    }

    void a_renewed_pair_is_used_and_connections_that_are_open_go_on_data()
    {
        QTest::addColumn<QString>("way");
        QTest::newRow("written over") << "write";
        QTest::newRow("renamed into place") << "rename";
        QTest::newRow("a link set anew") << "link";
        QTest::newRow("a linked folder set anew") << "folder";
        QTest::newRow("another folder in its place") << "swap";
    }

    void a_renewed_pair_is_used_and_connections_that_are_open_go_on()
    {
        QFETCH(QString, way);
        if (way == u"link" || way == u"folder")
            useLinks(way == u"folder");
        serve();
        Line open(m_front->addresses().constFirst());
        QVERIFY(open.isAnswered());
        QCOMPARE(open.certificate(), der(m_made, "good"));
        QSignalSpy renewed(m_watch.get(), &CertificateWatch::renewed);
        renew(way);
        QTRY_COMPARE_WITH_TIMEOUT(renewed.size(), 1, 20'000);
        Line fresh(m_front->addresses().constFirst());
        QVERIFY(fresh.isAnswered());
        QCOMPARE(fresh.certificate(), der(m_others, "own"));
        QVERIFY(open.isAnswered());
        QVERIFY(!m_watch->refused());
        m_watch->look();
        QCOMPARE(renewed.size(), 1); // the same again is nothing new
    }

    void files_in_the_place_of_links_are_watched_from_then_on()
    {
        useLinks(false);
        serve();
        QSignalSpy renewed(m_watch.get(), &CertificateWatch::renewed);
        renew(QStringLiteral("rename"));
        QTRY_COMPARE_WITH_TIMEOUT(renewed.size(), 1, 20'000);
        put(m_made, "good"); // into the files themselves, which no folder tells of
        QTRY_COMPARE_WITH_TIMEOUT(renewed.size(), 2, 20'000);
        QCOMPARE(Line(m_front->addresses().constFirst()).certificate(), der(m_made, "good"));
    }

    void what_does_not_fit_is_told_and_the_old_pair_stays_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("named");
        QTest::newRow("half of it") << "half"
                                    << "cannot be used together";
        QTest::newRow("no certificate") << "rubbish"
                                        << "is not a PEM file";
        QTest::newRow("gone") << "gone"
                              << "cannot be read";
    }

    void what_does_not_fit_is_told_and_the_old_pair_stays()
    {
        QFETCH(QString, what);
        QFETCH(QString, named);
        serve();
        QSignalSpy renewed(m_watch.get(), &CertificateWatch::renewed);
        QSignalSpy changed(m_watch.get(), &CertificateWatch::changed);
        QVERIFY(QFile::remove(certificate()));
        if (what == u"half")
            QVERIFY(QFile::copy(m_others.file("own.pem"), certificate()));
        else if (what == u"rubbish")
            write(certificate(), "nothing");
        for (int tries = 0; tries < CertificateWatch::MostTries; ++tries)
            m_watch->look();
        QVERIFY(m_watch->refused().has_value());
        QVERIFY2(m_watch->refused()->detail.contains(named), qPrintable(m_watch->refused()->detail));
        QCOMPARE(changed.size(), 1);
        m_watch->look();
        QCOMPARE(changed.size(), 1); // told once
        QCOMPARE(Line(m_front->addresses().constFirst()).certificate(), der(m_made, "good"));
        put(m_others, "own");
        m_watch->look();
        QVERIFY(!m_watch->refused());
        QCOMPARE(renewed.size(), 1);
        QCOMPARE(Line(m_front->addresses().constFirst()).certificate(), der(m_others, "own"));
    }

    void a_pair_that_is_half_written_is_waited_for()
    {
        serve();
        QSignalSpy renewed(m_watch.get(), &CertificateWatch::renewed);
        QVERIFY(QFile::remove(certificate()) && QFile::copy(m_others.file("own.pem"), certificate()));
        m_watch->look();
        QVERIFY(!m_watch->refused());
        put(m_others, "own");
        QTRY_COMPARE_WITH_TIMEOUT(renewed.size(), 1, 20'000);
        QVERIFY(!m_watch->refused());
    }

    void what_cannot_be_used_at_first_is_used_when_it_can()
    {
        QVERIFY(QFile::remove(key()));
        CertificateWatch watch({certificate(), key()}, std::nullopt, m_clock);
        QVERIFY(!watch.inUse());
        for (int tries = 0; tries < CertificateWatch::MostTries; ++tries)
            watch.look();
        QVERIFY(watch.refused() && watch.refused()->detail.contains(key()));
        QCOMPARE(watch.validity(), Validity::Good);
        put(m_made, "good");
        watch.look();
        QVERIFY(watch.inUse() && !watch.refused());
        QVERIFY(CertificateWatch({certificate(), key()}, std::nullopt, m_clock).inUse());
    }

    void each_host_gets_its_certificate()
    {
        serve();
        const auto door = loadTls({m_others.file("own.pem"), m_others.file("own.key")});
        QVERIFY(door.ok());
        m_front->setDoorTls({{"b.example", *door}});
        const QString url = m_front->addresses().constFirst();
        const auto shown = [&url](const char *host) { return Line(url, QLatin1String(host)).certificate(); };
        QTRY_COMPARE(shown("b.example"), der(m_others, "own"));
        QCOMPARE(shown("B.Example"), der(m_others, "own"));
        QCOMPARE(shown("a.b.example"), der(m_made, "good"));
        QCOMPARE(shown(""), der(m_made, "good"));
        QVERIFY(Line(url, QStringLiteral("b.example")).isAnswered());
        QVERIFY(Line(url).isAnswered());
        m_front->renewTls(*m_front->tls());
        QCOMPARE(shown("b.example"), der(m_others, "own"));
        m_front->setDoorTls({});
        QTRY_COMPARE(shown("b.example"), der(m_made, "good"));
    }

    /// With certificates to choose from, too, a client that says nothing of TLS has its time and no more.
    void a_client_that_never_says_whom_it_wants_is_cut()
    {
        Limits limits;
        limits.tlsHandshakeMs = 200;
        limits.tickMs = 20;
        Front front(limits, m_clock, m_counters);
        const auto tls = loadTls({certificate(), key()});
        QVERIFY(tls.ok());
        front.setDoorTls({{"b.example", *tls}});
        const auto up = front.listen(
            {{QHostAddress(QHostAddress::LocalHost), 0, false}}, TlsFiles{certificate(), key()},
            [](int) { return std::make_unique<HelloSite>(); }, 1);
        QVERIFY(up.ok());
        QTcpSocket client;
        client.connectToHost(QHostAddress::LocalHost, quint16(QUrl(front.addresses().constFirst()).port()));
        QVERIFY(client.waitForConnected(5'000));
        client.write("\x16\x03\x01");
        QTRY_COMPARE(m_counters.open.load(), 1);
        m_clock.advance(300);
        QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
    }

    void its_end_is_warned_of_from_two_weeks_before()
    {
        serve(); // valid for two days from now
        QCOMPARE(m_watch->validity(), Validity::EndsSoon);
        QVERIFY(m_watch->validityText().contains(certificate()));
        QSignalSpy changed(m_watch.get(), &CertificateWatch::changed);
        m_clock.setWall(QDateTime::currentMSecsSinceEpoch() - 13 * Day);
        QCOMPARE(m_watch->validity(), Validity::NotNow);
        QVERIFY(m_watch->validityText().contains(u"not valid before"));
        m_watch->look();
        QCOMPARE(changed.size(), 1);
        m_clock.setWall(QDateTime::currentMSecsSinceEpoch() + 3 * Day);
        QCOMPARE(m_watch->validity(), Validity::NotNow);
        QVERIFY(m_watch->validityText().contains(u"expired on"));
        m_clock.setWall(QDateTime::currentMSecsSinceEpoch());
        m_watch->look();
        QCOMPARE(changed.size(), 2);
    }

    void a_new_certificate_that_has_expired_does_not_take_the_place_of_a_good_one()
    {
        serve();
        put(m_others, "own");
        m_clock.setWall(QDateTime::currentMSecsSinceEpoch() + 3 * Day); // now both have
        m_watch->look();
        QVERIFY(!m_watch->refused());
        QCOMPARE(Line(m_front->addresses().constFirst()).certificate(), der(m_others, "own"));
    }

private:
    QString certificate() const { return m_folder->filePath(QStringLiteral("live/cert.pem")); }
    QString key() const { return m_folder->filePath(QStringLiteral("live/key.pem")); }
    static QByteArray der(const TestCertificates &from, const char *name)
    {
        const auto all = QSslCertificate::fromPath(from.file(qPrintable(QLatin1String(name) + QLatin1String(".pem"))));
        return all.isEmpty() ? QByteArray() : all.constFirst().toDer();
    }
    static void write(const QString &path, const QByteArray &bytes)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(bytes) == bytes.size());
    }
    static QByteArray read(const TestCertificates &from, const char *name, const char *ending)
    {
        QFile file(from.file(qPrintable(QLatin1String(name) + QLatin1String(ending))));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    /// Writes a pair where the front finds it.
    void put(const TestCertificates &from, const char *name)
    {
        QVERIFY(QDir(m_folder->path()).mkpath(QStringLiteral("live")));
        write(certificate(), read(from, name, ".pem"));
        write(key(), read(from, name, ".key"));
    }
    /// As certbot has it: the names are links into a folder with every pair so far; or the folder itself is one.
    void useLinks(bool wholeFolder)
    {
        QDir folder(m_folder->path());
        for (const char *place : {"1", "2"})
            QVERIFY(folder.mkpath(QLatin1String(place)));
        for (const char *name : {"cert.pem", "key.pem"}) {
            const QLatin1String file(name);
            QVERIFY(folder.rename(QLatin1String("live/") + file, QLatin1String("1/") + file));
            if (!wholeFolder)
                QVERIFY(QFile::link(folder.filePath(QLatin1String("1/") + file),
                                    folder.filePath(QLatin1String("live/") + file)));
        }
        if (wholeFolder)
            QVERIFY(folder.rmdir(QStringLiteral("live")) &&
                    QFile::link(folder.filePath(QStringLiteral("1")), folder.filePath(QStringLiteral("live"))));
        write(folder.filePath(QStringLiteral("2/cert.pem")), read(m_others, "own", ".pem"));
        write(folder.filePath(QStringLiteral("2/key.pem")), read(m_others, "own", ".key"));
    }
    void renew(const QString &way)
    {
        QDir folder(m_folder->path());
        if (way == u"write")
            return put(m_others, "own");
        if (way == u"swap") {
            const auto move = [&folder](const char *from, const char *to) {
                return folder.rename(QLatin1String(from), QLatin1String(to));
            };
            QVERIFY(folder.mkdir(QStringLiteral("next")));
            write(folder.filePath(QStringLiteral("next/cert.pem")), read(m_others, "own", ".pem"));
            write(folder.filePath(QStringLiteral("next/key.pem")), read(m_others, "own", ".key"));
            QVERIFY(move("live", "old") && move("next", "live"));
            return;
        }
        if (way == u"folder") {
            QVERIFY(QFile::link(folder.filePath(QStringLiteral("2")), folder.filePath(QStringLiteral("next"))));
            QVERIFY(::rename(qPrintable(folder.filePath(QStringLiteral("next"))),
                             qPrintable(folder.filePath(QStringLiteral("live")))) == 0);
            return;
        }
        const std::pair<const char *, QString> files[] = {{".pem", certificate()}, {".key", key()}};
        for (const auto &[ending, path] : files) {
            const QString fresh = path + QStringLiteral(".new");
            if (way == u"link")
                QVERIFY(QFile::link(folder.filePath(QLatin1String("2/") + QFileInfo(path).fileName()), fresh));
            else
                write(fresh, read(m_others, "own", ending));
            QVERIFY(::rename(qPrintable(fresh), qPrintable(path)) == 0);
        }
    }
    void serve()
    {
        const TlsFiles files{certificate(), key()};
        m_front = std::make_unique<Front>(Limits(), m_clock, m_counters);
        const auto up = m_front->listen(
            {{QHostAddress(QHostAddress::LocalHost), 0, false}}, files,
            [](int) { return std::make_unique<HelloSite>(); }, 2);
        QVERIFY2(up.ok(), up ? "" : qPrintable(up.error().detail));
        m_watch = std::make_unique<CertificateWatch>(files, *m_front->tls(), m_clock);
        connect(m_watch.get(), &CertificateWatch::renewed, this,
                [this](const QSslConfiguration &tls) { m_front->renewTls(tls); });
    }

    TestCertificates m_made;
    TestCertificates m_others;
    FakeClock m_clock;
    ConnectionCounters m_counters;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Front> m_front;
    std::unique_ptr<CertificateWatch> m_watch;
};

QTEST_GUILESS_MAIN(CertificateWatchTest)
#include "certificatewatchtest.moc"
