// SPDX-License-Identifier: GPL-3.0-or-later
// Free space inside a database file goes back to the disk, but not what was needed a moment ago.
#include "base/sparespace.h"

#include "fakeclock.h"

#include <QtCore/QFileInfo>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

using namespace restante;

namespace
{
constexpr qint64 MinuteMs = 60'000;
constexpr qint64 Mebibyte = qint64(1) << 20;
constexpr qint64 Kept = 4 * Mebibyte;
constexpr qint64 Ample = Kept + 8 * Mebibyte;
} // namespace

class TestSpareSpace : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void what_nobody_needed_for_a_while_goes_back();
    void what_was_needed_meanwhile_stays();
    void a_little_is_kept_for_good();
    void a_short_disk_gets_it_at_once();
    void what_is_needed_after_all_is_no_longer_spare();

private:
    /// Takes so much of the file, or frees it.
    void take(qint64 bytes)
    {
        QVERIFY(m_database->run(QStringLiteral("INSERT INTO filler VALUES (zeroblob(%1))").arg(bytes)).ok());
    }
    void free() { QVERIFY(m_database->run(QStringLiteral("DELETE FROM filler")).ok()); }
    void look(bool atOnce = false) { QVERIFY(m_spare->look(atOnce).ok()); }
    /// Gives back all that is spare; how many pieces that took.
    int giveBack()
    {
        int pieces = 0;
        while (m_spare->hasSpare()) {
            if (!m_spare->giveBack() || pieces > 1'000)
                return -1;
            ++pieces;
        }
        return pieces;
    }
    qint64 fileSize()
    {
        if (!m_database->run(m_database->dialect().checkpoint(true)))
            return -1;
        return QFileInfo(m_folder->filePath(QStringLiteral("test.sqlite"))).size();
    }

    test::FakeClock m_clock;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<base::Database> m_database;
    std::unique_ptr<base::SpareSpace> m_spare;
};

void TestSpareSpace::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    base::ConnectionOptions options;
    options.database = m_folder->filePath(QStringLiteral("test.sqlite"));
    auto opened = base::Database::open(options);
    QVERIFY(opened.ok());
    m_database = *std::move(opened);
    QVERIFY(m_database->run(QStringLiteral("CREATE TABLE filler (bytes BLOB)")).ok());
    m_spare = std::make_unique<base::SpareSpace>(*m_database, m_clock, Kept);
}

void TestSpareSpace::cleanup()
{
    m_spare.reset();
    m_database.reset();
    m_folder.reset();
}

void TestSpareSpace::what_nobody_needed_for_a_while_goes_back()
{
    take(Ample);
    free();
    look();
    QVERIFY(!m_spare->hasSpare());
    m_clock.advance(9 * MinuteMs);
    look();
    QVERIFY(!m_spare->hasSpare());
    m_clock.advance(MinuteMs);
    look();
    QVERIFY(m_spare->hasSpare());
    const qint64 before = fileSize();
    QVERIFY(giveBack() >= 8);
    const qint64 after = fileSize();
    QVERIFY2(before - after >= 8 * Mebibyte, qPrintable(QString::number(before - after)));
    QVERIFY(after >= Kept - Mebibyte);
    take(Ample);
    free();
}

void TestSpareSpace::what_was_needed_meanwhile_stays()
{
    take(Ample);
    free();
    look();
    m_clock.advance(5 * MinuteMs);
    take(Ample);
    look();
    free();
    m_clock.advance(5 * MinuteMs);
    look();
    QVERIFY(!m_spare->hasSpare());
    m_clock.advance(10 * MinuteMs);
    look();
    QVERIFY(m_spare->hasSpare());
}

void TestSpareSpace::a_little_is_kept_for_good()
{
    take(Kept - Mebibyte);
    free();
    look(true);
    QVERIFY(!m_spare->hasSpare());
    m_clock.advance(10 * MinuteMs);
    look();
    QVERIFY(!m_spare->hasSpare());
}

void TestSpareSpace::a_short_disk_gets_it_at_once()
{
    take(Ample);
    free();
    look(true);
    QVERIFY(m_spare->hasSpare());
    QVERIFY(giveBack() >= 8);
}

void TestSpareSpace::what_is_needed_after_all_is_no_longer_spare()
{
    take(Ample);
    free();
    look(true);
    QVERIFY(m_spare->hasSpare());
    take(Ample);
    m_clock.advance(MinuteMs);
    look();
    QVERIFY(!m_spare->hasSpare());
    look(true);
    QVERIFY(!m_spare->hasSpare());
    QCOMPARE(giveBack(), 0);
}

QTEST_GUILESS_MAIN(TestSpareSpace)
#include "tst_sparespace.moc"
