// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/bodyparts.h"

#include <algorithm>

namespace restante::queue
{

namespace
{
constexpr qint64 FirstOfEdus = BodyParts::NumbersOfABody / 2;

QString markOf(qint64 body)
{
    return BodyParts::Mark + QString::number(body);
}

/// `column` of an entry, or its parts from `first` up to `end`. Searching by the key gives them in their order.
QString wholeBody(QLatin1String column, qint64 first, qint64 end)
{
    return QStringLiteral("CASE WHEN e.body IS NULL THEN e.%1 WHEN (SELECT COUNT(*) FROM parts WHERE number >= e.body "
                          "AND number < e.body + %4) = e.parts THEN (SELECT CAST(group_concat(bytes, '') AS BLOB) FROM "
                          "parts WHERE number >= e.body + %2 AND number < e.body + %3) END")
        .arg(column)
        .arg(first)
        .arg(end)
        .arg(BodyParts::NumbersOfABody);
}
} // namespace

QString wholePdus()
{
    return wholeBody(QLatin1String("pdus"), 0, FirstOfEdus);
}

QString wholeEdus()
{
    return wholeBody(QLatin1String("edus"), FirstOfEdus, BodyParts::NumbersOfABody);
}

BodyParts::BodyParts(base::Database &database)
    : m_mark(database, QStringLiteral("INSERT INTO meta (name) VALUES (?)"))
    , m_unmark(database, QStringLiteral("DELETE FROM meta WHERE name = ?"))
    , m_marks(database, QStringLiteral("SELECT name FROM meta WHERE name >= 'unfinished_body:' AND name < "
                                       "'unfinished_body;'"))
    , m_put(database, QStringLiteral("INSERT INTO parts (number, bytes) VALUES (?, ?)"))
    , m_drop(database, QStringLiteral("DELETE FROM parts WHERE number >= ? AND number < ?"))
{
}

bool BodyParts::isLarge(const StoreRequest &request)
{
    return request.pdus.size() + request.edus.size() > PartBytes;
}

bool BodyParts::isWhole(const StoreRequest &request, const PartsSoFar &parts)
{
    return parts.bytes == request.pdus.size() + request.edus.size();
}

Result<void> BodyParts::begin(qint64 body)
{
    return m_mark.run(markOf(body));
}

/// The end of the PDUs and the beginning of the EDUs come together, as rows of their own.
Result<void> BodyParts::put(const StoreRequest &request, PartsSoFar &parts)
{
    const qint64 pdus = request.pdus.size();
    for (qint64 room = PartBytes; room > 0 && !isWhole(request, parts);) {
        const bool isOfEdus = parts.bytes >= pdus;
        const QByteArray &body = isOfEdus ? request.edus : request.pdus;
        const qint64 at = isOfEdus ? parts.bytes - pdus : parts.bytes;
        const qint64 size = std::min(room, body.size() - at);
        const qint64 number = parts.body + (isOfEdus ? FirstOfEdus : 0) + parts.count;
        if (auto done = m_put.run(number, QByteArray::fromRawData(body.constData() + at, size)); !done)
            return done;
        parts.bytes += size;
        ++parts.count;
        room -= size;
    }
    return {};
}

Result<void> BodyParts::finish(qint64 body)
{
    return m_unmark.run(markOf(body));
}

Result<void> BodyParts::drop(qint64 body)
{
    if (auto done = m_drop.run(body, body + NumbersOfABody); !done)
        return done;
    return m_unmark.run(markOf(body));
}

Result<QList<qint64>> BodyParts::unfinished()
{
    if (auto done = m_marks.run(); !done)
        return done.error();
    QList<qint64> bodies;
    const base::SqlRows rows(m_marks);
    while (m_marks.next())
        bodies << m_marks.value(0).toString().mid(Mark.size()).toLongLong();
    if (auto failed = m_marks.failure(); !failed)
        return failed.error();
    return bodies;
}

} // namespace restante::queue
