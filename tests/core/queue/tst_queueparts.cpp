// SPDX-License-Identifier: GPL-3.0-or-later
// A large body is stored in parts, so that it holds up nobody's small mail, and is one entry all the same.
#include "rewrittenqueue.h"

#include "queue/bodyparts.h"
#include "queue/entryexport.h"
#include "queue/livingcopy.h"

#include <QtCore/QScopeGuard>

#include <future>
#include <set>

using namespace restante;
using namespace restante::test;

namespace
{

constexpr qint64 Part = queue::BodyParts::PartBytes;
constexpr qint64 Largest = 12'800'000;

/// No two of its parts are alike.
QByteArray arrayOf(qint64 bytes, char seed)
{
    QByteArray array = "[";
    for (quint32 number = quint8(seed); array.size() < bytes - 1; ++number)
        array += QByteArray::number(number * 2'654'435'761U, 16) + ' ';
    array.truncate(bytes - 1);
    return array + "]";
}

queue::StoreRequest sized(const QByteArray &content, qint64 pdus, qint64 edus = 2,
                          const QByteArray &origin = "a.example")
{
    auto request = letter(content, origin);
    request.pdus = arrayOf(pdus, content.back());
    request.edus = arrayOf(edus, content.front());
    return request;
}

/// What is in the database between two batches.
struct Sight {
    qint64 entries = 0;
    qint64 parts = 0;
    qint64 bodies = 0;
    qint64 fewest = 0; ///< parts of a body
    qint64 most = 0;

    friend bool operator==(const Sight &, const Sight &) = default;
};

Sight look(base::Database &database)
{
    base::SqlStatement statement(
        database, QStringLiteral("SELECT (SELECT COUNT(*) FROM entries), TOTAL(n), COUNT(*), MIN(n), "
                                 "MAX(n) FROM (SELECT COUNT(*) AS n FROM parts GROUP BY number / 65536)"));
    if (!statement.run() || !statement.next())
        return {-1, -1, -1, -1, -1};
    return {statement.integer(0), statement.integer(1), statement.integer(2), statement.integer(3),
            statement.integer(4)};
}

/// A batch of its own for each part of the stores that are under way, so that others' stores have such batches as well.
class Watch
{
public:
    explicit Watch(queue::Writer &writer)
        : m_writer(writer)
    {
        m_writer.perform([this, begin = m_begin.get_future().share()](base::Database &) {
            begin.wait();
            again();
            return Result<void>();
        });
    }
    /// What was stored before and since comes to the writer as one.
    void begin() { m_begin.set_value(); }
    /// All that was seen; no two in a row are alike.
    std::vector<Sight> end(QueueFixture &queue)
    {
        m_ended = true;
        queue.settle();
        queue.settle();
        return m_seen;
    }
    std::function<void(const Sight &)> seen;

private:
    void again()
    {
        m_writer.perform([this](base::Database &database) {
            const Sight sight = look(database);
            if (m_seen.empty() || !(m_seen.back() == sight))
                m_seen.push_back(sight);
            if (seen)
                seen(sight);
            if (!m_ended)
                again();
            return Result<void>();
        });
    }

    queue::Writer &m_writer;
    std::promise<void> m_begin;
    std::vector<Sight> m_seen;
    std::atomic<bool> m_ended{false};
};

qint64 number(const QueueFixture &queue, const char *question)
{
    return Meddler(queue.folder()).number(QString::fromLatin1(question));
}

bool isEmpty(const QueueFixture &queue)
{
    return number(queue, "SELECT (SELECT COUNT(*) FROM parts) + (SELECT COUNT(*) FROM meta WHERE name GLOB "
                         "'unfinished_body:*')") == 0;
}

bool copyFiles(const QueueFixture &from, const QueueFixture &to)
{
    return QFile::copy(from.folder() + QStringLiteral("/queue.sqlite"),
                       to.folder() + QStringLiteral("/queue.sqlite")) &&
           QFile::copy(from.folder() + QStringLiteral("/queue.sqlite-wal"),
                       to.folder() + QStringLiteral("/queue.sqlite-wal"));
}

/// Large mail named in `contents`, of which "broken" has been damaged in one of its parts while the program was not
/// running.
struct BrokenParts : DamagedQueue {
    bool fillLarge(const QByteArrayList &contents)
    {
        if (!open().ok())
            return false;
        for (const QByteArray &content : contents) {
            auto request = sized(content, 3 * Part);
            request.pdus.replace(2 * Part - 30'000, content.size() + 2, '<' + content + '>');
            auto stored = store(request);
            if (!stored)
                return false;
            ids.insert(content, stored->id);
        }
        close();
        return damageRow(file(), "<broken>", Damage::Body, &before) == 1 && open().ok();
    }
};

} // namespace

class TestQueueParts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void it_is_handed_out_as_it_came_data();
    void it_is_handed_out_as_it_came();
    void others_are_stored_between_its_parts_and_it_is_an_entry_with_the_last();
    void several_take_turns();
    void a_batch_takes_little_of_what_is_not_small();
    void its_id_is_drawn_when_it_is_complete();
    void a_copy_that_comes_meanwhile_is_not_put_in();
    void what_is_held_is_not_put_in();
    void what_has_no_room_is_not_put_in();
    void what_has_no_room_at_the_end_leaves_nothing();
    void what_fails_on_the_way_leaves_nothing_data();
    void what_fails_on_the_way_leaves_nothing();
    void a_kill_at_any_moment_leaves_nothing_or_all();
    void it_goes_as_a_whole_data();
    void it_goes_as_a_whole();
    void a_broken_part_stops_nobody_else();
    void a_lost_part_is_noticed();
    void a_row_whose_part_cannot_be_deleted_is_taken_out();
    void it_comes_back_once_its_part_can_be_read();
    void what_can_be_read_of_it_is_set_aside_whole();
    void a_database_that_is_written_anew_has_its_parts_data();
    void a_database_that_is_written_anew_has_its_parts();
    void a_store_under_way_outlives_a_new_start_of_the_writer();
    void a_damage_that_cannot_be_mended_is_answered();
    void a_copy_of_the_living_tables_has_its_parts();
    void a_database_without_parts_is_brought_up_to_date();
};

void TestQueueParts::it_is_handed_out_as_it_came_data()
{
    QTest::addColumn<qint64>("pdus");
    QTest::addColumn<qint64>("edus");
    QTest::addColumn<qint64>("parts"); // rows
    QTest::newRow("less than a part") << Part - 3 << qint64(2) << qint64(0);
    QTest::newRow("a part") << Part - 2 << qint64(2) << qint64(0);
    QTest::newRow("a byte more") << Part - 1 << qint64(2) << qint64(2 + 1);
    QTest::newRow("PDUs of a part") << Part << qint64(2) << qint64(1 + 1);
    QTest::newRow("12.8 MB") << Largest << qint64(2) << qint64(13 + 1);
    QTest::newRow("12.8 MB of EDUs") << qint64(2) << Largest << qint64(1 + 13);
    QTest::newRow("both") << 3 * Part + 5 << 2 * Part + 7 << qint64(4 + 3);
    QTest::newRow("both, whole parts") << 2 * Part << 2 * Part << qint64(2 + 2);
}

void TestQueueParts::it_is_handed_out_as_it_came()
{
    QFETCH(const qint64, pdus);
    QFETCH(const qint64, edus);
    QFETCH(const qint64, parts);
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const auto request = sized("one", pdus, edus);
    QVERIFY(queue.store(letter("before")).ok());
    const auto stored = queue.store(request);
    QVERIFY(stored.ok() && stored->fresh);
    QVERIFY(queue.store(letter("after")).ok());
    QCOMPARE(number(queue, "SELECT COUNT(*) FROM parts"), parts);
    QVERIFY(number(queue, "SELECT MAX(length(bytes)) FROM parts") <= Part);
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(number(queue, "SELECT COUNT(*) FROM parts"), parts);
    QCOMPARE(queue.total().entries, 3);
    QVERIFY(queue.total().bytes > pdus + edus);
    QCOMPARE(queue.audit(), QStringList());

    const auto shown = queue.inspector->entry(server("b.example"), stored->id);
    QVERIFY(shown.ok());
    QVERIFY(shown->pdus == request.pdus && shown->edus == request.edus);
    const QString file = queue.folder() + QStringLiteral("/export");
    QCOMPARE(*queue::writeExport(*queue.inspector, server("b.example"), {stored->id}, file, false), 1);
    QFile exported(file);
    QVERIFY(exported.open(QIODevice::ReadOnly));
    QVERIFY(exported.readAll().contains(request.pdus));

    queue::Reader small(*queue.writer, *queue.client, Part / 2);
    const auto first = queue.next().entry;
    QVERIFY(first);
    QVERIFY(small.acknowledgeAndNext(server("b.example"), first->id)->largeBytes > pdus + edus);
    const auto got = queue.next();
    QVERIFY(got.entry);
    QCOMPARE(got.entry->id, stored->id);
    QVERIFY(got.entry->pdus == request.pdus && got.entry->edus == request.edus);
    QCOMPARE(queue.collect(), (QByteArrayList{"one", "after"}));
    QVERIFY(isEmpty(queue));
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueParts::others_are_stored_between_its_parts_and_it_is_an_entry_with_the_last()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    Watch watch(*queue.writer);
    std::optional<Result<queue::Stored>> stored;
    queue.client->store(sized("large", Largest), [&](const Result<queue::Stored> &result) { stored = result; });
    watch.begin();
    QTRY_VERIFY(stored);
    QVERIFY(stored->ok());
    const auto seen = watch.end(queue);
    QCOMPARE(seen.size(), size_t(1 + 13)); // as many batches between as there are parts, and one before
    for (qint64 i = 0; i < 13; ++i) {
        QCOMPARE(seen[size_t(i)].parts, i);
        QCOMPARE(seen[size_t(i)].entries, 0);
    }
    QCOMPARE(seen.back().parts, 13 + 1);
    QCOMPARE(seen.back().entries, 1);
}

void TestQueueParts::several_take_turns()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    Watch watch(*queue.writer);
    QByteArrayList stored;
    for (const auto &[name, bytes] : {std::pair("long", 9 * Part), {"longer", 10 * Part}, {"short", 2 * Part}}) {
        queue.client->store(sized(name, bytes),
                            [&stored, name = QByteArray(name)](const Result<queue::Stored> &result) {
                                stored << (result ? name : "failed");
                            });
    }
    watch.begin();
    QTRY_COMPARE(stored.size(), 3);
    QCOMPARE(stored, (QByteArrayList{"short", "long", "longer"}));
    const auto seen = watch.end(queue);
    qint64 together = 0;
    for (const Sight &sight : seen) {
        if (sight.bodies < 3 || sight.entries > 0)
            continue;
        ++together;
        QVERIFY(sight.most - sight.fewest <= 1);
    }
    QVERIFY(together > 0);
    QCOMPARE(queue.collect(), stored);
}

void TestQueueParts::a_batch_takes_little_of_what_is_not_small()
{
    QueueFixture queue;
    queue.tuning.paceMs = 0; // else two turns may pass before the watch looks
    QVERIFY(queue.open().ok());
    Watch watch(*queue.writer);
    constexpr int many = 30;
    constexpr qint64 bytes = 300'000;
    QByteArrayList stored;
    const auto take = [&stored](const QByteArray &name) {
        return [&stored, name](const Result<queue::Stored> &result) { stored << (result ? name : "failed"); };
    };
    for (int i = 0; i < many; ++i)
        queue.client->store(sized("medium" + QByteArray::number(i), bytes), take("medium"));
    queue.client->store(letter("small"), take("small"));
    watch.begin();
    QTRY_COMPARE(stored.size(), many + 1);
    QVERIFY(stored.indexOf("small") <= (2 << 20) / bytes); // in the first batch
    QCOMPARE(stored.count("medium"), many);
    const auto seen = watch.end(queue);
    qint64 before = 0;
    for (const Sight &sight : seen) {
        QVERIFY2((sight.entries - before) * bytes <= (2 << 20) + bytes, qPrintable(QString::number(sight.entries)));
        before = sight.entries;
    }
    QCOMPARE(before, many + 1);
}

void TestQueueParts::its_id_is_drawn_when_it_is_complete()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    Watch watch(*queue.writer);
    QByteArrayList names;
    std::vector<matrix::EntryId> ids;
    const auto take = [&](const QByteArray &name) {
        return [&, name](const Result<queue::Stored> &result) {
            names << (result ? name : "failed");
            ids.push_back(result ? result->id : matrix::EntryId());
        };
    };
    queue.client->store(sized("large", Largest), take("large"));
    queue.client->store(letter("small", "c.example"), take("small"));
    watch.begin();
    QTRY_COMPARE(names.size(), 2);
    watch.end(queue);
    QCOMPARE(names, (QByteArrayList{"small", "large"}));
    QVERIFY(ids[0] < ids[1]);
    QCOMPARE(queue.collect(), names);
}

void TestQueueParts::a_copy_that_comes_meanwhile_is_not_put_in()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    Watch watch(*queue.writer);
    std::vector<queue::Stored> stored;
    for (int i = 0; i < 3; ++i) {
        auto request = sized("large", 5 * Part);
        request.txnId = "t-" + QByteArray::number(i);
        queue.client->store(request, [&](const Result<queue::Stored> &result) {
            stored.push_back(result ? *result : queue::Stored());
        });
    }
    watch.begin();
    QTRY_COMPARE(stored.size(), size_t(3));
    for (const Sight &sight : watch.end(queue))
        QVERIFY(sight.bodies <= 1);
    QVERIFY(stored[0].fresh && !stored[1].fresh && !stored[2].fresh);
    QVERIFY(!stored[0].id.isNull() && stored[0].id == stored[1].id && stored[0].id == stored[2].id);
    QCOMPARE(queue.total().entries, 1);
    QCOMPARE(queue.writer->counters().duplicates.load(), 2);
    QCOMPARE(queue.collect(), QByteArrayList{"0"});
}

void TestQueueParts::what_is_held_is_not_put_in()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const auto stored = queue.store(sized("large", 5 * Part));
    Watch watch(*queue.writer);
    watch.begin();
    const auto again = queue.store(sized("large", 5 * Part));
    QVERIFY(again.ok() && !again->fresh && again->id == stored->id);
    QCOMPARE(queue.collect(), QByteArrayList{"large"});
    QVERIFY(!queue.store(sized("large", 5 * Part))->fresh); // its tombstone answers
    for (const Sight &sight : watch.end(queue))
        QVERIFY(sight.parts == 5 + 1 || sight.parts == 0);
}

void TestQueueParts::what_has_no_room_is_not_put_in()
{
    QueueFixture queue;
    queue.policy.quotas.destinationBytes = 4 * Part;
    QVERIFY(queue.open().ok());
    Watch watch(*queue.writer);
    watch.begin();
    const auto stored = queue.store(sized("large", 5 * Part));
    QVERIFY(!stored.ok());
    QCOMPARE(stored.error().code, Errc::QuotaExceeded);
    for (const Sight &sight : watch.end(queue))
        QCOMPARE(sight.parts, 0);
    QCOMPARE(queue.writer->counters().refused.load(), 1);
    QVERIFY(isEmpty(queue));
}

void TestQueueParts::what_has_no_room_at_the_end_leaves_nothing()
{
    QueueFixture queue;
    queue.policy.quotas.destinationBytes = 14 * Part; // half of it is for anybody: for one of the two
    QVERIFY(queue.open().ok());
    Watch watch(*queue.writer);
    QByteArrayList results;
    for (const char *name : {"one", "two"}) {
        queue.client->store(
            sized(name, 5 * Part, 2, name == QByteArray("one") ? "a.example" : "c.example"),
            [&](const Result<queue::Stored> &result) {
                results << (result ? "stored" : result.error().code == Errc::QuotaExceeded ? "refused" : "failed");
            });
    }
    watch.begin();
    QTRY_COMPARE(results.size(), 2);
    watch.end(queue);
    QCOMPARE(results, (QByteArrayList{"stored", "refused"}));
    QCOMPARE(number(queue, "SELECT COUNT(*) FROM parts"), 5 + 1);
    QCOMPARE(queue.writer->counters().refused.load(), 1);
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.collect(), QByteArrayList{"one"});
    QVERIFY(isEmpty(queue));
}

void TestQueueParts::what_fails_on_the_way_leaves_nothing_data()
{
    QTest::addColumn<QString>("refused");
    QTest::newRow("the fourth part") << QStringLiteral("parts WHEN NEW.number % 65536 = 3");
    QTest::newRow("the row") << QStringLiteral("entries WHEN NEW.size > 1000000");
}

void TestQueueParts::what_fails_on_the_way_leaves_nothing()
{
    QFETCH(const QString, refused);
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    Meddler meddler(queue.folder());
    QVERIFY(meddler.run(QStringLiteral("CREATE TRIGGER refuse BEFORE INSERT ON %1 BEGIN SELECT RAISE(ABORT, "
                                       "'injected'); END")
                            .arg(refused)));
    const auto stored = queue.store(sized("large", 5 * Part));
    QVERIFY(!stored.ok());
    QCOMPARE(stored.error().code, Errc::StorageFailed);
    queue.settle();
    QVERIFY(isEmpty(queue));
    QVERIFY(meddler.relent());
    QVERIFY(queue.store(sized("large", 5 * Part))->fresh);
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.collect(), QByteArrayList{"large"});
}

void TestQueueParts::a_kill_at_any_moment_leaves_nothing_or_all()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("before")).ok());
    std::vector<std::unique_ptr<QueueFixture>> copies;
    std::vector<Sight> sights;
    bool copied = true;
    std::optional<Sight> last;
    {
        Watch watch(*queue.writer);
        watch.seen = [&](const Sight &sight) {
            if (last == sight)
                return;
            last = sight;
            copies.push_back(std::make_unique<QueueFixture>());
            copied = copied && copyFiles(queue, *copies.back());
            sights.push_back(sight);
        };
        std::optional<Result<queue::Stored>> stored;
        queue.client->store(sized("large", 4 * Part), [&](const Result<queue::Stored> &result) { stored = result; });
        watch.begin();
        QTRY_VERIFY(stored);
        QVERIFY(stored->ok());
        watch.end(queue);
    }
    QVERIFY(copied);
    QCOMPARE(copies.size(), size_t(1 + 4 + 1)); // the EDUs come by themselves after four whole parts
    for (size_t i = 0; i < copies.size(); ++i) {
        QueueFixture &killed = *copies[i];
        QCOMPARE(number(killed, "SELECT COUNT(*) FROM parts"), sights[i].parts);
        QVERIFY(killed.open().ok());
        const bool whole = i + 1 == copies.size();
        QCOMPARE(isEmpty(killed), !whole);
        QCOMPARE(killed.audit(), QStringList());
        QCOMPARE(killed.store(sized("large", 4 * Part))->fresh, !whole);
        QCOMPARE(killed.collect(), (QByteArrayList{"before", "large"}));
        QVERIFY(isEmpty(killed));
    }
}

void TestQueueParts::it_goes_as_a_whole_data()
{
    QTest::addColumn<bool>("expires");
    QTest::newRow("discarded") << false;
    QTest::newRow("expired") << true;
}

void TestQueueParts::it_goes_as_a_whole()
{
    QFETCH(const bool, expires);
    DamagedQueue queue;
    queue.policy.quotas.secureDelete = true;
    queue.tuning.wipeMs = 1;
    QVERIFY(queue.open().ok());
    const auto request = sized("large", 3 * Part);
    const QByteArray secret = request.pdus.mid(2 * Part, 200);
    const auto stored = queue.store(request);
    const auto isThere = [&queue, &secret] {
        for (const char *name : {"", "-wal"}) {
            QFile file(queue.file() + QLatin1String(name));
            if (file.open(QIODevice::ReadOnly) && file.readAll().contains(secret))
                return true;
        }
        return false;
    };
    QVERIFY(isThere());
    if (expires)
        queue.passDays(40);
    else
        QCOMPARE(*queue.discard("b.example", {stored->id}), 1);
    QTRY_COMPARE(queue.total().entries, 0);
    QVERIFY(isEmpty(queue));
    QTRY_VERIFY(!isThere());
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueParts::a_broken_part_stops_nobody_else()
{
    BrokenParts queue;
    QVERIFY(queue.fillLarge({"one", "broken", "three"}));
    QCOMPARE(queue.collect(), (QByteArrayList{"one", "three"}));
    QTRY_COMPARE(queue.quarantined(), 1);
    const auto page = queue.inspector->entries(server("b.example"), {}, 10);
    QVERIFY(page.ok());
    QCOMPARE(page->rows.size(), 1);
    QVERIFY(page->rows[0].quarantined);
    QCOMPARE(page->rows[0].id, queue.ids.value("broken"));
    QCOMPARE(page->rows[0].origin, QStringLiteral("a.example"));
    QVERIFY(queue.store(sized("broken", 3 * Part))->fresh);
    QCOMPARE(queue.collect(), QByteArrayList{"broken"});
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(*queue.discard("b.example", {queue.ids.value("broken")}), 1);
    QCOMPARE(queue.quarantined(), 0);
}

void TestQueueParts::a_lost_part_is_noticed()
{
    BrokenParts queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(sized("one", 3 * Part)).ok());
    QVERIFY(queue.store(sized("three", 3 * Part)).ok());
    QVERIFY(Meddler(queue.folder())
                .run(QStringLiteral("DELETE FROM parts WHERE number = (SELECT MIN(number) + 1 FROM "
                                    "parts)")));
    QCOMPARE(queue.audit(), QStringList{QStringLiteral("entries that lack parts: 1")});
    QCOMPARE(queue.collect(), QByteArrayList{"three"});
    QTRY_COMPARE(queue.quarantined(), 1);
}

void TestQueueParts::a_row_whose_part_cannot_be_deleted_is_taken_out()
{
    BrokenParts queue;
    QVERIFY(queue.fillLarge({"one", "broken", "three"}));
    QCOMPARE(*queue.discard("b.example", queue.ids.values()), 3);
    QCOMPARE(queue.total().entries, 0);
    QCOMPARE(queue.total().bytes, 0);
    QCOMPARE(queue.quarantined(), 0);
    QCOMPARE(queue.audit(), QStringList());
    QVERIFY(queue.mend());
    queue.clock.advance(3'600'000);
    queue.maintain();
    QVERIFY(isEmpty(queue));
    QCOMPARE(queue.rows(), 0);
}

void TestQueueParts::it_comes_back_once_its_part_can_be_read()
{
    BrokenParts queue;
    QVERIFY(queue.fillLarge({"one", "broken", "three"}));
    QCOMPARE(queue.next().entry->txnId, "t-one");
    QCOMPARE(queue.next("b.example", queue.ids.value("one")).entry->txnId, "t-three");
    QTRY_COMPARE(queue.quarantined(), 1);
    QVERIFY(queue.mend());
    queue.clock.advance(3'600'000);
    queue.maintain();
    QTRY_COMPARE(queue.quarantined(), 0);
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.collect(), (QByteArrayList{"broken", "three"}));
    QVERIFY(isEmpty(queue));
}

void TestQueueParts::what_can_be_read_of_it_is_set_aside_whole()
{
    DamagedQueue queue;
    QVERIFY(queue.open().ok());
    const auto request = sized("large", 3 * Part);
    const auto stored = queue.store(request);
    QVERIFY(Meddler(queue.folder()).run(QStringLiteral("UPDATE entries SET origin = 4711")));
    QVERIFY(!queue.next().entry);
    QTRY_COMPARE(queue.quarantined(), 1);
    QVERIFY(isEmpty(queue));
    const auto shown = queue.inspector->entry(server("b.example"), stored->id);
    QVERIFY(shown.ok());
    QVERIFY(shown->pdus == request.pdus && shown->edus == request.edus);
}

void TestQueueParts::a_database_that_is_written_anew_has_its_parts_data()
{
    QTest::addColumn<QByteArray>("tree");
    QTest::newRow("root of the parts") << QByteArray("parts");
    QTest::newRow("root of the entries") << QByteArray("entries");
}

void TestQueueParts::a_database_that_is_written_anew_has_its_parts()
{
    QFETCH(const QByteArray, tree);
    RewrittenQueue queue;
    constexpr int large = 40; // parts on more than one page, so that the root only leads to them
    QVERIFY(queue.open().ok());
    QSet<QByteArray> names;
    for (int i = 0; i < large; ++i) {
        const QByteArray name = "n" + QByteArray::number(i);
        QVERIFY(queue.store(sized(name, Part + Part / 8)).ok());
        names << name;
    }
    for (int i = large; i < large + 300; ++i) {
        queue.client->store(numbered(i), [](const Result<queue::Stored> &) {});
        names << "n" + QByteArray::number(i);
    }
    queue.settle();
    queue.close();
    QVERIFY(damageTree(queue.file(), tree, Leaf::Root));
    QVERIFY(queue.open().ok());
    QVERIFY(queue.storeAgain(numbered(1'000)).ok());
    names << "n1000";
    for (int round = 0; round < 3 && queue.kept().isEmpty(); ++round) { // asked for when a store or a reader meets it
        queue.clock.advance(3'600'000);
        QVERIFY(queue.storeAgain(sized("n" + QByteArray::number(2'000 + round), 2 * Part)).ok());
        names << "n" + QByteArray::number(2'000 + round);
    }
    QCOMPARE(queue.kept().size(), 1);
    QCOMPARE(queue.audit(), QStringList());
    const auto shown = queue.next();
    QVERIFY(shown.entry);
    QVERIFY(shown.entry->pdus == sized("n0", Part + Part / 8).pdus);
    QCOMPARE(queue.collectAll(), names);
    QVERIFY(isEmpty(queue));
}

void TestQueueParts::a_store_under_way_outlives_a_new_start_of_the_writer()
{
    RewrittenQueue queue;
    QVERIFY(queue.fill());
    QVERIFY(queue.emptyLog());
    QVERIFY(damageTree(queue.file(), "pairs", Leaf::Root));
    Watch watch(*queue.writer);
    std::atomic<bool> met{false};
    watch.seen = [&](const Sight &sight) {
        if (sight.parts == 3 && !met.exchange(true)) { // in the writer's thread, so with a client of its own
            queue::Client client(*queue.writer);
            client.report({Errc::Corrupt, QStringLiteral("injected"), 0}); // the tables are looked at
        }
    };
    std::optional<Result<queue::Stored>> stored;
    queue.client->store(sized("n1000", 8 * Part), [&](const Result<queue::Stored> &result) { stored = result; });
    watch.begin();
    QTRY_VERIFY_WITH_TIMEOUT(stored, 20'000);
    watch.end(queue);
    if (!*stored) {
        QVERIFY(queue.readAnew());
        QVERIFY(queue.storeAgain(sized("n1000", 8 * Part)).ok());
    }
    queue.maintain();
    QCOMPARE(number(queue, "SELECT COUNT(*) FROM parts"), 8 + 1);
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.collectAll(), queue.expected() + QSet<QByteArray>{"n1000"});
}

void TestQueueParts::a_damage_that_cannot_be_mended_is_answered()
{
    RewrittenQueue queue;
    queue.tuning.freeBytes = [](const QString &) { return qint64(1); }; // no room to write the database anew
    QVERIFY(queue.fill());
    queue.close();
    QVERIFY(damageTree(queue.file(), "entries", Leaf::Last));
    QVERIFY(queue.open().ok());
    const auto stored = queue.store(sized("n1000", 4 * Part));
    QVERIFY(!stored.ok());
    QCOMPARE(stored.error().code, Errc::StorageFailed);
    queue.settle();
    QVERIFY(isEmpty(queue));
}

void TestQueueParts::a_copy_of_the_living_tables_has_its_parts()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const auto request = sized("large", 3 * Part);
    QVERIFY(queue.store(request).ok());
    queue.close();
    QueueFixture copy;
    {
        base::ConnectionOptions options;
        options.database = queue.folder() + QStringLiteral("/queue.sqlite");
        const auto database = *base::Database::open(options);
        QVERIFY(queue::copyLiving(*database, copy.folder() + QStringLiteral("/queue.sqlite")).ok());
    }
    QVERIFY(copy.open().ok());
    QCOMPARE(copy.audit(), QStringList());
    QVERIFY(copy.next().entry->pdus == request.pdus);
    QCOMPARE(copy.collect(), QByteArrayList{"large"});
}

void TestQueueParts::a_database_without_parts_is_brought_up_to_date()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("old")).ok());
    queue.close();
    for (const char *change :
         {"DROP TABLE dispatches", "DROP TABLE given_up", "DROP TABLE parts", "ALTER TABLE entries DROP COLUMN body",
          "ALTER TABLE entries DROP COLUMN parts", "UPDATE schema_version SET version = 5"})
        QVERIFY2(Meddler(queue.folder()).run(QString::fromLatin1(change)), change);
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(sized("large", 3 * Part)).ok());
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.collect(), (QByteArrayList{"old", "large"}));
}

QTEST_GUILESS_MAIN(TestQueueParts)
#include "tst_queueparts.moc"
