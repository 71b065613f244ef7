// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/metricssite.h"

#include "matrix/pathsegments.h"
#include "telemetry/prometheus.h"

namespace restante::sites
{

namespace
{
bool isPath(const QByteArray &target, QByteArrayView name)
{
    const auto segments = matrix::pathSegments(target);
    return segments.size() == 1 && segments.front() == name;
}
} // namespace

http::Verdict MetricsSite::gate(const http::RequestHead &head)
{
    http::Verdict verdict;
    if (!isPath(head.target, "healthz") && !isPath(head.target, "metrics")) {
        verdict.refusal = Error{Errc::NotFound, QStringLiteral("There is nothing at this path"), 0};
    } else if (head.method != "GET") {
        verdict.refusal = Error{Errc::MethodNotAllowed, QStringLiteral("This path does not take this method"), 0};
        verdict.allow = "GET";
    }
    return verdict;
}

void MetricsSite::handle(http::Request request, http::Reply reply)
{
    if (isPath(request.head.target, "metrics"))
        return reply.send(200, telemetry::PrometheusContentType, m_sources.exposition());
    if (m_sources.healthy())
        return reply.json(200, R"({"status":"ok"})");
    reply.json(503, R"({"status":"degraded"})");
}

} // namespace restante::sites
