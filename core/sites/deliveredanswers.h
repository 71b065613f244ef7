// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "base/mailbox.h"
#include "federation/doorway.h"
#include "http/reply.h"
#include "matrix/servername.h"
#include "node/delivery.h"
#include "sites/gapquestion.h"

#include <QtCore/QByteArray>
#include <QtCore/QHash>

#include <functional>
#include <memory>

namespace restante::sites
{

/// Events that may have this id, as the homeserver was given them.
using FindGiven = std::function<Result<std::vector<node::DeliveredEvent>>(const QByteArray &eventId)>;

/// The body of an answer to `question` from events that the homeserver was given, each in the very bytes that its
/// origin signed; empty if there are none of those it asks for. It is told what comes before an event, as far as that
/// is known, the oldest first (for Backfill the newest first, with the event itself); it verifies everything. What a
/// room's state was cannot be known from events, so State is never answered. `asked`: in whose place. At most
/// MostLookUps events are looked for. The errors of `find`. Any thread.
Result<QByteArray> answerFromGiven(const GapQuestion &question, const FindGiven &find, const matrix::ServerName &asked,
                                   qint64 nowMs);
inline constexpr int MostLookUps = 500;

/// Answers the homeserver's questions for missing events in the place of a server that is away, from what it was
/// delivered (core/README 3.7). Lives in a worker's thread.
class DeliveredAnswers
{
public:
    /// Runs a task where the deliverer lives, later; it may be dropped when the node ends. Any thread.
    using AtDeliverer = std::function<void(std::function<void(node::Deliverer &)>)>;

    DeliveredAnswers(AtDeliverer atDeliverer, const base::Clock &clock);
    ~DeliveredAnswers();
    Q_DISABLE_COPY_MOVE(DeliveredAnswers)

    /// Answers `reply`, later: 200, or 404 with the body `none`, which is of M_NOT_FOUND. After anything else
    /// homeservers ask that server nothing for ten minutes or more, and drop what comes behind the next gap.
    void answer(const GapQuestion &question, const matrix::ServerName &asked, const QByteArray &none,
                const std::shared_ptr<http::Reply> &reply);

private:
    struct Found {
        quint64 token = 0;
        Result<QByteArray> body;
    };
    struct Waiting {
        std::shared_ptr<http::Reply> reply;
        QByteArray none;
    };
    void deliver(std::vector<Found> all);

    const AtDeliverer m_atDeliverer;
    const base::Clock &m_clock;
    quint64 m_last = 0;
    QHash<quint64, Waiting> m_waiting;
    base::Mailbox<Found> m_box;
    std::shared_ptr<federation::ReplyBox<Found>> m_found;
};

} // namespace restante::sites
