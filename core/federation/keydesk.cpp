// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/keydesk.h"

#include "base/addresskey.h"
#include "federation/makeroom.h"
#include "identity/keydocument.h"
#include "matrix/canonicaljson.h"
#include "telemetry/logging.h"

#include <algorithm>
#include <utility>

using namespace Qt::Literals::StringLiterals;

namespace restante::federation
{

namespace
{
constexpr char KeyTarget[] = "/_matrix/key/v2/server";
constexpr char QueryTarget[] = "/_matrix/key/v2/query";
constexpr qint64 BusyRetryMs = 1'000;

Error later(const QString &why, qint64 retryAfterMs = 0)
{
    return {Errc::KeyUnavailable, why, retryAfterMs};
}

Error busy()
{
    return later(u"too many servers are being asked for their keys"_s, BusyRetryMs);
}

Error unknown()
{
    return {Errc::BadSignature, u"the key that signed this request is not known to its server"_s, 0};
}

/// A sentence as it goes on behind a colon.
QString continued(const QString &sentence)
{
    const bool isWord = sentence.size() > 1 && sentence.at(1).isLower(); // no abbreviation
    return isWord ? sentence.at(0).toLower() + sentence.sliced(1) : sentence;
}

QString notFetched(const matrix::ServerName &server, const QString &why)
{
    const QString what = u"the keys of %1 could not be fetched"_s.arg(server.toString());
    return why.isEmpty() ? what : what + u": "_s + continued(why);
}

/// What a failed look-up means for the request that waits for it: whether asking again later may help. What could not
/// be asked has refused nothing.
Error judged(const matrix::ServerName &server, const Result<Response> &answer)
{
    if (answer) {
        const int status = answer->status;
        const bool forNow = status >= 500 || status == 429 || status == 408;
        return {forNow ? Errc::KeyUnavailable : Errc::BadSignature,
                notFetched(server, u"it answered with status %1"_s.arg(status)), 0};
    }
    if (answer.error().code == Errc::AuthoritiesUnreadable) // which file that is concerns nobody else
        return later(notFetched(server, u"certificates cannot be checked here just now"_s));
    const QString words = notFetched(server, answer.error().detail);
    return answer.error().code == Errc::BadAnswer ? Error{Errc::BadSignature, words, 0} : later(words);
}

Request keyRequest(const matrix::ServerName &server, int deadlineMs)
{
    Request request;
    request.destination = server;
    request.method = "GET";
    request.target = KeyTarget;
    request.sign = false;
    request.connectMs = deadlineMs;
    request.deadlineMs = deadlineMs;
    request.mostBytes = KeyDesk::MostBytes;
    return request;
}
} // namespace

KeyDesk::KeyDesk(Send send, identity::KeyRing &ring, KeyLookup::Options options, const base::Clock &clock)
    : m_send(std::move(send))
    , m_ring(ring)
    , m_options(std::move(options))
    , m_clock(clock)
    , m_alive(std::make_shared<int>(0))
{
}

KeyDesk::~KeyDesk() = default;

void KeyDesk::fetch(const matrix::ServerName &server, const QByteArray &keyId, const QByteArray &addressKey, Done done)
{
    if (server.kind() == matrix::ServerName::Kind::Ed25519 || m_options.never.contains(server))
        return done(unknown());
    const Question question = questionOf(server, keyId, addressKey);
    if (const auto answer = known(question, keyId))
        return done(*answer);
    std::optional<matrix::ServerName> pushedOut;
    auto found = m_fetches.find(server.bytes());
    if (found == m_fetches.end()) {
        if (const qint64 waitMs = charge(addressKey); waitMs > 0)
            return done(later(u"too many look-ups of keys for your address"_s, waitMs));
        const auto place = m_line.add(server, base::customerKey(addressKey), m_ring.favour(server));
        if (!place.isIn)
            return done(busy());
        auto fetch = std::make_unique<Fetch>();
        fetch->server = server;
        fetch->patience.setSingleShot(true);
        QObject::connect(&fetch->patience, &QTimer::timeout, &fetch->patience, [this, server] {
            Fetch &late = *m_fetches.at(server.bytes());
            late.late = true;
            const Error answer = told(server, later(notFetched(server, u"they did not come in time"_s)));
            std::vector<Done> impatient;
            for (Waiter &waiter : late.waiters)
                impatient.push_back(std::exchange(waiter.done, nullptr));
            for (const Done &tell : impatient)
                tell(answer);
        });
        fetch->patience.start(m_options.answerMs);
        found = m_fetches.emplace(server.bytes(), std::move(fetch)).first;
        pushedOut = place.pushedOut;
    }
    Fetch &fetch = *found->second;
    const auto isNeighbour = [&addressKey](const Waiter &waiter) { return waiter.addressKey == addressKey; };
    if (fetch.late || fetch.waiters.size() >= MostWaiters ||
        std::count_if(fetch.waiters.begin(), fetch.waiters.end(), isNeighbour) >= MostWaitersOfOneAddress)
        return done(later(u"the server is being asked for its keys"_s, BusyRetryMs));
    fetch.waiters.push_back({keyId, addressKey, std::move(done)});
    if (pushedOut)
        conclude(*pushedOut, busy());
    startMore();
}

/// Whether its mail is wanted.
bool KeyDesk::isFavoured(const matrix::ServerName &server) const
{
    return m_ring.favour(server) != identity::KeyRing::Favour::None;
}

/// What a failure is remembered for.
KeyDesk::Question KeyDesk::questionOf(const matrix::ServerName &server, const QByteArray &keyId,
                                      const QByteArray &addressKey) const
{
    if (isFavoured(server))
        return {server, {}, {}};
    return {server, keyId, base::customerKey(addressKey)};
}

/// What can be answered without asking anybody.
std::optional<Result<KeyDesk::Keys>> KeyDesk::known(const Question &question, const QByteArray &keyId)
{
    const qint64 now = m_clock.steadyMs();
    const auto answered = m_answered.constFind(question.server);
    bool askedJustNow = false;
    if (answered != m_answered.cend() && now < answered->untilMs) {
        Keys keys = m_ring.usableKeys(question.server);
        if (std::any_of(keys.begin(), keys.end(), [&keyId](const auto &key) { return key.keyId == keyId; }))
            return Result<Keys>(std::move(keys));
        askedJustNow = now < answered->otherKeyMs;
    }
    if (const auto vain = m_vain.constFind(question); vain != m_vain.cend() && now < vain->untilMs) {
        const bool forNow = vain->error.code == Errc::KeyUnavailable;
        return Result<Keys>(Error{vain->error.code, vain->error.detail, forNow ? vain->untilMs - now : 0});
    }
    if (askedJustNow)
        return Result<Keys>(later(u"the server was asked for its keys just now"_s, answered->otherKeyMs - now));
    const auto rested = m_rested.constFind(question.server);
    if (rested != m_rested.cend() && now < rested->untilMs)
        return Result<Keys>(later(u"the server was asked for its keys just now"_s, rested->untilMs - now));
    return {};
}

void KeyDesk::setServed(const QList<matrix::ServerName> &served)
{
    const auto before = std::exchange(m_served, QSet<matrix::ServerName>(served.begin(), served.end()));
    if (!before)
        return;
    for (const matrix::ServerName &server : served) {
        if (!before->contains(server) && m_ring.usableKeys(server).empty())
            fetch(server, {}, {}, [](const Result<Keys> &) {}); // else with its first request
    }
}

void KeyDesk::forget(const matrix::ServerName &server)
{
    m_answered.remove(server);
    m_rested.remove(server);
    m_vain.removeIf([&server](std::pair<const Question &, Verdict &> vain) { return vain.first.server == server; });
}

/// Takes one token of a client's address, and a share of one of the networks around it. 0, or the milliseconds until
/// there is one.
qint64 KeyDesk::charge(const QByteArray &addressKey)
{
    if (addressKey.isEmpty())
        return 0;
    const qint64 now = m_clock.steadyMs();
    const qint64 refillMs = m_options.budgetRefillMs;
    // Full at `untilMs`; each refill before that is a token that is lacking.
    const auto waitMs = [&](const QByteArray &key) {
        const qint64 fullMs = std::max(m_budgets.value(key).untilMs, now);
        return fullMs + refillMs - now - m_options.budget * refillMs;
    };
    const auto take = [&](const QByteArray &key, int shares) {
        Until &budget = placeIn(m_budgets, key, MostRemembered, now);
        budget.untilMs = std::max(budget.untilMs, now) + refillMs / shares;
    };
    const auto around = base::networksAround(addressKey);
    qint64 longestMs = waitMs(addressKey);
    for (const base::WiderNetwork &network : around)
        longestMs = std::max(longestMs, waitMs(network.key));
    if (longestMs > 0)
        return longestMs;
    take(addressKey, 1);
    for (const base::WiderNetwork &network : around)
        take(network.key, network.shares);
    return 0;
}

void KeyDesk::startMore()
{
    while (const auto server = m_line.next())
        askServer(*server);
}

template <typename Handler>
void KeyDesk::send(const Request &request, Handler handler)
{
    m_send(request, [alive = std::weak_ptr(m_alive), handler = std::move(handler)](const Result<Response> &answer) {
        if (!alive.expired())
            handler(answer);
    });
}

void KeyDesk::askServer(const matrix::ServerName &server)
{
    send(keyRequest(server, DirectMs), [this, server](const Result<Response> &answer) { onServer(server, answer); });
}

void KeyDesk::onServer(const matrix::ServerName &server, const Result<Response> &answer)
{
    Fetch &fetch = *m_fetches.at(server.bytes());
    if (answer && answer->status == 200) {
        auto keys = identity::checkKeyDocument(answer->body, server, m_clock.wallMs());
        if (keys)
            return succeed(server, std::move(*keys));
        fetch.failure = {keys.error().code, notFetched(server, keys.error().detail), 0};
    } else {
        fetch.failure = judged(server, answer);
        fetch.asked = answer || answer.error().code != Errc::AuthoritiesUnreadable;
    }
    askNotaries(server);
}

/// The notary whose turn it is, once its own keys are known; the failure when all have been asked.
void KeyDesk::askNotaries(const matrix::ServerName &server)
{
    const Fetch &fetch = *m_fetches.at(server.bytes());
    if (fetch.notary >= m_options.notaries.size())
        return fail(server);
    const matrix::ServerName notary = m_options.notaries.at(fetch.notary);
    if (notary == server)
        return nextNotary(server);
    if (!m_ring.usableKeys(notary).empty())
        return askNotary(server, notary);
    send(keyRequest(notary, NotaryMs), [this, server, notary](const Result<Response> &answer) {
        if (!answer || answer->status != 200)
            return nextNotary(server);
        auto keys = identity::checkKeyDocument(answer->body, notary, m_clock.wallMs());
        if (!keys)
            return nextNotary(server);
        m_ring.remember(std::move(*keys));
        askNotary(server, notary);
    });
}

void KeyDesk::askNotary(const matrix::ServerName &server, const matrix::ServerName &notary)
{
    Request request = keyRequest(notary, NotaryMs);
    request.method = "POST";
    request.target = QueryTarget;
    request.body = R"({"server_keys":{)" + matrix::jsonString(server.bytes()) + ":{}}}";
    request.mostBytes = 4 * MostBytes;
    send(request, [this, server, notary](const Result<Response> &answer) {
        if (!answer || answer->status != 200)
            return nextNotary(server);
        auto keys =
            identity::checkNotaryReply(answer->body, server, notary, m_ring.usableKeys(notary), m_clock.wallMs());
        if (keys)
            succeed(server, std::move(*keys));
        else
            nextNotary(server);
    });
}

void KeyDesk::nextNotary(const matrix::ServerName &server)
{
    ++m_fetches.at(server.bytes())->notary;
    askNotaries(server);
}

void KeyDesk::succeed(const matrix::ServerName &server, Keys keys)
{
    const qint64 now = m_clock.steadyMs();
    const bool favoured = isFavoured(server);
    placeIn(m_answered, server, MostRemembered, now) = {now + (favoured ? FavouredPauseMs : AnsweredMs),
                                                        now + (favoured ? FavouredPauseMs : OtherKeyMs)};
    for (const Waiter &waiter : m_fetches.at(server.bytes())->waiters) {
        const bool isThere =
            std::any_of(keys.begin(), keys.end(), [&waiter](const auto &key) { return key.keyId == waiter.keyId; });
        const Question question = questionOf(server, waiter.keyId, waiter.addressKey);
        if (isThere || favoured)
            m_vain.remove(question);
        else
            remember(question, unknown(), FirstPauseMs, LongestPauseMs);
    }
    m_ring.remember(keys);
    conclude(server, keys);
}

void KeyDesk::fail(const matrix::ServerName &server)
{
    const qint64 now = m_clock.steadyMs();
    const Fetch &fetch = *m_fetches.at(server.bytes());
    const Error failure = fetch.failure;
    m_ring.noteFailure(server, failure.detail);
    if (const auto more = m_logged.take(now))
        qCInfo(lcIdentity).noquote() << failure.detail + *more;
    placeIn(m_rested, server, MostRemembered, now) = {now + LeastPauseMs};
    const bool favoured = isFavoured(server);
    const Error answer = fetch.asked ? told(server, failure) : failure;
    for (const Waiter &waiter : fetch.waiters) {
        const Question question = questionOf(server, waiter.keyId, waiter.addressKey);
        // What is wrong here may be mended at any moment, and costs the server nothing.
        if (favoured || !fetch.asked)
            remember(question, answer, FavouredPauseMs, FavouredPauseMs);
        else if (failure.code == Errc::KeyUnavailable)
            remember(question, answer, FirstOutageMs, LongestOutageMs);
        else
            remember(question, answer, FirstPauseMs, LongestPauseMs);
    }
    conclude(server, answer);
}

/// What is answered to a request whose key could not be fetched. Why, is for the log and the operator, and for those
/// that were named there: it would tell a stranger what there is inside of the network here. Those whose mail is wanted
/// are never told that their signature is bad.
Error KeyDesk::told(const matrix::ServerName &server, const Error &failure) const
{
    const bool isNamed = m_ring.favour(server) == identity::KeyRing::Favour::Named;
    const Errc code = isFavoured(server) ? Errc::KeyUnavailable : failure.code;
    return {code, isNamed ? failure.detail : notFetched(server, {}), 0};
}

/// Once more in vain; several may have waited for it.
void KeyDesk::remember(const Question &question, const Error &error, qint64 firstMs, qint64 longestMs)
{
    constexpr int mostDoublings = 16;
    const qint64 now = m_clock.steadyMs();
    Verdict &verdict = placeIn(m_vain, question, MostRemembered, now);
    if (verdict.failures > 0 && now < verdict.untilMs)
        return;
    verdict.error = error;
    verdict.untilMs = now + std::min(firstMs << std::min(verdict.failures++, mostDoublings), longestMs);
}

/// The fetch is over: tells everything that waits, and lets others begin.
void KeyDesk::conclude(const matrix::ServerName &server, const Result<Keys> &result)
{
    m_line.ended(server);
    const auto found = m_fetches.find(server.bytes());
    const std::vector<Waiter> waiters = std::move(found->second->waiters);
    found->second->patience.stop();
    m_ended.push_back(std::move(found->second));
    m_fetches.erase(found);
    QTimer::singleShot(0, &m_janitor, [this] { m_ended.clear(); });
    for (const Waiter &waiter : waiters) {
        if (waiter.done)
            waiter.done(result);
    }
    startMore();
}

} // namespace restante::federation
