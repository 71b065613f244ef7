// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QLockFile>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include <memory>

namespace restante::base
{

/// A data folder, locked: one program uses it at a time. One thread.
class HeldFolder
{
public:
    /// Makes the folder where it is missing, and locks it. Errc::AlreadyRunning where another process holds it,
    /// Errc::Io where it cannot be made or written to.
    static Result<std::unique_ptr<HeldFolder>> take(const QString &folder);
    /// Does a process that lives hold this folder? Looks only: to take the lock would get in the way of one that
    /// starts. What a killed program left behind counts while another process has its number.
    static bool isHeld(const QString &folder);
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
    bool make();
    void removeMade() const;

    const QString m_path; ///< absolute
    QLockFile m_lock;
    QStringList m_made; ///< the innermost first
};

} // namespace restante::base
