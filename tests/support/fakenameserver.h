// SPDX-License-Identifier: GPL-3.0-or-later
// A name server on loopback that says what a test told it, or nothing at all.
#pragma once

#include <QtCore/QHash>
#include <QtCore/QtEndian>
#include <QtNetwork/QHostAddress>
#include <QtNetwork/QNetworkDatagram>
#include <QtNetwork/QNetworkProxy>
#include <QtNetwork/QUdpSocket>

namespace restante::test
{

class FakeNameServer
{
public:
    enum Code { NoError = 0, FormatError = 1, ServerFailure = 2, NoSuchName = 3, NotImplemented = 4, Refused = 5 };

    FakeNameServer()
    {
        m_socket.setProxy(QNetworkProxy::NoProxy);
        QObject::connect(&m_socket, &QUdpSocket::readyRead, &m_socket, [this] { read(); });
    }
    bool listen() { return m_socket.bind(QHostAddress::LocalHost); }
    /// As DnsLookup takes it.
    QByteArray place() const { return "127.0.0.1:" + QByteArray::number(m_socket.localPort()); }

    void addService(const QByteArray &name, const QByteArray &target, quint16 port, quint32 ttl, quint16 priority = 0,
                    quint16 weight = 0)
    {
        constexpr quint16 srv = 33;
        add(name, srv, ttl, number(priority) + number(weight) + number(port) + encoded(target));
    }
    /// A record that is too short.
    void addBrokenService(const QByteArray &name)
    {
        constexpr quint16 srv = 33;
        constexpr quint32 ttl = 60;
        add(name, srv, ttl, number(quint32(0)));
    }
    void addAddress(const QByteArray &name, const QHostAddress &address)
    {
        constexpr quint16 a = 1;
        constexpr quint16 aaaa = 28;
        constexpr quint32 ttl = 60;
        if (address.protocol() == QAbstractSocket::IPv4Protocol) {
            add(name, a, ttl, number(address.toIPv4Address()));
        } else {
            const Q_IPV6ADDR bytes = address.toIPv6Address();
            add(name, aaaa, ttl, QByteArray(reinterpret_cast<const char *>(&bytes), sizeof bytes));
        }
    }
    /// For names without records: NoError says that there are others of the name.
    void setCode(const QByteArray &name, Code code) { m_codes[name] = code; }
    /// Questions that end like this are never answered.
    QByteArray silent = "silent.test";
    QList<quint16> silentTypes = {}; ///< and of these types
    int asked = 0;
    /// Says nothing to anybody, for now.
    bool mute = false;

private:
    template <typename Number>
    static QByteArray number(Number value)
    {
        const Number big = qToBigEndian(value);
        return {reinterpret_cast<const char *>(&big), sizeof big};
    }
    static QByteArray encoded(const QByteArray &name)
    {
        QByteArray bytes;
        for (const QByteArray &label : name.split('.')) {
            if (!label.isEmpty())
                bytes += char(label.size()) + label;
        }
        return bytes + '\0';
    }
    void add(const QByteArray &name, quint16 type, quint32 ttl, const QByteArray &data)
    {
        constexpr quint16 pointerToQuestion = 0xc00c;
        constexpr quint16 internet = 1;
        m_records[{name, type}].append(number(pointerToQuestion) + number(type) + number(internet) + number(ttl) +
                                       number(quint16(data.size())) + data);
    }
    void read()
    {
        while (m_socket.hasPendingDatagrams()) {
            const QNetworkDatagram datagram = m_socket.receiveDatagram();
            ++asked;
            const QByteArray reply = replyTo(datagram.data());
            if (!mute && !reply.isEmpty())
                m_socket.writeDatagram(datagram.makeReply(reply));
        }
    }
    QByteArray replyTo(const QByteArray &question) const
    {
        constexpr qsizetype headBytes = 12;
        QByteArray name;
        qsizetype at = headBytes;
        while (question.at(at) != 0) {
            const auto length = qsizetype(static_cast<unsigned char>(question.at(at)));
            name += (name.isEmpty() ? "" : ".") + question.mid(at + 1, length);
            at += length + 1;
        }
        const auto type = qFromBigEndian<quint16>(question.constData() + at + 1);
        if (name.endsWith(silent) || silentTypes.contains(type))
            return {};
        const QList<QByteArray> records = m_records.value({name, type});
        constexpr quint16 answer = 0x8180;
        const int code = records.isEmpty() ? m_codes.value(name, NoSuchName) : NoError;
        return question.first(2) + number(quint16(answer | code)) + number(quint16(1)) +
               number(quint16(records.size())) + number(quint32(0)) + question.mid(headBytes, at + 5 - headBytes) +
               records.join();
    }

    QUdpSocket m_socket;
    QHash<std::pair<QByteArray, quint16>, QList<QByteArray>> m_records;
    QHash<QByteArray, Code> m_codes;
};

} // namespace restante::test
