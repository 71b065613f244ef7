// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/ondisk.h"
#include "settings/settingsfile.h"

#include <optional>

namespace restante::app
{

/// The settings as the file holds them, beside those of a running program that options may override. What was written
/// into the file by hand meanwhile is not lost, and said in the log. Main thread.
class SavedSettings
{
public:
    explicit SavedSettings(const QString &dataFolder);

    /// As SettingsFile::load.
    Result<settings::Settings> load();
    /// Once the folder is locked: `write` leaves alone what takes its place later.
    void holdFolder();
    /// Warns in the log, once that is open, of keys that mean nothing and of names that no server has; of the same ones
    /// once.
    void logOddities();
    /// As the file held them when it was last read or written here.
    const settings::Settings &settings() const { return m_settings; }
    /// Writes what the operator changed from `effective` to `edited`, and nothing else (settings::mergeEdited). Errors
    /// as SettingsFile::load, for what somebody else has made of the file, and save, and Errc::Io if the folder is
    /// another one than the program holds; nothing is written then.
    Result<void> write(const settings::Settings &effective, const settings::EditedSettings &edited);

private:
    Result<settings::Settings> readAgain() const;
    void logUnknownKeys();
    void logImpossibleNames(const settings::Settings &held);

    const QString m_dataFolder;
    std::optional<base::PlacedFile> m_folder;
    settings::SettingsFile m_file;
    settings::Settings m_settings;
    QStringList m_unknown;    ///< keys that the log tells of
    QStringList m_impossible; ///< what the log tells of names
};

} // namespace restante::app
