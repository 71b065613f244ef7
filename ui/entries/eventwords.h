// SPDX-License-Identifier: GPL-3.0-or-later
// Matrix event types in words.
#pragma once

#include "matrix/transaction.h"

#include <QtCore/QString>

#include <vector>

namespace restante::ui
{

/// What an entry holds, "2 messages, typing"; `pdus` and `edus` are its whole counts, of which `events` may be only the
/// first few.
QString contentsInWords(const std::vector<matrix::EventSummary> &events, int pdus, int edus);
/// One event: "Message"; a type that has no words stands for itself.
QString eventInWords(const matrix::EventSummary &event);

} // namespace restante::ui
