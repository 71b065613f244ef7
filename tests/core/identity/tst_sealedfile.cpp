// SPDX-License-Identifier: GPL-3.0-or-later
#include "files.h"
#include "identity/sealedfile.h"
#include "secrettext.h"
#include "smalldisk.h"

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
constexpr qsizetype ChunkBytes = 65'536;
constexpr qsizetype SealBytes = 17;
QByteArray patterned(qsizetype size)
{
    QByteArray bytes(size, Qt::Uninitialized);
    for (qsizetype i = 0; i < size; ++i)
        bytes[i] = char((i * 31 + i / 251) & 0xff);
    return bytes;
}

Result<void> seal(const QString &path, const QByteArray &content, const char *passphrase = "correct horse",
                  SealedKind kind = SealedKind::Backup)
{
    const auto writer = SealedWriter::create(path, kind, secretText(passphrase), PassphraseCost::least());
    if (!writer)
        return writer.error();
    if (auto written = (*writer)->write(content); !written)
        return written;
    return (*writer)->commit();
}

/// Everything in the file, or why it cannot be had.
Result<QByteArray> unseal(const QString &path, const char *passphrase = "correct horse",
                          SealedKind kind = SealedKind::Backup)
{
    const auto reader = SealedReader::open(path, kind, secretText(passphrase));
    if (!reader)
        return reader.error();
    QByteArray content;
    while (true) {
        const auto ended = (*reader)->atEnd();
        if (!ended)
            return ended.error();
        if (*ended)
            return content;
        char byte = 0;
        if (const auto read = (*reader)->read(&byte, 1); !read)
            return read.error();
        content += byte;
    }
}
} // namespace

class SealedFileTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
        m_path = m_folder->filePath(u"sealed"_s);
    }

    void what_was_sealed_is_read_again_data()
    {
        QTest::addColumn<qsizetype>("size");
        for (const qsizetype size : {qsizetype(0), qsizetype(1), ChunkBytes - 1, ChunkBytes, ChunkBytes + 1,
                                     2 * ChunkBytes, 3 * ChunkBytes + 7})
            QTest::newRow(QByteArray::number(size).constData()) << size;
    }
    void what_was_sealed_is_read_again()
    {
        QFETCH(const qsizetype, size);
        const QByteArray content = patterned(size);
        QVERIFY(seal(m_path, content));
        const auto again = unseal(m_path);
        QVERIFY2(again, again ? "" : qPrintable(again.error().detail));
        QCOMPARE(*again, content);
    }

    void the_file_says_what_it_is_and_shows_nothing_else()
    {
        QVERIFY(seal(m_path, "a secret text that must not be seen"));
        const QByteArray bytes = read(m_path);
        QVERIFY(bytes.startsWith("restante-backup 1\nargon2id 1 8192 "));
        QVERIFY(!bytes.contains("secret"));
        QCOMPARE(QFileInfo(m_path).permissions(), OwnerOnly);
        QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden), QStringList{u"sealed"_s});
    }

    void the_same_content_is_sealed_differently_each_time()
    {
        QVERIFY(seal(m_path, "content"));
        QVERIFY(seal(m_path + u'2', "content"));
        QVERIFY(read(m_path).mid(50) != read(m_path + u'2').mid(50));
    }

    void a_new_file_costs_an_attacker_what_libsodium_advises()
    {
        QCOMPARE(PassphraseCost::moderate().operations, quint64(3));
        QCOMPARE(PassphraseCost::moderate().memoryBytes, quint64(256) << 20);
        const auto writer = SealedWriter::create(m_path, SealedKind::Backup, secretText("x"));
        QVERIFY(writer && (*writer)->commit());
        QVERIFY(read(m_path).startsWith("restante-backup 1\nargon2id 3 268435456 "));
        QVERIFY(unseal(m_path, "x"));
    }

    void another_passphrase_does_not_open_it_data()
    {
        QTest::addColumn<QByteArray>("passphrase");
        QTest::newRow("another") << QByteArray("correct house");
        QTest::newRow("longer") << QByteArray("correct horse ");
        QTest::newRow("shorter") << QByteArray("correct hors");
    }
    void another_passphrase_does_not_open_it()
    {
        QFETCH(const QByteArray, passphrase);
        QVERIFY(seal(m_path, "content"));
        const auto opened = unseal(m_path, passphrase.constData());
        QVERIFY(!opened);
        QCOMPARE(opened.error().code, Errc::Corrupt);
        QVERIFY(opened.error().detail.contains(u"the passphrase is wrong"_s));
        QVERIFY(!opened.error().detail.contains(QString::fromUtf8(passphrase)));
    }

    void without_a_passphrase_nothing_is_written()
    {
        QCOMPARE(seal(m_path, "content", "").error().code, Errc::InvalidSetting);
        QVERIFY(QDir(m_folder->path()).isEmpty());
        QVERIFY(seal(m_path, "content"));
        QCOMPARE(unseal(m_path, "").error().code, Errc::InvalidSetting);
    }

    void an_identity_is_not_taken_for_a_backup()
    {
        QVERIFY(seal(m_path, "content", "x", SealedKind::Identity));
        const auto opened = unseal(m_path, "x", SealedKind::Backup);
        QVERIFY(!opened);
        QVERIFY(opened.error().detail.contains(u"is an exported identity, not a backup"_s));
        QVERIFY(unseal(m_path, "x", SealedKind::Identity));
    }

    void a_file_cut_short_anywhere_is_refused()
    {
        QVERIFY(seal(m_path, "content"));
        const QByteArray whole = read(m_path);
        for (qsizetype length = 0; length < whole.size(); ++length) {
            write(m_path, whole.first(length));
            const auto opened = unseal(m_path);
            QVERIFY2(!opened, QByteArray::number(length));
            QCOMPARE(opened.error().code, Errc::Corrupt);
        }
        write(m_path, whole);
        QVERIFY(unseal(m_path));
    }

    void a_large_file_cut_between_chunks_is_refused()
    {
        QVERIFY(seal(m_path, patterned(3 * ChunkBytes)));
        const QByteArray whole = read(m_path);
        const qsizetype head = whole.size() - 3 * (ChunkBytes + SealBytes);
        for (const int chunks : {1, 2}) {
            write(m_path, whole.first(head + chunks * (ChunkBytes + SealBytes)));
            QCOMPARE(unseal(m_path).error().code, Errc::Corrupt);
        }
        QByteArray swapped = whole;
        swapped.replace(head, ChunkBytes + SealBytes, whole.mid(head + ChunkBytes + SealBytes, ChunkBytes + SealBytes));
        write(m_path, swapped);
        QCOMPARE(unseal(m_path).error().code, Errc::Corrupt);
    }

    void any_changed_byte_is_noticed()
    {
        QVERIFY(seal(m_path, "content"));
        const QByteArray whole = read(m_path);
        for (qsizetype at = 0; at < whole.size(); ++at) {
            for (const int bits : {0x01, 0x20, 0x80}) {
                QByteArray changed = whole;
                changed[at] = char(changed.at(at) ^ bits);
                write(m_path, changed);
                const auto opened = unseal(m_path);
                QVERIFY2(!opened, QByteArray::number(at));
                QCOMPARE(opened.error().code, Errc::Corrupt);
            }
        }
    }

    void what_follows_the_end_is_noticed_data()
    {
        QTest::addColumn<qsizetype>("size");
        QTest::newRow("a short last chunk") << qsizetype(7);
        QTest::newRow("a full last chunk") << ChunkBytes;
    }
    void what_follows_the_end_is_noticed()
    {
        QFETCH(const qsizetype, size);
        QVERIFY(seal(m_path, patterned(size)));
        write(m_path, read(m_path) + 'x');
        QCOMPARE(unseal(m_path).error().code, Errc::Corrupt);
    }

    void a_strangers_file_takes_neither_memory_nor_time_data()
    {
        QTest::addColumn<QByteArray>("cost");
        QTest::newRow("much memory") << QByteArray("1 1099511627776");
        QTest::newRow("one byte too many") << QByteArray("1 268435457");
        QTest::newRow("long") << QByteArray("4 8192");
        QTest::newRow("for ever") << QByteArray("18446744073709551615 8192");
        QTest::newRow("beyond 64 bits") << QByteArray("1 18446744073709559808");
        QTest::newRow("none") << QByteArray("0 8192");
        QTest::newRow("too little memory") << QByteArray("1 8191");
        QTest::newRow("negative") << QByteArray("-1 8192");
        QTest::newRow("spelled differently") << QByteArray("01 8192");
        QTest::newRow("blank") << QByteArray("1  8192");
    }
    void a_strangers_file_takes_neither_memory_nor_time()
    {
        QFETCH(const QByteArray, cost);
        QVERIFY(seal(m_path, "content"));
        write(m_path, read(m_path).replace("argon2id 1 8192 ", "argon2id " + cost + ' '));
        const auto opened = unseal(m_path);
        QVERIFY(!opened);
        QCOMPARE(opened.error().code, Errc::Corrupt);
        // Refused for what it asks: no key was made and tried.
        QVERIFY2(opened.error().detail.endsWith(u"is damaged or cut short"_s), qPrintable(opened.error().detail));
    }

    void a_file_that_exists_is_not_written_over()
    {
        write(m_path, "precious");
        QCOMPARE(seal(m_path, "content").error().code, Errc::InvalidSetting);
        QCOMPARE(read(m_path), "precious");
        QVERIFY(QFile::remove(m_path));
        QVERIFY(QFile::link(m_folder->filePath(u"elsewhere"_s), m_path)); // dangling
        QCOMPARE(seal(m_path, "content").error().code, Errc::InvalidSetting);
        QVERIFY(QFileInfo(m_path).isSymLink() && !QFileInfo::exists(m_path));
    }

    void a_file_that_appears_meanwhile_is_not_written_over()
    {
        {
            const auto writer =
                SealedWriter::create(m_path, SealedKind::Backup, secretText("x"), PassphraseCost::least());
            QVERIFY(writer && (*writer)->write("content"));
            write(m_path, "precious");
            QCOMPARE((*writer)->commit().error().code, Errc::InvalidSetting);
        }
        QCOMPARE(read(m_path), "precious");
        QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden), QStringList{u"sealed"_s});
    }

    void one_that_is_not_finished_leaves_nothing()
    {
        {
            const auto writer =
                SealedWriter::create(m_path, SealedKind::Backup, secretText("x"), PassphraseCost::least());
            QVERIFY(writer && (*writer)->write(patterned(3 * ChunkBytes)));
            QVERIFY(!QFileInfo::exists(m_path));
        }
        QVERIFY(QDir(m_folder->path()).isEmpty());
    }

    void a_full_disk_leaves_nothing()
    {
        const SmallDisk disk(2 * ChunkBytes);
        const auto sealed = seal(m_path, patterned(4 * ChunkBytes));
        QVERIFY(!sealed);
        QCOMPARE(sealed.error().code, Errc::Io);
        QVERIFY(sealed.error().detail.contains(m_path));
        QVERIFY(QDir(m_folder->path()).isEmpty());
    }

    void a_place_that_cannot_be_written_is_an_error()
    {
        QCOMPARE(seal(m_folder->filePath(u"missing/file"_s), "content").error().code, Errc::Io);
        QCOMPARE(unseal(m_folder->filePath(u"missing"_s)).error().code, Errc::Io);
        QCOMPARE(unseal(m_folder->path()).error().code, Errc::Io);
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
};

QTEST_GUILESS_MAIN(SealedFileTest)
#include "tst_sealedfile.moc"
