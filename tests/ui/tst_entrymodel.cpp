// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakeoperations.h"
#include "ui/entrymodel.h"

#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

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

    void a_queue_has_no_column_for_relays() { QCOMPARE(m_model->columnCount(), int(EntryModel::Relay)); }

private:
    /// Switches to the queue of `name`.
    void list(const QByteArray &name)
    {
        m_source->setDestination(name.isEmpty() ? matrix::ServerName() : serverName(name));
        m_model->reload();
    }

    std::unique_ptr<FakeOperations> m_operations;
    std::unique_ptr<ui::QueueSource> m_source;
    std::unique_ptr<EntryModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
};

QTEST_MAIN(TestEntryModel)
#include "tst_entrymodel.moc"
