// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "damage.h"
#include "meddler.h"
#include "queuefixture.h"

#include "base/clock.h"
#include "base/database.h"
#include "base/sqlstatement.h"

namespace restante::test
{

inline queue::StoreRequest large(const QByteArray &content, const QByteArray &origin = "a.example",
                                 const QByteArray &destination = "b.example")
{
    constexpr int largeBody = 80'000; // some pages of the database
    auto request = letter(content, origin, destination);
    request.pdus = "[" + QByteArray("<" + content + ">").repeated(largeBody / (content.size() + 2)) + "]";
    return request;
}

/// A queue of large entries named in `contents`, of which "broken" has been damaged while the program was not running.
struct DamagedQueue : QueueFixture {
    /// `origin`: of the broken one.
    bool fill(const QByteArrayList &contents, Damage damage, const QByteArray &origin = "a.example")
    {
        if (!open().ok())
            return false;
        for (const QByteArray &content : contents) {
            auto stored = store(large(content, content == "broken" ? origin : "a.example"));
            if (!stored)
                return false;
            ids.insert(content, stored->id);
        }
        close();
        return damageRow(file(), "<broken>", damage, &before) > 0 && open().ok();
    }
    /// The damaged pages read as before, for a program that runs as well.
    bool mend()
    {
        // What somebody else changed makes every connection read anew.
        return repair(file(), before) &&
               Meddler(folder()).run(QStringLiteral("INSERT INTO meta (name, number) VALUES ('probe', 1)"));
    }
    QString file() const { return folder() + QStringLiteral("/queue.sqlite"); }
    qint64 quarantined()
    {
        auto totals = inspector->totals();
        return totals ? totals->quarantined : -1;
    }
    /// In the table of entries, whatever counts.
    int rows()
    {
        base::ConnectionOptions options;
        options.database = file();
        options.readOnly = true;
        const auto database = base::Database::open(options);
        base::SqlStatement count(**database, QStringLiteral("SELECT COUNT(*) FROM entries"));
        return count.run() && count.next() ? int(count.integer(0)) : -1;
    }
    void passDays(int days)
    {
        clock.advance(days * base::DayMs);
        maintain();
    }
    QHash<QByteArray, matrix::EntryId> ids;
    Pages before; ///< the damage
};

} // namespace restante::test
