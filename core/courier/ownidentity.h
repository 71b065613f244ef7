// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "identity/identity.h"

#include <QtCore/QByteArray>

namespace restante::courier
{

/// Under which the courier delivers events whose origin's signature over the whole did not come along: a server name
/// that is its own key, always the same for a `secret` of the node (node::loadOrCreateSecret). It is not the
/// homeserver's, which would take its own name for a mistake. Nobody outside hears of it; the homeserver gets its key
/// document through the node listener.
identity::Identity ownIdentity(const QByteArray &secret);

} // namespace restante::courier
