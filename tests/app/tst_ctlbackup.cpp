// SPDX-License-Identifier: GPL-3.0-or-later
// Exporting, importing, backing up and restoring with the programs themselves.
#include "fakeclock.h"
#include "files.h"
#include "identity/identity.h"
#include "node/inboxstore.h"
#include "runningprogram.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QTemporaryDir>
#include <QtCore/QUrl>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QTest>

#include <fcntl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

using namespace restante;
using namespace restante::test;
using namespace Qt::Literals::StringLiterals;

namespace
{
constexpr auto Good = "correct horse\n";

void failureColumns()
{
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<QByteArray>("passphrase");
    QTest::addColumn<QString>("why");
}

/// A row: what is typed, the passphrase on standard input, and a part of what is said then.
void failure(const char *name, const char *words, const QByteArray &passphrase, const char *why)
{
    QTest::newRow(name) << QString::fromUtf8(words).split(u' ') << passphrase << QString::fromUtf8(why);
}

QJsonObject jsonOf(const QString &text)
{
    return QJsonDocument::fromJson(text.toUtf8()).object();
}

/// restanted with a folder, until it listens.
class Relay
{
public:
    explicit Relay(const QString &folder)
        : m_running(u"restanted"_s, {u"--data-dir"_s, folder, u"--listen"_s, u"127.0.0.1:0"_s, u"--open-relay"_s,
                                     u"--set"_s, u"queue.disk_floor_bytes=0"_s, u"--set"_s, u"node.enabled=true"_s,
                                     u"--set"_s, u"node.listen=127.0.0.1:0"_s})
    {
        QProcess &process = m_running.process;
        const auto said = [&process] { return process.canReadLine() || process.state() == QProcess::NotRunning; };
        if (!QTest::qWaitFor(said, PatienceMs))
            return;
        const QJsonObject ready = QJsonDocument::fromJson(process.readLine()).object();
        m_name = ready.value("server_name"_L1).toString();
        m_address = QUrl(ready.value("listen"_L1).toArray().at(0).toString());
    }

    const QString &name() const { return m_name; }
    Ended stop()
    {
        m_running.process.terminate();
        return m_running.end();
    }

    /// Sends a signed request; the answer's body, or its status line if it is not a 200.
    QByteArray request(const QByteArray &method, const QByteArray &target, const QByteArray &body,
                       const identity::Identity &origin) const
    {
        const auto relay = matrix::ServerName::parse(m_name.toLatin1());
        if (!relay)
            return "no relay";
        QTcpSocket socket;
        socket.connectToHost(m_address.host(), quint16(m_address.port()));
        socket.write(method + ' ' + target +
                     " HTTP/1.1\r\nHost: relay\r\nConnection: close\r\nContent-Type: application/json\r\n"
                     "Content-Length: " +
                     QByteArray::number(body.size()) + "\r\nAuthorization: " +
                     origin.authorizationHeader(method, target, *relay, body) + "\r\n\r\n" + body);
        if (!QTest::qWaitFor([&socket] { return socket.state() == QAbstractSocket::UnconnectedState; }, PatienceMs))
            return "no answer";
        const QByteArray answer = socket.readAll();
        if (!answer.startsWith("HTTP/1.1 200 "))
            return answer.left(answer.indexOf('\r'));
        return answer.mid(answer.indexOf("\r\n\r\n") + 4);
    }
    QByteArray leave(int number, const identity::Identity &origin, const identity::Identity &owner) const
    {
        return request("PUT",
                       "/_matrix/federation/v1/send_relay/t" + QByteArray::number(number) +
                           "/@user:" + owner.name().bytes(),
                       R"({"pdus":[{"number":)" + QByteArray::number(number) + "}]}", origin);
    }
    QByteArray collect(const identity::Identity &owner) const
    {
        return request("GET", "/_matrix/federation/v1/relay_txn/@user:" + owner.name().bytes(), "{}", owner);
    }

private:
    Running m_running;
    QString m_name;
    QUrl m_address;
};

/// restantectl at a terminal of its own.
class AtTerminal
{
public:
    explicit AtTerminal(const QStringList &words)
        : m_master(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC))
    {
        ::grantpt(m_master);
        ::unlockpt(m_master);
        const QByteArray name = ::ptsname(m_master);
        m_slave = ::open(name.constData(), O_RDWR | O_NOCTTY | O_CLOEXEC); // the terminal outlives the program
        process.setChildProcessModifier([name] {
            ::setsid();
            ::close(::open(name.constData(), O_RDWR)); // becomes the terminal of the new session
        });
        process.start(program(u"restantectl"_s), words);
    }
    ~AtTerminal()
    {
        process.kill();
        process.waitForFinished();
        ::close(m_slave);
        ::close(m_master);
    }
    Q_DISABLE_COPY_MOVE(AtTerminal)

    /// What was shown so far.
    const QByteArray &seen()
    {
        std::array<char, 256> bytes{};
        for (ssize_t got = 0; (got = ::read(m_master, bytes.data(), bytes.size())) > 0;)
            m_seen.append(bytes.data(), got);
        return m_seen;
    }
    void type(const QByteArray &text) const
    {
        QCOMPARE(::write(m_master, text.constData(), size_t(text.size())), text.size());
    }
    bool shows() const
    {
        termios mode{};
        ::tcgetattr(m_slave, &mode);
        return (mode.c_lflag & tcflag_t(ECHO)) != 0;
    }
    int end()
    {
        const bool ended = QTest::qWaitFor([this] { return process.state() == QProcess::NotRunning; }, PatienceMs);
        return ended && process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    }

    QProcess process;

private:
    const int m_master;
    int m_slave = -1;
    QByteArray m_seen;
};
} // namespace

class TestCtlBackup : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();

    void a_running_relay_goes_on_from_its_backup_elsewhere();
    void a_stopped_relay_is_backed_up_too();
    void an_identity_moves_to_another_folder();
    void a_homeservers_key_is_imported();
    void an_identity_is_replaced_until_mail_was_held_under_it();
    void an_inbox_that_a_power_cut_left_out_of_its_place_keeps_the_identity();
    void a_folder_in_use_is_left_alone();
    void what_cannot_be_done_ends_with_2_and_changes_nothing_data();
    void what_cannot_be_done_ends_with_2_and_changes_nothing();
    void what_fails_ends_with_1_and_leaves_nothing_data();
    void what_fails_ends_with_1_and_leaves_nothing();
    void the_passphrase_is_one_line();
    void a_passphrase_in_a_pipe_that_nobody_fills_is_not_waited_for();
    void a_folder_whose_database_is_a_pipe_is_not_said_to_be_unused_data();
    void a_folder_whose_database_is_a_pipe_is_not_said_to_be_unused();
    void a_terminal_is_asked_twice_and_shows_nothing();
    void two_different_passphrases_are_none();
    void a_question_can_be_interrupted();

private:
    Ended run(const QString &folder, const QStringList &words, const QByteArray &passphrase = "correct horse\n") const;
    QString at(const QString &name) const { return m_place->filePath(name); }
    QString made(const QString &name) const { return m_made.filePath(name); }

    /// Made once, for tests that change nothing in it: an installation "first", its backup "saved", its identity "key".
    QTemporaryDir m_made;
    std::unique_ptr<QTemporaryDir> m_place;
};

void TestCtlBackup::initTestCase()
{
    qputenv("XDG_RUNTIME_DIR", m_made.path().toUtf8()); // Qt complains about a session without one
    QCOMPARE(Relay(made(u"first"_s)).stop().status, 0);
    QCOMPARE(run(made(u"first"_s), {u"backup"_s, made(u"saved"_s)}).status, 0);
    QCOMPARE(run(made(u"first"_s), {u"identity"_s, u"export"_s, made(u"key"_s)}).status, 0);
}

void TestCtlBackup::init()
{
    m_place = std::make_unique<QTemporaryDir>();
}

Ended TestCtlBackup::run(const QString &folder, const QStringList &words, const QByteArray &passphrase) const
{
    QStringList all{u"--data-dir"_s, folder};
    all += words;
    if (!words.contains(u"--passphrase-file"_s))
        all += {u"--passphrase-file"_s, u"-"_s};
    return Running(u"restantectl"_s, all, passphrase).end();
}

void TestCtlBackup::a_running_relay_goes_on_from_its_backup_elsewhere()
{
    const auto origin = identity::Identity::generate();
    const auto owner = identity::Identity::generate();
    // A name that is its key: nobody is asked for that, and so nothing is logged while the folder is looked at.
    const QString friendName = QString::fromLatin1(identity::Identity::generate().name().bytes());
    const QStringList list{u"entries"_s, QString::fromLatin1(owner.name().bytes()), u"--json"_s};
    Relay first(at(u"first"_s));
    for (int number = 1; number <= 3; ++number)
        QCOMPARE(first.leave(number, origin, owner), "{}");
    QCOMPARE(
        Running(u"restantectl"_s, {u"--data-dir"_s, at(u"first"_s), u"serve"_s, u"add"_s, friendName}).end().status, 0);
    const QStringList before = namesIn(at(u"first"_s));

    const Ended backup = run(at(u"first"_s), {u"backup"_s, at(u"saved"_s), u"--json"_s});
    QCOMPARE(backup.err, QString());
    QCOMPARE(backup.status, 0);
    QCOMPARE(jsonOf(backup.out).value("server_name"_L1).toString(), first.name());
    QCOMPARE(QFileInfo(at(u"saved"_s)).permissions(), OwnerOnly);
    QCOMPARE(namesIn(at(u"first"_s)), before);
    QCOMPARE(first.leave(4, origin, owner), "{}"); // after the backup: not in it
    const auto entriesOf = [&](const QString &folder) {
        return jsonOf(Running(u"restantectl"_s, QStringList{u"--data-dir"_s, folder} + list).end().out)
            .value("rows"_L1)
            .toArray();
    };
    QJsonArray held = entriesOf(at(u"first"_s));
    QCOMPARE(held.size(), 4);
    held.removeLast();
    const QByteArray oldest = first.collect(owner);
    QVERIFY2(oldest.contains(R"({"number":1})"), oldest);
    QCOMPARE(first.stop().status, 0);

    const Ended restored = run(at(u"second"_s), {u"restore"_s, at(u"saved"_s)});
    QCOMPARE(restored.err, QString());
    QCOMPARE(restored.status, 0);
    QVERIFY(restored.out.contains(first.name()));
    Relay second(at(u"second"_s));
    QCOMPARE(second.name(), first.name());
    QCOMPARE(entriesOf(at(u"second"_s)), held);
    QCOMPARE(second.collect(owner), oldest);
    const Ended served = Running(u"restantectl"_s, {u"--data-dir"_s, at(u"second"_s), u"serve"_s}).end();
    QVERIFY(served.out.contains(friendName));
    QVERIFY(QFile::exists(at(u"second/node.secret"_s))); // a new one
    QFile secrets[]{QFile(at(u"first/node.secret"_s)), QFile(at(u"second/node.secret"_s))};
    QVERIFY(secrets[0].open(QIODevice::ReadOnly) && secrets[1].open(QIODevice::ReadOnly));
    QVERIFY(secrets[0].readAll() != secrets[1].readAll());
}

void TestCtlBackup::a_stopped_relay_is_backed_up_too()
{
    const auto origin = identity::Identity::generate();
    const auto owner = identity::Identity::generate();
    {
        Relay relay(at(u"first"_s));
        QCOMPARE(relay.leave(1, origin, owner), "{}");
        QCOMPARE(relay.stop().status, 0);
    }
    const QStringList before = namesIn(at(u"first"_s));
    QCOMPARE(run(at(u"first"_s), {u"backup"_s, at(u"saved"_s)}).status, 0);
    QCOMPARE(namesIn(at(u"first"_s)), before);
    QVERIFY(QDir().mkdir(at(u"second"_s))); // empty, but there
    QCOMPARE(run(at(u"second"_s), {u"restore"_s, at(u"saved"_s)}).status, 0);
    Relay relay(at(u"second"_s));
    const QByteArray entry = relay.collect(owner);
    QVERIFY2(entry.contains(R"({"number":1})"), entry);
}

void TestCtlBackup::an_identity_moves_to_another_folder()
{
    QString name;
    {
        Relay relay(at(u"first"_s));
        name = relay.name();
        const Ended exported = run(at(u"first"_s), {u"identity"_s, u"export"_s, at(u"saved"_s)});
        QCOMPARE(exported.err, QString());
        QCOMPARE(exported.out, u"Server name: %1\nWritten to:  %2\n"_s.arg(name, at(u"saved"_s)));
        QCOMPARE(exported.status, 0);
        QCOMPARE(QFileInfo(at(u"saved"_s)).permissions(), OwnerOnly);
    }
    const Ended imported = run(at(u"second"_s), {u"identity"_s, u"import"_s, at(u"saved"_s), u"--json"_s});
    QCOMPARE(imported.err, QString());
    QCOMPARE(imported.status, 0);
    QCOMPARE(jsonOf(imported.out).value("server_name"_L1).toString(), name);
    QCOMPARE(namesIn(at(u"second"_s)), QStringList{u"identity.key"_s});
    Relay relay(at(u"second"_s));
    QCOMPARE(relay.name(), name);
    const Ended shown =
        Running(u"restantectl"_s, {u"--data-dir"_s, at(u"second"_s), u"identity"_s, u"show"_s, u"--json"_s}).end();
    QCOMPARE(jsonOf(shown.out), jsonOf(imported.out));
}

void TestCtlBackup::a_homeservers_key_is_imported()
{
    QFile key(at(u"signing.key"_s));
    QVERIFY(key.open(QIODevice::WriteOnly));
    QVERIFY(key.write("ed25519 a_AbCd YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1\n") > 0);
    key.close();
    const QStringList words{u"--data-dir"_s, at(u"first"_s), u"identity"_s,
                            u"import"_s,     key.fileName(), u"--server-name"_s};
    const Ended misnamed = Running(u"restantectl"_s, words + QStringList{u"no name"_s}).end();
    QCOMPARE(misnamed.status, 2);
    QVERIFY(!QFile::exists(at(u"first"_s)));
    const Ended imported = Running(u"restantectl"_s, words + QStringList{u"me.example"_s}).end();
    QCOMPARE(imported.out, u"Server name: me.example\nKey id:      ed25519:a_AbCd\n"
                           "Public key:  XGX0JRS2Af3be3knz2fBiRbApjm2Dh61gXDJA8kcJNI\n"_s);
    QCOMPARE(imported.status, 0);
    QCOMPARE(Relay(at(u"first"_s)).name(), u"me.example"_s);
}

void TestCtlBackup::an_identity_is_replaced_until_mail_was_held_under_it()
{
    const QStringList import{u"identity"_s, u"import"_s};
    const QStringList exported{u"identity"_s, u"export"_s};
    QCOMPARE(Relay(at(u"mine"_s)).stop().status, 0);
    const Ended replaced = run(at(u"mine"_s), import + QStringList{made(u"key"_s), u"--json"_s});
    QCOMPARE(replaced.err, QString());
    QCOMPARE(replaced.status, 0);
    QVERIFY(namesIn(at(u"mine"_s)).contains(u"identity.key.old-1"_s));
    const QString name = jsonOf(replaced.out).value("server_name"_L1).toString();
    {
        Relay relay(at(u"mine"_s));
        QCOMPARE(relay.name(), name);
        QCOMPARE(relay.leave(1, identity::Identity::generate(), identity::Identity::generate()), "{}");
        QCOMPARE(relay.stop().status, 0);
    }
    QCOMPARE(Relay(at(u"other"_s)).stop().status, 0);
    QCOMPARE(run(at(u"other"_s), exported + QStringList{at(u"otherkey"_s)}).status, 0);
    const QStringList before = namesIn(at(u"mine"_s));
    const Ended refused = run(at(u"mine"_s), import + QStringList{at(u"otherkey"_s)});
    QCOMPARE(refused.status, 2);
    QVERIFY2(refused.err.contains("has an identity already"_L1) && refused.err.contains("mail was held or sent"_L1),
             qPrintable(refused.err));
    QCOMPARE(namesIn(at(u"mine"_s)), before);
    QCOMPARE(Relay(at(u"mine"_s)).name(), name);
}

void TestCtlBackup::an_inbox_that_a_power_cut_left_out_of_its_place_keeps_the_identity()
{
    QCOMPARE(Relay(at(u"first"_s)).stop().status, 0);
    const QString file = at(u"first/node.sqlite"_s);
    {
        const FakeClock clock;
        const auto store = node::InboxStore::open(at(u"first"_s), clock);
        node::Collected collected;
        collected.origin = *matrix::ServerName::parse("a.example");
        collected.pdus = "[]";
        collected.edus = "[]";
        QVERIFY(store && (*store)->add(*matrix::ServerName::parse("r.example"), {collected}, {1, 1'000, 0}));
    }
    QVERIFY(QFile::rename(file, file + u".new"_s));
    const Ended refused = run(at(u"first"_s), {u"identity"_s, u"import"_s, made(u"key"_s)});
    QCOMPARE(refused.status, 2);
    QVERIFY(QFile::exists(file));
}

void TestCtlBackup::a_folder_in_use_is_left_alone()
{
    Relay relay(at(u"first"_s));
    QCOMPARE(run(at(u"first"_s), {u"backup"_s, at(u"saved"_s)}).status, 0);
    QCOMPARE(run(at(u"first"_s), {u"identity"_s, u"export"_s, at(u"key"_s)}).status, 0);
    const QStringList before = namesIn(at(u"first"_s));
    for (const QStringList &words :
         {QStringList{u"restore"_s, at(u"saved"_s)}, QStringList{u"identity"_s, u"import"_s, at(u"key"_s)}}) {
        const Ended refused = run(at(u"first"_s), words);
        QCOMPARE(refused.status, 2);
        QCOMPARE(refused.errLines().size(), 1);
        QVERIFY2(refused.err.contains("is already running"_L1), qPrintable(refused.err));
    }
    QCOMPARE(namesIn(at(u"first"_s)), before);
    QCOMPARE(relay.stop().status, 0);
}

void TestCtlBackup::what_cannot_be_done_ends_with_2_and_changes_nothing_data()
{
    failureColumns();
    failure("export without a passphrase", "identity export new", "\nsecond line\n", "An empty passphrase");
    failure("backup without a passphrase", "backup new", "", "An empty passphrase");
    failure("export over a file", "identity export there", Good, "already exists");
    failure("backup over a file", "backup there", Good, "already exists");
    failure("restore over an installation", "restore saved", Good, "is not empty");
    failure("a passphrase without end", "backup new", QByteArray(2'000, 'x'), "longer than 1024 bytes");
}

void TestCtlBackup::what_cannot_be_done_ends_with_2_and_changes_nothing()
{
    QFETCH(QStringList, words);
    QFETCH(const QByteArray, passphrase);
    QFETCH(const QString, why);
    QFile there(made(u"there"_s));
    QVERIFY(there.open(QIODevice::WriteOnly) && there.write("precious") > 0);
    there.close();
    const QStringList before = namesIn(made(u"first"_s));
    const QStringList around = namesIn(m_made.path());
    words.last() = made(words.last());
    const Ended refused = run(made(u"first"_s), words, passphrase);
    QCOMPARE(refused.status, 2);
    QCOMPARE(refused.out, QString());
    QCOMPARE(refused.errLines().size(), 1);
    QVERIFY2(refused.err.contains(why), qPrintable(refused.err));
    QCOMPARE(namesIn(made(u"first"_s)), before);
    QCOMPARE(namesIn(m_made.path()), around);
    QVERIFY(there.open(QIODevice::ReadOnly));
    QCOMPARE(there.readAll(), "precious");
}

void TestCtlBackup::what_fails_ends_with_1_and_leaves_nothing_data()
{
    failureColumns();
    failure("restore with a wrong passphrase", "restore saved", "wrong\n", "the passphrase is wrong");
    failure("import with a wrong passphrase", "identity import key", "wrong\n", "the passphrase is wrong");
    failure("restore an identity", "restore key", Good, "is an exported identity, not a backup");
    failure("import a backup", "identity import saved", Good, "is a backup, not an exported identity");
    failure("restore what is not there", "restore missing", Good, "cannot be read");
    failure("restore what is cut short", "restore short", Good, "is damaged or cut short");
}

void TestCtlBackup::what_fails_ends_with_1_and_leaves_nothing()
{
    QFETCH(QStringList, words);
    QFETCH(const QByteArray, passphrase);
    QFETCH(const QString, why);
    QFile::remove(made(u"short"_s));
    QVERIFY(QFile::copy(made(u"saved"_s), made(u"short"_s)));
    QVERIFY(QFile::resize(made(u"short"_s), QFileInfo(made(u"saved"_s)).size() - 1));
    words.last() = made(words.last());
    const Ended failed = run(at(u"new/folder"_s), words, passphrase);
    QCOMPARE(failed.status, 1);
    QCOMPARE(failed.out, QString());
    QCOMPARE(failed.errLines().size(), 1);
    QVERIFY2(failed.err.contains(why), qPrintable(failed.err));
    QCOMPARE(namesIn(m_place->path()), QStringList());
}

void TestCtlBackup::the_passphrase_is_one_line()
{
    QCOMPARE(run(made(u"first"_s), {u"identity"_s, u"export"_s, at(u"key"_s)}, "with blank \r\nmore").status, 0);
    QFile file(at(u"passphrase"_s));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("with blank ") > 0); // no line feed
    file.close();
    QCOMPARE(run(at(u"second"_s), {u"identity"_s, u"import"_s, at(u"key"_s), u"--passphrase-file"_s, file.fileName()})
                 .status,
             0);
    QCOMPARE(run(at(u"third"_s), {u"identity"_s, u"import"_s, at(u"key"_s)}, "with blank\n").status, 1);
    QCOMPARE(
        run(at(u"third"_s), {u"identity"_s, u"import"_s, at(u"key"_s), u"--passphrase-file"_s, at(u"none"_s)}).status,
        1);
}

void TestCtlBackup::a_passphrase_in_a_pipe_that_nobody_fills_is_not_waited_for()
{
    QCOMPARE(::mkfifo(QFile::encodeName(at(u"pipe"_s)).constData(), S_IRUSR | S_IWUSR), 0);
    const Ended ended =
        run(made(u"first"_s), {u"identity"_s, u"export"_s, at(u"key"_s), u"--passphrase-file"_s, at(u"pipe"_s)});
    QCOMPARE(ended.status, 1);
    QVERIFY2(ended.err.contains(u"It is a pipe, and nobody writes into it"_s), qPrintable(ended.err));
}

void TestCtlBackup::a_folder_whose_database_is_a_pipe_is_not_said_to_be_unused_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("queue") << u"queue.sqlite"_s;
    QTest::newRow("node") << u"node.sqlite"_s;
}

void TestCtlBackup::a_folder_whose_database_is_a_pipe_is_not_said_to_be_unused()
{
    QFETCH(const QString, name);
    const QString folder = at(u"second"_s);
    QCOMPARE(Relay(folder).stop().status, 0);
    QFile::remove(folder + u'/' + name);
    QCOMPARE(::mkfifo(QFile::encodeName(folder + u'/' + name).constData(), S_IRUSR | S_IWUSR), 0);
    const Ended ended = run(folder, {u"identity"_s, u"import"_s, made(u"key"_s)});
    QCOMPARE(ended.status, 1);
    QVERIFY2(ended.err.contains(u"It is a pipe, not a file"_s), qPrintable(ended.err));
}

void TestCtlBackup::a_terminal_is_asked_twice_and_shows_nothing()
{
    AtTerminal ctl({u"--data-dir"_s, made(u"first"_s), u"backup"_s, at(u"saved"_s)});
    QTRY_VERIFY_WITH_TIMEOUT(ctl.seen().contains("Passphrase: "), PatienceMs);
    QVERIFY(!ctl.shows());
    ctl.type("correct horse\n");
    QTRY_VERIFY_WITH_TIMEOUT(ctl.seen().contains("Again: "), PatienceMs);
    ctl.type("correct horse\n");
    QCOMPARE(ctl.end(), 0);
    QVERIFY2(!ctl.seen().contains("horse"), ctl.seen());
    QVERIFY(ctl.shows());

    AtTerminal other({u"--data-dir"_s, at(u"second"_s), u"restore"_s, at(u"saved"_s)});
    QTRY_VERIFY_WITH_TIMEOUT(other.seen().contains("Passphrase: "), PatienceMs);
    other.type("correct horse\n");
    QCOMPARE(other.end(), 0); // asked once
    QVERIFY(QFile::exists(at(u"second/identity.key"_s)));
}

void TestCtlBackup::two_different_passphrases_are_none()
{
    AtTerminal ctl({u"--data-dir"_s, made(u"first"_s), u"identity"_s, u"export"_s, at(u"saved"_s)});
    QTRY_VERIFY_WITH_TIMEOUT(ctl.seen().contains("Passphrase: "), PatienceMs);
    ctl.type("correct horse\n");
    QTRY_VERIFY_WITH_TIMEOUT(ctl.seen().contains("Again: "), PatienceMs);
    ctl.type("correct house\n");
    QCOMPARE(ctl.end(), 2);
    QVERIFY(ctl.process.readAllStandardError().contains("not the same"));
    QVERIFY(!QFile::exists(at(u"saved"_s)));
}

void TestCtlBackup::a_question_can_be_interrupted()
{
    AtTerminal ctl({u"--data-dir"_s, at(u"second"_s), u"restore"_s, made(u"saved"_s)});
    QTRY_VERIFY_WITH_TIMEOUT(ctl.seen().contains("Passphrase: "), PatienceMs);
    ctl.type("cor\x03");
    QCOMPARE(ctl.end(), 1);
    QVERIFY(ctl.process.readAllStandardError().contains("Interrupted"));
    QVERIFY(ctl.shows());
    QVERIFY(!QFile::exists(at(u"second"_s)));
}

QTEST_GUILESS_MAIN(TestCtlBackup)
#include "tst_ctlbackup.moc"
