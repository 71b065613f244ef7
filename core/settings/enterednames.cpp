// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/enterednames.h"

#include "matrix/enteredname.h"

#include <QtCore/QSet>

namespace restante::settings
{

namespace
{
/// Calls `visit` with each server name in `settings`; an empty one stands for "mine" and is left out.
template <typename SettingsType, typename Visit>
void forEachName(SettingsType &settings, Visit visit)
{
    const auto visitAll = [&visit](auto &names) {
        for (auto &name : names)
            visit(name);
    };
    visitAll(settings.blockedOrigins);
    visitAll(settings.notaries);
    for (auto &entry : settings.served) {
        visit(entry.name);
        visitAll(entry.knownOrigins);
    }
    for (auto &entry : settings.relays) {
        visit(entry.relay);
        if (!entry.destination.isEmpty())
            visit(entry.destination);
    }
}
} // namespace

void tidyNames(Settings &settings)
{
    forEachName(settings, [](QString &name) { name = matrix::tidiedName(name); });
}

Result<void> checkNewNames(const Settings &before, const Settings &edited)
{
    QSet<QString> known;
    forEachName(before, [&known](const QString &name) { known.insert(name); });
    Result<void> checked;
    forEachName(edited, [&](const QString &name) {
        if (!checked || known.contains(name))
            return;
        if (const auto parsed = matrix::parseEnteredName(name); !parsed)
            checked = Error{Errc::InvalidSetting, parsed.error().detail, 0};
    });
    return checked;
}

QStringList impossibleNames(const Settings &settings)
{
    QSet<QString> seen;
    QStringList found;
    forEachName(settings, [&](const QString &name) {
        if (seen.contains(name))
            return;
        seen.insert(name);
        if (const auto parsed = matrix::parseEnteredName(name); !parsed)
            found.append(parsed.error().detail);
    });
    return found;
}

} // namespace restante::settings
