// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/dnslookup.h"

#include "federation/arescompat.h"

#include <resolv.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

namespace restante::federation
{

namespace
{
void initialiseAres()
{
    static std::once_flag once;
    std::call_once(once, [] { ares_library_init(ARES_LIB_INIT_ALL); });
}

/// Calls `take` with each record of the answer section until it says that it could not read one. Whether all could be
/// read.
template <typename Take>
bool eachRecord(const QByteArray &message, Take take)
{
    ns_msg parsed;
    const auto *const bytes = reinterpret_cast<const unsigned char *>(message.constData());
    if (ns_initparse(bytes, int(message.size()), &parsed) != 0)
        return false;
    constexpr int mostRecords = 64; // more serve nobody, and would be remembered
    for (int i = 0; i < std::min<int>(ns_msg_count(parsed, ns_s_an), mostRecords); ++i) {
        ns_rr record;
        if (ns_parserr(&parsed, ns_s_an, i, &record) != 0)
            return false;
        if (ns_rr_class(record) == ns_c_in && !take(parsed, record))
            return false;
    }
    return true;
}
} // namespace

/// One type of the records.
struct DnsLookup::Question {
    Type type;
    bool open = true;
    Reply reply = {};
};

DnsLookup::DnsLookup(const QByteArray &name, const std::vector<Type> &types, const QByteArray &servers)
    : m_name(name)
    , m_watches([this](int socket, bool forWriting) {
        drive(forWriting ? ARES_SOCKET_BAD : socket, forWriting ? socket : ARES_SOCKET_BAD);
    })
{
    initialiseAres();
    for (const Type type : types)
        m_questions.push_back(std::make_unique<Question>(Question{type}));
    ares_options options{};
    options.timeout = FirstTryMs;
    options.tries = Tries;
    options.sock_state_cb = &DnsLookup::onSocket;
    options.sock_state_cb_data = this;
    if (ares_init_options(&m_channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB) !=
        ARES_SUCCESS)
        m_channel = nullptr;
    else if (!servers.isEmpty())
        ares_set_servers_ports_csv(m_channel, servers.constData());
    m_timer.setSingleShot(true);
    m_timer.callOnTimeout([this] { drive(ARES_SOCKET_BAD, ARES_SOCKET_BAD); });
    m_limit.setSingleShot(true);
    m_limit.callOnTimeout([this] { finish(); });
}

DnsLookup::~DnsLookup()
{
    if (m_channel)
        ares_destroy(m_channel); // answers every open question, which nobody hears
}

void DnsLookup::start(Finished finished)
{
    m_finished = std::move(finished);
    m_limit.start(m_channel ? LimitMs : 0);
    if (!m_channel)
        return;
    for (const auto &question : m_questions)
        compat::query<&DnsLookup::onAnswer>(m_channel, m_name.constData(), int(question->type), question.get());
    const bool open = std::any_of(m_questions.begin(), m_questions.end(), [](const auto &each) { return each->open; });
    if (open)
        goOn();
    else // answered before anything was sent
        m_limit.start(0);
}

void DnsLookup::drive(int readable, int writable)
{
    if (!m_finished)
        return;
    ares_process_fd(m_channel, readable, writable);
    goOn();
}

/// Outside c-ares, which must not be destroyed or asked from inside its own calls.
void DnsLookup::goOn()
{
    if (std::none_of(m_questions.begin(), m_questions.end(), [](const auto &each) { return each->open; }))
        return finish();
    const auto isFound = [](const auto &each) { return each->reply.state == Reply::State::Found; };
    if (m_limit.remainingTime() > OthersMs && std::any_of(m_questions.begin(), m_questions.end(), isFound))
        m_limit.start(OthersMs);
    timeval wait{};
    if (const timeval *const given = ares_timeout(m_channel, nullptr, &wait))
        m_timer.start(int(given->tv_sec * 1'000 + given->tv_usec / 1'000 + 1));
    else
        m_timer.stop();
}

void DnsLookup::finish()
{
    m_timer.stop();
    m_limit.stop();
    m_watches.clear();
    std::vector<Reply> replies;
    for (const auto &question : m_questions)
        replies.push_back(question->reply);
    if (const Finished tell = std::exchange(m_finished, nullptr))
        tell(replies);
}

void DnsLookup::onSocket(void *self, int socket, int readable, int writable)
{
    static_cast<DnsLookup *>(self)->m_watches.set(socket, readable != 0, writable != 0);
}

void DnsLookup::onAnswer(void *question, int status, const QByteArray &message)
{
    auto *const asked = static_cast<Question *>(question);
    asked->open = false;
    if (status == ARES_SUCCESS && !message.isNull())
        asked->reply = {Reply::State::Found, message};
    else if (status == ARES_ENODATA || status == ARES_ENOTFOUND || status == ARES_EBADNAME)
        asked->reply.state = Reply::State::None;
}

std::optional<QList<Service>> servicesIn(const QByteArray &message)
{
    constexpr int fixedBytes = 6; // RFC 2782: priority, weight, port
    constexpr qint64 second = 1'000;
    constexpr quint32 mostSeconds = 0x7fffffff; // RFC 2181, 8
    QList<Service> services;
    const bool read = eachRecord(message, [&services](const ns_msg &parsed, const ns_rr &record) {
        if (ns_rr_type(record) != ns_t_srv)
            return true;
        if (ns_rr_rdlen(record) <= fixedBytes)
            return false;
        const unsigned char *const data = ns_rr_rdata(record);
        std::array<char, NS_MAXDNAME> target{};
        if (dn_expand(ns_msg_base(parsed), ns_msg_end(parsed), data + fixedBytes, target.data(), int(target.size())) <
            0)
            return false;
        const auto ttl = quint32(ns_rr_ttl(record));
        services.append({quint16(ns_get16(data)), quint16(ns_get16(data + 2)), quint16(ns_get16(data + 4)),
                         QByteArray(target.data()), ttl > mostSeconds ? 0 : qint64(ttl) * second});
        return true;
    });
    return read ? std::optional(services) : std::nullopt;
}

QList<QHostAddress> addressesIn(const QByteArray &message)
{
    constexpr int v4Bytes = 4;
    constexpr int v6Bytes = 16;
    QList<QHostAddress> addresses;
    eachRecord(message, [&addresses](const ns_msg & /*parsed*/, const ns_rr &record) {
        QHostAddress address;
        if (ns_rr_type(record) == ns_t_a && ns_rr_rdlen(record) == v4Bytes)
            address = QHostAddress(quint32(ns_get32(ns_rr_rdata(record))));
        else if (ns_rr_type(record) == ns_t_aaaa && ns_rr_rdlen(record) == v6Bytes)
            address = QHostAddress(ns_rr_rdata(record));
        if (!address.isNull() && !addresses.contains(address))
            addresses.append(address);
        return true;
    });
    return addresses;
}

} // namespace restante::federation
