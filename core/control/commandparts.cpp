// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/commandparts.h"

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
using Kind = Parameter::Kind;
}

Parameter destination()
{
    return {"DEST"_L1, "destination"_L1, Kind::Text, true};
}

Parameter word(QLatin1String name, QLatin1String key)
{
    return {name, key, Kind::Text, true};
}

Parameter entries()
{
    return {"ENTRY"_L1, "ids"_L1, Kind::Numbers};
}

Parameter all()
{
    return {"--all"_L1, "all"_L1, Kind::Flag, false, {}, "everything"_L1};
}

Parameter file()
{
    return {"FILE"_L1, "file"_L1, Kind::File, true};
}

Parameter after()
{
    return {"--after"_L1, "after"_L1, Kind::Number, false, "ENTRY"_L1, "start behind this entry"_L1};
}

Parameter limit()
{
    return {"--limit"_L1, "limit"_L1, Kind::Number, false, "N"_L1, "list at most N"_L1};
}

Parameter petname()
{
    return {"--name"_L1, "petname"_L1, Kind::Text, false, "PETNAME"_L1, "your own name for it"_L1};
}

Parameter known()
{
    return {"--known"_L1, "known_origins"_L1, Kind::Texts,
            false,        "SENDER"_L1,        "a known sender: half of the mailbox is kept for these; repeatable"_L1};
}

Parameter changed(Parameter option, QLatin1String help)
{
    option.help = help;
    option.mayBeEmpty = true;
    return option;
}

void edit(Request &request, SettingsEdits::Edit change)
{
    request.desk().edits.apply(std::move(change), &request, request.answer<bool>([](bool restart) {
        return QJsonObject{{u"restart_needed"_s, restart}};
    }));
}

} // namespace restante::control
