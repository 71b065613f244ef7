// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QSaveFile>

namespace restante::base
{

/// A file of JSON lines that appears whole or not at all, readable to its owner alone. One thread.
class LinesFile
{
public:
    explicit LinesFile(const QString &name)
        : m_file(name)
    {
    }
    Q_DISABLE_COPY_MOVE(LinesFile)

    /// Errc::Io with words, like the others.
    Result<void> open();
    /// `line` is one JSON value. Line breaks in it are white space between tokens (in strings they are escaped) and
    /// become blanks.
    Result<void> add(QByteArray line);
    Result<void> commit();

private:
    Error failed() const;

    QSaveFile m_file;
};

} // namespace restante::base
