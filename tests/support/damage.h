// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QFile>
#include <QtCore/QList>
#include <QtCore/QMap>
#include <QtCore/QVariant>
#include <QtSql/QSqlDatabase>
#include <QtSql/QSqlQuery>

namespace restante::test
{

/// Writes rubbish over the middle third of the pages with rows of tables (their first byte says so) of an SQLite
/// database that nobody has open: its schema and what is read at a start stay. False if there are too few of them.
/// `kind`: what the first byte of the pages says; 0x0a for leaves of indexes.
inline bool damageMiddle(const QString &database, char kind = 0x0d)
{
    constexpr qint64 pageBytes = 16'384;
    constexpr qsizetype few = 20;
    QFile file(database);
    if (!file.open(QIODevice::ReadWrite))
        return false;
    QList<qint64> leaves;
    for (qint64 at = pageBytes; at < file.size(); at += pageBytes) {
        if (!file.seek(at))
            return false;
        if (file.read(1) == QByteArray(1, kind))
            leaves.append(at);
    }
    bool done = leaves.size() > few;
    for (const qint64 at : leaves.mid(leaves.size() / 3, leaves.size() / 3))
        done = done && file.seek(at) && file.write(QByteArray(pageBytes, '\xa5')) == pageBytes;
    return done;
}

/// Which pages of a row are damaged.
enum class Damage {
    Body, ///< those that only the rest of a large body lies on: its figures can still be read, the row not deleted
    Page, ///< the page of the table that the row begins on, with all that is on it
};

/// Pages by where they are in the file.
using Pages = QMap<qint64, QByteArray>;

/// Writes them where they were.
inline bool repair(const QString &database, const Pages &pages)
{
    QFile file(database);
    bool done = file.open(QIODevice::ReadWrite);
    for (auto page = pages.cbegin(); page != pages.cend(); ++page)
        done = done && file.seek(page.key()) && file.write(page.value()) == page.value().size();
    return done && file.flush();
}

/// Writes rubbish over the pages of an SQLite database that nobody has open, as far as they are of the kind and
/// `marker` stands on them. The value is how many; `before` gets what they were.
inline int damageRow(const QString &database, const QByteArray &marker, Damage damage, Pages *before = nullptr)
{
    constexpr qint64 pageBytes = 16'384;
    constexpr char leafOfTable = 0x0d;
    constexpr char restOfRow = 0; // the first byte of the next page's number, in a small database
    QFile file(database);
    if (!file.open(QIODevice::ReadWrite))
        return 0;
    int damaged = 0;
    for (qint64 at = pageBytes; at < file.size(); at += pageBytes) {
        if (!file.seek(at))
            return 0;
        const QByteArray page = file.read(pageBytes);
        if (!page.contains(marker) || page.at(0) != (damage == Damage::Body ? restOfRow : leafOfTable))
            continue;
        if (before)
            before->insert(at, page);
        if (!file.seek(at) || file.write(QByteArray(pageBytes, '\xa5')) != pageBytes)
            return 0;
        ++damaged;
    }
    return damaged;
}

/// Which page of a tree.
enum class Leaf {
    First,
    Middle,
    Last,
    Root,       ///< of a small tree the only leaf, too
    FirstInner, ///< of a tree with a root above others that lead to leaves
};

/// The size of the pages of an SQLite database; 0 if there is none.
inline qint64 pageBytesOf(const QString &database)
{
    QFile file(database);
    const QByteArray head = file.open(QIODevice::ReadOnly) ? file.read(18) : QByteArray();
    return head.size() == 18 ? quint8(head.at(16)) << 8 | quint8(head.at(17)) : 0;
}

/// The number of a tree's root in an SQLite database; 0 if there is none. A copy of its file can be read as well.
inline qint64 rootOf(const QString &database, const QByteArray &tree)
{
    qint64 number = 0;
    {
        auto connection = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("rootOf"));
        connection.setDatabaseName(database);
        if (connection.open()) {
            QSqlQuery query(connection);
            if (query.exec(QStringLiteral("SELECT rootpage FROM sqlite_schema WHERE name = '%1'")
                               .arg(QString::fromLatin1(tree))) &&
                query.next())
                number = query.value(0).toLongLong();
        }
    }
    QSqlDatabase::removeDatabase(QStringLiteral("rootOf"));
    return number;
}

/// The number of a page of a tree (of a table or index) whose root is `page`; 0 if it cannot be found.
inline qint64 leafOf(QFile &file, qint64 page, Leaf which)
{
    const qint64 pageBytes = pageBytesOf(file.fileName());
    const auto number = [](const QByteArray &bytes, qsizetype at, qsizetype size) {
        qint64 value = 0;
        for (qsizetype i = at; i < at + size; ++i)
            value = value << 8 | quint8(bytes.at(i));
        return value;
    };
    while (page > 0 && which != Leaf::Root) {
        if (!file.seek((page - 1) * pageBytes))
            return 0;
        const QByteArray bytes = file.read(pageBytes);
        if (bytes.size() != pageBytes)
            return 0;
        if (bytes.at(0) != 0x05 && bytes.at(0) != 0x02) // has no pages below it
            return page;
        const qint64 cells = number(bytes, 3, 2);
        const qint64 cell = which == Leaf::First || which == Leaf::FirstInner ? 0 : cells / 2;
        const bool rightmost = which == Leaf::Last || cells == 0;
        page = number(bytes, rightmost ? 8 : number(bytes, 12 + 2 * cell, 2), 4);
        if (which == Leaf::FirstInner)
            return page;
    }
    return page;
}

/// The number of a page of a tree; 0 if there is none.
inline qint64 pageOf(const QString &database, const QByteArray &tree, Leaf which)
{
    QFile file(database);
    const qint64 root = rootOf(database, tree);
    return root > 1 && file.open(QIODevice::ReadOnly) ? leafOf(file, root, which) : 0;
}

/// Writes rubbish over a page of a tree of an SQLite database. A program that has the database open meets it, too, once
/// nothing of it stands in the log and the page is not cached.
inline bool damageTree(const QString &database, const QByteArray &tree, Leaf which)
{
    constexpr qint64 pageBytes = 16'384;
    QFile file(database);
    const qint64 page = pageOf(database, tree, which);
    return page > 1 && file.open(QIODevice::ReadWrite) && file.seek((page - 1) * pageBytes) &&
           file.write(QByteArray(pageBytes, '\xa5')) == pageBytes;
}

/// Exchanges the root page of a table of an SQLite database that nobody has open for `page`; an empty one stands for
/// rubbish. `page` is what was there then.
inline bool swapRoot(const QString &database, const QByteArray &table, QByteArray &page)
{
    constexpr qint64 pageBytes = 16'384;
    const qint64 number = rootOf(database, table);
    QFile file(database);
    if (number < 2 || !file.open(QIODevice::ReadWrite) || !file.seek((number - 1) * pageBytes))
        return false;
    const QByteArray before = file.read(pageBytes);
    const QByteArray after = page.isEmpty() ? QByteArray(pageBytes, '\xa5') : page;
    page = before;
    return before.size() == pageBytes && file.seek((number - 1) * pageBytes) && file.write(after) == pageBytes;
}

} // namespace restante::test
