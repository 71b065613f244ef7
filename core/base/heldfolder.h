// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/lockfile.h"

#include <QtCore/QString>
#include <QtCore/QStringList>

#include <memory>

namespace restante::base
{

/// A data folder, locked (LockFile, and the folder itself): one program uses it at a time. One thread.
class HeldFolder
{
public:
    /// Makes the folder if it is missing, for its owner alone, and locks it. Errc::AlreadyRunning, naming the file, the
    /// process and what to do, if another process holds it; Errc::Io if it cannot be made or written to.
    static Result<std::unique_ptr<HeldFolder>> take(const QString &folder);
    /// The program that holds this folder; nothing if none does. Looks only: to take the lock would get in the way of
    /// one that starts.
    static std::optional<LockFile::Holder> holder(const QString &folder);
    /// Unlocks. Folders that `take` made go again unless `keep` was called or something lies in them.
    ~HeldFolder();
    Q_DISABLE_COPY_MOVE(HeldFolder)

    const QString &path() const { return m_path; }
    /// From now on the folder stays.
    void keep() { m_made.clear(); }
    /// The names in it, hidden ones too, without the lock's own.
    QStringList entries() const;

private:
    explicit HeldFolder(const QString &folder);
    Result<void> make();
    bool lockFolder();
    void removeMade() const;

    const QString m_path; ///< absolute
    int m_folder = -1;    ///< its descriptor, locked too
    std::unique_ptr<LockFile> m_lock;
    QStringList m_made; ///< the innermost first
};

} // namespace restante::base
