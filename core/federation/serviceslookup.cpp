// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/serviceslookup.h"

#include <QtCore/QSocketNotifier>

#include <ares.h>
#include <arpa/nameser.h>
#include <resolv.h>

#include <array>
#include <mutex>

namespace restante::federation
{

namespace
{
constexpr int FirstPatienceMs = 1'500; // for one name server, before the next one is asked
constexpr int Tries = 3;
constexpr int MostRecords = 64;

Error noAnswer()
{
    return {Errc::Unreachable, QStringLiteral("The name service did not answer"), 0};
}

void startLibrary()
{
    static std::once_flag once;
    std::call_once(once, [] { ares_library_init(ARES_LIB_INIT_ALL); });
}

std::optional<Service> serviceOf(const ns_msg &message, const ns_rr &record)
{
    constexpr int HeadBytes = 6; // priority, weight, port
    if (ns_rr_type(record) != ns_t_srv || ns_rr_rdlen(record) <= HeadBytes)
        return std::nullopt;
    const unsigned char *data = ns_rr_rdata(record);
    std::array<char, NS_MAXDNAME> target{};
    if (::dn_expand(ns_msg_base(message), ns_msg_end(message), data + HeadBytes, target.data(), int(target.size())) < 0)
        return std::nullopt;
    constexpr qint64 second = 1'000;
    return Service{quint16(ns_get16(data)), quint16(ns_get16(data + 2)), quint16(ns_get16(data + 4)),
                   QByteArray(target.data()), qint64(ns_rr_ttl(record)) * second};
}

Result<QList<Service>> servicesOf(const unsigned char *bytes, int size)
{
    ns_msg message{};
    if (::ns_initparse(bytes, size, &message) != 0)
        return noAnswer();
    QList<Service> services;
    for (int i = 0; i < std::min<int>(ns_msg_count(message, ns_s_an), MostRecords); ++i) {
        ns_rr record{};
        if (::ns_parserr(&message, ns_s_an, i, &record) != 0)
            return noAnswer();
        if (auto service = serviceOf(message, record))
            services.append(*std::move(service));
    }
    return services;
}
} // namespace

ServicesLookup::ServicesLookup(const QByteArray &name, const QByteArray &nameServer, int patienceMs, Done done)
    : m_done(std::move(done))
{
    m_tick.setSingleShot(true);
    m_patience.setSingleShot(true);
    QObject::connect(&m_tick, &QTimer::timeout, &m_context, [this] { process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); });
    QObject::connect(&m_patience, &QTimer::timeout, &m_context, [this] { finish(noAnswer()); });
    if (!open(nameServer)) {
        finish(noAnswer());
        return;
    }
    m_patience.start(patienceMs);
    ares_query(
        m_channel, name.constData(), ns_c_in, ns_t_srv,
        [](void *self, int status, int, unsigned char *bytes, int size) {
            static_cast<ServicesLookup *>(self)->answer(status, bytes, size);
        },
        this);
    process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

ServicesLookup::~ServicesLookup()
{
    m_finished = true; // c-ares tells of the end of each question
    if (m_channel)
        ares_destroy(m_channel);
}

bool ServicesLookup::open(const QByteArray &nameServer)
{
    startLibrary();
    ares_options options{};
    options.timeout = FirstPatienceMs;
    options.tries = Tries;
    options.sock_state_cb_data = this;
    options.sock_state_cb = [](void *self, ares_socket_t socket, int readable, int writable) {
        static_cast<ServicesLookup *>(self)->watch(socket, readable != 0, writable != 0);
    };
    if (ares_init_options(&m_channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB) !=
        ARES_SUCCESS) {
        m_channel = nullptr;
        return false;
    }
    return nameServer.isEmpty() || ares_set_servers_ports_csv(m_channel, nameServer.constData()) == ARES_SUCCESS;
}

void ServicesLookup::process(int readable, int writable)
{
    if (m_finished)
        return;
    ares_process_fd(m_channel, readable, writable);
    timeval wait{};
    if (!m_finished && ares_timeout(m_channel, nullptr, &wait))
        m_tick.start(int(wait.tv_sec * 1'000 + wait.tv_usec / 1'000 + 1));
    else
        m_tick.stop();
}

/// Called from inside c-ares, perhaps in the middle of a notifier's signal.
void ServicesLookup::watch(int socket, bool reading, bool writing)
{
    const auto listen = [this, socket](std::unique_ptr<QSocketNotifier> &notifier, bool wanted, bool forWriting) {
        if (!wanted && notifier) {
            notifier->setEnabled(false); // before the socket is closed
            notifier.release()->deleteLater();
        } else if (wanted && !notifier) {
            notifier =
                std::make_unique<QSocketNotifier>(socket, forWriting ? QSocketNotifier::Write : QSocketNotifier::Read);
            QObject::connect(notifier.get(), &QSocketNotifier::activated, &m_context, [this, socket, forWriting] {
                process(forWriting ? ARES_SOCKET_BAD : socket, forWriting ? socket : ARES_SOCKET_BAD);
            });
        }
    };
    Watch &watched = m_watches[socket];
    listen(watched.reading, reading, false);
    listen(watched.writing, writing, true);
    if (!reading && !writing)
        m_watches.erase(socket);
}

/// Called from inside c-ares.
void ServicesLookup::answer(int status, const unsigned char *bytes, int size)
{
    if (m_finished)
        return;
    if (status == ARES_SUCCESS)
        finish(servicesOf(bytes, size));
    else if (status == ARES_ENODATA || status == ARES_ENOTFOUND)
        finish(QList<Service>());
    else
        finish(noAnswer());
}

void ServicesLookup::finish(Result<QList<Service>> result)
{
    if (std::exchange(m_finished, true))
        return;
    m_tick.stop();
    m_patience.stop();
    QTimer::singleShot(0, &m_context, [this, result = std::move(result)] {
        const Done done = std::move(m_done); // this may be gone before it ends
        done(result);
    });
}

} // namespace restante::federation
