// SPDX-License-Identifier: GPL-3.0-or-later
#include "savedsettings.h"

#include "settings/enteredname.h"
#include "settings/fieldtable.h"
#include "telemetry/logging.h"

#include <QtCore/QFileInfo>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::app
{

namespace
{
constexpr qsizetype MostNamesTold = 20; // a list that somebody else wrote may hold thousands
}

SavedSettings::SavedSettings(const QString &dataFolder)
    : m_dataFolder(dataFolder)
    , m_file(dataFolder)
{
}

Result<settings::Settings> SavedSettings::load()
{
    auto loaded = m_file.load();
    if (loaded)
        m_settings = *loaded;
    return loaded;
}

void SavedSettings::holdFolder()
{
    m_folder.emplace(m_dataFolder);
}

void SavedSettings::logOddities()
{
    logUnknownKeys();
    logImpossibleNames(m_settings);
}

void SavedSettings::logImpossibleNames(const settings::Settings &held)
{
    QStringList found;
    for (const settings::Complaint &wrong : settings::impossibleNames(held))
        found.append(settings::sentence(wrong));
    if (found == m_impossible)
        return;
    m_impossible = found;
    if (found.isEmpty())
        return;
    QString told = found.first(std::min(found.size(), MostNamesTold)).join("; "_L1);
    if (found.size() > MostNamesTold)
        told += u"; and %1 more"_s.arg(found.size() - MostNamesTold);
    qCWarning(lcApp).noquote() << "No server can have these names in" << m_file.path()
                               << "- they stay in force, and mail for one may be held in vain:" << told;
}

void SavedSettings::logUnknownKeys()
{
    const auto keys = m_file.unknownKeys();
    if (keys == m_unknown)
        return;
    m_unknown = keys;
    if (!keys.isEmpty())
        qCWarning(lcApp).noquote() << "These keys in" << m_file.path()
                                   << "mean nothing to this version and change nothing:" << keys.join(", "_L1);
}

/// What the file holds now. One that is gone is written anew, whole: to take the defaults would lose all friends.
Result<settings::Settings> SavedSettings::readAgain() const
{
    if (QFileInfo::exists(m_file.path()))
        return m_file.load();
    if (m_settings != settings::Settings())
        qCWarning(lcApp).noquote() << m_file.path() << "was removed while the program was running; it is written anew";
    return m_settings;
}

Result<void> SavedSettings::write(const settings::Settings &effective, const settings::EditedSettings &edited)
{
    if (m_folder && !m_folder->isInPlace())
        return {Errc::Io, u"The data folder %1 was moved, removed or replaced while the program was using it. Put it "
                          "back, or restart the program."_s.arg(m_dataFolder)};
    const auto held = readAgain();
    if (!held)
        return held.error();
    logUnknownKeys();
    logImpossibleNames(*held);
    const QStringList byHand = settings::changed(m_settings, *held);
    const settings::Settings merged = settings::mergeEdited(*held, effective, edited);
    if (auto saved = m_file.save(merged); !saved)
        return saved;
    m_settings = merged;
    if (byHand.isEmpty())
        return {};
    qCWarning(lcApp).noquote() << m_file.path()
                               << "was changed by hand while the program was running:" << byHand.join(", "_L1)
                               << "- that is kept, and in force from the next start on";
    const QStringList replaced = settings::changed(*held, merged);
    for (const QString &key : byHand) {
        if (!replaced.contains(key))
            continue;
        const QByteArray value =
            QJsonDocument(QJsonArray{settings::findField(key)->toJson(*held)}).toJson(QJsonDocument::Compact);
        qCWarning(lcApp).noquote() << "but" << key << "was set here at the same time; by hand it was" << value;
    }
    return {};
}

} // namespace restante::app
