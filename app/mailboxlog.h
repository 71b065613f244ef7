// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "queue/mailboxboard.h"
#include "queue/types.h"
#include "telemetry/logallowance.h"

#include <QtCore/QList>

namespace restante::app
{

/// Tells the log which mailboxes began to refuse mail and which take it again, bounded: senders can make a mailbox that
/// is being collected full again and again. Main thread.
class MailboxLog
{
public:
    /// The lists of `board` have changed. `nowMs`: steady clock.
    void note(const queue::MailboxBoard &board, qint64 nowMs);

private:
    QList<queue::MailRefusal> m_refusals; ///< as the log was told
    QList<queue::SenderRefusal> m_senders;
    telemetry::LogAllowance m_allowance{20, qint64(600) * 1000};
};

} // namespace restante::app
