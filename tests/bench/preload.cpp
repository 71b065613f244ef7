// SPDX-License-Identifier: GPL-3.0-or-later
#include "preload.h"

#include "base/clock.h"
#include "queue/reader.h"
#include "queue/writer.h"
#include "traffic.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QEventLoop>

#include <sodium.h>

#include <optional>

namespace restante::bench
{

namespace
{

constexpr qint64 Window = 4'000; // stores that wait at the same time

queue::Policy generousPolicy()
{
    queue::Policy policy;
    policy.quotas.destinationEntries = 1'000'000'000;
    policy.quotas.destinationBytes = qint64(1) << 50;
    policy.quotas.originEntries = 1'000'000'000;
    policy.quotas.originBytes = qint64(1) << 50;
    policy.quotas.totalEntries = 1'000'000'000;
    policy.quotas.totalBytes = qint64(1) << 50;
    policy.quotas.unservedDestinations = 100'000;
    return policy;
}

// Hands entries to the writer, never more than Window at once, and ends the loop when all are there or one failed.
class Filling
{
public:
    Filling(queue::Client &client, const HeldShape &shape, QEventLoop &loop)
        : m_client(client)
        , m_shape(shape)
        , m_loop(loop)
        , m_destinations(makePeers("held destination", shape.destinations))
        , m_origins(makePeers("held origin", shape.origins))
    {
    }

    void start() { feed(); }
    const std::optional<Error> &failure() const { return m_failure; }

private:
    void feed()
    {
        while (!m_failure && m_given < m_shape.entries && m_given - m_stored < Window) {
            m_client.store(entry(m_given++), [this](const Result<queue::Stored> &stored) { onStored(stored); });
        }
    }

    void onStored(const Result<queue::Stored> &stored)
    {
        ++m_stored;
        if (!stored && !m_failure)
            m_failure = stored.error();
        if (m_failure || m_stored == m_shape.entries)
            m_loop.quit();
        else
            feed();
    }

    queue::StoreRequest entry(qint64 number) const
    {
        const Peer &origin = m_origins[size_t(number) % m_origins.size()];
        queue::StoreRequest request;
        request.destination = m_destinations[size_t(number) % m_destinations.size()].name();
        request.origin = origin.name();
        request.txnId = "held" + QByteArray::number(number);
        request.userLabel = QByteArrayLiteral("user");
        crypto_generichash(request.digest.data(), request.digest.size(),
                           reinterpret_cast<const unsigned char *>(request.txnId.constData()),
                           size_t(request.txnId.size()), nullptr, 0);
        request.pdus = transactionPdus(origin.name(), {1, m_shape.bytes}, quint64(number));
        request.edus = QByteArrayLiteral("[]");
        request.pduCount = 1;
        request.originServerTs = 1'700'000'000'000 + number;
        request.addressKey = "held" + QByteArray::number(number % m_shape.origins);
        return request;
    }

    queue::Client &m_client;
    const HeldShape &m_shape;
    QEventLoop &m_loop;
    std::vector<Peer> m_destinations;
    std::vector<Peer> m_origins;
    qint64 m_given = 0;
    qint64 m_stored = 0;
    std::optional<Error> m_failure;
};

} // namespace

Result<double> preload(const QString &folder, const HeldShape &shape)
{
    QElapsedTimer timer;
    timer.start();
    const base::SystemClock clock;
    auto writer =
        queue::Writer::open({folder}, generousPolicy(), clock, {[] {}, [](const queue::QueueHealth &) {}, [] {}});
    if (!writer)
        return writer.error();
    if (shape.entries > 0) {
        queue::Client client(**writer);
        QEventLoop loop;
        Filling filling(client, shape, loop);
        filling.start();
        loop.exec();
        if (filling.failure())
            return *filling.failure();
    }
    // The writer's word is not taken for it: what is held is read back.
    const auto totals = queue::Inspector(**writer).totals();
    if (!totals)
        return totals.error();
    if (totals->entries != shape.entries)
        return {Errc::Internal, QStringLiteral("%1 entries are held, not %2").arg(totals->entries).arg(shape.entries)};
    writer->reset();
    return double(timer.nsecsElapsed()) / 1e9;
}

} // namespace restante::bench
