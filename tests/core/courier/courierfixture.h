// SPDX-License-Identifier: GPL-3.0-or-later
// An inbox with attested mail, and a courier between it and a homeserver that the test plays.
#pragma once

#include "courier/courier.h"
#include "courier/ownidentity.h"
#include "fakecaller.h"
#include "fakeclock.h"
#include "matrix/attestation.h"
#include "matrix/transaction.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <sodium.h>

#include <memory>

namespace restante::test
{

inline matrix::ServerName server(const QByteArray &name)
{
    return *matrix::ServerName::parse(name);
}

/// `body` as a relay hands it over, with the signature of `origin` inside.
inline node::Collected attested(const node::InboxStore &store, const QByteArray &origin, const QByteArray &txnId,
                                const QByteArray &body, const QByteArray &keyId = "ed25519:1",
                                const matrix::Signature &signature = {})
{
    const auto scanned = matrix::ScannedObject::scan(body).value();
    const auto edus = matrix::attestedEdus(scanned, server(origin), {keyId, signature}, txnId).value();
    const matrix::JsonSlice *pdus = scanned.find("pdus");
    node::Collected mail;
    mail.origin = server(origin);
    mail.txnId = txnId;
    mail.pdus = pdus ? pdus->text.toByteArray() : QByteArrayLiteral("[]");
    mail.edus = edus;
    const auto whole = matrix::Transaction::fromBody(
        matrix::ScannedObject::scan("{\"edus\":" + edus + ",\"pdus\":" + mail.pdus + "}").value());
    mail.pduCount = whole->pduCount();
    mail.eduCount = whole->eduCount();
    const matrix::JsonSlice *ts = scanned.find("origin_server_ts");
    mail.originServerTs = ts ? *ts->toInteger() : 0;
    mail.digest = matrix::contentDigest(*whole, txnId, store.digestKey());
    return mail;
}

/// The same as a relay without attestations has it.
inline node::Collected unattested(node::Collected mail, const QByteArray &edus = "[]")
{
    mail.edus = edus;
    return mail;
}

inline QByteArray pdu(const QByteArray &text, const QByteArray &previous = {})
{
    return R"({"auth_events":[],"content":{"body":")" + text + R"("},"depth":5,"hashes":{"sha256":")" + text +
           R"("},"origin_server_ts":1,"prev_events":[)" + (previous.isEmpty() ? QByteArray() : '"' + previous + '"') +
           R"(],"room_id":"!r:a.example","sender":"@u:a.example","type":"m.room.message"})";
}

/// A canonical body; `edus` null: without that member.
inline QByteArray bodyOf(const QByteArray &origin, qint64 ts, const QByteArray &pdus, const QByteArray &edus = {})
{
    return '{' + (edus.isNull() ? QByteArray() : "\"edus\":[" + edus + "],") + "\"origin\":\"" + origin +
           "\",\"origin_server_ts\":" + QByteArray::number(ts) + ",\"pdus\":[" + pdus + "]}";
}

inline const QByteArray Typing = R"({"content":{"room_id":"!r","typing":true,"user_id":"@u:a"},"edu_type":"m.typing"})";
inline const QByteArray ToDevice = R"({"content":{"message_id":"1"},"edu_type":"m.direct_to_device"})";

class CourierFixture
{
public:
    explicit CourierFixture(qint64 wallMs = 1'790'000'000'000)
        : clock(wallMs)
        , ring(clock, nullptr)
    {
        openStore();
    }

    void openStore()
    {
        courier.reset();
        store.reset();
        auto opened = node::InboxStore::open(folder.path(), clock);
        if (!opened)
            qFatal("%s", qPrintable(opened.error().detail));
        store = std::move(*opened);
    }
    /// A new courier over what is on disk, as after a crash.
    void start(const QByteArray &place = "http://127.0.0.1:8008")
    {
        openStore();
        courier = std::make_unique<courier::Courier>(*store, caller, ring, clock, ownName, own, [this] { ++changes; });
        courier->setUnproven(unproven);
        courier->noteSwept(swept);
        courier->setHomeserver(place);
        settle();
    }
    void bring(const std::vector<node::Collected> &mail, const QByteArray &relay = "r.example")
    {
        const auto kept = store->add(server(relay), mail, {});
        if (!kept || !store->merge())
            qFatal("the inbox takes nothing");
        if (courier)
            courier->lookAgain();
        settle();
    }
    void look()
    {
        courier->lookAgain();
        settle();
    }
    /// Until the courier has nothing more to do by itself.
    void settle()
    {
        for (int turn = 0; turn < 20; ++turn)
            QCoreApplication::processEvents();
    }
    void pass(qint64 ms)
    {
        clock.advance(ms);
        look();
    }
    /// Transaction ids of all that was sent, in order.
    QByteArrayList sent() const
    {
        QByteArrayList ids;
        for (const auto &each : caller.asked)
            ids.append(each.request.target.mid(each.request.target.lastIndexOf('/') + 1));
        return ids;
    }
    void answerLast(int status, const QByteArray &body = R"({"pdus":{}})")
    {
        caller.answerLast(status, body);
        settle();
    }
    /// Answers all that waits, and what comes then, with 200.
    void takeAll()
    {
        for (qsizetype at = 0; at < caller.asked.size(); ++at) {
            if (caller.waits(at)) {
                caller.answer(at, 200, R"({"pdus":{}})");
                settle();
            }
        }
    }
    qint64 inInbox() { return store->totals()->entries; }
    node::Delivery first()
    {
        const auto page = store->page(0, 1);
        return page->rows.isEmpty() ? node::Delivery() : courier->delivery(page->rows.first().id);
    }

    QTemporaryDir folder;
    FakeClock clock;
    matrix::ServerName ownName = server("b.example");
    FakeCaller caller;
    identity::KeyRing ring;
    identity::Identity own = courier::ownIdentity("secret");
    std::unique_ptr<node::InboxStore> store;
    std::unique_ptr<courier::Courier> courier;
    QList<node::Unproven> unproven; ///< from the next start on
    bool swept = true;
    int changes = 0;
};

} // namespace restante::test
