// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/passphrase.h"

#include "base/inputfile.h"
#include "base/ondisk.h"

#include <QtCore/QFile>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

using namespace Qt::Literals::StringLiterals;

namespace restante::ctl
{

namespace
{
using identity::SecretBytes;

constexpr qsizetype MostBytes = 1'024;
constexpr std::array Signals{SIGINT, SIGTERM, SIGHUP};

// A signal handler may only touch things like these.
volatile std::sig_atomic_t requested = 0;

void onSignal(int)
{
    requested = 1;
}

/// A file descriptor of its own.
class Descriptor
{
public:
    explicit Descriptor(int number)
        : m_number(number)
    {
    }
    ~Descriptor()
    {
        if (m_number >= 0)
            ::close(m_number);
    }
    Q_DISABLE_COPY_MOVE(Descriptor)
    int number() const { return m_number; }

private:
    const int m_number;
};

/// Does not show what is typed.
class Unseen
{
public:
    explicit Unseen(int terminal)
        : m_terminal(terminal)
    {
        m_changed = ::tcgetattr(terminal, &m_before) == 0;
        termios unseen = m_before;
        unseen.c_lflag &= ~tcflag_t(ECHO);
        unseen.c_lflag |= tcflag_t(ICANON | ISIG | ECHONL);
        m_changed = m_changed && ::tcsetattr(terminal, TCSAFLUSH, &unseen) == 0;
    }
    ~Unseen()
    {
        if (m_changed)
            ::tcsetattr(m_terminal, TCSAFLUSH, &m_before);
    }
    Q_DISABLE_COPY_MOVE(Unseen)
    bool worked() const { return m_changed; }

private:
    const int m_terminal;
    termios m_before{};
    bool m_changed = false;
};

/// The next line, byte by byte: what follows it belongs to somebody else.
Result<SecretBytes> readLine(int descriptor, const QString &name)
{
    SecretBytes all(MostBytes + 1);
    qsizetype used = 0;
    while (used < all.size()) {
        if (Interruption::isRequested())
            return {Errc::Io, u"Interrupted; nothing was changed"_s};
        const ssize_t got = ::read(descriptor, all.data() + used, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return {Errc::Io, u"%1 cannot be read: %2"_s.arg(name, qt_error_string(errno))};
        if (got == 0 || all.data()[used] == '\n')
            break;
        ++used;
    }
    if (used > 0 && all.data()[used - 1] == '\r')
        --used;
    if (used > MostBytes)
        return {Errc::InvalidSetting, u"The passphrase is longer than %1 bytes"_s.arg(MostBytes)};
    if (used == 0)
        return {Errc::InvalidSetting, u"An empty passphrase protects nothing"_s};
    SecretBytes line(used);
    std::memcpy(line.data(), all.data(), size_t(used));
    return line;
}

void say(int terminal, const char *text)
{
    // A person who cannot see the question can answer it all the same.
    [[maybe_unused]] const auto written = ::write(terminal, text, std::strlen(text));
}

Result<SecretBytes> ask(bool twice)
{
    const Descriptor terminal(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (terminal.number() < 0)
        return {Errc::InvalidSetting, u"There is no terminal to ask for the passphrase; use --passphrase-file"_s};
    const Unseen unseen(terminal.number());
    if (!unseen.worked())
        return {Errc::InvalidSetting, u"The terminal cannot hide the passphrase; use --passphrase-file"_s};
    say(terminal.number(), "Passphrase: ");
    auto first = readLine(terminal.number(), u"The terminal"_s);
    if (!first || !twice)
        return first;
    say(terminal.number(), "Again: ");
    const auto second = readLine(terminal.number(), u"The terminal"_s);
    if (!second && second.error().code == Errc::Io)
        return second.error();
    if (!second || second->view() != first->view())
        return {Errc::InvalidSetting, u"The two passphrases are not the same"_s};
    return first;
}
} // namespace

Interruption::Interruption()
{
    struct sigaction action {
    };
    action.sa_handler = onSignal;
    action.sa_flags = int(SA_RESETHAND); // no SA_RESTART: a question at the terminal ends
    for (const int number : Signals)
        ::sigaction(number, &action, nullptr);
}

Interruption::~Interruption()
{
    for (const int number : Signals)
        std::signal(number, SIG_DFL);
}

bool Interruption::isRequested()
{
    return requested != 0;
}

Result<SecretBytes> readPassphrase(const QString &file, bool twice)
{
    if (file.isEmpty())
        return ask(twice);
    if (file == "-"_L1)
        return readLine(STDIN_FILENO, u"Standard input"_s);
    QFile opened(file);
    if (const auto done = base::openToRead(opened, base::Pipes::Read); !done)
        return base::fileError(file, "read"_L1, done.error().detail);
    return readLine(opened.handle(), file);
}

} // namespace restante::ctl
