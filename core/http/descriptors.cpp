// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace restante::http
{

qint64 raiseDescriptorLimit()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    return qint64(::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before);
}

qintptr duplicateDescriptor(qintptr descriptor)
{
    return ::fcntl(int(descriptor), F_DUPFD_CLOEXEC, 0);
}

namespace
{
int acceptOnce(int listening)
{
#ifdef SOCK_CLOEXEC
    return ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
#else
    const int descriptor = ::accept(listening, nullptr, nullptr);
    if (descriptor >= 0)
        ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    return descriptor;
#endif
}

/// Errors of the connection, which is gone, and not of accepting.
bool isOfTheConnection(int error)
{
    switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENOPROTOOPT:
    case ETIMEDOUT:
        return true;
    default:
        return false;
    }
}
} // namespace

Acceptance acceptConnection(qintptr listening)
{
    while (true) {
        const int descriptor = acceptOnce(int(listening));
        if (descriptor >= 0)
            return {descriptor, {}, false};
        const int error = errno;
        if (error == EAGAIN || error == EWOULDBLOCK)
            return {};
        if (error == EINVAL)
            return {-1, {}, true};
        if (!isOfTheConnection(error))
            return {-1, qt_error_string(error), false};
    }
}

QHostAddress peerOf(qintptr descriptor)
{
    sockaddr_storage address{};
    socklen_t length = sizeof(address);
    auto *generic = reinterpret_cast<sockaddr *>(&address);
    return ::getpeername(int(descriptor), generic, &length) == 0 ? QHostAddress(generic) : QHostAddress();
}

bool stopListening(qintptr descriptor)
{
    // Linux frees the port but keeps it for this socket, so that only sockets that may share the port can take it.
    return ::shutdown(int(descriptor), SHUT_RDWR) == 0;
}

bool listenAgain(qintptr descriptor, int backlog)
{
    return ::listen(int(descriptor), backlog) == 0;
}

void sayFarewell(qintptr descriptor, const QByteArray &answer)
{
    const int socket = int(descriptor);
    if (::send(socket, answer.constData(), size_t(answer.size()), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        return; // it is gone already, or takes nothing: it is let go without a word
    ::shutdown(socket, SHUT_WR);
    constexpr int mostReads = 4; // a request without a large body; a flood gets no more of our time
    std::array<char, 16'384> sent{};
    ssize_t read = 1;
    for (int reads = 0; reads < mostReads && read > 0; ++reads)
        read = ::recv(socket, sent.data(), sent.size(), MSG_DONTWAIT);
}

void closeDescriptor(qintptr descriptor)
{
    if (descriptor >= 0)
        ::close(int(descriptor));
}

} // namespace restante::http
