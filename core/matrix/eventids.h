// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/jsonscan.h"

#include <QtCore/QByteArray>

#include <vector>

namespace restante::matrix
{

/// The ids that a PDU may have. From room version 3 on the id is a hash of what redaction leaves of the event (Matrix
/// specification, server-server API, "Calculating the reference hash for an event"), and redaction differs between
/// versions. An event does not say which version its room has, so there is one id for each way: 2 for a message as
/// homeservers write it now, at most 10. The right one is among them, and the others are no event's. `pdu` belongs to a
/// scanned text; nothing for one that is not an object. In versions 1 and 2 the event says its id, which names a
/// server: it is added if it is there. Any thread.
std::vector<QByteArray> possibleEventIds(const JsonSlice &pdu);

/// The ids that an event names as those before it; `pdu` as above. At most 20 (the specification's limit).
std::vector<QByteArray> previousEventIds(const JsonSlice &pdu);

} // namespace restante::matrix
