// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "base/ondisk.h"

#include <QtCore/QByteArray>
#include <QtCore/QFile>
#include <QtCore/QString>

#include <optional>

namespace restante::telemetry
{

/// restante.log and its predecessors restante.log.1 (the newest) to restante.log.5, mode 0600. Not thread-safe: the
/// LogSink holds its mutex. Never throws; if the disk is full or the folder gone, lines are lost and counted, and the
/// next line after it works again says how many. A file that was removed or renamed from outside begins anew within a
/// second; if the whole folder was moved away, its file goes on there, and what took its place is left alone.
class LogFile
{
public:
    static constexpr qint64 DefaultMostBytes = qint64(10) << 20;
    static constexpr int Kept = 5;

    LogFile(const QString &folder, const base::Clock &clock, qint64 mostBytes = DefaultMostBytes);
    Q_DISABLE_COPY_MOVE(LogFile)

    /// Appends one line with a line feed at its end, after turning the files over if it would not fit.
    void append(const QByteArray &line);
    quint64 lostLines() const { return m_lost; }
    /// Tries again if lines were lost, and opens a file that is there; not more often than `append` does.
    void look();
    /// Why the last line could not be written; empty if it was, or nothing was tried.
    const QString &trouble() const { return m_trouble; }
    const QString &path() const { return m_path; }

private:
    bool ensureOpen();
    void put(const QByteArray &text, quint64 lines);
    void leaveMissing();
    void turnOver();

    base::PlacedFile m_folder;
    const QString m_path;
    QFile m_file;                            ///< has no name of its own
    std::optional<base::PlacedFile> m_place; ///< of the file, while it is open
    const base::Clock &m_clock;
    qint64 m_mostBytes;
    qint64 m_size = 0;
    qint64 m_retryAtMs = 0; ///< steady; a file that did not open is not tried again before
    qint64 m_lookAtMs = 0;  ///< steady; whether the open file is in its place is not looked at before
    quint64 m_lost = 0;
    QString m_trouble;
};

} // namespace restante::telemetry
