// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "federation/caller.h"
#include "http/site.h"
#include "matrix/servername.h"

#include <QtCore/QString>

#include <functional>
#include <memory>

namespace restante::sites
{

/// The body of a 404 M_NOT_FOUND.
QByteArray notFoundBody(const QString &text);
/// The same for what is asked of a server that is away. `why`: in words, may be empty.
QByteArray awayBody(const QString &why = {});

/// A request that is passed on to another server as it came, and its answer on the way back. The answer's body goes
/// through in pieces: the other server sends on when the client has taken what came. All in one thread.
class Passage
{
public:
    /// The largest answer that is passed on, in bytes: media, a room's state.
    static constexpr qint64 AnswerBytes = qint64{1} << 30;
    static constexpr int HeadMs = 60'000;  ///< until an answer begins
    static constexpr int BodyMs = 600'000; ///< from there until it has ended

    /// Told the head of the answer, or the error when none came: whether it answers in the place of that, now or later.
    using Instead = std::function<bool(const Result<federation::Response> &head)>;

    /// Passes `request` on: method, target, body, content type and signatures as they came, nothing else. Answers
    /// `reply` with status, body and those headers that mean the same from here, or fails it with the caller's error.
    /// When the client leaves, the call is cancelled. `instead` is not called after `caller` has gone.
    /// `extra`: headers of ours; `headMs`: until an answer has to begin.
    static void begin(const std::shared_ptr<federation::Caller> &caller, const matrix::ServerName &server,
                      http::Request request, const std::shared_ptr<http::Reply> &reply, Instead instead,
                      federation::Headers extra = {}, int headMs = HeadMs);

private:
    class Body;

    void onPart(Result<QByteArray> part);

    std::weak_ptr<federation::Caller> m_caller;
    federation::Caller::Id m_id = 0;
    QByteArray m_waiting; ///< came, and was not taken
    http::Reply::Body::State m_state = http::Reply::Body::State::Open;
    std::function<void()> m_changed;
};

} // namespace restante::sites
