// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/standardstreams.h"

#include <cerrno>
#include <cstdio>

#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#endif

using namespace Qt::Literals::StringLiterals;

namespace restante::base
{

void openStandardStreams()
{
#ifdef Q_OS_UNIX
    // In this order each takes the lowest free number, which is its own.
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(number, F_GETFD) < 0 && errno == EBADF)
            ::open("/dev/null", O_RDWR); // NOLINT(cppcoreguidelines-owning-memory): stays open
    }
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN); // a limit of file sizes is met by an error of the write
#endif
}

Result<void> printOut(QByteArrayView text)
{
    const auto size = size_t(text.size());
    if (std::fwrite(text.data(), 1, size, stdout) == size && std::fflush(stdout) == 0)
        return {};
    return {Errc::Io, u"Standard output cannot be written: %1"_s.arg(qt_error_string(errno))};
}

} // namespace restante::base
