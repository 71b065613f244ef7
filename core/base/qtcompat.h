// SPDX-License-Identifier: GPL-3.0-or-later
// The one place for differences between Qt 6.4 and newer versions. Nothing else looks at QT_VERSION.
#pragma once

#include <QtCore/QtGlobal>

#include <QtHttpServer/QHttpServer>
#include <QtHttpServer/QHttpServerRequest>
#include <QtHttpServer/QHttpServerResponder>
#include <QtNetwork/QTcpServer>

#include <utility>

namespace restante::compat
{

/// Calls `entry(request, responder)` for every request that `server` gets. 6.8 changed both signatures.
template <typename Entry>
void installCatchAll(QHttpServer &server, Entry entry)
{
#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
    server.setMissingHandler(&server, [entry](const QHttpServerRequest &request, QHttpServerResponder &responder) {
        entry(request, responder);
    });
#else
    server.setMissingHandler(
        [entry](const QHttpServerRequest &request, QHttpServerResponder &&responder) { entry(request, responder); });
#endif
}

/// Gives a listening server to `http`, which then owns it. 6.8 reports failure, earlier versions cannot.
inline bool bindServer(QHttpServer &http, QTcpServer *server)
{
#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
    return http.bind(server);
#else
    http.bind(server);
    return true;
#endif
}

/// Sends a complete answer through `responder`. `headers` is a range of name and value pairs, sent in their order.
template <typename Headers>
void sendResponse(QHttpServerResponder &responder, int status, const QByteArray &contentType, const QByteArray &body,
                  const Headers &headers)
{
    const auto code = QHttpServerResponder::StatusCode(status);
#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
    QHttpHeaders fields;
    fields.append(QHttpHeaders::WellKnownHeader::ContentType, contentType);
    for (const auto &[name, value] : headers)
        fields.append(name, value);
    responder.write(body, fields, code);
#else
    responder.writeStatusLine(code);
    responder.writeHeader("Content-Type", contentType);
    for (const auto &[name, value] : headers)
        responder.writeHeader(name, value);
    responder.writeHeader("Content-Length", QByteArray::number(body.size()));
    responder.writeBody(body);
#endif
}

} // namespace restante::compat
