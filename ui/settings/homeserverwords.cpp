// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/homeserverwords.h"

#include "base/printable.h"
#include "ui/widgets/format.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QStringList>

#include <algorithm>

namespace restante::ui
{

namespace
{
struct HomeserverWords {
    Q_DECLARE_TR_FUNCTIONS(HomeserverWords)
};

using TrialOutcome = homeserver::TrialReport::Outcome;
using PieceKind = homeserver::Piece::Kind;
using WarningKind = control::StatusWarning::Kind;

QString trialSentence(const homeserver::TrialReport &report)
{
    switch (report.outcome) {
    case TrialOutcome::Works:
        //: %1 is a server name
        return HomeserverWords::tr(
                   "Restante reaches the homeserver: it is %1, and its key is the one that Restante has.")
            .arg(report.serverName);
    case TrialOutcome::Unreachable:
        return HomeserverWords::tr("Nobody answers there. Check whether the homeserver is running, and its address.");
    case TrialOutcome::NotHomeserver:
        return HomeserverWords::tr("Something answers there that is not a homeserver. Check the address.");
    case TrialOutcome::NoFederation:
        return HomeserverWords::tr("A homeserver answers there, but this port is for its own users alone. For mail its "
                                   "listener needs the resource “federation”.");
    case TrialOutcome::OtherServer:
        //: Two server names
        return HomeserverWords::tr("The homeserver there is %1. Restante is %2 and delivers only to the homeserver of "
                                   "that name: import the homeserver's key, as shown below.")
            .arg(report.serverName, report.expected);
    case TrialOutcome::OtherKey:
        //: A server name, and the names of its keys
        return HomeserverWords::tr("The homeserver there is %1, but it signs with another key (%2) than Restante has. "
                                   "Import the homeserver's key.")
            .arg(report.serverName, report.keyIds);
    case TrialOutcome::BadKeys:
        return HomeserverWords::tr("A homeserver answers there, but what it says of its keys cannot be right.");
    case TrialOutcome::Busy:
        return HomeserverWords::tr("What answers there cannot serve requests just now. If it is not the homeserver "
                                   "itself, check whether that is running; else try again later.");
    }
    return {};
}

bool hasTrouble(const control::ApplianceStatus &status, WarningKind kind)
{
    return std::any_of(status.warnings.begin(), status.warnings.end(),
                       [kind](const auto &warning) { return warning.kind == kind; });
}

QString fileText(const QString &file)
{
    return QDir::toNativeSeparators(base::printable(file));
}
} // namespace

QString softwareText(homeserver::Software software)
{
    return software == homeserver::Software::Synapse ? QStringLiteral("Synapse") : QStringLiteral("Dendrite");
}

QString foundText(const homeserver::Configuration &found)
{
    const QString software = softwareText(found.software);
    if (found.file.isEmpty())
        //: Synapse or Dendrite
        return HomeserverWords::tr("%1 whose configuration is elsewhere").arg(software);
    if (found.serverName.isEmpty())
        //: Synapse or Dendrite, and a file
        return HomeserverWords::tr("%1 (%2)").arg(software, fileText(found.file));
    //: Synapse or Dendrite, a server name, and a file
    return HomeserverWords::tr("%1 of %2 (%3)").arg(software, base::printable(found.serverName), fileText(found.file));
}

QString unreadableText(const QList<homeserver::Unreadable> &files)
{
    QStringList lines;
    for (const homeserver::Unreadable &file : files)
        //: A file, and the reason in English
        lines.append(HomeserverWords::tr("%1 cannot be read: %2.").arg(fileText(file.path), file.reason));
    return lines.join(u'\n');
}

QString outcomeText(const homeserver::TrialReport &report)
{
    QString text = trialSentence(report);
    if (!report.software.isEmpty())
        //: A sentence, and what a homeserver calls itself: "Synapse 1.160.0"
        text = HomeserverWords::tr("%1 It calls itself %2.").arg(text, report.software);
    const bool isSaid = report.outcome == TrialOutcome::Works || report.outcome == TrialOutcome::OtherServer ||
                        report.outcome == TrialOutcome::OtherKey;
    if (isSaid || report.detail.isEmpty())
        return text;
    //: A sentence, and the reason, in English
    return HomeserverWords::tr("%1 The reason: %2").arg(text, report.detail);
}

QString wayOutText(const control::ApplianceStatus &status)
{
    if (!status.node)
        return HomeserverWords::tr(
            "The homeserver cannot send through Restante: working beside a homeserver is off, or "
            "begins at the next start. Switch it on under “Relays and node”.");
    if (status.nodeAddress.isEmpty())
        return HomeserverWords::tr(
            "The homeserver cannot send through Restante: the address for it cannot be used just "
            "now.");
    if (hasTrouble(status, WarningKind::WrongSecret))
        return HomeserverWords::tr("Something asks at %1 with a wrong secret, or without one, and is refused. Copy the "
                                   "lines below into the homeserver's configuration once more.")
            .arg(status.nodeAddress);
    if (hasTrouble(status, WarningKind::OtherHomeserver))
        return HomeserverWords::tr("A homeserver sends through Restante, but with another name or key than Restante "
                                   "has: import its key.");
    if (status.homeserverSeenMs == 0)
        return HomeserverWords::tr(
            "The homeserver has not sent anything through Restante since Restante started. It does "
            "once the lines below are in its configuration, it was restarted, and one of its "
            "users writes to another server.");
    return HomeserverWords::tr("The homeserver reaches Restante: it last sent something through it on %1.")
        .arg(shortTime(status.homeserverSeenMs));
}

bool wayOutWorks(const control::ApplianceStatus &status)
{
    return status.node && status.homeserverSeenMs > 0 && !hasTrouble(status, WarningKind::WrongSecret) &&
           !hasTrouble(status, WarningKind::OtherHomeserver);
}

QString pieceText(const homeserver::Piece &piece)
{
    const QString file =
        piece.file.isEmpty() ? HomeserverWords::tr("the homeserver's configuration") : fileText(piece.file);
    switch (piece.kind) {
    case PieceKind::WayOut:
        if (piece.isNew)
            return HomeserverWords::tr("For its mail to go through Restante: put this into a new file %1 that only the "
                                       "homeserver can read, and restart the homeserver.")
                .arg(file);
        return HomeserverWords::tr("For its mail to go through Restante: add this at the end of %1, and restart the "
                                   "homeserver.")
            .arg(file);
    case PieceKind::Instance:
        return HomeserverWords::tr("Add this to %1 below “instance_map:”, too, indented as the others there.")
            .arg(file);
    case PieceKind::Secret:
        if (piece.isNew)
            return HomeserverWords::tr("For Restante to let it send: this has to be all that is in %1. Then restart "
                                       "the homeserver.")
                .arg(file);
        if (piece.replaces)
            return HomeserverWords::tr("For Restante to let it send: put this into %1 instead of the line with "
                                       "“worker_replication_secret:”, and restart the homeserver.")
                .arg(file);
        return HomeserverWords::tr("For Restante to let it send: add this at the end of %1, and restart the "
                                   "homeserver.")
            .arg(file);
    case PieceKind::Listener:
        return HomeserverWords::tr("For Restante to deliver to it: add this to %1 below “listeners:”, indented as the "
                                   "others there, and restart the homeserver.")
            .arg(file);
    case PieceKind::Delegate:
        if (piece.replaces)
            return HomeserverWords::tr("If a friend's relay is the front door for your homeserver: put its address in "
                                       "the place of %1, and the line into %2 below “global:” instead of the one of "
                                       "that name, and restart the homeserver.")
                .arg(homeserver::FrontDoorBlank, file);
        return HomeserverWords::tr("If a friend's relay is the front door for your homeserver: put its address in the "
                                   "place of %1, and the line into %2 below “global:”, and restart the homeserver.")
            .arg(homeserver::FrontDoorBlank, file);
    case PieceKind::Identity:
        return HomeserverWords::tr(
            "Restante needs the homeserver's name and key. Stop Restante, and run this as a user "
            "who can read the key.");
    }
    return {};
}

QString remarkText(const homeserver::Configuration &configuration, const QList<homeserver::Piece> &pieces)
{
    QStringList texts;
    if (configuration.software == homeserver::Software::Dendrite)
        texts.append(HomeserverWords::tr("Dendrite has no setting by which it could send through Restante. What relays "
                                         "hold for it is delivered all the same."));
    if (!configuration.wayOut.isEmpty())
        //: A word from its configuration
        texts.append(HomeserverWords::tr("Its configuration sends all its mail through “%1” already.")
                         .arg(base::printable(configuration.wayOut.join(QStringLiteral(", ")))));
    const bool hasSecret = std::any_of(pieces.begin(), pieces.end(), [](const homeserver::Piece &piece) {
        return piece.kind == PieceKind::WayOut || piece.kind == PieceKind::Secret;
    });
    if (hasSecret)
        texts.append(HomeserverWords::tr("The lines hold a secret, with which one can send in the homeserver's name. "
                                         "Show them to nobody."));
    return texts.join(u' ');
}

} // namespace restante::ui
