// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/site.h"

namespace restante::http
{

QList<QByteArray> RequestHead::all(QByteArrayView name) const
{
    QList<QByteArray> values;
    for (const Header &header : headers) {
        if (header.name.compare(name, Qt::CaseInsensitive) == 0)
            values.append(header.value);
    }
    return values;
}

QByteArray RequestHead::value(QByteArrayView name) const
{
    for (const Header &header : headers) {
        if (header.name.compare(name, Qt::CaseInsensitive) == 0)
            return header.value;
    }
    return {};
}

QByteArray addressKey(const QHostAddress &address)
{
    bool mapped = false;
    const quint32 v4 = address.toIPv4Address(&mapped);
    if (mapped) {
        const char bytes[] = {char(v4 >> 24), char(v4 >> 16), char(v4 >> 8), char(v4)};
        return {bytes, sizeof bytes};
    }
    const Q_IPV6ADDR v6 = address.toIPv6Address();
    return {reinterpret_cast<const char *>(v6.c), 8};
}

} // namespace restante::http
