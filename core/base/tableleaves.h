// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QFile>
#include <QtCore/QString>
#include <QtCore/QVariant>

#include <functional>
#include <optional>

namespace restante::base
{

/// Reads the rows of a table if they lie in the file of an SQLite database: behind a damaged root or inner page
/// SQLite finds none of them, although all of their own pages are sound. Which pages are the table's, and which the
/// rest of a large row lies on, the pointer map tells that a file with auto_vacuum has; so nothing that was deleted
/// comes back. Reads the file alone, in which nothing is missing that the log would have. Any thread.
///
/// It keeps the file open and must outlive this process's SQLite connections to it: at the close of any descriptor
/// POSIX drops all locks that the process has on a file, and another process could then end the log that is in use.
class TableLeaves
{
public:
    /// Whether the row with this key is wanted; others are not read.
    using Wants = std::function<bool(qint64 key)>;
    /// A row. An INTEGER PRIMARY KEY stands in the columns as NULL.
    using Take = std::function<Result<void>(qint64 key, const QVariantList &columns)>;

    explicit TableLeaves(const QString &file);
    Q_DISABLE_COPY_MOVE(TableLeaves)

    /// What could not be read.
    struct Missed {
        qint64 pages = 0;   ///< with rows; or of which nothing tells what they are
        QList<qint64> keys; ///< of wanted rows on other pages

        bool isNothing() const { return pages == 0 && keys.isEmpty(); }
    };

    /// Goes over the rows of the table with page `root`, in no order. Errors of `take`; Io if the file cannot be read,
    /// or has no pointer map.
    Result<Missed> read(quint32 root, const Wants &wants, const Take &take);

private:
    enum class Kind : quint8 { Unknown, Root, Free, FirstOverflow, FurtherOverflow, BelowAnother };
    struct MapEntry {
        Kind kind = Kind::Unknown;
        quint32 parent = 0;
    };

    Result<void> readHeader();
    QByteArray page(quint32 number);
    quint32 mapOf(quint32 number) const;
    MapEntry mapEntry(quint32 number);
    bool isBelow(quint32 number, quint32 root);
    Result<void> takeRows(quint32 number, const QByteArray &leaf, const Wants &wants, const Take &take, Missed &missed);
    std::optional<QByteArray> payload(quint32 number, const QByteArray &leaf, qsizetype at, quint64 size);

    QFile m_file;
    qint64 m_pageBytes = 0;
    qint64 m_usable = 0; ///< of each page
    quint32 m_pages = 0;
    quint32 m_mapNumber = 0;
    QByteArray m_map; ///< that page of the pointer map
};

} // namespace restante::base
