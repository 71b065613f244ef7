// SPDX-License-Identifier: GPL-3.0-or-later
#include "startup.h"

#include "base/standardstreams.h"

#include <QtCore/QCoreApplication>

#include <cstdio>

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

void complain(const QString &line)
{
    std::fprintf(stderr, "%s: %s\n", qPrintable(QCoreApplication::applicationName()), qPrintable(line));
}

} // namespace restante::app
