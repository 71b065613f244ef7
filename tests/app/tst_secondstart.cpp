// SPDX-License-Identifier: GPL-3.0-or-later
// What a second start with the same data folder does, with real programs. Built if the window is.
#include "runningprogram.h"

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>

#include <memory>

using namespace restante::test;
using namespace Qt::Literals::StringLiterals;

class TestSecondStart : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        qputenv("XDG_RUNTIME_DIR", m_folder->path().toUtf8()); // Qt complains about a session without one
    }
    void a_second_window_shows_the_first();
    void a_window_does_not_start_where_the_service_runs();

private:
    QStringList options() const { return {u"--data-dir"_s, m_folder->path(), u"--listen"_s, u"127.0.0.1:0"_s}; }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestSecondStart::a_second_window_shows_the_first()
{
    Running first(u"restante"_s, options());
    // The second may start before the first one listens on its socket; the lock is what counts.
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(m_folder->filePath(u"lock"_s)), PatienceMs);
    const Ended second = Running(u"restante"_s, options()).end();
    QCOMPARE(second.err, QString());
    QCOMPARE(second.status, 0);
    QCOMPARE(first.process.state(), QProcess::Running);
}

void TestSecondStart::a_window_does_not_start_where_the_service_runs()
{
    Running service(u"restanted"_s, options());
    QTRY_VERIFY_WITH_TIMEOUT(service.process.canReadLine(), PatienceMs);
    Running window(u"restante"_s, options());
    window.process.setReadChannel(QProcess::StandardError);
    QTRY_VERIFY_WITH_TIMEOUT(window.process.canReadLine(), PatienceMs);
    const QString said = QString::fromUtf8(window.process.readLine());
    QVERIFY2(said.contains("restanted"_L1) && said.contains(m_folder->path()), qPrintable(said));
    window.process.terminate(); // it says so on the screen, too
    QCOMPARE(window.end().status, 1);
}

QTEST_GUILESS_MAIN(TestSecondStart)
#include "tst_secondstart.moc"
