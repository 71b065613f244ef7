// SPDX-License-Identifier: GPL-3.0-or-later
// The homeserver beside this installation in words: what was found, what a test showed, what its lines are for.
#pragma once

#include "control/operations.h"

#include <QtCore/QString>

namespace restante::ui
{

/// "Synapse" or "Dendrite".
QString softwareText(homeserver::Software software);
/// One line that names a homeserver that was found: software, server name, file.
QString foundText(const homeserver::Configuration &found);
/// What could not be read, a line each; empty if there is nothing.
QString unreadableText(const QList<homeserver::Unreadable> &files);

/// What a test showed, what to do about it, and what was observed.
QString outcomeText(const homeserver::TrialReport &report);
/// What was observed of the other direction: when the homeserver sent through this node last, or why it cannot.
QString wayOutText(const control::ApplianceStatus &status);
/// Whether that is as it should be.
bool wayOutWorks(const control::ApplianceStatus &status);

/// What these lines are for and where they belong.
QString pieceText(const homeserver::Piece &piece);
/// What is to be known of the lines, of which `pieces` are all, or why there are none.
QString remarkText(const homeserver::Configuration &configuration, const QList<homeserver::Piece> &pieces);

} // namespace restante::ui
