// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "settings/settings.h"

#include <QtCore/QJsonObject>

#include <optional>

namespace restante::settings
{

/// Which part of an association is wrong, for the field beside which it is shown.
enum class RelayPart { Relay, Url, Pin, Destination, Petname };

struct RelayProblem {
    RelayPart part;
    QString text; ///< one English sentence without a full stop
};

/// What is wrong with one association; nothing when it can be used. A URL is `http://` or `https://`, a host and a
/// port, without path, query or user; `http://` only to a loopback address, or over a network that encrypts. Without a
/// URL the relay is found by its name, which then must not be one that is a key.
std::optional<RelayProblem> relayProblem(const RelayEntry &entry);

QJsonObject relayToJson(const RelayEntry &entry);
/// False where a member has another type.
bool relayFromJson(const QJsonObject &object, RelayEntry &entry);
/// One association of --set: `RELAY`, `RELAY URL` or `RELAY URL DESTINATION`. False for more or fewer words.
bool relayFromText(const QString &text, RelayEntry &entry);

} // namespace restante::settings
