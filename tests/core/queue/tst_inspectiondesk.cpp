// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakeclock.h"
#include "queue/inspectiondesk.h"

#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

using namespace restante;

namespace
{
const matrix::ServerName Owner = *matrix::ServerName::parse("owner.example");

queue::StoreRequest request(int number)
{
    queue::StoreRequest request;
    request.destination = Owner;
    request.origin = *matrix::ServerName::parse("sender.example");
    request.txnId = "t" + QByteArray::number(number);
    request.userLabel = "user";
    request.digest[0] = static_cast<unsigned char>(number);
    request.digest[1] = static_cast<unsigned char>(number >> 8);
    request.pdus = "[{\"type\":\"m.room.message\",\n\"n\":" + QByteArray::number(number) + ".50}]";
    request.edus = "[]";
    request.pduCount = 1;
    request.addressKey = "127.0.0.1";
    return request;
}
} // namespace

class TestInspectionDesk : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void totals_pages_and_entries_are_answered_in_the_main_thread();
    void an_answer_does_not_come_after_its_context_is_gone();
    void an_export_holds_every_entry_byte_for_byte();
    void an_export_of_some_entries_leaves_the_rest_out();
    void an_export_that_cannot_be_written_leaves_nothing_behind();

private:
    void store(int count);
    template <typename T>
    Result<T> wait(const std::function<void(std::function<void(Result<T>)>)> &ask);

    test::FakeClock m_clock;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<queue::Writer> m_writer;
    std::unique_ptr<queue::Client> m_client;
    std::unique_ptr<queue::InspectionDesk> m_desk;
};

void TestInspectionDesk::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    queue::Policy policy;
    policy.quotas.diskFloorBytes = 0;
    auto writer = queue::Writer::open({m_folder->path()}, policy, m_clock, {});
    QVERIFY2(writer.ok(), writer.ok() ? "" : qPrintable(writer.error().detail));
    m_writer = std::move(*writer);
    m_client = std::make_unique<queue::Client>(*m_writer);
    m_desk = std::make_unique<queue::InspectionDesk>(*m_writer);
}

void TestInspectionDesk::cleanup()
{
    m_desk.reset();
    m_client.reset();
    m_writer.reset();
}

void TestInspectionDesk::store(int count)
{
    int stored = 0;
    for (int i = 0; i < count; ++i)
        m_client->store(request(i), [&stored](const Result<queue::Stored> &done) { stored += done.ok() ? 1 : 0; });
    QTRY_COMPARE(stored, count);
}

template <typename T>
Result<T> TestInspectionDesk::wait(const std::function<void(std::function<void(Result<T>)>)> &ask)
{
    std::optional<Result<T>> answer;
    ask([&answer](Result<T> result) { answer.emplace(std::move(result)); });
    if (!QTest::qWaitFor([&answer] { return answer.has_value(); }))
        return {Errc::Internal, QStringLiteral("no answer")};
    return *answer;
}

void TestInspectionDesk::totals_pages_and_entries_are_answered_in_the_main_thread()
{
    store(5);
    QThread *answeredIn = nullptr;
    const auto totals = wait<queue::Totals>([this, &answeredIn](auto done) {
        m_desk->totals(this, [done, &answeredIn](const Result<queue::Totals> &result) {
            answeredIn = QThread::currentThread();
            done(result);
        });
    });
    QVERIFY(totals.ok());
    QCOMPARE(totals->entries, 5);
    QCOMPARE(answeredIn, thread());

    const auto page = wait<queue::EntryPage>([this](auto done) { m_desk->entries(Owner, {}, 3, this, done); });
    QVERIFY(page.ok());
    QCOMPARE(page->rows.size(), 3);
    QVERIFY(page->more);
    const auto rest = wait<queue::EntryPage>(
        [this, &page](auto done) { m_desk->entries(Owner, page->rows.last().id, 3, this, done); });
    QVERIFY(rest.ok());
    QCOMPARE(rest->rows.size(), 2);
    QVERIFY(!rest->more);

    const auto entry =
        wait<queue::HeldEntry>([this, &rest](auto done) { m_desk->entry(Owner, rest->rows.last().id, this, done); });
    QVERIFY(entry.ok());
    QCOMPARE(entry->pdus, request(4).pdus);
    const auto missing = wait<queue::HeldEntry>([this](auto done) { m_desk->entry(Owner, {7}, this, done); });
    QVERIFY(!missing);
    QCOMPARE(missing.error().code, Errc::NotHeld);
}

void TestInspectionDesk::an_answer_does_not_come_after_its_context_is_gone()
{
    bool answered = false;
    auto context = std::make_unique<QObject>();
    m_desk->totals(context.get(), [&answered](const Result<queue::Totals> &) { answered = true; });
    context.reset();
    const auto later = wait<queue::Totals>([this](auto done) { m_desk->totals(this, done); });
    QVERIFY(later.ok()); // asked after the first, so the first has been dealt with
    QVERIFY(!answered);
}

void TestInspectionDesk::an_export_holds_every_entry_byte_for_byte()
{
    store(250); // more than one page
    const QString file = m_folder->filePath(QStringLiteral("out.jsonl"));
    const auto written = wait<qint64>([this, &file](auto done) { m_desk->exportEntries(Owner, {}, file, this, done); });
    QVERIFY2(written.ok(), written.ok() ? "" : qPrintable(written.error().detail));
    QCOMPARE(*written, 250);

    QFile in(file);
    QVERIFY(in.open(QIODevice::ReadOnly));
    QCOMPARE(in.permissions() & QFileDevice::Permissions(0x0077), QFileDevice::Permissions());
    const QList<QByteArray> lines = in.readAll().trimmed().split('\n');
    QCOMPARE(lines.size(), 250);
    for (int i = 0; i < lines.size(); ++i) {
        QVERIFY(QJsonDocument::fromJson(lines[i]).isObject());
        QVERIFY2(lines[i].contains(QByteArray("\"n\":") + QByteArray::number(i) + ".50}"), lines[i]);
    }
}

void TestInspectionDesk::an_export_of_some_entries_leaves_the_rest_out()
{
    store(3);
    const auto page = wait<queue::EntryPage>([this](auto done) { m_desk->entries(Owner, {}, 3, this, done); });
    QVERIFY(page.ok());
    const QString file = m_folder->filePath(QStringLiteral("out.jsonl"));
    const QList<matrix::EntryId> ids{page->rows[2].id, page->rows[0].id, {77}};
    const auto written = wait<qint64>([&](auto done) { m_desk->exportEntries(Owner, ids, file, this, done); });
    QVERIFY(written.ok());
    QCOMPARE(*written, 2);
}

void TestInspectionDesk::an_export_that_cannot_be_written_leaves_nothing_behind()
{
    store(1);
    const QString file = m_folder->filePath(QStringLiteral("no/such/folder/out.jsonl"));
    const auto written = wait<qint64>([this, &file](auto done) { m_desk->exportEntries(Owner, {}, file, this, done); });
    QVERIFY(!written);
    QCOMPARE(written.error().code, Errc::Io);
    QVERIFY(written.error().detail.contains(file));
    QVERIFY(!QFile::exists(file));
}

QTEST_GUILESS_MAIN(TestInspectionDesk)
#include "tst_inspectiondesk.moc"
