// SPDX-License-Identifier: GPL-3.0-or-later
#include "options.h"

#include <QtCore/QCommandLineParser>
#include <QtCore/QCoreApplication>
#include <QtCore/QFileInfo>

#include <vector>

namespace restante::bench
{

namespace
{

// A number on the command line and where it goes.
struct NumberOption {
    const char *name;
    const char *help;
    int *number;
};

// The program of that name beside this one, or where the build puts it.
QString programBeside(const QString &name)
{
    const QString here = QCoreApplication::applicationDirPath();
    for (const QString &folder : {here, here + QStringLiteral("/../../app")}) {
        const QFileInfo file(folder + u'/' + name);
        if (file.isExecutable())
            return file.canonicalFilePath();
    }
    return {};
}

void makeSmoke(Options &options)
{
    options.smoke = true;
    options.seconds = 0.5;
    options.rounds = 1;
    options.held = 5'000;
    options.collected = 500;
    options.delivered = 300;
    options.newStores = 2'000;
    options.heldDestinations = 50;
    options.settleSeconds = 0;
}

} // namespace

Result<Options> Options::parse(const QStringList &arguments)
{
    Options options;
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("Measures restanted against the bare server."));
    parser.addHelpOption();
    const auto text = [&parser](const char *name, const char *help, const char *value) {
        parser.addOption({QLatin1String(name), QLatin1String(help), QLatin1String(value)});
    };
    text("restanted", "The program to measure (default: of this build).", "FILE");
    text("bare", "The bare server (default: beside this program).", "FILE");
    text("folder", "Where temporary data goes, on a real disk (default: beside this program).", "DIR");
    text("json", "Write the results there.", "FILE");
    text("scenario", "small, large, alone, held, node, deliver or new; repeatable (default: all).", "NAME");
    text("set", "A setting for all servers; repeatable.", "KEY=VALUE");
    text("seconds", "Length of a round (5).", "SECONDS");
    parser.addOption({QStringLiteral("smoke"), QStringLiteral("A run of a few seconds that judges nothing.")});
    const std::vector<NumberOption> numbers = {
        {"senders", "Homeservers that leave mail (64).", &options.senders},
        {"destinations", "Homeservers that collect it (64).", &options.destinations},
        {"connections", "Connections that leave mail at the same time (64).", &options.connections},
        {"workers", "HTTP threads of both servers (1).", &options.workers},
        {"pdus", "PDUs in a small transaction (1).", &options.small.pdus},
        {"pdu-bytes", "Size of each of them (768).", &options.small.pduBytes},
        {"large-pdus", "PDUs in a large transaction (50).", &options.large.pdus},
        {"large-pdu-bytes", "Size of each of them (1024).", &options.large.pduBytes},
        {"rounds", "Rounds, each against all servers in turn (3).", &options.rounds},
        {"held-destinations", "Destinations of what is held (1000).", &options.heldDestinations},
        {"held-origins", "Origins of what is held (100).", &options.heldOrigins},
        {"settle", "Seconds between the load and the look at the memory (10).", &options.settleSeconds},
    };
    for (const NumberOption &option : numbers)
        text(option.name, option.help, "N");
    text("held", "Entries of other destinations that are held before the start (1000000).", "N");
    parser.process(arguments);

    if (parser.isSet(QStringLiteral("smoke")))
        makeSmoke(options);
    for (const NumberOption &option : numbers) {
        const QLatin1String name(option.name);
        if (!parser.isSet(name))
            continue;
        bool good = false;
        *option.number = parser.value(name).toInt(&good);
        if (!good || *option.number < 1)
            return {Errc::InvalidSetting, QStringLiteral("--%1 needs a number above 0").arg(name)};
    }
    if (parser.isSet(QStringLiteral("held")))
        options.held = parser.value(QStringLiteral("held")).toLongLong();
    if (parser.isSet(QStringLiteral("seconds")))
        options.seconds = parser.value(QStringLiteral("seconds")).toDouble();
    if (parser.isSet(QStringLiteral("scenario")))
        options.scenarios = parser.values(QStringLiteral("scenario"));
    options.settings = parser.values(QStringLiteral("set"));
    options.json = parser.value(QStringLiteral("json"));
    options.folder = parser.isSet(QStringLiteral("folder")) ? parser.value(QStringLiteral("folder"))
                                                            : QCoreApplication::applicationDirPath();
    options.restanted = parser.isSet(QStringLiteral("restanted")) ? parser.value(QStringLiteral("restanted"))
                                                                  : programBeside(QStringLiteral("restanted"));
    options.bare = parser.isSet(QStringLiteral("bare")) ? parser.value(QStringLiteral("bare"))
                                                        : programBeside(QStringLiteral("restante_bare"));
    if (options.restanted.isEmpty() || options.bare.isEmpty())
        return {Errc::InvalidSetting, QStringLiteral("restanted or restante_bare is not there: build them first")};
    if (options.seconds <= 0 || options.held < 0)
        return {Errc::InvalidSetting, QStringLiteral("--seconds and --held cannot be negative")};
    return options;
}

} // namespace restante::bench
