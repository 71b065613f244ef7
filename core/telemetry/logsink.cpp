// SPDX-License-Identifier: GPL-3.0-or-later
#include "telemetry/logsink.h"

#include "base/ondisk.h"

#include <QtCore/QDateTime>
#include <QtCore/QTimeZone>

#include <cstdio>
#include <mutex>
#include <utility>

namespace restante::telemetry
{

namespace
{
// Qt's message handler is a plain function, so the sink that it feeds has to be known to the whole process.
std::mutex sinkMutex;
LogSink *sink = nullptr;
/// Set while this thread is inside the sink: what Qt itself complains about there must not come back in.
thread_local bool insideSink = false;

const char *levelName(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return "debug";
    case QtInfoMsg:
        return "info";
    case QtWarningMsg:
        return "warning";
    case QtCriticalMsg:
        return "critical";
    case QtFatalMsg:
        return "fatal";
    }
    return "info";
}

bool breaksLine(QChar c)
{
    const char16_t code = c.unicode();
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x2028 || code == 0x2029;
}

QString escaped(const QString &text)
{
    QString out;
    out.reserve(text.size());
    for (const QChar c : text) {
        if (breaksLine(c))
            out += QStringLiteral("\\u%1").arg(uint(c.unicode()), 4, 16, QLatin1Char('0'));
        else
            out += c;
    }
    return out;
}
} // namespace

LogSink::LogSink(const QString &folder, const base::Clock &clock, bool echo, qint64 mostBytes)
    : m_clock(clock)
    , m_file(folder, clock, mostBytes)
    , m_toFile(!folder.isEmpty())
    , m_echo(echo)
{
    const std::lock_guard lock(sinkMutex);
    Q_ASSERT(!sink);
    sink = this;
    m_previous = qInstallMessageHandler(&LogSink::onMessage);
}

LogSink::~LogSink()
{
    const std::lock_guard lock(sinkMutex);
    qInstallMessageHandler(m_previous);
    sink = nullptr;
}

QList<LogLine> LogSink::recent(quint64 afterSerial) const
{
    const std::lock_guard lock(sinkMutex);
    QList<LogLine> lines;
    for (const LogLine &line : m_recent) {
        if (line.serial > afterSerial)
            lines.append(line);
    }
    return lines;
}

QByteArray LogSink::format(const LogLine &line)
{
    const QString time = QDateTime::fromMSecsSinceEpoch(line.wallMs, QTimeZone::utc())
                             .toString(QStringLiteral("yyyy-MM-dd'T'HH:mm:ss.zzz'Z'"));
    return QStringLiteral("%1 %2 %3: %4\n")
        .arg(time, QLatin1String(levelName(line.type)), line.category, escaped(line.text))
        .toUtf8();
}

void LogSink::onMessage(QtMsgType type, const QMessageLogContext &context, const QString &text)
{
    if (insideSink)
        return;
    const std::lock_guard lock(sinkMutex);
    if (!sink)
        return;
    insideSink = true;
    sink->take(type, context, text);
    insideSink = false;
}

void LogSink::take(QtMsgType type, const QMessageLogContext &context, const QString &text)
{
    LogLine line{++m_serial, m_clock.wallMs(), type, QString::fromUtf8(context.category), text};
    const QByteArray written = format(line);
    m_recent.push_back(std::move(line));
    if (m_recent.size() > size_t(RecentLines))
        m_recent.pop_front();
    if (m_echo)
        std::fwrite(written.constData(), 1, size_t(written.size()), stderr);
    if (m_toFile)
        m_file.append(written);
    tellTrouble();
}

void LogSink::tellTrouble()
{
    if (m_file.trouble() == m_told)
        return;
    m_told = m_file.trouble();
    if (m_changed)
        m_changed();
}

QString LogSink::trouble()
{
    const std::lock_guard lock(sinkMutex);
    if (!m_toFile)
        return {};
    insideSink = true;
    m_file.look();
    insideSink = false;
    m_told = m_file.trouble(); // the caller knows it now
    return m_told.isEmpty() ? QString() : base::fileError(m_file.path(), QLatin1String("written"), m_told).detail;
}

void LogSink::watch(std::function<void()> changed)
{
    const std::lock_guard lock(sinkMutex);
    m_changed = std::move(changed);
}

} // namespace restante::telemetry
