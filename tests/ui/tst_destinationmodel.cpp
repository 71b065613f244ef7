// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakeoperations.h"
#include "settingsvalues.h"
#include "ui/queues/destinationmodel.h"

#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

using namespace restante;
using namespace restante::test;
using ui::DestinationModel;

namespace
{
constexpr auto Hex = "3f2a71c04b9d8e6f5a7c1b2d3e4f60718293a4b5c6d7e8f9001122334455669c";

queue::DestinationTotal total(const QByteArray &name, qint64 entries, QList<queue::UserLabelTotal> labels = {})
{
    queue::DestinationTotal made;
    made.destination = serverName(name);
    made.entries = entries;
    made.bytes = entries * 100;
    made.oldestMs = 1000 + entries;
    made.newestMs = 2000 + entries;
    made.labels = std::move(labels);
    return made;
}

ui::PetNames petNames(const QString &petname)
{
    settings::Settings settings;
    settings.served = {servedEntry(QString::fromLatin1(Hex), petname, {})};
    return ui::PetNames(settings);
}

QStringList names(const DestinationModel &model)
{
    QStringList all;
    for (int row = 0; row < model.rowCount(); ++row)
        all.append(model.index(row, 0).data(DestinationModel::FullNameRole).toString());
    return all;
}

QStringList labels(const DestinationModel &model, const QModelIndex &parent)
{
    QStringList all;
    for (int row = 0; row < model.rowCount(parent); ++row)
        all.append(model.index(row, 0, parent).data().toString());
    return all;
}
} // namespace

class TestDestinationModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_model = std::make_unique<DestinationModel>();
        m_tester = std::make_unique<QAbstractItemModelTester>(m_model.get(),
                                                              QAbstractItemModelTester::FailureReportingMode::QtTest);
    }
    void cleanup()
    {
        m_tester.reset();
        m_model.reset();
    }

    void an_update_never_resets_the_model()
    {
        QSignalSpy resets(m_model.get(), &QAbstractItemModel::modelReset);
        m_model->upsert({total("a.org", 1), total("b.org", 2), total("c.org", 3)});
        m_model->upsert({total("b.org", 5), total("d.org", 1)});
        m_model->upsert({});
        m_model->upsert({total("e.org", 1)});
        QCOMPARE(names(*m_model), QStringList{QStringLiteral("e.org")});
        QCOMPARE(resets.size(), 0);
    }

    void what_is_not_in_the_totals_any_more_goes()
    {
        m_model->upsert({total("a.org", 1), total("b.org", 2)});
        m_model->upsert({total("b.org", 2)});
        QCOMPARE(names(*m_model), QStringList{QStringLiteral("b.org")});
        QCOMPARE(m_model->count(), 1);
    }

    void an_update_that_changes_one_row_announces_that_row_alone()
    {
        m_model->upsert({total("a.org", 1), total("b.org", 2), total("c.org", 3)});
        QSignalSpy changes(m_model.get(), &QAbstractItemModel::dataChanged);
        QSignalSpy layouts(m_model.get(), &QAbstractItemModel::layoutChanged);
        m_model->upsert({total("a.org", 1), total("b.org", 7), total("c.org", 3)});
        QCOMPARE(changes.size(), 1);
        QCOMPARE(changes[0][0].toModelIndex().row(), 1);
        QCOMPARE(changes[0][1].toModelIndex().row(), 1);
        QCOMPARE(layouts.size(), 0);
        QCOMPARE(m_model->index(1, DestinationModel::Held).data().toString(), QStringLiteral("7"));
    }

    void rows_are_ordered_by_the_chosen_column_data()
    {
        QTest::addColumn<int>("column");
        QTest::addColumn<QString>("ascending");
        QTest::newRow("owner") << int(DestinationModel::Owner) << QStringLiteral("a.org b.org c.org");
        QTest::newRow("held") << int(DestinationModel::Held) << QStringLiteral("c.org a.org b.org");
        QTest::newRow("size") << int(DestinationModel::Size) << QStringLiteral("c.org a.org b.org");
        QTest::newRow("oldest") << int(DestinationModel::Oldest) << QStringLiteral("c.org a.org b.org");
        QTest::newRow("newest") << int(DestinationModel::Newest) << QStringLiteral("c.org a.org b.org");
        QTest::newRow("full") << int(DestinationModel::Full) << QStringLiteral("b.org c.org a.org");
        QTest::newRow("collected") << int(DestinationModel::LastCollected) << QStringLiteral("b.org a.org c.org");
    }

    void rows_are_ordered_by_the_chosen_column()
    {
        QFETCH(int, column);
        QFETCH(QString, ascending);
        auto a = total("a.org", 10);
        auto b = total("b.org", 20);
        auto c = total("c.org", 9); // as text, 9 would come after 10
        a.lastCollectedMs = 5;
        b.lastCollectedMs = 0; // never
        c.lastCollectedMs = 6;
        a.fillPercent = 100;
        b.fillPercent = 9;
        c.fillPercent = 80;
        m_model->upsert({a, b, c});
        m_model->sort(column, Qt::DescendingOrder);
        m_model->sort(column, Qt::AscendingOrder);
        auto expected = ascending.split(u' ');
        QCOMPARE(names(*m_model), expected);
        m_model->sort(column, Qt::DescendingOrder);
        std::reverse(expected.begin(), expected.end());
        QCOMPARE(names(*m_model), expected);
    }

    void a_row_moves_when_its_sort_key_changes_and_keeps_its_persistent_index()
    {
        m_model->upsert({total("a.org", 1, {{QStringLiteral("x"), 1, 1}}), total("b.org", 2), total("c.org", 3)});
        m_model->sort(DestinationModel::Held, Qt::AscendingOrder);
        const QPersistentModelIndex a(m_model->index(0, 0));
        const QPersistentModelIndex label(m_model->index(0, 0, a));
        m_model->upsert({total("a.org", 9, {{QStringLiteral("x"), 1, 1}}), total("b.org", 2), total("c.org", 3)});
        QCOMPARE(a.row(), 2);
        QCOMPARE(a.data(DestinationModel::FullNameRole).toString(), QStringLiteral("a.org"));
        QCOMPARE(label.data().toString(), QStringLiteral("@x"));
        QCOMPARE(label.parent(), QModelIndex(a));
    }

    void the_filter_finds_data()
    {
        QTest::addColumn<QString>("filter");
        QTest::addColumn<int>("found");
        QTest::newRow("nothing asked") << QString() << 3;
        QTest::newRow("petname") << QStringLiteral("ANNA") << 1;
        QTest::newRow("server name") << QStringLiteral("exam") << 2;
        QTest::newRow("middle of a hex name") << QStringLiteral("4b9d8e6f") << 1;
        QTest::newRow("user") << QStringLiteral("@carl") << 1;
        QTest::newRow("blanks around") << QStringLiteral("  anna ") << 1;
        QTest::newRow("nobody") << QStringLiteral("zzz") << 0;
    }

    void the_filter_finds()
    {
        QFETCH(QString, filter);
        QFETCH(int, found);
        m_model->setPetNames(petNames(QStringLiteral("Anna")));
        m_model->upsert(
            {total(Hex, 1), total("a.example", 1, {{QStringLiteral("carl"), 1, 1}}), total("b.example", 1)});
        m_model->setFilter(filter);
        QCOMPARE(m_model->rowCount(), found);
        QCOMPARE(m_model->count(), 3);
        m_model->setFilter({});
        QCOMPARE(m_model->rowCount(), 3);
    }

    void a_filtered_out_row_takes_its_persistent_indexes_with_it_and_no_other_row_gets_them()
    {
        m_model->upsert({total("a.org", 1), total("b.org", 1)});
        m_model->setFilter(QStringLiteral("a.org"));
        const QPersistentModelIndex a(m_model->index(0, 0));
        m_model->setFilter(QStringLiteral("b.org"));
        QVERIFY(!a.isValid());
        QCOMPARE(names(*m_model), QStringList{QStringLiteral("b.org")});
    }

    void updates_reach_rows_that_are_filtered_out()
    {
        m_model->upsert({total("a.org", 1), total("b.org", 1, {{QStringLiteral("x"), 1, 1}})});
        m_model->setFilter(QStringLiteral("a.org"));
        m_model->upsert({total("a.org", 1), total("b.org", 4, {{QStringLiteral("y"), 4, 4}})});
        m_model->setFilter({});
        QCOMPARE(m_model->totalAt(m_model->indexOf(serverName("b.org")))->entries, 4);
        QCOMPARE(labels(*m_model, m_model->indexOf(serverName("b.org"))), QStringList{QStringLiteral("@y")});
    }

    void labels_are_added_removed_and_ordered_with_others_last()
    {
        m_model->upsert(
            {total("a.org", 6, {{QStringLiteral("zoe"), 3, 1}, {QString(), 9, 9}, {QStringLiteral("bob"), 1, 1}})});
        const QPersistentModelIndex a(m_model->index(0, 0));
        const QPersistentModelIndex zoe(m_model->index(1, 0, a));
        QCOMPARE(labels(*m_model, a),
                 (QStringList{QStringLiteral("@bob"), QStringLiteral("@zoe"), QStringLiteral("others")}));
        m_model->upsert(
            {total("a.org", 6, {{QString(), 9, 9}, {QStringLiteral("zoe"), 5, 1}, {QStringLiteral("ada"), 2, 1}})});
        QCOMPARE(labels(*m_model, a),
                 (QStringList{QStringLiteral("@ada"), QStringLiteral("@zoe"), QStringLiteral("others")}));
        QCOMPARE(zoe.data().toString(), QStringLiteral("@zoe"));
        QCOMPARE(zoe.sibling(zoe.row(), DestinationModel::Held).data().toString(), QStringLiteral("5"));
        m_model->sort(DestinationModel::Held, Qt::DescendingOrder);
        QCOMPARE(labels(*m_model, a),
                 (QStringList{QStringLiteral("@zoe"), QStringLiteral("@ada"), QStringLiteral("others")}));
        QCOMPARE(zoe.row(), 0);
        QCOMPARE(zoe.data().toString(), QStringLiteral("@zoe"));
    }

    void a_hex_name_is_shown_short_and_whole_on_hover_and_for_copying()
    {
        m_model->upsert({total(Hex, 1)});
        const auto cell = m_model->index(0, 0);
        QCOMPARE(cell.data().toString(), QStringLiteral("3f2a71…669c"));
        QCOMPARE(cell.data(Qt::ToolTipRole).toString(), QString::fromLatin1(Hex));
        QCOMPARE(cell.data(DestinationModel::FullNameRole).toString(), QString::fromLatin1(Hex));
        m_model->setPetNames(petNames(QStringLiteral("anna")));
        QCOMPARE(cell.data().toString(), QStringLiteral("anna (3f2a71…669c)"));
    }

    void every_filled_cell_has_text_for_screen_readers()
    {
        m_model->setNow(100'000);
        m_model->upsert({total("a.org", 3, {{QStringLiteral("x"), 3, 300}})});
        m_model->setDoors({{serverName("a.org"), false, {}, 50'000}});
        const QModelIndex a = m_model->index(0, 0);
        for (int column = 0; column < DestinationModel::ColumnCount; ++column)
            QVERIFY(!m_model->index(0, column).data(Qt::AccessibleTextRole).toString().isEmpty());
        for (int column = 0; column <= DestinationModel::Size; ++column)
            QVERIFY(!m_model->index(0, column, a).data(Qt::AccessibleTextRole).toString().isEmpty());
        QCOMPARE(m_model->index(0, DestinationModel::Held).data(Qt::AccessibleTextRole).toString(),
                 QStringLiteral("Held: 3"));
    }

    void figures_have_separators_binary_units_and_relative_times()
    {
        const qint64 now = 1'790'000'000'000;
        auto a = total("a.org", 12'345);
        a.bytes = 4'300'000;
        a.oldestMs = now - 2 * 3'600'000LL;
        a.newestMs = now - 120'000;
        m_model->setNow(now);
        m_model->upsert({a});
        QCOMPARE(m_model->index(0, DestinationModel::Held).data().toString(), QStringLiteral("12,345"));
        QCOMPARE(m_model->index(0, DestinationModel::Size).data().toString(), QStringLiteral("4.1 MiB"));
        QCOMPARE(m_model->index(0, DestinationModel::Oldest).data().toString(), QStringLiteral("2 h ago"));
        QCOMPARE(m_model->index(0, DestinationModel::Newest).data().toString(), QStringLiteral("2 min ago"));
        QVERIFY(m_model->index(0, DestinationModel::Newest).data(Qt::ToolTipRole).toString().contains(u"2026"));
        QCOMPARE(m_model->index(0, DestinationModel::LastCollected).data().toString(), QStringLiteral("never"));
        QCOMPARE(m_model->index(0, DestinationModel::Full).data().toString(), QStringLiteral("0 %"));
        a.fillPercent = 85;
        m_model->upsert({a});
        QCOMPARE(m_model->index(0, DestinationModel::Full).data().toString(), QStringLiteral("85 %"));
    }

private:
    std::unique_ptr<DestinationModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
};

QTEST_MAIN(TestDestinationModel)
#include "tst_destinationmodel.moc"
