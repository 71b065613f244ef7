// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QSettings>
#include <QtCore/QString>

namespace restante::ui
{

/// How the window looks, to be written anew: window.ini in the data folder. QSettings alone would put an empty file in
/// the place of a good one if the disk is full. Main thread; blocks for one small file.
class StateFile
{
public:
    explicit StateFile(const QString &path);
    /// Removes the draft.
    ~StateFile();
    Q_DISABLE_COPY_MOVE(StateFile)

    /// Everything that the file is to hold.
    QSettings &draft() { return m_draft; }
    /// Gives the draft its place. Errc::Io; what was there stays then.
    Result<void> commit();

private:
    bool isWhole(const QByteArray &written) const;

    const QString m_path;
    QSettings m_draft;
};

} // namespace restante::ui
