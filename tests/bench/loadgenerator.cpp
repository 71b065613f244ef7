// SPDX-License-Identifier: GPL-3.0-or-later
#include "loadgenerator.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <utility>

namespace restante::bench
{

namespace
{

using Clock = std::chrono::steady_clock;

constexpr int StuckMs = 30'000; // a server that answers nothing for this long has failed the round

class FileDescriptor
{
public:
    explicit FileDescriptor(int fd = -1)
        : m_fd(fd)
    {
    }
    FileDescriptor(FileDescriptor &&other) noexcept
        : m_fd(std::exchange(other.m_fd, -1))
    {
    }
    FileDescriptor &operator=(FileDescriptor &&other) noexcept
    {
        std::swap(m_fd, other.m_fd);
        return *this;
    }
    ~FileDescriptor()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    int get() const { return m_fd; }

private:
    int m_fd;
};

struct Connection {
    FileDescriptor socket;
    QByteArrayView unsent;
    QByteArray received;
    qsizetype bodyAt = -1;  // where the answer's body begins, once its head is complete
    qsizetype bodySize = 0; // from Content-Length
    Clock::time_point sentAt;
    bool waiting = false; // for an answer
    bool wantsWrite = false;
};

Result<FileDescriptor> connectTo(quint16 port)
{
    FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (socket.get() < 0 || ::connect(socket.get(), reinterpret_cast<sockaddr *>(&address), sizeof(address)) != 0)
        return {Errc::Io, QStringLiteral("cannot connect: %1").arg(QString::fromLocal8Bit(strerror(errno)))};
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return socket;
}

class Generator
{
public:
    Generator(Traffic &traffic, int connections)
        : m_traffic(traffic)
        , m_connections(size_t(connections))
        , m_poll(::epoll_create1(EPOLL_CLOEXEC))
    {
    }

    Result<void> connectAll(quint16 port)
    {
        for (size_t i = 0; i < m_connections.size(); ++i) {
            auto socket = connectTo(port);
            if (!socket)
                return socket.error();
            m_connections[i].socket = std::move(*socket);
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.u32 = quint32(i);
            if (::epoll_ctl(m_poll.get(), EPOLL_CTL_ADD, m_connections[i].socket.get(), &event) != 0)
                return {Errc::Io, QStringLiteral("epoll refuses a socket")};
        }
        return {};
    }

    Result<Round> run(double seconds)
    {
        const auto begin = Clock::now();
        m_last = begin;
        m_deadline = begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
        for (size_t i = 0; i < m_connections.size(); ++i)
            sendNext(i);
        std::array<epoll_event, 256> events{};
        while (m_open > 0) {
            const int count = ::epoll_wait(m_poll.get(), events.data(), int(events.size()), StuckMs);
            if (count == 0 || (count < 0 && errno != EINTR))
                return {Errc::Io, QStringLiteral("%1 requests stay unanswered").arg(m_open)};
            for (int i = 0; i < count; ++i) {
                const size_t index = events[size_t(i)].data.u32;
                if (events[size_t(i)].events & EPOLLOUT)
                    flush(index);
                if (events[size_t(i)].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
                    receive(index);
            }
        }
        m_round.seconds = std::chrono::duration<double>(m_last - begin).count();
        return std::move(m_round);
    }

private:
    void sendNext(size_t index)
    {
        if (Clock::now() >= m_deadline)
            return;
        const auto request = m_traffic.next(int(index));
        if (!request)
            return;
        Connection &connection = m_connections[index];
        connection.unsent = *request;
        connection.sentAt = Clock::now();
        connection.waiting = true;
        ++m_open;
        flush(index);
    }

    void flush(size_t index)
    {
        Connection &connection = m_connections[index];
        while (!connection.unsent.isEmpty()) {
            const ssize_t written = ::send(connection.socket.get(), connection.unsent.data(),
                                           size_t(connection.unsent.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (written <= 0)
                break; // a broken connection shows when it is read
            connection.unsent = connection.unsent.sliced(written);
        }
        const bool wantsWrite = !connection.unsent.isEmpty();
        if (wantsWrite == connection.wantsWrite)
            return;
        connection.wantsWrite = wantsWrite;
        epoll_event event{};
        event.events = EPOLLIN | (wantsWrite ? EPOLLOUT : 0U);
        event.data.u32 = quint32(index);
        ::epoll_ctl(m_poll.get(), EPOLL_CTL_MOD, connection.socket.get(), &event);
    }

    void receive(size_t index)
    {
        Connection &connection = m_connections[index];
        const ssize_t count = ::recv(connection.socket.get(), m_buffer.data(), m_buffer.size(), MSG_DONTWAIT);
        if (count < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (count <= 0) {
            giveUp(connection);
            return;
        }
        connection.received.append(m_buffer.data(), count);
        if (connection.bodyAt < 0 && !readHead(connection))
            return;
        if (connection.received.size() - connection.bodyAt >= connection.bodySize)
            finish(index);
    }

    void giveUp(Connection &connection)
    {
        ++m_round.broken;
        if (connection.waiting)
            --m_open;
        connection.waiting = false;
        connection.unsent = {};
        connection.socket = FileDescriptor();
    }

    // Finds the end of the head and its Content-Length. False while the head is incomplete.
    static bool readHead(Connection &connection)
    {
        const qsizetype end = connection.received.indexOf("\r\n\r\n");
        if (end < 0)
            return false;
        connection.bodyAt = end + 4;
        connection.bodySize = 0;
        const char *const head = connection.received.constData();
        constexpr QByteArrayView Field = "content-length:";
        for (qsizetype at = connection.received.indexOf('\n'); at >= 0 && at < end;
             at = connection.received.indexOf('\n', at + 1)) {
            if (qstrnicmp(head + at + 1, Field.data(), size_t(Field.size())) != 0)
                continue;
            const char *digits = head + at + 1 + Field.size();
            while (*digits == ' ')
                ++digits;
            std::from_chars(digits, head + end, connection.bodySize);
            break;
        }
        return true;
    }

    void finish(size_t index)
    {
        Connection &connection = m_connections[index];
        const QByteArrayView whole(connection.received);
        const QByteArrayView body = whole.sliced(connection.bodyAt, connection.bodySize);
        m_last = Clock::now();
        if (whole.startsWith("HTTP/1.1 200 ")) {
            ++m_round.answers;
            const auto took = std::chrono::duration_cast<std::chrono::microseconds>(m_last - connection.sentAt);
            m_round.latenciesUs.push_back(quint32(took.count()));
            m_traffic.answered(int(index), body);
        } else if (++m_round.refusals == 1) {
            m_round.firstRefusal = whole.first(whole.indexOf('\r')).toByteArray() + ' ' + body.toByteArray();
        }
        connection.received.resize(0);
        connection.bodyAt = -1;
        connection.waiting = false;
        --m_open;
        sendNext(index);
    }

    Traffic &m_traffic;
    std::vector<Connection> m_connections;
    FileDescriptor m_poll;
    std::vector<char> m_buffer = std::vector<char>(262'144);
    Clock::time_point m_deadline;
    Clock::time_point m_last;
    int m_open = 0; // requests that wait for an answer
    Round m_round;
};

} // namespace

double Round::latencyMs(double share) const
{
    if (latenciesUs.empty())
        return 0;
    auto sorted = latenciesUs;
    const auto at = std::min(sorted.size() - 1, size_t(double(sorted.size()) * share));
    std::nth_element(sorted.begin(), sorted.begin() + qsizetype(at), sorted.end());
    return sorted[at] / 1000.0;
}

Result<Round> generateLoad(quint16 port, int connections, Traffic &traffic, double seconds)
{
    Generator generator(traffic, connections);
    if (const auto connected = generator.connectAll(port); !connected)
        return connected.error();
    return generator.run(seconds);
}

} // namespace restante::bench
