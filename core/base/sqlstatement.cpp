// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/sqlstatement.h"

#include <QtSql/QSqlError>

namespace restante::base
{

using namespace Qt::Literals::StringLiterals;

Result<void> SqlStatement::prepare()
{
    if (m_query)
        return {};
    QSqlQuery query(m_database.connection());
    query.setForwardOnly(true);
    m_parameters.clear();
    QString text = m_text;
    for (qsizetype at = text.indexOf(u'?'); at >= 0; at = text.indexOf(u'?', at)) {
        m_parameters.append(u":p%1"_s.arg(m_parameters.size()));
        text.replace(at, 1, m_parameters.last());
    }
    if (!query.prepare(text))
        return m_database.translate(query.lastError());
    m_query.emplace(std::move(query));
    return {};
}

Result<void> SqlStatement::execute()
{
    m_database.readAnew();
    if (m_query->exec())
        return {};
    auto error = m_database.translate(m_query->lastError());
    m_query->finish();
    return error;
}

Result<void> SqlStatement::runWith(const QVariantList &values)
{
    if (auto ready = prepare(); !ready)
        return ready;
    qsizetype position = 0;
    for (const QVariant &value : values) {
        const bool isBytes = value.metaType() == QMetaType::fromType<QByteArray>();
        m_query->bindValue(m_parameters.value(position++), isBytes ? QVariant(present(value.toByteArray())) : value);
    }
    return execute();
}

Result<void> SqlStatement::failure() const
{
    if (!m_query->lastError().isValid())
        return {};
    return m_database.translate(m_query->lastError());
}

Result<bool> isTrue(Database &database, const QString &question)
{
    SqlStatement statement(database, question);
    if (auto done = statement.run(); !done)
        return done.error();
    const SqlRows rows(statement);
    if (statement.next())
        return statement.integer(0) != 0;
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return false;
}

Result<QStringList> textsOf(Database &database, const QString &question)
{
    SqlStatement statement(database, question);
    if (auto done = statement.run(); !done)
        return done.error();
    const SqlRows rows(statement);
    QStringList texts;
    while (statement.next())
        texts << statement.value(0).toString();
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return texts;
}

} // namespace restante::base
