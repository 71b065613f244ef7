// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/reply.h"

#include <functional>

namespace restante::http
{

class Connection;

/// A Reply's way to its connection. Holds nothing of QHttpServer's, so that it may outlive the connection and the
/// worker: what is delivered then goes nowhere. Used in the worker's thread while there is one.
class ConnectionSink final : public Reply::Sink
{
public:
    explicit ConnectionSink(Connection &connection)
        : m_connection(&connection)
    {
    }
    ~ConnectionSink() override;
    Q_DISABLE_COPY_MOVE(ConnectionSink)

    void deliver(int status, const QByteArray &contentType, const QByteArray &body,
                 const Reply::ExtraHeaders &extra) override;
    void deliver(Reply::Stream stream, const Reply::ExtraHeaders &extra) override;
    void whenUnwanted(std::function<void()> unwanted) override { m_unwanted = std::move(unwanted); }
    bool reserve(qint64 bodyBytes) override;
    /// Nobody waits for the answer any more. May destroy this.
    void tellUnwanted();
    /// The connection was destroyed: nothing can be delivered any more.
    void forgetConnection() { m_connection = nullptr; }

private:
    Connection *m_connection;
    std::function<void()> m_unwanted;
};

} // namespace restante::http
