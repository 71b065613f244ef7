// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/options.h"
#include "ui/settings/autostart.h"
#include "ui/settings/autostartfield.h"
#include "ui/settings/settingsdialog.h"
#include "windowtest.h"

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <QtWidgets/QCheckBox>
#include <QtWidgets/QDialogButtonBox>
#include <QtWidgets/QPushButton>

using namespace restante;
using namespace restante::test;

class TestAutostart : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        qputenv("XDG_CONFIG_HOME", m_folder->filePath(QStringLiteral("config")).toLocal8Bit());
    }

    void switching_on_writes_an_entry_that_starts_this_program_hidden()
    {
        const auto autostart = ui::sessionAutostart(settings::Options::defaultDataFolder());
        QVERIFY(autostart->isPossible());
        QVERIFY(!autostart->state().isOn);
        QVERIFY(autostart->setOn(true));
        const QString written = entry();
        QVERIFY(written.startsWith(u"[Desktop Entry]\nType=Application\n"));
        QVERIFY(
            written.contains(QStringLiteral("\nExec=\"%1\" --hidden\n").arg(QCoreApplication::applicationFilePath())));
        QVERIFY(autostart->state().isOn);
        QCOMPARE(autostart->state().otherCommand, QString());
    }

    void another_data_folder_is_named_whatever_it_is_called()
    {
        const auto autostart = ui::sessionAutostart(QStringLiteral("/data/50% \"off\" $now"));
        QVERIFY(autostart->setOn(true));
        // Quoted for the command, its percent sign doubled, and each backslash doubled as the file wants it.
        QVERIFY(entry().contains(QStringLiteral(R"( --hidden --data-dir "/data/50%% \\"off\\" \\$now")")));
        QVERIFY(autostart->state().isOn);
        QCOMPARE(autostart->state().otherCommand, QString());
    }

    void switching_off_removes_the_entry()
    {
        const auto autostart = ui::sessionAutostart(QStringLiteral("/data"));
        QVERIFY(autostart->setOn(true));
        QVERIFY(autostart->setOn(false));
        QVERIFY(!QFile::exists(file()));
        QVERIFY(!autostart->state().isOn);
        QVERIFY(!autostart->state().isSwitchedOff);
    }

    void an_entry_that_was_switched_off_elsewhere_is_off_data()
    {
        QTest::addColumn<QString>("line");
        QTest::newRow("hidden") << QStringLiteral("Hidden=true");
        QTest::newRow("by GNOME") << QStringLiteral("X-GNOME-Autostart-enabled=false");
        QTest::newRow("without a command") << QStringLiteral("Exec=");
    }

    void an_entry_that_was_switched_off_elsewhere_is_off()
    {
        QFETCH(QString, line);
        const auto autostart = ui::sessionAutostart(QStringLiteral("/data"));
        QVERIFY(autostart->setOn(true));
        append(line + u'\n');
        QVERIFY(!autostart->state().isOn);
        QVERIFY(autostart->state().isSwitchedOff);
        // Nobody is put back by a proposal; only who ticks the box is.
        ui::AutostartField field(*autostart);
        auto *box = field.findChild<QCheckBox *>(QStringLiteral("autostart"));
        field.propose();
        QVERIFY(!box->isChecked());
        QVERIFY(field.apply().isEmpty());
        QVERIFY(entry().contains(line));
        box->setChecked(true);
        QVERIFY(field.apply().isEmpty());
        QVERIFY(autostart->state().isOn);
    }

    void what_stands_in_another_group_counts_for_nothing()
    {
        const auto autostart = ui::sessionAutostart(QStringLiteral("/data"));
        QVERIFY(autostart->setOn(true));
        append(QStringLiteral("[Desktop Action other]\nHidden=true\nExec=other\n"));
        QVERIFY(autostart->state().isOn);
        QCOMPARE(autostart->state().otherCommand, QString());
    }

    void an_entry_that_starts_something_else_is_shown_and_left()
    {
        const auto autostart = ui::sessionAutostart(QStringLiteral("/data"));
        QVERIFY(autostart->setOn(true));
        append(QStringLiteral("Exec=nice /opt/restante --hidden\n"));
        QVERIFY(autostart->state().isOn);
        QCOMPARE(autostart->state().otherCommand, QStringLiteral("nice /opt/restante --hidden"));
        QVERIFY(autostart->setOn(true));
        QVERIFY(entry().contains(u"nice /opt"));
        ui::AutostartField field(*autostart);
        QVERIFY(field.findChild<QLabel *>(QStringLiteral("autostartNote"))->text().contains(u"nice /opt"));
    }

    void what_cannot_be_written_is_said()
    {
        QFile inTheWay(m_folder->filePath(QStringLiteral("config"))); // a file, where the folder is to be
        QVERIFY(inTheWay.open(QIODevice::WriteOnly));
        const auto autostart = ui::sessionAutostart(QStringLiteral("/data"));
        const auto done = autostart->setOn(true);
        QVERIFY(!done);
        QCOMPARE(done.error().code, Errc::Io);
        ui::AutostartField field(*autostart);
        field.findChild<QCheckBox *>(QStringLiteral("autostart"))->setChecked(true);
        QVERIFY(field.apply().contains(u"/config/autostart"));
    }

    void the_settings_put_it_in_force_with_ok()
    {
        FakeOperations operations;
        ui::SettingsDialog dialog(operations, QStringLiteral("/data"));
        dialog.show();
        dialog.findChild<QCheckBox *>(QStringLiteral("autostart"))->setChecked(true);
        QVERIFY(!QFile::exists(file()));
        dialog.findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Ok)->click();
        QTRY_VERIFY(!dialog.isVisible());
        QVERIFY(QFile::exists(file()));
    }

    void settings_that_could_not_start_it_at_login_stay_open()
    {
        QFile inTheWay(m_folder->filePath(QStringLiteral("config")));
        QVERIFY(inTheWay.open(QIODevice::WriteOnly));
        FakeOperations operations;
        ui::SettingsDialog dialog(operations, QStringLiteral("/data"));
        dialog.show();
        dialog.findChild<QCheckBox *>(QStringLiteral("autostart"))->setChecked(true);
        dialog.findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Ok)->click();
        QTRY_COMPARE(operations.applied.size(), 1);
        QTRY_VERIFY(dialog.findChild<QWidget *>(QStringLiteral("problem"))->isVisible());
        QVERIFY(dialog.isVisible());
    }

private:
    QString file() const
    {
        return m_folder->filePath(QStringLiteral("config/autostart/org.restante.Restante.desktop"));
    }
    QString entry() const
    {
        QFile read(file());
        return read.open(QIODevice::ReadOnly) ? QString::fromUtf8(read.readAll()) : QString();
    }
    void append(const QString &text) const
    {
        QFile written(file());
        QVERIFY(written.open(QIODevice::Append));
        QVERIFY(written.write(text.toUtf8()) > 0);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_MAIN(TestAutostart)
#include "tst_autostart.moc"
