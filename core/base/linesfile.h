// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/wholefile.h"

namespace restante::base
{

/// A file of JSON lines that appears whole or not at all (WholeFile). One thread.
class LinesFile
{
public:
    explicit LinesFile(const QString &name)
        : m_file(name)
    {
    }
    Q_DISABLE_COPY_MOVE(LinesFile)

    /// Errc::Io with words, like the others.
    Result<void> open() { return m_file.open(); }
    /// `line` is one JSON value. Line breaks in it are white space between tokens (in strings they are escaped) and
    /// become blanks.
    Result<void> add(QByteArray line);
    Result<void> commit() { return m_file.commit(); }

private:
    WholeFile m_file;
};

} // namespace restante::base
