// SPDX-License-Identifier: GPL-3.0-or-later
#include "mailboxlog.h"

#include "control/operations.h"
#include "telemetry/logging.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace restante::app
{

void MailboxLog::note(const queue::MailboxBoard &board, qint64 nowMs)
{
    const auto now = board.refusals();
    const auto isIn = [](const QList<queue::MailRefusal> &list, const queue::MailRefusal &refusal) {
        return std::any_of(list.begin(), list.end(), [&refusal](const auto &each) {
            return each.destination == refusal.destination && each.reason == refusal.reason;
        });
    };
    for (const queue::MailRefusal &refusal : now) {
        const auto more = isIn(m_refusals, refusal) ? std::nullopt : m_allowance.take(nowMs);
        if (more)
            qCWarning(lcRelay).noquote() << control::refusalText(refusal) + *more;
    }
    for (const queue::MailRefusal &refusal : std::as_const(m_refusals)) {
        const auto more = isIn(now, refusal) ? std::nullopt : m_allowance.take(nowMs);
        if (more)
            qCInfo(lcRelay).noquote()
                << (refusal.destination.isNull()
                        ? QStringLiteral("There is room for mail again")
                        : QStringLiteral("There is room for mail for %1 again").arg(refusal.destination.toString())) +
                       *more;
    }
    m_refusals = now;

    const auto senders = board.senderRefusals();
    for (const queue::SenderRefusal &refusal : senders) {
        const bool told = std::any_of(m_senders.begin(), m_senders.end(), [&refusal](const auto &each) {
            return each.destination == refusal.destination && each.origin == refusal.origin;
        });
        const auto more = told ? std::nullopt : m_allowance.take(nowMs);
        if (more)
            qCWarning(lcRelay).noquote() << control::refusalText(refusal) + *more;
    }
    m_senders = senders;
}

} // namespace restante::app
