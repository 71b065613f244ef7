// SPDX-License-Identifier: GPL-3.0-or-later
// The ids of events, from the events alone: what a homeserver sent names them as those before the next ones.
#include "matrix/eventids.h"
#include "vectors.h"

#include <QtCore/QSet>
#include <QtTest/QTest>

#include <sodium.h>

#include <algorithm>

using namespace restante;
using namespace restante::test;

namespace
{

matrix::ScannedObject scanned(const QByteArray &text)
{
    return matrix::ScannedObject::scan(text).value();
}

std::vector<QByteArray> idsOf(const QByteArray &pdu)
{
    const auto body = scanned("{\"p\":" + pdu + "}");
    return matrix::possibleEventIds(*body.find("p"));
}

} // namespace

class EventIdsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(sodium_init() >= 0); }
    void the_events_of_a_homeserver_lead_to_each_other();
    void the_id_of_a_message_is_the_hash_of_what_redaction_leaves();
    void what_redaction_leaves_depends_on_the_version_data();
    void what_redaction_leaves_depends_on_the_version();
    void an_event_of_an_old_room_says_its_id();
    void those_before_are_read_in_both_spellings();
    void what_is_no_event_has_no_id();
};

void EventIdsTest::the_events_of_a_homeserver_lead_to_each_other()
{
    QSet<QByteArray> made;
    QList<QByteArray> named;
    for (const Capture &capture : captures()) {
        const auto body = scanned(capture.body);
        for (const auto &pdu : matrix::elementsOf(*body.find("pdus"), 50)) {
            for (const QByteArray &id : matrix::previousEventIds(pdu))
                named.append(id);
            const auto ids = matrix::possibleEventIds(pdu);
            QVERIFY(!ids.empty() && ids.size() <= 10);
            made += QSet<QByteArray>(ids.begin(), ids.end());
        }
    }
    const auto known =
        std::count_if(named.begin(), named.end(), [&](const QByteArray &id) { return made.contains(id); });
    QVERIFY2(named.size() > 80, qPrintable(QString::number(named.size())));
    // Some follow events that another server made, or that were sent before.
    QVERIFY2(known > named.size() * 9 / 10, qPrintable(QStringLiteral("%1 of %2").arg(known).arg(named.size())));
}

void EventIdsTest::the_id_of_a_message_is_the_hash_of_what_redaction_leaves()
{
    const QByteArray left = R"({"auth_events":[],"content":{},"depth":1,"hashes":{"sha256":"x"},)"
                            R"("origin_server_ts":1,"prev_events":[],"room_id":"!r:a","sender":"@u:a",)"
                            R"("type":"m.room.message"})";
    QByteArray hash(crypto_hash_sha256_BYTES, Qt::Uninitialized);
    crypto_hash_sha256(reinterpret_cast<unsigned char *>(hash.data()),
                       reinterpret_cast<const unsigned char *>(left.constData()), size_t(left.size()));
    const QByteArray id = '$' + hash.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
    QByteArray event = left;
    event.replace("\"content\":{}", R"("unsigned":{"age":4},"signatures":{"a":{"k":"s"}},"content":{"body":"hi"})");
    const auto ids = idsOf(event);
    QVERIFY(std::find(ids.begin(), ids.end(), id) != ids.end());
}

void EventIdsTest::what_redaction_leaves_depends_on_the_version_data()
{
    QTest::addColumn<QByteArray>("event");
    QTest::addColumn<int>("hashes"); // different ones
    const auto row = [](const char *name, const QByteArray &rest, int hashes) {
        QTest::newRow(name) << QByteArray("{\"room_id\":\"!r:a\"," + rest + "}") << hashes;
    };
    row("a message", R"("type":"m.room.message","content":{"body":"x"})", 1);
    row("a message with origin, as before version 11", R"("type":"m.room.message","origin":"a","content":{})", 2);
    row("an alias", R"("type":"m.room.aliases","content":{"aliases":[]})", 2);
    row("a member", R"("type":"m.room.member","content":{"membership":"join","displayname":"x"})", 1);
    row("a member that another server let in",
        R"("type":"m.room.member","content":{"join_authorised_via_users_server":"@u:a"})", 2);
    row("the invitation of a third party",
        R"("type":"m.room.member","content":{"third_party_invite":{"display_name":"x","signed":{"a":1}}})", 2);
    row("who may join", R"("type":"m.room.join_rules","content":{"allow":[],"join_rule":"restricted"})", 2);
    row("power levels", R"("type":"m.room.power_levels","content":{"ban":50,"invite":50})", 2);
    row("a redaction", R"("type":"m.room.redaction","content":{"redacts":"$x"})", 2);
    row("a room is made", R"("type":"m.room.create","content":{"creator":"@u:a","room_version":"10"})", 2);
}

void EventIdsTest::what_redaction_leaves_depends_on_the_version()
{
    QFETCH(QByteArray, event);
    QFETCH(int, hashes);
    QSet<QByteArray> found;
    for (const QByteArray &id : idsOf(event))
        found.insert(QByteArray(id).replace('+', '-').replace('/', '_'));
    QCOMPARE(int(found.size()), hashes);
}

void EventIdsTest::an_event_of_an_old_room_says_its_id()
{
    QCOMPARE(idsOf(R"({"event_id":"$1:a.example","type":"m.x"})").front(), QByteArray("$1:a.example"));
    const auto ids =
        idsOf(R"({"event_id":"$hashOfAnother","type":"m.x"})"); // nobody takes an event's place by saying so
    QVERIFY(std::find(ids.begin(), ids.end(), QByteArray("$hashOfAnother")) == ids.end());
}

void EventIdsTest::those_before_are_read_in_both_spellings()
{
    const auto body = scanned(R"({"p":{"prev_events":["$a",["$b:x",{"sha256":"h"}],7]},"q":{"prev_events":"$a"}})");
    QCOMPARE(matrix::previousEventIds(*body.find("p")), (std::vector<QByteArray>{"$a", "$b:x"}));
    QVERIFY(matrix::previousEventIds(*body.find("q")).empty());
}

void EventIdsTest::what_is_no_event_has_no_id()
{
    QVERIFY(idsOf("[1]").empty());
    QVERIFY(idsOf("\"x\"").empty());
}

QTEST_GUILESS_MAIN(EventIdsTest)
#include "tst_eventids.moc"
