// SPDX-License-Identifier: GPL-3.0-or-later
#include "telemetry/prometheus.h"

namespace restante::telemetry
{

namespace
{
struct CounterRow {
    const char *name;
    const char *help;
    Counter Counters::*counter;
};
const CounterRow counterRows[] = {
    {"stores_accepted_total", "Transactions stored as new entries.", &Counters::storesAccepted},
    {"stores_duplicate_total", "Transactions whose content was held already.", &Counters::storesDuplicate},
    {"pdus_accepted_total", "PDUs in new entries.", &Counters::pdusAccepted},
    {"edus_accepted_total", "EDUs in new entries.", &Counters::edusAccepted},
    {"entries_handed_over_total", "Entries sent to their owners, repeats included.", &Counters::entriesHandedOver},
    {"entries_acknowledged_total", "Entries taken over by their owners.", &Counters::entriesAcknowledged},
    {"entries_expired_total", "Entries that expired unread.", &Counters::entriesExpired},
    {"entries_discarded_total", "Entries thrown away by the operator.", &Counters::entriesDiscarded},
    {"entries_quarantined_total", "Entries set aside because they could not be read.", &Counters::entriesQuarantined},
    {"signatures_verified_total", "Requests whose signature was good.", &Counters::signaturesVerified},
    {"signature_failures_total", "Requests refused for their signature or key.", &Counters::signatureFailures},
    {"key_fetches_total", "Look-ups of other servers' keys.", &Counters::keyFetches},
    {"key_fetch_failures_total", "Look-ups that failed.", &Counters::keyFetchFailures},
    {"commits_total", "Batches committed by the queue writer.", &Counters::commits},
    {"commit_failures_total", "Batches that could not be committed.", &Counters::commitFailures},
    {"received_bytes_total", "Bytes of request bodies taken in.", &Counters::bytesIn},
    {"sent_bytes_total", "Bytes of answer bodies.", &Counters::bytesOut},
    {"connections_accepted_total", "Connections accepted.", &Counters::connectionsAccepted},
    {"connections_refused_total", "Connections refused by a limit.", &Counters::connectionsRefused},
    {"tls_failures_total", "TLS handshakes that failed.", &Counters::tlsFailures},
    {"requests_timed_out_total", "Requests that came too slowly.", &Counters::requestsTimedOut},
};

const char *const routeNames[] = {"send_relay", "relay_txn", "key_server", "version", "healthz", "metrics", "none"};
static_assert(std::size(routeNames) == RouteCount);

struct ReasonRow {
    Errc reason;
    const char *name;
};
// Only what can happen to a store.
const ReasonRow reasonRows[] = {
    {Errc::MissingAuth, "missing_auth"},
    {Errc::MalformedAuth, "malformed_auth"},
    {Errc::WrongDestination, "wrong_destination"},
    {Errc::InvalidParam, "invalid_param"},
    {Errc::InvalidUsername, "invalid_username"},
    {Errc::RelayingOff, "relaying_off"},
    {Errc::Paused, "paused"},
    {Errc::OriginBlocked, "origin_blocked"},
    {Errc::NotServed, "not_served"},
    {Errc::RateLimited, "rate_limited"},
    {Errc::NotJson, "not_json"},
    {Errc::BadJson, "bad_json"},
    {Errc::TooLarge, "too_large"},
    {Errc::BadSignature, "bad_signature"},
    {Errc::KeyUnavailable, "key_unavailable"},
    {Errc::QuotaExceeded, "quota_exceeded"},
    {Errc::StorageFailed, "storage_failed"},
    {Errc::Busy, "busy"},
    {Errc::Internal, "internal"},
};

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

void writeRefusals(Page &page, const Counters &counters)
{
    page.head("stores_refused_total", "counter", "Transactions refused, by reason.");
    for (const ReasonRow &row : reasonRows) {
        page.line("stores_refused_total", QByteArray("{reason=\"") + row.name + "\"}",
                  QByteArray::number(counters.storesRefused[size_t(row.reason)].value()));
    }
}

void writeSnapshot(Page &page, const Snapshot &now)
{
    page.single("entries_held", "gauge", "Entries held now.", QByteArray::number(now.heldEntries));
    page.single("held_bytes", "gauge", "Bytes of the entries held now.", QByteArray::number(now.heldBytes));
    page.single("destinations", "gauge", "Destinations with entries held.", QByteArray::number(now.destinations));
    page.single("served_destinations", "gauge", "Destinations that are served.", QByteArray::number(now.served));
    page.single("entries_in_quarantine", "gauge", "Entries set aside now.", QByteArray::number(now.quarantined));
    page.single("storing", "gauge", "1 while stores work, 0 while they fail.", now.storing ? "1" : "0");
    page.single("paused", "gauge", "1 while the operator paused taking in.", now.paused ? "1" : "0");
    page.single("start_time_seconds", "gauge", "When the program started, in seconds since 1970.",
                QByteArray::number(now.startedSeconds));
}
} // namespace

QByteArray prometheusText(const Counters &counters, const Snapshot &now)
{
    Page page;
    page.head("build_info", "gauge", "The version of the program.");
    page.line("build_info", "{version=\"" RESTANTE_VERSION "\"}", "1");
    writeRequests(page, counters);
    writeRefusals(page, counters);
    for (const CounterRow &row : counterRows)
        page.single(row.name, "counter", row.help, QByteArray::number((counters.*row.counter).value()));
    page.single("commit_seconds_total", "counter", "Time that the queue writer spent in commits.",
                QByteArray::number(double(counters.commitMicroseconds.value()) / 1e6, 'f', 6));
    page.single("connections", "gauge", "Connections open now.", QByteArray::number(counters.connections.value()));
    writeSnapshot(page, now);
    return page.text();
}

} // namespace restante::telemetry
