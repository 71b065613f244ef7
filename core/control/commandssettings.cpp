// SPDX-License-Identifier: GPL-3.0-or-later
// What the operator decides.
#include "control/arguments.h"
#include "control/commandparts.h"
#include "control/jsonof.h"
#include "settings/fieldtable.h"

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
using Kind = Parameter::Kind;

QJsonObject fieldJson(const settings::Field &field, const settings::Settings &settings)
{
    return {{u"key"_s, QString(field.key)},
            {u"value"_s, field.toJson(settings)},
            {u"default"_s, field.toJson(settings::Settings())},
            {u"restart"_s, field.restart}};
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
            if (const auto wrong = settings::set(settings, change.key, change.value))
                return settings::errorOf(*wrong);
            settings.named.append(change.key);
        }
        return {};
    });
}
} // namespace

QList<Command> settingsCommands()
{
    return {
        {"pause"_L1, "Take in nothing more"_L1, {}, Answer::Changed, pauseRelay},
        {"resume"_L1, "Take in again"_L1, {}, Answer::Changed, resumeRelay},
        {"settings list"_L1, "All settings"_L1, {}, Answer::Settings, tellSettings},
        {"settings get"_L1, "One setting"_L1, {word("KEY"_L1, "key"_L1)}, Answer::Setting, tellSetting},
        {"settings set"_L1,
         "Change settings, all together or none"_L1,
         {{"KEY VALUE"_L1, "changes"_L1, Kind::Pairs, true}},
         Answer::Changed,
         changeSettings},
    };
}

} // namespace restante::control
