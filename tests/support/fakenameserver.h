// SPDX-License-Identifier: GPL-3.0-or-later
// A name server on loopback that knows SRV records.
#pragma once

#include <QtCore/QHash>
#include <QtCore/QtEndian>
#include <QtNetwork/QNetworkDatagram>
#include <QtNetwork/QNetworkProxy>
#include <QtNetwork/QUdpSocket>

namespace restante::test
{

class FakeNameServer
{
public:
    FakeNameServer()
    {
        m_socket.setProxy(QNetworkProxy::NoProxy); // the system's would be looked for in a thread of another library
        m_socket.bind(QHostAddress::LocalHost, 0);
        QObject::connect(&m_socket, &QUdpSocket::readyRead, &m_socket, [this] {
            while (m_socket.hasPendingDatagrams())
                answer(m_socket.receiveDatagram());
        });
    }

    /// `ADDRESS:PORT`
    QByteArray place() const { return "127.0.0.1:" + QByteArray::number(m_socket.localPort()); }

    /// A record of `name`.
    void add(const QByteArray &name, quint16 priority, quint16 weight, quint16 port, const QByteArray &target,
             quint32 ttl)
    {
        QByteArray data = number(priority) + number(weight) + number(port) + wireName(target);
        m_records[name].append(number(quint32(ttl)) + number(quint16(data.size())) + data);
    }
    /// Names that begin so get no answer at all, and others a code instead of "no such name" (3).
    QByteArray silentPrefix = "dead";
    quint16 code = 3;
    int asked = 0;

private:
    template <typename Integer>
    static QByteArray number(Integer value)
    {
        QByteArray bytes(sizeof value, Qt::Uninitialized);
        qToBigEndian(value, bytes.data());
        return bytes;
    }
    static QByteArray wireName(const QByteArray &name)
    {
        QByteArray wire;
        for (const QByteArray &label : name.split('.'))
            wire += char(label.size()) + label;
        return wire + '\0';
    }
    static QByteArray nameAt(const QByteArray &packet, qsizetype *at)
    {
        QByteArrayList labels;
        while (*at < packet.size() && packet[*at] != 0) {
            labels.append(packet.mid(*at + 1, packet[*at]));
            *at += 1 + packet[*at];
        }
        ++*at;
        return labels.join('.');
    }
    void answer(const QNetworkDatagram &question)
    {
        constexpr qsizetype headBytes = 12;
        constexpr qsizetype typeAndClass = 4;
        ++asked;
        const QByteArray packet = question.data();
        qsizetype at = headBytes;
        const QByteArray name = nameAt(packet, &at);
        if (name.startsWith(silentPrefix))
            return;
        const auto records = m_records.value(name);
        QByteArray reply = packet.first(2) + number(quint16(0x8180 | (records.isEmpty() ? code : 0))) +
                           number(quint16(1)) + number(quint16(records.size())) + number(quint32(0)) +
                           packet.mid(headBytes, at + typeAndClass - headBytes);
        constexpr quint16 sameName = 0xc00c;
        for (const QByteArray &record : records)
            reply += number(sameName) + number(quint16(33)) + number(quint16(1)) + record;
        m_socket.writeDatagram(question.makeReply(reply));
    }

    QUdpSocket m_socket;
    QHash<QByteArray, QByteArrayList> m_records;
};

} // namespace restante::test
