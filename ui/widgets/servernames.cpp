// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/servernames.h"

#include <QtCore/QCoreApplication>
#include <QtGui/QGuiApplication>

#include <algorithm>

namespace restante::ui
{

namespace
{
struct ServerNames {
    Q_DECLARE_TR_FUNCTIONS(ServerNames)
};

constexpr qsizetype HexNameLength = 64;

bool isSelfCertifying(const QString &name)
{
    return name.size() == HexNameLength && std::all_of(name.cbegin(), name.cend(), [](QChar c) {
               return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f');
           });
}
} // namespace

QString shortName(const QString &serverName)
{
    if (!isSelfCertifying(serverName))
        return serverName;
    return serverName.first(6) + QChar(0x2026) + serverName.last(4);
}

QString leftToRight(const QString &id)
{
    if (id.isEmpty() || QGuiApplication::layoutDirection() == Qt::LeftToRight)
        return id;
    return QChar(0x2066) + id + QChar(0x2069); // left-to-right isolate … pop
}

PetNames::PetNames(const settings::Settings &settings)
{
    for (const auto &entry : settings.relays) {
        if (!entry.petname.isEmpty())
            m_names.insert(entry.relay.toString(), entry.petname);
    }
    for (const auto &entry : settings.served) {
        if (!entry.petname.isEmpty())
            m_names.insert(entry.name.toString(), entry.petname);
    }
}

QString PetNames::called(const QString &serverName) const
{
    const QString pet = petname(serverName);
    return pet.isEmpty() ? shortName(serverName) : pet;
}

QString PetNames::listed(const QString &serverName) const
{
    const QString pet = petname(serverName);
    if (pet.isEmpty())
        return shortName(serverName);
    //: A friend's petname, then the server name
    return ServerNames::tr("%1 (%2)").arg(pet, shortName(serverName));
}

} // namespace restante::ui
