// SPDX-License-Identifier: GPL-3.0-or-later
// restante_bare: the yardstick of the bench. The product's HTTP front, guard, JSON scanner and signature check,
// answering
// `{}` and keeping nothing. Prints the same ready line as restanted and takes the same settings. With --homeserver it
// is a homeserver instead.
#include "baresite.h"
#include "homeserversite.h"

#include "base/clock.h"
#include "base/taskthread.h"
#include "http/front.h"
#include "policyfrom.h"
#include "settings/fieldtable.h"
#include "unixsignals.h"

#include <QtCore/QCommandLineParser>
#include <QtCore/QCoreApplication>

#include <sodium.h>

#include <cstdio>

using namespace restante;

namespace
{

Result<settings::Settings> settingsOf(const QStringList &assignments)
{
    settings::Settings settings;
    for (const QString &assignment : assignments) {
        const qsizetype at = assignment.indexOf(u'=');
        if (const auto wrong = settings::set(settings, QStringView(assignment).first(std::max<qsizetype>(at, 0)),
                                             assignment.mid(at + 1)))
            return settings::errorOf(*wrong);
    }
    if (const auto valid = settings::validate(settings); !valid)
        return valid.error();
    return settings;
}

int complain(const Error &error)
{
    std::fprintf(stderr, "restante_bare: %s\n", qUtf8Printable(error.detail));
    return 1;
}

} // namespace

int main(int argc, char *argv[])
{
    base::useLightEventLoops();
    base::giveLargeMemoryBack();
    const QCoreApplication application(argc, argv);
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addOption({QStringLiteral("server-name"), QStringLiteral("Answer as this server."), QStringLiteral("NAME")});
    parser.addOption({QStringLiteral("homeserver"),
                      QStringLiteral("Take PUT /send, and keep what comes in this new database."),
                      QStringLiteral("FILE")});
    parser.addOption({QStringLiteral("set"), QStringLiteral("A setting, as for restanted."), QStringLiteral("K=V")});
    parser.process(application);
    if (sodium_init() < 0)
        return complain({Errc::Internal, QStringLiteral("libsodium does not start"), 0});

    const auto name = matrix::ServerName::parse(parser.value(QStringLiteral("server-name")).toUtf8());
    if (!name)
        return complain(name.error());
    const auto settings = settingsOf(parser.values(QStringLiteral("set")));
    if (!settings)
        return complain(settings.error());

    const app::UnixSignals signals;
    QObject::connect(&signals, &app::UnixSignals::terminationRequested, &application, &QCoreApplication::quit);

    const base::SystemClock clock;
    identity::KeyRing ring(clock, nullptr);
    http::ConnectionCounters counters;
    http::Front front(app::limitsFrom(*settings), clock, counters);
    const auto makeSite = [&ring, &name, file = parser.value(QStringLiteral("homeserver"))](int) {
        return file.isEmpty() ? std::unique_ptr<http::Site>(std::make_unique<bench::BareSite>(ring, *name))
                              : std::make_unique<bench::HomeserverSite>(ring, *name, file);
    };
    const auto listening =
        front.listen({{QHostAddress(QHostAddress::LocalHost), 0, true}}, std::nullopt, makeSite, settings->httpWorkers);
    if (!listening)
        return complain(listening.error());
    std::printf("{\"event\":\"ready\",\"server_name\":\"%s\",\"listen\":[\"%s\"]}\n", name->bytes().constData(),
                qUtf8Printable(front.addresses().first()));
    std::fflush(stdout);
    return QCoreApplication::exec();
}
