// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QProcess>

#include <memory>

namespace restante::bench
{

/// A server under measurement: a child process that prints the ready line of core/README 9. Ended when destroyed.
class Program
{
public:
    /// Starts `executable` and waits until it is ready. Errc::Io with what it said otherwise.
    static Result<std::unique_ptr<Program>> start(const QString &executable, const QStringList &arguments);
    ~Program();
    Q_DISABLE_COPY_MOVE(Program)

    const QByteArray &serverName() const { return m_serverName; }
    quint16 port() const { return m_port; }
    /// Of the node listener; 0 if there is none.
    quint16 nodePort() const { return m_nodePort; }
    /// From the start of the process to its ready line.
    double secondsToReady() const { return m_secondsToReady; }

    /// Processor seconds of all its threads so far, user and system.
    double processorSeconds() const;
    /// Resident memory now, in KiB.
    qint64 residentKiB() const;
    /// The most that it ever was, in KiB.
    qint64 peakResidentKiB() const;
    /// Bytes that it caused to be written to storage so far; 0 if the kernel does not say.
    qint64 writtenBytes() const;
    /// Sends SIGTERM and waits. Errc::Internal with the exit status if that is not 0.
    Result<void> stop();

private:
    Program() = default;
    Result<void> readReadyLine();
    QByteArray procFile(const char *name) const;

    QProcess m_process;
    QByteArray m_serverName;
    quint16 m_port = 0;
    quint16 m_nodePort = 0;
    double m_secondsToReady = 0;
};

} // namespace restante::bench
