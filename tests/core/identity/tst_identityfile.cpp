// SPDX-License-Identifier: GPL-3.0-or-later
#include "files.h"
#include "identity/identityfile.h"
#include "identity/signingkeytext.h"
#include "keysource.h"
#include "secrettext.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

using namespace restante;
using namespace restante::identity;
using namespace restante::test;
using namespace Qt::Literals::StringLiterals;

namespace
{
// The seed of the signature examples in the Matrix specification; its last character has spare bits set.
const char SpecSeed[] = "YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1";
const char SpecPublic[] = "XGX0JRS2Af3be3knz2fBiRbApjm2Dh61gXDJA8kcJNI";
} // namespace

class IdentityFileTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
    }

    void the_first_start_makes_an_identity_that_stays()
    {
        IdentityFile file(m_folder->path());
        QVERIFY(!file.exists());
        const auto first = file.loadOrCreate();
        QVERIFY(first);
        QCOMPARE(first->name().kind(), matrix::ServerName::Kind::Ed25519);
        QVERIFY(file.exists());
        QCOMPARE(QFileInfo(file.path()).permissions(), OwnerOnly);
        QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files), QStringList{u"identity.key"_s});

        const auto before = read(file.path());
        const auto second = file.loadOrCreate();
        QVERIFY(second);
        QCOMPARE(second->name(), first->name());
        QCOMPARE(second->keyId(), first->keyId());
        QVERIFY(second->publicKey() == first->publicKey());
        QVERIFY(second->signBytes("x") == first->signBytes("x"));
        QCOMPARE(read(file.path()), before);
    }

    void a_file_that_others_can_read_is_closed_to_them()
    {
        IdentityFile file(m_folder->path());
        QVERIFY(file.loadOrCreate());
        QVERIFY(QFile::setPermissions(file.path(), OwnerOnly | QFileDevice::ReadGroup | QFileDevice::ReadOther));
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"could be read by other users"_s));
        QVERIFY(file.load());
        QCOMPARE(QFileInfo(file.path()).permissions(), OwnerOnly);
    }

    void a_damaged_file_is_an_error_and_stays_as_it_is_data()
    {
        QTest::addColumn<QByteArray>("text");
        const QByteArray name = "server_name example.org\n";
        const QByteArray key = QByteArray("ed25519 a ") + SpecSeed + '\n';
        const QByteArray check = QByteArray("public ") + SpecPublic + '\n';
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("rubbish") << QByteArray("\0\1\2\3", 4);
        QTest::newRow("cut short") << name + key.first(30);
        QTest::newRow("no check") << name + key;
        QTest::newRow("no name") << key + check;
        QTest::newRow("two names") << name + name + key + check;
        QTest::newRow("two keys") << name + key + key + check;
        QTest::newRow("bad name") << "server_name bad name\n" + key + check;
        QTest::newRow("one bit of the key") << name + QByteArray(key).replace("YJDB", "YJDC") + check;
        QTest::newRow("one bit of the check") << name + key + QByteArray(check).replace("XGX0", "XGX1");
        QTest::newRow("hex of another key") << "server_name " + QByteArray(64, 'a') + '\n' + key + check;
        QTest::newRow("carriage returns") << QByteArray(name + key + check).replace("\n", "\r\n");
        QTest::newRow("too large") << name + key + check + QByteArray(70'000, '#');
    }
    void a_damaged_file_is_an_error_and_stays_as_it_is()
    {
        QFETCH(const QByteArray, text);
        IdentityFile file(m_folder->path());
        write(file.path(), text);
        const auto loaded = file.loadOrCreate();
        QVERIFY(!loaded);
        QVERIFY(loaded.error().code == Errc::Corrupt || loaded.error().code == Errc::Io);
        QVERIFY(loaded.error().detail.contains(file.path()));
        QVERIFY(!loaded.error().detail.contains(QLatin1String(SpecSeed).mid(8, 8)));
        QCOMPARE(read(file.path()), text);
    }

    void the_same_text_undamaged_is_an_identity()
    {
        IdentityFile file(m_folder->path());
        write(file.path(), QByteArray("# a comment\nserver_name example.org\ned25519 a ") + SpecSeed + "\npublic " +
                               SpecPublic + '\n');
        QVERIFY(QFile::setPermissions(file.path(), OwnerOnly));
        const auto loaded = file.load();
        QVERIFY(loaded);
        QCOMPARE(loaded->name().bytes(), "example.org");
        QCOMPARE(loaded->keyId(), "ed25519:a");
        QVERIFY(loaded->publicKey() == publicKey(SpecPublic));
    }

    void a_file_that_cannot_be_read_is_an_error_and_stays()
    {
        IdentityFile file(m_folder->path());
        QVERIFY(QDir().mkdir(file.path())); // as root nothing else is unreadable
        QCOMPARE(file.loadOrCreate().error().code, Errc::Io);
        QVERIFY(QFileInfo(file.path()).isDir());
    }

    void a_dangling_link_is_not_taken_for_a_first_start()
    {
        IdentityFile file(m_folder->path());
        QVERIFY(QFile::link(m_folder->filePath(u"elsewhere"_s), file.path()));
        QCOMPARE(file.loadOrCreate().error().code, Errc::Io);
        QVERIFY(!QFileInfo::exists(m_folder->filePath(u"elsewhere"_s)));
    }

    void a_folder_that_is_not_there_is_an_error()
    {
        QCOMPARE(IdentityFile(m_folder->filePath(u"missing"_s)).loadOrCreate().error().code, Errc::Io);
    }

    void keys_of_homeservers_can_be_taken_over_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("keyId");
        const QByteArray line = QByteArray("ed25519 a_AbCd ") + SpecSeed;
        QTest::newRow("Synapse") << line + '\n' << QByteArray("ed25519:a_AbCd");
        QTest::newRow("no final line feed") << line << QByteArray("ed25519:a_AbCd");
        QTest::newRow("padded") << line + "=\n" << QByteArray("ed25519:a_AbCd");
        QTest::newRow("comments and blank lines") << "# old\n\n  \t\r\n" + line + "\r\n"
                                                  << QByteArray("ed25519:a_AbCd");
        QTest::newRow("several: the first") << line + "\ned25519 b AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
                                            << QByteArray("ed25519:a_AbCd");
        const QByteArray pem = QByteArray("-----BEGIN MATRIX PRIVATE KEY-----\nKey-ID: ed25519:AbCdEf\n\n") + SpecSeed +
                               "=\n-----END MATRIX PRIVATE KEY-----\n";
        QTest::newRow("Dendrite") << pem << QByteArray("ed25519:AbCdEf");
        QTest::newRow("Dendrite, Windows") << QByteArray(pem).replace("\n", "\r\n") << QByteArray("ed25519:AbCdEf");
        QTest::newRow("Dendrite, more headers")
            << QByteArray(pem).replace("\n\n", "\nMade: 2020\n\n") << QByteArray("ed25519:AbCdEf");
    }
    void keys_of_homeservers_can_be_taken_over()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArray, keyId);
        const auto keyFile = m_folder->filePath(u"signing.key"_s);
        write(keyFile, text);
        IdentityFile file(m_folder->path());
        const auto imported = file.import(keyFile, nameOf("example.org"));
        QVERIFY2(imported, imported ? "" : qPrintable(imported.error().detail));
        QCOMPARE(imported->name().bytes(), "example.org");
        QCOMPARE(imported->keyId(), keyId);
        QVERIFY(imported->publicKey() == publicKey(SpecPublic));
        QCOMPARE(QFileInfo(file.path()).permissions(), OwnerOnly);
        const auto loaded = file.loadOrCreate();
        QVERIFY(loaded);
        QCOMPARE(loaded->name().bytes(), "example.org");
        QCOMPARE(loaded->keyId(), keyId);
        QVERIFY(loaded->publicKey() == publicKey(SpecPublic));
        QCOMPARE(read(keyFile), text);
    }

    void keys_that_cannot_be_used_change_nothing_data()
    {
        QTest::addColumn<QByteArray>("text");
        const QByteArray seed = SpecSeed;
        const QByteArray begin = "-----BEGIN MATRIX PRIVATE KEY-----\n";
        const QByteArray end = "\n-----END MATRIX PRIVATE KEY-----\n";
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("only comments") << QByteArray("# nothing\n\n");
        QTest::newRow("other algorithm") << "curve25519 a " + seed;
        QTest::newRow("two words") << "ed25519 " + seed;
        QTest::newRow("four words") << "ed25519 a " + seed + " 1700000000000";
        QTest::newRow("short key") << "ed25519 a " + seed.chopped(1);
        QTest::newRow("long key") << "ed25519 a " + seed + "A";
        QTest::newRow("bad character") << "ed25519 a " + seed.chopped(1) + "!";
        QTest::newRow("bad version") << "ed25519 a:b " + seed;
        QTest::newRow("PEM without id") << begin + '\n' + seed + '=' + end;
        QTest::newRow("PEM with another algorithm") << begin + "Key-ID: rsa:1\n\n" + seed + '=' + end;
        QTest::newRow("PEM without end") << begin + "Key-ID: ed25519:a\n\n" + seed + "=\n";
        QTest::newRow("PEM with 64 bytes") << begin + "Key-ID: ed25519:a\n\n" + seed + seed + end;
        QTest::newRow("other PEM") << QByteArray("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        QTest::newRow("too large") << QByteArray(70'000, '#');
    }
    void keys_that_cannot_be_used_change_nothing()
    {
        QFETCH(const QByteArray, text);
        const auto keyFile = m_folder->filePath(u"signing.key"_s);
        write(keyFile, text);
        IdentityFile file(m_folder->path());
        const auto imported = file.import(keyFile, nameOf("example.org"));
        QVERIFY(!imported);
        QCOMPARE(imported.error().code, Errc::InvalidSetting);
        QVERIFY(!imported.error().detail.contains(QLatin1String(SpecSeed).mid(8, 8)));
        QVERIFY(!file.exists());
        QCOMPARE(file.import(m_folder->filePath(u"missing"_s), nameOf("example.org")).error().code,
                 Errc::InvalidSetting);
        QVERIFY(!file.exists());
    }

    void a_key_is_not_imported_under_the_hex_of_another()
    {
        const auto keyFile = m_folder->filePath(u"signing.key"_s);
        write(keyFile, QByteArray("ed25519 a ") + SpecSeed);
        IdentityFile file(m_folder->path());
        QCOMPARE(file.import(keyFile, nameOf(QByteArray(64, 'a'))).error().code, Errc::InvalidSetting);
        QVERIFY(!file.exists());
        QVERIFY(file.import(keyFile, selfCertifyingName(publicKey(SpecPublic))));
    }

    void an_identity_is_never_replaced_by_an_import()
    {
        const auto keyFile = m_folder->filePath(u"signing.key"_s);
        write(keyFile, QByteArray("ed25519 a ") + SpecSeed);
        IdentityFile file(m_folder->path());
        QVERIFY(file.loadOrCreate());
        const auto before = read(file.path());
        QCOMPARE(file.import(keyFile, nameOf("example.org")).error().code, Errc::InvalidSetting);
        QCOMPARE(read(file.path()), before);
    }

    void one_that_was_not_used_is_replaced_and_kept_beside()
    {
        const auto keyFile = m_folder->filePath(u"signing.key"_s);
        write(keyFile, QByteArray("ed25519 a ") + SpecSeed);
        IdentityFile file(m_folder->path());
        QVERIFY(file.loadOrCreate());
        const auto first = read(file.path());
        const auto unused = [] { return Result<bool>(false); };
        const auto imported = file.import(keyFile, nameOf("example.org"), unused);
        QVERIFY2(imported, imported ? "" : qPrintable(imported.error().detail));
        QCOMPARE(file.load()->name(), nameOf("example.org"));
        QCOMPARE(read(m_folder->filePath(u"identity.key.old-1"_s)), first);
        QCOMPARE(QFileInfo(m_folder->filePath(u"identity.key.old-1"_s)).permissions(), OwnerOnly);
        const auto second = read(file.path());
        QVERIFY(file.import(keyFile, nameOf("example.net"), unused)); // the name was mistyped
        QCOMPARE(read(m_folder->filePath(u"identity.key.old-2"_s)), second);
        QCOMPARE(file.load()->name(), nameOf("example.net"));
    }

    void the_same_identity_again_changes_nothing()
    {
        const auto keyFile = m_folder->filePath(u"signing.key"_s);
        write(keyFile, QByteArray("ed25519 a ") + SpecSeed);
        IdentityFile file(m_folder->path());
        QVERIFY(file.import(keyFile, nameOf("example.org")));
        const auto before = read(file.path());
        QVERIFY(file.import(keyFile, nameOf("example.org"), [] { return Result<bool>(true); }));
        QCOMPARE(read(file.path()), before);
        QVERIFY(!QFile::exists(m_folder->filePath(u"identity.key.old-1"_s)));
    }

    void one_that_was_used_is_not_replaced()
    {
        const auto keyFile = m_folder->filePath(u"signing.key"_s);
        write(keyFile, QByteArray("ed25519 a ") + SpecSeed);
        IdentityFile file(m_folder->path());
        QVERIFY(file.loadOrCreate());
        const auto before = read(file.path());
        const auto refused = file.import(keyFile, nameOf("example.org"), [] { return Result<bool>(true); });
        QCOMPARE(refused.error().code, Errc::InvalidSetting);
        QVERIFY(refused.error().detail.contains(u"mail was held or sent"_s));
        const Error damaged{Errc::Corrupt, u"damaged"_s, 0};
        QCOMPARE(file.import(keyFile, nameOf("example.org"), [&] { return Result<bool>(damaged); }).error().code,
                 Errc::Corrupt);
        QCOMPARE(read(file.path()), before);
    }

    void an_exported_identity_is_the_same_elsewhere()
    {
        IdentityFile file(m_folder->path());
        const auto first = file.loadOrCreate();
        QVERIFY(first);
        const QString sealed = m_folder->filePath(u"sealed"_s);
        const auto exported = file.exportTo(sealed, secretText("correct horse"), PassphraseCost::least());
        QVERIFY2(exported, exported ? "" : qPrintable(exported.error().detail));
        QCOMPARE(exported->name(), first->name());
        QCOMPARE(QFileInfo(sealed).permissions(), OwnerOnly);
        QVERIFY(read(sealed).startsWith("restante-identity 1\n"));

        const QTemporaryDir other;
        IdentityFile elsewhere(other.path());
        const auto wrong = elsewhere.importExported(sealed, secretText("wrong"));
        QCOMPARE(wrong.error().code, Errc::Corrupt);
        QVERIFY(QDir(other.path()).isEmpty());
        const auto imported = elsewhere.importExported(sealed, secretText("correct horse"));
        QVERIFY2(imported, imported ? "" : qPrintable(imported.error().detail));
        QVERIFY(imported->signBytes("x") == first->signBytes("x"));
        QCOMPARE(read(elsewhere.path()), read(file.path()));
        QCOMPARE(QFileInfo(elsewhere.path()).permissions(), OwnerOnly);
    }

    void an_exported_identity_replaces_none()
    {
        IdentityFile file(m_folder->path());
        QVERIFY(file.loadOrCreate());
        const QString sealed = m_folder->filePath(u"sealed"_s);
        QVERIFY(file.exportTo(sealed, secretText("x"), PassphraseCost::least()));
        const QByteArray before = read(file.path());
        QCOMPARE(file.importExported(sealed, secretText("x")).error().code, Errc::InvalidSetting);
        QCOMPARE(read(file.path()), before);
        const QByteArray sealedBefore = read(sealed);
        QCOMPARE(file.exportTo(sealed, secretText("x"), PassphraseCost::least()).error().code, Errc::InvalidSetting);
        QCOMPARE(read(sealed), sealedBefore);
    }

    void without_an_identity_there_is_nothing_to_export()
    {
        const QString sealed = m_folder->filePath(u"sealed"_s);
        IdentityFile file(m_folder->path());
        QCOMPARE(file.exportTo(sealed, secretText("x"), PassphraseCost::least()).error().code, Errc::InvalidSetting);
        QVERIFY(QDir(m_folder->path()).isEmpty());
    }

    void a_sealed_text_that_is_no_identity_is_refused_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("rubbish") << QByteArray("rubbish");
        QTest::newRow("endless") << QByteArray(1 << 20, '#');
    }
    void a_sealed_text_that_is_no_identity_is_refused()
    {
        QFETCH(const QByteArray, text);
        const QString sealed = m_folder->filePath(u"sealed"_s);
        const auto writer =
            SealedWriter::create(sealed, SealedKind::Identity, secretText("x"), PassphraseCost::least());
        QVERIFY(writer && (*writer)->write(text) && (*writer)->commit());
        IdentityFile file(m_folder->path());
        QCOMPARE(file.importExported(sealed, secretText("x")).error().code, Errc::Corrupt);
        QVERIFY(!file.exists());
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(IdentityFileTest)
#include "tst_identityfile.moc"
