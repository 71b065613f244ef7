// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/openedition.h"

namespace restante::queue
{

Result<std::unique_ptr<base::Database>> openToRead(const Writer &writer, base::ConnectionOptions options,
                                                   quint64 &edition)
{
    const Error busy{Errc::Busy, QStringLiteral("The queue's database is being replaced."), 0};
    edition = writer.edition();
    if (edition % 2 != 0)
        return busy;
    options.database = writer.location().database();
    options.readOnly = true;
    auto database = base::Database::open(options);
    if (writer.edition() != edition) // the file of one may have been opened with the log of the other
        return busy;
    return database;
}

} // namespace restante::queue
