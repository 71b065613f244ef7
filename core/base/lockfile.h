// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QString>

#include <memory>
#include <optional>

namespace restante::base
{

/// A file that one process at a time has locked. The kernel keeps the lock and releases it when the process ends, in
/// whatever way: what a killed program, another PID namespace or a copied folder left in the file means nothing. Any
/// one thread.
class LockFile
{
public:
    /// The program that claims to have the lock: what stands in the file, for people. Nothing decides by it.
    struct Holder {
        qint64 process = 0; ///< 0 = not known
        QString program;
        QString host;

        /// "restanted, process 123 on host.example", as far as it is known.
        QString text() const;
    };

    /// Makes the file if it is missing, and locks it. Errc::AlreadyRunning if another process has the lock, Errc::Io,
    /// as fileError, if the file cannot be made or locked.
    static Result<std::unique_ptr<LockFile>> take(const QString &path);
    /// The holder of the lock now; nothing if there is none, or the file cannot be read. Looks only.
    static std::optional<Holder> holder(const QString &path);
    /// Unlocks, and removes the file.
    ~LockFile();
    Q_DISABLE_COPY_MOVE(LockFile)

private:
    LockFile(QString path, int descriptor);
    bool lock() const;
    bool isInPlace() const;
    void sayWho() const;

    const QString m_path;
    const int m_descriptor;
};

} // namespace restante::base
