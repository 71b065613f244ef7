// SPDX-License-Identifier: GPL-3.0-or-later
#include "displaystart.h"

#include <QtCore/QCoreApplication>

#include <cstdlib>

namespace restante::app
{

namespace
{
/// What Qt said first: its last message is a page about plugins. Only the main thread is there yet.
QString firstComplaint;
} // namespace

std::optional<ExitStatus> answerWithoutDisplay(int argc, char **argv)
{
    QStringList arguments;
    for (int i = 0; i < argc; ++i)
        arguments.append(QString::fromLocal8Bit(argv[i]));
    const auto options = settings::Options::parse(arguments);
    return options ? answerAtOnce(*options) : std::nullopt;
}

DisplayStart::DisplayStart()
    : m_previous(qInstallMessageHandler(&DisplayStart::onMessage))
{
}

DisplayStart::~DisplayStart()
{
    qInstallMessageHandler(m_previous);
    if (!firstComplaint.isEmpty()) // the display could be opened all the same
        qWarning("%ls", qUtf16Printable(firstComplaint));
    firstComplaint.clear();
}

void DisplayStart::onMessage(QtMsgType type, const QMessageLogContext &, const QString &text)
{
    if (type == QtFatalMsg) {
        const QString reason = firstComplaint.isEmpty() ? text.section(QLatin1Char('\n'), 0, 0) : firstComplaint;
        complain(
            QStringLiteral("There is no screen to show a window on: %1. Without one, start restanted").arg(reason));
        std::_Exit(RuntimeFailure); // back in Qt it would abort
    }
    if (firstComplaint.isEmpty() && (type == QtWarningMsg || type == QtCriticalMsg))
        firstComplaint = text.simplified();
}

} // namespace restante::app
