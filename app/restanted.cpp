// SPDX-License-Identifier: GPL-3.0-or-later
// restanted: the relay without a window.
#include "appliance.h"
#include "base/standardstreams.h"
#include "base/taskthread.h"
#include "controlsocket.h"
#include "http/descriptors.h"
#include "localoperations.h"
#include "startup.h"
#include "unixsignals.h"

#include <QtCore/QCoreApplication>

using namespace restante;

int main(int argc, char **argv)
{
    base::openStandardStreams();
    http::raiseDescriptorLimit();
    app::endWithWordsOnBusError();
    base::useLightEventLoops();
    base::giveLargeMemoryBack();
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("restanted"));
    QCoreApplication::setApplicationVersion(QStringLiteral(RESTANTE_VERSION));

    const auto options = app::readOptions(QCoreApplication::arguments());
    if (const auto *status = std::get_if<app::ExitStatus>(&options))
        return *status;

    if (!std::get<settings::Options>(options).card.isEmpty()) {
        app::complain(QStringLiteral("There is no window here to show a card in; see restantectl help card"));
        return app::Unusable;
    }

    const app::UnixSignals signals;
    QObject::connect(&signals, &app::UnixSignals::terminationRequested, &application, &QCoreApplication::quit);

    const base::SystemClock clock;
    const auto failed = [](const Error &error) {
        const app::StartFailure failure = app::startFailure(error);
        app::complain(failure.line);
        return int(failure.status);
    };
    auto appliance = app::Appliance::open(std::get<settings::Options>(options), clock);
    if (!appliance)
        return failed(appliance.error());
    if (const auto listening = (*appliance)->listen(false); !listening)
        return failed(listening.error());

    app::LocalOperations operations(**appliance);
    control::Server server(operations, {QCoreApplication::applicationName(), false});
    app::openControl(server, (*appliance)->dataFolder());

    // A program that waits for the line would wait for ever.
    if (const auto told = base::printOut((*appliance)->readyLine()); !told)
        return failed(told.error());
    return QCoreApplication::exec();
}
