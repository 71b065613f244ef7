// SPDX-License-Identifier: GPL-3.0-or-later
#include "settingsvalues.h"
#include "ui/settings/homeserversettings.h"
#include "ui/settings/settingsdialog.h"
#include "ui/shell/translation.h"
#include "windowtest.h"

#include <QtGui/QClipboard>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QPushButton>

using namespace restante;
using namespace restante::test;
using namespace Qt::Literals::StringLiterals;
using homeserver::Software;
using Outcome = homeserver::TrialReport::Outcome;
using Kind = control::StatusWarning::Kind;

class TestHomeserverSettings : public QObject
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

    void nothing_is_looked_for_before_the_page_is_seen()
    {
        open(ui::Remedy::NetworkSettings);
        QCoreApplication::processEvents();
        QVERIFY(m_operations->lookedAt.isEmpty());
        m_dialog->showPage(ui::Remedy::HomeserverSettings);
        QTRY_COMPARE(m_operations->lookedAt, QStringList{QString()});
    }

    void a_homeserver_that_is_found_is_offered_and_used_when_asked_for()
    {
        findSynapse();
        open();
        QTRY_COMPARE(choice()->currentText(), u"Synapse of example.org (/etc/matrix-synapse/homeserver.yaml)"_s);
        QVERIFY(!find<QLabel>("homeserverFound")->isVisible());
        QCOMPARE(place()->text(), QString()); // nothing is entered by itself
        auto *use = find<QPushButton>("usePlace");
        QVERIFY(use->isVisible());
        use->click();
        QCOMPARE(place()->text(), u"http://127.0.0.1:8008"_s);
        QVERIFY(!use->isVisible());
        ok()->click();
        QCOMPARE(m_operations->applied.size(), 1);
        QCOMPARE(m_operations->applied[0].homeserver.toString(), u"http://127.0.0.1:8008"_s);
    }

    void where_none_is_found_that_is_said_and_lines_for_both_can_be_had()
    {
        open();
        QTRY_VERIFY(find<QLabel>("homeserverFound")->text().startsWith(u"No configuration of Synapse or Dendrite"));
        QCOMPARE(choice()->count(), 2);
        QTRY_VERIFY(lines(0).contains(u"outbound_federation_restricted_to: [restante]"));
        QVERIFY(lines(0).contains(u"worker_replication_secret: '5ec5e7'"));
        QVERIFY(find<QLabel>("linesRemark")->text().startsWith(u"The lines hold a secret"));
        choice()->setFocus();
        QTest::keyClick(choice(), Qt::Key_Down);
        QVERIFY(lines(0).contains(u"well_known_server_name"));
        QVERIFY(find<QLabel>("linesRemark")->text().startsWith(u"Dendrite has no setting"));
    }

    void what_cannot_be_read_is_named_with_the_reason()
    {
        m_operations->found.unreadable = {{u"/etc/matrix-synapse/homeserver.yaml"_s, u"Permission denied"_s}};
        open();
        QTRY_VERIFY(find<QLabel>("homeserverFound")
                        ->text()
                        .endsWith(u"\n/etc/matrix-synapse/homeserver.yaml cannot be read: Permission denied."));
    }

    void another_file_can_be_chosen()
    {
        open();
        QTRY_COMPARE(m_operations->lookedAt.size(), 1);
        find<QPushButton>("otherFile")->click();
        auto *dialog = find<QFileDialog>("homeserverFile");
        QVERIFY(dialog && dialog->isVisible());
        m_operations->found.unreadable = {{u"/x/h.yaml"_s, u"It is not YAML"_s}};
        Q_EMIT dialog->fileSelected(u"/x/h.yaml"_s);
        dialog->reject();
        QTRY_COMPARE(m_operations->lookedAt, (QStringList{QString(), u"/x/h.yaml"_s}));
        QTRY_VERIFY(find<QLabel>("homeserverFound")->text().startsWith(u"This file is not a configuration"));
    }

    void the_test_says_what_was_observed_data()
    {
        QTest::addColumn<int>("outcome");
        QTest::addColumn<QString>("begins");
        QTest::addColumn<QString>("ends");
        const auto row = [](const char *name, Outcome outcome, const QString &begins, const QString &ends) {
            QTest::newRow(name) << int(outcome) << begins << ends;
        };
        const QString calls = u"It calls itself Synapse 1.160.0."_s;
        const QString reason = u" The reason: why"_s;
        row("works", Outcome::Works, u"Restante reaches the homeserver: it is b.example, and its key is the one"_s,
            calls);
        row("away", Outcome::Unreachable, u"Nobody answers there."_s, reason);
        row("a web server", Outcome::NotHomeserver, u"Something answers there that is not a homeserver."_s, reason);
        row("clients only", Outcome::NoFederation, u"A homeserver answers there, but this port is for its own"_s,
            reason);
        row("another", Outcome::OtherServer, u"The homeserver there is b.example. Restante is a.example"_s, calls);
        row("another key", Outcome::OtherKey, u"The homeserver there is b.example, but it signs with another key"_s,
            calls);
        row("bad keys", Outcome::BadKeys, u"A homeserver answers there, but what it says of its keys"_s, reason);
        row("busy", Outcome::Busy, u"What answers there cannot serve requests just now."_s, reason);
    }

    void the_test_says_what_was_observed()
    {
        QFETCH(int, outcome);
        QFETCH(QString, begins);
        QFETCH(QString, ends);
        m_operations->trial = {
            Outcome(outcome), {}, u"Synapse 1.160.0"_s, u"b.example"_s, u"a.example"_s, u"ed25519:b"_s, 200, u"why"_s};
        open();
        place()->setText(u"http://127.0.0.1:8008"_s);
        find<QPushButton>("testHomeserver")->click();
        auto *result = find<QLabel>("deliveryResult");
        QTRY_VERIFY2(result->text().startsWith(begins), qPrintable(result->text()));
        QVERIFY2(result->text().endsWith(ends), qPrintable(result->text()));
        QCOMPARE(m_operations->triedHomeservers, QStringList{u"http://127.0.0.1:8008"_s});
        // The result is of the address that was tested, and of no other.
        place()->setText(u"http://127.0.0.1:8009"_s);
        QVERIFY(result->text().startsWith(u"Whether Restante reaches"));
    }

    void an_address_that_cannot_be_used_is_refused_beside_it_data()
    {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("text");
        QTest::newRow("a public address") << u"homeserver"_s << u"http://192.0.2.1:8008"_s;
        QTest::newRow("with TLS") << u"homeserver"_s << u"https://127.0.0.1:8448"_s;
        QTest::newRow("no address") << u"homeserver"_s << u"localhost"_s;
        QTest::newRow("no port") << u"upstream"_s << u"a b"_s;
    }

    void an_address_that_cannot_be_used_is_refused_beside_it()
    {
        QFETCH(QString, field);
        QFETCH(QString, text);
        open();
        auto *edit = m_dialog->findChild<QLineEdit *>(field);
        edit->setFocus();
        QTest::keyClicks(edit, text);
        QVERIFY(!ok()->isEnabled());
        QVERIFY(!edit->accessibleDescription().isEmpty());
        QVERIFY(!find<QPushButton>("testHomeserver")->isEnabled());
        edit->clear();
        QVERIFY(ok()->isEnabled());
        QVERIFY(!find<QPushButton>("testHomeserver")->isEnabled()); // there is nothing to test
    }

    void the_other_direction_is_never_claimed_without_evidence_data()
    {
        QTest::addColumn<bool>("node");
        QTest::addColumn<qint64>("seenMs");
        QTest::addColumn<int>("warning");
        QTest::addColumn<QString>("begins");
        QTest::newRow("off") << false << qint64(0) << -1 << u"The homeserver cannot send through Restante: working"_s;
        QTest::newRow("nothing came") << true << qint64(0) << -1 << u"The homeserver has not sent anything"_s;
        QTest::newRow("something came") << true << qint64(5) << -1 << u"The homeserver reaches Restante: it last"_s;
        QTest::newRow("wrong secret") << true << qint64(5) << int(Kind::WrongSecret) << u"Something asks at"_s;
        QTest::newRow("another") << true << qint64(5) << int(Kind::OtherHomeserver)
                                 << u"A homeserver sends through Restante, but with another name"_s;
    }

    void the_other_direction_is_never_claimed_without_evidence()
    {
        QFETCH(bool, node);
        QFETCH(qint64, seenMs);
        QFETCH(int, warning);
        QFETCH(QString, begins);
        open();
        if (node)
            m_operations->becomeNode();
        auto &status = m_operations->currentStatus;
        status.nodeAddress = u"http://127.0.0.1:8450"_s;
        status.homeserverSeenMs = seenMs;
        if (warning >= 0)
            status.warnings = {{Kind(warning), u"detail"_s}};
        // It looks again by itself while the page is seen.
        auto *text = find<QLabel>("wayOutResult");
        QTRY_VERIFY2(text->text().startsWith(begins), qPrintable(text->text()));
    }

    void lines_are_copied_by_keyboard_and_the_button_says_so()
    {
        findSynapse();
        open();
        auto *copy = find<QPushButton>("lines0Copy");
        QTRY_VERIFY((copy = find<QPushButton>("lines0Copy")));
        copy->setFocus();
        QTest::keyClick(copy, Qt::Key_Space);
        QCOMPARE(QGuiApplication::clipboard()->text(), lines(0) + u'\n');
        QCOMPARE(copy->text(), u"Copied"_s);
        QVERIFY(find<QLabel>("lines0What")->text().contains(u"/etc/matrix-synapse/homeserver.yaml"));
        QGuiApplication::clipboard()->setText(u"something else"_s);
        QTRY_COMPARE(copy->text(), u"Copy"_s);
    }

    void why_there_are_no_lines_is_said()
    {
        m_operations->homeserverFails = Error{Errc::InvalidSetting, u"node.listen gives no port"_s, 0};
        open();
        QTRY_COMPARE(find<QLabel>("linesRemark")->text(), u"A setting cannot be used."_s);
        QVERIFY(find<QLabel>("linesRemark")->toolTip().contains(u"node.listen"));
        QVERIFY(!find<QPushButton>("lines0Copy"));
    }

    void a_homeserver_of_another_name_gets_the_command_that_imports_its_key()
    {
        findSynapse();
        m_operations->found.homeservers[0].serverName = u"other.example"_s;
        open();
        QTRY_VERIFY(find<QPushButton>("lines1Copy"));
        QCOMPARE(lines(0), u"restantectl --data-dir '/var/lib/restante' identity import "
                           "'/etc/matrix-synapse/homeserver.signing.key' --server-name 'other.example'"_s);
        QVERIFY(find<QLabel>("lines0What")->text().contains(u"Stop Restante"));
    }

private:
    void findSynapse()
    {
        m_operations->found.homeservers = {{Software::Synapse,
                                            u"/etc/matrix-synapse/homeserver.yaml"_s,
                                            {},
                                            u"example.org"_s,
                                            u"/etc/matrix-synapse/homeserver.signing.key"_s,
                                            u"http://127.0.0.1:8008"_s}};
    }
    void open(ui::Remedy page = ui::Remedy::HomeserverSettings)
    {
        m_dialog = std::make_unique<ui::SettingsDialog>(*m_operations, u"/data"_s);
        m_dialog->showPage(page);
        m_dialog->show();
        m_dialog->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_dialog.get()));
    }
    template <typename T>
    T *find(const char *name) const
    {
        return m_dialog->findChild<T *>(QString::fromLatin1(name));
    }
    QComboBox *choice() const { return find<QComboBox>("homeserverChoice"); }
    QLineEdit *place() const { return find<QLineEdit>("homeserver"); }
    QPushButton *ok() const { return m_dialog->findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Ok); }
    QString lines(int number) const
    {
        const auto *text = m_dialog->findChild<QPlainTextEdit *>(u"lines%1Text"_s.arg(number));
        return text ? text->toPlainText() : QString();
    }

    std::unique_ptr<FakeOperations> m_operations;
    std::unique_ptr<ui::SettingsDialog> m_dialog;
};

QTEST_MAIN(TestHomeserverSettings)
#include "tst_homeserversettings.moc"
