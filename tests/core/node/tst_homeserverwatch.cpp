// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakeclock.h"
#include "identity/secretkey.h"
#include "node/homeserverwatch.h"
#include "samples.h"

#include <QtTest/QTest>

using namespace restante;
using namespace restante::test;

class TestHomeserverWatch : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_changes = 0;
        m_watch = std::make_unique<node::HomeserverWatch>(m_clock, server("a.example"), "ed25519:a_1",
                                                          m_key.publicKey(), [this] { ++m_changes; });
    }

    void a_homeserver_with_our_name_and_key_is_no_trouble();
    void when_the_homeserver_asked_last_is_known();
    void another_name_is_told_with_both_names_and_what_to_do();
    void another_key_is_told_with_both_keys();
    void it_is_over_when_the_homeserver_has_our_name();
    void a_wrong_secret_is_told_until_a_right_one_comes();
    void another_key_of_the_same_name_is_told_until_a_signature_fits();
    void a_signature_is_looked_at_once_a_minute_while_all_is_well();
    void a_trouble_that_comes_and_goes_fills_no_log();

private:
    static matrix::XMatrix claim(const QByteArray &origin, const QByteArray &keyId)
    {
        matrix::XMatrix made;
        made.origin = server(origin);
        made.signatures.push_back({keyId, {}});
        return made;
    }

    /// A request with this body, signed with `key`.
    void ask(const identity::SecretKey &key, const QByteArray &body = {})
    {
        matrix::XMatrix made = claim("a.example", "ed25519:a_1");
        made.destination = server("b.example");
        made.signatures[0].signature =
            key.sign(matrix::signedRequestBytes("PUT", "/x", made.origin, made.destination, body));
        m_watch->noteSigned(made);
        m_watch->noteWhole(made, "PUT", "/x", body);
    }

    const identity::SecretKey m_key = identity::SecretKey::generate();
    const identity::SecretKey m_other = identity::SecretKey::generate();
    FakeClock m_clock;
    int m_changes = 0;
    std::unique_ptr<node::HomeserverWatch> m_watch;
};

void TestHomeserverWatch::a_homeserver_with_our_name_and_key_is_no_trouble()
{
    m_watch->noteSecret(true);
    m_watch->noteSigned(claim("a.example", "ed25519:a_1"));
    QCOMPARE(m_watch->trouble().identity, QString());
    QCOMPARE(m_watch->trouble().secret, QString());
    QCOMPARE(m_changes, 0);
}

void TestHomeserverWatch::when_the_homeserver_asked_last_is_known()
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("without the secret")));
    m_watch->noteSecret(false);
    QCOMPARE(m_watch->lastRequestMs(), 0);
    m_watch->noteSecret(true);
    QCOMPARE(m_watch->lastRequestMs(), m_clock.wallMs());
}

void TestHomeserverWatch::another_name_is_told_with_both_names_and_what_to_do()
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("calls itself b.example.*is a.example")));
    m_watch->noteSigned(claim("b.example", "ed25519:b_1"));
    m_watch->noteSigned(claim("b.example", "ed25519:b_1"));
    const QString told = m_watch->trouble().identity;
    QVERIFY(told.contains(QStringLiteral("b.example")));
    QVERIFY(told.contains(QStringLiteral("this installation is a.example")));
    QVERIFY(told.contains(QStringLiteral("identity import SIGNING_KEY_FILE --server-name b.example")));
    QCOMPARE(m_changes, 1);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("calls itself c.example")));
    m_watch->noteSigned(claim("c.example", "ed25519:b_1"));
    QCOMPARE(m_changes, 2);
}

void TestHomeserverWatch::another_key_is_told_with_both_keys()
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("a.example signs with the key ed25519:b_1")));
    m_watch->noteSigned(claim("a.example", "ed25519:b_1"));
    QVERIFY(m_watch->trouble().identity.contains(QStringLiteral("ed25519:a_1")));
    QCOMPARE(m_changes, 1);
}

void TestHomeserverWatch::it_is_over_when_the_homeserver_has_our_name()
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("calls itself")));
    m_watch->noteSigned(claim("b.example", "ed25519:a_1"));
    m_watch->noteSigned(claim("a.example", "ed25519:a_1"));
    QCOMPARE(m_watch->trouble().identity, QString());
    QCOMPARE(m_changes, 2);
}

void TestHomeserverWatch::a_wrong_secret_is_told_until_a_right_one_comes()
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("node.secret")));
    m_watch->noteSecret(false);
    m_watch->noteSecret(false);
    QVERIFY(m_watch->trouble().secret.contains(QStringLiteral("worker_replication_secret")));
    QCOMPARE(m_changes, 1);
    m_watch->noteSecret(true);
    QCOMPARE(m_watch->trouble().secret, QString());
    QCOMPARE(m_changes, 2);
}

void TestHomeserverWatch::another_key_of_the_same_name_is_told_until_a_signature_fits()
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("signs with another key")));
    ask(m_other, R"({"a":1})");
    QVERIFY(m_watch->trouble().identity.contains(QStringLiteral("identity import SIGNING_KEY_FILE")));
    ask(m_other);
    m_watch->noteSigned(claim("a.example", "ed25519:a_1")); // which says nothing about the key itself
    QVERIFY(!m_watch->trouble().identity.isEmpty());
    QCOMPARE(m_changes, 1);
    ask(m_key, R"({"a":1})");
    QCOMPARE(m_watch->trouble().identity, QString());
    QCOMPARE(m_changes, 2);
}

void TestHomeserverWatch::a_signature_is_looked_at_once_a_minute_while_all_is_well()
{
    ask(m_key);
    ask(m_other);
    QCOMPARE(m_changes, 0);
    m_clock.advance(node::HomeserverWatch::ProofPauseMs);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("signs with another key")));
    ask(m_other);
    QCOMPARE(m_changes, 1);
}

/// As when two programs ask by turns, one with the right secret.
void TestHomeserverWatch::a_trouble_that_comes_and_goes_fills_no_log()
{
    static QStringList lines;
    lines.clear();
    const auto before = qInstallMessageHandler(
        [](QtMsgType, const QMessageLogContext &, const QString &message) { lines.append(message); });
    constexpr int rounds = 750;
    for (int i = 0; i < rounds; ++i) {
        m_watch->noteSecret(false);
        m_watch->noteSecret(true);
    }
    const qsizetype flood = lines.size();
    m_watch->noteSigned(claim("b.example", "ed25519:b_1"));
    const qsizetype other = lines.size() - flood;
    m_clock.advance(node::HomeserverWatch::StretchMs);
    m_watch->noteSecret(false);
    qInstallMessageHandler(before);
    QVERIFY(flood > 0);
    QVERIFY2(flood <= node::HomeserverWatch::MostLines, qPrintable(QString::number(flood)));
    QCOMPARE(other, 1); // another trouble is told all the same
    QVERIFY2(lines.last().contains(QStringLiteral("node.secret")), qPrintable(lines.last()));
    QVERIFY2(lines.last().endsWith(QStringLiteral("more of this kind before it)")), qPrintable(lines.last()));
    QCOMPARE(m_changes, 2 * rounds + 2); // the status is told each time
}

QTEST_GUILESS_MAIN(TestHomeserverWatch)
#include "tst_homeserverwatch.moc"
