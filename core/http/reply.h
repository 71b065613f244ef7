// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QByteArray>

#include <functional>
#include <memory>
#include <optional>
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

    /// A body that is sent as it comes. Lives in the worker's thread; destroying it gives up what did not come yet.
    class Body
    {
    public:
        enum class State {
            Open,     ///< more may come
            Complete, ///< what can be taken now is the rest
            Broken,   ///< the rest will never come
        };

        Body() = default;
        virtual ~Body() = default;
        Q_DISABLE_COPY_MOVE(Body)
        /// Called once. `changed` is called when there is more to take, or another state; never from inside `start` or
        /// `take`. It may destroy the Body.
        virtual void start(std::function<void()> changed) = 0;
        /// What came since the last call, perhaps nothing; not more than 192 KiB.
        virtual QByteArray take() = 0;
        virtual State state() const = 0;
    };

    /// An answer whose body is sent as it comes.
    struct Stream {
        int status = 200;
        QByteArray contentType;
        std::optional<qint64> length; ///< of the body, in bytes; nothing if it is not known
        std::unique_ptr<Body> body;
    };

    /// What a Reply writes to: the connection in the product, a recorder in tests. One of the two `deliver` is called,
    /// at most once.
    class Sink
    {
    public:
        Sink() = default;
        virtual ~Sink() = default;
        Q_DISABLE_COPY_MOVE(Sink)
        virtual void deliver(int status, const QByteArray &contentType, const QByteArray &body,
                             const ExtraHeaders &extra) = 0;
        virtual void deliver(Stream stream, const ExtraHeaders &extra) = 0;
        /// As Reply::whenUnwanted, for an answer that was not delivered.
        virtual void whenUnwanted(std::function<void()> unwanted) = 0;
        /// As Reply::reserve.
        virtual bool reserve(qint64 bodyBytes)
        {
            Q_UNUSED(bodyBytes)
            return true;
        }
    };

    explicit Reply(std::unique_ptr<Sink> sink);
    Reply(Reply &&) noexcept = default;
    Reply &operator=(Reply &&) = delete;
    ~Reply();

    /// `answered` is called with the status and the size of the body when the answer is given, also by the destructor.
    /// A body of unknown length counts as 0.
    void whenAnswered(std::function<void(int status, qsizetype bodyBytes)> answered)
    {
        m_answered = std::move(answered);
    }

    /// `failed` is called with the error that is answered, also by the destructor.
    void whenFailed(std::function<void(const Error &)> failed) { m_failed = std::move(failed); }

    /// `unwanted` is called, at most once, when the client has gone or got another answer before this one was given;
    /// not from inside this call, and not for one that was answered. It may answer or destroy the Reply.
    void whenUnwanted(std::function<void()> unwanted);

    /// Whether there is memory for an answer with a body of this size, which is kept for it then. To be asked before
    /// a large one is made; without it an answer for which there is none is made in vain, and 503 is sent.
    bool reserve(qint64 bodyBytes) { return !m_sink || m_sink->reserve(bodyBytes); }

    /// 200 or another status with a JSON body.
    void json(int status, const QByteArray &body, const ExtraHeaders &extra = {});
    /// The status, errcode and body that the error table names, with Retry-After if the error has one.
    void fail(const Error &error, const ExtraHeaders &extra = {});
    void send(int status, const QByteArray &contentType, const QByteArray &body, const ExtraHeaders &extra = {});
    /// A client that takes its time holds a bounded number of bytes; if the body breaks off, or has another length than
    /// was said, the connection is cut.
    void send(Stream stream, const ExtraHeaders &extra = {});
    /// Whether an answer would still go somewhere.
    bool isWanted() const { return m_sink != nullptr; }
    /// Nobody is there to be answered: ends without telling `answered` or `failed`.
    void giveUp();

private:
    std::unique_ptr<Sink> takeSink(int status, qint64 bodyBytes);

    std::unique_ptr<Sink> m_sink;
    std::function<void(int, qsizetype)> m_answered;
    std::function<void(const Error &)> m_failed;
};

} // namespace restante::http
