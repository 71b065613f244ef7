// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "traffic.h"

namespace restante::bench
{

/// Fills the inbox of the node in `folder`, whose name is `destination`, with `count` transactions that `senders` in
/// turn signed for it, as a relay with attestations hands them over. Their contents are numbered from `firstNumber`. No
/// program may have the folder open.
Result<void> preloadInbox(const QString &folder, const matrix::ServerName &destination,
                          const std::vector<Peer> &senders, const TransactionShape &shape, qint64 count,
                          quint64 firstNumber);

} // namespace restante::bench
