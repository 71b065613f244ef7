// SPDX-License-Identifier: GPL-3.0-or-later
#include "controlsocket.h"

#include "control/client.h"
#include "telemetry/logging.h"

using namespace Qt::Literals::StringLiterals;

namespace restante::app
{

namespace
{
constexpr int StartingMs = 5'000;
constexpr int AnswerMs = 10'000;
} // namespace

void openControl(control::Server &server, const QString &dataFolder)
{
    if (const auto listening = server.listen(dataFolder); !listening)
        qCWarning(lcControl).noquote() << listening.error().detail;
}

std::optional<StartFailure> showRunningWindow(const QString &dataFolder, const QString &card, const Error &refusal)
{
    const auto client = control::Client::open(dataFolder, StartingMs);
    if (!client)
        return startFailure(refusal);
    if ((*client)->program() != "restante"_L1)
        return StartFailure{RuntimeFailure, u"%1, which has no window, holds the data folder %2"_s.arg(
                                                (*client)->program(), dataFolder)};
    const auto raised = card.isEmpty() ? (*client)->call(u"raise"_s, {}, {}, AnswerMs)
                                       : (*client)->call(u"card open"_s, {{u"link"_s, card}}, {}, AnswerMs);
    if (!raised)
        return startFailure({Errc::AlreadyRunning, refusal.detail + ": "_L1 + raised.error().detail, 0});
    return std::nullopt;
}

} // namespace restante::app
