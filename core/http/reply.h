// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QByteArray>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace restante::http
{

/// The answer to one request. Move-only; lives in the worker's thread. Answers exactly once: further calls do nothing,
/// destroyed unanswered it sends 500, and with the connection gone it is harmless.
class Reply
{
public:
    using ExtraHeaders = std::vector<std::pair<QByteArray, QByteArray>>;

    /// What a Reply writes to: the connection in the product, a recorder in tests. `deliver` is called at most once.
    class Sink
    {
    public:
        Sink() = default;
        virtual ~Sink() = default;
        Q_DISABLE_COPY_MOVE(Sink)
        virtual void deliver(int status, const QByteArray &contentType, const QByteArray &body,
                             const ExtraHeaders &extra) = 0;
    };

    explicit Reply(std::unique_ptr<Sink> sink);
    Reply(Reply &&) noexcept = default;
    Reply &operator=(Reply &&) = delete;
    ~Reply();

    /// `answered` is called with the status and the size of the body when the answer is given, also by the destructor.
    void whenAnswered(std::function<void(int status, qsizetype bodyBytes)> answered)
    {
        m_answered = std::move(answered);
    }

    /// 200 or another status with a JSON body.
    void json(int status, const QByteArray &body, const ExtraHeaders &extra = {});
    /// The status, errcode and body that the error table names, with Retry-After where the error has one.
    void fail(const Error &error, const ExtraHeaders &extra = {});
    void send(int status, const QByteArray &contentType, const QByteArray &body, const ExtraHeaders &extra = {});

private:
    std::unique_ptr<Sink> m_sink;
    std::function<void(int, qsizetype)> m_answered;
};

} // namespace restante::http
