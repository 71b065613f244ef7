// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QSaveFile>

namespace restante::base
{

/// A file that appears under its name whole and on the disk, or not at all: what had the name stays until then, and
/// if anything fails. Readable to its owner alone. One thread; blocks. Every error is Errc::Io, as fileError.
class WholeFile
{
public:
    /// Unbuffered: each `write` goes to the system at once, and Qt keeps no copy, for secrets.
    enum class Buffer { Buffered, Unbuffered };

    explicit WholeFile(const QString &path, Buffer buffer = Buffer::Buffered);
    Q_DISABLE_COPY_MOVE(WholeFile)

    /// First. Fails if something else than an ordinary file has the name.
    Result<void> open();
    Result<void> write(QByteArrayView bytes);
    /// Once, at the end.
    Result<void> commit();

    /// All three for content that is at hand.
    static Result<void> write(const QString &path, QByteArrayView bytes, Buffer buffer = Buffer::Buffered);

private:
    Error failed(const QString &reason) const;

    QSaveFile m_file;
    const Buffer m_buffer;
};

} // namespace restante::base
