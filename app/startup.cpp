// SPDX-License-Identifier: GPL-3.0-or-later
#include "startup.h"

#include "base/standardstreams.h"

#include <QtCore/QCoreApplication>

#include <cstdio>

#ifdef Q_OS_UNIX
#include <unistd.h>

#include <csignal>
#endif

namespace restante::app
{

StartFailure startFailure(const Error &error)
{
    return {error.code == Errc::InvalidSetting ? Unusable : RuntimeFailure, error.detail};
}

std::optional<ExitStatus> answerAtOnce(const settings::Options &options)
{
    if (!options.help && !options.version)
        return {};
    const QString version =
        QStringLiteral("%1 %2\n").arg(QCoreApplication::applicationName(), QStringLiteral(RESTANTE_VERSION));
    const QString text = options.help ? settings::Options::helpText() : version;
    if (const auto printed = base::printOut(text.toLocal8Bit()); !printed) {
        complain(printed.error().detail);
        return RuntimeFailure;
    }
    return Ended;
}

std::variant<settings::Options, ExitStatus> readOptions(const QStringList &arguments)
{
    const auto options = settings::Options::parse(arguments);
    if (!options) {
        complain(options.error().detail);
        return Unusable;
    }
    if (const auto status = answerAtOnce(*options))
        return *status;
    return *options;
}

#ifdef Q_OS_UNIX
namespace
{
void onBusError(int)
{
    // Only what a signal handler may do. What was answered is on the disk, as after kill -9.
    constexpr char words[] = "A file could not be written through memory: its disk is full or fails\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, words, sizeof words - 1);
    ::_exit(RuntimeFailure);
}
} // namespace

void endWithWordsOnBusError()
{
    std::signal(SIGBUS, onBusError);
}
#else
void endWithWordsOnBusError() {}
#endif

void complain(const QString &line)
{
    std::fprintf(stderr, "%s: %s\n", qPrintable(QCoreApplication::applicationName()), qPrintable(line));
}

} // namespace restante::app
