// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/doorkeeper.h"

#include "matrix/canonicaljson.h"
#include "matrix/jsonscan.h"
#include "node/relaywire.h"
#include "telemetry/logging.h"

#include <algorithm>
#include <utility>

namespace restante::node
{

namespace
{
constexpr qint64 DoorAnswerBytes = qint64(64) * 1024;

bool isSaid(const matrix::ScannedObject &answer, QByteArrayView member)
{
    const matrix::JsonSlice *value = answer.find(member);
    return value && value->kind == matrix::JsonKind::True;
}
} // namespace

DoorKeeper::DoorKeeper(federation::Caller &caller, const identity::Identity &identity, const base::Clock &clock,
                       std::function<void()> held)
    : m_caller(caller)
    , m_identity(identity)
    , m_clock(clock)
    , m_held(std::move(held))
{
    m_timer.setSingleShot(true);
    m_timer.callOnTimeout([this] { look(); });
}

DoorKeeper::~DoorKeeper()
{
    for (const auto &[name, relay] : m_relays)
        m_caller.cancel(relay.asking);
}

void DoorKeeper::configure(const QList<Association> &mine, const QByteArray &upstream)
{
    std::map<matrix::ServerName, Relay> before = std::exchange(m_relays, {});
    const bool isSame = std::exchange(m_upstream, upstream) == upstream;
    for (const Association &relay : mine) {
        const auto known = before.find(relay.relay);
        if (isSame && known != before.end() && known->second.place.peer == relay.peer) {
            m_relays.insert(before.extract(known));
            continue;
        }
        m_relays[relay.relay].place = relay;
    }
    for (const auto &[name, relay] : before)
        m_caller.cancel(relay.asking);
    look();
}

void DoorKeeper::setAtHome(bool atHome)
{
    m_atHome = atHome;
    for (auto &[name, relay] : m_relays) {
        if (relay.isDoor && opens() != (relay.passesUntilMs > m_clock.steadyMs()))
            relay.nextMs = 0;
    }
    look();
}

int DoorKeeper::passing() const
{
    const qint64 now = m_clock.steadyMs();
    return int(std::count_if(m_relays.begin(), m_relays.end(),
                             [now](const auto &relay) { return relay.second.passesUntilMs > now; }));
}

void DoorKeeper::look()
{
    const qint64 now = m_clock.steadyMs();
    std::optional<qint64> next;
    for (auto &[name, relay] : m_relays) {
        if (relay.nextMs <= now && relay.asking == 0)
            tell(relay);
        if (relay.asking == 0)
            next = std::min(next.value_or(relay.nextMs), relay.nextMs);
    }
    if (next)
        m_timer.start(int(std::clamp<qint64>(*next - now, 0, AwayMs)));
    else
        m_timer.stop();
}

void DoorKeeper::tell(Relay &relay)
{
    const bool opened = opens();
    const Stamp stamp = newStamp(m_clock.wallMs());
    QByteArray body = R"({"document":)" + m_identity.keyDocument(stamp.ts);
    if (opened)
        body += R"(,"lease_ms":)" + QByteArray::number(LeaseMs);
    body += R"(,"nonce":)" + matrix::jsonString(stamp.nonce) + R"(,"ts":)" + QByteArray::number(stamp.ts);
    if (opened)
        body += R"(,"upstream":)" + matrix::jsonString(m_upstream);
    federation::Request request;
    request.destination = relay.place.relay;
    request.method = QByteArrayLiteral("PUT");
    request.target = QByteArrayLiteral("/_matrix/federation/unstable/org.restante/door");
    request.body = body + '}';
    request.peer = relay.place.peer;
    request.deadlineMs = AnswerMs;
    request.mostBytes = DoorAnswerBytes;
    relay.asking = m_caller.send(
        std::move(request), [this, name = relay.place.relay, opened](const Result<federation::Response> &response) {
            onAnswer(name, opened, response);
        });
}

void DoorKeeper::onAnswer(const matrix::ServerName &name, bool opened, const Result<federation::Response> &response)
{
    const auto found = m_relays.find(name);
    if (found == m_relays.end())
        return;
    Relay &relay = found->second;
    const qint64 now = m_clock.steadyMs();
    const auto answer = response && response->status == 200 ? matrix::ScannedObject::scan(response->body)
                                                            : Result<matrix::ScannedObject>(Error());
    const bool wasDoor = std::exchange(relay.isDoor, answer || !response || response->status >= 500);
    const bool passes = answer && opened && isSaid(*answer, "passes");
    if (relay.isDoor && !wasDoor)
        qCInfo(lcNode, "%s is a front door of this server", name.bytes().constData());
    relay.asking = 0;
    relay.passesUntilMs = passes ? now + LeaseMs : 0;
    // One that did not answer may do so in a moment; until then it goes by what it heard last.
    relay.nextMs = opened != opens() ? now : now + (opened && relay.isDoor ? RenewMs : AwayMs);
    look();
    if (answer && opened && isSaid(*answer, "held"))
        m_held();
}

} // namespace restante::node
