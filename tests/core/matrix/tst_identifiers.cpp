// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/entryid.h"
#include "matrix/servername.h"
#include "matrix/userid.h"
#include "vectors.h"

#include <QtTest/QTest>

using namespace restante;
using namespace restante::matrix;
using namespace Qt::Literals::StringLiterals;

class IdentifiersTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void every_server_name_vector_gives_its_result_data();
    void every_server_name_vector_gives_its_result();
    void every_user_id_vector_gives_its_result_data();
    void every_user_id_vector_gives_its_result();
    void address_literals_are_told_from_names_data();
    void address_literals_are_told_from_names();
    void hosts_and_ports_have_limits_data();
    void hosts_and_ports_have_limits();
    void names_are_compared_byte_for_byte();
    void a_localpart_is_text();
    void an_entry_id_of_zero_is_none();
};

namespace
{

void addVectors(const QString &kind)
{
    QTest::addColumn<QJsonObject>("vector");
    for (const QJsonValue value : test::vectorCases("identifiers")) {
        const QJsonObject vector = value.toObject();
        if (vector.value(QLatin1String("kind")).toString() == kind)
            QTest::newRow(test::textField(vector, "id").constData()) << vector;
    }
}

QByteArray kindName(ServerName::Kind kind)
{
    switch (kind) {
    case ServerName::Kind::Dns:
        return "dns";
    case ServerName::Kind::Ipv4:
        return "ipv4";
    case ServerName::Kind::Ipv6:
        return "ipv6";
    case ServerName::Kind::Ed25519:
        return "ed25519";
    }
    return {};
}

} // namespace

void IdentifiersTest::every_server_name_vector_gives_its_result_data()
{
    QCOMPARE(test::vectorCases("identifiers").size(), 83);
    addVectors(QStringLiteral("server_name"));
}

void IdentifiersTest::every_server_name_vector_gives_its_result()
{
    QFETCH(QJsonObject, vector);
    const QByteArray input = test::textField(vector, "input");
    const auto name = ServerName::parse(input);
    QCOMPARE(name.ok(), vector.value(QLatin1String("valid")).toBool());
    if (!name) {
        QCOMPARE(name.error().code, Errc::InvalidParam);
        return;
    }
    const QJsonObject parsed = vector.value(QLatin1String("parsed")).toObject();
    QCOMPARE(name->bytes(), input);
    QCOMPARE(name->host().toByteArray(), test::textField(parsed, "host"));
    QCOMPARE(kindName(name->kind()), test::textField(parsed, "kind"));
    const QJsonValue port = parsed.value(QLatin1String("port"));
    QCOMPARE(name->port().has_value(), !port.isNull());
    QCOMPARE(int(name->port().value_or(0)), port.toInt());
}

void IdentifiersTest::every_user_id_vector_gives_its_result_data()
{
    addVectors(QStringLiteral("user_id"));
}

void IdentifiersTest::every_user_id_vector_gives_its_result()
{
    QFETCH(QJsonObject, vector);
    const QByteArray input = test::textField(vector, "input");
    const auto strict = UserId::parse(input);
    const auto historical = UserId::parseHistorical(input);
    QCOMPARE(strict.ok(), vector.value(QLatin1String("strict")).toBool());
    QCOMPARE(historical.ok(), vector.value(QLatin1String("historical")).toBool());
    if (!strict)
        QCOMPARE(strict.error().code, Errc::InvalidUsername);
    if (!historical)
        return;
    QCOMPARE(historical->bytes(), input);
    QCOMPARE(historical->localpart().toByteArray(), test::textField(vector, "localpart"));
    QCOMPARE(historical->domain().bytes(), test::textField(vector, "domain"));
}

void IdentifiersTest::address_literals_are_told_from_names_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("kind");
    const std::initializer_list<std::pair<const char *, const char *>> rows{
        {"0.0.0.0", "ipv4"},
        {"255.255.255.255", "ipv4"},
        {"127.0.0.01", "dns"},
        {"1.2.3", "dns"},
        {"1.2.3.4.", "dns"},
        {"1.2.3.0004", "dns"},
        {"0x7f.1", "dns"},
        {"[1:2:3:4:5:6:7:8]", "ipv6"},
        {"[1:2:3:4:5:6:7::]", "ipv6"},
        {"[::2:3:4:5:6:7:8]", "ipv6"},
        {"[1::8]", "ipv6"},
        {"[1::]", "ipv6"},
        {"[1:2:3:4:5:6:1.2.3.4]", "ipv6"},
        {"[::1.2.3.4]", "ipv6"},
        {"[1:2:3:4:5:6:7]", ""},
        {"[1:2:3:4:5:6:7:8::]", ""},
        {"[::1:2:3:4:5:6:7:8]", ""},
        {"[1::2::3]", ""},
        {"[1:]", ""},
        {"[:1]", ""},
        {"[:]", ""},
        {"[12345::]", ""},
        {"[::1.2.3]", ""},
        {"[::1.2.3.256]", ""},
        {"[::01.2.3.4]", ""},
        {"[1.2.3.4::]", ""},
        {"[1:2:3:4:5:6:7:1.2.3.4]", ""},
        {"[fe80::1%eth0]", ""},
        {"[::1", ""},
        {"[", ""},
        {"]", ""},
    };
    for (const auto &[text, kind] : rows)
        QTest::newRow(text) << QByteArray(text) << QByteArray(kind);
}

void IdentifiersTest::address_literals_are_told_from_names()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, kind);
    const auto name = ServerName::parse(text);
    QCOMPARE(name.ok() ? kindName(name->kind()) : QByteArray(), kind);
}

void IdentifiersTest::hosts_and_ports_have_limits_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("valid");
    QTest::newRow("nothing") << QByteArray() << false;
    QTest::newRow("host of 255") << QByteArray(255, 'a') << true;
    QTest::newRow("host of 255 with a port") << QByteArray(255, 'a') + ":65535" << true;
    QTest::newRow("host of 256") << QByteArray(256, 'a') << false;
    QTest::newRow("five digits") << QByteArray("a:00001") << true;
    QTest::newRow("six digits") << QByteArray("a:000001") << false;
    QTest::newRow("zero") << QByteArray("a:0") << true; // the grammar's; nothing answers there
    QTest::newRow("no digit") << QByteArray("a:") << false;
    QTest::newRow("two ports") << QByteArray("a:1:2") << false;
    QTest::newRow("99999") << QByteArray("a:99999") << false;
    QTest::newRow("negative") << QByteArray("a:-1") << false;
    QTest::newRow("space") << QByteArray("a: 1") << false;
}

void IdentifiersTest::hosts_and_ports_have_limits()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, valid);
    QCOMPARE(ServerName::parse(text).ok(), valid);
}

void IdentifiersTest::names_are_compared_byte_for_byte()
{
    const auto lower = ServerName::parse("a.example");
    const auto upper = ServerName::parse("A.example");
    QVERIFY(lower.ok() && upper.ok());
    QVERIFY(*lower != *upper);
    QVERIFY(*lower == *ServerName::parse("a.example"));
    QVERIFY(*upper < *lower);
    QCOMPARE(qHash(*lower), qHash(*ServerName::parse("a.example")));
    QVERIFY(ServerName().isNull());
    QVERIFY(!lower->isNull());
}

void IdentifiersTest::a_localpart_is_text()
{
    QVERIFY(!UserId::parseHistorical("@\xff:a").ok());
    QVERIFY(!UserId::parseHistorical("@\xed\xa0\x80:a").ok());
    QVERIFY(UserId::parseHistorical("@:a").ok());
    QVERIFY(!UserId::parse("@:a").ok());
    QVERIFY(!UserId::parse("@A:a").ok());
}

void IdentifiersTest::an_entry_id_of_zero_is_none()
{
    QVERIFY(EntryId().isNull());
    QVERIFY(!EntryId{1}.isNull());
    QVERIFY(EntryId{1} < EntryId{2});
    QCOMPARE(EntryId::Largest, qint64(9007199254740991));
}

QTEST_GUILESS_MAIN(IdentifiersTest)
#include "tst_identifiers.moc"
