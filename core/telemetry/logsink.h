// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "telemetry/logfile.h"

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/qlogging.h>

#include <deque>
#include <functional>

namespace restante::telemetry
{

/// One line of the log, for the viewer.
struct LogLine {
    quint64 serial = 0; ///< 1, 2, 3, … since the start
    qint64 wallMs = 0;
    QtMsgType type = QtInfoMsg;
    QString category;
    QString text;
};

/// Takes every Qt log message of the process to standard error, to restante.log and into a ring of recent lines.
/// Construct and destroy in main(), before and after all threads; one at a time, the previous message handler comes
/// back at the end. Messages come from any thread; one mutex guards all three places. Never throws.
class LogSink
{
public:
    static constexpr int RecentLines = 2'000;

    /// `folder` may be empty: then there is no file. `echo` false leaves out standard error (tests).
    LogSink(const QString &folder, const base::Clock &clock, bool echo = true,
            qint64 mostBytes = LogFile::DefaultMostBytes);
    ~LogSink();
    Q_DISABLE_COPY_MOVE(LogSink)

    /// Why nothing can be written into the file, in one sentence that names it; empty if it can, or without a file.
    /// Looks again if that is some seconds ago. Any thread.
    QString trouble();
    /// `changed` is called, in any thread and from inside a message, when `trouble` tells something else: it must only
    /// post, and log nothing. Empty: no longer. The one before is not called any more once this returns.
    void watch(std::function<void()> changed);
    /// The lines after `serial` that are still in the ring, oldest first. Any thread.
    QList<LogLine> recent(quint64 afterSerial = 0) const;

    /// How a line is written: UTC time to the millisecond, level, category, text; control characters of the text are
    /// escaped, so that one message is one line whatever a stranger put into it. Ends with a line feed.
    static QByteArray format(const LogLine &line);

private:
    static void onMessage(QtMsgType type, const QMessageLogContext &context, const QString &text);
    void tellTrouble();
    void take(QtMsgType type, const QMessageLogContext &context, const QString &text);

    const base::Clock &m_clock;
    LogFile m_file;
    bool m_toFile;
    std::function<void()> m_changed;
    QString m_told; ///< as `trouble` was last
    bool m_echo;
    quint64 m_serial = 0;
    std::deque<LogLine> m_recent;
    QtMessageHandler m_previous = nullptr;
};

} // namespace restante::telemetry
