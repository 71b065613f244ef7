// SPDX-License-Identifier: GPL-3.0-or-later
// How the programs begin and end in odd surroundings: closed descriptors, outputs that nobody reads, a terminal that
// goes.
#include "base/heldfolder.h"
#include "runningprogram.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QTemporaryDir>

#include <csignal>
#include <memory>

using namespace restante;
using namespace restante::test;
using namespace Qt::Literals::StringLiterals;

namespace
{
/// A program behind a redirection of the shell's, which becomes it.
class Redirected
{
public:
    Redirected(const QString &name, const QStringList &arguments, const QString &redirections)
    {
        process.setProgram(u"/bin/sh"_s);
        process.setArguments(QStringList{u"-c"_s, u"exec \"$0\" \"$@\" "_s + redirections, program(name)} + arguments);
        process.start();
        process.closeWriteChannel();
    }
    ~Redirected()
    {
        process.kill();
        process.waitForFinished();
    }
    bool ended() { return process.state() == QProcess::NotRunning || process.waitForFinished(PatienceMs); }

    QProcess process;
};
} // namespace

class TestProgramStart : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void closed_descriptors_become_nobodys();
    void a_ready_line_that_cannot_be_written_ends_the_program_data();
    void a_ready_line_that_cannot_be_written_ends_the_program();
    void an_answer_that_cannot_be_written_is_a_failure_data();
    void an_answer_that_cannot_be_written_is_a_failure();
    void a_terminal_that_closes_ends_the_program_cleanly();
    void nohup_outlives_its_terminal();
    void a_mapped_file_that_cannot_be_written_ends_it_with_words();
    void short_options_are_known();
    void a_lock_that_a_killed_program_left_stands_in_nobodys_way();

private:
    QStringList options() const { return {u"--data-dir"_s, m_folder->path(), u"--listen"_s, u"127.0.0.1:0"_s}; }
    bool isUp() const
    {
        return Running(u"restantectl"_s, {u"--data-dir"_s, m_folder->path(), u"status"_s}).end().status == 0;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestProgramStart::closed_descriptors_become_nobodys()
{
    Redirected service(u"restanted"_s, options(), u"<&- >&- 2>&-"_s);
    QTRY_VERIFY_WITH_TIMEOUT(isUp(), PatienceMs);
    for (const char *number : {"0", "1", "2"}) {
        const QString link = u"/proc/%1/fd/%2"_s.arg(service.process.processId()).arg(QLatin1String(number));
        QCOMPARE(QFileInfo(link).symLinkTarget(), u"/dev/null"_s);
    }
    service.process.terminate();
    QVERIFY(service.ended());
    QCOMPARE(service.process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(service.process.exitCode(), 0);
}

void TestProgramStart::a_ready_line_that_cannot_be_written_ends_the_program_data()
{
    QTest::addColumn<QString>("redirection");
    QTest::newRow("a full disk") << u">/dev/full"_s;
    QTest::newRow("only to be read") << u"1</dev/null"_s;
}

void TestProgramStart::a_ready_line_that_cannot_be_written_ends_the_program()
{
    QFETCH(const QString, redirection);
    Redirected service(u"restanted"_s, options(), redirection);
    QVERIFY(service.ended());
    QCOMPARE(service.process.exitCode(), 1);
    const QString said = QString::fromUtf8(service.process.readAllStandardError());
    QVERIFY2(said.contains("restanted: Standard output cannot be written: "_L1), qPrintable(said));
    QVERIFY(!QFile::exists(m_folder->filePath(u"lock"_s)));
}

void TestProgramStart::an_answer_that_cannot_be_written_is_a_failure_data()
{
    QTest::addColumn<QString>("program");
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("redirection");
    for (const QString &redirection : {u">/dev/full"_s, u"1</dev/null"_s}) {
        for (const QString &option : {u"--help"_s, u"--version"_s})
            QTest::addRow("restanted %s %s", qPrintable(option), qPrintable(redirection))
                << u"restanted"_s << QStringList{option} << redirection;
    }
    for (const QStringList &words : {QStringList{u"--help"_s}, {u"--version"_s}, {u"help"_s, u"serve"_s}, {u"log"_s}})
        QTest::addRow("restantectl %s", qPrintable(words.join(u' '))) << u"restantectl"_s << words << u">/dev/full"_s;
}

void TestProgramStart::an_answer_that_cannot_be_written_is_a_failure()
{
    QFETCH(const QString, program);
    QFETCH(QStringList, arguments);
    QFETCH(const QString, redirection);
    QFile log(m_folder->filePath(u"restante.log"_s));
    QVERIFY(log.open(QIODevice::WriteOnly) && log.write("a line\n") > 0);
    log.close();
    if (arguments.first() == "log"_L1)
        arguments += {u"--data-dir"_s, m_folder->path()};
    Redirected asked(program, arguments, redirection);
    QVERIFY(asked.ended());
    QCOMPARE(asked.process.exitCode(), 1);
    const QString said = QString::fromUtf8(asked.process.readAllStandardError());
    QVERIFY2(said.contains(program + ": Standard output cannot be written: "_L1), qPrintable(said));
}

void TestProgramStart::a_terminal_that_closes_ends_the_program_cleanly()
{
    Running service(u"restanted"_s, options());
    QTRY_VERIFY_WITH_TIMEOUT(service.process.canReadLine(), PatienceMs);
    QVERIFY(QFile::exists(m_folder->filePath(u"control"_s)));
    QCOMPARE(::kill(pid_t(service.process.processId()), SIGHUP), 0);
    QCOMPARE(service.end().status, 0);
    QVERIFY(!QFile::exists(m_folder->filePath(u"control"_s)));
    QVERIFY(!QFile::exists(m_folder->filePath(u"lock"_s)));
}

void TestProgramStart::a_mapped_file_that_cannot_be_written_ends_it_with_words()
{
    Running service(u"restanted"_s, options());
    QTRY_VERIFY_WITH_TIMEOUT(service.process.canReadLine(), PatienceMs);
    QCOMPARE(::kill(pid_t(service.process.processId()), SIGBUS), 0);
    const Ended ended = service.end();
    QCOMPARE(ended.status, 1);
    QVERIFY2(ended.err.contains("its disk is full or fails"_L1), qPrintable(ended.err));
}

void TestProgramStart::nohup_outlives_its_terminal()
{
    QProcess service;
    service.start(u"nohup"_s, QStringList{program(u"restanted"_s)} + options());
    QTRY_VERIFY_WITH_TIMEOUT(service.canReadLine(), PatienceMs);
    QCOMPARE(::kill(pid_t(service.processId()), SIGHUP), 0);
    QVERIFY(isUp());
    service.terminate();
    QVERIFY(service.waitForFinished(PatienceMs));
    QCOMPARE(service.exitCode(), 0);
}

void TestProgramStart::short_options_are_known()
{
    for (const QString &name : {u"restanted"_s, u"restantectl"_s}) {
        for (const auto &[brief, whole] : {std::pair(u"-h"_s, u"--help"_s), std::pair(u"-v"_s, u"--version"_s)}) {
            const Ended one = Running(name, {brief}).end();
            QCOMPARE(one.status, 0);
            QVERIFY(!one.out.isEmpty());
            QCOMPARE(one.out, Running(name, {whole}).end().out);
        }
    }
}

void TestProgramStart::a_lock_that_a_killed_program_left_stands_in_nobodys_way()
{
    {
        Running killed(u"restanted"_s, options());
        QTRY_VERIFY_WITH_TIMEOUT(killed.process.canReadLine(), PatienceMs);
        QVERIFY(base::HeldFolder::holder(m_folder->path()));
        killed.process.kill();
        QVERIFY(killed.process.waitForFinished(PatienceMs));
    }
    QFile lock(m_folder->filePath(u"lock"_s));
    QVERIFY(lock.open(QIODevice::ReadOnly));
    QVERIFY(lock.readAll().contains("restanted")); // it is still there, and holds nothing
    QVERIFY(!base::HeldFolder::holder(m_folder->path()));
    Running next(u"restanted"_s, options());
    QTRY_VERIFY_WITH_TIMEOUT(next.process.canReadLine(), PatienceMs);
    next.process.terminate();
    QCOMPARE(next.end().status, 0);
}

QTEST_GUILESS_MAIN(TestProgramStart)
#include "tst_programstart.moc"
