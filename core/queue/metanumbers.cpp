// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/metanumbers.h"

namespace restante::queue
{

MetaNumbers::MetaNumbers(base::Database &database)
    : m_read(database, QStringLiteral("SELECT number FROM meta WHERE name = ?"))
    , m_write(database, QStringLiteral("INSERT INTO meta (name, number) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET "
                                       "number = excluded.number"))
{
}

Result<qint64> MetaNumbers::read(const QString &name)
{
    if (auto done = m_read.run(name); !done)
        return done.error();
    const base::SqlRows rows(m_read);
    if (m_read.next())
        return m_read.integer(0);
    if (auto failed = m_read.failure(); !failed)
        return failed.error();
    return qint64(0);
}

Result<void> MetaNumbers::write(const QString &name, qint64 number)
{
    return m_write.run(name, number);
}

} // namespace restante::queue
