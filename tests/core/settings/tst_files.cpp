// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/files.h"

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <sys/stat.h>
#include <unistd.h>

using namespace restante;
using namespace Qt::Literals::StringLiterals;

namespace
{
constexpr char Certificate[] = "-----BEGIN CERTIFICATE-----\n"
                               "MIIBiTCCAS+gAwIBAgIUGxCPTl/O+jfYqYN/m11b+k+/NTEwCgYIKoZIzj0EAwIw\n"
                               "GTEXMBUGA1UEAwwOdGVzdCBhdXRob3JpdHkwIBcNMjYxMTI4MjMwMDI4WhgPMjEy\n"
                               "NjExMDQyMzAwMjhaMBkxFzAVBgNVBAMMDnRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI\n"
                               "zj0CAQYIKoZIzj0DAQcDQgAEfhWutDvjafxcrNdMhVDP7dMGHf0zmEJNWt5diz5O\n"
                               "ZxrWpap/Vxri99S0JLCwdarD2FssiQpDxg02+BvulM84yqNTMFEwHQYDVR0OBBYE\n"
                               "FJZF2LgNEkyjpr4ApN9ENZskl1gzMB8GA1UdIwQYMBaAFJZF2LgNEkyjpr4ApN9E\n"
                               "NZskl1gzMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAO4+TQJk\n"
                               "faloh9I95jEUbfR3cTvg5zLwqNemyUF3WjtEAiA19/s8bVFnUDvBPG7tbfFTjqlT\n"
                               "RK/mCxQMPJxS2nWFxQ==\n"
                               "-----END CERTIFICATE-----\n";
} // namespace

class TestFiles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        write(u"ca.pem"_s, "# ours\n" + QByteArray(Certificate));
        write(u"cut.pem"_s, QByteArray(Certificate) + QByteArray(Certificate).chopped(60));
        write(u"damaged.pem"_s, "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n");
        write(u"trusted.pem"_s, "-----BEGIN TRUSTED CERTIFICATE-----\nMII\n-----END TRUSTED CERTIFICATE-----\n");
        write(u"key.pem"_s, "-----BEGIN EC PRIVATE KEY-----\nMII\n-----END EC PRIVATE KEY-----\n");
        write(u"empty.pem"_s, "");
        QCOMPARE(::mkfifo(QFile::encodeName(at(u"pipe.pem"_s)).constData(), S_IRUSR | S_IWUSR), 0);
        write(u"secret.pem"_s, "x");
        QVERIFY(QFile::setPermissions(at(u"secret.pem"_s), {}));
    }

    void every_file_that_a_setting_names_is_looked_at_data();
    void every_file_that_a_setting_names_is_looked_at();
    void only_the_named_settings_are_looked_at();

private:
    QString at(const QString &name) const { return m_folder.filePath(name); }
    void write(const QString &name, const QByteArray &text) const
    {
        QFile file(at(name));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
    }
    const QTemporaryDir m_folder;
};

void TestFiles::every_file_that_a_setting_names_is_looked_at_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("problem"); ///< empty: none
    const auto row = [this](const QString &key, const QString &file, const QString &problem) {
        QTest::addRow("%s %s", qPrintable(key), qPrintable(file)) << key << at(file) << problem;
    };
    for (const QString &key : {u"federation.ca_file"_s, u"server.tls_certificate"_s, u"server.tls_key"_s}) {
        const bool isKey = key.endsWith(u"tls_key"_s);
        row(key, u"missing.pem"_s, u"there is no file"_s);
        row(key, u"."_s, u"It is a folder, not a file"_s);
        row(key, u"pipe.pem"_s, u"It is a pipe, not a file"_s);
        row(key, u"empty.pem"_s, isKey ? u"there is no private key"_s : u"there is no certificate"_s);
        row(key, u"ca.pem"_s, isKey ? u"there is no private key"_s : QString());
        for (const QString &damaged : {u"cut.pem"_s, u"damaged.pem"_s})
            row(key, damaged,
                isKey                            ? u"there is no private key"_s
                : key == u"federation.ca_file"_s ? u"is damaged"_s
                                                 : QString());
        row(key, u"key.pem"_s, isKey ? QString() : u"there is no certificate"_s);
        if (::geteuid() != 0) // root reads everything
            row(key, u"secret.pem"_s, u"cannot be read"_s);
    }
    row(u"federation.ca_file"_s, u"trusted.pem"_s, {});
}

void TestFiles::every_file_that_a_setting_names_is_looked_at()
{
    QFETCH(const QString, key);
    QFETCH(const QString, file);
    QFETCH(const QString, problem);
    settings::Settings settings;
    (key == u"federation.ca_file"_s ? settings.caFile
     : key == u"server.tls_key"_s   ? settings.tlsKey
                                    : settings.tlsCertificate) = file;
    const auto checked = settings::checkFiles(settings);
    QCOMPARE(!checked, problem.isEmpty());
    if (!checked)
        return;
    const QString told = settings::sentence(*checked);
    QVERIFY2(told.startsWith(key) && told.contains(problem) && told.contains(file), qPrintable(told));
}

void TestFiles::only_the_named_settings_are_looked_at()
{
    settings::Settings settings;
    QVERIFY(!settings::checkFiles(settings));
    settings.caFile = at(u"missing.pem"_s);
    QVERIFY(!settings::checkFiles(settings, {u"relay.served"_s}));
    QVERIFY(settings::checkFiles(settings, {u"relay.served"_s, u"federation.ca_file"_s}));
}

QTEST_GUILESS_MAIN(TestFiles)
#include "tst_files.moc"
