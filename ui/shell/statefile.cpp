// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/statefile.h"

#include "base/ondisk.h"
#include "base/wholefile.h"

#include <QtCore/QFile>

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::ui
{

StateFile::StateFile(const QString &path)
    : m_path(path)
    , m_draft(path + ".new"_L1, QSettings::IniFormat)
{
    m_draft.clear(); // what an earlier one left
}

StateFile::~StateFile()
{
    m_draft.sync(); // or it would be written once more at its end
    QFile::remove(m_draft.fileName());
}

/// QSettings does not look at its last write: each key has one line, and the last one ends.
bool StateFile::isWhole(const QByteArray &written) const
{
    const QList<QByteArray> lines = written.split('\n');
    const auto keys = std::count_if(lines.begin(), lines.end(),
                                    [](const QByteArray &line) { return !line.startsWith('[') && line.contains('='); });
    return written.endsWith('\n') && keys == m_draft.allKeys().size();
}

Result<void> StateFile::commit()
{
    m_draft.sync();
    QFile file(m_draft.fileName());
    const bool readable = m_draft.status() == QSettings::NoError && file.open(QIODevice::ReadOnly);
    const QByteArray written = readable ? file.readAll() : QByteArray();
    if (!isWhole(written)) // QSettings tells no reason
        return base::fileError(m_path, "written"_L1, u"not all of it reached the disk"_s);
    return base::WholeFile::write(m_path, written);
}

} // namespace restante::ui
