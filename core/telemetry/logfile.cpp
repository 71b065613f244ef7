// SPDX-License-Identifier: GPL-3.0-or-later
#include "telemetry/logfile.h"

#include "base/inputfile.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>

#include <cerrno>

namespace restante::telemetry
{

namespace
{
constexpr qint64 RetryMs = 10'000;
constexpr qint64 LookMs = 1'000;
} // namespace

LogFile::LogFile(const QString &folder, const base::Clock &clock, qint64 mostBytes)
    : m_folder(folder)
    , m_path(QDir(folder).filePath(QStringLiteral("restante.log")))
    , m_clock(clock)
    , m_mostBytes(mostBytes)
{
}

void LogFile::append(const QByteArray &line)
{
    if (!ensureOpen()) {
        ++m_lost;
        return;
    }
    QByteArray text = line;
    if (m_lost > 0)
        text.prepend("(" + QByteArray::number(m_lost) + " lines were lost)\n");
    if (m_size > 0 && m_size + text.size() > m_mostBytes) {
        turnOver();
        if (!ensureOpen()) {
            ++m_lost;
            return;
        }
    }
    put(text, 1);
}

/// `lines`: how many are lost if it fails.
void LogFile::put(const QByteArray &text, quint64 lines)
{
    const qint64 written = m_file.write(text);
    if (written > 0)
        m_size += written;
    if (written == text.size()) {
        m_lost = 0;
        m_trouble.clear();
        return;
    }
    m_trouble = written < 0 ? m_file.errorString() : qt_error_string(ENOSPC);
    // A line cut short by a full disk is taken back, so that the file stays readable line by line.
    if (written > 0 && m_file.resize(m_size - written))
        m_size -= written;
    m_lost += lines;
}

void LogFile::look()
{
    if (m_lost == 0 && m_trouble.isEmpty() && (m_file.isOpen() || !QFile::exists(m_path)))
        return;
    if (ensureOpen() && m_lost > 0)
        put("(" + QByteArray::number(m_lost) + " lines were lost)\n", 0);
    else if (m_file.isOpen())
        m_trouble.clear();
}

/// If the file was removed, all further lines would be lost with it.
void LogFile::leaveMissing()
{
    if (!m_file.isOpen() || m_clock.steadyMs() < m_lookAtMs)
        return;
    m_lookAtMs = m_clock.steadyMs() + LookMs;
    if (m_folder.isInPlace() && !m_place->isInPlace())
        m_file.close();
}

bool LogFile::ensureOpen()
{
    leaveMissing();
    if (m_file.isOpen())
        return true;
    if (m_clock.steadyMs() < m_retryAtMs)
        return false;
    // Unbuffered: a line is in the file when this returns, also if the program dies next.
    if (const auto opened = base::openToAppend(m_file, m_path); !opened) {
        m_retryAtMs = m_clock.steadyMs() + RetryMs;
        m_trouble = opened.error().detail;
        return false;
    }
    // A link leads to another file, a device perhaps, whose mode is not ours to set.
    const QFileInfo info(m_path);
    if (info.isFile() && !info.isSymLink())
        QFile::setPermissions(m_path, base::OwnerOnly);
    m_size = m_file.size();
    m_place.emplace(m_path);
    return true;
}

void LogFile::turnOver()
{
    if (!m_folder.isInPlace()) {
        if (m_file.resize(0))
            m_size = 0;
        return;
    }
    const auto numbered = [this](int number) { return m_path + QLatin1Char('.') + QString::number(number); };
    m_file.close();
    QFile::remove(numbered(Kept));
    for (int number = Kept - 1; number >= 1; --number)
        QFile::rename(numbered(number), numbered(number + 1));
    // Even if the folder does not allow renaming, the file must not grow without end.
    if (!QFile::rename(m_path, numbered(1)))
        QFile::resize(m_path, 0);
    m_size = 0;
}

} // namespace restante::telemetry
