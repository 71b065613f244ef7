// SPDX-License-Identifier: GPL-3.0-or-later
#include "card/card.h"
#include "card/ownaddresses.h"
#include "ui/shell/translation.h"
#include "ui/wizard/wizard.h"
#include "windowtest.h"

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWidgets/QCheckBox>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QSpinBox>

using namespace restante;
using namespace restante::test;

namespace
{
/// A program that has not begun yet, over made-up values.
class FakeInstallation final : public ui::Installation
{
public:
    std::unique_ptr<FakeOperations> running;
    QList<Beginning> begun;
    std::optional<Error> beginFails;
    homeserver::Found found;
    QStringList lookedAt;
    std::function<void(FakeOperations &)> prepare = [](FakeOperations &) {}; ///< what begins is as this makes it
    QString folder = QStringLiteral("/data");

    control::Operations *operations() override { return running.get(); }
    Result<void> begin(const Beginning &beginning) override
    {
        begun.append(beginning);
        if (beginFails)
            return *beginFails;
        if (!running) {
            running = std::make_unique<FakeOperations>();
            prepare(*running);
        }
        if (!beginning.keyFile.isEmpty())
            running->currentStatus.serverName = beginning.serverName.toString();
        running->currentSettings.nodeEnabled = running->currentSettings.nodeEnabled || beginning.collects;
        return {};
    }
    homeserver::Found findHomeservers(const QString &file) override
    {
        lookedAt.append(file);
        return found;
    }
    const QString &dataFolder() const override { return folder; }
};

homeserver::Configuration synapse()
{
    homeserver::Configuration configuration;
    configuration.file = QStringLiteral("/etc/matrix-synapse/homeserver.yaml");
    configuration.serverName = QStringLiteral("home.example");
    configuration.signingKey = QStringLiteral("/etc/matrix-synapse/homeserver.signing.key");
    configuration.place = QStringLiteral("http://127.0.0.1:8008");
    return configuration;
}

QString relayLink()
{
    return QStringLiteral("restante:1/relay?server=relay.example&address=https%3A%2F%2Frelay.example%3A8449");
}

QString friendLink()
{
    return QStringLiteral("restante:1/friend?server=anna.example&name=Anna");
}

/// None is written.
class FakeAutostart final : public ui::Autostart
{
public:
    explicit FakeAutostart(QList<bool> &switched, bool fails)
        : m_switched(switched)
        , m_fails(fails)
    {
    }
    bool isPossible() const override { return true; }
    State state() const override { return {}; }
    Result<void> setOn(bool on) override
    {
        m_switched.append(on);
        if (m_fails)
            return {Errc::Io, QStringLiteral("the disk is full")};
        return {};
    }

private:
    QList<bool> &m_switched;
    const bool m_fails;
};
} // namespace

class TestWizard : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { ui::installTranslations(*qApp, QLocale(QStringLiteral("en_GB"))); }
    void init()
    {
        m_installation = std::make_unique<FakeInstallation>();
        m_switched.clear();
        m_autostartFails = false;
        m_clicks = 0;
        QGuiApplication::clipboard()->clear();
    }
    void cleanup()
    {
        m_wizard.reset();
        m_installation.reset();
    }

    void a_friends_mail_is_held_after_at_most_six_clicks_and_one_paste_data()
    {
        QTest::addColumn<QString>("pasted");
        QTest::addColumn<QString>("purpose");
        QTest::addColumn<int>("clicks");
        QTest::newRow("a link, relay alone") << friendLink() << QStringLiteral("hold") << 3;
        QTest::newRow("a name, relay alone") << QStringLiteral("anna.example") << QStringLiteral("hold") << 3;
        QTest::newRow("a link, both") << friendLink() << QStringLiteral("both") << 5;
    }

    void a_friends_mail_is_held_after_at_most_six_clicks_and_one_paste()
    {
        QFETCH(QString, pasted);
        QFETCH(QString, purpose);
        QFETCH(int, clicks);
        m_installation->found.homeservers = {synapse()};
        m_installation->prepare = [](FakeOperations &operations) {
            operations.trial.outcome = homeserver::TrialReport::Outcome::Works;
        };
        open();
        choose(purpose);
        next();
        if (purpose == u"both")
            nextPage(QStringLiteral("How it is reached"));
        nextPage(QStringLiteral("For whom"));
        line("people")->setText(pasted);
        QCOMPARE(button("next")->text(), QStringLiteral("&Hold mail"));
        nextPage(QStringLiteral("Ready"));
        QCOMPARE(m_installation->running->currentSettings.served.size(), 1);
        QCOMPARE(m_installation->running->currentSettings.served[0].name, serverName("anna.example"));
        QCOMPARE(m_clicks, clicks);
        QVERIFY(m_clicks <= 6);
    }

    void mail_is_collected_after_at_most_six_clicks_and_one_paste()
    {
        m_installation->found.homeservers = {synapse()};
        m_installation->prepare = [](FakeOperations &operations) {
            operations.trial.outcome = homeserver::TrialReport::Outcome::Works;
        };
        open();
        choose(QStringLiteral("collect"));
        next();
        QCOMPARE(heading(), QStringLiteral("Your homeserver"));
        nextPage(QStringLiteral("Where your mail waits"));
        QCOMPARE(m_installation->begun.size(), 1);
        QCOMPARE(m_installation->begun[0].keyFile, synapse().signingKey);
        QCOMPARE(m_installation->begun[0].serverName, serverName("home.example"));
        QVERIFY(m_installation->begun[0].collects);
        QCOMPARE(m_installation->running->currentSettings.homeserver.toString(), synapse().place);
        line("people")->setText(relayLink());
        nextPage(QStringLiteral("Ready"));
        QCOMPARE(m_installation->running->currentSettings.relays.size(), 1);
        QCOMPARE(m_clicks, 4);
        // Ends on the card for the friend with the relay.
        card::Card card;
        QVERIFY(!card::parse(line("cardLink")->text(), card));
        QCOMPARE(card.kind, card::Card::Kind::Friend);
        QCOMPARE(card.server, serverName("home.example"));
    }

    void it_ends_on_a_relay_card_with_an_address_that_can_be_used()
    {
        open();
        next();
        m_wizard->findChild<QComboBox *>(QStringLiteral("publicAddress"))
            ->setEditText(QStringLiteral("https://relay.example.org:8449"));
        nextPage(QStringLiteral("For whom"));
        QCOMPARE(button("next")->text(), QStringLiteral("&Skip"));
        nextPage(QStringLiteral("Ready"));
        card::Card card;
        QVERIFY(!card::parse(line("cardLink")->text(), card));
        QCOMPARE(card.kind, card::Card::Kind::Relay);
        QCOMPARE(card.addresses.size(), 1);
        QCOMPARE(card.addresses[0].toString(), QStringLiteral("https://relay.example.org:8449"));
        click("cardCopy");
        QCOMPARE(QGuiApplication::clipboard()->text(), line("cardLink")->text());
        const auto &listen = m_installation->running->currentSettings.listen;
        QVERIFY(listen == settings::everyNetwork(8449, card::hasIPv6()));
    }

    void no_identity_is_made_before_the_page_that_needs_it_is_confirmed_data()
    {
        QTest::addColumn<QString>("purpose");
        QTest::newRow("hold") << QStringLiteral("hold");
        QTest::newRow("collect") << QStringLiteral("collect");
        QTest::newRow("both") << QStringLiteral("both");
    }

    void no_identity_is_made_before_the_page_that_needs_it_is_confirmed()
    {
        QFETCH(QString, purpose);
        m_installation->found.homeservers = {synapse()};
        open();
        choose(purpose);
        next();
        click("back");
        next();
        QVERIFY(m_installation->begun.isEmpty());
        QSignalSpy ended(m_wizard.get(), &QDialog::finished);
        click("notNow");
        QCOMPARE(ended.size(), 1);
        QVERIFY(m_installation->begun.isEmpty());
        QVERIFY(m_switched.isEmpty());
    }

    void what_was_confirmed_stays_and_the_next_wizard_begins_with_it()
    {
        open();
        next();
        m_wizard->findChild<QSpinBox *>(QStringLiteral("port"))->setValue(9000);
        m_wizard->findChild<QComboBox *>(QStringLiteral("publicAddress"))
            ->setEditText(QStringLiteral("https://relay.example.org:9000"));
        nextPage(QStringLiteral("For whom"));
        click("notNow");
        const auto kept = m_installation->running->currentSettings;
        open();
        next();
        QCOMPARE(m_wizard->findChild<QSpinBox *>(QStringLiteral("port"))->value(), 9000);
        QCOMPARE(m_wizard->findChild<QComboBox *>(QStringLiteral("publicAddress"))->currentText(),
                 QStringLiteral("https://relay.example.org:9000"));
        nextPage(QStringLiteral("For whom"));
        QVERIFY(m_installation->running->currentSettings == kept);
        for (const auto &begun : m_installation->begun)
            QVERIFY(begun.keyFile.isEmpty()); // the identity stays
    }

    void listeners_that_were_chosen_one_by_one_stay()
    {
        m_installation->running = std::make_unique<FakeOperations>();
        auto &settings = m_installation->running->currentSettings;
        settings.listen = {{QHostAddress(QStringLiteral("192.0.2.7")), 8449}};
        settings.cardAddresses = QStringLiteral("https://relay.example.org:8449");
        open();
        next();
        QVERIFY(!m_wizard->findChild<QSpinBox *>(QStringLiteral("port"))->isEnabled());
        nextPage(QStringLiteral("For whom"));
        QCOMPARE(m_installation->running->currentSettings.listen.size(), 1);
        QCOMPARE(m_installation->running->currentSettings.listen[0].address.toString(), QStringLiteral("192.0.2.7"));
    }

    void a_port_that_is_taken_is_said_beside_the_port_data()
    {
        QTest::addColumn<bool>("known");
        QTest::newRow("when it is applied") << true;
        QTest::newRow("by the status") << false;
    }

    void a_port_that_is_taken_is_said_beside_the_port()
    {
        QFETCH(bool, known);
        const Error taken{Errc::Io, QStringLiteral("Cannot listen on 0.0.0.0:8449: in use"), 0};
        m_installation->prepare = [known, taken](FakeOperations &operations) {
            operations.currentStatus.addresses.clear();
            if (known)
                operations.applyFails = taken;
            else
                operations.currentStatus.reasons = {taken};
        };
        open();
        next();
        address(QStringLiteral("https://relay.example.org:8449"));
        next();
        QTRY_VERIFY(problem("portProblem").contains(u"0.0.0.0:8449"));
        QCOMPARE(heading(), QStringLiteral("How it is reached"));
        // Another port is free.
        m_installation->running->applyFails.reset();
        m_installation->running->currentStatus.reasons.clear();
        m_wizard->findChild<QSpinBox *>(QStringLiteral("port"))->setValue(9000);
        QCOMPARE(problem("portProblem"), QString());
        nextPage(QStringLiteral("For whom"));
    }

    void an_address_that_cannot_be_used_is_not_taken()
    {
        open();
        next();
        address({});
        QVERIFY(!button("next")->isEnabled());
        address(QStringLiteral("http://0.0.0.0:8449"));
        next();
        QCOMPARE(heading(), QStringLiteral("How it is reached"));
        QVERIFY(m_installation->begun.isEmpty());
    }

    void what_was_pasted_is_judged_data()
    {
        QTest::addColumn<QString>("purpose");
        QTest::addColumn<QString>("pasted");
        QTest::addColumn<QString>("said");
        QTest::newRow("no name") << QStringLiteral("hold") << QStringLiteral("no name!")
                                 << QStringLiteral("is not a valid server name");
        QTest::newRow("damaged link") << QStringLiteral("hold") << QStringLiteral("restante:1/friend?server=")
                                      << QStringLiteral(".");
        QTest::newRow("a relay, for one who only holds")
            << QStringLiteral("hold") << relayLink() << QStringLiteral("choose “Collect my mail” or “Both”");
        QTest::newRow("a friend, for one who only collects")
            << QStringLiteral("collect") << friendLink() << QStringLiteral("choose “Hold mail for friends” or");
        QTest::newRow("oneself") << QStringLiteral("hold") << QStringLiteral("me.example")
                                 << QStringLiteral("this computer itself");
    }

    void what_was_pasted_is_judged()
    {
        QFETCH(QString, purpose);
        QFETCH(QString, pasted);
        QFETCH(QString, said);
        m_installation->running = std::make_unique<FakeOperations>();
        m_installation->running->currentStatus.serverName = QStringLiteral("me.example");
        open();
        choose(purpose);
        next();
        if (purpose == u"hold")
            address(QStringLiteral("https://relay.example.org:8449"));
        nextPage(purpose == u"hold" ? QStringLiteral("For whom") : QStringLiteral("Where your mail waits"));
        QGuiApplication::clipboard()->setText(pasted);
        click("paste");
        QVERIFY2(problem("peopleProblem").contains(said), qPrintable(problem("peopleProblem")));
        QVERIFY(!button("next")->isEnabled());
        line("people")->clear();
        QVERIFY(button("next")->isEnabled());
        QVERIFY(m_installation->running->currentSettings.served.isEmpty());
    }

    void a_homeserver_that_cannot_be_taken_over_is_said_on_its_page()
    {
        m_installation->found.homeservers = {synapse()};
        m_installation->beginFails =
            Error{Errc::InvalidSetting, QStringLiteral("homeserver.signing.key: Permission denied"), 0};
        open();
        choose(QStringLiteral("collect"));
        next();
        next();
        QVERIFY(problem("identityProblem").contains(u"Permission denied"));
        QCOMPARE(heading(), QStringLiteral("Your homeserver"));
        QVERIFY(!m_installation->running);
    }

    void an_unreadable_configuration_is_named_and_nothing_is_chosen()
    {
        m_installation->found.unreadable = {
            {QStringLiteral("/etc/matrix-synapse"), QStringLiteral("Permission denied")}};
        open();
        choose(QStringLiteral("collect"));
        next();
        const QString said = m_wizard->findChild<QLabel *>(QStringLiteral("homeserverFound"))->text();
        QVERIFY(said.contains(u"No configuration of Synapse or Dendrite was found"));
        QVERIFY(said.contains(u"/etc/matrix-synapse cannot be read: Permission denied."));
        QVERIFY(!button("next")->isEnabled());
        choose(QStringLiteral("noHomeserver"));
        nextPage(QStringLiteral("Where your mail waits"));
        QVERIFY(m_installation->begun[0].keyFile.isEmpty());
    }

    void a_homeserver_that_does_not_answer_is_said_and_can_be_gone_on_with()
    {
        m_installation->found.homeservers = {synapse()};
        open(); // FakeOperations' trial reaches nobody
        choose(QStringLiteral("collect"));
        next();
        next();
        QTRY_VERIFY(
            m_wizard->findChild<QLabel *>(QStringLiteral("homeserverTested"))->text().contains(u"Nobody answers"));
        QCOMPARE(heading(), QStringLiteral("Your homeserver"));
        QCOMPARE(button("next")->text(), QStringLiteral("Go on any&way"));
        nextPage(QStringLiteral("Where your mail waits"));
        QCOMPARE(m_installation->begun.size(), 1);
    }

    void starting_at_login_is_proposed_and_put_in_force_at_the_end()
    {
        toTheEnd();
        QVERIFY(m_wizard->findChild<QCheckBox *>(QStringLiteral("autostart"))->isChecked());
        QVERIFY(m_switched.isEmpty());
        QSignalSpy ended(m_wizard.get(), &QDialog::accepted);
        next();
        QCOMPARE(m_switched, QList<bool>{true});
        QCOMPARE(ended.size(), 1);
    }

    void if_it_cannot_start_at_login_the_wizard_says_so_and_stays()
    {
        m_autostartFails = true;
        toTheEnd();
        next();
        QVERIFY(m_wizard->isVisible());
        QVERIFY(m_wizard->findChild<QCheckBox *>(QStringLiteral("autostart"))
                    ->accessibleDescription()
                    .contains(u"the disk is full"));
    }

    void a_link_that_the_program_was_started_with_is_at_hand()
    {
        m_installation->found.homeservers = {synapse()};
        open(relayLink());
        QVERIFY(m_wizard->findChild<QAbstractButton *>(QStringLiteral("collect"))->isChecked());
        next();
        choose(QStringLiteral("noHomeserver"));
        nextPage(QStringLiteral("Where your mail waits"));
        QCOMPARE(line("people")->text(), relayLink());
    }

    void every_page_can_be_used_with_the_keyboard_alone()
    {
        open();
        QVERIFY(QTest::qWaitForWindowActive(m_wizard.get()));
        QTest::keyClick(m_wizard->focusWidget(), Qt::Key_Down);
        QVERIFY(m_wizard->findChild<QAbstractButton *>(QStringLiteral("collect"))->isChecked());
        QTest::keyClick(m_wizard->focusWidget(), Qt::Key_Up);
        QCOMPARE(outOfReach(*m_wizard), QString());
        QTest::keyClick(m_wizard.get(), Qt::Key_Return);
        QCOMPARE(heading(), QStringLiteral("How it is reached"));
        QCOMPARE(outOfReach(*m_wizard), QString());
    }

    void mnemonics_of_a_page_are_unique_data()
    {
        QTest::addColumn<QString>("language");
        QTest::newRow("English") << QStringLiteral("en_GB");
        QTest::newRow("German") << QStringLiteral("de_DE");
    }

    void mnemonics_of_a_page_are_unique()
    {
        QFETCH(QString, language);
        ui::installTranslations(*qApp, QLocale(language));
        m_installation->found.homeservers = {synapse()};
        open();
        choose(QStringLiteral("both"));
        for (int page = 0; page < 5; ++page) {
            QCOMPARE(mnemonics(*m_wizard).doubled, QString());
            if (page == 2)
                address(QStringLiteral("https://relay.example.org:8449"));
            const QString before = heading();
            for (int i = 0; i < 2 && heading() == before && page < 4; ++i) { // the homeserver does not answer
                next();
                QTRY_VERIFY(button("next")->isEnabled());
            }
        }
        ui::installTranslations(*qApp, QLocale(QStringLiteral("en_GB")));
    }

private:
    void open(const QString &link = {})
    {
        m_wizard = std::make_unique<ui::Wizard>(*m_installation,
                                                std::make_unique<FakeAutostart>(m_switched, m_autostartFails), link);
        m_wizard->show();
        m_wizard->activateWindow();
    }
    QString heading() const { return m_wizard->findChild<QLabel *>(QStringLiteral("heading"))->text(); }
    QPushButton *button(const char *name) const { return m_wizard->findChild<QPushButton *>(QLatin1String(name)); }
    QLineEdit *line(const char *name) const { return m_wizard->findChild<QLineEdit *>(QLatin1String(name)); }
    void address(const QString &text) const
    {
        m_wizard->findChild<QComboBox *>(QStringLiteral("publicAddress"))->setEditText(text);
    }
    /// What is shown beside a field.
    QString problem(const char *name) const
    {
        const auto *area = m_wizard->findChild<QWidget *>(QLatin1String(name));
        QString text;
        const auto labels = area->findChildren<QLabel *>();
        for (const auto *label : labels)
            text += label->text();
        return area->isVisible() ? text : QString();
    }
    void click(const char *name)
    {
        ++m_clicks;
        QTest::mouseClick(button(name), Qt::LeftButton);
    }
    /// What is chosen already needs no click.
    void choose(const QString &name)
    {
        auto *choice = m_wizard->findChild<QAbstractButton *>(name);
        QVERIFY(choice);
        if (choice->isChecked())
            return;
        ++m_clicks;
        QTest::mouseClick(choice, Qt::LeftButton);
        QVERIFY(choice->isChecked());
    }
    void next() { click("next"); }
    void nextPage(const QString &expected)
    {
        if (heading() == QLatin1String("How it is reached") &&
            m_wizard->findChild<QComboBox *>(QStringLiteral("publicAddress"))->currentText().isEmpty())
            address(QStringLiteral("https://relay.example.org:8449")); // where the tests run in no network
        next();
        QTRY_COMPARE(heading(), expected);
    }
    void toTheEnd()
    {
        open();
        next();
        nextPage(QStringLiteral("For whom"));
        nextPage(QStringLiteral("Ready"));
    }

    std::unique_ptr<FakeInstallation> m_installation;
    std::unique_ptr<ui::Wizard> m_wizard;
    QList<bool> m_switched;
    bool m_autostartFails = false;
    int m_clicks = 0;
};

QTEST_MAIN(TestWizard)
#include "tst_wizard.moc"
