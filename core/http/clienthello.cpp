// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/clienthello.h"

namespace restante::http
{

namespace
{

/// Takes numbers and fields off the front of bytes; after one that is not all there, it has nothing any more.
class Fields
{
public:
    explicit Fields(QByteArrayView bytes)
        : m_rest(bytes)
    {
    }
    bool isEmpty() const { return m_rest.isEmpty(); }
    bool failed() const { return m_failed; }

    QByteArrayView take(qsizetype size)
    {
        if (size > m_rest.size()) {
            m_failed = true;
            m_rest = {};
            return {};
        }
        const QByteArrayView taken = m_rest.first(size);
        m_rest = m_rest.sliced(size);
        return taken;
    }
    qsizetype number(int bytes)
    {
        qsizetype value = 0;
        for (const char byte : take(bytes))
            value = value << 8 | uchar(byte);
        return value;
    }
    /// A field with its length, of that many bytes, before it.
    QByteArrayView field(int lengthBytes) { return take(number(lengthBytes)); }

private:
    QByteArrayView m_rest;
    bool m_failed = false;
};

/// Of a whole hello, without the head of its handshake message.
QByteArray hostIn(QByteArrayView hello)
{
    constexpr qsizetype versionAndRandom = 2 + 32;
    constexpr qsizetype serverNameExtension = 0;
    constexpr qsizetype hostNameType = 0;
    Fields fields(hello);
    fields.take(versionAndRandom);
    fields.field(1); // session
    fields.field(2); // ciphers
    fields.field(1); // compressions
    Fields extensions(fields.field(2));
    while (!extensions.isEmpty()) {
        const qsizetype type = extensions.number(2);
        Fields extension(extensions.field(2));
        if (type != serverNameExtension)
            continue;
        Fields names(extension.field(2));
        while (!names.isEmpty()) {
            const qsizetype kind = names.number(1);
            const QByteArrayView name = names.field(2);
            if (kind == hostNameType)
                return name.toByteArray().toLower();
        }
    }
    return {};
}

} // namespace

std::optional<QByteArray> hostAskedFor(QByteArrayView bytes)
{
    constexpr qsizetype handshakeRecord = 22;
    constexpr qsizetype helloMessage = 1;
    // A hello may be spread over records, and a record over packets.
    QByteArray message;
    Fields records(bytes);
    while (!records.isEmpty()) {
        if (records.number(1) != handshakeRecord)
            return QByteArray();
        records.number(2); // version
        const QByteArrayView record = records.field(2);
        if (records.failed())
            break;
        message += record;
        Fields fields(message);
        const qsizetype kind = fields.number(1);
        if (!fields.failed() && kind != helloMessage)
            return QByteArray();
        const QByteArrayView hello = fields.field(3);
        if (!fields.failed())
            return hostIn(hello);
    }
    return bytes.size() < MostHelloBytes ? std::nullopt : std::optional(QByteArray());
}

} // namespace restante::http
