// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/linesfile.h"

#include <algorithm>

namespace restante::base
{

Error LinesFile::failed() const
{
    return {Errc::Io, QStringLiteral("%1 could not be written: %2").arg(m_file.fileName(), m_file.errorString()), 0};
}

Result<void> LinesFile::open()
{
    if (!m_file.open(QIODevice::WriteOnly) || !m_file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner))
        return failed();
    return {};
}

Result<void> LinesFile::add(QByteArray line)
{
    std::replace(line.begin(), line.end(), '\n', ' ');
    std::replace(line.begin(), line.end(), '\r', ' ');
    line += '\n';
    if (m_file.write(line) != line.size())
        return failed();
    return {};
}

Result<void> LinesFile::commit()
{
    if (!m_file.commit())
        return failed();
    return {};
}

} // namespace restante::base
