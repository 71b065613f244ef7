// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/engine.h"

#include "federation/clockcompare.h"
#include "federation/makeroom.h"
#include "federation/systemresolver.h"
#include "identity/identity.h"
#include "matrix/canonicaljson.h"

#include <QtCore/QFile>
#include <QtNetwork/QNetworkInterface>

#include <algorithm>
#include <utility>

using namespace Qt::Literals::StringLiterals;

namespace restante::federation
{

namespace
{
constexpr qint64 RetryMs = 1'000;
constexpr qint64 OwnAddressesMs = 1'000;

// RFC 9110, 5.6.2.
bool isToken(QByteArrayView text)
{
    return !text.isEmpty() && std::all_of(text.begin(), text.end(), [](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return letter || (c != '\0' && QByteArrayView("!#$%&'*+-.^_`|~").contains(c));
    });
}

bool isFieldValue(QByteArrayView text)
{
    return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool isTarget(QByteArrayView text)
{
    constexpr unsigned char del = 0x7f;
    return text.startsWith('/') && std::none_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) == del;
           });
}

/// Fields that say how a message is framed, and which server it is for: only we write them.
bool isOurs(const QByteArray &name)
{
    static const QList<QByteArray> ours{
        "host",    "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te",
        "trailer", "expect",         "proxy-connection"};
    return ours.contains(name.toLower());
}

bool has(const Headers &headers, const QByteArray &name)
{
    return std::any_of(headers.begin(), headers.end(),
                       [&name](const auto &field) { return field.first.compare(name, Qt::CaseInsensitive) == 0; });
}

/// Where a fixed peer is; nothing if it has no URL, or one with more than host and port.
std::optional<Endpoint> placeOf(const FixedPeer &peer)
{
    constexpr QByteArrayView https = "https://";
    constexpr QByteArrayView http = "http://";
    const bool secure = peer.baseUrl.startsWith(https);
    if (!secure && !peer.baseUrl.startsWith(http))
        return {};
    const QByteArray place = peer.baseUrl.sliced(secure ? https.size() : http.size());
    const auto name = matrix::ServerName::parse(place);
    if (!name)
        return {};
    const QByteArray host = name->host().toByteArray();
    return Endpoint{host, host, name->port().value_or(secure ? 443 : 80), place, secure};
}

/// Where a request with a fixed peer goes.
Endpoint placeFor(const Request &request)
{
    Endpoint place = *placeOf(*request.peer);
    if (!request.host.isEmpty())
        place.hostHeader = request.host;
    return place;
}

int boundedMs(int ms)
{
    return std::clamp(ms, 1, 24 * 3'600'000);
}
} // namespace

Engine::Engine(const identity::Identity &identity, const Client::Options &options, const base::Clock &clock)
    : m_identity(identity)
    , m_options(options)
    , m_rules{AddressRules(options.openNetworks,
                           askedNowAndThen(&QNetworkInterface::allAddresses, OwnAddressesMs, clock)),
              QFile::encodeName(options.caFile), options.limits.slowSeconds, options.limits.slowBytesPerSecond,
              options.authorities}
    , m_clock(clock)
    , m_resolver(options.makeResolver ? options.makeResolver() : std::make_unique<SystemResolver>())
    , m_wellKnown({m_loop, *m_resolver, m_rules}, options.userAgent, options.httpsPort)
    , m_discovery(clock, *m_resolver,
                  [this](const QByteArray &host, Wish wish, Discovery::GotResponse done) {
                      m_wellKnown.fetch(host, std::move(wish), std::move(done));
                  })
    , m_requests{options.limits.concurrent}
    , m_streams{options.limits.streams}
{
}

Engine::~Engine()
{
    m_ending = true;
    while (!m_calls.empty())
        end(m_calls.begin()->first, Error{Errc::Unreachable, u"The program is stopping"_s, 0});
}

void Engine::start(Id id, Request request, Done done, Part part)
{
    if (const auto fine = check(request); !fine)
        return done(fine.error());
    QByteArray line = request.peer ? request.peer->baseUrl : request.destination.bytes();
    if (part)
        line += " streams"; // no name or URL has a space
    if (m_ending || !hasRoom(line))
        return done(Error{Errc::Busy, u"Too many requests are waiting to be sent"_s, RetryMs, true});

    auto call = std::make_unique<Call>();
    call->request = std::move(request);
    call->done = std::move(done);
    call->part = std::move(part);
    call->line = line;
    const bool streams = call->part != nullptr;
    const int bodyMs = streams ? boundedMs(call->request.bodyMs) : 0;
    call->endBy.setRemainingTime(qint64(boundedMs(call->request.deadlineMs)) + bodyMs);
    call->deadline.setSingleShot(true);
    QObject::connect(&call->deadline, &QTimer::timeout, &call->deadline, [this, id] {
        const bool asked = m_calls.at(id)->onItsWay;
        end(id, asked ? Error{Errc::Unreachable, u"It did not answer in time"_s, 0}
                      : Error{Errc::Busy, u"Its time ran out while others were ahead of it"_s, RetryMs});
    });
    call->deadline.start(boundedMs(call->request.deadlineMs));
    m_calls.emplace(id, std::move(call));

    Line &place = m_lines[line];
    place.streams = streams;
    if (place.waiting.empty())
        m_turns.push_back(line);
    place.waiting.push_back(id);
    ++m_waiting;
    startMore();
}

Result<void> Engine::check(const Request &request) const
{
    const auto bad = [](const QString &why) { return Result<void>(Errc::InvalidParam, why); };
    if (!isToken(request.method) || request.method == "CONNECT")
        return bad(u"This is not a method that can be sent"_s);
    if (!isTarget(request.target))
        return bad(u"This is not a target that can be sent"_s);
    for (const auto &[name, value] : request.headers) {
        if (!isToken(name) || !isFieldValue(value) || isOurs(name))
            return bad(u"This is not a header that can be sent"_s);
    }
    constexpr qsizetype pinBytes = 32;
    if (request.peer) {
        const auto place = placeOf(*request.peer);
        if (!place)
            return bad(u"This is not a place; write https://host:port"_s);
        if (!request.peer->pin.isEmpty() && (request.peer->pin.size() != pinBytes || !place->secure))
            return bad(u"A pin is 32 bytes, and for https only"_s);
    }
    if (!request.host.isEmpty() && (!request.peer || !matrix::ServerName::parse(request.host)))
        return bad(u"This is not a host that can be named"_s);
    if (request.destination.isNull() && (request.sign || !request.peer))
        return bad(u"The destination is missing"_s);
    return {};
}

bool Engine::hasRoom(const QByteArray &line) const
{
    const auto place = m_lines.constFind(line);
    const size_t here = place == m_lines.cend() ? 0 : place->waiting.size();
    return m_waiting < m_options.limits.waiting && here < size_t(m_options.limits.waitingPerServer);
}

bool Engine::isDoubtful(const QByteArray &line) const
{
    const auto doubt = m_doubts.constFind(line);
    return doubt != m_doubts.cend() && m_clock.steadyMs() < doubt->untilMs;
}

bool Engine::isFull(const QByteArray &name, const Line &line)
{
    const Client::Limits &limits = m_options.limits;
    const Share &share = shareOf(line.streams);
    if (share.isFull() || line.onTheirWay >= limits.concurrentPerServer)
        return true;
    return isDoubtful(name) && (line.onTheirWay >= limits.concurrentPerDoubtful || !share.hasDoubtfulPlace());
}

/// It takes one of the places for doubtful ones.
void Engine::doubt(Call &call)
{
    call.doubtful = true;
    call.overdue = false;
    ++shareOf(call.part != nullptr).doubtful;
}

/// Lets those go that may: one of each line in turn, as long as there is room in all and to that server.
void Engine::startMore()
{
    if (m_starting || m_ending) // the call that is at it goes on
        return;
    m_starting = true;
    for (size_t passed = 0; passed < m_turns.size();) {
        const QByteArray name = m_turns.front();
        m_turns.pop_front();
        Line &line = m_lines[name];
        if (isFull(name, line)) {
            m_turns.push_back(name);
            ++passed;
            continue;
        }
        passed = 0;
        const Id id = line.waiting.front();
        line.waiting.pop_front();
        if (!line.waiting.empty())
            m_turns.push_back(name);
        --m_waiting;
        ++line.onTheirWay;
        ++shareOf(line.streams).onTheirWay;
        Call &call = *m_calls.at(id);
        call.onItsWay = true;
        if (isDoubtful(name))
            doubt(call);
        go(id);
    }
    m_starting = false;
    relieve(false);
    relieve(true);
}

/// If all places are taken and one waits that is not doubted, one that has had its time leaves.
void Engine::relieve(bool streams)
{
    const Share &share = shareOf(streams);
    if (!share.isFull())
        return;
    const bool wanted = std::any_of(m_turns.begin(), m_turns.end(), [this, streams](const QByteArray &name) {
        const Line &line = m_lines[name];
        return line.streams == streams && line.onTheirWay < m_options.limits.concurrentPerServer && !isDoubtful(name);
    });
    while (wanted) {
        Id oldest = 0;
        for (const auto &[id, call] : m_calls) {
            if (call->overdue && (call->part != nullptr) == streams && (oldest == 0 || id < oldest))
                oldest = id;
        }
        if (oldest == 0)
            return;
        if (!share.hasDoubtfulPlace())
            return end(oldest, Error{Errc::Unreachable, u"It was too slow while others were waiting"_s, 0});
        doubt(*m_calls.at(oldest));
    }
}

void Engine::go(Id id)
{
    Call &call = *m_calls.at(id);
    call.connecting.setSingleShot(true);
    QObject::connect(&call.connecting, &QTimer::timeout, &call.connecting, [this, id] { onConnectTime(id); });
    call.connecting.start(boundedMs(call.request.connectMs));
    if (call.request.peer)
        return send(id, {placeFor(call.request)});
    call.wish = std::make_shared<int>(0);
    m_discovery.locate(call.request.destination, call.wish, [this, id](Result<std::vector<Endpoint>> found) {
        if (found)
            send(id, std::move(*found));
        else
            end(id, found.error());
    });
}

/// The time for connecting is over. One that holds a place for longer than that gives it up when others need it.
void Engine::onConnectTime(Id id)
{
    Call &call = *m_calls.at(id);
    if (!call.exchange || !call.exchange->isConnected())
        return end(id, Error{Errc::Unreachable, u"No connection could be made in time"_s, 0});
    call.slow = !call.exchange->hasAnswered();
    call.overdue = !call.doubtful;
    relieve(call.part != nullptr);
}

/// Remembers how a server is doing. One that began to answer in time is there, however long the rest takes.
void Engine::judge(const Call &call, const Result<Response> &result)
{
    if (!call.onItsWay)
        return;
    const bool answered = call.exchange && call.exchange->hasAnswered();
    if (call.slow || (!result && result.error().code == Errc::Unreachable && !answered))
        doubtServer(call.line);
    else if (result)
        m_doubts.remove(call.line);
}

void Engine::doubtServer(const QByteArray &line)
{
    const qint64 now = m_clock.steadyMs();
    placeIn(m_doubts, line, MostDoubts, now) = {now + DoubtMs};
}

void Engine::send(Id id, std::vector<Endpoint> endpoints)
{
    Call &call = *m_calls.at(id);
    auto message = messageOf(call.request);
    if (!message)
        return end(id, message.error());
    const QDeadlineTimer connectBy(call.connecting.remainingTime());
    if (call.part)
        message->intake = {[this, id](Response head) { onHead(id, std::move(head)); },
                           [part = call.part](QByteArray bytes) { part(std::move(bytes)); }};
    call.exchange = std::make_unique<Exchange>(ExchangeTools{m_loop, *m_resolver, m_rules}, std::move(*message),
                                               std::move(endpoints), connectBy, call.endBy);
    call.exchange->start([this, id](Result<Response> result) {
        if (result && result->isRedirect())
            result = Error{Errc::BadAnswer, u"It answered with a redirect that is not followed"_s, 0};
        end(id, std::move(result));
    });
}

/// What is sent of a request; signs it if it wants that (PROTOCOL 1.1).
Result<Message> Engine::messageOf(const Request &request) const
{
    Message message;
    message.method = request.method;
    message.target = request.target;
    message.body = request.body;
    message.mostBytes = request.mostBytes;
    if (request.peer) {
        message.anyAddress = true;
        message.pin = request.peer->pin;
    }
    if (!has(request.headers, "User-Agent"))
        message.headers.emplace_back("User-Agent", m_options.userAgent);
    if (!request.body.isEmpty() && !has(request.headers, "Content-Type"))
        message.headers.emplace_back("Content-Type", "application/json");
    message.headers.insert(message.headers.end(), request.headers.begin(), request.headers.end());
    if (!request.sign)
        return message;
    QByteArray content;
    if (!request.body.isEmpty()) {
        auto canonical = matrix::canonicalJson(request.body, matrix::NumberRule::Lenient);
        if (!canonical)
            return Error{Errc::InvalidParam, u"A body that is not JSON cannot be signed"_s, 0};
        content = std::move(*canonical);
    }
    message.headers.emplace_back(
        "Authorization", m_identity.authorizationHeader(request.method, request.target, request.destination, content));
    return message;
}

void Engine::compareClocks(const Request &request, const Response &answer) const
{
    if (!m_options.clockCompare || !answer.value("age").isNull()) // out of somebody's cache
        return;
    const QByteArray server = request.destination.isNull() ? request.peer->baseUrl : request.destination.bytes();
    m_options.clockCompare->note(server, answer.value("date"), request.peer.has_value(), m_clock.wallMs());
}

/// The body of a stream begins.
void Engine::onHead(Id id, Response head)
{
    Call &call = *m_calls.at(id);
    call.deadline.start(boundedMs(call.request.bodyMs));
    const Done done = std::exchange(call.done, nullptr);
    compareClocks(call.request, head);
    done(std::move(head));
}

void Engine::goOn(Id id, qint64 bytes)
{
    const auto found = m_calls.find(id);
    if (found != m_calls.end() && found->second->exchange)
        found->second->exchange->goOn(bytes);
}

void Engine::cancel(Id id)
{
    std::unique_ptr<Call> call = leave(id);
    if (call && call->slow)
        doubtServer(call->line);
    retire(std::move(call));
    startMore();
}

/// Takes a call out of everything that counts it; null if there is none.
std::unique_ptr<Engine::Call> Engine::leave(Id id)
{
    auto found = m_calls.extract(id);
    if (found.empty())
        return nullptr;
    std::unique_ptr<Call> call = std::move(found.mapped());
    const auto line = m_lines.find(call->line);
    if (call->onItsWay) {
        --line->onTheirWay;
        Share &share = shareOf(line->streams);
        --share.onTheirWay;
        share.doubtful -= call->doubtful ? 1 : 0;
    } else {
        std::erase(line->waiting, id);
        --m_waiting;
        if (line->waiting.empty())
            std::erase(m_turns, call->line);
    }
    if (line->waiting.empty() && line->onTheirWay == 0)
        m_lines.erase(line);
    return call;
}

void Engine::end(Id id, Result<Response> result)
{
    std::unique_ptr<Call> call = leave(id);
    if (!call)
        return;
    judge(*call, result);
    if (result && call->done)
        compareClocks(call->request, *result);
    if (!result && !(call->exchange && call->exchange->wasConnected())) {
        Error error = result.error();
        error.notSent = true;
        result = std::move(error);
    }
    const Done done = std::move(call->done);
    const Part part = std::move(call->part);
    retire(std::move(call));
    const std::optional<Error> error = result ? std::nullopt : std::optional(result.error());
    if (done)
        done(std::move(result));
    if (part && !(done && error)) // the end of a body, also of one that was empty
        part(error ? Result<QByteArray>(*error) : QByteArray());
    startMore();
}

/// Breaks a call off. One of its timers may be what brought us here, so it goes a moment later.
void Engine::retire(std::unique_ptr<Call> call)
{
    if (!call)
        return;
    call->wish.reset();
    call->exchange.reset();
    call->deadline.stop();
    call->connecting.stop();
    m_ended.push_back(std::move(call));
    if (m_ended.size() == 1)
        QTimer::singleShot(0, &m_janitor, [this] { m_ended.clear(); });
}

} // namespace restante::federation
