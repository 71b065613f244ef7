// SPDX-License-Identifier: GPL-3.0-or-later
// restante_bench: how fast the relay is, against a server that does the same work without keeping anything.
// Exit status: 0 measured (and, unless --smoke, every goal reached), 1 a goal was missed or an answer was wrong, 2
// options that cannot be used.
#include "machine.h"
#include "options.h"
#include "session.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QSaveFile>
#include <QtCore/QTemporaryDir>

#include <sodium.h>

#include <cstdio>

using namespace restante;

namespace
{

Result<void> measureAll(bench::Session &session, const bench::Options &options)
{
    if (auto done = session.prepare(); !done)
        return done;
    if (options.measures("small") || options.measures("held")) {
        if (auto done = session.smallRounds(); !done)
            return done;
    }
    if (options.measures("large")) {
        if (auto done = session.largeRounds(); !done)
            return done;
    }
    if (options.measures("alone")) {
        if (auto done = session.lonelyRounds(); !done)
            return done;
    }
    if (options.measures("node")) {
        if (auto done = session.nodeRounds(); !done)
            return done;
    }
    if (options.measures("deliver")) {
        if (auto done = session.deliverRounds(); !done)
            return done;
    }
    if (auto done = session.memory(); !done)
        return done;
    if (auto done = session.stop(); !done)
        return done;
    if (options.measures("new")) {
        if (auto done = session.memoryOfNewFolder(); !done)
            return done;
    }
    session.judge();
    return {};
}

Result<void> writeJson(const QString &path, const QByteArray &json)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(json) != json.size() || !file.commit())
        return {Errc::Io, QStringLiteral("cannot write %1: %2").arg(path, file.errorString())};
    return {};
}

int complain(const Error &error, int status)
{
    std::fprintf(stderr, "restante_bench: %s\n", qUtf8Printable(error.detail));
    return status;
}

} // namespace

int main(int argc, char *argv[])
{
    const QCoreApplication application(argc, argv);
    if (sodium_init() < 0)
        return complain({Errc::Internal, QStringLiteral("libsodium does not start"), 0}, 1);
    const auto options = bench::Options::parse(QCoreApplication::arguments());
    if (!options)
        return complain(options.error(), 2);
    const QTemporaryDir folder(options->folder + QStringLiteral("/bench-XXXXXX"));
    if (!folder.isValid())
        return complain({Errc::Io, folder.errorString(), 0}, 2);
    if (bench::liesInMemory(folder.path()) && !options->smoke)
        return complain({Errc::InvalidSetting, QStringLiteral("--folder must lie on a disk, not in memory"), 0}, 2);

    bench::Report report;
    bench::Session session(*options, folder.path(), report);
    if (const auto measured = measureAll(session, *options); !measured)
        return complain(measured.error(), 1);
    std::fputs(qUtf8Printable(report.toText(!options->smoke)), stdout);
    if (!options->json.isEmpty()) {
        if (const auto written = writeJson(options->json, report.toJson(!options->smoke)); !written)
            return complain(written.error(), 1);
    }
    return options->smoke || report.allReached() ? 0 : 1;
}
