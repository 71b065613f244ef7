// SPDX-License-Identifier: GPL-3.0-or-later
#include "program.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QUrl>

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace restante::bench
{

namespace
{

constexpr int StartMs = 120'000; // with a large database on a slow disk
constexpr int StopMs = 120'000;

// The number behind `key:` in a file of "key: value" lines.
qint64 fieldOf(const QByteArray &text, QByteArrayView key)
{
    for (const QByteArray &line : text.split('\n')) {
        if (line.startsWith(key) && line.size() > key.size() && line.at(key.size()) == ':')
            return line.mid(key.size() + 1).simplified().split(' ').first().toLongLong();
    }
    return 0;
}

} // namespace

Result<std::unique_ptr<Program>> Program::start(const QString &executable, const QStringList &arguments)
{
    std::unique_ptr<Program> program(new Program);
    QElapsedTimer timer;
    timer.start();
    program->m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    // A bench that is killed must not leave servers behind.
    program->m_process.setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGKILL); });
    program->m_process.start(executable, arguments);
    if (!program->m_process.waitForStarted())
        return {Errc::Io, QStringLiteral("cannot start %1").arg(executable)};
    if (const auto ready = program->readReadyLine(); !ready)
        return ready.error();
    program->m_secondsToReady = double(timer.nsecsElapsed()) / 1e9;
    return program;
}

Program::~Program()
{
    if (m_process.state() == QProcess::NotRunning)
        return;
    m_process.kill();
    m_process.waitForFinished(StopMs);
}

Result<void> Program::readReadyLine()
{
    QElapsedTimer timer;
    timer.start();
    while (!m_process.canReadLine()) {
        if (!m_process.waitForReadyRead(int(StartMs - std::min<qint64>(timer.elapsed(), StartMs - 1))))
            return {Errc::Io, QStringLiteral("%1 did not become ready").arg(m_process.program())};
    }
    const QJsonObject ready = QJsonDocument::fromJson(m_process.readLine()).object();
    m_serverName = ready.value(QLatin1String("server_name")).toString().toLatin1();
    const QUrl address(ready.value(QLatin1String("listen")).toArray().at(0).toString());
    m_port = quint16(address.port(0));
    m_nodePort = quint16(QUrl(ready.value(QLatin1String("node")).toString()).port(0));
    if (ready.value(QLatin1String("event")).toString() != QLatin1String("ready") || m_port == 0)
        return {Errc::Io, QStringLiteral("%1 printed no ready line").arg(m_process.program())};
    return {};
}

QByteArray Program::procFile(const char *name) const
{
    QFile file(QStringLiteral("/proc/%1/%2").arg(m_process.processId()).arg(QLatin1String(name)));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

double Program::processorSeconds() const
{
    // The second field is the program's name in parentheses and may hold spaces: count from behind it (proc(5), stat).
    const QByteArray stat = procFile("stat");
    const QList<QByteArray> fields = stat.mid(stat.lastIndexOf(')') + 2).split(' ');
    if (fields.size() < 13)
        return 0;
    return double(fields.at(11).toLongLong() + fields.at(12).toLongLong()) / double(::sysconf(_SC_CLK_TCK));
}

qint64 Program::residentKiB() const
{
    return fieldOf(procFile("status"), "VmRSS");
}

qint64 Program::peakResidentKiB() const
{
    return fieldOf(procFile("status"), "VmHWM");
}

qint64 Program::writtenBytes() const
{
    return fieldOf(procFile("io"), "write_bytes");
}

Result<void> Program::stop()
{
    m_process.terminate();
    if (!m_process.waitForFinished(StopMs))
        return {Errc::Internal, QStringLiteral("%1 does not end on SIGTERM").arg(m_process.program())};
    if (m_process.exitStatus() != QProcess::NormalExit || m_process.exitCode() != 0)
        return {Errc::Internal,
                QStringLiteral("%1 ended with status %2").arg(m_process.program()).arg(m_process.exitCode())};
    return {};
}

} // namespace restante::bench
