// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/connectionsink.h"

#include "http/connection.h"
#include "http/errortable.h"

#include <utility>

namespace restante::http
{

ConnectionSink::~ConnectionSink()
{
    // Reply always delivers; without this a mistake there would hold the connection for ever.
    if (m_connection)
        deliver(500, QByteArrayLiteral("application/json"), errorBody(500, "The request was not answered"), {});
}

void ConnectionSink::tellUnwanted()
{
    if (const auto tell = std::exchange(m_unwanted, nullptr))
        tell();
}

bool ConnectionSink::reserve(qint64 bodyBytes)
{
    return !m_connection || m_connection->reserve(bodyBytes);
}

void ConnectionSink::deliver(int status, const QByteArray &contentType, const QByteArray &body,
                             const Reply::ExtraHeaders &extra)
{
    if (Connection *connection = std::exchange(m_connection, nullptr))
        connection->deliver(status, contentType, body, extra);
}

void ConnectionSink::deliver(Reply::Stream stream, const Reply::ExtraHeaders &extra)
{
    if (Connection *connection = std::exchange(m_connection, nullptr))
        connection->deliver(std::move(stream), extra);
}

} // namespace restante::http
