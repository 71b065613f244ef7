// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/database.h"

#include <QtCore/QStringList>
#include <QtCore/QVariant>
#include <QtSql/QSqlQuery>

#include <optional>

namespace restante::base
{

/// QSQLITE binds a null array as NULL; this one without bytes is still an array.
inline QByteArray present(const QByteArray &bytes)
{
    return bytes.isNull() ? QByteArray("") : bytes;
}

/// A prepared, forward-only statement. Same thread as its Database, and gone before it. Parameters are question marks,
/// bound in their order: qint64 and int become integers, QByteArray a blob (a null one NULL), QString text.
class SqlStatement
{
public:
    /// Prepared at the first use.
    SqlStatement(Database &database, QString text)
        : m_database(database)
        , m_text(std::move(text))
    {
    }
    Q_DISABLE_COPY_MOVE(SqlStatement)

    /// Binds and runs; then `next` steps through the rows. A statement that gives rows stays open until `finish`: hold
    /// a SqlRows for it.
    template <typename... Values>
    Result<void> run(const Values &...values)
    {
        if (auto ready = prepare(); !ready)
            return ready;
        qsizetype position = 0;
        (m_query->bindValue(m_parameters.value(position++), bound(values)), ...);
        return execute();
    }
    /// As `run`, with the values of a row that was read.
    Result<void> runWith(const QVariantList &values);
    /// False after the last row and on failure; `failure` tells them apart.
    bool next() { return m_query->next(); }
    Result<void> failure() const;
    qint64 integer(int column) const { return m_query->value(column).toLongLong(); }
    QByteArray bytes(int column) const { return m_query->value(column).toByteArray(); }
    QVariant value(int column) const { return m_query->value(column); }
    qint64 rowsAffected() const { return m_query->numRowsAffected(); }
    /// Ends the reading: an open statement holds a snapshot, and with it the whole log.
    void finish()
    {
        if (m_query)
            m_query->finish();
    }

private:
    template <typename Value>
    static QVariant bound(const Value &value)
    {
        return QVariant::fromValue(value);
    }
    /// A copy of its own for names and the like: what the query keeps bound would otherwise be shared with other
    /// threads, and the last one to let go of it may be deep inside Qt, where tools that watch threads see nothing.
    static QVariant bound(const QByteArray &value)
    {
        constexpr qsizetype smallBytes = 512;
        const bool copied = !value.isNull() && value.size() <= smallBytes;
        return copied ? QByteArray(value.constData(), value.size()) : value;
    }

    Result<void> prepare();
    Result<void> execute();

    Database &m_database;
    QString m_text;
    std::optional<QSqlQuery> m_query;
    /// The names that the question marks have in it. To bind one by its number, Qt makes a name of the number first,
    /// each time, which costs a third of the whole statement that adds an entry.
    QStringList m_parameters;
};

/// Finishes a statement when it goes out of scope.
class SqlRows
{
public:
    explicit SqlRows(SqlStatement &statement)
        : m_statement(statement)
    {
    }
    ~SqlRows() { m_statement.finish(); }
    Q_DISABLE_COPY_MOVE(SqlRows)

private:
    SqlStatement &m_statement;
};

/// Runs `question`, a SELECT of one number: whether its first row has one other than 0. Errors as SqlStatement::run.
Result<bool> isTrue(Database &database, const QString &question);
/// Runs `question`, a SELECT: the first column of all of its rows. Errors as SqlStatement::run.
Result<QStringList> textsOf(Database &database, const QString &question);

} // namespace restante::base
