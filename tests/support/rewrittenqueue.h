// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "damagedqueue.h"

#include <QtCore/QDir>

namespace restante::test
{

inline constexpr int Letters = 90; // of about as many pages as a tree with some leaves has
inline const QByteArrayList Owners{"b.example", "c.example", "d.example"};

inline queue::StoreRequest numbered(int number, qsizetype body = 2'000)
{
    auto request = letter("n" + QByteArray::number(number), "o" + QByteArray::number(number % 7) + ".example",
                          Owners.at(number % Owners.size()));
    request.pdus = "[\"" + QByteArray(body, 'x') + "\"]";
    request.addressKey = "address " + QByteArray::number(number % 5);
    return request;
}

/// Three owners' mail: of each the first (or more) was acknowledged, and the last fifteen in all came since the last
/// fold.
struct RewrittenQueue : DamagedQueue {
    RewrittenQueue() { tuning.maintenanceMs = 3'600'000; }
    bool fill()
    {
        if (!open().ok())
            return false;
        int fresh = 0;
        for (int number = 0; number < letters; ++number) {
            if (number == letters - 15)
                maintain();
            client->store(numbered(number, body), [this, number, &fresh](const Result<queue::Stored> &stored) {
                fresh += stored.ok() && stored->fresh;
                ids.insert("n" + QByteArray::number(number), stored.ok() ? stored->id : matrix::EntryId());
            });
        }
        settle();
        for (const matrix::EntryId id : std::as_const(ids))
            highest = std::max(highest, id.value);
        if (fresh != letters)
            return false;
        for (int number = 0; number < acknowledged; ++number)
            client->acknowledge(server(Owners.at(number % Owners.size())), ids.value("n" + QByteArray::number(number)));
        settle();
        return true;
    }
    /// What a kill leaves, all of it in the file.
    bool copyTo(RewrittenQueue &copy)
    {
        for (const auto *name : {"/queue.sqlite", "/queue.sqlite-wal"}) {
            if (!QFile::copy(folder() + QLatin1String(name), copy.folder() + QLatin1String(name)))
                return false;
        }
        copy.ids = ids;
        copy.highest = highest;
        copy.letters = letters;
        copy.body = body;
        copy.acknowledged = acknowledged;
        return Meddler(copy.folder()).run(QStringLiteral("SELECT 1 FROM meta"));
    }
    /// From now on nothing that is cached counts.
    bool readAnew()
    {
        return Meddler(folder()).run(QStringLiteral("INSERT INTO meta (name, number) VALUES ('probe', 1) ON CONFLICT "
                                                    "(name) DO UPDATE SET number = number + 1"));
    }
    bool emptyLog() { return Meddler(folder()).run(QStringLiteral("PRAGMA wal_checkpoint(TRUNCATE)")); }
    QStringList kept() { return QDir(folder()).entryList({QStringLiteral("queue.sqlite.damaged-*")}); }
    /// A store that works, or works when it is sent again.
    Result<queue::Stored> storeAgain(const queue::StoreRequest &request)
    {
        auto stored = store(request);
        clock.advance(3'600'000);
        return stored ? stored : store(request);
    }
    /// What each owner gets, in order; and that it is in the order in which it came.
    QSet<QByteArray> collectAll()
    {
        QSet<QByteArray> all;
        for (const QByteArray &owner : Owners) {
            int last = -1;
            const auto contents = collect(owner);
            for (const QByteArray &content : contents) {
                const int number = content.mid(1).toInt();
                if (number <= last)
                    qWarning("%s after %d", content.constData(), last);
                inOrder = inOrder && number > last;
                last = number;
                all.insert(content);
            }
        }
        return all;
    }
    QSet<QByteArray> expected() const
    {
        QSet<QByteArray> all;
        for (int number = acknowledged; number < letters; ++number)
            all.insert("n" + QByteArray::number(number));
        return all;
    }
    int letters = Letters;
    qsizetype body = 2'000; ///< of each
    int acknowledged = int(Owners.size());
    qint64 highest = 0;
    bool inOrder = true;
};

} // namespace restante::test
