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
/// Values, those that aliases repeat counted each time: Synapse's sample has about 100, with each setting switched on
/// some 1,000.
inline constexpr qint64 MostYamlValues = 20'000;

/// The first document of a YAML text: maps as objects, of two members with one name the last counts, as for the
/// homeservers, and what is merged (`<<`) as if it stood there; every scalar as a text, as it is spelled, but no value
/// at all (nothing, `~`, `null`) as null. An empty text gives an empty object. `text` is somebody's file, so nothing in
/// it is believed: it is parsed by libyaml, within MostYamlDepth and MostYamlValues, which hold for what aliases make
/// of it, too. Errc::Corrupt with the reason and the line. Any thread.
Result<QJsonValue> readYaml(const QByteArray &text);

} // namespace restante::homeserver
