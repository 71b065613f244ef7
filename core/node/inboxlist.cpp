// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/inboxlist.h"

#include <algorithm>

namespace restante::node
{

namespace
{
constexpr int WalkRows = 500; ///< read at once where some are passed over
}

bool isIn(InboxPart part, const InboxRow &row)
{
    using State = Delivery::State;
    const bool isAside = row.damaged || row.delivery.state == State::Parked || row.delivery.state == State::NoProof;
    return part == InboxPart::All || isAside == (part == InboxPart::SetAside);
}

Result<InboxPage> listInbox(InboxStore &inbox, const Deliverer &deliverer, InboxPart part, qint64 after, int limit)
{
    const int atOnce = part == InboxPart::All || limit == 0 ? limit : std::max(limit, WalkRows);
    InboxPage list;
    while (true) {
        auto page = inbox.page(after, atOnce);
        if (!page)
            return page.error();
        list.total = page->total;
        list.bytes = page->bytes;
        for (InboxRow &row : page->rows) {
            after = row.id;
            row.delivery = deliverer.delivery(row.id);
            if (!isIn(part, row))
                continue;
            if (list.rows.size() == limit) {
                list.more = true;
                return list;
            }
            list.rows.append(std::move(row));
        }
        if (part == InboxPart::All || limit == 0 || !page->more || page->rows.isEmpty()) {
            list.more = page->more && part == InboxPart::All;
            return list;
        }
    }
}

} // namespace restante::node
