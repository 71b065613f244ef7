// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakeoperations.h"
#include "ui/entries/entrymodel.h"

#include <QtCore/QItemSelectionModel>
#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include <algorithm>
#include <functional>
#include <vector>

using namespace restante;
using namespace restante::test;
using ui::EntryModel;

namespace
{
constexpr auto Name = "a.org";
}

class TestEntryModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_operations = std::make_unique<FakeOperations>();
        m_source = std::make_unique<ui::QueueSource>(*m_operations);
        m_model = std::make_unique<EntryModel>(*m_source);
        m_tester = std::make_unique<QAbstractItemModelTester>(m_model.get(),
                                                              QAbstractItemModelTester::FailureReportingMode::QtTest);
    }
    void cleanup()
    {
        m_tester.reset();
        m_model.reset();
        m_source.reset();
        m_operations.reset();
    }

    void only_one_page_is_read_until_the_view_asks_for_more()
    {
        m_operations->hold(Name, 1000);
        // The tester itself fetches everything; what is counted here is what the model asks without it.
        m_tester.reset();
        list(Name);
        QTRY_COMPARE(m_model->rowCount(), EntryModel::PageSize);
        QCOMPARE(m_operations->pagesAsked, 1);
        QVERIFY(m_model->canFetchMore({}));
        m_model->fetchMore({});
        m_model->fetchMore({}); // while one is on its way
        QTRY_COMPARE(m_model->rowCount(), 2 * EntryModel::PageSize);
        QCOMPARE(m_operations->pagesAsked, 2);
    }

    void the_end_is_reached_and_nothing_is_asked_behind_it()
    {
        m_operations->hold(Name, 250);
        list(Name);
        QTRY_COMPARE(m_model->rowCount(), 200);
        m_model->fetchMore({});
        QTRY_COMPARE(m_model->rowCount(), 250);
        QVERIFY(!m_model->canFetchMore({}));
    }

    void an_update_keeps_the_rows_that_stay_and_resets_nothing()
    {
        m_operations->hold(Name, 50);
        list(Name);
        QTRY_COMPARE(m_model->rowCount(), 50);
        QSignalSpy resets(m_model.get(), &QAbstractItemModel::modelReset);
        const QPersistentModelIndex last(m_model->index(49, 0));
        const auto id = m_model->rowAt(last)->id;
        m_operations->collect(Name, 10);
        m_operations->hold(Name, 5);
        m_model->refresh(45);
        QTRY_COMPARE(m_model->rowCount(), 45);
        QCOMPARE(last.row(), 39);
        QCOMPARE(m_model->rowAt(last)->id, id);
        QCOMPARE(resets.size(), 0);
    }

    void collected_entries_go_from_the_head_of_a_long_list()
    {
        m_tester.reset();
        m_operations->hold(Name, 600);
        list(Name);
        QTRY_COMPARE(m_model->rowCount(), 200);
        m_model->fetchMore({});
        QTRY_COMPARE(m_model->rowCount(), 400);
        const auto kept = m_model->rowAt(m_model->index(350, 0))->id;
        m_operations->collect(Name, 300);
        m_model->refresh(300);
        QTRY_VERIFY(m_model->indexOf(kept).row() == 50);
        QVERIFY(m_model->rowCount() >= 100);
        while (m_model->canFetchMore({})) {
            m_model->fetchMore({});
            QTRY_VERIFY(m_model->canFetchMore({}) || m_model->rowCount() == 300);
        }
        QCOMPARE(m_model->rowCount(), 300);
    }

    void an_answer_for_another_destination_is_dropped()
    {
        m_operations->hold(Name, 5);
        m_operations->hold("b.org", 7);
        list(Name);
        list("b.org");
        QTRY_COMPARE(m_model->rowCount(), 7);
        QCoreApplication::processEvents();
        QCOMPARE(m_model->rowCount(), 7);
        list({});
        QCOMPARE(m_model->rowCount(), 0);
    }

    void a_failed_page_is_reported_and_not_asked_for_in_a_loop()
    {
        m_operations->hold(Name, 5);
        m_operations->entriesFail = Error{Errc::Busy, QStringLiteral("locked"), 0};
        QSignalSpy failures(m_model.get(), &EntryModel::failed);
        list(Name);
        QTRY_COMPARE(failures.size(), 1);
        QVERIFY(!m_model->canFetchMore({}));
        m_operations->entriesFail.reset();
        m_model->refresh(5);
        QTRY_COMPARE(m_model->rowCount(), 5);
    }

    void discarded_rows_go_at_once()
    {
        m_operations->hold(Name, 5);
        list(Name);
        QTRY_COMPARE(m_model->rowCount(), 5);
        const auto second = m_model->rowAt(m_model->index(1, 0))->id;
        const auto fifth = m_model->rowAt(m_model->index(4, 0))->id;
        m_model->forget({second, fifth});
        QCOMPARE(m_model->rowCount(), 3);
        QVERIFY(!m_model->indexOf(second).isValid());
    }

    void a_row_says_what_it_holds_in_words()
    {
        m_operations->hold(Name, 1);
        m_model->setNow(1'789'900'001'000 + 180'000);
        list(Name);
        QTRY_COMPARE(m_model->rowCount(), 1);
        QCOMPARE(m_model->index(0, EntryModel::Time).data().toString(), QStringLiteral("3 min ago"));
        QCOMPARE(m_model->index(0, EntryModel::From).data().toString(), QStringLiteral("matrix.town"));
        QVERIFY(m_model->index(0, EntryModel::What).data().toString().contains(u"message"));
        QCOMPARE(m_model->index(0, EntryModel::Size).data().toString(), QStringLiteral("900 bytes"));
        for (int column = 0; column < m_model->columnCount(); ++column)
            QVERIFY(m_model->index(0, column).data(Qt::AccessibleTextRole).toString().contains(u": "));
    }

    void a_damaged_row_says_so()
    {
        m_operations->hold(Name, 1);
        m_operations->held[serverName(Name)][0].quarantined = true;
        list(Name);
        QTRY_COMPARE(m_model->rowCount(), 1);
        QVERIFY(m_model->index(0, EntryModel::What).data().toString().contains(u"Damaged"));
    }

    void the_inbox_says_which_relay_brought_what_and_how_much_there_is()
    {
        m_tester.reset();
        ui::InboxSource inbox(*m_operations);
        m_operations->becomeNode();
        m_operations->deliver(3, QStringLiteral("far.example"), QStringLiteral("relay.example"));
        m_model = std::make_unique<EntryModel>(inbox);
        m_tester = std::make_unique<QAbstractItemModelTester>(m_model.get(),
                                                              QAbstractItemModelTester::FailureReportingMode::QtTest);
        m_model->reload();
        QTRY_COMPARE(m_model->rowCount(), 3);
        QCOMPARE(m_model->headerData(EntryModel::Time, Qt::Horizontal).toString(), QStringLiteral("Collected"));
        QCOMPARE(m_model->index(0, EntryModel::From).data().toString(), QStringLiteral("far.example"));
        QCOMPARE(m_model->index(0, EntryModel::Relay).data().toString(), QStringLiteral("relay.example"));
        QCOMPARE(m_model->total(), 3);
        QCOMPARE(m_model->totalBytes(), 2700);
    }

    void the_inbox_stands_in_the_order_of_signed_time_and_every_line_once()
    {
        auto inbox = listInbox(5, [](qint64 id) { return id == 5 ? 0 : id; });
        QTRY_COMPARE(ids(), (QList<qint64>{5, 1, 2, 3, 4}));
        const QPersistentModelIndex third(m_model->index(2, 0));
        QItemSelectionModel selection(m_model.get());
        selection.select(third, QItemSelectionModel::Select | QItemSelectionModel::Rows);
        for (int again = 0; again < 2; ++again) {
            refreshAndWait(5);
            QCOMPARE(ids(), (QList<qint64>{5, 1, 2, 3, 4}));
        }
        QCOMPARE(third.row(), 2);
        QCOMPARE(selection.selectedRows(), QModelIndexList{third});
        // One that sorts in the middle goes there.
        m_operations->deliver(1);
        m_operations->inbox.last().originServerTs = 2;
        refreshAndWait(6);
        QCOMPARE(ids(), (QList<qint64>{5, 1, 2, 6, 3, 4}));
        QCOMPARE(selection.selectedRows().size(), 1);
        QCOMPARE(m_model->rowAt(selection.selectedRows().first())->id, 2);
        // What is discarded goes, and nothing else.
        m_model->forget({5, 3});
        QCOMPARE(ids(), (QList<qint64>{1, 2, 6, 4}));
        QVERIFY(!m_model->indexOf(5).isValid());
        QCOMPARE(m_model->indexOf(6).row(), 2);
        m_operations->inbox.removeIf([](const auto &row) { return row.id == 5 || row.id == 3; });
        refreshAndWait(4);
        QCOMPARE(ids(), (QList<qint64>{1, 2, 6, 4}));
    }

    void pages_of_the_inbox_have_every_line_once()
    {
        auto inbox = listInbox(450, [](qint64 id) { return (id * 7919) % 450 / 3; });
        QTRY_COMPARE(m_model->rowCount(), EntryModel::PageSize);
        fetchAll();
        QCOMPARE(ids(), inOrder());
    }

    void the_next_page_begins_behind_a_line_that_is_gone_meanwhile()
    {
        auto inbox = listInbox(450, [](qint64 id) { return (id * 7919) % 450 / 3; });
        QTRY_COMPARE(m_model->rowCount(), EntryModel::PageSize);
        const auto last = m_model->rowAt(m_model->index(EntryModel::PageSize - 1, 0))->id;
        m_operations->discardInbox({last}, this, [](const Result<qint64> &) {});
        QTRY_VERIFY((m_model->fetchMore({}), m_model->rowCount() == 449));
        QCOMPARE(ids(), inOrder());
    }

    void what_changes_behind_the_first_page_of_the_inbox_is_seen()
    {
        auto inbox = listInbox(700, [](qint64 id) { return 10 * id; });
        QTRY_COMPARE(m_model->rowCount(), EntryModel::PageSize);
        for (const int rows : {400, 600}) {
            m_model->fetchMore({});
            QTRY_COMPARE(m_model->rowCount(), rows);
        }
        QSignalSpy resets(m_model.get(), &QAbstractItemModel::modelReset);
        const QPersistentModelIndex kept = m_model->indexOf(590);
        m_operations->deliver(1);
        m_operations->inbox.last().originServerTs = 10 * 450 + 5;
        m_operations->inbox.removeIf([](const auto &row) { return row.id == 300 || row.id == 301; });
        m_model->refresh(699);
        QTRY_VERIFY(m_model->indexOf(601).isValid()); // the third page has come: two lines fewer, and one more
        QCOMPARE(m_model->rowCount(), 600);
        QCOMPARE(m_model->indexOf(701).row(), m_model->indexOf(450).row() + 1);
        QVERIFY(!m_model->indexOf(300).isValid());
        QCOMPARE(kept.row(), 588);
        QCOMPARE(m_model->total(), 699);
        // If nothing else has changed, the first page is enough.
        const int asked = m_operations->inboxPagesAsked;
        refreshAndWait(699);
        QCOMPARE(m_operations->inboxPagesAsked, asked + 1);
        fetchAll();
        QCOMPARE(ids(), inOrder());
        QCOMPARE(resets.size(), 0);
    }

    void a_change_that_the_next_page_tells_of_is_looked_for()
    {
        auto inbox = listInbox(450, [](qint64 id) { return 10 * id; });
        QTRY_COMPARE(m_model->rowCount(), EntryModel::PageSize);
        m_operations->deliver(1);
        m_operations->inbox.last().originServerTs = 15;
        m_model->fetchMore({});
        QTRY_COMPARE(m_model->indexOf(451).row(), 1);
        QTRY_VERIFY(m_model->rowCount() > 2 * EntryModel::PageSize + 1); // all that is loaded has been read again
        fetchAll();
        QCOMPARE(ids(), inOrder());
    }

    void a_queue_has_no_column_for_relays() { QCOMPARE(m_model->columnCount(), int(EntryModel::Relay)); }

private:
    /// Switches to the queue of `name`.
    void list(const QByteArray &name)
    {
        m_source->setSource({name.isEmpty() ? matrix::ServerName() : serverName(name), {}});
        m_model->reload();
    }

    /// Switches to an inbox of `count` entries that were signed when `signedAt` says.
    std::unique_ptr<ui::InboxSource> listInbox(int count, const std::function<qint64(qint64 id)> &signedAt)
    {
        m_tester.reset(); // it fetches everything by itself
        m_operations->becomeNode();
        m_operations->deliver(count);
        for (auto &row : m_operations->inbox)
            row.originServerTs = signedAt(row.id);
        auto inbox = std::make_unique<ui::InboxSource>(*m_operations);
        m_model = std::make_unique<EntryModel>(*inbox);
        m_model->reload();
        return inbox;
    }
    QList<qint64> ids() const
    {
        QList<qint64> ids;
        for (int row = 0; row < m_model->rowCount(); ++row)
            ids.append(m_model->rowAt(m_model->index(row, 0))->id);
        return ids;
    }
    /// The ids of the whole inbox, as they should be listed.
    QList<qint64> inOrder() const
    {
        std::vector<std::pair<qint64, qint64>> places;
        for (const auto &row : std::as_const(m_operations->inbox))
            places.emplace_back(row.originServerTs, row.id);
        std::sort(places.begin(), places.end());
        QList<qint64> ids;
        for (const auto &place : places)
            ids.append(place.second);
        return ids;
    }
    void refreshAndWait(qint64 held)
    {
        QSignalSpy loads(m_model.get(), &EntryModel::loaded);
        m_model->refresh(held);
        QTRY_COMPARE(loads.size(), 1);
    }
    void fetchAll()
    {
        while (m_model->canFetchMore({})) {
            QSignalSpy loads(m_model.get(), &EntryModel::loaded);
            m_model->fetchMore({});
            QTRY_VERIFY(!loads.isEmpty());
        }
    }

    std::unique_ptr<FakeOperations> m_operations;
    std::unique_ptr<ui::QueueSource> m_source;
    std::unique_ptr<EntryModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
};

QTEST_MAIN(TestEntryModel)
#include "tst_entrymodel.moc"
