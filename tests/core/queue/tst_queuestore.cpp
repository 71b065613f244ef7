// SPDX-License-Identifier: GPL-3.0-or-later
// Promises 1, 2 and 3: what is stored survives, in order, until exactly it is acknowledged.
#include "queuefixture.h"

using namespace restante;
using namespace restante::test;

class TestQueueStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_stored_entry_is_handed_out_as_it_came();
};

void TestQueueStore::a_stored_entry_is_handed_out_as_it_came()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    auto request = letter("hello");
    request.edus = "[{\"edu_type\":\"m.x\",\"content\":{}}]";
    const auto stored = queue.store(request);
    QVERIFY2(stored.ok(), stored.ok() ? "" : qPrintable(stored.error().detail));
    QVERIFY(stored->fresh);
    const auto got = queue.next();
    QVERIFY(got.entry);
    QCOMPARE(got.entry->id, stored->id);
    QCOMPARE(got.entry->origin, QByteArray("a.example"));
    QCOMPARE(got.entry->txnId, request.txnId);
    QCOMPARE(got.entry->originServerTs, request.originServerTs);
    QCOMPARE(got.entry->receivedMs, queue.clock.wallMs());
    QCOMPARE(got.entry->pdus, request.pdus);
    QCOMPARE(got.entry->edus, request.edus);
    QCOMPARE(queue.collect(), QByteArrayList{"hello"});
    QCOMPARE(queue.audit(), QStringList());
}

QTEST_GUILESS_MAIN(TestQueueStore)
#include "tst_queuestore.moc"
