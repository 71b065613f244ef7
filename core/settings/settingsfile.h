// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "settings/settings.h"

#include <QtCore/QJsonObject>
#include <QtCore/QString>

namespace restante::settings
{

/// settings.json in the data folder: one object with flat dotted keys, mode 0600. Main thread; blocks for one small
/// file. A file that cannot be understood is an error and is never written over.
class SettingsFile
{
public:
    explicit SettingsFile(const QString &dataFolder);

    const QString &path() const { return m_path; }
    /// A missing file gives the defaults. Errc::Io if it cannot be read, Errc::Corrupt if it is not a JSON
    /// object or has the same key twice, Errc::InvalidSetting if a value has the wrong type or is out of range.
    Result<Settings> load() const;
    /// The keys in the file that this version does not know, misspelt ones among them, and "MEMBER in KEY" for those of
    /// an element of a list; none if it cannot be read.
    QStringList unknownKeys() const;
    /// Writes what differs from what the file says, and keeps the rest of it as it stands there, keys and members that
    /// this version does not know among it. Errors of the file that is there as `load`, and Errc::InvalidSetting for
    /// settings that `validate` refuses: nothing is written then. Errc::Io if it cannot be written.
    Result<void> save(const Settings &settings) const;

private:
    Result<QJsonObject> readObject() const;
    Result<Settings> settingsIn(const QJsonObject &object) const;

    QString m_path;
};

} // namespace restante::settings
