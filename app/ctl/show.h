// SPDX-License-Identifier: GPL-3.0-or-later
// Answers as text for people, a function for each kind; what goes wrong inside an answer as lines for standard error.
#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace restante::ctl
{

// show.cpp: the relay and the program
QString showStatus(const QJsonObject &value);
/// A line for each stretch of time in which there was something, and for yesterday and today.
QString showTraffic(const QJsonObject &value);
QString showQueues(const QJsonObject &value);
QString showEntries(const QJsonObject &value);
QString showSendings(const QJsonObject &value);
QString showServed(const QJsonObject &value);
QString showInvites(const QJsonObject &value);
QString showIdentity(const QJsonObject &value);
QString showExported(const QJsonObject &value);
/// Of a backup that was written or restored.
QString showBackup(const QJsonObject &value);
QString showSettings(const QJsonObject &value);
QString showSetting(const QJsonObject &value);
QString showLog(const QJsonObject &value);
/// The files in which nothing is wrong; the others are failures.
QString showChecked(const QJsonObject &value);
QStringList checkFailures(const QJsonObject &value);
/// One entry, indented, every number and string spelled as it came.
QString showLine(const QJsonObject &value);
/// One entry as the line that it came in; nothing if there is none.
QString showRawLine(const QJsonObject &value);
QString showDiscarded(const QJsonObject &value);
QString showRetried(const QJsonObject &value);
QString showWritten(const QJsonObject &value);
/// What the operator has to do for a change to take effect.
QString showChanged(const QJsonObject &value);

// showcard.cpp: cards
/// The link alone, to be handed on.
QString showCard(const QJsonObject &value);
QString showCardShown(const QJsonObject &value);
/// What was done, and what the other one needs now.
QString showCardAdded(const QJsonObject &value);

// showkeys.cpp: the keys of other servers
QString showKeys(const QJsonObject &value);
/// Whether the key took the place of another one.
QString showPinned(const QJsonObject &value);
QString showForgottenKeys(const QJsonObject &value);

// showhomeserver.cpp: the homeserver beside the node
QString showHomeservers(const QJsonObject &value);
QStringList unreadableConfigurations(const QJsonObject &value);
/// What a trial showed in one direction, and when the other was used last.
QString showHomeserverTested(const QJsonObject &value);
QStringList homeserverFailures(const QJsonObject &value);
/// Lines to be copied, with where they belong as comments.
QString showHomeserverLines(const QJsonObject &value);

// shownode.cpp: the node
QString showRelays(const QJsonObject &value);
QString showTested(const QJsonObject &value);
QStringList testFailures(const QJsonObject &value);
/// How a retrieval ended, or that there was one to cancel.
QString showSweep(const QJsonObject &value);
QStringList sweepFailures(const QJsonObject &value);
QString showOutbox(const QJsonObject &value);
QString showForgotten(const QJsonObject &value);
QString showInbox(const QJsonObject &value);
/// Entries of the inbox that could not be read and stand in no answer.
QStringList damagedEntries(const QJsonObject &value);
QString showSent(const QJsonObject &value);
QStringList sendFailures(const QJsonObject &value);

/// What a sweep did since the last time, a line for each relay that moved on; `last` remembers.
QString showProgress(const QJsonObject &sweep, QJsonObject &last);
/// The first few events of a row in words: "2 m.room.message, m.typing".
QString eventsText(const QJsonObject &row);

} // namespace restante::ctl
