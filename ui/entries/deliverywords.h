// SPDX-License-Identifier: GPL-3.0-or-later
// How it stands with the delivery of collected mail, in words.
#pragma once

#include "node/delivery.h"
#include "ui/widgets/shapes.h"

#include <QtCore/QString>

namespace restante::ui
{

/// In a few words, for a cell; empty if nothing is delivered at all.
QString deliveryText(const node::Delivery &delivery);
/// The same as a shape.
Shape deliveryShape(node::Delivery::State state);
/// In sentences: what it waits for or why it was set aside, what was given as the reason, when it goes on, what to do.
QString deliverySentence(const node::Delivery &delivery);

} // namespace restante::ui
