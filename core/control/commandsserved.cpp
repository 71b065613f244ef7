// SPDX-License-Identifier: GPL-3.0-or-later
// Whom mail is held for.
#include "control/arguments.h"
#include "control/commandparts.h"
#include "control/jsonof.h"
#include "settings/enteredname.h"

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
using Kind = Parameter::Kind;

/// `doors`: how the front doors stand; one that was set just now is not among them.
QJsonObject servedJson(const settings::ServedEntry &entry, const QList<relay::DoorState> &doors)
{
    const auto text = [](const matrix::ServerName &name) { return name.toString(); };
    const auto door = std::find_if(doors.begin(), doors.end(),
                                   [&entry](const relay::DoorState &each) { return each.server == entry.name; });
    QJsonValue state;
    if (door != doors.end())
        state = QJsonObject{
            {u"passes"_s, door->passes}, {u"upstream"_s, door->upstream.toString()}, {u"since_ts"_s, door->sinceMs}};
    return {{u"name"_s, entry.name.toString()},
            {u"petname"_s, entry.petname},
            {u"known_origins"_s, arrayOf(entry.knownOrigins, text)},
            {u"front"_s, entry.front.toString()},
            {u"tls_certificate"_s, entry.tlsCertificate},
            {u"door"_s, state}};
}

Parameter front()
{
    return {
        "--front"_L1,
        "front"_L1,
        Kind::Text,
        false,
        "HOST:PORT"_L1,
        "also be its front door: where its federation address leads to, so that mail from all servers comes here"_L1};
}

Parameter doorCertificate()
{
    return {"--tls-certificate"_L1,
            "tls_certificate"_L1,
            Kind::File,
            false,
            "FILE"_L1,
            "PEM certificate for clients of that door, if the relay's own is not for its name"_L1};
}

Parameter doorKey()
{
    return {"--tls-key"_L1, "tls_key"_L1, Kind::File, false, "FILE"_L1, "PEM private key of that certificate"_L1};
}

/// Nothing if it is not said; null for none.
std::optional<matrix::ServerName> givenFront(Arguments &arguments)
{
    const auto text = arguments.givenText("front"_L1);
    if (!text)
        return {};
    matrix::ServerName front;
    if (const auto wrong = text->isEmpty() ? std::nullopt : settings::parse(*text, front))
        arguments.refuse("front"_L1, *wrong);
    return front;
}

Error notServed(const matrix::ServerName &name)
{
    return {Errc::NotFound, u"%1 is not served"_s.arg(name.toString()), 0};
}

void tellServed(Request &request)
{
    if (const auto problem = Arguments(request.arguments()).problem())
        return request.finish(*problem);
    const auto json = [doors = request.operations().doors()](const settings::ServedEntry &entry) {
        return servedJson(entry, doors);
    };
    request.finish(QJsonObject{{u"served"_s, arrayOf(request.operations().settings().served, json)}});
}

QJsonObject inviteJson(const relay::FailedInvite &invite)
{
    return {{u"last_ts"_s, invite.lastMs},
            {u"sender"_s, QString::fromUtf8(invite.sender)},
            {u"invited"_s, QString::fromUtf8(invite.invited)},
            {u"room"_s, QString::fromUtf8(invite.room)},
            {u"times"_s, invite.times}};
}

void tellInvites(Request &request)
{
    if (const auto problem = Arguments(request.arguments()).problem())
        return request.finish(*problem);
    request.finish(QJsonObject{{u"invites"_s, arrayOf(request.operations().failedInvites(), inviteJson)}});
}

void addServed(Request &request)
{
    Arguments arguments(request.arguments());
    const matrix::ServerName name = arguments.serverName("name"_L1);
    const QString petname = arguments.optionalText("petname"_L1);
    const QList<matrix::ServerName> known =
        arguments.givenServerNames("known_origins"_L1).value_or(QList<matrix::ServerName>());
    const matrix::ServerName door = givenFront(arguments).value_or(matrix::ServerName());
    const QString certificate = arguments.optionalText("tls_certificate"_L1);
    const QString key = arguments.optionalText("tls_key"_L1);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    edit(request, [name, petname, known, door, certificate, key](settings::Settings &settings) -> Result<void> {
        settings.served.append({name, petname, known, door, certificate, key});
        return {};
    });
}

void editServed(Request &request)
{
    Arguments arguments(request.arguments());
    const matrix::ServerName name = arguments.serverName("name"_L1);
    const auto petname = arguments.givenText("petname"_L1);
    const auto known = arguments.givenServerNames("known_origins"_L1);
    const auto door = givenFront(arguments);
    const auto certificate = arguments.givenText("tls_certificate"_L1);
    const auto key = arguments.givenText("tls_key"_L1);
    if (!petname && !known && !door && !certificate && !key)
        arguments.refuse(u"there is nothing to change"_s);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    edit(request, [name, petname, known, door, certificate, key](settings::Settings &settings) -> Result<void> {
        const auto entry = std::find_if(settings.served.begin(), settings.served.end(),
                                        [&name](const auto &each) { return each.name == name; });
        if (entry == settings.served.end())
            return notServed(name);
        entry->petname = petname.value_or(entry->petname);
        entry->knownOrigins = known.value_or(entry->knownOrigins);
        entry->setFront(door.value_or(entry->front));
        entry->tlsCertificate = certificate.value_or(entry->tlsCertificate);
        entry->tlsKey = key.value_or(entry->tlsKey);
        return {};
    });
}

void removeServed(Request &request)
{
    Arguments arguments(request.arguments());
    const matrix::ServerName name = arguments.serverName("name"_L1);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    edit(request, [name](settings::Settings &settings) -> Result<void> {
        if (settings.served.removeIf([&name](const auto &entry) { return entry.name == name; }) == 0)
            return notServed(name);
        return {};
    });
}
} // namespace

QList<Command> servedCommands()
{
    return {
        {"serve list"_L1, "For whom this relay holds mail"_L1, {}, Answer::Served, tellServed},
        {"serve add"_L1,
         "Hold mail for a server"_L1,
         {word("NAME"_L1, "name"_L1), petname(), known(), front(), doorCertificate(), doorKey()},
         Answer::Changed,
         addServed},
        {"serve edit"_L1,
         "Change what is said about a server that mail is held for; the rest stays"_L1,
         {word("NAME"_L1, "name"_L1), changed(petname(), "your own name for it (\"\": none)"_L1),
          changed(known(), "a known sender, instead of those so far; repeatable (\"\": none)"_L1),
          changed(front(), "the address of its front door here (\"\": none)"_L1),
          changed(doorCertificate(), "the certificate of that door (\"\": the relay's own)"_L1),
          changed(doorKey(), "its private key (\"\": none)"_L1)},
         Answer::Changed,
         editServed},
        {"serve remove"_L1,
         "Hold no more mail for a server; what is held stays"_L1,
         {word("NAME"_L1, "name"_L1)},
         Answer::Changed,
         removeServed},
        {"invites"_L1,
         "Invites that came to a front door and could not be passed on, since the start"_L1,
         {},
         Answer::Invites,
         tellInvites},
    };
}

} // namespace restante::control
