// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/sqlstatement.h"

#include <QtCore/QString>

#include <memory>

namespace restante::test
{

/// Another program's connection to the queue's database in `folder`.
class Meddler
{
public:
    explicit Meddler(const QString &folder)
    {
        base::ConnectionOptions options;
        options.database = folder + QStringLiteral("/queue.sqlite");
        options.busyTimeoutMs = 2'000;
        m_database = *base::Database::open(options);
    }
    bool run(const QString &statement) { return m_database->run(statement).ok(); }
    /// From now on `what` (such as DELETE ON entries) fails for rows of which `when` is true.
    bool refuse(const QString &what, const QString &when, const QString &how = QStringLiteral("ABORT"))
    {
        return run(QStringLiteral("CREATE TRIGGER refuse BEFORE %1 WHEN %2 BEGIN SELECT RAISE(%3, 'injected'); END")
                       .arg(what, when, how));
    }
    bool relent() { return run(QStringLiteral("DROP TRIGGER refuse")); }
    /// The first number that `question` gives; -1 if there is none.
    qint64 number(const QString &question)
    {
        base::SqlStatement statement(*m_database, question);
        const bool found = statement.run().ok() && statement.next();
        return found ? statement.integer(0) : -1;
    }
    /// From now on holds a snapshot, for as long as this lives.
    bool reads() { return run(QStringLiteral("BEGIN")) && run(QStringLiteral("SELECT COUNT(*) FROM entries")); }

private:
    std::unique_ptr<base::Database> m_database;
};

} // namespace restante::test
