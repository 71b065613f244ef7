// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node/delivery.h"
#include "node/inboxstore.h"

namespace restante::node
{

/// As InboxStore::page, of one part of the inbox, with how it stands with the delivery of each entry. What is set aside
/// most often is oldest, so that few pages are walked through for one of a part. Thread of the store.
Result<InboxPage> listInbox(InboxStore &inbox, const Deliverer &deliverer, InboxPart part, qint64 after, int limit);

} // namespace restante::node
