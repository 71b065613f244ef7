// SPDX-License-Identifier: GPL-3.0-or-later
// What each room is given of the settings, in that room's own type. `settings` have been validated; names that do not
// parse are left out.
#pragma once

#include "federation/client.h"
#include "federation/keylookup.h"
#include "http/limits.h"
#include "node/node.h"
#include "queue/types.h"
#include "relay/policy.h"
#include "settings/settings.h"

namespace restante::app
{

http::Limits limitsFrom(const settings::Settings &settings);
queue::Policy queuePolicyFrom(const settings::Settings &settings);
/// What Host says at no front door is the name of this relay itself.
relay::Policy relayPolicyFrom(const settings::Settings &settings, const matrix::ServerName &ownName);
/// Whether each front door can be told from this relay itself. Errc::InvalidSetting.
Result<void> checkDoors(const settings::Settings &settings, const matrix::ServerName &ownName);
federation::Client::Options clientOptionsFrom(const settings::Settings &settings);
/// `ownName` is never asked for its keys.
federation::KeyLookup::Options keyLookupOptionsFrom(const settings::Settings &settings,
                                                    const matrix::ServerName &ownName);
/// Associations whose names do not parse are left out.
node::Node::Options nodeOptionsFrom(const settings::Settings &settings);
node::Association associationFrom(const settings::RelayEntry &entry);

} // namespace restante::app
