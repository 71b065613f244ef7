// SPDX-License-Identifier: GPL-3.0-or-later
// Collected mail on its way to a homeserver that the test plays.
#include "base/sqlstatement.h"
#include "courierfixture.h"
#include "matrix/eventids.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include <algorithm>

using namespace restante;
using namespace restante::test;
using State = node::Delivery::State;

namespace
{
constexpr qint64 HourMs = 3'600'000;

QJsonObject objectOf(const QString &name)
{
    QFile file(QStringLiteral(RESTANTE_TEST_DATA "/captures/") + name);
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object() : QJsonObject();
}

QByteArray eventId(const QByteArray &pdu)
{
    const auto body = matrix::ScannedObject::scan("{\"p\":" + pdu + "}").value();
    return matrix::possibleEventIds(*body.find("p")).back();
}
} // namespace

class TestCourier : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(sodium_init() >= 0); }
    void init() { f = std::make_unique<CourierFixture>(); }
    void cleanup() { f.reset(); }

    void what_a_homeserver_sent_arrives_to_the_byte();
    void without_a_homeserver_everything_stays();
    void mail_goes_as_its_origin_signed_it();
    void what_is_delivered_leaves_the_inbox_and_does_not_come_again();
    void one_transaction_of_an_origin_is_on_its_way();
    void the_order_is_that_of_the_signed_time();
    void events_go_after_those_before_them();
    void mail_without_proof_waits_and_stops_no_other();
    void a_copy_with_proof_takes_the_place_of_one_without();
    void a_signature_that_does_not_fit_is_no_proof();
    void events_without_proof_wait_unless_the_owner_allows_them_data();
    void events_without_proof_wait_unless_the_owner_allows_them();
    void what_the_owner_allows_goes_in_the_couriers_own_name();
    void events_of_another_server_do_not_pass_with_it();
    void events_without_proof_go_when_all_relays_were_asked();
    void a_proof_that_comes_after_the_events_has_all_of_it_delivered();
    void a_proof_that_comes_before_the_events_go_is_used();
    void a_proof_that_comes_while_the_events_are_sent_is_used();
    void a_signature_that_does_not_fit_is_as_good_as_none();
    void what_was_delivered_without_its_edus_leaves_in_the_end();
    void after_a_crash_events_without_proof_are_sent_again();
    void mail_of_a_key_that_nobody_has_is_for_the_homeserver_to_judge();
    void a_proof_of_another_origin_is_none();
    void an_unknown_key_waits_until_it_is_there();
    void a_busy_homeserver_is_obeyed();
    void no_connection_stops_everything_until_a_wake_up();
    void a_poison_is_parked_and_its_lane_goes_on();
    void what_never_answers_is_parked_too();
    void what_the_homeserver_refuses_is_parked_with_its_words();
    void parked_mail_stays_parked_over_a_restart_until_it_is_retried();
    void that_it_is_being_sent_is_on_disk_before();
    void answers_that_come_together_share_a_commit();
    void a_row_that_cannot_be_taken_out_keeps_no_other_in();
    void what_was_taken_when_the_program_ends_is_on_disk();
    void after_a_crash_it_is_sent_again_data();
    void after_a_crash_it_is_sent_again();
    void a_definite_answer_leaves_no_doubt();
    void what_was_delivered_before_a_crash_leaves_the_inbox();
    void typing_of_long_ago_is_not_delivered();
    void of_one_that_grew_only_the_larger_one_goes();
    void one_that_grew_after_it_was_sent_goes_a_day_later();
    void new_events_of_one_that_grew_go_at_once_if_the_owner_allows_it();
    void what_waits_for_a_day_goes_once_the_owner_allows_it();
    void new_events_that_fail_leave_no_doubt_of_the_whole_data();
    void new_events_that_fail_leave_no_doubt_of_the_whole();
    void a_clock_that_was_ahead_delays_nothing_for_long();
    void delivered_events_can_be_found_again();
    void an_event_that_is_being_sent_can_be_found_already();
    void what_somebody_took_out_is_forgotten();
    void a_database_that_fails_is_asked_now_and_then();
    void another_homeserver_gets_everything_anew();
    void entries_are_read_again_if_there_was_no_room_for_all();

private:
    std::unique_ptr<CourierFixture> f;
};

void TestCourier::what_a_homeserver_sent_arrives_to_the_byte()
{
    f = std::make_unique<CourierFixture>(1'795'339'900'000);
    const auto key = objectOf(QStringLiteral("keys/localhost_18448.json"))
                         .value(QLatin1String("verify_keys"))[QLatin1String("ed25519:a_ujzP")][QLatin1String("key")]
                         .toString()
                         .toLatin1();
    identity::PublicKey publicKey{};
    const QByteArray bytes = QByteArray::fromBase64(key);
    std::copy(bytes.begin(), bytes.end(), publicKey.begin());
    QVERIFY(f->ring.pin(server("localhost:18448"), "ed25519:a_ujzP", publicKey).ok());
    std::vector<node::Collected> mail;
    QMap<QByteArray, QJsonObject> captures; // by target
    const QDir folder(QStringLiteral(RESTANTE_TEST_DATA "/captures"));
    for (const QString &name : folder.entryList({QStringLiteral("txn-*.json")}, QDir::Files)) {
        const QJsonObject capture = objectOf(name);
        const QByteArray target = capture.value(QLatin1String("path")).toString().toLatin1();
        const auto headers = capture.value(QLatin1String("headers")).toArray();
        const auto claim = matrix::XMatrix::parse({headers.at(3)[1].toString().toLatin1()}).value();
        mail.push_back(attested(*f->store, claim.origin.bytes(), target.mid(target.lastIndexOf('/') + 1),
                                QByteArray::fromBase64(capture.value(QLatin1String("body_b64")).toString().toLatin1()),
                                claim.signatures.front().keyId, claim.signatures.front().signature));
        captures.insert(target, capture);
    }
    QCOMPARE(captures.size(), 45);
    f->bring({mail.rbegin(), mail.rend()}); // relays need not keep the order
    f->ownName = server("localhost:28448");
    f->start();
    f->takeAll();
    QCOMPARE(f->caller.asked.size(), 45);
    qint64 lastTs = 0;
    for (const auto &[id, request] : f->caller.asked) {
        const QJsonObject capture = captures.take(request.target);
        QCOMPARE(request.method, QByteArray("PUT"));
        QCOMPARE(request.body, QByteArray::fromBase64(capture.value(QLatin1String("body_b64")).toString().toLatin1()));
        QVERIFY(!request.sign);
        QCOMPARE(request.host, QByteArray("localhost:28448"));
        QCOMPARE(request.peer->baseUrl, QByteArray("http://127.0.0.1:8008"));
        const auto sent = matrix::XMatrix::parse({request.headers.front().second}).value();
        const auto came =
            matrix::XMatrix::parse({capture.value(QLatin1String("headers"))[3][1].toString().toLatin1()}).value();
        QCOMPARE(sent.toHeader(), came.toHeader());
        const qint64 ts =
            QJsonDocument::fromJson(request.body).object().value(QLatin1String("origin_server_ts")).toInteger();
        QVERIFY(ts >= lastTs);
        lastTs = ts;
    }
    QVERIFY(captures.isEmpty());
    QCOMPARE(f->inInbox(), 0);
    QCOMPARE(f->courier->totals().delivered, 45);
}

void TestCourier::without_a_homeserver_everything_stays()
{
    f->bring({attested(*f->store, "a.example", "1", bodyOf("a.example", 10, pdu("x")))});
    f->start({});
    f->look();
    QVERIFY(f->caller.asked.isEmpty());
    QCOMPARE(f->first().state, State::Off);
    QCOMPARE(f->inInbox(), 1);
    QVERIFY(!f->courier->retry({}).ok());
}

void TestCourier::mail_goes_as_its_origin_signed_it()
{
    matrix::Signature signature{};
    signature.fill(7);
    const QByteArray body = bodyOf("a.example", 10, pdu("x"), Typing + ',' + ToDevice);
    f->bring({attested(*f->store, "a.example", "t1", body, "ed25519:k", signature)});
    f->start();
    QCOMPARE(f->caller.asked.size(), 1);
    const auto &request = f->caller.last();
    QCOMPARE(request.target, QByteArray("/_matrix/federation/v1/send/t1"));
    QCOMPARE(request.body, body);
    QCOMPARE(request.headers.size(), size_t(1));
    QCOMPARE(request.headers.front().first, QByteArray("Authorization"));
    QVERIFY(request.headers.front().second.startsWith(
        R"(X-Matrix origin="a.example",destination="b.example",key="ed25519:k",sig="BwcH)"));
    QCOMPARE(f->first().state, State::Sending);
}

void TestCourier::what_is_delivered_leaves_the_inbox_and_does_not_come_again()
{
    const auto mail = attested(*f->store, "a.example", "1", bodyOf("a.example", 10, pdu("x")));
    f->bring({mail});
    f->start();
    f->answerLast(200, "{}"); // without `pdus`, as some homeservers answer
    QCOMPARE(f->inInbox(), 0);
    QCOMPARE(f->courier->totals().delivered, 1);
    f->bring({mail}, "other.example");
    auto again = mail; // the same from a sender that draws a new id for each attempt
    again.txnId = "2";
    f->bring({again}, "third.example");
    QCOMPARE(f->caller.asked.size(), 1);
    QCOMPARE(f->inInbox(), 0);
}

void TestCourier::one_transaction_of_an_origin_is_on_its_way()
{
    std::vector<node::Collected> mail;
    for (const QByteArray &origin : QByteArrayList{"a", "b", "c", "d", "e"}) {
        for (int i = 1; i <= 2; ++i)
            mail.push_back(attested(*f->store, origin, origin + QByteArray::number(i),
                                    bodyOf(origin, i, pdu(origin + QByteArray::number(i)))));
    }
    f->bring(mail);
    f->start();
    QCOMPARE(f->sent(), (QByteArrayList{"a1", "b1", "c1", "d1"}));
    f->caller.answer(1, 200, "{}");
    f->settle();
    QCOMPARE(f->sent().last(), QByteArray("e1"));
    f->takeAll();
    QCOMPARE(f->caller.asked.size(), 10);
    QCOMPARE(f->inInbox(), 0);
}

void TestCourier::the_order_is_that_of_the_signed_time()
{
    auto late = attested(*f->store, "a", "late", bodyOf("a", 300, pdu("x")));
    late.originServerTs = 0; // a relay that loses it
    f->bring({late, attested(*f->store, "a", "early", bodyOf("a", 100, pdu("y")))});
    f->start();
    f->takeAll();
    QCOMPARE(f->sent(), (QByteArrayList{"early", "late"}));
}

void TestCourier::events_go_after_those_before_them()
{
    const QByteArray before = pdu("before");
    f->bring({attested(*f->store, "a", "after", bodyOf("a", 10, pdu("after", eventId(before)))),
              attested(*f->store, "c", "before", bodyOf("c", 20, before))});
    f->start();
    QCOMPARE(f->sent(), (QByteArrayList{"before"}));
    QCOMPARE(f->first().state, State::After);
    QVERIFY(f->first().reason.contains(QStringLiteral("mail of c")));
    f->takeAll();
    QCOMPARE(f->sent(), (QByteArrayList{"before", "after"}));
}

void TestCourier::mail_without_proof_waits_and_stops_no_other()
{
    f->bring({unattested(attested(*f->store, "a", "1", bodyOf("a", 10, pdu("x")))),
              attested(*f->store, "a", "2", bodyOf("a", 20, pdu("y")))});
    f->start();
    QCOMPARE(f->sent(), (QByteArrayList{"2"}));
    QCOMPARE(f->first().state, State::NoProof);
    QVERIFY(f->first().reason.startsWith(QStringLiteral("no proof of its sender")));
    QCOMPARE(f->courier->totals().withoutProof, 1);
    f->takeAll();
    QCOMPARE(f->inInbox(), 1);
}

void TestCourier::a_copy_with_proof_takes_the_place_of_one_without()
{
    const auto mail = attested(*f->store, "a", "1", bodyOf("a", 10, pdu("x"), ToDevice));
    f->bring({unattested(mail, "[" + ToDevice + "]")});
    f->start();
    QVERIFY(f->caller.asked.isEmpty());
    f->bring({unattested(mail, "[" + ToDevice + "]")}, "second.example");
    QVERIFY(f->caller.asked.isEmpty());
    f->bring({mail}, "third.example");
    QCOMPARE(f->sent(), (QByteArrayList{"1"}));
    QCOMPARE(f->courier->totals().withoutProof, 0);
    f->takeAll();
    QCOMPARE(f->inInbox(), 0);
    QCOMPARE(f->store->totals()->bytes, 0);
}

void TestCourier::a_signature_that_does_not_fit_is_no_proof()
{
    identity::PublicKey key{};
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
    crypto_sign_keypair(key.data(), secret.data());
    QVERIFY(f->ring.pin(server("a"), "ed25519:1", key).ok());
    const QByteArray body = bodyOf("a", 10, pdu("x"));
    const auto forged = attested(*f->store, "a", "1", body);
    f->bring({forged});
    f->start();
    QVERIFY(f->caller.asked.isEmpty());
    QCOMPARE(f->first().state, State::NoProof);
    f->start();
    QCOMPARE(f->first().state, State::NoProof); // also after a restart

    const QByteArray covered =
        matrix::signedRequestBytes("PUT", "/_matrix/federation/v1/send/1", server("a"), f->ownName, body);
    matrix::Signature signature{};
    crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const unsigned char *>(covered.constData()),
                         size_t(covered.size()), secret.data());
    f->bring({attested(*f->store, "a", "1", body, "ed25519:1", signature)}, "honest.example");
    QCOMPARE(f->sent(), (QByteArrayList{"1"}));
}

void TestCourier::events_without_proof_wait_unless_the_owner_allows_them_data()
{
    QTest::addColumn<QByteArray>("relay");
    QTest::addColumn<QByteArray>("origin");
    QTest::addColumn<QByteArray>("pdus");
    QTest::addColumn<bool>("goes");
    const QByteArray event = pdu("x");
    QTest::newRow("this origin by this relay") << QByteArray("r.example") << QByteArray("a.example") << event << true;
    QTest::newRow("another relay") << QByteArray("s.example") << QByteArray("a.example") << event << false;
    QTest::newRow("another origin") << QByteArray("r.example") << QByteArray("c.example") << event << false;
    QTest::newRow("no events") << QByteArray("r.example") << QByteArray("a.example") << QByteArray() << false;
}

void TestCourier::events_without_proof_wait_unless_the_owner_allows_them()
{
    QFETCH(QByteArray, relay);
    QFETCH(QByteArray, origin);
    QFETCH(QByteArray, pdus);
    QFETCH(bool, goes);
    const auto mail = attested(*f->store, "a.example", "1", bodyOf("a.example", 10, pdus, ToDevice));
    f->bring({unattested(mail, "[" + ToDevice + "]")}, "r.example");
    f->start();
    QCOMPARE(f->first().state, State::NoProof); // allowed is nothing
    f->courier->setUnproven({{server(relay), server(origin)}});
    f->settle();
    QCOMPARE(f->caller.asked.size(), goes ? 1 : 0);
    QCOMPARE(f->first().state, goes ? State::Sending : State::NoProof);
}

void TestCourier::what_the_owner_allows_goes_in_the_couriers_own_name()
{
    f->unproven = {{server("r.example"), server("a.example")}};
    const QByteArray event = pdu("x");
    const auto mail = attested(*f->store, "a.example", "1", bodyOf("a.example", 10, event, ToDevice));
    f->bring({unattested(mail, "[" + ToDevice + "]")});
    f->start();
    const auto &request = f->caller.last();
    const auto claim = matrix::XMatrix::parse({request.headers.front().second}).value();
    QCOMPARE(claim.origin, f->own.name());
    QCOMPARE(claim.destination, f->ownName);
    const QByteArray covered =
        matrix::signedRequestBytes("PUT", request.target, f->own.name(), f->ownName, request.body);
    const auto &signature = claim.signatures.front().signature;
    QCOMPARE(crypto_sign_verify_detached(signature.data(), reinterpret_cast<const unsigned char *>(covered.constData()),
                                         static_cast<unsigned long long>(covered.size()), f->own.publicKey().data()),
             0);
    const QJsonObject body = QJsonDocument::fromJson(request.body).object();
    QCOMPARE(body.keys(), (QStringList{QStringLiteral("origin"), QStringLiteral("origin_server_ts"),
                                       QStringLiteral("pdus")})); // EDUs have no signature of their own
    QVERIFY(request.body.contains("\"pdus\":[" + event + "]"));

    f->answerLast(200);
    QCOMPARE(f->first().state, State::EventsOnly);
    QCOMPARE(f->first().nextMs, 0);
    QCOMPARE(f->courier->totals().withoutProof, 1);
    QCOMPARE(f->courier->totals().waiting, 0);
    QCOMPARE(f->inInbox(), 1);
    QCOMPARE(f->store->deliveredById(eventId(event))->size(), size_t(1));
    f->start();
    QCOMPARE(f->first().state, State::EventsOnly);
    f->courier->setUnproven({});
    f->settle();
    QCOMPARE(f->first().state, State::EventsOnly);
    QCOMPARE(f->caller.asked.size(), 1);
}

void TestCourier::events_of_another_server_do_not_pass_with_it()
{
    f->unproven = {{server("r.example"), server("c.example")}};
    const QByteArray theirs = pdu("x"); // of a.example
    const QByteArray own = QByteArray(pdu("y")).replace("@u:a.example", "@u:c.example");
    f->bring({unattested(attested(*f->store, "c.example", "1", bodyOf("c.example", 10, theirs + ',' + own))),
              unattested(attested(*f->store, "c.example", "2", bodyOf("c.example", 11, pdu("z"))))});
    f->start();
    QCOMPARE(f->caller.asked.size(), 1);
    QVERIFY(f->caller.last().body.contains("\"pdus\":[" + own + "]"));
    f->takeAll();
    QCOMPARE(f->caller.asked.size(), 1);
    QCOMPARE(f->inInbox(), 2);
}

void TestCourier::events_without_proof_go_when_all_relays_were_asked()
{
    f->unproven = {{server("r.example"), server("a.example")}};
    f->swept = false; // another relay may have it with its proof
    f->bring({unattested(attested(*f->store, "a.example", "1", bodyOf("a.example", 10, pdu("x"))))});
    f->start();
    f->courier->noteSwept(false);
    f->look();
    QVERIFY(f->caller.asked.isEmpty());
    QCOMPARE(f->first().state, State::NoProof);
    f->courier->noteSwept(true);
    f->look();
    QCOMPARE(f->caller.asked.size(), 1);
}

void TestCourier::a_proof_that_comes_after_the_events_has_all_of_it_delivered()
{
    f->unproven = {{server("r.example"), server("a.example")}};
    const auto mail = attested(*f->store, "a.example", "1", bodyOf("a.example", 10, pdu("x"), ToDevice));
    const auto other = attested(*f->store, "a.example", "2", bodyOf("a.example", 11, pdu("y")));
    f->bring({unattested(mail, "[" + ToDevice + "]"), unattested(other)});
    f->start();
    f->takeAll();
    QCOMPARE(f->caller.asked.size(), 2);
    f->bring({mail}, "honest.example");
    QCOMPARE(f->caller.asked.size(), 3); // the other one's events do not go again
    QCOMPARE(f->sent().last(), QByteArray("1"));
    QVERIFY(f->caller.last().body.contains("m.direct_to_device"));
    f->takeAll();
    QCOMPARE(f->inInbox(), 1);
    QCOMPARE(f->first().state, State::EventsOnly);
}

void TestCourier::a_proof_that_comes_before_the_events_go_is_used()
{
    f->unproven = {{server("r.example"), server("a.example")}};
    const auto mail = attested(*f->store, "a.example", "1", bodyOf("a.example", 10, pdu("x"), ToDevice));
    f->bring({unattested(mail, "[" + ToDevice + "]")});
    f->start();
    f->answerLast(429); // the courier's own lane waits
    f->bring({mail}, "honest.example");
    f->pass(HourMs);
    QCOMPARE(f->caller.asked.size(), 2);
    QCOMPARE(f->sent().last(), QByteArray("1"));
    f->takeAll();
    QCOMPARE(f->inInbox(), 0);
}

void TestCourier::a_proof_that_comes_while_the_events_are_sent_is_used()
{
    f->unproven = {{server("r.example"), server("a.example")}};
    const auto mail = attested(*f->store, "a.example", "1", bodyOf("a.example", 10, pdu("x"), ToDevice));
    f->bring({unattested(mail, "[" + ToDevice + "]")});
    f->start();
    f->bring({mail}, "honest.example");
    QCOMPARE(f->caller.asked.size(), 1);
    f->answerLast(200);
    QCOMPARE(f->caller.asked.size(), 2);
    QCOMPARE(f->sent().last(), QByteArray("1"));
    f->takeAll();
    QCOMPARE(f->inInbox(), 0);
}

void TestCourier::a_signature_that_does_not_fit_is_as_good_as_none()
{
    f->unproven = {{server("r.example"), server("a.example")}};
    QVERIFY(f->ring.pin(server("a.example"), "ed25519:1", f->own.publicKey()).ok());
    f->bring({attested(*f->store, "a.example", "1", bodyOf("a.example", 10, pdu("x"), ToDevice))});
    f->start();
    QCOMPARE(f->caller.asked.size(), 1);
    QVERIFY(f->sent().first().startsWith("restante."));
    f->takeAll();
    QCOMPARE(f->first().state, State::EventsOnly);
}

void TestCourier::what_was_delivered_without_its_edus_leaves_in_the_end()
{
    f->unproven = {{server("r.example"), server("a.example")}};
    f->bring({unattested(attested(*f->store, "a.example", "1", bodyOf("a.example", 10, pdu("x"))))});
    f->start();
    f->takeAll();
    f->pass(60 * 24 * HourMs - 1);
    f->courier->wake();
    f->settle();
    QCOMPARE(f->inInbox(), 1);
    f->pass(1);
    f->courier->wake();
    f->settle();
    QCOMPARE(f->inInbox(), 0);
    QCOMPARE(f->courier->totals().withoutProof, 0);
    QCOMPARE(f->caller.asked.size(), 1);
}

void TestCourier::after_a_crash_events_without_proof_are_sent_again()
{
    f->unproven = {{server("r.example"), server("a.example")}};
    const QByteArray event = pdu("x");
    f->bring({unattested(attested(*f->store, "a.example", "1", bodyOf("a.example", 10, event, ToDevice)),
                         "[" + ToDevice + "]")});
    f->start();
    f->clock.advance(72 * HourMs);
    f->start();
    QCOMPARE(f->caller.asked.size(), 2);
    QVERIFY(f->caller.last().body.contains(event) && !f->caller.last().body.contains("m.direct_to_device"));
}

void TestCourier::mail_of_a_key_that_nobody_has_is_for_the_homeserver_to_judge()
{
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 10, pdu("x")))});
    f->start();
    QCOMPARE(f->sent(), (QByteArrayList{"1"}));
}

void TestCourier::a_proof_of_another_origin_is_none()
{
    auto mail = attested(*f->store, "a", "1", bodyOf("a", 10, pdu("x")));
    mail.origin = server("liar");
    f->bring({mail});
    f->start();
    QVERIFY(f->caller.asked.isEmpty());
    QVERIFY(f->first().reason.contains(QStringLiteral("its proof is of a")));
}

void TestCourier::an_unknown_key_waits_until_it_is_there()
{
    identity::PublicKey key{};
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
    crypto_sign_keypair(key.data(), secret.data());
    const QByteArray body = bodyOf("a", 10, pdu("x"));
    const QByteArray covered =
        matrix::signedRequestBytes("PUT", "/_matrix/federation/v1/send/1", server("a"), f->ownName, body);
    matrix::Signature signature{};
    crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const unsigned char *>(covered.constData()),
                         size_t(covered.size()), secret.data());
    f->bring({attested(*f->store, "a", "1", body, "ed25519:1", signature)});
    f->start();
    f->answerLast(401, R"({"errcode":"M_UNAUTHORIZED","error":"No key"})");
    QCOMPARE(f->first().state, State::NoKey);
    QCOMPARE(f->first().nextMs, f->clock.wallMs() + 60'000);
    QVERIFY(f->first().reason.contains(QStringLiteral("No key")));
    f->look();
    QCOMPARE(f->caller.asked.size(), 1);
    QVERIFY(f->ring.pin(server("a"), "ed25519:1", key).ok());
    f->look();
    QCOMPARE(f->caller.asked.size(), 2);
    f->answerLast(401);
    f->look();
    QCOMPARE(f->caller.asked.size(), 2); // the key was there already
    f->bring({attested(*f->store, "a", "2", bodyOf("a", 20, pdu("y")), "ed25519:1")});
    QCOMPARE(f->sent(), (QByteArrayList{"1", "1", "1"}));
    f->answerLast(401);
    f->pass(HourMs);
    QCOMPARE(f->sent().size(), 4);
}

void TestCourier::a_busy_homeserver_is_obeyed()
{
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 10, pdu("x")))});
    f->start();
    f->caller.answer(0, 429, R"({"errcode":"M_LIMIT_EXCEEDED"})", {{"retry-after", "7"}});
    f->settle();
    QCOMPARE(f->first().state, State::Busy);
    f->pass(6'999);
    QCOMPARE(f->caller.asked.size(), 1);
    f->pass(1);
    QCOMPARE(f->caller.asked.size(), 2);
}

void TestCourier::no_connection_stops_everything_until_a_wake_up()
{
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 10, pdu("x"))),
              attested(*f->store, "c", "2", bodyOf("c", 20, pdu("y")))});
    f->start();
    QCOMPARE(f->caller.asked.size(), 2);
    for (qsizetype at = 0; at < 2; ++at)
        f->caller.answer(at, Error{Errc::Unreachable, QStringLiteral("nobody listens there"), 0, true});
    f->settle();
    QCOMPARE(f->first().state, State::Stopped);
    QVERIFY(f->courier->totals().trouble.contains(QStringLiteral("nobody listens there")));
    f->look();
    QCOMPARE(f->caller.asked.size(), 2);
    QVERIFY(f->store->deliveries()->empty()); // it cannot have arrived
    f->courier->wake();
    f->settle();
    QVERIFY(f->caller.asked.size() > 2);
    f->takeAll();
    QCOMPARE(f->inInbox(), 0);
    QCOMPARE(f->courier->totals().trouble, QString());
}

void TestCourier::a_poison_is_parked_and_its_lane_goes_on()
{
    f->bring(
        {attested(*f->store, "a", "poison", bodyOf("a", 10, {}, R"({"content":{},"edu_type":"m.direct_to_device"})")),
         attested(*f->store, "a", "good", bodyOf("a", 20, pdu("x")))});
    f->start();
    for (int i = 1; i <= 5; ++i) {
        QCOMPARE(f->sent().last(), QByteArray("poison"));
        f->answerLast(500, R"({"errcode":"M_UNKNOWN","error":"Internal server error"})");
        if (i < 5) {
            QCOMPARE(f->first().state, State::Failing);
            f->pass(10'000);
        }
    }
    QCOMPARE(f->caller.last().target, QByteArray("/_matrix/federation/v1/version")); // is it the homeserver?
    QVERIFY(!f->caller.last().sign);
    f->answerLast(200, R"({"server":{}})");
    QCOMPARE(f->first().state, State::Parked);
    QVERIFY(f->first().reason.contains(QStringLiteral("Internal server error")));
    QCOMPARE(f->sent().last(), QByteArray("good"));
    f->answerLast(200);
    QCOMPARE(f->courier->totals().parked, 1);
    QCOMPARE(f->courier->totals().waiting, 0);
    QCOMPARE(f->inInbox(), 1);
}

void TestCourier::what_never_answers_is_parked_too()
{
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 10, pdu("x"))),
              attested(*f->store, "a", "2", bodyOf("a", 20, pdu("y")))});
    f->start();
    for (int i = 1; i <= 5; ++i) {
        f->caller.fail(f->caller.asked.size() - 1);
        f->settle();
        if (i < 5)
            f->pass(10'000);
    }
    f->answerLast(200, "{}");
    QCOMPARE(f->first().state, State::Parked);
    QCOMPARE(f->sent().last(), QByteArray("2"));
}

void TestCourier::what_the_homeserver_refuses_is_parked_with_its_words()
{
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 10, pdu("x")))});
    f->start();
    f->answerLast(403, R"({"errcode":"M_FORBIDDEN","error":"Federation denied\nwith a"})");
    QCOMPARE(f->first().state, State::Parked);
    QVERIFY2(
        f->first().reason.startsWith(QStringLiteral("the homeserver answered 403, M_FORBIDDEN, Federation denied")),
        qPrintable(f->first().reason));
    QVERIFY(!f->first().reason.contains(QLatin1Char('\n')));
}

void TestCourier::parked_mail_stays_parked_over_a_restart_until_it_is_retried()
{
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 10, pdu("x")))});
    f->start();
    f->answerLast(400);
    f->start();
    QCOMPARE(f->first().state, State::Parked);
    QCOMPARE(f->caller.asked.size(), 1);
    const qint64 id = f->store->page(0, 1)->rows.first().id;
    QCOMPARE(*f->courier->retry({id + 1}), 0);
    QCOMPARE(*f->courier->retry({id}), 1);
    f->settle();
    QCOMPARE(f->caller.asked.size(), 2);
    f->answerLast(400);
    QCOMPARE(*f->courier->retry({}), 1);
    f->settle();
    f->answerLast(200);
    QCOMPARE(f->inInbox(), 0);
    QVERIFY(f->store->deliveries()->empty());
}

void TestCourier::that_it_is_being_sent_is_on_disk_before()
{
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 10, pdu("x")))});
    f->start();
    QCOMPARE(f->caller.asked.size(), 1);
    const auto rows = f->store->deliveries();
    QCOMPARE(rows->size(), size_t(1));
    QCOMPARE(rows->front().state, node::DeliveryRow::State::Sending);
    QCOMPARE(rows->front().sinceMs, f->clock.wallMs());
}

void TestCourier::answers_that_come_together_share_a_commit()
{
    std::vector<node::Collected> mail;
    for (const QByteArray &origin : QByteArrayList{"a", "b", "c", "d"}) {
        for (int i = 1; i <= 2; ++i)
            mail.push_back(attested(*f->store, origin, origin + QByteArray::number(i),
                                    bodyOf(origin, i, pdu(origin + QByteArray::number(i)))));
    }
    f->bring(mail);
    f->start();
    QCOMPARE(f->caller.waiting(), 4);
    const int before = f->changes; // it tells of each turn, and a turn has one commit
    for (int at = 0; at < 4; ++at)
        f->caller.answer(at, 200, "{}");
    QCOMPARE(f->inInbox(), 8); // nothing is written in between
    f->settle();
    QCOMPARE(f->changes, before + 1);
    QCOMPARE(f->inInbox(), 4);
    QCOMPARE(f->sent().mid(4), (QByteArrayList{"a2", "b2", "c2", "d2"}));
    QCOMPARE(f->store->deliveries()->size(), size_t(4)); // those that are being sent
}

void TestCourier::a_row_that_cannot_be_taken_out_keeps_no_other_in()
{
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 10, pdu("x"))),
              attested(*f->store, "c", "1", bodyOf("c", 11, pdu("y")))});
    f->start();
    base::ConnectionOptions options;
    options.database = f->folder.filePath(QStringLiteral("node.sqlite"));
    auto database = base::Database::open(options);
    QVERIFY(database.ok());
    QVERIFY(
        (*database)->run(QStringLiteral("CREATE TRIGGER stays BEFORE DELETE ON inbox WHEN old.origin_server_ts = 10 "
                                        "BEGIN SELECT RAISE(ABORT, 'stays'); END")));
    f->caller.answer(0, 200, "{}");
    f->caller.answer(1, 200, "{}");
    f->settle();
    QCOMPARE(f->inInbox(), 1);
    QCOMPARE(f->store->deliveries()->front().state, node::DeliveryRow::State::Done);
    f->look();
    QCOMPARE(f->caller.asked.size(), 2); // it is not sent again
    QVERIFY((*database)->run(QStringLiteral("DROP TRIGGER stays")));
    f->look();
    QCOMPARE(f->inInbox(), 0);
    QVERIFY(f->store->deliveries()->empty());
}

void TestCourier::what_was_taken_when_the_program_ends_is_on_disk()
{
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 10, {}, ToDevice))});
    f->start();
    f->caller.answerLast(200);
    f->courier.reset(); // before its turn came
    QCOMPARE(f->inInbox(), 0);
    QVERIFY(*f->store->sentMs(server("a"), "1"));
}

void TestCourier::after_a_crash_it_is_sent_again_data()
{
    QTest::addColumn<QByteArray>("pdus");
    QTest::addColumn<QByteArray>("edus");
    QTest::addColumn<qint64>("hours");
    QTest::addColumn<bool>("again");
    QTest::newRow("events, soon") << pdu("x") << QByteArray() << qint64(1) << true;
    QTest::newRow("events, days later") << pdu("x") << QByteArray() << qint64(72) << true;
    QTest::newRow("events and EDUs, days later") << pdu("x") << ToDevice << qint64(72) << true;
    QTest::newRow("EDUs, while the homeserver remembers their id") << QByteArray() << ToDevice << qint64(23) << true;
    QTest::newRow("EDUs, later") << QByteArray() << ToDevice << qint64(25) << false;
}

void TestCourier::after_a_crash_it_is_sent_again()
{
    QFETCH(QByteArray, pdus);
    QFETCH(QByteArray, edus);
    QFETCH(qint64, hours);
    QFETCH(bool, again);
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 10, pdus, edus))});
    f->start();
    QCOMPARE(f->caller.asked.size(), 1);
    f->clock.advance(hours * HourMs);
    f->start(); // no answer had come
    QCOMPARE(f->caller.asked.size(), again ? 2 : 1);
    if (again) {
        QCOMPARE(f->caller.asked.at(1).request.body, f->caller.asked.at(0).request.body);
        QCOMPARE(f->caller.asked.at(1).request.target, f->caller.asked.at(0).request.target);
        f->answerLast(200);
    }
    QCOMPARE(f->courier->totals().skipped, again ? 0 : 1);
    QCOMPARE(f->inInbox(), 0);
}

void TestCourier::a_definite_answer_leaves_no_doubt()
{
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 10, {}, ToDevice))});
    f->start();
    f->answerLast(401);
    QVERIFY(f->store->deliveries()->empty());
    f->clock.advance(72 * HourMs);
    f->start();
    QCOMPARE(f->caller.asked.size(), 2); // it never arrived
    f->caller.fail(1);                   // perhaps it did
    f->settle();
    QCOMPARE(f->store->deliveries()->size(), size_t(1));
    f->pass(HourMs);
    f->answerLast(401); // which says nothing about the attempt before
    QCOMPARE(f->store->deliveries()->size(), size_t(1));
}

void TestCourier::what_was_delivered_before_a_crash_leaves_the_inbox()
{
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 10, pdu("x")))});
    const qint64 id = f->store->page(0, 1)->rows.first().id;
    QVERIFY(f->store->keepTaken({id, server("a"), "1", {}}).ok()); // and then the power went
    f->start();
    QVERIFY(f->caller.asked.isEmpty());
    QCOMPARE(f->inInbox(), 0);
    QVERIFY(f->store->deliveries()->empty());
}

void TestCourier::typing_of_long_ago_is_not_delivered()
{
    const qint64 now = f->clock.wallMs();
    f->bring({attested(*f->store, "a", "old", bodyOf("a", now - 601'000, {}, Typing)),
              attested(*f->store, "a", "new", bodyOf("a", now - 599'000, {}, Typing)),
              attested(*f->store, "a", "device", bodyOf("a", now - 601'000, {}, Typing + ',' + ToDevice)),
              attested(*f->store, "a", "event", bodyOf("a", now - 601'000, pdu("x"), Typing))});
    f->start();
    f->takeAll();
    QCOMPARE(f->sent(), (QByteArrayList{"device", "event", "new"}));
    QCOMPARE(f->courier->totals().skipped, 1);
    QCOMPARE(f->inInbox(), 0);
}

void TestCourier::of_one_that_grew_only_the_larger_one_goes()
{
    const auto small = attested(*f->store, "a", "1", bodyOf("a", 10, pdu("x")));
    const auto large = attested(*f->store, "a", "1", bodyOf("a", 11, pdu("x") + ',' + pdu("y"), ToDevice));
    const auto other = attested(*f->store, "c", "1", bodyOf("c", 11, pdu("x"))); // of somebody else
    f->bring({small, large, other});
    f->start();
    f->takeAll();
    QCOMPARE(f->caller.asked.size(), 2);
    QVERIFY(f->caller.asked.at(0).request.body.contains("m.direct_to_device"));
    QCOMPARE(f->courier->totals().skipped, 1);
    QCOMPARE(f->inInbox(), 0);
    f->bring({small}, "late.example"); // it is done with
    QCOMPARE(f->inInbox(), 0);
}

void TestCourier::one_that_grew_after_it_was_sent_goes_a_day_later()
{
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 10, pdu("x")))});
    f->start();
    f->answerLast(200);
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 11, pdu("x"), ToDevice)),
              attested(*f->store, "a", "2", bodyOf("a", 12, pdu("z")))});
    f->takeAll();
    QCOMPARE(f->sent(), (QByteArrayList{"1", "2"})); // others go on
    QCOMPARE(f->first().state, State::Later);
    QCOMPARE(f->first().nextMs, f->clock.wallMs() + 25 * HourMs);
    f->start(); // which is remembered
    QCOMPARE(f->first().state, State::Later);
    f->pass(25 * HourMs - 1);
    QCOMPARE(f->caller.asked.size(), 2);
    f->clock.advance(1);
    f->courier->wake();
    f->settle();
    QCOMPARE(f->sent(), (QByteArrayList{"1", "2", "1"}));
    f->takeAll();
    QCOMPARE(f->inInbox(), 0);
}

void TestCourier::new_events_of_one_that_grew_go_at_once_if_the_owner_allows_it()
{
    f->unproven = {{server("r.example"), server("a.example")}};
    f->bring({attested(*f->store, "a.example", "1", bodyOf("a.example", 10, pdu("x")))});
    f->start();
    f->answerLast(200);
    const QByteArray grown = bodyOf("a.example", 11, pdu("x") + ',' + pdu("y"), ToDevice);
    f->bring({attested(*f->store, "a.example", "1", grown)});
    QCOMPARE(f->caller.asked.size(), 2);
    const federation::Request early = f->caller.last();
    QVERIFY(f->sent().last() != "1");
    QCOMPARE(matrix::XMatrix::parse({early.headers.front().second})->origin, f->own.name());
    QVERIFY(early.body.contains("\"pdus\":[" + pdu("y") + ']')); // nothing twice
    QVERIFY(!early.body.contains("edus"));
    f->answerLast(200);
    QCOMPARE(f->first().state, State::Later);
    QCOMPARE(f->courier->totals().delivered, 1);
    f->start(); // which is remembered
    QCOMPARE(f->first().state, State::Later);
    QVERIFY(!f->courier->given(eventId(pdu("y")))->empty());
    f->courier->setUnproven({});
    f->courier->setUnproven(f->unproven); // has it looked at again
    f->settle();
    f->pass(25 * HourMs - 1);
    QCOMPARE(f->caller.asked.size(), 2);
    f->clock.advance(1);
    f->courier->wake();
    f->settle();
    QCOMPARE(f->sent().last(), QByteArray("1"));
    QCOMPARE(f->caller.last().body, grown);
    f->takeAll();
    QCOMPARE(f->inInbox(), 0);
}

void TestCourier::what_waits_for_a_day_goes_once_the_owner_allows_it()
{
    f->bring({attested(*f->store, "a.example", "1", bodyOf("a.example", 10, pdu("x")))});
    f->start();
    f->answerLast(200);
    f->bring({attested(*f->store, "a.example", "1", bodyOf("a.example", 11, pdu("x") + ',' + pdu("y")))});
    QCOMPARE(f->caller.asked.size(), 1); // a ban of their server must not be passed by unless the owner wants that
    f->courier->setUnproven({{server("r.example"), server("other.example")}});
    f->settle();
    QCOMPARE(f->caller.asked.size(), 1);
    f->courier->setUnproven({{server("r.example"), server("a.example")}});
    f->settle();
    QCOMPARE(f->caller.asked.size(), 2);
    QVERIFY(f->caller.last().body.contains(pdu("y")));
}

void TestCourier::new_events_that_fail_leave_no_doubt_of_the_whole_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<bool>("crash");
    QTest::newRow("refused") << 403 << false;
    QTest::newRow("no key") << 401 << false;
    QTest::newRow("failed") << 500 << false;
    QTest::newRow("no answer") << 0 << false;
    QTest::newRow("crash") << 0 << true;
}

void TestCourier::new_events_that_fail_leave_no_doubt_of_the_whole()
{
    QFETCH(int, status);
    QFETCH(bool, crash);
    f->unproven = {{server("r.example"), server("a.example")}};
    f->bring({attested(*f->store, "a.example", "1", bodyOf("a.example", 10, pdu("x")))});
    f->start();
    f->answerLast(200);
    f->bring({attested(*f->store, "a.example", "1", bodyOf("a.example", 11, pdu("y"), ToDevice))});
    QCOMPARE(f->caller.asked.size(), 2);
    if (crash)
        f->start();
    else if (status)
        f->answerLast(status, R"({"errcode":"M_UNKNOWN"})");
    else
        f->caller.answer(1, Error{Errc::Unreachable, QStringLiteral("No answer"), 0, false});
    f->settle();
    for (int hour = 1; hour < 25; ++hour) {
        f->pass(HourMs);
        f->courier->wake();
        f->settle();
        QCOMPARE(f->sent().count("1"), 1); // the homeserver would answer from memory, and drop it
        if (f->caller.waits(f->caller.asked.size() - 1))
            f->answerLast(500, "{}");
    }
    for (int hour = 0; hour < 4 && f->sent().last() != "1"; ++hour) { // a lane may pause for an hour
        f->pass(HourMs);
        f->courier->wake();
        f->settle();
        if (f->sent().last() != "1" && f->caller.waits(f->caller.asked.size() - 1))
            f->answerLast(500, "{}");
    }
    QCOMPARE(f->sent().last(), QByteArray("1"));
    f->takeAll();
    QCOMPARE(f->inInbox(), 0);
}

void TestCourier::a_clock_that_was_ahead_delays_nothing_for_long()
{
    const qint64 right = f->clock.wallMs();
    f->clock.setWall(right + 10'000 * HourMs);
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 10, pdu("x")))});
    f->start();
    f->answerLast(200);
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 11, pdu("x"), ToDevice))});
    QCOMPARE(f->first().state, State::Later);
    f->clock.setWall(right);
    f->start();
    QCOMPARE(f->first().nextMs, right + 25 * HourMs);
    for (int times = 0; times < 2; ++times) { // then it is known since when that is not known
        f->pass(25 * HourMs);
        f->courier->wake();
        f->settle();
    }
    QCOMPARE(f->sent(), (QByteArrayList{"1", "1"}));
}

void TestCourier::delivered_events_can_be_found_again()
{
    const QByteArray good = pdu("good");
    const QByteArray bad = pdu("bad");
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 10, good + ',' + bad))});
    f->start();
    f->answerLast(200, R"({"pdus":{")" + eventId(good) + R"(":{},")" + eventId(bad) + R"(":{"error":"not allowed"}}})");
    QCOMPARE(f->inInbox(), 0);
    QCOMPARE(f->courier->totals().refusedEvents, 1);
    const auto found = f->store->deliveredById(eventId(bad));
    QCOMPARE(found->size(), size_t(1));
    QCOMPARE(found->front().pdu, bad);
    QCOMPARE(found->front().error, QStringLiteral("not allowed"));
    QCOMPARE(found->front().origin, server("a"));
    QCOMPARE(f->store->deliveredById(eventId(good))->front().error, QString());
    QCOMPARE(f->store->deliveredOfRoom(QStringLiteral("!r:a.example"), 5, 10)->size(), size_t(2));
    QVERIFY(f->store->deliveredOfRoom(QStringLiteral("!r:a.example"), 6, 10)->empty());
}

void TestCourier::an_event_that_is_being_sent_can_be_found_already()
{
    const QByteArray event = pdu("x");
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 10, event))});
    f->start();
    QCOMPARE(f->courier->given(eventId(event))->front().pdu, event); // homeservers may ask before they answer
    QVERIFY(f->store->deliveredById(eventId(event))->empty());
    f->caller.answerLast(200);
    QCOMPARE(f->courier->given(eventId(event))->size(), size_t(1)); // nor while that waits to be written
    f->settle();
    QCOMPARE(f->courier->given(eventId(event))->size(), size_t(1));
    QVERIFY(f->courier->given("$other")->empty());
}

void TestCourier::what_somebody_took_out_is_forgotten()
{
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 10, pdu("x"))),
              attested(*f->store, "a", "2", bodyOf("a", 20, pdu("y"))),
              unattested(attested(*f->store, "a", "3", bodyOf("a", 30, pdu("z"))))});
    f->start();
    f->answerLast(400);
    QCOMPARE(f->courier->totals().parked, 1);
    QCOMPARE(*f->store->remove({}), 3);
    f->look();
    QCOMPARE(f->courier->totals().parked, 0);
    QCOMPARE(f->courier->totals().withoutProof, 0);
    f->answerLast(429); // the one that was on its way
    f->pass(HourMs);
    QCOMPARE(f->courier->totals().waiting, 0);
    QCOMPARE(f->caller.asked.size(), 2);
}

void TestCourier::a_database_that_fails_is_asked_now_and_then()
{
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 10, pdu("x")))});
    f->start();
    f->answerLast(401); // so that something is due by time alone
    base::ConnectionOptions options;
    options.database = f->folder.filePath(QStringLiteral("node.sqlite"));
    auto database = base::Database::open(options);
    QVERIFY(database.ok());
    base::SqlStatement away(**database, QStringLiteral("ALTER TABLE inbox RENAME TO away"));
    QVERIFY(away.run().ok());
    f->clock.advance(HourMs);
    f->courier->lookAgain();
    f->courier->wake();
    f->settle();
    QVERIFY(!f->courier->totals().trouble.isEmpty());
    const int before = f->changes;
    f->settle();
    QCOMPARE(f->changes, before);
    QCOMPARE(f->caller.asked.size(), 1);
}

void TestCourier::another_homeserver_gets_everything_anew()
{
    f->bring({attested(*f->store, "a", "1", bodyOf("a", 10, pdu("x")))});
    f->start();
    f->courier->setHomeserver("http://127.0.0.1:9000");
    f->settle();
    QCOMPARE(f->caller.cancelled.size(), 1);
    QCOMPARE(f->caller.asked.size(), 2);
    QCOMPARE(f->caller.last().peer->baseUrl, QByteArray("http://127.0.0.1:9000"));
    f->courier->setHomeserver({});
    f->settle();
    QCOMPARE(f->caller.waiting(), 0);
    QCOMPARE(f->first().state, State::Off);
}

void TestCourier::entries_are_read_again_if_there_was_no_room_for_all()
{
    std::vector<node::Collected> mail;
    const int many = courier::Lanes::MostOfOrigin + 50;
    for (int i = 0; i < many; ++i)
        mail.push_back(attested(*f->store, "a", QByteArray::number(i), bodyOf("a", i + 1, pdu(QByteArray::number(i)))));
    f->bring(mail);
    f->start();
    QTRY_COMPARE(f->courier->totals().waiting, qint64(courier::Lanes::MostOfOrigin));
    QList<qint64> most;
    const auto page = f->store->page(0, many - 60);
    for (const node::InboxRow &row : page->rows)
        most.append(row.id);
    QCOMPARE(*f->store->remove(most), many - 60); // which takes no time, as deliveries would
    while (f->inInbox() > 0) {
        QTRY_COMPARE(f->caller.waiting(), 1);
        f->answerLast(200);
    }
    QCOMPARE(f->sent().size(), 61);
    QCOMPARE(f->sent().at(1), QByteArray::number(many - 60));
    QCOMPARE(f->sent().last(), QByteArray::number(many - 1));
}

QTEST_GUILESS_MAIN(TestCourier)
#include "tst_courier.moc"
