// SPDX-License-Identifier: GPL-3.0-or-later
// What stands on a card (core/card), as settings and cards write it.
#pragma once

#include "settings/complaint.h"
#include "settings/relayurl.h"

#include <QtCore/QList>

namespace restante::settings
{

inline constexpr char CardScheme[] = "restante:"; ///< with which each card's link begins
inline constexpr qsizetype MostCardName = 60;     ///< UTF-16 units
inline constexpr qsizetype MostCardAddresses = 4;

/// Whether a card may call somebody `text`: all of it can be seen, with nothing that turns the direction of writing
/// and no space at its ends, and at most MostCardName long. An empty text goes.
bool isCardName(const QString &text);

/// One address for a card: as RelayUrl, in ASCII, and `https://`; `http://` leads to nobody but a loopback address.
MaybeComplaint parseCardAddress(const QString &text, RelayUrl &out);
/// At most MostCardAddresses of them, separated by spaces, each once; none of an empty text.
MaybeComplaint parseCardAddresses(const QString &text, QList<RelayUrl> &out);

} // namespace restante::settings
