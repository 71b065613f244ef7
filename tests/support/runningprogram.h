// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QProcess>
#include <QtCore/QStringList>
#include <QtTest/QTest>

namespace restante::test
{

inline constexpr int PatienceMs = 20'000;

/// A program of this build.
inline QString program(const QString &name)
{
    return QStringLiteral(QT_TESTCASE_BUILDDIR "/app/") + name;
}

/// How a program ended and what it said.
struct Ended {
    int status = -1;
    QString out;
    QString err;
    QStringList errLines() const { return err.split(u'\n', Qt::SkipEmptyParts); }
};

/// A program that has been started; ended with its owner.
class Running
{
public:
    Running(const QString &name, const QStringList &arguments, const QByteArray &input = {})
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("TZ"), QStringLiteral("UTC"));
        environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
        process.setProcessEnvironment(environment);
        process.start(program(name), arguments);
        process.write(input);
        process.closeWriteChannel();
    }
    ~Running()
    {
        process.terminate();
        if (!process.waitForFinished(PatienceMs))
            process.kill();
        process.waitForFinished();
    }
    /// Waits without standing in the way of a server in this thread.
    Ended end()
    {
        const auto ended = [this] { return process.state() == QProcess::NotRunning; };
        if (!QTest::qWaitFor(ended, PatienceMs))
            return {};
        return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
                QString::fromUtf8(process.readAllStandardOutput()), QString::fromUtf8(process.readAllStandardError())};
    }

    QProcess process;
};

} // namespace restante::test
