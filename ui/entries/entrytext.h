// SPDX-License-Identifier: GPL-3.0-or-later
// A held entry as text for people.
#pragma once

#include "queue/types.h"

#include <QtCore/QByteArray>

namespace restante::ui
{

/// The beginning of a JSON text that is at most `limit` bytes long before what is open is closed: cut behind the last
/// value that was complete by then. A text that fits comes back as it is. `text` must be valid JSON.
QByteArray jsonBeginning(QByteArrayView text, qsizetype limit);

struct EntryText {
    QString json;          ///< indented, spelled as it came
    bool complete = false; ///< false: only the beginning
    std::vector<matrix::EventSummary> events;
};

/// What the details show. Takes time and memory in proportion to `limit` bytes, however large the entry is.
EntryText entryText(const queue::HeldEntry &entry, qsizetype limit);

} // namespace restante::ui
