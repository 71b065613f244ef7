// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/outbox.h"

#include "node/relaywire.h"
#include "telemetry/logging.h"

namespace restante::node
{

namespace
{
constexpr qint64 AnswerBytes = qint64(1) << 20;

int deadlineMs(int baseMs, qint64 bytes)
{
    return baseMs + int(bytes * 1'000 / Outbox::BytesPerSecond);
}

/// A direct 4xx is an answer; timeouts, too many requests and the server's own failures are not (DESIGN 7).
bool isAnswer(int status)
{
    return status >= 200 && status < 500 && status != 408 && status != 429;
}
} // namespace

/// One transaction on its way.
struct Outbox::Try {
    Transaction transaction;
    Done done; ///< empty once called
    SendReport report;
    int waiting = 0; ///< relays that have not answered yet
};

Outbox::Outbox(federation::Caller &caller, DestinationBook &book, const AssociationBoard &associations,
               telemetry::NodeCounters &counters)
    : m_caller(caller)
    , m_book(book)
    , m_associations(associations)
    , m_counters(counters)
{
}

Outbox::~Outbox()
{
    for (const federation::Caller::Id id : m_pending)
        m_caller.cancel(id);
}

void Outbox::call(federation::Request request, std::function<void(const Result<federation::Response> &)> done)
{
    const auto id = std::make_shared<federation::Caller::Id>(0);
    *id = m_caller.send(std::move(request),
                        [this, id, done = std::move(done)](const Result<federation::Response> &response) {
                            m_pending.erase(*id);
                            done(response);
                        });
    m_pending.insert(*id);
}

void Outbox::send(Transaction transaction, Done done)
{
    auto attempt = std::make_shared<Try>();
    attempt->transaction = std::move(transaction);
    attempt->done = std::move(done);
    const Transaction &what = attempt->transaction;
    federation::Request request;
    request.destination = what.destination;
    request.method = QByteArrayLiteral("PUT");
    request.target =
        what.target.isEmpty() ? "/_matrix/federation/v1/send/" + what.txnId.toPercentEncoding() : what.target;
    request.body = what.body;
    request.sign = what.authorization.isEmpty();
    for (const QByteArray &header : what.authorization)
        request.headers.emplace_back("Authorization", header);
    request.deadlineMs = deadlineMs(DirectMs, what.body.size());
    request.mostBytes = AnswerBytes;
    call(std::move(request),
         [this, attempt](const Result<federation::Response> &response) { onDirect(attempt, response); });
}

void Outbox::onDirect(const std::shared_ptr<Try> &attempt, const Result<federation::Response> &response)
{
    const matrix::ServerName &destination = attempt->transaction.destination;
    SendReport &report = attempt->report;
    if (response) {
        report.status = response->status;
        report.body = response->body;
    }
    if (response && isAnswer(response->status)) {
        report.way = SendReport::Way::Direct;
        m_book.noteDirect(destination);
        return answer(*attempt);
    }
    report.detail = response ? QStringLiteral("The server answered %1").arg(response->status) : response.error().detail;
    // What was never sent says nothing about the destination.
    const bool asked = response || (response.error().code != Errc::Busy && response.error().code != Errc::InvalidParam);
    if (asked && m_book.noteFailure(destination, report.detail))
        return toRelays(attempt);
    answer(*attempt);
}

void Outbox::toRelays(const std::shared_ptr<Try> &attempt)
{
    const Transaction &what = attempt->transaction;
    const QList<Association> relays = what.mayRelay ? m_associations.relaysOf(what.destination) : QList<Association>();
    if (relays.isEmpty())
        return answer(*attempt);
    attempt->waiting = int(relays.size());
    for (const Association &relay : relays) {
        federation::Request request;
        request.destination = relay.relay;
        request.method = QByteArrayLiteral("PUT");
        request.target = sendRelayTarget(what.txnId, what.destination);
        request.body = what.body;
        request.peer = relay.peer;
        request.deadlineMs = deadlineMs(RelayMs, what.body.size());
        request.mostBytes = AnswerBytes;
        call(std::move(request), [this, attempt, relay](const Result<federation::Response> &response) {
            onRelay(attempt, relay, response);
        });
    }
}

void Outbox::onRelay(const std::shared_ptr<Try> &attempt, const Association &relay,
                     const Result<federation::Response> &response)
{
    --attempt->waiting;
    SendReport &report = attempt->report;
    // Whatever a relay's success looks like: Dendrite answers `null`.
    if (response && response->status >= 200 && response->status < 300) {
        if (report.way == SendReport::Way::Nowhere) {
            m_book.noteRelayed(attempt->transaction.destination);
            report.status = 200;
            report.body = QByteArrayLiteral(R"({"pdus":{}})");
            report.detail.clear();
        }
        report.way = SendReport::Way::Relays;
        report.relays.append(relay.relay.toString());
        return answer(*attempt);
    }
    const QString why = response ? QStringLiteral("it answered %1").arg(response->status) : response.error().detail;
    qCInfo(lcNode).noquote() << "The relay" << relay.relay.toString() << "did not take a transaction:" << why;
    if (attempt->waiting == 0)
        answer(*attempt);
}

/// The first time only: later relays find the answer given.
void Outbox::answer(Try &attempt)
{
    const Done done = std::exchange(attempt.done, {});
    if (!done)
        return;
    switch (attempt.report.way) {
    case SendReport::Way::Direct:
        m_counters.sentDirect.add();
        break;
    case SendReport::Way::Relays:
        m_counters.sentByRelays.add();
        break;
    case SendReport::Way::Nowhere:
        m_counters.sendFailed.add();
        break;
    }
    done(attempt.report);
}

} // namespace restante::node
