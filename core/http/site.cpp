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

} // namespace restante::http
