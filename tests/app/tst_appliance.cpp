// SPDX-License-Identifier: GPL-3.0-or-later
#include "appliance.h"
#include "damage.h"
#include "fakeclock.h"
#include "localoperations.h"
#include "settings/settingsfile.h"
#include "settingsvalues.h"
#include "smalldisk.h"
#include "telemetry/logging.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QStorageInfo>
#include <QtCore/QTemporaryDir>
#include <QtCore/QUrl>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include <sys/stat.h>

using namespace restante;
using app::Appliance;
using app::LocalOperations;
using test::listenAddresses;
using test::parsed;
using test::servedEntry;
using test::serverNames;
using namespace Qt::Literals::StringLiterals;
using State = control::ApplianceStatus::State;

namespace
{
const matrix::ServerName Owner = *matrix::ServerName::parse("owner.example");

queue::StoreRequest request(int number)
{
    queue::StoreRequest request;
    request.destination = Owner;
    request.origin = *matrix::ServerName::parse("sender.example");
    request.txnId = "t" + QByteArray::number(number);
    request.digest[0] = static_cast<unsigned char>(number);
    request.pdus = "[{}]";
    request.edus = "[]";
    request.pduCount = 1;
    return request;
}
} // namespace

class TestAppliance : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void the_first_start_makes_an_identity_and_the_second_keeps_it();
    void one_folder_is_opened_once();
    void a_folder_that_is_half_restored_is_not_opened();
    void a_folder_that_others_can_enter_is_told();
    void an_identity_that_was_missing_beside_older_files_is_told();
    void an_identity_that_is_imported_is_no_new_one();
    void a_database_that_was_missing_or_empty_is_told_data();
    void a_database_that_was_missing_or_empty_is_told();
    void a_node_database_that_cannot_be_used_stops_no_relay_data();
    void a_node_database_that_cannot_be_used_stops_no_relay();
    void a_database_that_is_no_file_is_not_said_to_be_made_anew_data();
    void a_database_that_is_no_file_is_not_said_to_be_made_anew();
    void an_inbox_that_a_power_cut_left_out_of_its_place_is_put_there_data();
    void an_inbox_that_a_power_cut_left_out_of_its_place_is_put_there();
    void a_first_start_has_nothing_to_tell();
    void a_file_that_a_setting_names_must_be_there();
    void what_is_no_file_keeps_no_start_waiting_and_is_named_data();
    void what_is_no_file_keeps_no_start_waiting_and_is_named();
    void the_ready_line_names_every_listener();
    void settings_are_saved_and_take_effect_at_once();
    void options_of_this_run_are_not_written_back();
    void unusable_settings_change_nothing();
    void what_was_written_by_hand_meanwhile_is_kept_and_logged();
    void what_was_written_by_hand_and_cannot_be_used_is_not_written_over();
    void a_settings_file_that_was_removed_comes_back_whole();
    void what_replaced_the_folder_gets_no_settings();
    void names_that_nobody_can_mean_are_logged_and_stay();
    void a_misspelt_key_is_logged();
    void a_key_misspelt_while_the_program_runs_is_logged_at_the_next_change();
    void settings_that_cannot_be_saved_change_nothing();
    void a_new_address_is_listened_on_without_a_restart();
    void a_full_mailbox_is_told_while_mail_is_refused();
    void what_one_sender_has_used_up_is_told_until_there_is_room();
    void a_pause_is_told_beside_what_is_wrong();
    void a_log_that_cannot_be_written_is_told_until_it_can();
    void a_taken_port_is_told_and_tried_again();
    void a_taken_port_of_the_node_leaves_the_relay_up();
    void relaying_that_is_off_is_said();
    void a_pause_outlives_a_restart();
    void a_damaged_database_is_a_degraded_state();
    void the_copy_that_an_interrupted_backup_left_goes_at_the_start();
    void totals_come_only_to_who_watches_and_not_too_often();
    void what_came_today_is_told_after_a_restart_too();
    void damaged_counts_of_the_traffic_stop_no_start();
    void discarding_tells_how_many_went();
    void what_is_asked_of_one_user_leaves_the_others_alone();

private:
    std::unique_ptr<Appliance> open(settings::Options options = {});
    void store(Appliance &appliance, int first, int count);
    QString settingsText() const;
    void writeSettings(const QByteArray &text) const;
    QString logText() const;

    test::FakeClock m_clock;
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestAppliance::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

std::unique_ptr<Appliance> TestAppliance::open(settings::Options options)
{
    options.dataFolder = m_folder->path();
    if (options.listen.isEmpty())
        options.listen = listenAddresses({QStringLiteral("127.0.0.1:0")});
    options.overrides.append({QStringLiteral("queue.disk_floor_bytes"), QStringLiteral("0")});
    auto appliance = Appliance::open(options, m_clock);
    if (!appliance)
        qFatal("%s", qPrintable(appliance.error().detail));
    return std::move(*appliance);
}

void TestAppliance::store(Appliance &appliance, int first, int count)
{
    int stored = 0;
    for (int i = first; i < first + count; ++i)
        appliance.queue().store(request(i),
                                [&stored](const Result<queue::Stored> &done) { stored += done.ok() ? 1 : 0; });
    QTRY_COMPARE(stored, count);
}

void TestAppliance::writeSettings(const QByteArray &text) const
{
    QFile file(m_folder->filePath(QStringLiteral("settings.json")));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
}

QString TestAppliance::logText() const
{
    QFile file(m_folder->filePath(QStringLiteral("restante.log")));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QString TestAppliance::settingsText() const
{
    QFile file(m_folder->filePath(QStringLiteral("settings.json")));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

void TestAppliance::the_first_start_makes_an_identity_and_the_second_keeps_it()
{
    const QString name = open()->status().serverName;
    QCOMPARE(name.size(), 64);
    QCOMPARE(open()->status().serverName, name);
}

void TestAppliance::one_folder_is_opened_once()
{
    const auto first = open();
    settings::Options options;
    options.dataFolder = m_folder->path();
    const auto second = Appliance::open(options, m_clock);
    QVERIFY(!second);
    QCOMPARE(second.error().code, Errc::AlreadyRunning);
}

void TestAppliance::a_folder_that_others_can_enter_is_told()
{
    QVERIFY(QFile::setPermissions(m_folder->path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner |
                                                        QFile::ReadGroup | QFile::ExeGroup));
    const auto warnings = open()->status().warnings;
    QCOMPARE(warnings.size(), 1);
    QCOMPARE(warnings[0].kind, control::StatusWarning::Kind::OpenFolder);
    QVERIFY(warnings[0].detail.contains(m_folder->path()));
    QFile log(m_folder->filePath(QStringLiteral("restante.log")));
    QVERIFY(log.open(QIODevice::ReadOnly));
    QVERIFY(log.readAll().contains(warnings[0].detail.toUtf8()));
}

void TestAppliance::an_identity_that_was_missing_beside_older_files_is_told()
{
    const QString before = open()->status().serverName;
    QVERIFY(QFile::remove(m_folder->filePath(QStringLiteral("identity.key"))));
    const auto status = open()->status();
    QVERIFY(status.serverName != before);
    QCOMPARE(status.warnings.size(), 1);
    QCOMPARE(status.warnings[0].kind, control::StatusWarning::Kind::NewIdentity);
    QVERIFY(status.warnings[0].detail.contains(QStringLiteral("identity.key")));
    QCOMPARE(status.state, State::Stopped);       // a warning alone changes no state; nothing listens yet
    QVERIFY(open()->status().warnings.isEmpty()); // once
}

void TestAppliance::an_identity_that_is_imported_is_no_new_one()
{
    open();
    QVERIFY(QFile::remove(m_folder->filePath(QStringLiteral("identity.key"))));
    settings::Options options;
    options.importKey = m_folder->filePath(QStringLiteral("signing.key"));
    options.serverName = parsed<matrix::ServerName>(QStringLiteral("relay.example.org"));
    QFile key(options.importKey);
    QVERIFY(key.open(QIODevice::WriteOnly));
    QVERIFY(key.write("ed25519 a_AbCd YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1\n") > 0);
    key.close();
    const auto status = open(options)->status();
    QCOMPARE(status.serverName, options.serverName.toString());
    QVERIFY(status.warnings.isEmpty());
}

void TestAppliance::a_database_that_was_missing_or_empty_is_told_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("empty");
    for (const char *name : {"queue.sqlite", "node.sqlite"}) {
        QTest::addRow("%s missing", name) << QString::fromLatin1(name) << false;
        QTest::addRow("%s empty", name) << QString::fromLatin1(name) << true;
    }
}

void TestAppliance::a_database_that_was_missing_or_empty_is_told()
{
    QFETCH(QString, name);
    QFETCH(bool, empty);
    settings::Options withNode;
    withNode.overrides.append({QStringLiteral("node.enabled"), QStringLiteral("true")});
    QVERIFY(open(withNode)->status().warnings.isEmpty());
    QVERIFY(empty ? QFile::resize(m_folder->filePath(name), 0) : QFile::remove(m_folder->filePath(name)));
    const auto warnings = open(withNode)->status().warnings;
    QCOMPARE(warnings.size(), 1);
    QCOMPARE(warnings[0].kind, control::StatusWarning::Kind::NewDatabase);
    QVERIFY(warnings[0].detail.contains(name));
    QVERIFY(open(withNode)->status().warnings.isEmpty());
}

void TestAppliance::a_node_database_that_cannot_be_used_stops_no_relay_data()
{
    QTest::addColumn<QByteArrayList>("roots");
    QTest::addColumn<bool>("hasRoom");
    QTest::addColumn<QString>("words");
    QTest::addRow("both copies of what nothing else tells are damaged")
        << QByteArrayList{"meta", "content_keys"} << true << u"content key"_s;
    QTest::addRow("no room to write the damaged one anew")
        << QByteArrayList{"schema_version"} << false << u"MiB of free space"_s;
}

void TestAppliance::a_node_database_that_cannot_be_used_stops_no_relay()
{
    QFETCH(const QByteArrayList, roots);
    QFETCH(const bool, hasRoom);
    QFETCH(const QString, words);
    settings::Options options;
    for (const char *set : {"node.enabled=true", "server.listen=127.0.0.1:0", "node.listen=127.0.0.1:0"}) {
        const QString text = QString::fromLatin1(set);
        options.overrides.append({text.section(u'=', 0, 0), text.section(u'=', 1)});
    }
    QVERIFY(open(options)->status().node);
    const QString file = m_folder->filePath(QStringLiteral("node.sqlite"));
    for (const QByteArray &tree : roots)
        QVERIFY(test::damageTree(file, tree, test::Leaf::Root));
    if (!hasRoom) // a hole at its end takes up none
        QVERIFY(QFile::resize(file, QStorageInfo(m_folder->path()).bytesAvailable() + (qint64(1) << 30)));
    const auto appliance = open(options);
    QVERIFY(appliance);
    QVERIFY(appliance->listen(false));
    const auto status = appliance->status();
    QVERIFY(!status.node);
    QVERIFY(!status.addresses.isEmpty());
    QCOMPARE(status.state, State::Degraded);
    QCOMPARE(status.reasons.size(), 1);
    QVERIFY2(status.reasons[0].detail.contains(words), qPrintable(status.reasons[0].detail));
}

void TestAppliance::a_database_that_is_no_file_is_not_said_to_be_made_anew_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("isPipe");
    QTest::addColumn<QString>("words");
    for (const char *name : {"queue.sqlite", "node.sqlite", "node.secret"}) {
        QTest::addRow("%s is a pipe", name) << QString::fromLatin1(name) << true << u"It is a pipe, not a file"_s;
        QTest::addRow("%s is a folder", name) << QString::fromLatin1(name) << false << u"It is a folder, not a file"_s;
    }
}

void TestAppliance::a_database_that_is_no_file_is_not_said_to_be_made_anew()
{
    QFETCH(const QString, name);
    QFETCH(const bool, isPipe);
    QFETCH(const QString, words);
    settings::Options options;
    options.overrides.append({QStringLiteral("node.enabled"), QStringLiteral("true")});
    QVERIFY(open(options)->status().warnings.isEmpty());
    const QString path = m_folder->filePath(name);
    QVERIFY(QFile::remove(path));
    if (isPipe)
        QCOMPARE(::mkfifo(QFile::encodeName(path).constData(), S_IRUSR | S_IWUSR), 0);
    else
        QVERIFY(QDir().mkdir(path));
    options.dataFolder = m_folder->path();
    const auto refused = Appliance::open(options, m_clock);
    QVERIFY(!refused);
    const QString told = refused.error().detail;
    QVERIFY2(told.contains(words) && told.contains(path), qPrintable(told));
    QVERIFY2(!logText().contains(u"a new one was made"_s), qPrintable(logText()));
}

void TestAppliance::an_inbox_that_a_power_cut_left_out_of_its_place_is_put_there_data()
{
    QTest::addColumn<bool>("withNode");
    QTest::newRow("with the node") << true;
    QTest::newRow("without the node") << false;
}

void TestAppliance::an_inbox_that_a_power_cut_left_out_of_its_place_is_put_there()
{
    QFETCH(const bool, withNode);
    settings::Options node;
    node.overrides.append({QStringLiteral("node.enabled"), QStringLiteral("true")});
    QVERIFY(open(node)->status().warnings.isEmpty());
    const QString file = m_folder->filePath(QStringLiteral("node.sqlite"));
    QVERIFY(QFile::copy(file, file + QStringLiteral(".damaged-1")) &&
            QFile::rename(file, file + QStringLiteral(".new")));
    const auto warnings = open(withNode ? node : settings::Options())->status().warnings;
    QVERIFY2(warnings.isEmpty(), qPrintable(warnings.value(0).detail));
    QVERIFY(QFile::exists(file) && !QFile::exists(file + QStringLiteral(".new")));
}

void TestAppliance::a_first_start_has_nothing_to_tell()
{
    // What may lie there before: settings written by hand, an identity that was imported.
    QFile settings(m_folder->filePath(QStringLiteral("settings.json")));
    QVERIFY(settings.open(QIODevice::WriteOnly) && settings.write("{}") == 2);
    settings.close();
    QVERIFY(identity::IdentityFile(m_folder->path()).loadOrCreate());
    QVERIFY(open()->status().warnings.isEmpty());
    settings::Options withNode;
    withNode.overrides.append({QStringLiteral("node.enabled"), QStringLiteral("true")});
    QVERIFY(open(withNode)->status().warnings.isEmpty());
}

void TestAppliance::a_file_that_a_setting_names_must_be_there()
{
    const QString missing = m_folder->filePath(QStringLiteral("missing.pem"));
    settings::Options options;
    options.dataFolder = m_folder->path();
    options.overrides.append({QStringLiteral("federation.ca_file"), missing});
    const auto refused = Appliance::open(options, m_clock);
    QCOMPARE(refused.error().code, Errc::InvalidSetting);
    QVERIFY(refused.error().detail.contains(QStringLiteral("federation.ca_file: there is no file %1").arg(missing)));

    const auto appliance = open();
    settings::Settings edited = appliance->settings();
    edited.caFile = missing;
    const auto applied = appliance->applySettings(edited);
    QCOMPARE(applied.error().code, Errc::InvalidSetting);
    QVERIFY(applied.error().detail.contains(missing));
    QCOMPARE(appliance->settings().caFile, QString());
    edited.caFile.clear();
    edited.relayOpen = !edited.relayOpen;
    QVERIFY(appliance->applySettings(edited).ok());
}

void TestAppliance::what_is_no_file_keeps_no_start_waiting_and_is_named_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("isPipe");
    QTest::addColumn<QString>("words");
    for (const char *name : {"settings.json", "identity.key", "node.secret"}) {
        QTest::addRow("%s is a pipe", name) << QString::fromLatin1(name) << true << u"It is a pipe, not a file"_s;
        QTest::addRow("%s is a folder", name) << QString::fromLatin1(name) << false << u"It is a folder, not a file"_s;
    }
}

void TestAppliance::what_is_no_file_keeps_no_start_waiting_and_is_named()
{
    QFETCH(const QString, name);
    QFETCH(const bool, isPipe);
    QFETCH(const QString, words);
    const QString path = m_folder->filePath(name);
    if (isPipe)
        QCOMPARE(::mkfifo(QFile::encodeName(path).constData(), S_IRUSR | S_IWUSR), 0);
    else
        QVERIFY(QDir().mkdir(path));
    settings::Options options;
    options.dataFolder = m_folder->path();
    options.overrides.append({QStringLiteral("node.enabled"), QStringLiteral("true")});
    const auto refused = Appliance::open(options, m_clock);
    QVERIFY(!refused);
    const QString told = refused.error().detail;
    QVERIFY2(told.contains(words) && told.contains(path), qPrintable(told));
}

void TestAppliance::a_folder_that_is_half_restored_is_not_opened()
{
    const QDir folder(m_folder->path());
    QVERIFY(folder.mkdir(QStringLiteral("restore.part")));
    settings::Options options;
    options.dataFolder = folder.path();
    const auto refused = Appliance::open(options, m_clock);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, Errc::InvalidSetting);
    QCOMPARE(folder.entryList(QDir::AllEntries | QDir::NoDotAndDotDot), QStringList{QStringLiteral("restore.part")});
    QVERIFY(folder.rmdir(QStringLiteral("restore.part")));
    open();
}

void TestAppliance::the_ready_line_names_every_listener()
{
    settings::Options options;
    options.listen = listenAddresses({QStringLiteral("127.0.0.1:0"), QStringLiteral("127.0.0.2:0")});
    options.overrides.append({QStringLiteral("metrics.listen"), QStringLiteral("127.0.0.1:0")});
    const auto appliance = open(options);
    QCOMPARE(appliance->status().state, State::Stopped);
    QVERIFY(appliance->listen(false));
    QCOMPARE(appliance->status().state, State::Running);
    const QByteArray line = appliance->readyLine();
    QCOMPARE(line.count('\n'), 1);
    const QJsonObject ready = QJsonDocument::fromJson(line).object();
    QCOMPARE(ready.value(QLatin1String("event")).toString(), QStringLiteral("ready"));
    QCOMPARE(ready.value(QLatin1String("server_name")).toString(), appliance->status().serverName);
    QCOMPARE(ready.value(QLatin1String("listen")).toVariant().toStringList(), appliance->status().addresses);
    QCOMPARE(appliance->status().addresses.size(), 2);
    QVERIFY(ready.value(QLatin1String("metrics")).toString().startsWith(QLatin1String("http://127.0.0.1:")));
}

void TestAppliance::settings_are_saved_and_take_effect_at_once()
{
    const auto appliance = open();
    QVERIFY(appliance->listen(false));
    settings::Settings edited = appliance->settings();
    edited.served.append(servedEntry(QStringLiteral("friend.example"), QStringLiteral("Friend"), {}));
    edited.expiryDays = 7;
    const auto applied = appliance->applySettings(edited);
    QVERIFY2(applied.ok(), applied.ok() ? "" : qPrintable(applied.error().detail));
    QCOMPARE(appliance->status().served, 1);
    QVERIFY(settingsText().contains(QLatin1String("friend.example")));
}

void TestAppliance::options_of_this_run_are_not_written_back()
{
    settings::Options options;
    options.openRelay = true;
    {
        const auto appliance = open(options);
        QVERIFY(appliance->status().openRelay);
        settings::Settings edited = appliance->settings();
        edited.expiryDays = 7;
        QVERIFY(appliance->applySettings(edited));
    }
    QVERIFY(!settingsText().contains(QLatin1String("relay.open")));
    QVERIFY(!open()->status().openRelay);
    QCOMPARE(open()->settings().expiryDays, 7);
}

void TestAppliance::unusable_settings_change_nothing()
{
    const auto appliance = open();
    settings::Settings edited = appliance->settings();
    edited.expiryDays = -1;
    const auto applied = appliance->applySettings(edited);
    QVERIFY(!applied);
    QCOMPARE(applied.error().code, Errc::InvalidSetting);
    QVERIFY(applied.error().detail.contains(QLatin1String("queue.expiry_days")));
    QCOMPARE(appliance->settings().expiryDays, 30);
    QVERIFY(settingsText().isEmpty());
}

void TestAppliance::what_was_written_by_hand_meanwhile_is_kept_and_logged()
{
    writeSettings(R"({"relay.served":[{"name":"a.example"}],"queue.expiry_days":20,"relay.paused":false})");
    {
        const auto appliance = open();
        writeSettings(R"({"relay.served":[{"name":"a.example"},{"name":"hand.example"}],"queue.expiry_days":10,)"
                      R"("relay.paused":false,"note":"mine"})");
        auto edited = appliance->settings();
        edited.served.append(servedEntry(QStringLiteral("c.example"), {}, {}));
        edited.relayPaused = true;
        QVERIFY(appliance->applySettings(edited));
        edited = appliance->settings();
        edited.expiryDays = 15; // here and by hand
        writeSettings(settingsText().replace(QStringLiteral(": 10"), QStringLiteral(": 5")).toUtf8());
        QVERIFY(appliance->applySettings(edited));
    }
    const auto saved = settings::SettingsFile(m_folder->path()).load();
    QVERIFY(saved);
    QCOMPARE(saved->served.size(), 3);
    QCOMPARE(saved->served[1].name.toString(), QStringLiteral("hand.example"));
    QCOMPARE(saved->expiryDays, 15);
    QVERIFY(saved->relayPaused);
    QVERIFY(settingsText().contains(QStringLiteral("mine")));
    QVERIFY(logText().contains(
                QStringLiteral("changed by hand while the program was running: queue.expiry_days, relay.served")) ||
            logText().contains(
                QStringLiteral("changed by hand while the program was running: relay.served, queue.expiry_days")));
    QVERIFY(logText().contains(QStringLiteral("queue.expiry_days was set here at the same time; by hand it was [5]")));
}

void TestAppliance::what_was_written_by_hand_and_cannot_be_used_is_not_written_over()
{
    const auto appliance = open();
    auto edited = appliance->settings();
    edited.relayPaused = true;
    for (const QByteArray text : {"", "{\"relay.served\": [", "{\"queue.expiry_days\": -1}"}) {
        writeSettings(text);
        const auto applied = appliance->applySettings(edited);
        QVERIFY(!applied);
        QVERIFY(applied.error().detail.contains(QStringLiteral("settings.json")));
        QCOMPARE(settingsText().toUtf8(), text);
        QVERIFY(!appliance->settings().relayPaused);
    }
}

void TestAppliance::a_settings_file_that_was_removed_comes_back_whole()
{
    writeSettings(R"({"relay.served":[{"name":"a.example"}]})");
    const auto appliance = open();
    QVERIFY(QFile::remove(m_folder->filePath(QStringLiteral("settings.json"))));
    auto edited = appliance->settings();
    edited.relayPaused = true;
    QVERIFY(appliance->applySettings(edited));
    QVERIFY(settingsText().contains(QStringLiteral("a.example")));
    QVERIFY(logText().contains(QStringLiteral("was removed")));
}

void TestAppliance::what_replaced_the_folder_gets_no_settings()
{
    const QString folder = m_folder->filePath(QStringLiteral("data"));
    settings::Options options;
    options.dataFolder = folder;
    options.listen = listenAddresses({QStringLiteral("127.0.0.1:0")});
    const auto appliance = Appliance::open(options, m_clock);
    QVERIFY(appliance);
    QVERIFY(QDir().rename(folder, m_folder->filePath(QStringLiteral("moved"))));
    QVERIFY(QDir().mkdir(folder));
    auto edited = (*appliance)->settings();
    edited.relayPaused = true;
    const auto applied = (*appliance)->applySettings(edited);
    QVERIFY(!applied);
    QVERIFY2(applied.error().detail.contains(folder + QStringLiteral(" was moved, removed or replaced")),
             qPrintable(applied.error().detail));
    QVERIFY(!(*appliance)->settings().relayPaused);
    QVERIFY(QDir(folder).isEmpty());
}

void TestAppliance::names_that_nobody_can_mean_are_logged_and_stay()
{
    const QString key(63, u'a');
    writeSettings(R"({"relay.served":[{"name":"example..org","known_origins":["good.example","127.1"]}],)"
                  R"("relay.blocked_origins":["example..org"],"node.relays":[{"relay":")" +
                  key.toUtf8() + R"("}]})");
    const auto appliance = open();
    QVERIFY2(
        logText().contains(QStringLiteral("\"example..org\" is not a server name: a part between two dots is empty")),
        qPrintable(logText()));
    QVERIFY(logText().contains(QStringLiteral("\"127.1\" is not a server name")));
    QVERIFY(logText().contains(u'"' + key + QStringLiteral("\" is not a server name: it has 63 hexadecimal digits")));
    QVERIFY(!logText().contains(QStringLiteral("good.example")));
    QCOMPARE(logText().count(QStringLiteral("example..org")), 1);
    QCOMPARE(appliance->settings().served.first().name.toString(), QStringLiteral("example..org"));
    auto edited = appliance->settings();
    edited.expiryDays = 5;
    QVERIFY(appliance->applySettings(edited));
    QCOMPARE(logText().count(QStringLiteral("127.1")), 1); // told once
}

void TestAppliance::a_misspelt_key_is_logged()
{
    writeSettings(R"({"relay.severd":[],"relay.paused":true})");
    const auto appliance = open();
    QVERIFY(logText().contains(QStringLiteral("relay.severd")));
    QVERIFY(!logText().contains(QStringLiteral("relay.paused")));
}

void TestAppliance::a_key_misspelt_while_the_program_runs_is_logged_at_the_next_change()
{
    const auto appliance = open();
    writeSettings(R"({"relay.served":[{"name":"a.example","pet_name":"Al"}]})");
    for (const bool paused : {true, false}) {
        auto edited = appliance->settings();
        edited.relayPaused = paused;
        QVERIFY(appliance->applySettings(edited));
    }
    QCOMPARE(logText().count(QStringLiteral("pet_name in relay.served")), 1);
}

void TestAppliance::settings_that_cannot_be_saved_change_nothing()
{
    writeSettings(R"({"relay.served":[{"name":"a.example"}]})");
    const QString before = settingsText();
    const auto appliance = open();
    auto edited = appliance->settings();
    edited.relayPaused = true;
    edited.served.append(servedEntry(QStringLiteral("b.example"), {}, {}));
    {
        const test::SmallDisk disk(0);
        const auto applied = appliance->applySettings(edited);
        QVERIFY(!applied);
        QCOMPARE(applied.error().code, Errc::Io);
    }
    QCOMPARE(settingsText(), before);
    QVERIFY(!appliance->settings().relayPaused);
    QCOMPARE(appliance->settings().served.size(), 1);
    QVERIFY(appliance->applySettings(edited)); // there is room again
}

void TestAppliance::a_new_address_is_listened_on_without_a_restart()
{
    const auto appliance = open();
    QVERIFY(appliance->listen(false));
    settings::Settings edited = appliance->settings();
    edited.listen = listenAddresses({QStringLiteral("127.0.0.3:0")});
    const auto applied = appliance->applySettings(edited);
    QVERIFY(applied.ok());
    QCOMPARE(*applied, false);
    QVERIFY(appliance->status().addresses.constFirst().startsWith(QLatin1String("http://127.0.0.3:")));
    QTcpSocket client;
    client.connectToHost(QHostAddress(QStringLiteral("127.0.0.3")),
                         quint16(appliance->status().addresses.constFirst().section(QLatin1Char(':'), 2).toUInt()));
    QTRY_COMPARE(client.state(), QAbstractSocket::ConnectedState);
}

void TestAppliance::a_full_mailbox_is_told_while_mail_is_refused()
{
    settings::Options options;
    options.serve = serverNames({Owner.toString()});
    options.overrides = {{QStringLiteral("queue.destination_entries"), QStringLiteral("10")}};
    const auto appliance = open(options);
    QVERIFY(appliance->listen(false));
    LocalOperations operations(*appliance);
    QSignalSpy changes(&operations, &control::Operations::statusChanged);
    int answered = 0;
    const auto store = [&](int first, int last) {
        answered = 0;
        for (int i = first; i <= last; ++i)
            appliance->queue().store(request(i), [&answered](const Result<queue::Stored> &) { ++answered; });
        QTRY_COMPARE(answered, last - first + 1);
    };
    store(1, 3);
    QVERIFY(appliance->status().warnings.isEmpty());
    store(4, 4); // the half for senders that the owner does not know has room for five
    QTRY_COMPARE(appliance->status().warnings.size(), 1);
    const auto warning = appliance->status().warnings.first();
    QCOMPARE(warning.kind, control::StatusWarning::Kind::MailboxFilling);
    QCOMPARE(warning.detail, QStringLiteral("The mailbox of owner.example is 80 % full"));
    QCOMPARE(appliance->status().state, State::Running);

    const qsizetype before = changes.size();
    store(5, 6);
    QTRY_VERIFY(changes.size() > before);
    QTRY_COMPARE(appliance->status().state, State::Degraded);
    QCOMPARE(appliance->status().refusals.first().destination, Owner);
    QCOMPARE(appliance->status().reasons.first().code, Errc::QuotaExceeded);
    std::optional<int> percent;
    operations.fetchTotals(&operations, [&percent](const Result<queue::Totals> &totals) {
        percent = totals->destinations.first().fillPercent;
    });
    QTRY_VERIFY(percent);
    QCOMPARE(*percent, 100);

    appliance->queue().discardAll(Owner, [](const Result<qint64> &) {});
    QTRY_COMPARE(appliance->status().state, State::Running);
    QVERIFY(appliance->status().refusals.isEmpty());
    QTRY_VERIFY(appliance->status().warnings.isEmpty());
}

void TestAppliance::what_one_sender_has_used_up_is_told_until_there_is_room()
{
    settings::Options options;
    options.serve = serverNames({Owner.toString()});
    options.overrides = {{u"queue.origin_entries"_s, u"2"_s}};
    const auto appliance = open(options);
    QVERIFY(appliance->listen(false));
    int answered = 0;
    for (int i = 1; i <= 4; ++i)
        appliance->queue().store(request(i), [&answered](const Result<queue::Stored> &) { ++answered; });
    QTRY_COMPARE(answered, 4);
    QTRY_COMPARE(appliance->status().warnings.size(), 1);
    const auto warning = appliance->status().warnings.first();
    QCOMPARE(warning.kind, control::StatusWarning::Kind::SenderRefused);
    QCOMPARE(warning.server, Owner.toString());
    QVERIFY2(warning.detail.startsWith(u"Mail from sender.example for owner.example has been refused since "_s) &&
                 warning.detail.endsWith(u": One server may not leave more for this destination. Refused so far: 2"_s),
             qPrintable(warning.detail));
    QCOMPARE(appliance->status().state, State::Running); // others get in
    QTRY_VERIFY(logText().contains(u"Mail from sender.example for owner.example"));
    appliance->queue().discardAll(Owner, [](const Result<qint64> &) {});
    QTRY_VERIFY(appliance->status().warnings.isEmpty());
}

void TestAppliance::a_pause_is_told_beside_what_is_wrong()
{
    QTcpServer holder;
    QVERIFY(holder.listen(QHostAddress::LocalHost));
    settings::Options options;
    options.listen = listenAddresses({u"127.0.0.1:%1"_s.arg(holder.serverPort())});
    options.overrides = {{u"relay.paused"_s, u"true"_s}};
    const auto appliance = open(options);
    QVERIFY(!appliance->listen(true));
    QCOMPARE(appliance->status().state, State::Degraded);
    QCOMPARE(appliance->status().reasons.size(), 2);
    QCOMPARE(appliance->status().reasons.last().code, Errc::Paused);
    holder.close();
    QTRY_COMPARE_WITH_TIMEOUT(appliance->status().state, State::Paused, 20'000);
    QVERIFY(appliance->status().reasons.isEmpty()); // the state says it
}

void TestAppliance::a_log_that_cannot_be_written_is_told_until_it_can()
{
    open();
    const QString log = m_folder->filePath(u"restante.log"_s);
    QVERIFY(QFile::remove(log) || !QFile::exists(log));
    QVERIFY(QDir().mkdir(log));
    const auto appliance = open();
    const auto warnings = appliance->status().warnings;
    QCOMPARE(warnings.size(), 1);
    QCOMPARE(warnings.first().kind, control::StatusWarning::Kind::ClosedLog);
    QVERIFY2(warnings.first().detail.contains(log), qPrintable(warnings.first().detail));

    QVERIFY(QDir().rmdir(log));
    m_clock.advance(60'000); // it is not tried all the time
    QVERIFY(appliance->status().warnings.isEmpty());
    // What happens while it runs is told to whoever watches.
    QSignalSpy changed(appliance.get(), &Appliance::statusChanged);
    QVERIFY(QFile::remove(log) || !QFile::exists(log));
    QVERIFY(QDir().mkdir(log));
    m_clock.advance(60'000);
    qCWarning(lcApp, "a line that is lost");
    QTRY_VERIFY(!changed.isEmpty());
    QCOMPARE(appliance->status().warnings.first().kind, control::StatusWarning::Kind::ClosedLog);
}

void TestAppliance::a_taken_port_is_told_and_tried_again()
{
    QTcpServer holder;
    QVERIFY(holder.listen(QHostAddress::LocalHost));
    const QString port = QString::number(holder.serverPort());
    settings::Options options;
    options.listen = listenAddresses({QStringLiteral("127.0.0.1:") + port});
    const auto appliance = open(options);
    QVERIFY(!appliance->listen(true));
    QCOMPARE(appliance->status().state, State::Degraded);
    QCOMPARE(appliance->status().reasons.size(), 1);
    QVERIFY(appliance->status().reasons.constFirst().detail.contains(port));
    holder.close();
    QTRY_COMPARE_WITH_TIMEOUT(appliance->status().state, State::Running, 20'000);
}

void TestAppliance::a_taken_port_of_the_node_leaves_the_relay_up()
{
    QTcpServer holder;
    QVERIFY(holder.listen(QHostAddress::LocalHost));
    const QString taken = QStringLiteral("127.0.0.1:%1").arg(holder.serverPort());
    settings::Options options;
    options.overrides = {{QStringLiteral("node.enabled"), QStringLiteral("true")},
                         {QStringLiteral("node.listen"), taken}};
    const auto appliance = open(options);
    QVERIFY(!appliance->listen(true));
    QCOMPARE(appliance->status().state, State::Degraded);
    QVERIFY(appliance->status().reasons.constFirst().detail.contains(QString::number(holder.serverPort())));
    const QStringList addresses = appliance->status().addresses;
    QTcpSocket client;
    const QUrl relay(addresses.value(0));
    client.connectToHost(relay.host(), quint16(relay.port()));
    QTRY_COMPARE(client.state(), QAbstractSocket::ConnectedState);
    holder.close();
    QTRY_COMPARE_WITH_TIMEOUT(appliance->status().state, State::Running, 20'000);
    QCOMPARE(appliance->status().addresses, addresses);
    QCOMPARE(client.state(), QAbstractSocket::ConnectedState); // it was not started anew
}

void TestAppliance::relaying_that_is_off_is_said()
{
    settings::Options options;
    options.overrides = {{QStringLiteral("relay.enabled"), QStringLiteral("false")}};
    const auto appliance = open(options);
    QVERIFY(appliance->listen(false));
    QCOMPARE(appliance->status().state, State::Paused);
    QCOMPARE(appliance->status().reasons.constFirst().code, Errc::RelayingOff);
}

void TestAppliance::a_pause_outlives_a_restart()
{
    {
        const auto appliance = open();
        QVERIFY(appliance->listen(false));
        LocalOperations operations(*appliance);
        QSignalSpy changed(&operations, &control::Operations::statusChanged);
        operations.setPaused(true);
        QVERIFY(changed.wait());
        QCOMPARE(operations.status().state, State::Paused);
    }
    const auto again = open();
    QVERIFY(again->listen(false));
    QCOMPARE(again->status().state, State::Paused);
}

void TestAppliance::a_damaged_database_is_a_degraded_state()
{
    constexpr int entries = 250;
    {
        const auto appliance = open();
        int stored = 0;
        for (int i = 0; i < entries; ++i) {
            auto large = request(i);
            large.digest[1] = static_cast<unsigned char>(i >> 8);
            large.pdus = "[" + QByteArray(2'000, ' ') + "]";
            appliance->queue().store(std::move(large),
                                     [&stored](const Result<queue::Stored> &done) { stored += done.ok() ? 1 : 0; });
        }
        QTRY_COMPARE(stored, entries);
    }
    QVERIFY(test::damageMiddle(m_folder->filePath(QStringLiteral("queue.sqlite"))));
    const auto appliance = open();
    QVERIFY(appliance->listen(false));
    QCOMPARE(appliance->status().state, State::Running);
    QSignalSpy changed(appliance.get(), &Appliance::statusChanged);
    LocalOperations operations(*appliance);
    std::optional<qint64> discarded;
    operations.discardAll(Owner, this, [&discarded](const Result<qint64> &done) { discarded = done ? *done : -1; });
    QTRY_VERIFY(discarded);
    QCOMPARE(*discarded, entries); // what cannot be deleted counts as gone
    QTRY_COMPARE(appliance->status().state, State::Degraded);
    QVERIFY(!changed.isEmpty());
    const auto reasons = appliance->status().reasons;
    QCOMPARE(reasons.size(), 1);
    QCOMPARE(reasons[0].code, Errc::Corrupt);
    QVERIFY(reasons[0].detail.contains(QStringLiteral("queue.sqlite is damaged")));
    QVERIFY(QFile::exists(m_folder->filePath(QStringLiteral("queue.reserve"))));
}

void TestAppliance::the_copy_that_an_interrupted_backup_left_goes_at_the_start()
{
    const QDir folder(m_folder->path());
    QVERIFY(folder.mkpath(QStringLiteral("backup.part")));
    const auto appliance = open();
    QVERIFY(!folder.exists(QStringLiteral("backup.part")));
}

void TestAppliance::totals_come_only_to_who_watches_and_not_too_often()
{
    const auto appliance = open();
    LocalOperations operations(*appliance);
    QSignalSpy totals(&operations, &control::Operations::totalsChanged);
    store(*appliance, 0, 5);
    QCOMPARE(totals.count(), 0);

    operations.setWatching(true);
    QTRY_COMPARE(totals.count(), 1);
    QCOMPARE(totals.takeFirst().constFirst().value<queue::Totals>().entries, 5);
    QElapsedTimer watched;
    watched.start();
    for (int i = 0; i < 50; ++i)
        store(*appliance, 10 + i, 1); // one batch each
    QTRY_VERIFY(!totals.isEmpty() && totals.constLast().constFirst().value<queue::Totals>().entries == 55);
    QVERIFY(totals.count() <= 2 + watched.elapsed() / LocalOperations::RefreshMs);

    operations.setWatching(false);
    totals.clear();
    store(*appliance, 100, 1);
    QCOMPARE(totals.count(), 0);
}

void TestAppliance::what_came_today_is_told_after_a_restart_too()
{
    auto appliance = open();
    QVERIFY(appliance);
    store(*appliance, 1, 3);
    QCOMPARE(appliance->traffic().report(telemetry::TrafficSpan::Day).today.takenIn, 3);
    appliance.reset();
    appliance = open();
    QVERIFY(appliance);
    store(*appliance, 4, 2);
    app::LocalOperations operations(*appliance);
    std::optional<telemetry::TrafficReport> told;
    operations.fetchTraffic(telemetry::TrafficSpan::Month, this,
                            [&told](const Result<telemetry::TrafficReport> &report) { told = *report; });
    QVERIFY(!told);
    QTRY_VERIFY(told);
    QCOMPARE(told->today.takenIn, 5);
    QCOMPARE(told->buckets.last().traffic.takenIn, 5);
}

void TestAppliance::damaged_counts_of_the_traffic_stop_no_start()
{
    auto appliance = open();
    const QString file = QDir(appliance->dataFolder()).filePath(QStringLiteral("traffic.json"));
    appliance.reset();
    {
        QFile damaged(file);
        QVERIFY(damaged.open(QIODevice::WriteOnly) && damaged.write("{\"version\":1,") > 0);
    }
    appliance = open();
    QVERIFY(appliance);
    const auto warnings = appliance->status().warnings;
    QCOMPARE(warnings.size(), 1);
    QCOMPARE(warnings[0].kind, control::StatusWarning::Kind::LostTraffic);
    QVERIFY(logText().contains(warnings[0].detail));
    QVERIFY(QFile::exists(file + QStringLiteral(".damaged")));
    store(*appliance, 1, 1);
    appliance.reset();
    QVERIFY(open()->status().warnings.isEmpty());
}

void TestAppliance::discarding_tells_how_many_went()
{
    const auto appliance = open();
    LocalOperations operations(*appliance);
    store(*appliance, 0, 3);
    qint64 went = -1;
    operations.discardAll(Owner, this, [&went](const Result<qint64> &count) { went = count ? *count : -2; });
    QTRY_COMPARE(went, 3);
    QCOMPARE(operations.status().heldEntries, 0);
}

void TestAppliance::what_is_asked_of_one_user_leaves_the_others_alone()
{
    const auto appliance = open();
    LocalOperations operations(*appliance);
    int stored = 0;
    const auto hold = [&](int first, int count, const QByteArray &label) {
        for (int i = first; i < first + count; ++i) {
            queue::StoreRequest held = request(i);
            held.userLabel = label;
            appliance->queue().store(held, [&stored](const Result<queue::Stored> &done) { stored += done ? 1 : 0; });
        }
    };
    hold(1, 3, "lena");
    hold(4, 2, "max");
    QTRY_COMPARE(stored, 5);
    QStringList users; // as they are listed now: a label is written with the next fold
    const auto list = [&](const queue::HeldFor &what) {
        std::optional<qsizetype> rows;
        operations.fetchEntries(what, {}, 2, this, [&](const Result<queue::EntryPage> &page) {
            rows = page ? page->rows.size() + (page->more ? 100 : 0) : -1;
            if (page && !page->rows.isEmpty())
                users.append(page->rows.constFirst().userLabel);
        });
        return QTest::qWaitFor([&] { return rows.has_value(); }, 10'000) ? *rows : qsizetype(-2);
    };
    QTRY_COMPARE(list({Owner, QStringLiteral("max")}), 2);
    QCOMPARE(users.constLast(), QStringLiteral("max"));
    QCOMPARE(list({Owner, QStringLiteral("lena")}), 102); // and more
    QCOMPARE(list({Owner, QStringLiteral("nobody")}), 0);
    qint64 went = -1;
    operations.discardAll({Owner, QStringLiteral("max")}, this,
                          [&went](const Result<qint64> &count) { went = count ? *count : -2; });
    QTRY_COMPARE(went, 2);
    QCOMPARE(list({Owner, QStringLiteral("max")}), 0);
    QCOMPARE(list({Owner, QStringLiteral("lena")}), 102);
    QCOMPARE(operations.status().heldEntries, 3);
}

QTEST_GUILESS_MAIN(TestAppliance)
#include "tst_appliance.moc"
