// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/outbox.h"

#include "matrix/attestation.h"
#include "matrix/edu.h"
#include "matrix/jsonscan.h"
#include "matrix/xmatrix.h"
#include "node/relayanswer.h"
#include "node/relaywire.h"
#include "telemetry/logging.h"

#include <QtCore/QTimer>

#include <algorithm>
#include <deque>
#include <optional>

namespace restante::node
{

namespace
{
constexpr qint64 AnswerBytes = qint64(1) << 20;

int deadlineMs(int baseMs, qint64 bytes)
{
    return baseMs + int(bytes * 1'000 / Outbox::BytesPerSecond);
}

/// A direct 3xx or 4xx takes nothing, and is an answer all the same; timeouts, too many requests and the server's own
/// failures are none (PROTOCOL 7). Nor is a 200 that takes nothing, such as the page of another server that has the
/// name now.
bool isRefusedForGood(int status)
{
    return status >= 300 && status < 500 && status != 408 && status != 429;
}

QString failureText(const federation::Response &response)
{
    const QString said = answerText(response);
    return response.status >= 200 && response.status < 300
               ? QStringLiteral("The server answered %1, but not that it took the transaction").arg(said)
               : QStringLiteral("The server answered ") + said;
}
} // namespace

namespace
{
/// What relays get of a transaction: with the signature that the destination's homeserver wants to see (PROTOCOL 6.4).
/// Nothing if it has none of ours, or cannot carry it.
std::optional<QByteArray> attestedBody(const Outbox::Transaction &what, const matrix::ScannedObject &body)
{
    const auto claim = matrix::XMatrix::parse(what.authorization);
    if (!claim || claim->signatures.empty())
        return {};
    const matrix::AttestedRequest sent{claim->origin, claim->signatures.front(), what.txnId, {}};
    if (!matrix::isPlainTransactionId(what.txnId) || what.target != sent.target())
        return {};
    const auto edus = matrix::attestedEdus(body, sent.origin, sent.signature, sent.txnId);
    return edus ? std::optional(matrix::withEdus(body, *edus)) : std::nullopt;
}

/// Nothing but typing and presence, which mean nothing any more when somebody comes back.
bool isFleeting(const matrix::ScannedObject &body)
{
    const matrix::JsonSlice *pdus = body.find("pdus");
    const matrix::JsonSlice *edus = body.find("edus");
    const bool hasPdus = pdus && (pdus->kind != matrix::JsonKind::Array || matrix::countElements(*pdus) > 0);
    return !hasPdus && edus && matrix::fleetingKinds(*edus) != 0;
}
} // namespace

/// One transaction on its way.
struct Outbox::Try {
    Transaction transaction;
    std::optional<QByteArray> attested; ///< what relays get; nothing: as it came
    bool atOwn = false;                 ///< it was the turn of our own relays
    Done done;                          ///< empty once called
    SendReport report;
    int waiting = 0; ///< relays that have not answered yet
};

/// One transaction for one relay, waiting for those before it.
struct Outbox::Copy {
    quint64 number = 0; ///< in the order of waiting, over all relays
    std::shared_ptr<Try> attempt;
    Association relay;
};

/// What goes to one relay for one destination, behind the one that is on its way.
struct Outbox::Chain {
    std::deque<Copy> waiting;
    qint64 dropped = 0;
};

Outbox::Outbox(federation::Caller &caller, DestinationBook &book, const AssociationBoard &associations,
               telemetry::NodeCounters &counters, const OutboxLimits &limits)
    : m_caller(caller)
    , m_book(book)
    , m_associations(associations)
    , m_counters(counters)
    , m_limits(limits)
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
    report.taken = response && isTakenDirectly(*response);
    if (report.taken || (response && isRefusedForGood(response->status))) {
        report.way = SendReport::Way::Direct;
        m_book.noteDirect(destination, report.taken);
        return answer(*attempt);
    }
    report.detail = response ? failureText(*response) : response.error().detail;
    if (isOffline(destination, response, report.detail))
        return toRelays(attempt);
    answer(*attempt);
}

/// Whether relays are to be used. What was never sent says nothing about the destination.
bool Outbox::isOffline(const matrix::ServerName &destination, const Result<federation::Response> &response,
                       const QString &detail)
{
    const Errc code = response ? Errc::Refused : response.error().code;
    if (code == Errc::AuthoritiesUnreadable) // a relay may have a pin, and need none
        return m_book.isOffline(destination);
    return code != Errc::Busy && code != Errc::InvalidParam && m_book.noteFailure(destination, detail);
}

void Outbox::toRelays(const std::shared_ptr<Try> &attempt)
{
    const Transaction &what = attempt->transaction;
    const QList<Association> relays = what.mayRelay ? m_associations.relaysOf(what.destination) : QList<Association>();
    const bool some = !relays.isEmpty() || (what.mayRelay && !m_associations.ownRelays().isEmpty());
    if (some) {
        if (const auto body = matrix::ScannedObject::scan(what.body)) {
            if (isFleeting(*body))
                return drop(*attempt);
            attempt->attested = attestedBody(what, *body);
        }
    }
    if (relays.isEmpty())
        return toOwnRelays(attempt);
    leave(attempt, relays);
}

/// They can only send what has our homeserver's signature with it.
void Outbox::toOwnRelays(const std::shared_ptr<Try> &attempt)
{
    const Transaction &what = attempt->transaction;
    attempt->atOwn = true;
    QList<Association> relays = what.mayRelay && attempt->attested ? m_associations.ownRelays() : QList<Association>();
    const QList<Association> tried = m_associations.relaysOf(what.destination);
    relays.removeIf([&tried](const Association &own) {
        return std::any_of(tried.cbegin(), tried.cend(), [&own](const auto &each) { return each.relay == own.relay; });
    });
    if (relays.isEmpty())
        return answer(*attempt);
    leave(attempt, relays);
}

/// A failure would have the homeserver send nothing at all to that server for minutes.
void Outbox::drop(Try &attempt)
{
    SendReport &report = attempt.report;
    report.way = SendReport::Way::Relays;
    report.taken = true;
    report.status = 200;
    report.body = QByteArrayLiteral(R"({"pdus":{}})");
    report.detail = QStringLiteral("nothing but typing and presence, which is left at no relay");
    answer(attempt);
}

void Outbox::leave(const std::shared_ptr<Try> &attempt, const QList<Association> &relays)
{
    const Transaction &what = attempt->transaction;
    attempt->waiting += int(relays.size());
    bool waits = false;
    for (const Association &relay : relays) {
        const auto [chain, isFree] = m_chains.try_emplace({relay.relay, what.destination});
        if (isFree) {
            toRelay(attempt, relay);
            continue;
        }
        chain->second.waiting.push_back({++m_copies, attempt, relay});
        m_waitingBytes += what.body.size();
        ++m_waitingCopies;
        waits = true;
    }
    if (!waits)
        return;
    // The homeserver is not kept longer than a relay may take by itself, whatever stands before it.
    QTimer::singleShot(deadlineMs(m_limits.relayMs, what.body.size()), &m_context,
                       [this, late = std::weak_ptr(attempt)] {
                           if (const auto still = late.lock())
                               onLate(still);
                       });
    makeRoom();
}

void Outbox::toRelay(const std::shared_ptr<Try> &attempt, const Association &relay)
{
    const Transaction &what = attempt->transaction;
    federation::Request request;
    request.destination = relay.relay;
    request.method = QByteArrayLiteral("PUT");
    request.target = sendRelayTarget(what.txnId, what.destination);
    request.body = attempt->attested.value_or(what.body);
    request.peer = relay.peer;
    request.deadlineMs = deadlineMs(m_limits.relayMs, what.body.size());
    request.mostBytes = AnswerBytes;
    call(std::move(request), [this, attempt, relay](const Result<federation::Response> &response) {
        goOn({relay.relay, attempt->transaction.destination});
        onRelay(attempt, relay, response);
    });
}

/// The one before has ended at this relay, well or not.
void Outbox::goOn(const ChainKey &key)
{
    const auto found = m_chains.find(key);
    Chain &chain = found->second;
    if (!chain.waiting.empty()) {
        const Copy next = take(chain, 0);
        return toRelay(next.attempt, next.relay);
    }
    if (chain.dropped > 0)
        qCWarning(lcNode, "%s has caught up; it did not get %lld transactions for %s", key.first.bytes().constData(),
                  static_cast<long long>(chain.dropped), key.second.bytes().constData());
    m_chains.erase(found);
}

Outbox::Copy Outbox::take(Chain &chain, size_t at)
{
    const auto place = chain.waiting.begin() + std::ptrdiff_t(at);
    Copy copy = std::move(*place);
    chain.waiting.erase(place);
    m_waitingBytes -= copy.attempt->transaction.body.size();
    --m_waitingCopies;
    return copy;
}

void Outbox::makeRoom()
{
    std::vector<Copy> refused;
    while (m_waitingBytes > m_limits.waitingBytes || m_waitingCopies > m_limits.waitingCopies) {
        Copy dropped = dropOne();
        m_counters.copiesDropped.add();
        if (dropped.attempt->done)
            refused.push_back(std::move(dropped));
    }
    for (const Copy &copy : refused) // last, because whoever hears of it may do anything
        onRelay(copy.attempt, copy.relay, Error{Errc::Busy, QStringLiteral("too much is waiting for it"), 0});
}

/// Takes out the oldest copy that another relay has; if there is none such, the oldest.
Outbox::Copy Outbox::dropOne()
{
    const auto isLost = [](const Copy &copy) { return bool(copy.attempt->done); };
    Chain *slowest = nullptr;
    size_t place = 0;
    for (auto &[key, chain] : m_chains) {
        for (size_t at = 0; at < chain.waiting.size(); ++at) {
            const auto rank = [&isLost](const Copy &copy) { return std::pair(isLost(copy), copy.number); };
            if (!slowest || rank(chain.waiting[at]) < rank(slowest->waiting[place])) {
                slowest = &chain;
                place = at;
            }
        }
    }
    if (++slowest->dropped == 1) {
        const Copy &copy = slowest->waiting[place];
        qCWarning(lcNode, "%s takes transactions for %s too slowly: the oldest that are waiting are dropped",
                  copy.relay.relay.bytes().constData(), copy.attempt->transaction.destination.bytes().constData());
    }
    return take(*slowest, place);
}

/// Its homeserver keeps it and sends it again, so what still waits is not needed.
void Outbox::onLate(const std::shared_ptr<Try> &attempt)
{
    if (!attempt->done)
        return;
    for (auto &[key, chain] : m_chains) {
        for (size_t at = chain.waiting.size(); at-- > 0;) {
            if (chain.waiting[at].attempt != attempt)
                continue;
            take(chain, at);
            --attempt->waiting;
        }
    }
    attempt->report.detail += QStringLiteral("; no relay took it in time");
    if (attempt->atOwn)
        return answer(*attempt);
    toOwnRelays(attempt);
}

void Outbox::onRelay(const std::shared_ptr<Try> &attempt, const Association &relay,
                     const Result<federation::Response> &response)
{
    --attempt->waiting;
    SendReport &report = attempt->report;
    const bool taken = response && isTaken(*response);
    const matrix::ServerName &destination = attempt->transaction.destination;
    if (!taken)
        noteRefusal(*attempt, relay, response ? refusalOf(*response) : response.error());
    else if (relay.destination.isNull()) // ours
        m_ownRefusals.remove(relay.relay);
    else
        m_associations.record().noteTaken(relay);
    if (taken && attempt->done) {
        m_book.noteRelayed(destination);
        report.way = SendReport::Way::Relays;
        report.taken = true;
        report.status = 200;
        report.body = QByteArrayLiteral(R"({"pdus":{}})");
        report.relays.append(relay.relay.toString());
        report.detail.clear();
        report.refusals.clear();
    }
    if (!taken && attempt->waiting == 0 && attempt->done && !attempt->atOwn)
        return toOwnRelays(attempt);
    if (taken || attempt->waiting == 0)
        answer(*attempt);
}

/// The request that waits for the answer is told, and later looks are, too; the log says it once, until it changes.
void Outbox::noteRefusal(Try &attempt, const Association &relay, const Error &error)
{
    if (attempt.done)
        attempt.report.refusals.append({relay.relay.toString(), error});
    if (error.code == Errc::AuthoritiesUnreadable) // the relay has done nothing
        return;
    if (isNews(attempt, relay, error))
        qCWarning(lcNode).noquote() << "The relay" << relay.relay.toString() << "takes no mail for"
                                    << attempt.transaction.destination.toString() + u':' << error.detail;
    if (!relay.destination.isNull())
        m_associations.record().noteRefused(relay, error);
}

bool Outbox::isNews(const Try &attempt, const Association &relay, const Error &error)
{
    if (relay.destination.isNull()) { // ours
        QString &said = m_ownRefusals[relay.relay];
        return std::exchange(said, error.detail) != error.detail;
    }
    const auto before = m_associations.record().of(relay.relay, attempt.transaction.destination).error;
    return !before || before->detail != error.detail;
}

/// The first time only: later relays find the answer given.
void Outbox::answer(Try &attempt)
{
    const Done done = std::exchange(attempt.done, {});
    if (!done)
        return;
    switch (attempt.report.way) {
    case SendReport::Way::Direct:
        (attempt.report.taken ? m_counters.sentDirect : m_counters.sendRefused).add();
        break;
    case SendReport::Way::Relays:
        m_counters.sentByRelays.add(attempt.report.relays.isEmpty() ? 0 : 1);
        break;
    case SendReport::Way::Nowhere:
        m_counters.sendFailed.add();
        for (const SendReport::Refusal &refusal : std::as_const(attempt.report.refusals))
            attempt.report.detail += QStringLiteral("; %1: %2").arg(refusal.relay, refusal.error.detail);
        break;
    }
    done(attempt.report);
}

} // namespace restante::node
