// SPDX-License-Identifier: GPL-3.0-or-later
// How restantectl writes values for people. Names are never shortened: they are copied into the next command.
#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace restante::ctl
{

/// Binary units: "900 B", "1.5 KiB".
QString sizeText(qint64 bytes);
/// Local time as ISO 8601 writes it, to the second; "never" for 0.
QString timeText(qint64 momentMs);
/// "yes" or "no".
QString yesNo(bool value);
/// The same of one member of an answer; 0 if it is missing.
QString numberText(const QJsonObject &object, QLatin1String key);
QString sizeText(const QJsonObject &object, QLatin1String key);
QString timeText(const QJsonObject &object, QLatin1String key);
/// The same, with `none` in the place of "never" if there is no such time: what no restart remembers, or nobody said.
QString timeText(const QJsonObject &object, QLatin1String key, const QString &none);

/// Aligned columns under their titles. Cells may hold anything; they are made printable.
class Table
{
public:
    enum class Align { Left, Right };
    struct Column {
        QString title;
        Align align = Align::Left;
    };

    explicit Table(QList<Column> columns)
        : m_columns(std::move(columns))
    {
    }
    /// As many cells as there are columns; empty ones are shown as "-".
    void add(const QStringList &cells);
    /// The titles and rows, with line feeds; only `none` and a line feed if there is no row.
    QString text(const QString &none) const;

private:
    QString lineOf(const QStringList &cells, const QList<qsizetype> &widths) const;

    QList<Column> m_columns;
    QList<QStringList> m_rows;
};

/// Lines of "name: value", the values aligned.
class Facts
{
public:
    void add(const QString &name, const QString &value);
    QString text() const;

private:
    QList<QStringList> m_rows;
};

} // namespace restante::ctl
