// SPDX-License-Identifier: GPL-3.0-or-later
// What the control socket and its clients say to each other: one JSON object a line each way, UTF-8.
//
//   server, once:  {"event":"hello","protocol":1,"program":"restanted","version":"0.1.0"}
//              or  {"event":"refused","error":{…}}, and the connection ends
//   client:        {"command":"entries","id":1,"arguments":{"destination":"b.example"}}
//   server:        {"id":1,"event":"progress","value":{…}}, any number of times, then
//                  {"id":1,"ok":true,"value":{…}} or {"id":1,"ok":false,"error":{"code":"NotHeld","detail":"…"}}
//
// A client waits for an answer before its next request; what it sends earlier waits, as much as one line may be long.
#pragma once

#include "base/result.h"

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>
#include <QtCore/QLatin1String>

namespace restante::control
{

inline constexpr int ProtocolVersion = 1;
/// The longest request, line feed not counted; one that begins with LongStart may be LongestLine long. What is longer
/// is answered with Errc::TooLarge and skipped.
inline constexpr qsizetype LongLine = qsizetype(64) << 10;
inline constexpr qsizetype LongestLine = qsizetype(16) << 20;
inline constexpr char LongStart[] = R"({"command":"send",)";

/// One request with its line feed, the command first.
QByteArray requestLine(qint64 id, const QString &command, const QJsonObject &arguments);
/// One object with its line feed.
QByteArray lineOf(const QJsonObject &object);

/// The name of an error code on the wire, as it is in the source.
QLatin1String errcName(Errc code);
QJsonObject errorToJson(const Error &error);
/// Errc::Internal for a code that this version does not know.
Error errorFromJson(const QJsonObject &object);

} // namespace restante::control
