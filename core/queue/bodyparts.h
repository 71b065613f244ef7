// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/sqlstatement.h"
#include "queue/types.h"

#include <QtCore/QList>
#include <QtCore/QString>

namespace restante::queue
{

/// How much of a large body has been put into the database.
struct PartsSoFar {
    qint64 body = 0; ///< its number; 0 if nothing has
    qint64 count = 0;
    qint64 bytes = 0;
};

/// The bodies of large entries, in the table `parts`: each part comes in a transaction of its own, and others' stores
/// in between. Until the entry has its row, a mark in `meta` tells that the parts belong to nothing yet. Writer's
/// thread; but for `isLarge` inside a transaction of the caller's. Errors as SqlStatement::run.
class BodyParts
{
public:
    /// Of one part, at most. To write it takes some milliseconds, on a slow disk too.
    static constexpr qint64 PartBytes = qint64(1) << 20;
    static constexpr qint64 NumbersOfABody = 65'536;
    /// The name of a mark is this and the number of the body.
    static constexpr QLatin1String Mark{"unfinished_body:"};

    explicit BodyParts(base::Database &database);
    Q_DISABLE_COPY_MOVE(BodyParts)

    /// Whether the body is stored in parts.
    static bool isLarge(const StoreRequest &request);
    /// Whether all of the body has been put in.
    static bool isWhole(const StoreRequest &request, const PartsSoFar &parts);

    /// A new body, with its mark. `body`: as the schema says.
    Result<void> begin(qint64 body);
    /// Puts the next part in.
    Result<void> put(const StoreRequest &request, PartsSoFar &parts);
    /// The entry has its row.
    Result<void> finish(qint64 body);
    /// Deletes the parts, and the mark if there is one.
    Result<void> drop(qint64 body);
    /// The bodies that have a mark.
    Result<QList<qint64>> unfinished();

private:
    base::SqlStatement m_mark;
    base::SqlStatement m_unmark;
    base::SqlStatement m_marks;
    base::SqlStatement m_put;
    base::SqlStatement m_drop;
};

/// For statements that read bodies of `entries e`: the PDUs (or EDUs) of any row, NULL if a part of them is missing.
QString wholePdus();
QString wholeEdus();

} // namespace restante::queue
