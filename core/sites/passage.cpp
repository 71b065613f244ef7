// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/passage.h"

#include "matrix/canonicaljson.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace restante::sites
{

namespace
{
/// What may come back from another server beside status, type and body.
constexpr std::array<QByteArrayView, 7> HandedBack{"content-disposition", "content-encoding", "cache-control", "etag",
                                                   "last-modified",       "expires",          "retry-after"};

/// The length that an answer's body will have, if it says so in a way that was kept to: libcurl looks at that.
std::optional<qint64> lengthOf(const federation::Response &head)
{
    bool ok = false;
    const qint64 length = head.value("content-length").toLongLong(&ok);
    if (!ok || length < 0 || !head.value("transfer-encoding").isNull())
        return {};
    return length;
}

federation::Request outward(const matrix::ServerName &server, http::Request request, federation::Headers extra,
                            int headMs)
{
    federation::Request outward;
    outward.destination = server;
    outward.method = request.head.method;
    outward.target = request.head.target;
    outward.body = request.head.hasBody ? std::move(request.body) : QByteArray();
    outward.sign = false;
    outward.headers = std::move(extra);
    for (const QByteArray &value : request.head.all("authorization"))
        outward.headers.emplace_back("Authorization", value);
    if (const QByteArray type = request.head.value("content-type"); !type.isEmpty())
        outward.headers.emplace_back("Content-Type", type);
    outward.deadlineMs = headMs;
    outward.bodyMs = Passage::BodyMs;
    outward.mostBytes = Passage::AnswerBytes;
    return outward;
}

http::Reply::ExtraHeaders handedBack(const federation::Response &head)
{
    http::Reply::ExtraHeaders extra;
    for (const auto &[name, value] : head.headers) {
        if (std::find(HandedBack.begin(), HandedBack.end(), QByteArrayView(name)) != HandedBack.end())
            extra.emplace_back(name, value);
    }
    return extra;
}
} // namespace

QByteArray notFoundBody(const QString &text)
{
    return R"({"errcode":"M_NOT_FOUND","error":)" + matrix::jsonString(text.toUtf8()) + '}';
}

QByteArray awayBody(const QString &why)
{
    const QString away = QStringLiteral("The server is away");
    return notFoundBody(why.isEmpty() ? away : away + QStringLiteral(": ") + why);
}

/// The client's side of a passage.
class Passage::Body final : public http::Reply::Body
{
public:
    explicit Body(std::shared_ptr<Passage> passage)
        : m_passage(std::move(passage))
    {
    }
    ~Body() override
    {
        m_passage->m_changed = nullptr;
        if (const auto caller = m_passage->m_caller.lock())
            caller->cancel(m_passage->m_id);
    }
    void start(std::function<void()> changed) override { m_passage->m_changed = std::move(changed); }
    QByteArray take() override
    {
        QByteArray taken = std::exchange(m_passage->m_waiting, {});
        if (const auto caller = m_passage->m_caller.lock(); caller && !taken.isEmpty())
            caller->goOn(m_passage->m_id, taken.size());
        return taken;
    }
    State state() const override { return m_passage->m_state; }

private:
    const std::shared_ptr<Passage> m_passage;
};

void Passage::onPart(Result<QByteArray> part)
{
    using State = http::Reply::Body::State;
    if (!part)
        m_state = State::Broken;
    else if (part->isEmpty())
        m_state = State::Complete;
    else
        m_waiting += *part;
    if (const auto tell = m_changed)
        tell();
}

void Passage::begin(const std::shared_ptr<federation::Caller> &caller, const matrix::ServerName &server,
                    http::Request request, const std::shared_ptr<http::Reply> &reply, Instead instead,
                    federation::Headers extra, int headMs)
{
    const auto passage = std::make_shared<Passage>();
    passage->m_caller = caller;
    passage->m_id = caller->stream(
        outward(server, std::move(request), std::move(extra), headMs),
        [reply, passage, instead = std::move(instead)](const Result<federation::Response> &head) {
            if (instead(head)) {
                if (const auto still = passage->m_caller.lock())
                    still->cancel(passage->m_id); // its body is of no use
                return;
            }
            if (!head)
                return reply->fail(head.error());
            const QByteArray type = head->value("content-type");
            reply->send({head->status, type.isEmpty() ? QByteArrayLiteral("application/octet-stream") : type,
                         lengthOf(*head), std::make_unique<Body>(passage)},
                        handedBack(*head));
        },
        [passage](Result<QByteArray> part) { passage->onPart(std::move(part)); });
    reply->whenUnwanted([caller = passage->m_caller, id = passage->m_id] {
        if (const auto still = caller.lock())
            still->cancel(id);
    });
}

} // namespace restante::sites
