// SPDX-License-Identifier: GPL-3.0-or-later
#include "startup.h"

#include <QtCore/QCoreApplication>

#include <cstdio>

namespace restante::app
{

StartFailure startFailure(const Error &error)
{
    return {error.code == Errc::InvalidSetting ? Unusable : RuntimeFailure, error.detail};
}

std::variant<settings::Options, ExitStatus> readOptions(const QStringList &arguments)
{
    const auto options = settings::Options::parse(arguments);
    if (!options) {
        complain(options.error().detail);
        return Unusable;
    }
    if (options->help) {
        std::fputs(qPrintable(settings::Options::helpText()), stdout);
        return Ended;
    }
    if (options->version) {
        std::printf("%s %s\n", qPrintable(QCoreApplication::applicationName()), RESTANTE_VERSION);
        return Ended;
    }
    return *options;
}

void complain(const QString &line)
{
    std::fprintf(stderr, "%s: %s\n", qPrintable(QCoreApplication::applicationName()), qPrintable(line));
}

} // namespace restante::app
