// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "federation/caller.h"

#include <QtCore/QList>

#include <map>

namespace restante::test
{

/// Other servers, played by the test: requests wait here until it answers them. Answers come from inside `answer`.
class FakeCaller final : public federation::Caller
{
public:
    struct Asked {
        Id id = 0;
        federation::Request request;
    };

    QList<Asked> asked; ///< every request, in order
    QList<Id> cancelled;
    std::map<Id, qint64> granted; ///< by streams, with `goOn`

    Id send(federation::Request request, Done done) override { return stream(std::move(request), std::move(done), {}); }
    Id stream(federation::Request request, Done done, Part part) override
    {
        const Id id = ++m_last;
        asked.append({id, std::move(request)});
        m_waiting.insert_or_assign(id, std::move(done));
        if (part)
            m_parts.insert_or_assign(id, std::move(part));
        return id;
    }
    void goOn(Id id, qint64 bytes) override { granted[id] += bytes; }
    void cancel(Id id) override
    {
        if (m_waiting.erase(id) + m_parts.erase(id) > 0)
            cancelled.append(id);
    }

    /// Whether the request at `at` still waits for its answer.
    bool waits(qsizetype at) const { return m_waiting.contains(asked.at(at).id); }
    qsizetype waiting() const { return qsizetype(m_waiting.size()); }
    const federation::Request &last() const { return asked.last().request; }

    void answer(qsizetype at, const Result<federation::Response> &response)
    {
        const auto found = m_waiting.find(asked.at(at).id);
        if (found == m_waiting.end())
            qFatal("request %lld waits for nothing", static_cast<long long>(at));
        const Done done = std::move(found->second);
        m_waiting.erase(found);
        const Id id = asked.at(at).id;
        if (!m_parts.contains(id))
            return done(response);
        if (!response) {
            m_parts.erase(id);
            return done(response);
        }
        done(federation::Response{response->status, response->headers, {}});
        if (!response->body.isNull()) { // else the test gives the parts
            if (!response->body.isEmpty())
                part(at, response->body);
            part(at, QByteArray(""));
        }
    }
    /// A piece of the body of a stream whose head was answered; an empty one ends it, and so does an error. Nothing
    /// if it was cancelled.
    void part(qsizetype at, const Result<QByteArray> &piece)
    {
        const auto found = m_parts.find(asked.at(at).id);
        if (found == m_parts.end())
            return;
        const Part tell = found->second;
        if (!piece || piece->isEmpty())
            m_parts.erase(found);
        tell(piece);
    }
    bool streams(qsizetype at) const { return m_parts.contains(asked.at(at).id); }
    void answer(qsizetype at, int status, const QByteArray &body = "{}", federation::Headers headers = {})
    {
        answer(at, federation::Response{status, std::move(headers), body});
    }
    void fail(qsizetype at, Errc code = Errc::Unreachable)
    {
        answer(at, Error{code, QStringLiteral("It does not answer"), 0});
    }
    void answerLast(int status, const QByteArray &body = "{}") { answer(asked.size() - 1, status, body); }

private:
    Id m_last = 0;
    std::map<Id, Done> m_waiting;
    std::map<Id, Part> m_parts;
};

/// The site owns its caller; the test looks over its shoulder.
class Shoulder final : public federation::Caller
{
public:
    explicit Shoulder(FakeCaller &caller)
        : m_caller(caller)
    {
    }
    Id send(federation::Request request, Done done) override
    {
        return m_caller.send(std::move(request), std::move(done));
    }
    Id stream(federation::Request request, Done done, Part part) override
    {
        return m_caller.stream(std::move(request), std::move(done), std::move(part));
    }
    void goOn(Id id, qint64 bytes) override { m_caller.goOn(id, bytes); }
    void cancel(Id id) override { m_caller.cancel(id); }

private:
    FakeCaller &m_caller;
};

} // namespace restante::test
