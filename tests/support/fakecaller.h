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

    Id send(federation::Request request, Done done) override
    {
        const Id id = ++m_last;
        asked.append({id, std::move(request)});
        m_waiting.emplace(id, std::move(done));
        return id;
    }
    void cancel(Id id) override
    {
        if (m_waiting.erase(id) > 0)
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
        done(response);
    }
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
};

} // namespace restante::test
