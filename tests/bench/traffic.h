// SPDX-License-Identifier: GPL-3.0-or-later
// The two kinds of traffic that are measured.
#pragma once

#include "loadgenerator.h"
#include "peer.h"

namespace restante::bench
{

/// What a transaction of the load looks like.
struct TransactionShape {
    int pdus = 1;
    int pduBytes = 768; ///< of each PDU, about
};

/// The PDUs of a transaction as a JSON array, in canonical form.
QByteArray transactionPdus(const matrix::ServerName &origin, const TransactionShape &shape, quint64 number);
/// The body of a transaction, in canonical form. No two with different numbers have the same content.
QByteArray transactionBody(const matrix::ServerName &origin, const TransactionShape &shape, quint64 number);

/// Of the transaction with that number: its id, and its path under /send.
QByteArray transactionId(quint64 number);
QByteArray sendTarget(quint64 number);

/// Leaving mail: send_relay requests that were rendered and signed beforehand. The same requests can be sent to several
/// servers of the same name, one after the other.
class StoreTraffic final : public Traffic
{
public:
    /// Renders `count` requests: senders and destinations in turn, contents numbered from `firstNumber`.
    StoreTraffic(const matrix::ServerName &relay, const std::vector<Peer> &senders,
                 const std::vector<Peer> &destinations, const TransactionShape &shape, qint64 count,
                 quint64 firstNumber);

    /// Starts again at the first request.
    void rewind() { m_next = 0; }
    std::optional<QByteArrayView> next(int connection) override;
    void answered(int connection, QByteArrayView body) override;

private:
    std::vector<QByteArray> m_requests;
    size_t m_next = 0;
};

/// Homeservers that send to another one directly: senders in turn, signed beforehand.
class SendTraffic final : public Traffic
{
public:
    SendTraffic(const matrix::ServerName &destination, const std::vector<Peer> &senders, const TransactionShape &shape,
                qint64 count, quint64 firstNumber);

    std::optional<QByteArrayView> next(int connection) override;
    void answered(int connection, QByteArrayView body) override;

private:
    std::vector<QByteArray> m_requests;
    size_t m_next = 0;
};

/// A homeserver that sends through its node listener: transactions for one destination, signed beforehand, over the
/// absolute-form of a proxy.
class OutboxTraffic final : public Traffic
{
public:
    OutboxTraffic(const QByteArray &secret, const Peer &sender, const matrix::ServerName &destination,
                  const TransactionShape &shape, qint64 count, quint64 firstNumber);

    std::optional<QByteArrayView> next(int connection) override;
    void answered(int connection, QByteArrayView body) override;

private:
    std::vector<QByteArray> m_requests;
    size_t m_next = 0;
};

/// Collecting mail: a relay_txn loop for each destination, one a connection, signed as it goes: acknowledge, get the
/// next. The bare server's empty answers count as an entry each, so that it gets requests of the same kind.
class CollectTraffic final : public Traffic
{
public:
    enum class Ends { WithTheFirstQueue, WhenAllAreEmpty };

    CollectTraffic(const matrix::ServerName &relay, const std::vector<Peer> &destinations, Ends ends);

    std::optional<QByteArrayView> next(int connection) override;
    void answered(int connection, QByteArrayView body) override;

    /// Entries that were handed out and then acknowledged.
    qint64 acknowledged() const { return m_acknowledged; }
    /// All queues have been seen empty.
    bool drained() const { return m_empty == m_loops.size(); }

private:
    struct Loop {
        QByteArray target;
        QByteArray request;
        qint64 entryId = 0;
        bool empty = false;
    };

    const matrix::ServerName &m_relay;
    const std::vector<Peer> &m_destinations;
    std::vector<Loop> m_loops;
    Ends m_ends;
    qint64 m_acknowledged = 0;
    size_t m_empty = 0;
};

} // namespace restante::bench
