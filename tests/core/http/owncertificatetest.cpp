// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/owncertificate.h"

#include <QtCore/QDateTime>
#include <QtCore/QFile>
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

using namespace restante;
using namespace restante::http;

namespace
{
const QString Name(64, u'a'); ///< as long as a self-certifying one
}

class OwnCertificateTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void it_is_made_once_and_can_be_served_with()
    {
        const QTemporaryDir folder;
        const auto files = ownCertificate(folder.path(), Name);
        QVERIFY2(files.ok(), files ? "" : qPrintable(files.error().detail));
        const auto tls = loadTls(*files);
        QVERIFY2(tls.ok(), tls ? "" : qPrintable(tls.error().detail));
        const QSslCertificate certificate = tls->localCertificate();
        QCOMPARE(certificate.subjectInfo(QSslCertificate::CommonName), QStringList{Name});
        QVERIFY(certificate.isSelfSigned());
        QVERIFY(certificate.effectiveDate() < QDateTime(QDate(2001, 1, 1), QTime(), Qt::UTC));
        QCOMPARE(certificate.expiryDate().date().year(), 9999);
        QCOMPARE(QFile::permissions(files->key) & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
        const auto again = ownCertificate(folder.path(), QStringLiteral("other"));
        QVERIFY(again.ok());
        QCOMPARE(loadTls(*again)->localCertificate(), certificate);
    }

    /// The pin is the one that openssl, and so the operator, computes.
    void its_pin_is_that_of_its_key_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::newRow("our own") << QString();
        QTest::newRow("RSA") << QStringLiteral("rsa:2048");
    }

    void its_pin_is_that_of_its_key()
    {
        QFETCH(QString, kind);
        const QTemporaryDir folder;
        const QString path = folder.filePath(QLatin1String(OwnCertificateFile));
        if (!kind.isEmpty())
            QCOMPARE(QProcess::execute(QStringLiteral("openssl"),
                                       {QStringLiteral("req"), QStringLiteral("-x509"), QStringLiteral("-nodes"),
                                        QStringLiteral("-newkey"), kind, QStringLiteral("-subj"),
                                        QStringLiteral("/CN=relay"), QStringLiteral("-keyout"),
                                        path + QStringLiteral(".key"), QStringLiteral("-out"), path}),
                     0);
        const auto files = ownCertificate(folder.path(), Name);
        QVERIFY(files.ok());
        QProcess openssl;
        openssl.start(QStringLiteral("sh"),
                      {QStringLiteral("-c"),
                       QStringLiteral("openssl x509 -in \"$1\" -pubkey -noout | openssl pkey -pubin -outform DER | "
                                      "openssl dgst -sha256 -binary"),
                       QStringLiteral("sh"), files->certificate});
        QVERIFY(openssl.waitForFinished());
        const QByteArray pin = pinOf(QSslCertificate::fromPath(files->certificate).value(0));
        QCOMPARE(pin.size(), 32);
        QCOMPARE(openssl.readAllStandardOutput().toHex(), pin.toHex());
    }

    void each_is_another()
    {
        const QTemporaryDir one;
        const QTemporaryDir two;
        const auto first = loadTls(*ownCertificate(one.path(), Name));
        const auto second = loadTls(*ownCertificate(two.path(), Name));
        QVERIFY(pinOf(first->localCertificate()) != pinOf(second->localCertificate()));
        QVERIFY(first->localCertificate().serialNumber() != second->localCertificate().serialNumber());
    }

    void what_stands_there_is_never_written_over()
    {
        const QTemporaryDir folder;
        QFile file(folder.filePath(QLatin1String(OwnCertificateFile)));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("mine") == 4 && file.flush());
        file.close();
        const auto files = ownCertificate(folder.path(), Name);
        QVERIFY(files.ok());
        const auto tls = loadTls(*files);
        QVERIFY(!tls && tls.error().detail.contains(file.fileName()));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("mine"));
    }

    void a_folder_that_cannot_be_written_is_named()
    {
        const auto files = ownCertificate(QStringLiteral("/nonexistent"), Name);
        QVERIFY(!files);
        QVERIFY(files.error().detail.contains(QStringLiteral("/nonexistent")));
    }
};

QTEST_GUILESS_MAIN(OwnCertificateTest)
#include "owncertificatetest.moc"
