// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/linesfile.h"

#include <algorithm>

namespace restante::base
{

Result<void> LinesFile::add(QByteArray line)
{
    std::replace(line.begin(), line.end(), '\n', ' ');
    std::replace(line.begin(), line.end(), '\r', ' ');
    line += '\n';
    return m_file.write(line);
}

} // namespace restante::base
