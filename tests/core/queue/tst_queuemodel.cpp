// SPDX-License-Identifier: GPL-3.0-or-later
// Thousands of random operations, compared with a model that is simple enough to be right.
#include "queuefixture.h"

#include <QtCore/QRandomGenerator>

using namespace restante;
using namespace restante::test;

namespace
{

constexpr qint64 HourMs = 3'600'000;

struct ModelEntry {
    QByteArray content;
    QByteArray origin;
    QByteArray label;
    qint64 size = 0;
    qint64 receivedMs = 0;
};
struct ModelQueue {
    std::map<qint64, ModelEntry> entries;
    std::map<std::pair<QByteArray, QByteArray>, qint64> known; ///< origin and content to id; 0: acknowledged
    qint64 expired = 0;
    qint64 last = 0;
};

} // namespace

class TestQueueModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void random_operations_leave_what_the_model_says_data();
    void random_operations_leave_what_the_model_says();

private:
    void step(QRandomGenerator &random);
    void store(const QByteArray &destination, QRandomGenerator &random);
    void collect(const QByteArray &destination, QRandomGenerator &random);
    void expire();
    void compare();

    static constexpr qint64 OriginEntries = 6;

    std::unique_ptr<QueueFixture> m_queue;
    QMap<QByteArray, ModelQueue> m_model;
};

void TestQueueModel::random_operations_leave_what_the_model_says_data()
{
    QTest::addColumn<quint32>("seed");
    QTest::addColumn<qint64>("foldMovements");
    QTest::newRow("a fold after each batch") << quint32(1) << qint64(1);
    QTest::newRow("a fold now and then") << quint32(2) << qint64(17);
    QTest::newRow("a fold with each round of housekeeping") << quint32(3) << qint64(16'384);
}

void TestQueueModel::random_operations_leave_what_the_model_says()
{
    QFETCH(const quint32, seed);
    QFETCH(const qint64, foldMovements);
    QRandomGenerator random(seed);
    auto policy = QueueFixture::smallDisk();
    policy.quotas.originEntries = OriginEntries;
    policy.quotas.tombstoneDays = 10'000;
    m_queue = std::make_unique<QueueFixture>(policy);
    m_queue->tuning.foldMovements = foldMovements;
    m_model.clear();
    QVERIFY(m_queue->open().ok());
    for (int i = 0; i < 1'500; ++i) {
        step(random);
        if (QTest::currentTestFailed())
            return;
        if (i % 100 == 99)
            compare();
        if (QTest::currentTestFailed())
            return;
    }
    m_queue.reset();
}

void TestQueueModel::step(QRandomGenerator &random)
{
    const QByteArray destination = "d" + QByteArray::number(random.bounded(4)) + ".example";
    const auto dice = random.bounded(1'000);
    if (dice < 550) {
        store(destination, random);
    } else if (dice < 850) {
        collect(destination, random);
    } else if (dice < 900) {
        QList<matrix::EntryId> ids;
        qint64 held = 0;
        auto &model = m_model[destination];
        for (auto entry = model.entries.begin(); entry != model.entries.end();) {
            if (random.bounded(3) != 0) {
                ++entry;
                continue;
            }
            ids << matrix::EntryId{entry->first};
            ++held;
            model.known.erase({entry->second.origin, entry->second.content});
            entry = model.entries.erase(entry);
        }
        QCOMPARE(*m_queue->discard(destination, ids), held);
    } else if (dice < 910) {
        auto &model = m_model[destination];
        QCOMPARE(*m_queue->discardAll(destination), qint64(model.entries.size()));
        for (const auto &[id, entry] : model.entries)
            model.known.erase({entry.origin, entry.content});
        model.entries.clear();
    } else if (dice < 985) {
        m_queue->clock.advance(random.bounded(30) * HourMs);
        expire();
    } else {
        m_queue->close();
        QVERIFY(m_queue->open().ok());
    }
}

void TestQueueModel::store(const QByteArray &destination, QRandomGenerator &random)
{
    const QByteArray origin = "o" + QByteArray::number(random.bounded(5)) + ".example";
    auto request = letter(QByteArray::number(random.bounded(400)), origin, destination);
    request.userLabel = "user" + QByteArray::number(random.bounded(3));
    request.addressKey = QByteArray::number(random.bounded(3));
    const QByteArray content = request.txnId.sliced(2);
    auto &model = m_model[destination];
    const auto known = model.known.find({origin, content});
    const auto ofOrigin = std::count_if(model.entries.begin(), model.entries.end(),
                                        [&origin](const auto &each) { return each.second.origin == origin; });
    const qint64 now = m_queue->clock.wallMs();
    const auto stored = m_queue->store(request);
    if (known != model.known.end()) {
        QVERIFY(stored.ok());
        QVERIFY(!stored->fresh);
        QCOMPARE(stored->id.value, known->second);
        return;
    }
    QCOMPARE(stored.ok(), ofOrigin < OriginEntries);
    if (!stored)
        return;
    QVERIFY(stored->fresh);
    QVERIFY(stored->id.value > model.last);
    model.last = stored->id.value;
    model.known[{origin, content}] = stored->id.value;
    model.entries[stored->id.value] = {content, origin, request.userLabel,
                                       request.pdus.size() + request.edus.size() + request.txnId.size(), now};
}

void TestQueueModel::collect(const QByteArray &destination, QRandomGenerator &random)
{
    auto &model = m_model[destination];
    auto got = m_queue->next(destination);
    QCOMPARE(got.expired, model.expired);
    for (int round = random.bounded(4); round > 0 && got.entry; --round) {
        QVERIFY(!model.entries.empty());
        const auto oldest = model.entries.begin();
        QCOMPARE(got.entry->id.value, oldest->first);
        QCOMPARE(got.entry->txnId, "t-" + oldest->second.content);
        QCOMPARE(got.entry->origin, oldest->second.origin);
        model.known[{oldest->second.origin, oldest->second.content}] = 0;
        const matrix::EntryId id{oldest->first};
        model.entries.erase(oldest);
        got = m_queue->next(destination, id);
    }
    QCOMPARE(got.entry.has_value(), !model.entries.empty());
}

void TestQueueModel::expire()
{
    m_queue->maintain();
    const qint64 before = m_queue->clock.wallMs() - qint64(30) * 24 * HourMs;
    for (auto &model : m_model) {
        for (auto entry = model.entries.begin(); entry != model.entries.end();) {
            if (entry->second.receivedMs >= before) {
                ++entry;
                continue;
            }
            model.known.erase({entry->second.origin, entry->second.content});
            ++model.expired;
            entry = model.entries.erase(entry);
        }
    }
}

void TestQueueModel::compare()
{
    m_queue->settle();
    QCOMPARE(m_queue->audit(), QStringList());
    qint64 entries = 0;
    qint64 bytes = 0;
    for (auto model = m_model.cbegin(); model != m_model.cend(); ++model) {
        const auto total = m_queue->total(model.key());
        qint64 size = 0;
        std::map<QByteArray, qint64> labels;
        for (const auto &[id, entry] : model->entries) {
            size += entry.size;
            ++labels[entry.label];
        }
        QCOMPARE(total.entries, qint64(model->entries.size()));
        QCOMPARE(total.bytes, size);
        QCOMPARE(total.expired, model->expired);
        QCOMPARE(total.labels.size(), qsizetype(labels.size()));
        for (const auto &label : total.labels)
            QCOMPARE(label.entries, labels[label.label.toUtf8()]);
        entries += total.entries;
        bytes += size;
    }
    QCOMPARE(m_queue->writer->counters().entries.load(), entries);
    QCOMPARE(m_queue->writer->counters().bytes.load(), bytes);
}

QTEST_GUILESS_MAIN(TestQueueModel)
#include "tst_queuemodel.moc"
