// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QByteArray>

namespace restante::http
{

/// The status of an error on the wire (PROTOCOL 1.3, 5.1, 5.2, 5.4).
int statusOf(Errc code);
/// The Matrix errcode of an error.
QByteArray errcodeOf(Errc code);
/// When the client should try again, in milliseconds: what the error says, else what its kind promises (429 and a pause
/// always say something); 0 = nothing is said.
qint64 retryAfterMsOf(const Error &error);
/// The JSON body: `errcode`, `error` (general words for what went wrong inside: the detail is for the log), and
/// `retry_after_ms` if the error has one.
QByteArray errorBody(const Error &error);
/// The same for a bare status that the guard gives (400 408 413 414 417 431 500 501 503 504 505).
QByteArray errorBody(int status, QByteArrayView text);

} // namespace restante::http
