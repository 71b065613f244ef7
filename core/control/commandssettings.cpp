// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/arguments.h"
#include "control/commands.h"
#include "control/jsonof.h"
#include "control/settingsedits.h"
#include "settings/fieldtable.h"

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
void edit(Request &request, SettingsEdits::Edit change)
{
    request.desk().edits.apply(std::move(change), &request, request.answer<bool>([](bool restart) {
        return QJsonObject{{u"restart_needed"_s, restart}};
    }));
}

QJsonObject servedJson(const settings::ServedEntry &entry)
{
    return {{u"name"_s, entry.name},
            {u"petname"_s, entry.petname},
            {u"known_origins"_s, QJsonArray::fromStringList(entry.knownOrigins)}};
}

QJsonObject fieldJson(const settings::Field &field, const settings::Settings &settings)
{
    return {{u"key"_s, QString(field.key)},
            {u"value"_s, field.toJson(settings)},
            {u"default"_s, field.toJson(settings::Settings())},
            {u"restart"_s, field.restart}};
}

Error notServed(const QString &name)
{
    return {Errc::NotFound, u"%1 is not served"_s.arg(name), 0};
}

Error noRelayFor(const settings::RelayEntry &relay)
{
    const QString whose = relay.destination.isEmpty() ? u"this node"_s : relay.destination;
    return {Errc::NotFound, u"%1 is no relay for %2"_s.arg(relay.relay, whose), 0};
}

void setPaused(Request &request, bool paused)
{
    if (const auto problem = Arguments(request.arguments()).problem())
        return request.finish(*problem);
    edit(request, [paused](settings::EditedSettings &settings) -> Result<void> {
        settings.relayPaused = paused;
        settings.named.append(u"relay.paused"_s);
        return {};
    });
}
} // namespace

void addServed(Request &request)
{
    Arguments arguments(request.arguments());
    const QString name = arguments.serverName("name"_L1).toString();
    const QString petname = arguments.optionalText("petname"_L1);
    const QStringList known = arguments.givenTexts("known_origins"_L1).value_or(QStringList());
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    edit(request, [name, petname, known](settings::Settings &settings) -> Result<void> {
        settings.served.append({name, petname, known});
        return {};
    });
}

void editServed(Request &request)
{
    Arguments arguments(request.arguments());
    const QString name = arguments.serverName("name"_L1).toString();
    const auto petname = arguments.givenText("petname"_L1);
    const auto known = arguments.givenTexts("known_origins"_L1);
    if (!petname && !known)
        arguments.refuse(u"there is nothing to change"_s);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    edit(request, [name, petname, known](settings::Settings &settings) -> Result<void> {
        const auto entry = std::find_if(settings.served.begin(), settings.served.end(),
                                        [&name](const auto &each) { return each.name == name; });
        if (entry == settings.served.end())
            return notServed(name);
        entry->petname = petname.value_or(entry->petname);
        entry->knownOrigins = known.value_or(entry->knownOrigins);
        return {};
    });
}

void removeServed(Request &request)
{
    Arguments arguments(request.arguments());
    const QString name = arguments.serverName("name"_L1).toString();
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    edit(request, [name](settings::Settings &settings) -> Result<void> {
        if (settings.served.removeIf([&name](const auto &entry) { return entry.name == name; }) == 0)
            return notServed(name);
        return {};
    });
}

void tellServed(Request &request)
{
    if (const auto problem = Arguments(request.arguments()).problem())
        return request.finish(*problem);
    request.finish(QJsonObject{{u"served"_s, arrayOf(request.operations().settings().served, servedJson)}});
}

void addRelay(Request &request)
{
    Arguments arguments(request.arguments());
    settings::RelayEntry relay = relayNamed(arguments);
    relay.petname = arguments.optionalText("petname"_L1);
    RelayOptions(arguments).applyTo(relay);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    edit(request, [relay](settings::Settings &settings) -> Result<void> {
        settings.relays.append(relay);
        return {};
    });
}

void editRelay(Request &request)
{
    Arguments arguments(request.arguments());
    const settings::RelayEntry relay = relayNamed(arguments);
    const auto petname = arguments.givenText("petname"_L1);
    const RelayOptions options(arguments);
    if (!petname && !options.isGiven())
        arguments.refuse(u"there is nothing to change"_s);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    edit(request, [relay, petname, options](settings::Settings &settings) -> Result<void> {
        const auto entry = std::find_if(settings.relays.begin(), settings.relays.end(),
                                        [&relay](const auto &each) { return each.key() == relay.key(); });
        if (entry == settings.relays.end())
            return noRelayFor(relay);
        options.applyTo(*entry);
        entry->petname = petname.value_or(entry->petname);
        return {};
    });
}

void removeRelay(Request &request)
{
    Arguments arguments(request.arguments());
    const settings::RelayEntry relay = relayNamed(arguments);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    edit(request, [relay](settings::Settings &settings) -> Result<void> {
        if (settings.relays.removeIf([&relay](const auto &entry) { return entry.key() == relay.key(); }) > 0)
            return {};
        return noRelayFor(relay);
    });
}

void pauseRelay(Request &request)
{
    setPaused(request, true);
}

void resumeRelay(Request &request)
{
    setPaused(request, false);
}

void tellSettings(Request &request)
{
    if (const auto problem = Arguments(request.arguments()).problem())
        return request.finish(*problem);
    const settings::Settings settings = request.operations().settings();
    const auto describe = [&settings](const settings::Field &field) { return fieldJson(field, settings); };
    request.finish(QJsonObject{{u"settings"_s, arrayOf(settings::fields(), describe)}});
}

void tellSetting(Request &request)
{
    Arguments arguments(request.arguments());
    const QString key = arguments.text("key"_L1);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    if (const settings::Field *field = settings::findField(key))
        request.finish(fieldJson(*field, request.operations().settings()));
    else
        request.finish(Error{Errc::InvalidSetting, u"there is no setting named \"%1\""_s.arg(key), 0});
}

/// Several at once, because some settings can only be used together (a certificate and its key).
void changeSettings(Request &request)
{
    Arguments arguments(request.arguments());
    const QList<SettingChange> changes = arguments.settingChanges();
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    edit(request, [changes](settings::EditedSettings &settings) -> Result<void> {
        for (const SettingChange &change : changes) {
            if (auto set = settings::set(settings, change.key, change.value); !set)
                return set;
            settings.named.append(change.key);
        }
        return {};
    });
}

} // namespace restante::control
