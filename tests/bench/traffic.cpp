// SPDX-License-Identifier: GPL-3.0-or-later
#include "traffic.h"

#include <charconv>

namespace restante::bench
{

namespace
{

// Text that compresses like nothing in particular: the digits of a multiplicative sequence in base 36.
QByteArray filler(quint64 seed, qsizetype size)
{
    constexpr char Digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    QByteArray text(size, Qt::Uninitialized);
    quint64 state = seed * 2862933555777941757ULL + 3037000493ULL;
    for (char &digit : text) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        digit = Digits[(state >> 33) % 36];
    }
    return text;
}

QByteArray pdu(const matrix::ServerName &origin, quint64 number, int index, int bytes)
{
    const quint64 unique = number * 64 + quint64(index);
    QByteArray text = R"({"auth_events":["$)" + filler(unique, 43) + R"("],"content":{"body":")";
    QByteArray rest = R"(","msgtype":"m.text"},"depth":)" + QByteArray::number(unique) + R"(,"hashes":{"sha256":")" +
                      filler(unique + 1, 43) + R"("},"origin":")" + origin.bytes() +
                      R"(","origin_server_ts":1700000000000,"prev_events":["$)" + filler(unique + 2, 43) +
                      R"("],"room_id":"!bench:)" + origin.bytes().first(12) + R"(","sender":"@user:)" + origin.bytes() +
                      R"(","type":"m.room.message"})";
    const qsizetype body = std::max<qsizetype>(1, bytes - text.size() - rest.size());
    return text + filler(unique + 3, body) + rest;
}

} // namespace

QByteArray transactionPdus(const matrix::ServerName &origin, const TransactionShape &shape, quint64 number)
{
    QByteArray array;
    array.reserve(2 + qsizetype(shape.pdus) * (shape.pduBytes + 8));
    array.append('[');
    for (int i = 0; i < shape.pdus; ++i) {
        if (i > 0)
            array.append(',');
        array.append(pdu(origin, number, i, shape.pduBytes));
    }
    return array.append(']');
}

QByteArray transactionBody(const matrix::ServerName &origin, const TransactionShape &shape, quint64 number)
{
    QByteArray body;
    body.append(R"({"edus":[],"origin":")").append(origin.bytes());
    body.append(R"(","origin_server_ts":)").append(QByteArray::number(1'700'000'000'000ULL + number));
    body.append(R"(,"pdus":)").append(transactionPdus(origin, shape, number));
    return body.append('}');
}

QByteArray transactionId(quint64 number)
{
    return "bench" + QByteArray::number(number);
}

QByteArray sendTarget(quint64 number)
{
    return "/_matrix/federation/v1/send/" + transactionId(number);
}

StoreTraffic::StoreTraffic(const matrix::ServerName &relay, const std::vector<Peer> &senders,
                           const std::vector<Peer> &destinations, const TransactionShape &shape, qint64 count,
                           quint64 firstNumber)
{
    m_requests.reserve(size_t(count));
    for (qint64 i = 0; i < count; ++i) {
        const quint64 number = firstNumber + quint64(i);
        const Peer &sender = senders[number % senders.size()];
        const Peer &destination = destinations[number % destinations.size()];
        const QByteArray target =
            "/_matrix/federation/v1/send_relay/" + transactionId(number) + "/@user:" + destination.name().bytes();
        m_requests.push_back(sender.request("PUT", target, relay, transactionBody(sender.name(), shape, number)));
    }
}

std::optional<QByteArrayView> StoreTraffic::next(int)
{
    if (m_next == m_requests.size())
        return std::nullopt;
    return m_requests[m_next++];
}

void StoreTraffic::answered(int, QByteArrayView) {}

SendTraffic::SendTraffic(const matrix::ServerName &destination, const std::vector<Peer> &senders,
                         const TransactionShape &shape, qint64 count, quint64 firstNumber)
{
    m_requests.reserve(size_t(count));
    for (qint64 i = 0; i < count; ++i) {
        const quint64 number = firstNumber + quint64(i);
        const Peer &sender = senders[number % senders.size()];
        m_requests.push_back(
            sender.request("PUT", sendTarget(number), destination, transactionBody(sender.name(), shape, number)));
    }
}

std::optional<QByteArrayView> SendTraffic::next(int)
{
    if (m_next == m_requests.size())
        return std::nullopt;
    return m_requests[m_next++];
}

void SendTraffic::answered(int, QByteArrayView) {}

OutboxTraffic::OutboxTraffic(const QByteArray &secret, const Peer &sender, const matrix::ServerName &destination,
                             const TransactionShape &shape, qint64 count, quint64 firstNumber)
{
    m_requests.reserve(size_t(count));
    for (qint64 i = 0; i < count; ++i) {
        const quint64 number = firstNumber + quint64(i);
        const QByteArray target = sendTarget(number);
        QByteArray request = sender.request("PUT", target, destination, transactionBody(sender.name(), shape, number));
        request.replace(request.indexOf(target), target.size(), "matrix-federation://" + destination.bytes() + target);
        request.insert(request.indexOf("\r\n") + 2, "Proxy-Authorization: Bearer " + secret + "\r\n");
        m_requests.push_back(std::move(request));
    }
}

std::optional<QByteArrayView> OutboxTraffic::next(int)
{
    if (m_next == m_requests.size())
        return std::nullopt;
    return m_requests[m_next++];
}

void OutboxTraffic::answered(int, QByteArrayView) {}

CollectTraffic::CollectTraffic(const matrix::ServerName &relay, const std::vector<Peer> &destinations, Ends ends)
    : m_relay(relay)
    , m_destinations(destinations)
    , m_loops(destinations.size())
    , m_ends(ends)
{
    for (size_t i = 0; i < m_loops.size(); ++i)
        m_loops[i].target = "/_matrix/federation/v1/relay_txn/@user:" + destinations[i].name().bytes();
}

std::optional<QByteArrayView> CollectTraffic::next(int connection)
{
    Loop &loop = m_loops[size_t(connection)];
    if (loop.empty || (m_ends == Ends::WithTheFirstQueue && m_empty > 0))
        return std::nullopt;
    const QByteArray body = R"({"entry_id":)" + QByteArray::number(loop.entryId) + '}';
    loop.request = m_destinations[size_t(connection)].request("GET", loop.target, m_relay, body);
    return loop.request;
}

void CollectTraffic::answered(int connection, QByteArrayView body)
{
    Loop &loop = m_loops[size_t(connection)];
    if (loop.entryId > 0)
        ++m_acknowledged;
    if (body == "{}") {
        ++loop.entryId;
        return;
    }
    // The relay's own members come after the transaction.
    constexpr QByteArrayView Member = "\"entry_id\":";
    const qsizetype at = body.lastIndexOf(Member);
    loop.entryId = 0;
    if (at >= 0)
        std::from_chars(body.data() + at + Member.size(), body.data() + body.size(), loop.entryId);
    if (loop.entryId == 0) {
        loop.empty = true;
        ++m_empty;
    }
}

} // namespace restante::bench
