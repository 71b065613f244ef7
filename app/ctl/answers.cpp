// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/answers.h"

#include "ctl/show.h"

namespace restante::ctl
{

using control::Answer;

/// A switch without a default, so that the compiler names the answer that was forgotten here.
QString shown(Answer answer, const QJsonObject &value)
{
    switch (answer) {
    case Answer::Nothing:
        return {};
    case Answer::Status:
        return showStatus(value);
    case Answer::Traffic:
        return showTraffic(value);
    case Answer::Queues:
        return showQueues(value);
    case Answer::Entries:
        return showEntries(value);
    case Answer::Line:
        return showLine(value);
    case Answer::RawLine:
        return showRawLine(value);
    case Answer::Discarded:
        return showDiscarded(value);
    case Answer::Retried:
        return showRetried(value);
    case Answer::Written:
    case Answer::InboxWritten:
        return showWritten(value);
    case Answer::Changed:
        return showChanged(value);
    case Answer::Served:
        return showServed(value);
    case Answer::Invites:
        return showInvites(value);
    case Answer::Card:
        return showCard(value);
    case Answer::CardShown:
        return showCardShown(value);
    case Answer::CardAdded:
        return showCardAdded(value);
    case Answer::Relays:
        return showRelays(value);
    case Answer::RelayTested:
        return showTested(value);
    case Answer::Sweep:
        return showSweep(value);
    case Answer::Sendings:
        return showSendings(value);
    case Answer::Outbox:
        return showOutbox(value);
    case Answer::Forgotten:
        return showForgotten(value);
    case Answer::Sent:
        return showSent(value);
    case Answer::Inbox:
        return showInbox(value);
    case Answer::Homeservers:
        return showHomeservers(value);
    case Answer::HomeserverTested:
        return showHomeserverTested(value);
    case Answer::HomeserverLines:
        return showHomeserverLines(value);
    case Answer::Keys:
        return showKeys(value);
    case Answer::Pinned:
        return showPinned(value);
    case Answer::ForgottenKeys:
        return showForgottenKeys(value);
    case Answer::Settings:
        return showSettings(value);
    case Answer::Setting:
        return showSetting(value);
    case Answer::Identity:
        return showIdentity(value);
    case Answer::Exported:
        return showExported(value);
    case Answer::Backup:
        return showBackup(value);
    case Answer::Log:
        return showLog(value);
    case Answer::Checked:
        return showChecked(value);
    }
    Q_UNREACHABLE();
}

QStringList failuresIn(Answer answer, const QJsonObject &value)
{
    switch (answer) {
    case Answer::RawLine:
    case Answer::InboxWritten:
        return damagedEntries(value);
    case Answer::RelayTested:
        return testFailures(value);
    case Answer::Homeservers:
        return unreadableConfigurations(value);
    case Answer::HomeserverTested:
        return homeserverFailures(value);
    case Answer::Sweep:
        return sweepFailures(value);
    case Answer::Sent:
        return sendFailures(value);
    case Answer::Checked:
        return checkFailures(value);
    default:
        return {};
    }
}

} // namespace restante::ctl
