// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/reply.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include <limits>
#include <memory>
#include <optional>

namespace restante::test
{

/// What a handler answered.
struct Answer {
    int status = 0;
    QByteArray type;
    QByteArray body;
    http::Reply::ExtraHeaders extra;
    std::optional<qint64> length = {};            ///< of a body that is sent as it comes
    std::shared_ptr<http::Reply::Body> rest = {}; ///< what is still to come of such a body

    QJsonObject json() const { return QJsonDocument::fromJson(body).object(); }
    QByteArray errcode() const { return json().value(QLatin1String("errcode")).toString().toLatin1(); }
    QByteArray header(const QByteArray &name) const
    {
        for (const auto &field : extra) {
            if (field.first == name)
                return field.second;
        }
        return {};
    }
};

/// Where it answers to.
class Recorder final : public http::Reply::Sink
{
public:
    /// What the handler wants to be told when the client leaves is kept in `unwanted`, if given.
    explicit Recorder(std::shared_ptr<std::optional<Answer>> into,
                      std::shared_ptr<std::function<void()>> unwanted = nullptr)
        : m_into(std::move(into))
        , m_unwanted(std::move(unwanted))
    {
    }
    void deliver(int status, const QByteArray &type, const QByteArray &body,
                 const http::Reply::ExtraHeaders &extra) override
    {
        *m_into = Answer{status, type, body, extra};
    }
    /// Takes what is there now; tests of what comes later play the connection themselves.
    void deliver(http::Reply::Stream stream, const http::Reply::ExtraHeaders &extra) override
    {
        *m_into = Answer{stream.status, stream.contentType, stream.body->take(), extra, stream.length};
        (*m_into)->rest = std::move(stream.body);
    }
    void whenUnwanted(std::function<void()> unwanted) override
    {
        if (m_unwanted)
            *m_unwanted = std::move(unwanted);
    }
    bool reserve(qint64 bodyBytes) override { return bodyBytes <= mostBytes; }

    qint64 mostBytes = std::numeric_limits<qint64>::max(); ///< for which there is memory

private:
    std::shared_ptr<std::optional<Answer>> m_into;
    std::shared_ptr<std::function<void()>> m_unwanted;
};

} // namespace restante::test
