// SPDX-License-Identifier: GPL-3.0-or-later
// restante: the relay with its window.
#include "base/standardstreams.h"
#include "base/taskthread.h"
#include "controlsocket.h"
#include "displaystart.h"
#include "http/descriptors.h"
#include "startup.h"
#include "ui/shell/translation.h"
#include "ui/widgets/errorwords.h"
#include "ui/widgets/plaintext.h"
#include "ui/widgets/plaintip.h"
#include "unixsignals.h"
#include "windowprogram.h"

#include <QtWidgets/QApplication>
#include <QtWidgets/QMessageBox>

#include <optional>

using namespace restante;

namespace
{
/// Says on the screen and on standard error why the program cannot start; a signal ends that, too.
int failed(const app::StartFailure &failure, const Error &error, const app::UnixSignals &signals)
{
    app::complain(failure.line);
    QMessageBox box(QMessageBox::Critical, QApplication::applicationDisplayName(), ui::sentence(error),
                    QMessageBox::Ok);
    box.setInformativeText(ui::plainTip(failure.line));
    QObject::connect(&signals, &app::UnixSignals::terminationRequested, &box, &QDialog::reject);
    box.exec();
    return failure.status;
}
} // namespace

int main(int argc, char **argv)
{
    base::openStandardStreams();
    http::raiseDescriptorLimit();
    app::endWithWordsOnBusError();
    base::useLightEventLoops();
    base::giveLargeMemoryBack();
    QApplication::setApplicationName(QStringLiteral("restante"));
    if (const auto status = app::answerWithoutDisplay(argc, argv))
        return *status;
    auto display = std::make_optional<app::DisplayStart>();
    QApplication application(argc, argv);
    display.reset();
    const ui::PlainText plainText(application);
    QApplication::setApplicationDisplayName(QStringLiteral("Restante"));
    QApplication::setApplicationVersion(QStringLiteral(RESTANTE_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("org.restante.Restante"));
    // Only the operator and the end of the session end the program: with a hidden window the last one that closes may
    // be a question or a message.
    QApplication::setQuitOnLastWindowClosed(false);

    const auto options = app::readOptions(QApplication::arguments());
    const auto *wanted = std::get_if<settings::Options>(&options);
    if (!wanted)
        return *std::get_if<app::ExitStatus>(&options);
    ui::installTranslations(application);

    const app::UnixSignals signals;
    const base::SystemClock clock;
    app::WindowProgram program(*wanted, clock);
    if (program.isNew()) {
        program.showWizard();
    } else if (const auto opened = program.open(); opened) {
        program.show(wanted->hidden);
    } else if (opened.error().code == Errc::AlreadyRunning) {
        const auto failure = app::showRunningWindow(wanted->dataFolder, wanted->card, opened.error());
        return failure ? failed(*failure, opened.error(), signals) : app::Ended;
    } else {
        return failed(app::startFailure(opened.error()), opened.error(), signals);
    }
    QObject::connect(&signals, &app::UnixSignals::terminationRequested, &program, &app::WindowProgram::quit);
    return QApplication::exec();
}
