// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/reply.h"

#include "http/errortable.h"

namespace restante::http
{

using namespace Qt::Literals::StringLiterals;

Reply::Reply(std::unique_ptr<Sink> sink)
    : m_sink(std::move(sink))
{
}

Reply::~Reply()
{
    if (m_sink)
        fail(Error{Errc::Internal, u"The request was not answered"_s, 0});
}

void Reply::whenUnwanted(std::function<void()> unwanted)
{
    if (m_sink)
        m_sink->whenUnwanted(std::move(unwanted));
}

void Reply::json(int status, const QByteArray &body, const ExtraHeaders &extra)
{
    static const QByteArray type = QByteArrayLiteral("application/json");
    send(status, type, body, extra);
}

void Reply::fail(const Error &error, const ExtraHeaders &extra)
{
    if (m_sink && m_failed)
        m_failed(error);
    const qint64 retryAfterMs = retryAfterMsOf(error);
    if (retryAfterMs <= 0) {
        json(statusOf(error.code), errorBody(error), extra);
        return;
    }
    ExtraHeaders headers = extra;
    headers.emplace_back("Retry-After", QByteArray::number((retryAfterMs + 999) / 1000));
    json(statusOf(error.code), errorBody(error), headers);
}

void Reply::send(int status, const QByteArray &contentType, const QByteArray &body, const ExtraHeaders &extra)
{
    if (const auto sink = takeSink(status, body.size()))
        sink->deliver(status, contentType, body, extra);
}

void Reply::send(Stream stream, const ExtraHeaders &extra)
{
    if (const auto sink = takeSink(stream.status, stream.length.value_or(0)))
        sink->deliver(std::move(stream), extra);
}

void Reply::giveUp()
{
    m_answered = nullptr;
    m_failed = nullptr;
    fail(Error{Errc::Internal, u"The client has gone"_s, 0});
}

/// Taken out first: whatever happens then, this was the one answer. Null if there was one already.
std::unique_ptr<Reply::Sink> Reply::takeSink(int status, qint64 bodyBytes)
{
    std::unique_ptr<Sink> sink = std::move(m_sink);
    if (sink && m_answered)
        m_answered(status, qsizetype(bodyBytes));
    return sink;
}

} // namespace restante::http
