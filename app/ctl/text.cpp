// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/text.h"

#include "base/printable.h"

#include <QtCore/QDateTime>

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::ctl
{

QString sizeText(qint64 bytes)
{
    constexpr double unit = 1024;
    if (bytes < qint64(unit))
        return u"%1 B"_s.arg(bytes);
    double size = double(bytes) / unit;
    const QStringList names{u"KiB"_s, u"MiB"_s, u"GiB"_s, u"TiB"_s};
    qsizetype name = 0;
    // What would be written as 1024.0 belongs to the next unit.
    constexpr double next = unit - 0.05;
    for (; size >= next && name + 1 < names.size(); ++name)
        size /= unit;
    return u"%1 %2"_s.arg(size, 0, 'f', 1).arg(names.at(name));
}

QString timeText(qint64 momentMs)
{
    return momentMs == 0 ? u"never"_s : QDateTime::fromMSecsSinceEpoch(momentMs).toString(Qt::ISODate);
}

QString numberText(const QJsonObject &object, QLatin1String key)
{
    return QString::number(object.value(key).toInteger());
}

QString sizeText(const QJsonObject &object, QLatin1String key)
{
    return sizeText(object.value(key).toInteger());
}

QString timeText(const QJsonObject &object, QLatin1String key)
{
    return timeText(object.value(key).toInteger());
}

QString timeText(const QJsonObject &object, QLatin1String key, const QString &none)
{
    return object.value(key).toInteger() == 0 ? none : timeText(object, key);
}

QString yesNo(bool value)
{
    return value ? u"yes"_s : u"no"_s;
}

void Table::add(const QStringList &cells)
{
    QStringList row;
    for (const QString &cell : cells)
        row.append(cell.isEmpty() ? u"-"_s : base::printable(cell));
    m_rows.append(row);
}

QString Table::lineOf(const QStringList &cells, const QList<qsizetype> &widths) const
{
    QString line;
    for (qsizetype i = 0; i < m_columns.size(); ++i) {
        const QString cell = cells.value(i);
        const bool right = m_columns.at(i).align == Align::Right;
        line += (i == 0 ? QString() : u"  "_s) +
                (right ? cell.rightJustified(widths.at(i)) : cell.leftJustified(widths.at(i)));
    }
    while (line.endsWith(u' '))
        line.chop(1);
    return line + u'\n';
}

QString Table::text(const QString &none) const
{
    if (m_rows.isEmpty())
        return none + u'\n';
    QStringList titles;
    QList<qsizetype> widths;
    for (qsizetype i = 0; i < m_columns.size(); ++i) {
        titles.append(m_columns.at(i).title);
        qsizetype width = titles.last().size();
        for (const QStringList &row : m_rows)
            width = std::max(width, row.value(i).size());
        widths.append(width);
    }
    QString text = lineOf(titles, widths);
    for (const QStringList &row : m_rows)
        text += lineOf(row, widths);
    return text;
}

void Facts::add(const QString &name, const QString &value)
{
    m_rows.append({name + u':', base::printable(value)});
}

QString Facts::text() const
{
    qsizetype width = 0;
    for (const QStringList &row : m_rows)
        width = std::max(width, row.first().size());
    QString text;
    for (const QStringList &row : m_rows)
        text += row.first().leftJustified(width + 1) + row.last() + u'\n';
    return text;
}

} // namespace restante::ctl
