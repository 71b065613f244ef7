// SPDX-License-Identifier: GPL-3.0-or-later
#include "unixsignals.h"

#include <QtCore/QSocketNotifier>

#ifdef Q_OS_UNIX
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#endif

namespace restante::app
{

#ifdef Q_OS_UNIX
namespace
{
constexpr std::array Signals{SIGTERM, SIGINT, SIGHUP};

// A signal handler may only touch things like these.
volatile std::sig_atomic_t writeEnd = -1;
std::array<int, 2> ends{-1, -1};

void onSignal(int)
{
    const char one = 1;
    // Nothing could be done about a failure here; the buffer is far larger than the number of signals.
    [[maybe_unused]] const auto written = ::write(writeEnd, &one, 1);
}
} // namespace

UnixSignals::UnixSignals(QObject *parent)
    : QObject(parent)
{
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
        return;
    writeEnd = ends[0];
    auto *notifier = new QSocketNotifier(ends[1], QSocketNotifier::Read, this);
    connect(notifier, &QSocketNotifier::activated, this, [this] {
        char byte = 0;
        while (::read(ends[1], &byte, 1) == 1) {
        }
        Q_EMIT terminationRequested();
    });
    struct sigaction action {
    };
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (const int number : Signals) {
        // nohup(1) has the program outlive its terminal.
        struct sigaction before {
        };
        if (number == SIGHUP && ::sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_IGN)
            continue;
        ::sigaction(number, &action, nullptr);
    }
}

UnixSignals::~UnixSignals()
{
    struct sigaction action {
    };
    for (const int number : Signals) {
        if (::sigaction(number, nullptr, &action) == 0 && action.sa_handler == onSignal)
            std::signal(number, SIG_DFL);
    }
    writeEnd = -1;
    for (int &end : ends) {
        if (end >= 0)
            ::close(end);
        end = -1;
    }
}
#else
UnixSignals::UnixSignals(QObject *parent)
    : QObject(parent)
{
}
UnixSignals::~UnixSignals() = default;
#endif

} // namespace restante::app
