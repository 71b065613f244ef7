// SPDX-License-Identifier: GPL-3.0-or-later
// Whom the desk asks for keys, how often, and what it makes of the answers; without a network.
#include "fakeclock.h"
#include "federation/keydesk.h"
#include "identity/identity.h"
#include "identity/keydocument.h"
#include "matrix/canonicaljson.h"

#include <QtCore/QRegularExpression>
#include <QtTest/QTest>

#include <optional>

using namespace restante;
using namespace restante::federation;
using namespace restante::test;
using namespace Qt::Literals::StringLiterals;

namespace
{
constexpr qint64 Minute = 60'000;
constexpr qint64 Second = 1'000;

matrix::ServerName name(const QByteArray &text)
{
    return *matrix::ServerName::parse(text);
}

identity::Identity server(const QByteArray &text, const QByteArray &keyId = "ed25519:a")
{
    return identity::Identity::of(name(text), keyId, identity::SecretKey::generate()).value();
}

using Answer = std::optional<Result<KeyDesk::Keys>>;

struct Scene {
    struct Sent {
        Request request;
        Caller::Done done;
    };

    explicit Scene(const KeyLookup::Options &options = {{name("relay.example")}, {}})
        : desk(
              [this](Request request, Caller::Done done) {
                  sent.push_back({std::move(request), std::move(done)});
              },
              ring, options, clock)
    {
    }

    std::shared_ptr<Answer> ask(const QByteArray &server, const QByteArray &keyId = "ed25519:a",
                                const QByteArray &addressKey = {})
    {
        auto answer = std::make_shared<Answer>();
        desk.fetch(name(server), keyId, addressKey, [answer](Result<KeyDesk::Keys> keys) {
            QVERIFY(!*answer);
            answer->emplace(std::move(keys));
        });
        return answer;
    }
    void reply(size_t which, const Result<Response> &answer) { sent[which].done(answer); }
    void replyDocument(size_t which, const identity::Identity &of)
    {
        reply(which, Response{200, {}, of.keyDocument(clock.wallMs())});
    }
    /// What a notary says of `of`.
    QByteArray notarised(const identity::Identity &of, const identity::Identity &notary) const
    {
        const QByteArray document = of.keyDocument(clock.wallMs());
        const auto object = matrix::ScannedObject::scan(document).value();
        QByteArray bare;
        QByteArray signatures;
        for (const auto &member : object.members()) {
            if (member.key == "signatures")
                signatures = member.value.text.sliced(1).toByteArray();
            else
                bare += (bare.isEmpty() ? "" : ",") + matrix::jsonString(member.key) + ':' +
                        member.value.text.toByteArray();
        }
        const auto signature = notary.signBytes('{' + bare + '}');
        const QByteArray text =
            QByteArray(reinterpret_cast<const char *>(signature.data()), qsizetype(signature.size()))
                .toBase64(QByteArray::OmitTrailingEquals);
        return R"({"server_keys":[{)" + bare + ",\"signatures\":{" + matrix::jsonString(notary.name().bytes()) + ":{" +
               matrix::jsonString(notary.keyId()) + ":\"" + text + "\"}," + signatures + "}]}";
    }

    FakeClock clock;
    identity::KeyRing ring{clock, nullptr};
    std::vector<Sent> sent;
    KeyDesk desk;
};

bool failedWith(const std::shared_ptr<Answer> &answer, Errc code)
{
    return *answer && !(*answer)->ok() && (*answer)->error().code == code;
}

bool succeeded(const std::shared_ptr<Answer> &answer)
{
    return *answer && (*answer)->ok();
}
} // namespace

class KeyDeskTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void the_server_itself_is_asked_first()
    {
        Scene scene;
        const auto origin = server("origin.example:8448");
        const auto answer = scene.ask("origin.example:8448");
        QVERIFY(!*answer);
        QCOMPARE(scene.sent.size(), size_t(1));
        const Request &request = scene.sent[0].request;
        QCOMPARE(request.destination, origin.name());
        QCOMPARE(request.method, "GET");
        QCOMPARE(request.target, "/_matrix/key/v2/server");
        QVERIFY(!request.sign && request.body.isNull() && !request.peer);
        scene.replyDocument(0, origin);
        QVERIFY(succeeded(answer));
        QCOMPARE((*answer)->value().size(), size_t(1));
        QVERIFY(scene.ring.find(origin.name(), "ed25519:a").key == origin.publicKey());
    }

    void some_names_are_never_asked_data()
    {
        QTest::addColumn<QByteArray>("server");
        QTest::newRow("our own") << QByteArray("relay.example");
        QTest::newRow("a key") << QByteArray(64, 'a');
    }
    void some_names_are_never_asked()
    {
        QFETCH(const QByteArray, server);
        Scene scene;
        QVERIFY(failedWith(scene.ask(server), Errc::BadSignature));
        QVERIFY(scene.sent.empty());
    }

    void a_failure_is_for_now_or_for_good_data()
    {
        QTest::addColumn<int>("status"); // 0: no answer
        QTest::addColumn<int>("error");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<bool>("forNow");
        const auto status = [](const char *tag, int code, const char *body, bool forNow) {
            QTest::newRow(tag) << code << 0 << QByteArray(body) << forNow;
        };
        const auto error = [](const char *tag, Errc code, bool forNow) {
            QTest::newRow(tag) << 0 << int(code) << QByteArray() << forNow;
        };
        status("500", 500, "{}", true);
        status("503", 503, "{}", true);
        status("429", 429, "{}", true);
        status("408", 408, "{}", true);
        status("404", 404, "{}", false);
        status("401", 401, "{}", false);
        status("204", 204, "", false);
        status("no document", 200, "{}", false);
        status("no JSON", 200, "<html>", false);
        error("no such name", Errc::NotFound, true);
        error("address refused", Errc::AddressRefused, true);
        error("bad answer", Errc::BadAnswer, false);
        error("unreachable", Errc::Unreachable, true);
        error("certificate", Errc::CertificateRefused, true);
        error("authorities that cannot be read here", Errc::AuthoritiesUnreadable, true);
        error("busy", Errc::Busy, true);
    }
    void a_failure_is_for_now_or_for_good()
    {
        QFETCH(const int, status);
        QFETCH(const int, error);
        QFETCH(const QByteArray, body);
        QFETCH(const bool, forNow);
        Scene scene;
        const auto answer = scene.ask("origin.example");
        scene.reply(0,
                    status ? Result<Response>(Response{status, {}, body}) : Result<Response>(Errc(error), QString()));
        QVERIFY(failedWith(answer, forNow ? Errc::KeyUnavailable : Errc::BadSignature));
        QVERIFY(failedWith(scene.ask("origin.example"), forNow ? Errc::KeyUnavailable : Errc::BadSignature));
        QCOMPARE(scene.sent.size(), size_t(1));
    }

    void why_a_key_could_not_be_fetched_is_told_data()
    {
        QTest::addColumn<int>("status"); // 0: no answer
        QTest::addColumn<QString>("words");
        QTest::addColumn<QString>("told");
        QTest::newRow("status") << 503 << QString() << u"it answered with status 503"_s;
        QTest::newRow("a sentence") << 0 << u"Its certificate has expired"_s << u"its certificate has expired"_s;
        QTest::newRow("an abbreviation") << 0 << u"TLS is too old"_s << u"TLS is too old"_s;
    }
    void why_a_key_could_not_be_fetched_is_told()
    {
        QFETCH(const int, status);
        QFETCH(const QString, words);
        QFETCH(QString, told);
        told.prepend(u"the keys of origin.example could not be fetched: "_s);
        Scene scene;
        scene.ring.setOwners({}, {name("origin.example")});
        const auto answer = scene.ask("origin.example");
        QTest::ignoreMessage(QtInfoMsg, qPrintable(told)); // in the log
        scene.reply(0,
                    status ? Result<Response>(Response{status, {}, "{}"}) : Result<Response>(Errc::Unreachable, words));
        QCOMPARE((*answer)->error().detail, told); // to whom the operator named
        QCOMPARE((*scene.ask("origin.example"))->error().detail, told);
        const auto listing = scene.ring.list({}, 10); // to the operator
        QCOMPARE(listing.failed.size(), size_t(1));
        QCOMPARE(listing.failed[0].server, name("origin.example"));
        QCOMPARE(listing.failed[0].reason, told);
        QCOMPARE(listing.failed[0].failedMs, scene.clock.wallMs());

        scene.clock.advance(KeyDesk::FirstPauseMs);
        scene.ask("origin.example");
        scene.replyDocument(1, server("origin.example"));
        QVERIFY(scene.ring.list({}, 10).failed.empty());
    }

    /// Otherwise anybody could make names that lead anywhere, and look around inside this network.
    void strangers_are_told_the_same_whatever_a_name_leads_to()
    {
        Scene scene;
        QList<Error> told;
        const auto ask = [&](Errc code, const QString &why) {
            const auto answer = scene.ask("a.example", "ed25519:" + QByteArray::number(scene.sent.size()));
            QTest::ignoreMessage(QtInfoMsg, QRegularExpression(why));
            scene.reply(scene.sent.size() - 1, Error{code, why, 0});
            told.append((*answer)->error());
            scene.clock.advance(Minute);
        };
        ask(Errc::NotFound, u"there is no server of this name"_s);
        ask(Errc::AddressRefused, u"its name leads to an address that is not allowed"_s);
        ask(Errc::Unreachable, u"it refused the connection"_s);
        ask(Errc::CertificateRefused, u"its certificate has expired"_s);
        for (const Error &error : std::as_const(told)) {
            QCOMPARE(error.code, Errc::KeyUnavailable);
            QCOMPARE(error.detail, u"the keys of a.example could not be fetched"_s);
        }
    }

    void what_a_stranger_provokes_says_nothing_of_a_name_data()
    {
        QTest::addColumn<int>("status"); // 0: no answer
        QTest::newRow("nobody there") << 0;
        QTest::newRow("not found") << 404;
    }
    void what_a_stranger_provokes_says_nothing_of_a_name()
    {
        QFETCH(const int, status);
        const auto failed = status ? Result<Response>(Response{status, {}, "{}"})
                                   : Result<Response>(Errc::Unreachable, u"Nobody there"_s);
        Scene scene;
        const auto owner = server("owner.example");
        scene.ring.setOwners({owner.name()});
        for (int i = 0; i < 20; ++i) { // a bogus key, again and again
            const auto bogus = scene.ask("owner.example", "ed25519:bogus" + QByteArray::number(i), "stranger");
            scene.reply(scene.sent.size() - 1, failed);
            QVERIFY(failedWith(bogus, Errc::KeyUnavailable));
            const auto owned = scene.ask("owner.example", "ed25519:a", "owner");
            QVERIFY(failedWith(owned, Errc::KeyUnavailable));
            QVERIFY((*owned)->error().retryAfterMs <= KeyDesk::FavouredPauseMs);
            scene.clock.advance(KeyDesk::FavouredPauseMs);
        }
        const auto back = scene.ask("owner.example", "ed25519:a", "owner");
        QVERIFY(!*back);
        scene.replyDocument(scene.sent.size() - 1, owner);
        QVERIFY(succeeded(back));

        // For an unknown name it is a verdict for the one that asked.
        const auto stranger = scene.ask("new.example", "ed25519:bogus", "stranger");
        scene.reply(scene.sent.size() - 1, failed);
        scene.clock.advance(KeyDesk::LeastPauseMs);
        const size_t before = scene.sent.size();
        QVERIFY(*scene.ask("new.example", "ed25519:bogus", "stranger"));
        QCOMPARE(scene.sent.size(), before);
        QVERIFY(!*scene.ask("new.example", "ed25519:bogus", "elsewhere"));
        scene.reply(before, failed);
        scene.clock.advance(KeyDesk::LeastPauseMs);
        QVERIFY(!*scene.ask("new.example", "ed25519:a", "stranger"));
    }

    void nobody_makes_a_server_be_asked_without_pause()
    {
        Scene scene;
        int asked = 0;
        for (int i = 0; i < 100; ++i) { // from an address each
            const size_t before = scene.sent.size();
            const auto answer = scene.ask("victim.example", "ed25519:a", "address" + QByteArray::number(i));
            if (scene.sent.size() > before) {
                ++asked;
                scene.reply(before, Error{Errc::Unreachable, u"Nobody there"_s, 0});
            }
            QVERIFY(failedWith(answer, Errc::KeyUnavailable));
            scene.clock.advance(KeyDesk::LeastPauseMs / 10);
        }
        QCOMPARE(asked, 10);
    }

    void a_server_whose_mail_is_wanted_is_asked_again_within_seconds_data()
    {
        QTest::addColumn<QString>("who");
        QTest::addColumn<bool>("soon");
        QTest::newRow("served") << u"owner"_s << true;
        QTest::newRow("a named sender") << u"named"_s << true;
        QTest::newRow("one that signed before") << u"proven"_s << true;
        QTest::newRow("a stranger") << u"stranger"_s << false;
    }
    void a_server_whose_mail_is_wanted_is_asked_again_within_seconds()
    {
        QFETCH(const QString, who);
        QFETCH(const bool, soon);
        Scene scene;
        const QByteArray text = who.toLatin1() + ".example";
        const auto origin = server(text);
        if (who == u"proven") {
            scene.ring.remember(identity::checkKeyDocument(origin.keyDocument(scene.clock.wallMs()), origin.name(),
                                                           scene.clock.wallMs())
                                    .value());
            scene.ring.prove(origin.name());
        }
        scene.ring.setOwners({name("owner.example")}, {name("named.example")});
        // It knocks every second for five minutes while its server is still down.
        constexpr int seconds = 300;
        for (int second = 0; second < seconds; ++second) {
            const size_t before = scene.sent.size();
            const auto answer = scene.ask(text, "ed25519:b");
            if (scene.sent.size() > before)
                scene.reply(before, Error{Errc::Unreachable, u"It refused the connection"_s, 0});
            QVERIFY(failedWith(answer, Errc::KeyUnavailable));
            scene.clock.advance(1'000);
        }
        const auto asked = int(scene.sent.size());
        const int most = seconds * 1'000 / int(KeyDesk::FavouredPauseMs);
        QVERIFY2(soon ? asked == most : asked <= 8, qPrintable(QString::number(asked)));
    }

    void who_waits_is_told_when_the_server_is_asked_again()
    {
        Scene scene;
        scene.ask("origin.example");
        scene.reply(0, Error{Errc::Unreachable, u"Nobody there"_s, 0});
        scene.clock.advance(1'000);
        const auto answer = scene.ask("origin.example");
        QCOMPARE((*answer)->error().retryAfterMs, KeyDesk::FirstOutageMs - 1'000);
    }

    void failures_that_strangers_cause_fill_no_log()
    {
        Scene scene;
        static int lines;
        lines = 0;
        const auto before = qInstallMessageHandler([](QtMsgType type, const QMessageLogContext &, const QString &text) {
            lines += type == QtInfoMsg && text.contains(u"could not be fetched"_s) ? 1 : 0;
        });
        const auto failOnce = [&scene](int n) {
            scene.ask("s" + QByteArray::number(n) + ".example");
            scene.reply(scene.sent.size() - 1, Error{Errc::Unreachable, u"Nobody there"_s, 0});
        };
        for (int n = 0; n < 3 * KeyDesk::MostLoggedFailures; ++n)
            failOnce(n);
        const int first = lines;
        scene.clock.advance(KeyDesk::LoggedStretchMs);
        failOnce(1'000);
        qInstallMessageHandler(before);
        QCOMPARE(first, KeyDesk::MostLoggedFailures);
        QCOMPARE(lines, first + 1);
    }

    void a_document_of_another_server_does_not_stand()
    {
        Scene scene;
        const auto answer = scene.ask("origin.example");
        scene.replyDocument(0, server("other.example"));
        QVERIFY(failedWith(answer, Errc::BadSignature));
        QVERIFY(scene.ring.usableKeys(name("other.example")).empty());
    }

    void all_who_wait_for_one_server_ask_once()
    {
        Scene scene;
        const auto origin = server("origin.example");
        const auto first = scene.ask("origin.example");
        const auto second = scene.ask("origin.example", "ed25519:b");
        const auto other = scene.ask("other.example");
        QCOMPARE(scene.sent.size(), size_t(2));
        scene.replyDocument(0, origin);
        QVERIFY(succeeded(first) && succeeded(second));
        QVERIFY(!*other);
    }

    void a_server_that_fails_is_asked_more_and_more_rarely_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QList<int>>("seconds");
        QTest::newRow("for good") << 404 << QList<int>{60, 120, 240, 480, 960, 1920, 3600, 3600};
        QTest::newRow("for now") << 500 << QList<int>{5, 10, 20, 40, 80, 120, 120};
    }
    void a_server_that_fails_is_asked_more_and_more_rarely()
    {
        QFETCH(const int, status);
        QFETCH(const QList<int>, seconds);
        Scene scene;
        scene.ask("origin.example");
        scene.reply(0, Response{status, {}, {}});
        for (const int pause : seconds) {
            const size_t before = scene.sent.size();
            scene.clock.advance(pause * Second - 1);
            QVERIFY(*scene.ask("origin.example"));
            QCOMPARE(scene.sent.size(), before);
            scene.clock.advance(1);
            scene.ask("origin.example");
            QCOMPARE(scene.sent.size(), before + 1);
            scene.reply(before, Response{status, {}, {}});
        }
    }

    void the_keys_of_a_served_owner_are_looked_up_when_it_is_added()
    {
        Scene scene;
        const auto pinned = server("pinned.example");
        QVERIFY(scene.ring.pin(pinned.name(), pinned.keyId(), pinned.publicKey()).ok());
        QList<matrix::ServerName> served{name("before.example")};
        scene.ring.setOwners(served);
        scene.desk.setServed(served); // when the program starts
        QVERIFY(scene.sent.empty());
        const auto owner = server("owner.example");
        served += {owner.name(), pinned.name(), name(QByteArray(64, 'a'))};
        scene.ring.setOwners(served);
        scene.desk.setServed(served);
        QCOMPARE(scene.sent.size(), size_t(1));
        scene.replyDocument(0, owner);
        QVERIFY(scene.ring.find(owner.name(), owner.keyId()).key == owner.publicKey());
        scene.desk.setServed(served);
        QCOMPARE(scene.sent.size(), size_t(1));
    }

    void a_key_that_a_server_has_just_made_is_asked_for_soon_data()
    {
        QTest::addColumn<bool>("proven");
        QTest::newRow("a stranger") << false;
        QTest::newRow("one that signed before") << true;
    }
    void a_key_that_a_server_has_just_made_is_asked_for_soon()
    {
        QFETCH(const bool, proven);
        Scene scene;
        scene.ask("origin.example");
        scene.replyDocument(0, server("origin.example"));
        if (proven)
            scene.ring.prove(name("origin.example"));
        const auto renewed = server("origin.example", "ed25519:b");
        const auto early = scene.ask("origin.example", "ed25519:b");
        QVERIFY(failedWith(early, Errc::KeyUnavailable)); // it may be good: nobody was asked yet
        QVERIFY((*early)->error().retryAfterMs > 0 && (*early)->error().retryAfterMs <= KeyDesk::OtherKeyMs);
        scene.clock.advance((*early)->error().retryAfterMs);
        const auto late = scene.ask("origin.example", "ed25519:b");
        QCOMPARE(scene.sent.size(), size_t(2));
        scene.replyDocument(1, renewed);
        QVERIFY(succeeded(late));
        QVERIFY(scene.ring.find(renewed.name(), "ed25519:b").key == renewed.publicKey());
        // The one from before is still at hand.
        QVERIFY(succeeded(scene.ask("origin.example", "ed25519:a")));
        QCOMPARE(scene.sent.size(), size_t(2));
    }

    void a_server_is_asked_for_unknown_keys_at_most_once_in_ten_seconds()
    {
        Scene scene;
        const auto origin = server("origin.example");
        scene.ask("origin.example", "ed25519:forged0");
        scene.replyDocument(0, origin);
        for (int i = 1; i < 100; ++i)
            QVERIFY(*scene.ask("origin.example", "ed25519:forged" + QByteArray::number(i)));
        scene.clock.advance(KeyDesk::OtherKeyMs - 1);
        QVERIFY(*scene.ask("origin.example", "ed25519:new"));
        QCOMPARE(scene.sent.size(), size_t(1));
        scene.clock.advance(1);
        QVERIFY(!*scene.ask("origin.example", "ed25519:new"));
        QCOMPARE(scene.sent.size(), size_t(2));
    }

    void a_key_that_its_server_does_not_know_is_asked_for_more_and_more_rarely()
    {
        Scene scene;
        const auto origin = server("origin.example");
        scene.ask("origin.example", "ed25519:forged");
        scene.replyDocument(0, origin);
        for (const int pause : {1, 2, 4, 8, 16, 32, 60, 60}) {
            const size_t before = scene.sent.size();
            scene.clock.advance(pause * Minute - 1);
            QVERIFY(*scene.ask("origin.example", "ed25519:forged"));
            QCOMPARE(scene.sent.size(), before);
            scene.clock.advance(1);
            scene.ask("origin.example", "ed25519:forged");
            QCOMPARE(scene.sent.size(), before + 1);
            scene.replyDocument(before, origin);
        }
        // That holds up no request for another.
        scene.clock.advance(Minute);
        QVERIFY(!*scene.ask("origin.example", "ed25519:new"));
    }

    void a_server_that_is_forgotten_is_asked_at_once()
    {
        Scene scene;
        scene.ask("origin.example", "ed25519:b");
        scene.replyDocument(0, server("origin.example"));
        scene.ask("gone.example");
        scene.reply(1, Response{404, {}, {}});
        scene.desk.forget(name("other.example"));
        QVERIFY(*scene.ask("origin.example", "ed25519:b") && *scene.ask("gone.example"));
        scene.desk.forget(name("gone.example"));
        QVERIFY(!*scene.ask("gone.example"));
        QVERIFY(*scene.ask("origin.example", "ed25519:b"));
        scene.desk.forget(name("origin.example"));
        QVERIFY(!*scene.ask("origin.example", "ed25519:b"));
        QCOMPARE(scene.sent.size(), size_t(4));
    }

    void whoever_asks_just_after_an_answer_gets_it_too()
    {
        Scene scene;
        const auto origin = server("origin.example");
        scene.ask("origin.example");
        scene.replyDocument(0, origin);
        const auto late = scene.ask("origin.example");
        QVERIFY(succeeded(late));
        QCOMPARE((*late)->value().size(), size_t(1));
        QVERIFY((*late)->value()[0].key == origin.publicKey());
        QCOMPARE(scene.sent.size(), size_t(1));
    }

    void an_address_may_have_only_so_many_servers_asked()
    {
        KeyLookup::Options options;
        options.budget = 3;
        options.budgetRefillMs = 1'000;
        Scene scene(options);
        int last = 0;
        const auto asked = [&](const QByteArray &addressKey) {
            const auto answer = scene.ask("s" + QByteArray::number(last++) + ".example", "ed25519:a", addressKey);
            return *answer ? (*answer)->error().retryAfterMs : 0;
        };
        for (int i = 0; i < 3; ++i)
            QCOMPARE(asked("here"), 0);
        QCOMPARE(asked("here"), 1'000);
        QCOMPARE(asked("there"), 0);
        QCOMPARE(asked(""), 0);                       // a refresh of ours
        scene.ask("s0.example", "ed25519:a", "here"); // to wait with others costs nothing
        scene.clock.advance(999);
        QCOMPARE(asked("here"), 1);
        scene.clock.advance(1);
        QCOMPARE(asked("here"), 0);
        QCOMPARE(asked("here"), 1'000);
        scene.clock.advance(100'000);
        for (int i = 0; i < 3; ++i)
            QCOMPARE(asked("here"), 0);
        QCOMPARE(asked("here"), 1'000);
    }

    void many_are_asked_at_once_and_the_others_wait()
    {
        KeyLookup::Options options;
        options.budget = 1'000;
        Scene scene(options);
        constexpr int strangers = LookupLine::MostAsked - 2 * LookupLine::KeptPlaces;
        const auto ask = [&scene](int i) {
            return scene.ask("s" + QByteArray::number(i) + ".example", "ed25519:a", QByteArray::number(i % 32));
        };
        const int most = strangers + int(LookupLine::MostWaiting);
        for (int i = 0; i < most; ++i)
            QVERIFY(!*ask(i));
        QCOMPARE(scene.sent.size(), size_t(strangers));
        QVERIFY(failedWith(ask(most), Errc::KeyUnavailable));
        scene.reply(0, Error{Errc::Unreachable, {}, 0});
        QCOMPARE(scene.sent.size(), size_t(strangers) + 1);
        QCOMPARE(scene.sent.back().request.destination, name("s" + QByteArray::number(strangers) + ".example"));
        QVERIFY(!*ask(most));
    }

    /// Names that never answer, of sixteen addresses: once they took all places, and everybody else was sent away.
    void silent_names_of_a_few_addresses_stop_nobody_else()
    {
        Scene scene;
        for (int address = 0; address < 16; ++address) {
            for (int i = 0; i < 18; ++i)
                scene.ask("s" + QByteArray::number(address) + '-' + QByteArray::number(i) + ".example", "ed25519:a",
                          QByteArray::number(address));
        }
        const size_t before = scene.sent.size();
        const auto honest = server("honest.example");
        const auto answer = scene.ask("honest.example", "ed25519:a", "honest");
        QVERIFY(!*answer);
        // It is asked at once, long before most of those that came earlier.
        size_t replies = 0;
        while (scene.sent.back().request.destination != honest.name() && replies < before)
            scene.reply(replies++, Error{Errc::Unreachable, {}, 0});
        QVERIFY2(replies == 0, qPrintable(QString::number(replies)));
        scene.replyDocument(scene.sent.size() - 1, honest);
        QVERIFY(succeeded(answer));
    }

    void one_address_takes_no_more_than_its_share()
    {
        Scene scene;
        for (int i = 0; i < 20; ++i)
            scene.ask("s" + QByteArray::number(i) + ".example", "ed25519:a", "greedy");
        QCOMPARE(scene.sent.size(), size_t(LookupLine::MostAskedOfOneAddress));
        scene.ask("other.example", "ed25519:a", "modest");
        QCOMPARE(scene.sent.size(), size_t(LookupLine::MostAskedOfOneAddress) + 1);
    }

    void places_are_kept_for_those_whose_mail_is_wanted()
    {
        Scene scene;
        const auto proven = server("proven.example");
        scene.ring.remember(
            identity::checkKeyDocument(proven.keyDocument(scene.clock.wallMs()), proven.name(), scene.clock.wallMs())
                .value());
        scene.ring.prove(proven.name());
        scene.ring.setOwners({name("owner.example")}, {name("friend.example")});
        for (int i = 0; i < 1'000; ++i)
            scene.ask("s" + QByteArray::number(i) + ".example", "ed25519:a", QByteArray::number(i));
        for (const char *wanted : {"owner.example", "friend.example", "proven.example"}) {
            const size_t before = scene.sent.size();
            QVERIFY(!*scene.ask(wanted, "ed25519:new", "0"));
            QCOMPARE(scene.sent.size(), before + 1);
            QCOMPARE(scene.sent.back().request.destination, name(wanted));
        }
    }

    void whoever_waits_too_long_is_told_while_the_answer_may_still_come()
    {
        KeyLookup::Options options;
        options.answerMs = 20;
        Scene scene(options);
        const auto origin = server("origin.example");
        const auto answer = scene.ask("origin.example");
        QVERIFY(QTest::qWaitFor([&answer] { return answer->has_value(); }));
        QVERIFY(failedWith(answer, Errc::KeyUnavailable));
        QVERIFY(failedWith(scene.ask("origin.example"), Errc::KeyUnavailable)); // for the next, too
        QCOMPARE(scene.sent.size(), size_t(1));
        scene.replyDocument(0, origin);
        QVERIFY(succeeded(scene.ask("origin.example")));
    }

    void a_notary_is_asked_where_the_server_does_not_answer()
    {
        const auto origin = server("origin.example");
        const auto notary = server("notary.example", "ed25519:n");
        Scene scene({{}, {notary.name()}});
        const auto answer = scene.ask("origin.example");
        scene.reply(0, Error{Errc::Unreachable, {}, 0});
        QVERIFY(!*answer);
        // Its own key must be known before.
        QCOMPARE(scene.sent[1].request.destination, notary.name());
        QCOMPARE(scene.sent[1].request.target, "/_matrix/key/v2/server");
        scene.replyDocument(1, notary);
        const Request &query = scene.sent[2].request;
        QCOMPARE(query.destination, notary.name());
        QCOMPARE(query.method, "POST");
        QCOMPARE(query.target, "/_matrix/key/v2/query");
        QCOMPARE(query.body, R"({"server_keys":{"origin.example":{}}})");
        scene.reply(2, Response{200, {}, scene.notarised(origin, notary)});
        QVERIFY(succeeded(answer));
        QVERIFY(scene.ring.find(origin.name(), "ed25519:a").key == origin.publicKey());
        // And then it is known.
        scene.ask("other.example");
        scene.reply(3, Response{500, {}, {}});
        QCOMPARE(scene.sent[4].request.target, "/_matrix/key/v2/query");
    }

    void a_notary_that_is_not_who_it_says_is_not_believed_data()
    {
        QTest::addColumn<QByteArray>("what");
        for (const char *what : {"another key", "rubbish", "404", "nothing", "unknown notary"})
            QTest::newRow(what) << QByteArray(what);
    }
    void a_notary_that_is_not_who_it_says_is_not_believed()
    {
        QFETCH(const QByteArray, what);
        const auto origin = server("origin.example");
        const auto notary = server("notary.example", "ed25519:n");
        const auto impostor = server("notary.example", "ed25519:n");
        Scene scene({{}, {notary.name()}});
        const auto answer = scene.ask("origin.example");
        scene.reply(0, Error{Errc::Unreachable, {}, 0});
        if (what == "unknown notary") {
            scene.reply(1, Error{Errc::Unreachable, {}, 0});
        } else {
            scene.replyDocument(1, notary);
            scene.reply(2, what == "another key" ? Response{200, {}, scene.notarised(origin, impostor)}
                           : what == "rubbish"   ? Response{200, {}, "{}"}
                           : what == "404"       ? Response{404, {}, "{}"}
                                                 : Response{200, {}, R"({"server_keys":[]})"});
        }
        QVERIFY(failedWith(answer, Errc::KeyUnavailable)); // as the server itself failed
        QVERIFY(scene.ring.usableKeys(origin.name()).empty());
    }

    void a_pinned_notary_need_not_be_asked_who_it_is()
    {
        const auto origin = server("origin.example");
        const auto first = server("first.example");
        const auto notary = server("notary.example", "ed25519:n");
        Scene scene({{}, {first.name(), notary.name()}});
        QVERIFY(scene.ring.pin(notary.name(), notary.keyId(), notary.publicKey()));
        const auto answer = scene.ask("origin.example");
        scene.reply(0, Response{404, {}, {}});
        scene.reply(1, Error{Errc::Unreachable, {}, 0}); // the first notary
        QCOMPARE(scene.sent[2].request.target, "/_matrix/key/v2/query");
        scene.reply(2, Response{200, {}, scene.notarised(origin, notary)});
        QVERIFY(succeeded(answer));
    }

    void a_notary_is_not_asked_about_itself()
    {
        const auto notary = server("notary.example");
        Scene scene({{}, {notary.name()}});
        const auto answer = scene.ask("notary.example");
        scene.reply(0, Response{404, {}, {}});
        QVERIFY(failedWith(answer, Errc::BadSignature));
        QCOMPARE(scene.sent.size(), size_t(1));
    }

    void nothing_is_touched_after_the_desk_is_gone()
    {
        FakeClock clock;
        identity::KeyRing ring(clock, nullptr);
        Caller::Done late;
        int told = 0;
        {
            KeyDesk desk([&late](const Request &, Caller::Done done) { late = std::move(done); }, ring, {}, clock);
            desk.fetch(name("origin.example"), "ed25519:a", {}, [&told](const auto &) { ++told; });
        }
        late(Response{200, {}, server("origin.example").keyDocument(clock.wallMs())});
        QCOMPARE(told, 0);
        QVERIFY(ring.usableKeys(name("origin.example")).empty());
    }
};

QTEST_GUILESS_MAIN(KeyDeskTest)
#include "tst_keydesk.moc"
