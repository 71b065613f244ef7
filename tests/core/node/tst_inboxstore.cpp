// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/sqlstatement.h"
#include "damage.h"
#include "fakeclock.h"
#include "node/inboxexport.h"
#include "node/inboxstore.h"
#include "samples.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QMap>
#include <QtCore/QRegularExpression>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <sodium.h>

using namespace restante;
using namespace restante::test;

class TestInboxStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(sodium_init() >= 0); }
    void init();

    void what_was_added_is_seen_once_it_is_merged();
    void rows_come_in_the_order_of_signed_time();
    void the_same_content_of_the_same_origin_is_kept_once();
    void a_copy_with_its_time_completes_one_without_data();
    void a_copy_with_its_time_completes_one_without();
    void what_was_taken_out_does_not_come_back();
    void a_page_goes_on_behind_a_row_that_is_gone();
    void a_relay_has_a_quota_data();
    void a_relay_has_a_quota();
    void too_little_disk_keeps_nothing();
    void everything_survives_a_restart();
    void removing_everything_leaves_what_is_not_merged();
    void what_was_handled_long_ago_is_forgotten();
    void a_clock_that_jumps_forgets_nothing_data();
    void a_clock_that_jumps_forgets_nothing();
    void a_clock_that_is_ahead_for_one_sweep_forgets_nothing_data();
    void a_clock_that_is_ahead_for_one_sweep_forgets_nothing();
    void of_two_times_the_earlier_counts_until_it_is_merged();
    void an_export_has_the_bytes_as_they_came();
    void an_export_goes_on_piece_by_piece();
    void a_list_reads_no_bodies();
    void a_damaged_page_hides_no_other_entry();
    void a_broken_page_beside_the_inbox_hides_nothing_data();
    void a_broken_page_beside_the_inbox_hides_nothing();
    void what_is_damaged_keeps_nothing_from_being_merged();
    void a_body_that_is_no_json_is_left_out_of_an_export();
    void damage_to_what_was_handled_keeps_no_mail_from_coming_and_going();
    void damaged_entries_keep_no_other_from_its_summary();
    void a_summary_keeps_what_a_list_shows();
    void entries_of_an_older_program_are_summarised_piece_by_piece();
    void the_outbox_memory_survives_a_restart();

private:
    void open()
    {
        m_store.reset();
        auto store = node::InboxStore::open(m_folder->path(), m_clock);
        QVERIFY2(store.ok(), store.ok() ? "" : qPrintable(store.error().detail));
        m_store = std::move(*store);
    }
    /// Adds and merges.
    void bring(const std::vector<node::Collected> &batch, const QByteArray &relay = "r.example")
    {
        const auto kept = m_store->add(server(relay), batch, m_limits);
        QVERIFY2(kept.ok(), kept.ok() ? "" : qPrintable(kept.error().detail));
        QVERIFY(m_store->merge().ok());
    }
    /// What an export wrote; -1 if it failed.
    qint64 written(const QList<qint64> &ids, const QString &file)
    {
        node::InboxExport out(*m_store, ids, file);
        Result<bool> more = out.step();
        while (more && *more)
            more = out.step();
        const auto exported = more ? out.commit() : Result<node::InboxExported>(more.error());
        m_leftOut = exported ? exported->leftOut : QList<qint64>();
        return exported ? exported->written : -1;
    }
    /// How many were taken out; -1 if that failed.
    qint64 removed(const QList<qint64> &ids)
    {
        const auto done = m_store->remove(ids);
        if (!done)
            qWarning("%s", qPrintable(done.error().detail));
        return done ? *done : -1;
    }
    /// So many entries of 2 KB, not merged.
    void add(int entries);
    void damage(char kind = 0x0d)
    {
        m_store.reset();
        QVERIFY(damageMiddle(m_folder->filePath(QStringLiteral("node.sqlite")), kind));
        open();
    }
    /// Page by page; whether each is damaged, by id.
    QMap<qint64, bool> listed()
    {
        QMap<qint64, bool> rows;
        qint64 after = 0;
        for (bool more = true; more;) {
            const auto page = m_store->page(after, 70);
            if (!page) {
                qWarning("%s", qPrintable(page.error().detail));
                return {};
            }
            for (const node::InboxRow &row : page->rows)
                rows.insert(row.id, row.damaged);
            more = page->more;
            after = more ? page->rows.last().id : 0;
        }
        return rows;
    }
    /// Changes the database behind the program's back.
    void change(const QStringList &statements)
    {
        m_store.reset();
        base::ConnectionOptions options;
        options.database = m_folder->filePath(QStringLiteral("node.sqlite"));
        auto database = base::Database::open(options);
        QVERIFY(database.ok());
        for (const QString &text : statements) {
            base::SqlStatement statement(**database, text);
            const auto done = statement.run();
            QVERIFY2(done.ok(), done.ok() ? "" : qPrintable(done.error().detail));
        }
        database->reset();
        open();
    }
    QStringList types()
    {
        QStringList types;
        const auto page = m_store->page(0, 1'000);
        for (const node::InboxRow &row : page->rows)
            types.append(row.events.empty() ? QStringLiteral("?") : row.events.at(0).type);
        return types;
    }

    FakeClock m_clock;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<node::InboxStore> m_store;
    node::InboxLimits m_limits;
    QList<qint64> m_leftOut; ///< of the last export
};

void TestInboxStore::add(int entries)
{
    std::vector<node::Collected> batch;
    for (int i = 0; i < entries; ++i) {
        batch.push_back(collected("e" + QByteArray::number(i), 1 + i));
        batch.back().pdus = R"([{"type":"e","content":")" + QByteArray(2'000, 'x') + R"("}])";
    }
    const auto kept = m_store->add(server("r.example"), batch, m_limits);
    QVERIFY2(kept.ok(), kept.ok() ? "" : qPrintable(kept.error().detail));
}

void TestInboxStore::init()
{
    m_store.reset();
    m_folder = std::make_unique<QTemporaryDir>();
    m_limits = {};
    m_limits.diskFloorBytes = 0;
    open();
}

void TestInboxStore::what_was_added_is_seen_once_it_is_merged()
{
    const auto kept = m_store->add(server("r.example"), {collected("x", 5)}, m_limits);
    QVERIFY2(kept.ok(), kept.ok() ? "" : qPrintable(kept.error().detail));
    QCOMPARE(kept->taken, 1);
    QCOMPARE(kept->fresh, 1);
    QVERIFY(types().isEmpty());
    QCOMPARE(m_store->totals()->unmerged, 1);
    QCOMPARE(*m_store->merge(), 1);
    QCOMPARE(types(), QStringList{QStringLiteral("x")});
    const auto page = m_store->page(0, 10);
    QCOMPARE(page->total, 1);
    const auto figures = m_store->page(0, 0);
    QVERIFY(figures->rows.isEmpty());
    QCOMPARE(figures->total, 1);
    QCOMPARE(figures->bytes, page->bytes);
    const node::InboxRow &row = page->rows.first();
    QCOMPARE(row.origin, QStringLiteral("a.example"));
    QCOMPARE(row.relay, QStringLiteral("r.example"));
    QCOMPARE(row.txnId, QStringLiteral("t-x"));
    QCOMPARE(row.originServerTs, 5);
    QCOMPARE(row.collectedMs, m_clock.wallMs());
    const auto entry = m_store->entry(row.id);
    QVERIFY(entry.ok());
    QCOMPARE(entry->pdus, R"([{"type":"x"}])");
    QCOMPARE(m_store->entry(row.id + 1).error().code, Errc::NotHeld);
}

void TestInboxStore::rows_come_in_the_order_of_signed_time()
{
    bring({collected("c", 30), collected("a", 10)}, "first.example");
    bring({collected("b", 20), collected("d", 30, "z.example")}, "second.example");
    QCOMPARE(types().join(QString()), QStringLiteral("abcd"));
    // In pages of one, too.
    QString paged;
    qint64 after = 0;
    for (bool more = true; more;) {
        const auto page = m_store->page(after, 1);
        paged += page->rows.first().events.at(0).type;
        after = page->rows.first().id;
        more = page->more;
    }
    QCOMPARE(paged, QStringLiteral("abcd"));
}

void TestInboxStore::the_same_content_of_the_same_origin_is_kept_once()
{
    bring({collected("x", 5)}, "first.example");
    const auto again =
        m_store->add(server("second.example"), {collected("x", 0), collected("x", 5, "b.example")}, m_limits);
    QCOMPARE(again->taken, 2);
    QCOMPARE(again->fresh, 1); // another origin's
    QVERIFY(m_store->merge().ok());
    QCOMPARE(m_store->totals()->entries, 2);
}

void TestInboxStore::a_copy_with_its_time_completes_one_without_data()
{
    QTest::addColumn<bool>("timeFirst");
    QTest::newRow("the other relay is slower") << false;
    QTest::newRow("the other relay is faster") << true;
}

void TestInboxStore::a_copy_with_its_time_completes_one_without()
{
    QFETCH(const bool, timeFirst);
    auto bare = collected("b", 0); // as Dendrite's relays hand it out
    bare.txnId.clear();
    const std::vector<node::Collected> copies{timeFirst ? collected("b", 20) : bare,
                                              timeFirst ? bare : collected("b", 20)};
    QCOMPARE(m_store->add(server("r.example"), {copies[0]}, m_limits)->fresh, 1);
    QCOMPARE(m_store->add(server("s.example"), {copies[1]}, m_limits)->fresh, 0);
    open(); // it is on the disk
    bring({collected("a", 10), collected("c", 30)});
    QCOMPARE(types().join(QString()), QStringLiteral("abc"));
    const auto rows = m_store->page(0, 10)->rows;
    QCOMPARE(rows.at(1).originServerTs, 20);
    QCOMPARE(rows.at(1).txnId, QStringLiteral("t-b"));
    // Its place in the order stays once it was shown.
    auto late = collected("d", 0);
    bring({late});
    QCOMPARE(types().first(), QStringLiteral("d"));
    bring({collected("d", 40)});
    QCOMPARE(types().first(), QStringLiteral("d"));
}

void TestInboxStore::what_was_taken_out_does_not_come_back()
{
    bring({collected("x", 5)});
    QCOMPARE(*m_store->remove({m_store->page(0, 1)->rows.first().id}), 1);
    QCOMPARE(m_store->totals()->entries, 0);
    QCOMPARE(m_store->totals()->bytes, 0);
    open();
    const auto again = m_store->add(server("r.example"), {collected("x", 5)}, m_limits);
    QCOMPARE(again->taken, 1);
    QCOMPARE(again->fresh, 0);
}

void TestInboxStore::a_page_goes_on_behind_a_row_that_is_gone()
{
    bring({collected("c", 30), collected("a", 10), collected("b", 20)});
    const qint64 second = m_store->page(0, 2)->rows.last().id;
    QCOMPARE(*m_store->remove({second}), 1);
    const auto rest = m_store->page(second, 10);
    QCOMPARE(rest->rows.size(), 1);
    QCOMPARE(rest->rows.first().events.at(0).type, QStringLiteral("c"));
}

void TestInboxStore::a_relay_has_a_quota_data()
{
    QTest::addColumn<qint64>("entries");
    QTest::addColumn<qint64>("bytes");
    const qint64 one = collected("a", 1).bytes();
    QTest::newRow("entries") << qint64(2) << 1'000 * one;
    QTest::newRow("bytes") << qint64(1'000) << 2 * one + one / 2;
}

void TestInboxStore::a_relay_has_a_quota()
{
    QFETCH(const qint64, entries);
    QFETCH(const qint64, bytes);
    m_limits.relayEntries = entries;
    m_limits.relayBytes = bytes;
    const auto kept =
        m_store->add(server("r.example"), {collected("a", 1), collected("b", 2), collected("c", 3)}, m_limits);
    QVERIFY2(kept.ok(), kept.ok() ? "" : qPrintable(kept.error().detail));
    QCOMPARE(kept->taken, 2);
    QVERIFY(kept->end.has_value());
    QCOMPARE(kept->end->code, Errc::QuotaExceeded);
    // What is known already needs no room; another relay has its own.
    QVERIFY(!m_store->add(server("r.example"), {collected("a", 1)}, m_limits)->end);
    QCOMPARE(m_store->add(server("s.example"), {collected("c", 3)}, m_limits)->fresh, 1);
    // What is taken out makes room.
    QVERIFY(m_store->merge().ok());
    QVERIFY(m_store->remove({}).ok());
    QCOMPARE(m_store->add(server("r.example"), {collected("d", 4)}, m_limits)->fresh, 1);
}

void TestInboxStore::too_little_disk_keeps_nothing()
{
    m_limits.diskFloorBytes = qint64(1) << 60;
    const auto kept = m_store->add(server("r.example"), {collected("a", 1)}, m_limits);
    QVERIFY(!kept);
    QCOMPARE(kept.error().code, Errc::DiskFull);
    QCOMPARE(m_store->totals()->unmerged, 0);
}

void TestInboxStore::everything_survives_a_restart()
{
    bring({collected("a", 1)});
    QCOMPARE(m_store->add(server("r.example"), {collected("b", 2)}, m_limits)->fresh, 1);
    const matrix::DigestKey key = m_store->digestKey();
    open();
    QCOMPARE(m_store->digestKey(), key);
    QCOMPARE(m_store->totals()->entries, 1);
    QCOMPARE(*m_store->merge(), 1);
    QCOMPARE(types().join(QString()), QStringLiteral("ab"));
    QCOMPARE(m_store->add(server("r.example"), {collected("a", 1), collected("b", 2)}, m_limits)->fresh, 0);
}

void TestInboxStore::removing_everything_leaves_what_is_not_merged()
{
    bring({collected("a", 1), collected("b", 2)});
    QCOMPARE(m_store->add(server("r.example"), {collected("c", 3)}, m_limits)->fresh, 1);
    QCOMPARE(*m_store->remove({}), 2);
    QVERIFY(m_store->merge().ok());
    QCOMPARE(types(), QStringList{QStringLiteral("c")});
}

void TestInboxStore::what_was_handled_long_ago_is_forgotten()
{
    bring({collected("a", 1)});
    QVERIFY(m_store->remove({}).ok());
    m_clock.advance(node::InboxStore::HandledMs);
    QVERIFY(m_store->prune({}).ok());
    QCOMPARE(m_store->add(server("r.example"), {collected("a", 1)}, m_limits)->fresh, 0);
    m_clock.advance(1);
    QVERIFY(m_store->prune({}).ok());
    QCOMPARE(m_store->add(server("r.example"), {collected("a", 1)}, m_limits)->fresh, 1);
}

void TestInboxStore::a_clock_that_jumps_forgets_nothing_data()
{
    QTest::addColumn<qint64>("first");
    QTest::addColumn<qint64>("then");
    QTest::newRow("set for the first time") << qint64(1'690'000'000'000) << qint64(1'790'000'000'000);
    QTest::newRow("years ahead for a moment") << qint64(1'790'000'000'000) << qint64(2'000'000'000'000);
}

void TestInboxStore::a_clock_that_jumps_forgets_nothing()
{
    QFETCH(const qint64, first);
    QFETCH(const qint64, then);
    m_clock.setWall(first);
    m_folder = std::make_unique<QTemporaryDir>();
    open();
    bring({collected("one", 1)});
    QCOMPARE(m_store->remove({}).value(), 1);
    QVERIFY(m_store->prune({}).ok());
    m_clock.setWall(then);
    QVERIFY(m_store->prune({}).ok());
    open();
    QVERIFY(m_store->prune({}).ok());
    bring({collected("one", 1)});
    QCOMPARE(types(), QStringList());
    m_clock.setWall(1'790'000'000'000);
}

void TestInboxStore::a_clock_that_is_ahead_for_one_sweep_forgets_nothing_data()
{
    QTest::addColumn<bool>("older");
    QTest::addColumn<bool>("restarted");
    QTest::newRow("it runs") << false << false;
    QTest::newRow("it starts then") << false << true;
    QTest::newRow("it starts then, with what an older program kept") << true << true;
}

void TestInboxStore::a_clock_that_is_ahead_for_one_sweep_forgets_nothing()
{
    QFETCH(const bool, older);
    QFETCH(const bool, restarted);
    bring({collected("one", 1), collected("two", 2)});
    QCOMPARE(*m_store->remove({m_store->page(0, 1)->rows.first().id}), 1);
    QVERIFY(m_store->prune(m_limits).ok());
    if (older)
        change({QStringLiteral("DELETE FROM meta WHERE name LIKE 'clock_%'")});
    const qint64 now = m_clock.wallMs();
    m_clock.setWall(now + 61 * base::DayMs);
    if (restarted)
        open();
    QVERIFY(m_store->prune(m_limits).ok());
    QCOMPARE(*m_store->remove({}), 1); // in the wrong time
    QVERIFY(m_store->prune(m_limits).ok());
    m_clock.setWall(now);
    QVERIFY(m_store->prune(m_limits).ok());
    bring({collected("one", 1), collected("two", 2)}, "second.example");
    QCOMPARE(types(), QStringList());
}

/// A relay could bring an origin's mail out of order by telling later times.
void TestInboxStore::of_two_times_the_earlier_counts_until_it_is_merged()
{
    QCOMPARE(m_store->add(server("liar.example"), {collected("a", 90), collected("b", 20)}, m_limits)->disputed, 0);
    const auto kept = m_store->add(server("r.example"), {collected("a", 10), collected("b", 95)}, m_limits);
    QCOMPARE(kept->disputed, 2);
    QCOMPARE(kept->fresh, 0);
    open(); // it is on the disk
    QCOMPARE(*m_store->merge(), 2);
    QCOMPARE(types().join(QString()), QStringLiteral("ab"));
    QCOMPARE(m_store->page(0, 1)->rows.first().originServerTs, 10);
    QCOMPARE(m_store->add(server("late.example"), {collected("b", 5)}, m_limits)->disputed, 1);
    QCOMPARE(types().join(QString()), QStringLiteral("ab")); // a line keeps its place
}

void TestInboxStore::an_export_has_the_bytes_as_they_came()
{
    auto odd = collected("a", 1);
    odd.pdus = "[\n {\"n\":1.50}\r\n]";
    bring({odd, collected("b", 2)});
    const QString file = m_folder->filePath(QStringLiteral("out.jsonl"));
    QCOMPARE(written({}, file), 2);
    QFile out(file);
    QVERIFY(out.open(QIODevice::ReadOnly));
    QCOMPARE(out.permissions() & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
    const QByteArray first = out.readLine();
    QVERIFY(first.contains("[  {\"n\":1.50}  ]"));
    QCOMPARE(QJsonDocument::fromJson(first).object().value(QLatin1String("relay")).toString(),
             QStringLiteral("r.example"));
    QVERIFY(QJsonDocument::fromJson(out.readLine()).isObject());
    QVERIFY(out.atEnd());
    QCOMPARE(written({m_store->page(0, 2)->rows.last().id}, file), 1);
}

void TestInboxStore::an_export_goes_on_piece_by_piece()
{
    for (const QByteArray name : {"a", "b", "c"}) {
        auto large = collected(name, 1);
        large.pdus = R"([{"type":"x","content":")" + QByteArray(1 << 20, 'x') + R"("}])";
        bring({large});
    }
    const QString file = m_folder->filePath(QStringLiteral("out.jsonl"));
    node::InboxExport out(*m_store, {}, file);
    int pieces = 0;
    for (bool more = true; more; ++pieces) {
        const auto stepped = out.step();
        QVERIFY2(stepped.ok(), stepped.ok() ? "" : qPrintable(stepped.error().detail));
        more = *stepped;
        QVERIFY(!QFile::exists(file));
        if (pieces == 1) // what is taken out meanwhile is left out
            QCOMPARE(*m_store->remove({m_store->page(0, 3)->rows.last().id}), 1);
    }
    QVERIFY(pieces >= 3);
    QCOMPARE(out.commit()->written, 2);
    QVERIFY(QFile::exists(file));
}

/// Bodies that nobody could read do not matter to a list.
void TestInboxStore::a_list_reads_no_bodies()
{
    bring({collected("x", 5)});
    change({QStringLiteral("UPDATE inbox SET pdus = 'unreadable', edus = 'unreadable'")});
    QCOMPARE(types(), QStringList{QStringLiteral("x")});
    QCOMPARE(*m_store->remove({}), 1);
    bring({collected("y", 6)});
    QCOMPARE(types(), QStringList{QStringLiteral("y")});
}

void TestInboxStore::a_damaged_page_hides_no_other_entry()
{
    constexpr int all = 600;
    add(all);
    QCOMPARE(*m_store->merge(), all);
    damage();
    QMap<qint64, bool> rows = listed();
    QCOMPARE(rows.size(), all);
    const QList<qint64> damaged = rows.keys(true);
    QVERIFY(damaged.size() > 50);
    QVERIFY(damaged.size() < 550);
    QCOMPARE(m_store->entry(damaged.first()).error().code, Errc::Corrupt);
    QCOMPARE(written({}, m_folder->filePath(QStringLiteral("out.jsonl"))), all - damaged.size());
    QCOMPARE(m_leftOut, damaged);

    QCOMPARE(removed({damaged.first(), rows.keys(false).first()}), 2);
    QCOMPARE(removed({damaged.first(), all + 1}), 0); // gone, and never there
    for (int again = 0; again < 2; ++again) {
        rows = listed();
        QCOMPARE(rows.size(), all - 2);
        QVERIFY(!rows.contains(damaged.first()));
        QCOMPARE(m_store->totals()->entries, all - 2);
        QCOMPARE(m_store->entry(damaged.first()).error().code, Errc::NotHeld);
        open();
    }
    QCOMPARE(removed({}), all - 2);
    QVERIFY(listed().isEmpty());
    QCOMPARE(m_store->totals()->entries, 0);
    QCOMPARE(m_store->totals()->bytes, 0);
    add(all); // none of it comes back
    QCOMPARE(*m_store->merge(), 0);
    bring({collected("y", 6)});
    QCOMPARE(types(), QStringList{QStringLiteral("y")});
}

void TestInboxStore::a_broken_page_beside_the_inbox_hides_nothing_data()
{
    QTest::addColumn<QByteArray>("tree");
    for (const char *tree : {"relays", "summaries", "inbox_order", "inbox_unmerged", "inbox_key"})
        QTest::newRow(tree) << QByteArray(tree);
}

void TestInboxStore::a_broken_page_beside_the_inbox_hides_nothing()
{
    QFETCH(QByteArray, tree);
    constexpr int all = 200;
    add(all);
    QCOMPARE(*m_store->merge(), all);
    m_store.reset();
    QByteArray root;
    QVERIFY(swapRoot(m_folder->filePath(QStringLiteral("node.sqlite")), tree, root));
    open();
    const auto totals = m_store->totals();
    QVERIFY2(totals.ok(), totals.ok() ? "" : qPrintable(totals.error().detail));
    QCOMPARE(totals->entries, all);
    const QMap<qint64, bool> rows = listed();
    QCOMPARE(rows.size(), all);
    QVERIFY(rows.keys(true).isEmpty());
    for (auto row = rows.cbegin(); row != rows.cend(); ++row)
        QVERIFY(m_store->entry(row.key()).ok());
    QCOMPARE(written({}, m_folder->filePath(QStringLiteral("out.jsonl"))), all);
}

void TestInboxStore::what_is_damaged_keeps_nothing_from_being_merged()
{
    constexpr int all = 600;
    add(all);
    damage();
    QTest::ignoreMessage(QtWarningMsg,
                         QRegularExpression(QStringLiteral("[0-9]+ collected entries are damaged and cannot be put")));
    const auto merged = m_store->merge();
    QVERIFY2(merged.ok(), merged.ok() ? "" : qPrintable(merged.error().detail));
    const QMap<qint64, bool> rows = listed();
    QCOMPARE(rows.size(), all);
    QCOMPARE(rows.keys(false).size(), *merged);
    QCOMPARE(m_store->totals()->entries, all);
    QCOMPARE(*m_store->merge(), 0);
    QCOMPARE(removed({}), all);
    QVERIFY(listed().isEmpty());
    QCOMPARE(m_store->totals()->entries, 0);
}

void TestInboxStore::a_body_that_is_no_json_is_left_out_of_an_export()
{
    bring({collected("x", 5), collected("y", 6), collected("z", 7)});
    const qint64 broken = m_store->page(0, 2)->rows.last().id;
    change({QStringLiteral("UPDATE inbox SET pdus = '[{]' WHERE id = ") + QString::number(broken)});
    QCOMPARE(m_store->entry(broken).error().code, Errc::Corrupt);
    QCOMPARE(written({}, m_folder->filePath(QStringLiteral("out.jsonl"))), 2);
    QCOMPARE(m_leftOut, QList<qint64>{broken});
    QCOMPARE(removed({broken}), 1);
    QCOMPARE(types(), (QStringList{QStringLiteral("x"), QStringLiteral("z")}));
}

void TestInboxStore::damage_to_what_was_handled_keeps_no_mail_from_coming_and_going()
{
    change({QStringLiteral("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT "
                           "INTO handled SELECT randomblob(16), i, 0, 1790000000000 FROM n"),
            QStringLiteral("REINDEX handled_gone"), QStringLiteral("VACUUM")});
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("cannot be read in full")));
    damage(0x0a);
    constexpr int all = 40;
    add(all);
    QCOMPARE(*m_store->merge(), all);
    QCOMPARE(m_store->totals()->entries, all);
    const auto rows = m_store->page(0, all)->rows;
    for (const node::InboxRow &row : rows)
        QCOMPARE(removed({row.id}), 1);
    QCOMPARE(m_store->totals()->entries, 0);
    m_clock.advance(node::InboxStore::HandledMs + 1);
    QVERIFY(m_store->prune(m_limits).ok());
}

void TestInboxStore::damaged_entries_keep_no_other_from_its_summary()
{
    constexpr int all = 600;
    add(all);
    QCOMPARE(*m_store->merge(), all);
    change({QStringLiteral("DELETE FROM summaries"),
            QStringLiteral("INSERT INTO meta (name, value) VALUES ('unsummarised_to', '600')")});
    damage();
    for (bool more = true; more;) {
        const auto done = m_store->summariseMore();
        QVERIFY2(done.ok(), done.ok() ? "" : qPrintable(done.error().detail));
        more = *done;
    }
    const auto page = m_store->page(0, all);
    QCOMPARE(page->rows.size(), all);
    for (const node::InboxRow &row : page->rows)
        QCOMPARE(row.events.empty(), row.damaged);
}

void TestInboxStore::a_summary_keeps_what_a_list_shows()
{
    auto odd = collected("x", 5);
    odd.pdus = R"([{"type":"a\tb\nc","sender":"@u:b","room_id":"!r"},{"type":"","sender":"@v:b"}])";
    odd.edus = R"([{"edu_type":"m.typing","content":{"room_id":"!q","user_id":"@w:b"}}])";
    bring({odd});
    const auto events = m_store->page(0, 1)->rows.first().events;
    QCOMPARE(events.size(), size_t(3));
    QCOMPARE(events[0].type, QStringLiteral("a b c"));
    QCOMPARE(events[0].sender, QStringLiteral("@u:b"));
    QCOMPARE(events[0].roomId, QStringLiteral("!r"));
    QVERIFY(!events[1].edu);
    QCOMPARE(events[1].sender, QStringLiteral("@v:b"));
    QVERIFY(events[2].edu);
    QCOMPARE(events[2].roomId, QStringLiteral("!q"));
}

void TestInboxStore::entries_of_an_older_program_are_summarised_piece_by_piece()
{
    for (int i = 0; i < 40; ++i)
        bring({collected("e" + QByteArray::number(i), i)});
    QVERIFY(m_store->remember({{server("b.example"), 3, 1, 2, QStringLiteral("gone")}}).ok());
    change({QStringLiteral("DROP TABLE summaries"), QStringLiteral("DROP TABLE content_keys"),
            QStringLiteral("DROP TABLE deliveries"), QStringLiteral("DROP TABLE sent_ids"),
            QStringLiteral("DROP TABLE delivered"), QStringLiteral("DROP TABLE delivered_ids"),
            QStringLiteral("ALTER TABLE destinations DROP COLUMN sent_direct"),
            QStringLiteral("ALTER TABLE destinations DROP COLUMN sent_by_relay"),
            QStringLiteral("UPDATE schema_version SET version = 1")});
    open();
    QCOMPARE(m_store->destinations()->at(0).failures, 3);
    QVERIFY(m_store->page(0, 1)->rows.first().events.empty());
    QVERIFY(*m_store->summariseMore());
    bring({collected("new", 99)}); // has its own at once
    QCOMPARE(m_store->page(0, 100)->rows.last().events.at(0).type, QStringLiteral("new"));
    open();
    while (*m_store->summariseMore()) {
    }
    const QStringList all = types();
    QCOMPARE(all.size(), 41);
    QCOMPARE(all.first(), QStringLiteral("e0"));
    QVERIFY(!*m_store->summariseMore());
}

void TestInboxStore::the_outbox_memory_survives_a_restart()
{
    QVERIFY(m_store->remember({{server("b.example"), 3, 1, 2, QStringLiteral("gone")}}).ok());
    QVERIFY(m_store->remember({{server("b.example"), 4, 1, 2, QStringLiteral("gone"), 7, 8}}).ok());
    QVERIFY(m_store->remember({{server("c.example"), 0, 3, 0, {}}}).ok()); // one that is fine
    open();
    const auto memories = m_store->destinations();
    QVERIFY(memories.ok());
    QCOMPARE(memories->size(), size_t(2));
    QCOMPARE(memories->at(0).failures, 4);
    QCOMPARE(memories->at(0).lastError, QStringLiteral("gone"));
    QCOMPARE(memories->at(0).sentDirect, 7);
    QCOMPARE(memories->at(0).sentByRelay, 8);
}

QTEST_GUILESS_MAIN(TestInboxStore)
#include "tst_inboxstore.moc"
