// SPDX-License-Identifier: GPL-3.0-or-later
// What restante does if there is no screen. Built if the window is.
#include "runningprogram.h"

#include <QtCore/QDir>
#include <QtCore/QTemporaryDir>

using namespace restante::test;
using namespace Qt::Literals::StringLiterals;

namespace
{
/// restante with an environment that has no screen.
Ended withoutScreen(const QStringList &arguments, const QString &display, const QString &workingFolder)
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const auto &name : {u"QT_QPA_PLATFORM"_s, u"DISPLAY"_s, u"WAYLAND_DISPLAY"_s})
        environment.remove(name);
    if (!display.isEmpty())
        environment.insert(u"DISPLAY"_s, display);
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(workingFolder);
    process.start(program(u"restante"_s), arguments);
    if (!process.waitForFinished(PatienceMs))
        return {};
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            QString::fromUtf8(process.readAllStandardOutput()), QString::fromUtf8(process.readAllStandardError())};
}
} // namespace

class TestDisplayStart : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void help_and_version_need_no_screen_data();
    void help_and_version_need_no_screen();
    void a_start_without_a_screen_is_one_line_data();
    void a_start_without_a_screen_is_one_line();
    void qts_own_options_are_left_to_it();

private:
    QTemporaryDir m_folder;
};

void TestDisplayStart::help_and_version_need_no_screen_data()
{
    QTest::addColumn<QString>("option");
    QTest::addColumn<QString>("words");
    for (const char *option : {"--version", "-v"})
        QTest::newRow(option) << QString::fromLatin1(option) << u"restante "_s;
    for (const char *option : {"--help", "-h"})
        QTest::newRow(option) << QString::fromLatin1(option) << u"--data-dir"_s;
}

void TestDisplayStart::help_and_version_need_no_screen()
{
    QFETCH(const QString, option);
    QFETCH(const QString, words);
    const Ended ended = withoutScreen({option}, {}, m_folder.path());
    QCOMPARE(ended.status, 0);
    QCOMPARE(ended.err, QString());
    QVERIFY2(ended.out.contains(words), qPrintable(ended.out));
}

void TestDisplayStart::a_start_without_a_screen_is_one_line_data()
{
    QTest::addColumn<QString>("display");
    QTest::newRow("none is named") << QString();
    QTest::newRow("the one that is named is not there") << u":9876"_s;
}

void TestDisplayStart::a_start_without_a_screen_is_one_line()
{
    QFETCH(const QString, display);
    const Ended ended = withoutScreen({u"--data-dir"_s, m_folder.filePath(u"data"_s)}, display, m_folder.path());
    QCOMPARE(ended.status, 1);
    QCOMPARE(ended.errLines().size(), 1);
    QVERIFY2(ended.err.startsWith("restante: There is no screen"_L1) && ended.err.contains("restanted"_L1),
             qPrintable(ended.err));
    QCOMPARE(ended.out, QString());
    QVERIFY(QDir(m_folder.path()).isEmpty()); // nothing was made, no core either
}

void TestDisplayStart::qts_own_options_are_left_to_it()
{
    const Ended ended = withoutScreen({u"-platform"_s, u"offscreen"_s, u"--version"_s}, {}, m_folder.path());
    QCOMPARE(ended.status, 0);
    QVERIFY(ended.out.startsWith("restante "_L1));
    const Ended wrong = withoutScreen({u"-platform"_s, u"offscreen"_s, u"--nonsense"_s}, {}, m_folder.path());
    QCOMPARE(wrong.status, 2);
    QVERIFY(wrong.err.contains("nonsense"_L1));
}

QTEST_GUILESS_MAIN(TestDisplayStart)
#include "tst_displaystart.moc"
