// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QByteArray>
#include <QtCore/QJsonValue>

namespace restante::homeserver
{

/// The most of a file that is read: Synapse's longest sample has 120 KiB.
inline constexpr qint64 MostYamlBytes = qint64(1) << 20;
inline constexpr int MostYamlDepth = 64;

/// The first document of a YAML text: maps as objects, of two members with one name the last counts, as for the
/// homeservers; every scalar as a text, as it is spelled. An empty text gives an empty object. `text` is somebody's
/// file, so nothing in it is believed: it is parsed by libyaml, within MostYamlDepth. Errc::Corrupt with the reason and
/// the line. Any thread.
Result<QJsonValue> readYaml(const QByteArray &text);

} // namespace restante::homeserver
