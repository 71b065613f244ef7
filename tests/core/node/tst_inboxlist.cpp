// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakeclock.h"
#include "node/inboxlist.h"
#include "samples.h"

#include <QtCore/QHash>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <sodium.h>

using namespace restante;
using namespace restante::test;
using node::InboxPart;
using State = node::Delivery::State;

namespace
{
/// Says of each entry what a test wants.
class SaidDeliverer final : public node::Deliverer
{
public:
    QHash<qint64, State> states;

    void setHomeserver(const QByteArray &) override {}
    void lookAgain() override {}
    void wake() override {}
    Result<qint64> retry(const QList<qint64> &) override { return qint64(0); }
    node::Delivery delivery(qint64 id) const override { return {states.value(id, State::Waiting), 0, 0, {}}; }
    void setUnproven(const QList<node::Unproven> &) override {}
    void noteSwept(bool) override {}
    Result<std::vector<node::DeliveredEvent>> given(const QByteArray &) override
    {
        return std::vector<node::DeliveredEvent>{};
    }
    node::DeliveryTotals totals() const override { return {}; }
};
} // namespace

class TestInboxList : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(sodium_init() >= 0); }
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        auto store = node::InboxStore::open(m_folder->path(), m_clock);
        QVERIFY(store.ok());
        m_store = *std::move(store);
        m_deliverer.states.clear();
    }

    void each_part_lists_its_own_and_tells_the_figures_of_all_data()
    {
        QTest::addColumn<InboxPart>("part");
        QTest::addColumn<QList<qint64>>("ids");
        QTest::newRow("all") << InboxPart::All << QList<qint64>{1, 2, 3, 4, 5};
        QTest::newRow("waiting") << InboxPart::Waiting << QList<qint64>{1, 3, 5};
        QTest::newRow("set aside") << InboxPart::SetAside << QList<qint64>{2, 4};
    }

    void each_part_lists_its_own_and_tells_the_figures_of_all()
    {
        QFETCH(InboxPart, part);
        QFETCH(QList<qint64>, ids);
        bring(5);
        m_deliverer.states = {{2, State::Parked}, {4, State::NoProof}, {5, State::NoKey}};
        const auto page = node::listInbox(*m_store, m_deliverer, part, 0, 10);
        QVERIFY(page.ok());
        QCOMPARE(idsOf(*page), ids);
        QCOMPARE(page->total, 5);
        QVERIFY(!page->more);
        // Piece by piece it is the same.
        QList<qint64> pieces;
        for (bool more = true; more;) {
            const auto piece = node::listInbox(*m_store, m_deliverer, part, pieces.isEmpty() ? 0 : pieces.last(), 1);
            QVERIFY(piece.ok());
            pieces += idsOf(*piece);
            more = piece->more;
        }
        QCOMPARE(pieces, ids);
    }

    void what_stands_behind_many_others_is_found()
    {
        bring(1'200);
        m_deliverer.states = {{1'199, State::Parked}};
        const auto page = node::listInbox(*m_store, m_deliverer, InboxPart::SetAside, 0, 200);
        QVERIFY(page.ok());
        QCOMPARE(idsOf(*page), QList<qint64>{1'199});
        QVERIFY(!page->more);
    }

    void only_the_figures_cost_no_row()
    {
        bring(2);
        const auto page = node::listInbox(*m_store, m_deliverer, InboxPart::SetAside, 0, 0);
        QVERIFY(page.ok());
        QVERIFY(page->rows.isEmpty());
        QCOMPARE(page->total, 2);
    }

private:
    /// Entries 1, 2, 3… in this order.
    void bring(int count)
    {
        std::vector<node::Collected> batch;
        for (int i = 1; i <= count; ++i)
            batch.push_back(collected("x" + QByteArray::number(i), i));
        const auto kept = m_store->add(server("r.example"), batch, {});
        QVERIFY(kept.ok());
        QVERIFY(m_store->merge().ok());
    }
    static QList<qint64> idsOf(const node::InboxPage &page)
    {
        QList<qint64> ids;
        for (const node::InboxRow &row : page.rows)
            ids.append(row.id);
        return ids;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    FakeClock m_clock;
    std::unique_ptr<node::InboxStore> m_store;
    SaidDeliverer m_deliverer;
};

QTEST_GUILESS_MAIN(TestInboxList)
#include "tst_inboxlist.moc"
