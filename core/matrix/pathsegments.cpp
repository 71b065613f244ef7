// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/pathsegments.h"

namespace restante::matrix
{

namespace
{

int hexValue(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

} // namespace

QList<QByteArrayView> pathSegments(QByteArrayView target)
{
    if (!target.startsWith('/'))
        return {};
    const qsizetype query = target.indexOf('?');
    QByteArrayView rest = (query < 0 ? target : target.first(query)).sliced(1);
    QList<QByteArrayView> segments;
    for (;;) {
        const qsizetype slash = rest.indexOf('/');
        if (slash < 0)
            break;
        segments.append(rest.first(slash));
        rest = rest.sliced(slash + 1);
    }
    segments.append(rest);
    return segments;
}

Result<QByteArray> decodeSegment(QByteArrayView segment)
{
    if (!segment.contains('%'))
        return segment.toByteArray();
    QByteArray decoded;
    decoded.reserve(segment.size());
    for (qsizetype at = 0; at < segment.size(); ++at) {
        if (segment[at] != '%') {
            decoded.append(segment[at]);
            continue;
        }
        const int high = at + 2 < segment.size() ? hexValue(segment[at + 1]) : -1;
        const int low = high < 0 ? -1 : hexValue(segment[at + 2]);
        if (low < 0)
            return {Errc::InvalidParam, QStringLiteral("A path segment is not percent-encoded properly.")};
        decoded.append(static_cast<char>(high * 16 + low));
        at += 2;
    }
    return decoded;
}

} // namespace restante::matrix
