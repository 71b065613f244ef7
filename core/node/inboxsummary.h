// SPDX-License-Identifier: GPL-3.0-or-later
// What lists show of an entry's first events, as node.sqlite keeps it apart from the body. Pure functions.
#pragma once

#include "matrix/transaction.h"

namespace restante::node
{

/// A line for each of the first 8 events: p or e (an EDU), type, sender and room, with tabs between them. Empty, and
/// not null, where there are none.
QString summaryText(const QByteArray &pdus, const QByteArray &edus);
/// The events of such a text.
std::vector<matrix::EventSummary> eventsIn(const QString &summary);

} // namespace restante::node
