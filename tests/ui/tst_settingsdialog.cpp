// SPDX-License-Identifier: GPL-3.0-or-later
#include "card/ownaddresses.h"
#include "settings/fieldtable.h"
#include "settingsvalues.h"
#include "ui/queues/serveddialog.h"
#include "ui/relays/relaydialog.h"
#include "ui/settings/settingsdialog.h"
#include "ui/shell/translation.h"
#include "windowtest.h"

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWidgets/QApplication>
#include <QtWidgets/QCheckBox>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QDialogButtonBox>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QListWidget>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QRadioButton>
#include <QtWidgets/QSpinBox>
#include <QtWidgets/QTreeWidget>

using namespace restante;
using namespace restante::test;
using ui::Remedy;

Q_DECLARE_METATYPE(restante::ui::Remedy)

class TestSettingsDialog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { ui::installTranslations(*qApp, QLocale(QStringLiteral("en_GB"))); }
    void init() { m_operations = std::make_unique<FakeOperations>(); }
    void cleanup()
    {
        m_dialog.reset();
        m_operations.reset();
    }

    void what_is_loaded_is_stored_unchanged()
    {
        auto &settings = m_operations->currentSettings;
        settings.listen = listenAddresses({QStringLiteral("[::1]:8449"), QStringLiteral("192.0.2.7:0")});
        settings.served = {servedEntry(QStringLiteral("a.org"), QStringLiteral("anna"), {QStringLiteral("b.org")})};
        settings.blockedOrigins = serverNames({QStringLiteral("evil.example")});
        settings.destinationBytes = 123'456'789; // no whole number of MiB
        settings.originBytes = 99'999'999;
        settings.trustedProxy = QHostAddress(QHostAddress::LocalHost);
        settings.relayPaused = true;
        settings.secureDelete = true;
        settings.logRules = QStringLiteral("x=true");
        settings.nodeEnabled = true;
        settings.nodeListen = parsed<settings::ListenAddress>(QStringLiteral("[::1]:9000"));
        settings.relays = {relayEntry({QStringLiteral("relay.example"),
                                       QStringLiteral("http://[200::1]:80"),
                                       {},
                                       QStringLiteral("friend.example"),
                                       QStringLiteral("anna"),
                                       true})};
        settings.ownRelays = {
            relayEntry({QStringLiteral("own.example"), QStringLiteral("https://own.example:8448"), {}, {}, {}, false})};
        settings.sendsFor = serverNames({QStringLiteral("sender.example")});
        settings.homeserver = parsed<settings::HomeserverUrl>(QStringLiteral("http://[::1]:8008"));
        settings.upstream = QStringLiteral("home.example:8448");
        settings.failuresUntilOffline = 7;
        settings.collectSeconds = 3600;
        settings.inboxRelayEntries = 123;
        settings.inboxRelayBytes = 77'777'777;
        settings.fetchKeys = false;
        settings.notaries = serverNames({QStringLiteral("notary.example")});
        settings.allowedNetworks =
            parsedAll<settings::Network>({QStringLiteral("10.0.0.0/8"), QStringLiteral("200::/7")});
        settings.caFile = QCoreApplication::applicationFilePath();
        const auto before = settings;
        open();
        QVERIFY(ok()->isEnabled());
        ok()->click();
        QCOMPARE(m_operations->applied.size(), 1);
        QVERIFY(m_operations->applied[0] == before);
        QTRY_VERIFY(!m_dialog->isVisible());
    }

    void who_can_reach_the_relay_becomes_an_address_data()
    {
        QTest::addColumn<QStringList>("loaded");
        QTest::addColumn<QString>("radio");
        QTest::addColumn<QString>("choose");
        QTest::addColumn<QStringList>("stored");
        const QStringList local{QStringLiteral("127.0.0.1:8449")};
        const QStringList lan{QStringLiteral("0.0.0.0:9000")};
        QTest::newRow("open it") << local << QStringLiteral("thisComputer") << QStringLiteral("network")
                                 << everyNetwork(8449);
        QTest::newRow("leave it open") << lan << QStringLiteral("network") << QStringLiteral("network") << lan;
        QTest::newRow("close it of both kinds")
            << QStringList{QStringLiteral("0.0.0.0:9000"), QStringLiteral("[::]:9000")} << QStringLiteral("network")
            << QStringLiteral("thisComputer") << QStringList{QStringLiteral("127.0.0.1:9000")};
        QTest::newRow("close it") << lan << QStringLiteral("network") << QStringLiteral("thisComputer")
                                  << QStringList{QStringLiteral("127.0.0.1:9000")};
        QTest::newRow("custom stays") << QStringList{QStringLiteral("192.0.2.1:1")} << QStringLiteral("custom")
                                      << QStringLiteral("custom") << QStringList{QStringLiteral("192.0.2.1:1")};
        QTest::newRow("free port is custom") << QStringList{QStringLiteral("127.0.0.1:0")} << QStringLiteral("custom")
                                             << QStringLiteral("custom") << QStringList{QStringLiteral("127.0.0.1:0")};
    }

    void who_can_reach_the_relay_becomes_an_address()
    {
        QFETCH(QStringList, loaded);
        QFETCH(QString, radio);
        QFETCH(QString, choose);
        QFETCH(QStringList, stored);
        m_operations->currentSettings.listen = listenAddresses(loaded);
        open();
        QVERIFY(m_dialog->findChild<QRadioButton *>(radio)->isChecked());
        m_dialog->findChild<QRadioButton *>(choose)->click();
        ok()->click();
        QCOMPARE(m_operations->applied[0].listen, listenAddresses(stored));
    }

    void an_invalid_field_blocks_ok_and_says_why_data()
    {
        QTest::addColumn<Remedy>("page");
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char *name, Remedy page, const char *field, const char *value, const char *reason) {
            QTest::newRow(name) << page << QString::fromLatin1(field) << QString::fromLatin1(value)
                                << QString::fromUtf8(reason);
        };
        const auto network = Remedy::NetworkSettings;
        row("no address", network, "listen", "", "Enter at least one address");
        row("no port", network, "listen", "127.0.0.1", "is not an address and a port");
        row("a name", network, "listen", "localhost:8449", "is not an address and a port");
        row("port too large", network, "listen", "127.0.0.1:70000", "is not an address and a port");
        row("no such certificate", network, "certificate", "/nonexistent/a.pem", "There is no such file");
        row("certificate alone", network, "certificate", "THIS FILE", "A certificate needs its private key");
        row("key alone", network, "key", "THIS FILE", "A private key needs its certificate");
        row("no such key", network, "key", "/nonexistent/a.pem", "A private key needs its certificate");
        row("proxy name", network, "proxy", "proxy.example.org", "“proxy.example.org” is not an IP address");
        row("blocked name", Remedy::RelayingSettings, "blocked", "a.org\nno name!", "is not a valid server name");
        row("sends for what is no name", Remedy::RelayingSettings, "sendsFor", "a b", "is not a valid server name");
        row("sender above friend", Remedy::RelayingSettings, "originEntries", "30000", "One sender cannot have more");
        row("sender size above friend", Remedy::RelayingSettings, "originBytes", "600", "One sender cannot have more");
        const auto node = Remedy::NodeSettings;
        const auto federation = Remedy::FederationSettings;
        row("node for others", node, "nodeListen", "192.0.2.1:8450", "Enter an address of this computer");
        row("node without port", node, "nodeListen", "127.0.0.1", "Enter an address of this computer");
        row("no inbox", node, "inboxBytes", "0", "At least 1 MiB");
        row("no network", federation, "allowedNetworks", "10.0.0.0/8\n10.0.0.1", "“10.0.0.1” is not a network");
        row("no notary", federation, "notaries", "a b", "is not a valid server name");
        row("no such authorities", federation, "caFile", "/nonexistent/a.pem", "There is no such file");
        row("no room at all", Remedy::StorageSettings, "totalBytes", "0", "At least 1 MiB");
        row("no floor", Remedy::StorageSettings, "diskFloor", "3", "Keep at least 16 MiB free");
    }

    void an_invalid_field_blocks_ok_and_says_why()
    {
        QFETCH(Remedy, page);
        QFETCH(QString, field);
        QFETCH(QString, value);
        QFETCH(QString, reason);
        open();
        m_dialog->showPage(page);
        auto *widget = m_dialog->findChild<QWidget *>(field);
        QVERIFY(widget && widget->isVisible());
        if (field == u"listen")
            m_dialog->findChild<QRadioButton *>(QStringLiteral("custom"))->click();
        setValue(widget, value == u"THIS FILE" ? QCoreApplication::applicationFilePath() : value);
        QVERIFY(!ok()->isEnabled());
        QVERIFY(problem().contains(reason));
        // The dialog names the page; beside the field stands the reason alone, also for screen readers.
        const bool beside = widget->accessibleDescription().contains(reason);
        QVERIFY(beside || (field == u"key" && value.startsWith(u'/')) || problem().startsWith(u"Network"));
        m_dialog->accept();
        QVERIFY(m_operations->applied.isEmpty() || m_dialog->isVisible());
    }

    void what_the_core_refuses_is_shown_and_the_dialog_stays()
    {
        m_operations->applyFails = Error{Errc::InvalidSetting, QStringLiteral("server.listen: cannot be used"), 0};
        open();
        ok()->click();
        QTRY_VERIFY(problem().contains(u"server.listen"));
        QVERIFY(problem().contains(u"A setting cannot be used."));
        QVERIFY(m_dialog->isVisible());
        QVERIFY(ok()->isEnabled());
    }

    void a_needed_restart_is_said()
    {
        m_operations->restartNeeded = true;
        open();
        QSignalSpy restarts(m_dialog.get(), &ui::SettingsDialog::restartNeeded);
        ok()->click();
        QTRY_COMPARE(restarts.size(), 1);
        QVERIFY(!m_dialog->isVisible());
    }

    void cancel_changes_nothing()
    {
        open();
        m_dialog->findChild<QCheckBox *>(QStringLiteral("enabled"))->setChecked(false);
        m_dialog->reject();
        QVERIFY(m_operations->applied.isEmpty());
    }

    void changes_from_elsewhere_are_not_undone()
    {
        open();
        const auto days = m_operations->currentSettings.expiryDays;
        m_operations->currentSettings.relayPaused = true;
        m_operations->currentSettings.served.append(servedEntry(QStringLiteral("b.org"), QStringLiteral("berta"), {}));
        m_operations->currentSettings.expiryDays = days + 7; // a page shows it
        ok()->click();
        QVERIFY(m_operations->applied[0].relayPaused);
        QCOMPARE(m_operations->applied[0].served.last().name.toString(), QStringLiteral("b.org"));
        QCOMPARE(m_operations->applied[0].expiryDays, days + 7);
    }

    void an_open_relay_is_warned_of()
    {
        open();
        m_dialog->showPage(Remedy::RelayingSettings);
        auto *warning = m_dialog->findChild<QLabel *>(QStringLiteral("openWarning"));
        QVERIFY(!warning->isVisible());
        m_dialog->findChild<QCheckBox *>(QStringLiteral("open"))->click();
        QVERIFY(warning->isVisible());
        QVERIFY(ok()->isEnabled());
        ok()->click();
        QVERIFY(m_operations->applied[0].relayOpen);
    }

    void friends_are_added_edited_and_removed()
    {
        m_operations->currentSettings.served = {servedEntry(QStringLiteral("a.org"), QStringLiteral("anna"), {})};
        open();
        m_dialog->showPage(Remedy::RelayingSettings);
        auto *list = m_dialog->findChild<QTreeWidget *>(QStringLiteral("served"));
        auto *edit = m_dialog->findChild<QPushButton *>(QStringLiteral("servedEdit"));
        auto *remove = m_dialog->findChild<QPushButton *>(QStringLiteral("servedRemove"));
        QVERIFY(!edit->isEnabled() && !remove->isEnabled());
        m_dialog->findChild<QPushButton *>(QStringLiteral("servedAdd"))->click();
        QVERIFY(
            fillFriend(QStringLiteral(" b.example:8448 "), QStringLiteral("berta"), QStringLiteral("c.org\nd.org")));
        QTRY_COMPARE(list->topLevelItemCount(), 2);
        list->setCurrentItem(list->topLevelItem(0));
        edit->click();
        QVERIFY(fillFriend(QStringLiteral("a2.org"), QStringLiteral("anna"), QString()));
        QTRY_COMPARE(list->topLevelItem(0)->text(1), QStringLiteral("a2.org"));
        ok()->click();
        QCOMPARE(m_operations->applied[0].served.size(), 2);
        QCOMPARE(m_operations->applied[0].served[1].name.toString(), QStringLiteral("b.example:8448"));
        QCOMPARE(m_operations->applied[0].served[1].knownOrigins,
                 serverNames({QStringLiteral("c.org"), QStringLiteral("d.org")}));
        open();
        m_dialog->showPage(Remedy::RelayingSettings);
        list = m_dialog->findChild<QTreeWidget *>(QStringLiteral("served"));
        list->setCurrentItem(list->topLevelItem(1));
        remove = m_dialog->findChild<QPushButton *>(QStringLiteral("servedRemove"));
        remove->click();
        QVERIFY(answerQuestion(*m_dialog, false));
        QCOMPARE(list->topLevelItemCount(), 2);
        QTRY_VERIFY(!m_dialog->findChild<QMessageBox *>(QStringLiteral("confirmation")));
        remove->click();
        QVERIFY(answerQuestion(*m_dialog, true));
        ok()->click();
        QCOMPARE(m_operations->applied[1].served.size(), 1);
    }

    void relays_are_added_edited_and_removed()
    {
        m_operations->addRelay(QStringLiteral("a.org"), {}, QStringLiteral("anna"));
        open();
        m_dialog->showPage(Remedy::NodeSettings);
        auto *list = m_dialog->findChild<QTreeWidget *>(QStringLiteral("relays"));
        m_dialog->findChild<QPushButton *>(QStringLiteral("relaysAdd"))->click();
        fillRelay(QStringLiteral("b.org"));
        QTRY_COMPARE(list->topLevelItemCount(), 2);
        list->setCurrentItem(list->topLevelItem(0));
        m_dialog->findChild<QPushButton *>(QStringLiteral("relaysEdit"))->click();
        fillRelay(QStringLiteral("a2.org"));
        QTRY_COMPARE(list->topLevelItem(0)->text(1), QStringLiteral("a2.org"));
        QCOMPARE(list->topLevelItem(0)->text(0), QStringLiteral("anna"));
        QVERIFY(m_operations->applied.isEmpty()); // not before OK
        list->setFocus();
        list->setCurrentItem(list->topLevelItem(1));
        m_dialog->activateWindow();
        QTRY_COMPARE(QApplication::activeWindow(), m_dialog.get());
        QTest::keyClick(list, Qt::Key_Delete);
        ok()->click();
        QCOMPARE(m_operations->applied[0].relays.size(), 1);
        QCOMPARE(m_operations->applied[0].relays[0].relay.toString(), QStringLiteral("a2.org"));
    }

    void a_friend_needs_a_valid_name_of_their_own_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("origins");
        QTest::addColumn<bool>("valid");
        QTest::newRow("good") << QStringLiteral("b.org") << QString() << true;
        QTest::newRow("hex") << QString(64, u'a') << QString() << true;
        QTest::newRow("empty") << QString() << QString() << false;
        QTest::newRow("blank") << QStringLiteral("a b") << QString() << false;
        QTest::newRow("umlaut") << QStringLiteral("bücher.example") << QString() << false;
        QTest::newRow("taken") << QStringLiteral("a.org") << QString() << false;
        QTest::newRow("bad sender") << QStringLiteral("b.org") << QStringLiteral("x y") << false;
    }

    void a_friend_needs_a_valid_name_of_their_own()
    {
        QFETCH(QString, name);
        QFETCH(QString, origins);
        QFETCH(bool, valid);
        m_operations->currentSettings.served = {servedEntry(QStringLiteral("a.org"), {}, {})};
        open();
        m_dialog->findChild<QPushButton *>(QStringLiteral("servedAdd"))->click();
        QCOMPARE(fillFriend(name, QString(), origins), valid);
    }

    void a_friend_gets_a_front_door_and_loses_it_again()
    {
        m_operations->currentSettings.served = {servedEntry(QStringLiteral("a.org"), {}, {})};
        open();
        m_dialog->showPage(Remedy::RelayingSettings);
        const auto setFront = [this](const QString &front) {
            auto *list = m_dialog->findChild<QTreeWidget *>(QStringLiteral("served"));
            list->setCurrentItem(list->topLevelItem(0));
            m_dialog->findChild<QPushButton *>(QStringLiteral("servedEdit"))->click();
            auto *dialog = m_dialog->findChild<ui::ServedDialog *>();
            dialog->findChild<QLineEdit *>(QStringLiteral("front"))->setText(front);
            auto *accept = dialog->findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Ok);
            const bool possible = accept->isEnabled();
            possible ? dialog->accept() : dialog->reject();
            QCoreApplication::sendPostedEvents(dialog, QEvent::DeferredDelete);
            return possible;
        };
        QVERIFY(!setFront(QStringLiteral("no name!")));
        QVERIFY(setFront(QStringLiteral(" anna.relay.example:8449 ")));
        ok()->click();
        QCOMPARE(m_operations->applied[0].served[0].front.toString(), QStringLiteral("anna.relay.example:8449"));
        open();
        QVERIFY(setFront({}));
        ok()->click();
        QVERIFY(m_operations->applied[1].served[0].front.isNull());
    }

    void a_front_door_gets_a_certificate_that_goes_with_it()
    {
        QTemporaryDir folder;
        const QString certificate = folder.filePath(QStringLiteral("door.pem"));
        const QString key = folder.filePath(QStringLiteral("door.key"));
        for (const QString &file : {certificate, key})
            QVERIFY(QFile(file).open(QIODevice::WriteOnly));
        m_operations->currentSettings.served = {servedEntry(QStringLiteral("a.org"), {}, {})};
        const auto edit = [this] {
            m_dialog->showPage(Remedy::RelayingSettings);
            auto *list = m_dialog->findChild<QTreeWidget *>(QStringLiteral("served"));
            list->setCurrentItem(list->topLevelItem(0));
            m_dialog->findChild<QPushButton *>(QStringLiteral("servedEdit"))->click();
            return m_dialog->findChild<ui::ServedDialog *>();
        };
        const auto field = [](QDialog *dialog, const char *name) {
            return dialog->findChild<QLineEdit *>(QString::fromLatin1(name));
        };
        open();
        QDialog *dialog = edit();
        const auto *accept = dialog->findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Ok);
        QVERIFY(!field(dialog, "frontCertificate")->isEnabled()); // there is no door that could show it
        field(dialog, "front")->setText(QStringLiteral("anna.relay.example:8449"));
        QVERIFY(field(dialog, "frontCertificate")->isEnabled());
        field(dialog, "frontCertificate")->setText(certificate);
        QVERIFY(!accept->isEnabled()); // without its key
        field(dialog, "frontKey")->setText(folder.filePath(QStringLiteral("none")));
        QVERIFY(!accept->isEnabled());
        field(dialog, "frontKey")->setText(key);
        QVERIFY(accept->isEnabled());
        dialog->accept();
        QCoreApplication::sendPostedEvents(dialog, QEvent::DeferredDelete);
        ok()->click();
        QCOMPARE(m_operations->applied[0].served[0].tlsCertificate, certificate);
        QCOMPARE(m_operations->applied[0].served[0].tlsKey, key);
        open();
        dialog = edit();
        QCOMPARE(field(dialog, "frontKey")->text(), key);
        field(dialog, "front")->clear();
        dialog->accept();
        QCoreApplication::sendPostedEvents(dialog, QEvent::DeferredDelete);
        ok()->click();
        QVERIFY(m_operations->applied[1].served[0].tlsCertificate.isEmpty());
    }

    void relays_of_our_own_are_added_and_removed()
    {
        open();
        m_dialog->showPage(Remedy::NodeSettings);
        auto *list = m_dialog->findChild<QTreeWidget *>(QStringLiteral("ownRelays"));
        m_dialog->findChild<QPushButton *>(QStringLiteral("ownRelaysAdd"))->click();
        auto *dialog = m_dialog->findChild<ui::RelayDialog *>();
        QVERIFY(!dialog->findChild<QRadioButton *>(QStringLiteral("other"))->isVisible()); // it is for anyone's mail
        dialog->findChild<QLineEdit *>(QStringLiteral("relay"))->setText(QStringLiteral("own.example"));
        dialog->accept();
        QCoreApplication::sendPostedEvents(dialog, QEvent::DeferredDelete);
        QCOMPARE(list->topLevelItemCount(), 1);
        ok()->click();
        QCOMPARE(m_operations->applied[0].ownRelays.size(), 1);
        QCOMPARE(m_operations->applied[0].ownRelays[0].relay.toString(), QStringLiteral("own.example"));
        QVERIFY(m_operations->applied[0].relays.isEmpty());
        open();
        m_dialog->showPage(Remedy::NodeSettings);
        list = m_dialog->findChild<QTreeWidget *>(QStringLiteral("ownRelays"));
        list->setCurrentItem(list->topLevelItem(0));
        m_dialog->findChild<QPushButton *>(QStringLiteral("ownRelaysRemove"))->click();
        ok()->click();
        QVERIFY(m_operations->applied[1].ownRelays.isEmpty());
    }

    void two_friends_cannot_share_a_front_door()
    {
        auto &served = m_operations->currentSettings.served;
        served = {servedEntry(QStringLiteral("a.org"), {}, {}), servedEntry(QStringLiteral("b.org"), {}, {})};
        served[0].front = served[1].front = *matrix::ServerName::parse("door.example:8449");
        open();
        QVERIFY(!ok()->isEnabled());
        QVERIFY2(problem().contains(u"door.example:8449"), qPrintable(problem()));
    }

    void what_other_ways_have_set_does_not_block_the_dialog()
    {
        // All of it is within what the core takes.
        auto &settings = m_operations->currentSettings;
        settings.diskFloorBytes = 0;
        settings.originEntries = settings.destinationEntries + 1;
        settings.originBytes = settings.destinationBytes + 1;
        settings.totalBytes = 64 * 1024;
        QVERIFY(restante::settings::validate(settings).ok());
        open();
        QCOMPARE(problem(), QString());
        QVERIFY(ok()->isEnabled());
    }

    void a_field_takes_what_the_core_takes_and_nothing_else_data()
    {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("valid");
        const auto row = [](const char *field, const char *text, bool valid) {
            QTest::addRow("%s %s", field, text) << QString::fromLatin1(field) << QString::fromLatin1(text) << valid;
        };
        row("listen", "127.0.0.1:8449", true);
        row("listen", "[::1]:8449", true);
        row("listen", "[::]:0", true);
        row("listen", "::1:8449", false);
        row("listen", "1:8449", false);
        row("listen", "127.1:8449", false);
        row("listen", "0127.0.0.1:8449", false);
        row("listen", "[fe80::1%eth0]:8449", false);
        row("listen", "127.0.0.1:", false);
        row("listen", "127.0.0.1:-1", false);
        row("listen", "127.0.0.1:+1", false);
        row("listen", "127.0.0.1:65536", false);
        row("listen", "[127.0.0.1]:80", false);
        row("listen", ":80", false);
        row("listen", "127.0.0.1:80\n127.0.0.1:80", false);
        row("proxy", "192.0.2.7", true);
        row("proxy", "2001:db8::7", true);
        row("proxy", "127.1", false);
        row("proxy", "2130706433", false);
        row("proxy", "fe80::1%eth0", false);
        row("nodeListen", "127.0.0.1:8450", true);
        row("nodeListen", "127.1:8450", false);
        row("nodeListen", "[::1%lo]:8450", false);
        row("allowedNetworks", "10.0.0.0/8", true);
        row("allowedNetworks", "10.1/8", false);
        row("allowedNetworks", "10.0.0.0/33", false);
        row("caFile", "tst_settingsdialog", false); // there, but not from its root
    }

    void a_field_takes_what_the_core_takes_and_nothing_else()
    {
        QFETCH(QString, field);
        QFETCH(QString, text);
        QFETCH(bool, valid);
        const QString before = QDir::currentPath();
        QVERIFY(QDir::setCurrent(QCoreApplication::applicationDirPath()));
        const auto back = qScopeGuard([before] { QDir::setCurrent(before); });
        open();
        m_dialog->findChild<QRadioButton *>(QStringLiteral("custom"))->click();
        setValue(m_dialog->findChild<QWidget *>(field), text);
        QCOMPARE(ok()->isEnabled(), valid);
        QCOMPARE(problem().isEmpty(), valid);
        if (!valid)
            return;
        ok()->click();
        QCOMPARE(m_operations->applied.size(), 1);
        QVERIFY(restante::settings::validate(m_operations->applied[0]).ok());
    }

    void what_only_the_core_refuses_blocks_ok_and_names_the_setting()
    {
        // No page has a field for these two; an old file may hold them.
        m_operations->currentSettings.requestLineBytes = 64 * 1024;
        open();
        QVERIFY(!ok()->isEnabled());
        QVERIFY(problem().contains(u"limits.request_line_bytes"));
    }

    void every_page_can_be_reached_with_the_tab_key_data()
    {
        QTest::addColumn<Remedy>("page");
        QTest::newRow("network") << Remedy::NetworkSettings;
        QTest::newRow("relaying") << Remedy::RelayingSettings;
        QTest::newRow("node") << Remedy::NodeSettings;
        QTest::newRow("homeserver") << Remedy::HomeserverSettings;
        QTest::newRow("federation") << Remedy::FederationSettings;
        QTest::newRow("storage") << Remedy::StorageSettings;
    }

    void every_page_can_be_reached_with_the_tab_key()
    {
        QFETCH(Remedy, page);
        open();
        m_dialog->showPage(page);
        QVERIFY(QTest::qWaitForWindowActive(m_dialog.get()));
        m_dialog->findChild<QListWidget *>(QStringLiteral("settingsPages"))->setFocus();
        QVERIFY(tabStops(*m_dialog).size() >= 6);
        QCOMPARE(outOfReach(*m_dialog), QString());
    }

    void mnemonics_of_a_page_are_unique_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<Remedy>("page");
        for (const char *language : {"en_GB", "de_DE"}) {
            for (const auto page : {Remedy::NetworkSettings, Remedy::RelayingSettings, Remedy::NodeSettings,
                                    Remedy::HomeserverSettings, Remedy::FederationSettings, Remedy::StorageSettings})
                QTest::addRow("%s %d", language, int(page)) << QString::fromLatin1(language) << page;
        }
    }

    void mnemonics_of_a_page_are_unique()
    {
        QFETCH(QString, language);
        QFETCH(Remedy, page);
        ui::installTranslations(*qApp, QLocale(language));
        open();
        m_dialog->showPage(page);
        const auto found = mnemonics(*m_dialog);
        QCOMPARE(found.doubled, QString());
        QVERIFY(found.letters.size() >= 5);
        ui::installTranslations(*qApp, QLocale(QStringLiteral("en_GB")));
    }

    void a_public_address_is_chosen_from_those_of_this_computer()
    {
        open();
        auto *address = m_dialog->findChild<QComboBox *>(QStringLiteral("publicAddress"));
        QVERIFY(!address->isEnabled());
        m_dialog->findChild<QRadioButton *>(QStringLiteral("network"))->click();
        QVERIFY(address->isEnabled());
        const auto offered = card::addressesToOffer(card::interfaceAddresses(), 8449);
        QCOMPARE(address->currentText(), offered.value(0).toString());
        address->setEditText(QStringLiteral("https://relay.example.org:8449"));
        ok()->click();
        QCOMPARE(m_operations->applied[0].cardAddresses, QStringLiteral("https://relay.example.org:8449"));
    }

    void an_address_that_cannot_be_used_blocks_ok()
    {
        open();
        m_dialog->findChild<QRadioButton *>(QStringLiteral("network"))->click();
        m_dialog->findChild<QComboBox *>(QStringLiteral("publicAddress"))->setEditText(QStringLiteral("my-house"));
        QVERIFY(!ok()->isEnabled());
        QVERIFY(problem().contains(u"my-house"));
        m_dialog->findChild<QRadioButton *>(QStringLiteral("thisComputer"))->click();
        QVERIFY(ok()->isEnabled());
    }

    void only_what_was_observed_is_said_of_the_outside()
    {
        open();
        const auto *last = m_dialog->findChild<QLabel *>(QStringLiteral("lastOutside"));
        QVERIFY(last->text().startsWith(u"No request has come from another computer since the start"));
        m_operations->currentStatus.lastOutsideMs = base::SystemClock().wallMs() - 125'000;
        QTRY_COMPARE(last->text(), QStringLiteral("Last request from another computer: 2 min ago"));
    }

private:
    static QStringList everyNetwork(int port)
    {
        QStringList texts;
        for (const auto &each : settings::everyNetwork(quint16(port), card::hasIPv6()))
            texts.append(each.toString());
        return texts;
    }
    void open()
    {
        m_dialog = std::make_unique<ui::SettingsDialog>(*m_operations, QStringLiteral("/data"));
        m_dialog->show();
        m_dialog->activateWindow();
    }
    QPushButton *ok() const { return m_dialog->findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Ok); }
    QString problem() const
    {
        const auto *area = m_dialog->findChild<QWidget *>(QStringLiteral("problem"));
        QString text;
        const auto labels = area->findChildren<QLabel *>();
        for (const auto *label : labels)
            text += label->text();
        return area->isVisible() ? text : QString();
    }
    static void setValue(QWidget *widget, const QString &value)
    {
        if (auto *line = qobject_cast<QLineEdit *>(widget))
            line->setText(value);
        else if (auto *text = qobject_cast<QPlainTextEdit *>(widget))
            text->setPlainText(value);
        else if (auto *number = qobject_cast<QSpinBox *>(widget))
            number->setValue(value.toInt());
    }
    /// Fills the open friend dialog and accepts it; false where it does not let itself be accepted.
    bool fillFriend(const QString &name, const QString &petname, const QString &origins)
    {
        QDialog *dialog = nullptr;
        const auto dialogs = m_dialog->findChildren<QDialog *>();
        for (auto *candidate : dialogs) {
            if (candidate->isVisible())
                dialog = candidate;
        }
        if (!dialog)
            return false;
        dialog->findChild<QLineEdit *>(QStringLiteral("name"))->setText(name);
        dialog->findChild<QLineEdit *>(QStringLiteral("petname"))->setText(petname);
        dialog->findChild<QPlainTextEdit *>(QStringLiteral("origins"))->setPlainText(origins);
        auto *accept = dialog->findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Ok);
        const bool possible = accept->isEnabled();
        accept->click();
        if (!possible)
            dialog->reject();
        return possible;
    }

    /// Gives the open relay dialog another server name and accepts it.
    void fillRelay(const QString &name) const
    {
        auto *dialog = m_dialog->findChild<ui::RelayDialog *>();
        QVERIFY(dialog);
        dialog->findChild<QLineEdit *>(QStringLiteral("relay"))->setText(name);
        dialog->findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Ok)->click();
        // It deletes itself later; until then it would be found again.
        QCoreApplication::sendPostedEvents(dialog, QEvent::DeferredDelete);
    }

    std::unique_ptr<FakeOperations> m_operations;
    std::unique_ptr<ui::SettingsDialog> m_dialog;
};

QTEST_MAIN(TestSettingsDialog)
#include "tst_settingsdialog.moc"
