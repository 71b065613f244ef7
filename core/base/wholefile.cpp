// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/wholefile.h"

#include "base/inputfile.h"
#include "base/ondisk.h"

#include <QtCore/QFileInfo>

using namespace Qt::Literals::StringLiterals;

namespace restante::base
{

WholeFile::WholeFile(const QString &path, Buffer buffer)
    : m_file(path)
    , m_buffer(buffer)
{
}

Error WholeFile::failed(const QString &reason) const
{
    return fileError(m_file.fileName(), "written"_L1, reason);
}

Result<void> WholeFile::open()
{
    // Root may replace a device by a file, which nobody means.
    if (const QString problem = notAFile(m_file.fileName()); !problem.isEmpty())
        return failed(problem);
    const auto mode =
        m_buffer == Buffer::Unbuffered ? QIODevice::WriteOnly | QIODevice::Unbuffered : QIODevice::WriteOnly;
    // The mode is set while the file is still empty.
    if (!m_file.open(mode) || !m_file.setPermissions(OwnerOnly))
        return failed(m_file.errorString());
    return {};
}

Result<void> WholeFile::write(QByteArrayView bytes)
{
    if (auto written = writeAll(m_file, bytes); !written)
        return failed(written.error().detail);
    return {};
}

Result<void> WholeFile::commit()
{
    // QSaveFile::commit looks neither at its last write nor at the disk's answer, and would put an empty file in the
    // place of a good one.
    if (auto synced = syncFile(m_file); !synced) {
        m_file.cancelWriting();
        return failed(synced.error().detail);
    }
    if (!m_file.commit())
        return failed(m_file.errorString());
    return syncFolder(QFileInfo(m_file.fileName()).absolutePath());
}

Result<void> WholeFile::write(const QString &path, QByteArrayView bytes, Buffer buffer)
{
    WholeFile file(path, buffer);
    if (auto opened = file.open(); !opened)
        return opened;
    if (auto written = file.write(bytes); !written)
        return written;
    return file.commit();
}

} // namespace restante::base
