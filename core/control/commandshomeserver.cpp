// SPDX-License-Identifier: GPL-3.0-or-later
// The homeserver beside this installation: where it is, whether both reach each other, what to put into its
// configuration.
#include "control/arguments.h"
#include "control/commandparts.h"
#include "control/jsonof.h"

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
using Kind = Parameter::Kind;

QString softwareName(homeserver::Software software)
{
    return software == homeserver::Software::Synapse ? u"synapse"_s : u"dendrite"_s;
}

QString outcomeName(homeserver::TrialReport::Outcome outcome)
{
    using enum homeserver::TrialReport::Outcome;
    switch (outcome) {
    case Works:
        return u"works"_s;
    case Unreachable:
        return u"unreachable"_s;
    case NotHomeserver:
        return u"not_a_homeserver"_s;
    case NoFederation:
        return u"no_federation"_s;
    case OtherServer:
        return u"other_server"_s;
    case OtherKey:
        return u"other_key"_s;
    case BadKeys:
        return u"bad_keys"_s;
    case Busy:
        return u"busy"_s;
    }
    return {};
}

QString kindName(homeserver::Piece::Kind kind)
{
    using enum homeserver::Piece::Kind;
    switch (kind) {
    case WayOut:
        return u"way_out"_s;
    case Instance:
        return u"instance"_s;
    case Secret:
        return u"secret"_s;
    case Listener:
        return u"listener"_s;
    case Delegate:
        return u"delegate"_s;
    case Identity:
        return u"identity"_s;
    }
    return {};
}

QJsonObject configurationJson(const homeserver::Configuration &found)
{
    return {{u"software"_s, softwareName(found.software)},
            {u"file"_s, found.file},
            {u"server_name"_s, found.serverName},
            {u"signing_key"_s, found.signingKey},
            {u"url"_s, found.place},
            {u"url_is_usual"_s, found.placeIsUsual},
            {u"way_out"_s, QJsonArray::fromStringList(found.wayOut)}};
}

QJsonObject unreadableJson(const homeserver::Unreadable &file)
{
    return {{u"path"_s, file.path}, {u"reason"_s, file.reason}};
}

QJsonObject foundJson(const homeserver::Found &found)
{
    return {{u"homeservers"_s, arrayOf(found.homeservers, configurationJson)},
            {u"unreadable"_s, arrayOf(found.unreadable, unreadableJson)},
            {u"places"_s, QJsonArray::fromStringList(found.places)}};
}

QJsonObject pieceJson(const homeserver::Piece &piece)
{
    return {{u"kind"_s, kindName(piece.kind)},
            {u"file"_s, piece.file},
            {u"file_is_new"_s, piece.isNew},
            {u"replaces_line"_s, piece.replaces},
            {u"text"_s, piece.text}};
}

Parameter configurationFile()
{
    return {"FILE"_L1, "file"_L1, Kind::File};
}

void findHomeservers(Request &request)
{
    Arguments arguments(request.arguments());
    const QString file = arguments.optionalFile("file"_L1);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    request.operations().findHomeservers(file, &request, request.answer<homeserver::Found>(foundJson));
}

/// What the trial showed, and what the homeserver did by itself in the other direction.
QJsonObject testedJson(const homeserver::TrialReport &report, const ApplianceStatus &status)
{
    QJsonArray troubles;
    for (const StatusWarning &warning : status.warnings) {
        if (warning.kind == StatusWarning::Kind::OtherHomeserver || warning.kind == StatusWarning::Kind::WrongSecret)
            troubles.append(warning.detail);
    }
    return {{u"url"_s, report.place},
            {u"outcome"_s, outcomeName(report.outcome)},
            {u"works"_s, report.works()},
            {u"software"_s, report.software},
            {u"server_name"_s, report.serverName},
            {u"key_ids"_s, report.keyIds},
            {u"status"_s, report.status},
            {u"detail"_s, report.detail},
            {u"took_ms"_s, report.tookMs},
            {u"node_listen"_s, status.nodeAddress},
            {u"homeserver_seen_ts"_s, status.homeserverSeenMs},
            {u"troubles"_s, troubles}};
}

void testHomeserver(Request &request)
{
    Arguments arguments(request.arguments());
    const auto text = arguments.givenText("url"_L1);
    settings::HomeserverUrl place = request.operations().settings().homeserver;
    if (const auto wrong = text ? settings::parse(*text, place) : std::nullopt)
        arguments.refuse("url"_L1, *wrong);
    else if (place.isNull())
        arguments.refuse(u"no homeserver is set (node.homeserver): give its URL"_s);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    request.operations().testHomeserver(
        place, &request, request.answer<homeserver::TrialReport>([&request](const homeserver::TrialReport &report) {
            return testedJson(report, request.operations().status());
        }));
}

/// Lines for each of `configurations`.
void tellLines(Request &request, const QList<homeserver::Configuration> &configurations)
{
    request.operations().fetchHomeserverAccess(
        &request, request.answer<homeserver::Access>([configurations](const homeserver::Access &access) {
            QJsonArray lines;
            for (const auto &configuration : configurations) {
                QJsonObject each = configurationJson(configuration);
                each.insert(u"lines"_s, arrayOf(homeserver::linesFor(configuration, access), pieceJson));
                lines.append(each);
            }
            return QJsonObject{{u"homeservers"_s, lines}};
        }));
}

/// Why there are no lines.
Error noneFound(const homeserver::Found &found)
{
    QString what = u"No homeserver's configuration was found on this computer"_s;
    if (!found.unreadable.isEmpty())
        what = u"%1 cannot be read: %2"_s.arg(found.unreadable.first().path, found.unreadable.first().reason);
    return {Errc::NotFound, what + u". Say which software it is, synapse or dendrite"_s, 0};
}

void tellHomeserverLines(Request &request)
{
    Arguments arguments(request.arguments());
    const auto text = arguments.givenText("software"_L1);
    const bool isSynapse = text == u"synapse"_s;
    if (text && !isSynapse && *text != "dendrite"_L1)
        arguments.refuse(u"software: synapse or dendrite is expected"_s);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    if (text) {
        homeserver::Configuration unknown;
        unknown.software = isSynapse ? homeserver::Software::Synapse : homeserver::Software::Dendrite;
        return tellLines(request, {unknown});
    }
    request.operations().findHomeservers({}, &request, [&request](const Result<homeserver::Found> &found) {
        if (!found)
            request.finish(found.error());
        else if (found->homeservers.isEmpty())
            request.finish(noneFound(*found));
        else
            tellLines(request, found->homeservers);
    });
}
} // namespace

QList<Command> homeserverCommands()
{
    return {
        {"homeserver find"_L1,
         "Look for the configuration of a homeserver on this computer, or in FILE"_L1,
         {configurationFile()},
         Answer::Homeservers,
         findHomeservers},
        {"homeserver test"_L1,
         "Test whether the homeserver (node.homeserver, or URL) answers, and tell when it used this node last"_L1,
         {{"URL"_L1, "url"_L1}},
         Answer::HomeserverTested,
         testHomeserver},
        {"homeserver lines"_L1,
         "Print what to put into the homeserver's configuration, the secret included; SOFTWARE is synapse or dendrite"_L1,
         {{"SOFTWARE"_L1, "software"_L1}},
         Answer::HomeserverLines,
         tellHomeserverLines},
    };
}

} // namespace restante::control
