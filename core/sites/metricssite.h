// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/site.h"

#include <functional>

namespace restante::sites
{

/// `GET /healthz` and `GET /metrics`, on a listener of their own. One per worker thread.
class MetricsSite final : public http::Site
{
public:
    /// What the routes say; both are called in the worker's thread and must be thread-safe.
    struct Sources {
        std::function<bool()> healthy;          ///< false: /healthz answers 503
        std::function<QByteArray()> exposition; ///< Prometheus text format 0.0.4
    };

    explicit MetricsSite(Sources sources)
        : m_sources(std::move(sources))
    {
    }

    http::Verdict gate(const http::RequestHead &head) override;
    void handle(http::Request request, http::Reply reply) override;

private:
    Sources m_sources;
};

} // namespace restante::sites
