// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/reply.h"

#include <QtCore/QByteArray>

namespace restante::http
{

/// An answer that the guard gives by itself, before QHttpServer hears of the request.
struct GuardAnswer {
    int status = 500;
    QByteArray body; ///< JSON
    Reply::ExtraHeaders extra;
    bool close = true;
    bool headRequest = false;
};

/// The answer as it goes on the wire. `dateLine` is a whole field with its CRLF.
QByteArray composeAnswer(const GuardAnswer &answer, const QByteArray &dateLine);

} // namespace restante::http
