// SPDX-License-Identifier: GPL-3.0-or-later
// Cuts a text that is not quite JSON, by quotes and brackets alone.
#pragma once

#include "matrix/jsonscan.h"

namespace restante::matrix
{

/// The members of the object that `text` is. What stands inside the values is not judged: duplicate keys, lone
/// surrogates, bad UTF-8 and odd words stay where they are, so a slice of a skimmed text must be scanned before it is
/// trusted. Keys stand as they are between their quotes. Nothing if `text` is not an object whose quotes and brackets
/// close. Memory at most the size of the text for its depth. Any thread.
std::optional<std::vector<JsonMember>> skimMembers(QByteArrayView text);
/// The same for the elements of an array, at most `limit` of them.
std::optional<std::vector<JsonSlice>> skimElements(QByteArrayView text, qsizetype limit);

} // namespace restante::matrix
