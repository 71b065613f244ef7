// SPDX-License-Identifier: GPL-3.0-or-later
// One page of node.sqlite is damaged: what does not lie on it goes on, and what was collected does not come twice.
#include "base/sqlstatement.h"
#include "damage.h"
#include "fakeclock.h"
#include "node/handledmemory.h"
#include "node/inboxstore.h"
#include "samples.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QLoggingCategory>
#include <QtCore/QMap>
#include <QtCore/QRegularExpression>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <sodium.h>

using namespace restante;
using namespace restante::test;

class TestSalvage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();

    void a_damaged_page_stops_nothing_for_good_data();
    void a_damaged_page_stops_nothing_for_good();
    void what_was_being_delivered_is_still_known();
    void a_fault_of_a_moment_costs_nothing();
    void without_room_for_a_copy_it_is_said_how_much_is_needed();
    void a_content_key_that_is_lost_is_told();
    void what_an_earlier_try_left_takes_no_room_from_the_next();
    void a_number_is_not_given_twice_where_the_highest_is_lost();
    void what_goes_now_is_remembered_by_a_clock_that_is_believed();
    void without_its_schema_a_database_is_left_as_it_is();
    void a_power_cut_leaves_one_of_the_two_data();
    void a_power_cut_leaves_one_of_the_two();
    void everything_is_discarded_past_a_damaged_index();

private:
    QString file(const QString &end = {}) const { return m_folder->filePath(QStringLiteral("node.sqlite") + end); }
    Result<void> open()
    {
        m_store.reset();
        auto store = node::InboxStore::open(m_folder->path(), m_clock);
        if (!store)
            return store.error();
        m_store = std::move(*store);
        return {};
    }
    /// Somebody else's changes, after which the whole database stands in its file and the program reads it anew.
    void change(const QStringList &statements)
    {
        base::ConnectionOptions options;
        options.database = file();
        auto database = base::Database::open(options);
        QVERIFY(database.ok());
        for (const QString &statement : statements)
            QVERIFY2((*database)->run(statement).ok(), qPrintable(statement));
        QVERIFY((*database)->checkpoint(true)->isCopied());
    }
    static std::vector<node::Collected> mail(int from, int to);
    static std::vector<node::DestinationMemory> friends()
    {
        std::vector<node::DestinationMemory> memories;
        memories.reserve(Friends);
        for (int i = 0; i < Friends; ++i)
            memories.push_back({server("f" + QByteArray::number(i) + ".example"), 3, 1, 2, QStringLiteral("gone")});
        return memories;
    }
    void make();
    void fill();
    /// Whether each of what a node does all day can be done.
    bool works();
    QMap<qint64, bool> listed();
    qint64 damaged() { return listed().keys(true).size(); }
    QStringList kept() const
    {
        return QDir(m_folder->path()).entryList({QStringLiteral("node.sqlite.damaged-*")}, QDir::Files);
    }

    static constexpr int All = 400;
    static constexpr int Removed = 40;
    static constexpr int Friends = 600;
    FakeClock m_clock;
    std::unique_ptr<QTemporaryDir> m_filled;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<node::InboxStore> m_store;
    node::InboxLimits m_limits;
    int m_next = All; ///< mail
};

void TestSalvage::init()
{
    m_store.reset();
    m_folder = std::make_unique<QTemporaryDir>();
    m_limits = {};
    m_limits.diskFloorBytes = 0;
    m_next = All;
}

std::vector<node::Collected> TestSalvage::mail(int from, int to)
{
    std::vector<node::Collected> batch;
    for (int i = from; i < to; ++i) {
        batch.push_back(collected("e" + QByteArray::number(i), 1 + i));
        batch.back().pdus = R"([{"type":"e","content":")" + QByteArray(2'000, 'x') + R"("}])";
    }
    return batch;
}

/// So much that each tree that grows has several leaves.
void TestSalvage::make()
{
    QVERIFY(open().ok());
    QVERIFY(m_store->add(server("r.example"), mail(0, All / 2), m_limits).ok());
    QVERIFY(m_store->add(server("s.example"), mail(All / 2, All), m_limits).ok());
    QCOMPARE(*m_store->merge(), All);
    QList<qint64> ids;
    const auto page = m_store->page(0, Removed);
    for (const node::InboxRow &row : page->rows)
        ids.append(row.id);
    QCOMPARE(*m_store->remove(ids), Removed);
    QVERIFY(m_store->remember(friends()).ok());
    QVERIFY(m_store->prune(m_limits).ok());
    change({QStringLiteral("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT "
                           "INTO handled SELECT randomblob(16), -i, 0, 1790000000000 + i FROM n")});
}

void TestSalvage::initTestCase()
{
    QVERIFY(sodium_init() >= 0);
    init();
    make();
    m_store.reset();
    m_filled = std::move(m_folder);
}

/// A copy of what was made once.
void TestSalvage::fill()
{
    QVERIFY(QFile::copy(m_filled->filePath(QStringLiteral("node.sqlite")), file()));
    QVERIFY(open().ok());
}

bool TestSalvage::works()
{
    const auto said = [](const auto &done) {
        if (!done)
            qInfo("%s", qPrintable(done.error().detail));
        return done.ok();
    };
    const auto added = m_store->add(server("r.example"), mail(m_next, m_next + 8), m_limits);
    bool all = said(added);
    m_next += all ? 8 : 0;
    all = said(m_store->merge()) && all;
    const auto page = m_store->page(0, 1'000);
    all = said(page) && !page->rows.isEmpty() && all;
    all = all && said(m_store->remove({page->rows.last().id}));
    all = said(m_store->remember(friends())) && all;
    return said(m_store->prune(m_limits)) && all;
}

/// Whether each is damaged, by id.
QMap<qint64, bool> TestSalvage::listed()
{
    QMap<qint64, bool> rows;
    const auto page = m_store->page(0, 2 * All);
    if (!page) {
        qWarning("%s", qPrintable(page.error().detail));
        return rows;
    }
    for (const node::InboxRow &row : page->rows)
        rows.insert(row.id, row.damaged || !m_store->entry(row.id).ok());
    return rows;
}

void TestSalvage::a_damaged_page_stops_nothing_for_good_data()
{
    QTest::addColumn<QByteArray>("tree");
    QTest::addColumn<Leaf>("leaf");
    QTest::addColumn<bool>("running");
    for (const char *tree : {"inbox",
                             "inbox_key",
                             "inbox_order",
                             "inbox_unmerged",
                             "sqlite_sequence",
                             "relays",
                             "sqlite_autoindex_relays_1",
                             "summaries",
                             "handled",
                             "handled_gone",
                             "handled_id",
                             "destinations",
                             "meta",
                             "content_keys",
                             "schema_version",
                             "deliveries",
                             "sent_ids",
                             "sent_ids_age",
                             "delivered",
                             "delivered_place",
                             "delivered_ids",
                             "delivered_ids_of"}) {
        const bool grows = QByteArray(tree).startsWith("inbox")
                               ? QByteArray(tree) != "inbox_unmerged"
                               : QByteArray(tree).startsWith("handled") || QByteArray(tree) == "summaries" ||
                                     QByteArray(tree) == "destinations";
        for (const auto &[leaf, name] : {std::pair(Leaf::First, "first"), std::pair(Leaf::Middle, "middle"),
                                         std::pair(Leaf::Last, "last"), std::pair(Leaf::Root, "root")}) {
            if (!grows && leaf != Leaf::Root)
                continue;
            for (const bool running : {false, true})
                QTest::addRow("%s, %s, %s", tree, name, running ? "running" : "at the start")
                    << QByteArray(tree) << leaf << running;
        }
    }
}

void TestSalvage::a_damaged_page_stops_nothing_for_good()
{
    QFETCH(const QByteArray, tree);
    QFETCH(const Leaf, leaf);
    QFETCH(const bool, running);
    fill();
    const qint64 last = listed().lastKey();
    if (!running)
        m_store.reset();
    QVERIFY(damageTree(file(), tree, leaf));
    if (!running) {
        const auto opened = open();
        QVERIFY2(opened.ok(), opened.ok() ? "" : qPrintable(opened.error().detail));
    }
    if (running)
        change({QStringLiteral("PRAGMA user_version = 1")}); // what is cached is read anew
    const int next = m_next;
    // The page may be met at any of these, and stops one of them: then the database is written anew.
    int stopped = 0;
    for (int again = 0; again < 4; ++again) {
        stopped += works() ? 0 : 1;
        m_clock.advance(node::InboxStore::RenewAfterMs);
    }
    QVERIFY2(stopped <= 1, qPrintable(QString::number(stopped)));
    // Both would tell of numbers that were given and are gone.
    const qint64 unknown = tree == "sqlite_sequence" || tree == "summaries" ? 1'000'000 : 0;
    for (int again = 0; again < 2; ++again) {
        const auto rows = listed();
        const auto fresh = rows.lowerBound(last + 1);
        QVERIFY(fresh != rows.end() && fresh.key() <= last + 9 + unknown);
        QVERIFY(rows.size() >= All - Removed);
        if (tree == "inbox" && leaf != Leaf::Root)
            QVERIFY(damaged() > 0 && damaged() < 40);
        else if (tree != "inbox")
            QCOMPARE(damaged(), 0);
        QCOMPARE(m_store->totals()->entries, rows.size());
        if (again == 0)
            QVERIFY(open().ok());
    }
    // Nothing comes twice, whichever relay brings it.
    auto twice = m_store->add(server("t.example"), mail(0, next), m_limits);
    if (!twice) { // only now is that page met
        m_clock.advance(node::InboxStore::RenewAfterMs);
        twice = m_store->add(server("t.example"), mail(0, next), m_limits);
    }
    QVERIFY2(twice.ok(), twice.ok() ? "" : qPrintable(twice.error().detail));
    QCOMPARE(twice->fresh, 0);
    const auto removed = m_store->remove({});
    QVERIFY2(removed.ok(), removed.ok() ? "" : qPrintable(removed.error().detail));
    QCOMPARE(m_store->totals()->entries, 0);
    QVERIFY(listed().isEmpty());
}

void TestSalvage::what_was_being_delivered_is_still_known()
{
    fill();
    const qint64 id = listed().lastKey();
    QVERIFY(m_store->setDelivery({id, node::DeliveryRow::State::Sending, 7, 0, QStringLiteral("why")}).ok());
    QVERIFY(m_store->noteSent(server("a.example"), "t").ok());
    m_store.reset();
    QVERIFY(damageTree(file(), "handled_gone", Leaf::Root)); // so that it is written anew
    QVERIFY(open().ok());
    QCOMPARE(kept().size(), 1);
    const auto rows = m_store->deliveries();
    QVERIFY(rows.ok());
    QCOMPARE(rows->size(), size_t(1));
    QCOMPARE(rows->front().id, id);
    QCOMPARE(rows->front().sinceMs, 7);
    QCOMPARE(rows->front().reason, QStringLiteral("why"));
    QVERIFY(*m_store->sentMs(server("a.example"), "t"));
}

void TestSalvage::a_fault_of_a_moment_costs_nothing()
{
    fill();
    QFile::copy(file(), file(QStringLiteral(".whole")));
    QVERIFY(damageTree(file(), "inbox", Leaf::Last));
    QVERIFY(!works());
    QVERIFY(kept().isEmpty());
    QFile whole(file(QStringLiteral(".whole")));
    QFile now(file());
    QVERIFY(whole.open(QIODevice::ReadOnly) && now.open(QIODevice::ReadWrite));
    const QByteArray bytes = whole.readAll();
    QCOMPARE(now.write(bytes), bytes.size());
    now.close();
    QVERIFY(works());
    QCOMPARE(damaged(), 0);
    QVERIFY(kept().isEmpty());
}

void TestSalvage::without_room_for_a_copy_it_is_said_how_much_is_needed()
{
    fill();
    m_store.reset();
    QVERIFY(damageTree(file(), "meta", Leaf::Root));
    // A sparse file, larger than what is free anywhere.
    QFile large(file());
    QVERIFY(large.open(QIODevice::ReadWrite));
    QVERIFY(large.resize(qint64(7) << 40));
    large.close();
    const auto opened = open();
    QVERIFY(!opened.ok());
    QCOMPARE(opened.error().code, Errc::DiskFull);
    QVERIFY2(opened.error().detail.contains(QLatin1String("MiB of free space")), qPrintable(opened.error().detail));
    QVERIFY(kept().isEmpty());
}

void TestSalvage::a_content_key_that_is_lost_is_told()
{
    fill();
    m_store.reset();
    QVERIFY(damageTree(file(), "meta", Leaf::Root));
    QVERIFY(damageTree(file(), "content_keys", Leaf::Root));
    const auto opened = open();
    QVERIFY(!opened.ok());
    QCOMPARE(opened.error().code, Errc::Corrupt);
    QVERIFY2(opened.error().detail.contains(QLatin1String("content key")), qPrintable(opened.error().detail));
    QVERIFY2(opened.error().detail.contains(QLatin1String("restore a backup")), qPrintable(opened.error().detail));
    QVERIFY(kept().isEmpty());
    QVERIFY(!QFile::exists(file(QStringLiteral(".part"))));
    QCOMPARE(open().error().detail, opened.error().detail);
}

void TestSalvage::what_an_earlier_try_left_takes_no_room_from_the_next()
{
    fill();
    QVERIFY(damageTree(file(), "inbox", Leaf::Last));
    change({QStringLiteral("PRAGMA user_version = 1")});
    QVERIFY(!works());
    QFile left(file(QStringLiteral(".part")));
    QVERIFY(left.open(QIODevice::WriteOnly) && left.write("left") == 4);
    left.close();
    QFile large(file()); // than what is free anywhere
    QVERIFY(large.open(QIODevice::ReadWrite));
    QVERIFY(large.resize(qint64(7) << 40));
    large.close();
    m_clock.advance(node::InboxStore::RenewAfterMs);
    QVERIFY(!works());
    QVERIFY(!left.exists());
    QVERIFY(kept().isEmpty());
}

void TestSalvage::a_number_is_not_given_twice_where_the_highest_is_lost()
{
    fill();
    const QList<qint64> before = listed().keys();
    QCOMPARE(*m_store->remove(before.last(10)), 10);
    m_store.reset();
    for (const char *tree : {"sqlite_sequence", "handled", "handled_id"})
        QVERIFY(damageTree(file(), tree, Leaf::Root));
    QVERIFY(open().ok());
    for (int again = 0; again < 3; ++again) {
        (void)works();
        m_clock.advance(node::InboxStore::RenewAfterMs);
    }
    QVERIFY(works());
    const QList<qint64> after = listed().keys();
    QVERIFY(after.last() > before.last());
    for (const qint64 id : before.last(10))
        QVERIFY2(!after.contains(id), qPrintable(QString::number(id)));
}

/// Of a computer, say, that shows 1970 until it has asked somebody for the time.
void TestSalvage::what_goes_now_is_remembered_by_a_clock_that_is_believed()
{
    fill();
    m_store.reset();
    change({QStringLiteral("UPDATE handled SET gone_ms = %1 WHERE id > 0").arg(node::StaysMs)});
    QVERIFY(damageTree(file(), "content_keys", Leaf::Root));
    m_clock.setWall(1'000'000);
    QVERIFY(open().ok());
    QCOMPARE(kept().size(), 1);
    QVERIFY(m_store->prune(m_limits).ok());
    const auto again = m_store->add(server("t.example"), mail(0, Removed), m_limits);
    QVERIFY(again.ok());
    QCOMPARE(again->fresh, 0);
}

/// The first page; nothing of the rest can be found without it.
void TestSalvage::without_its_schema_a_database_is_left_as_it_is()
{
    fill();
    m_store.reset();
    QFile out(file());
    QVERIFY(out.open(QIODevice::ReadWrite) && out.seek(100)); // behind the header
    const QByteArray rubbish(16'384 - 100, '\xa5');
    QCOMPARE(out.write(rubbish), rubbish.size());
    out.close();
    QVERIFY(!open().ok());
    QVERIFY(kept().isEmpty());
}

void TestSalvage::a_power_cut_leaves_one_of_the_two_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<bool>("copied");
    QTest::newRow("while it was written") << QString() << QStringLiteral(".part") << true;
    QTest::newRow("once it was complete") << QString() << QStringLiteral(".new") << true;
    QTest::newRow("before it was in its place") << QString() << QStringLiteral(".new") << false;
}

void TestSalvage::a_power_cut_leaves_one_of_the_two()
{
    QFETCH(const QString, from);
    QFETCH(const QString, to);
    QFETCH(const bool, copied);
    fill();
    m_store.reset();
    QVERIFY(copied ? QFile::copy(file(from), file(to)) : QFile::rename(file(from), file(to)));
    const auto opened = open();
    QVERIFY2(opened.ok(), opened.ok() ? "" : qPrintable(opened.error().detail));
    QCOMPARE(listed().size(), All - Removed);
    QVERIFY(!QFile::exists(file(to)));
}

void TestSalvage::everything_is_discarded_past_a_damaged_index()
{
    fill();
    m_store.reset();
    QVERIFY(damageTree(file(), "inbox_order", Leaf::Middle));
    QVERIFY(open().ok());
    const auto removed = m_store->remove({});
    QVERIFY2(removed.ok(), removed.ok() ? "" : qPrintable(removed.error().detail));
    QCOMPARE(*removed, All - Removed);
    QVERIFY(kept().isEmpty()); // it needed no copy of all of it
    QVERIFY(open().ok());
    QCOMPARE(m_store->totals()->entries, 0);
}

QTEST_GUILESS_MAIN(TestSalvage)
#include "tst_salvage.moc"
