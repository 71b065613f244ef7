// SPDX-License-Identifier: GPL-3.0-or-later
// What a second start with the same data folder does, with real programs. Built if the window is.
#include "base/heldfolder.h"
#include "control/server.h"
#include "runningprogram.h"
#include "scriptedoperations.h"

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QSignalSpy>

#include <memory>

using namespace restante;
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
    void a_link_that_is_clicked_goes_to_the_program_that_runs();
    void a_link_is_shown_by_the_first_start_too();
    void the_service_has_no_window_for_a_link();
    void the_desktop_hands_links_over();

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

void TestSecondStart::a_link_that_is_clicked_goes_to_the_program_that_runs()
{
    // This test is the program that runs: it holds the folder and listens on the socket.
    const auto held = base::HeldFolder::take(m_folder->path());
    QVERIFY(held);
    ScriptedOperations operations;
    control::Server server(operations, {u"restante"_s, true});
    QVERIFY(server.listen(m_folder->path()));
    QSignalSpy cards(&server, &control::Server::cardWanted);
    QSignalSpy raised(&server, &control::Server::windowWanted);
    const QString link = u"restante:1/friend?server=b.example&name=B%20B"_s;
    const Ended second = Running(u"restante"_s, options() << link).end();
    QCOMPARE(second.err, QString());
    QCOMPARE(second.status, 0);
    QCOMPARE(cards.size(), 1);
    QCOMPARE(cards.first().first().toString(), link);
    QCOMPARE(raised.size(), 0);
    QVERIFY(operations.asked.isEmpty()); // nothing is added unasked
}

void TestSecondStart::a_link_is_shown_by_the_first_start_too()
{
    const QString link = u"restante:1/friend?server=b.example"_s;
    Running first(u"restante"_s, options() << link);
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(m_folder->filePath(u"lock"_s)), PatienceMs);
    // The first, which shows a card already, shows another one.
    const Ended second = Running(u"restante"_s, options() << link).end();
    QCOMPARE(second.err, QString());
    QCOMPARE(second.status, 0);
    QCOMPARE(first.process.state(), QProcess::Running);
}

void TestSecondStart::the_service_has_no_window_for_a_link()
{
    const Ended ended = Running(u"restanted"_s, options() << u"restante:1/friend?server=b.example"_s).end();
    QVERIFY2(ended.err.contains("no window"_L1), qPrintable(ended.err));
    QCOMPARE(ended.status, 2);
    QVERIFY(!QFile::exists(m_folder->filePath(u"identity.key"_s)));
}

void TestSecondStart::the_desktop_hands_links_over()
{
    QFile file(QStringLiteral(RESTANTE_SOURCE_DIR "/packaging/org.restante.Restante.desktop"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray entry = file.readAll();
    QVERIFY(entry.contains("\nExec=restante %u\n"));
    QVERIFY(entry.contains("\nMimeType=x-scheme-handler/restante;\n"));
}

QTEST_GUILESS_MAIN(TestSecondStart)
#include "tst_secondstart.moc"
