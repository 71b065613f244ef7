// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/log.h"

#include "base/inputfile.h"
#include "base/ondisk.h"
#include "telemetry/logfile.h"

#include <QtCore/QDir>
#include <QtCore/QFile>

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::ctl
{

namespace
{
/// Puts the last `count` lines of a file in front of `lines`, or as many as there are.
void takeFrom(QFile &file, qint64 count, QStringList &lines)
{
    QByteArray text = file.readAll();
    if (text.endsWith('\n'))
        text.chop(1);
    while (count-- > 0 && !text.isNull()) {
        const qsizetype before = text.lastIndexOf('\n');
        lines.prepend(QString::fromUtf8(text.mid(before + 1)));
        text = before < 0 ? QByteArray() : text.first(before);
    }
}
} // namespace

Result<QStringList> lastLogLines(const QString &dataFolder, qint64 count)
{
    const QString newest = QDir(dataFolder).filePath(u"restante.log"_s);
    QStringList lines;
    bool found = false;
    for (int age = 0; age <= telemetry::LogFile::Kept && lines.size() < count; ++age) {
        QFile file(age == 0 ? newest : newest + u'.' + QString::number(age));
        if (!file.exists())
            continue;
        if (const auto opened = base::openToRead(file); !opened)
            return base::fileError(file.fileName(), "read"_L1, opened.error().detail);
        takeFrom(file, count - lines.size(), lines);
        if (file.error() != QFileDevice::NoError)
            return base::fileError(file.fileName(), "read"_L1, file.errorString());
        found = true;
    }
    if (!found)
        return {Errc::Io, u"There is no log file %1: nothing has been logged yet, or it cannot be written, which "
                          "\"restantectl status\" tells"_s.arg(newest)};
    return lines;
}

} // namespace restante::ctl
