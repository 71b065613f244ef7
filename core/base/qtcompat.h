// SPDX-License-Identifier: GPL-3.0-or-later
// The one place for differences between Qt 6.4 and newer versions. Nothing else looks at QT_VERSION.
#pragma once

#include <QtCore/QtGlobal>

#include <QtHttpServer/QHttpServer>
#include <QtHttpServer/QHttpServerRequest>
#include <QtHttpServer/QHttpServerResponder>
#include <QtHttpServer/QHttpServerResponse>
#include <QtNetwork/QTcpServer>

#include <iterator>
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

/// Sends a complete answer through `responder`. `headers` is a range of name and value pairs.
template <typename Headers>
void sendResponse(QHttpServerResponder &responder, int status, const QByteArray &contentType, const QByteArray &body,
                  const Headers &headers)
{
    if (std::empty(headers)) { // the usual case, and every version has it
        responder.write(body, contentType, QHttpServerResponder::StatusCode(status));
        return;
    }
    QHttpServerResponse response(contentType, body, QHttpServerResponse::StatusCode(status));
#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
    QHttpHeaders fields = response.headers();
    for (const auto &[name, value] : headers)
        fields.append(name, value);
    response.setHeaders(std::move(fields));
    responder.sendResponse(response);
#else
    for (const auto &[name, value] : headers)
        response.addHeader(name, value);
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    responder.sendResponse(response);
#else
    response.write(std::move(responder));
#endif
#endif
}

} // namespace restante::compat
