// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/check.h"

#include "base/inputfile.h"
#include "base/integrity.h"
#include "queue/audit.h"
#include "queue/livingcopy.h"

#include <QtCore/QFile>
#include <QtCore/QFileInfo>

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
constexpr int CheckWaitMs = 10'000; // for a program that has a database locked

/// Adds what `found` says; a damage that it could not get past is a fault, too.
Result<void> take(const Result<QStringList> &found, QStringList &faults)
{
    if (!found && found.error().code != Errc::Corrupt)
        return found.error();
    if (!found && !faults.contains(found.error().detail))
        faults << found.error().detail;
    if (found)
        faults += *found;
    return {};
}

/// Tables that a repair put aside keep their damage, and nothing reads them.
Result<QStringList> integrityOf(const QString &file, QStringList &notes)
{
    base::ConnectionOptions options;
    options.database = file;
    options.readOnly = true;
    options.busyTimeoutMs = CheckWaitMs;
    const auto database = base::Database::open(options);
    if (!database)
        return database.error();
    const auto aside = queue::tablesAside(**database);
    if (!aside || aside->isEmpty())
        return base::integrityFaults(**database);
    notes << u"these tables were damaged and have been made anew; what is left of them is not read any more: %1. To be "
             "rid of it, stop the program, put an empty file %2.rewrite into the data folder and start the program "
             "again: "
             "it writes the database anew, for which the disk needs as much free space as the file takes"_s.arg(
                 aside->join(u", "_s), QFileInfo(file).fileName());
    return queue::livingFaults(**database);
}
} // namespace

Result<QList<CheckedFile>> checkFolder(const QString &folder)
{
    QList<CheckedFile> checked;
    for (const QString &name : {u"queue.sqlite"_s, u"node.sqlite"_s}) {
        const QString file = folder + u'/' + name;
        if (!QFile::exists(file))
            continue;
        CheckedFile one{name, {}, {}};
        if (const QString problem = base::notAFile(file); !problem.isEmpty()) {
            one.faults << problem;
        } else {
            if (auto taken = take(integrityOf(file, one.notes), one.faults); !taken)
                return taken.error();
            const bool isQueue = name.startsWith("queue"_L1);
            if (auto taken = isQueue ? take(queue::audit({folder}), one.faults) : Result<void>(); !taken)
                return taken.error();
            if (auto taken = isQueue ? take(queue::damagedEntries({folder}), one.faults) : Result<void>(); !taken)
                return taken.error();
        }
        checked.append(one);
    }
    if (checked.isEmpty())
        return Error{Errc::NotFound, u"There is no database in %1"_s.arg(folder), 0};
    return checked;
}

} // namespace restante::control
