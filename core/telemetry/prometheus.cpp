// SPDX-License-Identifier: GPL-3.0-or-later
#include "telemetry/prometheus.h"

#include <iterator>

namespace restante::telemetry
{

namespace
{
const char *const routeNames[] = {"send_relay", "relay_txn",   "mailbox", "key_server", "version",
                                  "door",       "sender_keys", "sent",    "front",      "none"};
static_assert(std::size(routeNames) == RouteCount);

/// Collects the text; one function for each shape of line.
class Page
{
public:
    void head(const char *name, const char *type, const char *help)
    {
        m_text.append("# HELP restante_").append(name).append(' ').append(help).append('\n');
        m_text.append("# TYPE restante_").append(name).append(' ').append(type).append('\n');
    }
    void line(const char *name, const QByteArray &labels, const QByteArray &value)
    {
        m_text.append("restante_").append(name).append(labels).append(' ').append(value).append('\n');
    }
    void single(const char *name, const char *type, const char *help, const QByteArray &value)
    {
        head(name, type, help);
        line(name, {}, value);
    }
    QByteArray text() const { return m_text; }

private:
    QByteArray m_text;
};

void writeRequests(Page &page, const Counters &counters)
{
    page.head("http_requests_total", "counter", "Requests answered, by route and class of status.");
    for (int route = 0; route < RouteCount; ++route) {
        for (int statusClass = 1; statusClass <= 5; ++statusClass) {
            const quint64 value = counters.requests[size_t(route)][size_t(statusClass - 1)].value();
            if (value == 0 && (statusClass == 1 || statusClass == 3))
                continue; // nothing here answers so
            const QByteArray labels = QByteArray("{route=\"") + routeNames[route] + "\",status=\"" +
                                      QByteArray::number(statusClass) + "xx\"}";
            page.line("http_requests_total", labels, QByteArray::number(value));
        }
    }
}
} // namespace

QByteArray prometheusText(const Counters &counters, const std::vector<Metric> &more)
{
    Page page;
    page.head("build_info", "gauge", "The version of the program.");
    page.line("build_info", "{version=\"" RESTANTE_VERSION "\"}", "1");
    writeRequests(page, counters);
    const auto count = [&page](const char *name, const char *help, const Counter &counter) {
        page.single(name, "counter", help, QByteArray::number(counter.value()));
    };
    count("signatures_verified_total", "Requests whose signature was good.", counters.signaturesVerified);
    count("signature_failures_total", "Requests refused for their signature or key.", counters.signatureFailures);
    count("received_bytes_total", "Bytes of request bodies taken in.", counters.bytesIn);
    count("sent_bytes_total", "Bytes of answer bodies.", counters.bytesOut);
    for (const Metric &metric : more) {
        page.single(metric.name, metric.type == Metric::Type::Counter ? "counter" : "gauge", metric.help,
                    QByteArray::number(metric.value));
    }
    return page.text();
}

} // namespace restante::telemetry
