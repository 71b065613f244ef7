// SPDX-License-Identifier: GPL-3.0-or-later
// What travels between a Client and the writer's thread.
#pragma once

#include "base/database.h"
#include "base/mailbox.h"
#include "queue/bodyparts.h"
#include "queue/tail.h"
#include "queue/types.h"

#include <functional>
#include <memory>
#include <mutex>
#include <variant>

namespace restante::queue
{

/// The result of one operation, for the Client that asked.
struct Answer {
    quint64 token = 0;
    std::optional<Error> error;
    Stored stored;
    qint64 count = 0;
};

/// The way back to a Client, which may be gone by then. `box` is only looked at with the mutex held.
struct ClientPort {
    std::mutex mutex;
    base::Mailbox<Answer> *box = nullptr;
};

/// One thing for the writer to do.
struct Operation {
    struct Store {
        StoreRequest request;
        PartsSoFar parts; ///< put in by earlier batches
    };
    struct Acknowledge {
        matrix::ServerName destination;
        Place place;       ///< without arrival if the reader does not know it
        bool sent = false; ///< by this relay; its owner did not collect it
    };
    struct Discard {
        matrix::ServerName destination;
        QList<matrix::EntryId> ids;
        qsizetype done = 0; ///< of the ids, in earlier batches
        qint64 held = 0;    ///< of those, held ones
    };
    struct DiscardAll {
        matrix::ServerName destination;
        matrix::EntryId last; ///< what comes later stays; null until the first batch has looked
        qint64 held = 0;
        matrix::EntryId done = {}; ///< earlier batches have got so far
    };
    struct Quarantine {
        matrix::ServerName destination;
        matrix::EntryId id;
    };
    /// Another room's rows in the same database.
    struct Task {
        std::function<Result<void>(base::Database &)> run;
        bool durable = false; ///< survives a power cut once it is answered
    };
    /// What went wrong for a reader.
    struct Trouble {
        Error error;
        bool stopsReading = false; ///< there is no way around it
    };
    struct SetPolicy {
        Policy policy;
    };
    struct Maintain {
    };
    struct Stop {
    };

    std::variant<Store, Acknowledge, Discard, DiscardAll, Quarantine, Task, Trouble, SetPolicy, Maintain, Stop> what;
    std::shared_ptr<ClientPort> port; ///< null if nobody waits
    quint64 token = 0;
    qint64 cost = 0;        ///< bytes that it keeps in memory while it waits
    bool metDamage = false; ///< a store, which is tried for the second time

    /// Not part of a batch.
    bool isControl() const
    {
        return std::holds_alternative<Trouble>(what) || std::holds_alternative<SetPolicy>(what) ||
               std::holds_alternative<Maintain>(what) || std::holds_alternative<Stop>(what);
    }
    bool isDurable() const
    {
        const Task *task = std::get_if<Task>(&what);
        return task && task->durable;
    }
    bool isStore() const { return std::holds_alternative<Store>(what); }
    /// Of the body of a store.
    qint64 bodyBytes() const
    {
        const Store *store = std::get_if<Store>(&what);
        return store ? store->request.pdus.size() + store->request.edus.size() : 0;
    }
    bool isLarge() const
    {
        const Store *store = std::get_if<Store>(&what);
        return store && BodyParts::isLarge(store->request);
    }
};

} // namespace restante::queue
