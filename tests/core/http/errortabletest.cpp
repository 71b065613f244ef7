// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/errortable.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtTest/QTest>

using namespace restante;
using namespace restante::http;

class ErrorTableTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void each_code_has_its_status_and_errcode_data()
    {
        QTest::addColumn<int>("code");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("errcode");
        QTest::addColumn<bool>("tellsWhen");
        const auto row = [](const char *name, Errc code, int status, const char *errcode, bool tellsWhen = false) {
            QTest::newRow(name) << int(code) << status << QByteArray(errcode) << tellsWhen;
        };
        row("NotFound", Errc::NotFound, 404, "M_UNRECOGNIZED");
        row("MethodNotAllowed", Errc::MethodNotAllowed, 405, "M_UNRECOGNIZED");
        row("MissingAuth", Errc::MissingAuth, 401, "M_UNAUTHORIZED");
        row("MalformedAuth", Errc::MalformedAuth, 400, "M_UNAUTHORIZED");
        row("WrongDestination", Errc::WrongDestination, 401, "M_UNAUTHORIZED");
        row("InvalidParam", Errc::InvalidParam, 400, "M_INVALID_PARAM");
        row("InvalidUsername", Errc::InvalidUsername, 400, "M_INVALID_USERNAME");
        row("RelayingOff", Errc::RelayingOff, 404, "M_UNRECOGNIZED");
        row("Paused", Errc::Paused, 503, "M_UNKNOWN", true);
        row("OriginBlocked", Errc::OriginBlocked, 403, "M_FORBIDDEN");
        row("NotServed", Errc::NotServed, 403, "M_FORBIDDEN");
        row("NotOwner", Errc::NotOwner, 403, "M_FORBIDDEN");
        row("RateLimited", Errc::RateLimited, 429, "M_LIMIT_EXCEEDED", true);
        row("NotJson", Errc::NotJson, 400, "M_NOT_JSON");
        row("BadJson", Errc::BadJson, 400, "M_BAD_JSON");
        row("TooLarge", Errc::TooLarge, 413, "M_TOO_LARGE");
        row("BadSignature", Errc::BadSignature, 401, "M_UNAUTHORIZED");
        row("NotFresh", Errc::NotFresh, 401, "ORG.RESTANTE.NOT_FRESH");
        row("KeyUnavailable", Errc::KeyUnavailable, 503, "M_UNKNOWN");
        row("QuotaExceeded", Errc::QuotaExceeded, 429, "M_LIMIT_EXCEEDED", true);
        row("DiskFull", Errc::DiskFull, 503, "M_UNKNOWN");
        row("StorageFailed", Errc::StorageFailed, 503, "M_UNKNOWN");
        row("Busy", Errc::Busy, 503, "M_UNKNOWN");
        row("InvalidSetting", Errc::InvalidSetting, 500, "M_UNKNOWN");
        row("CertificateInvalid", Errc::CertificateInvalid, 500, "M_UNKNOWN");
        row("Io", Errc::Io, 500, "M_UNKNOWN");
        row("AddressGone", Errc::AddressGone, 500, "M_UNKNOWN");
        row("Corrupt", Errc::Corrupt, 500, "M_UNKNOWN");
        row("NewerSchema", Errc::NewerSchema, 500, "M_UNKNOWN");
        row("AlreadyRunning", Errc::AlreadyRunning, 500, "M_UNKNOWN");
        row("NotHeld", Errc::NotHeld, 500, "M_UNKNOWN");
        row("Internal", Errc::Internal, 500, "M_UNKNOWN");
    }

    void each_code_has_its_status_and_errcode()
    {
        QFETCH(const int, code);
        QFETCH(const int, status);
        QFETCH(const QByteArray, errcode);
        QFETCH(const bool, tellsWhen);
        const Error error{Errc(code), QStringLiteral("What happened"), 0};
        QCOMPARE_EQ(statusOf(error.code), status);
        QCOMPARE_EQ(errcodeOf(error.code), errcode);
        QCOMPARE_EQ(retryAfterMsOf(error) > 0, tellsWhen);
        const QJsonObject body = QJsonDocument::fromJson(errorBody(error)).object();
        QCOMPARE_EQ(body.value(QStringLiteral("errcode")).toString().toLatin1(), errcode);
        QVERIFY(!body.value(QStringLiteral("error")).toString().isEmpty());
        QCOMPARE_EQ(body.contains(QStringLiteral("retry_after_ms")), tellsWhen);
    }

    void what_went_wrong_inside_is_not_told_to_strangers()
    {
        for (const Errc code : {Errc::DiskFull, Errc::StorageFailed, Errc::Busy, Errc::InvalidSetting, Errc::Io,
                                Errc::Corrupt, Errc::NewerSchema, Errc::AlreadyRunning, Errc::Internal}) {
            const QByteArray body =
                errorBody(Error{code, QStringLiteral("/home/anna/relay/queue.sqlite is damaged"), 0});
            QVERIFY2(!body.contains("anna") && !body.contains("queue.sqlite"), body.constData());
        }
    }

    void what_a_request_did_wrong_is_told()
    {
        for (const Errc code :
             {Errc::NotServed, Errc::BadJson, Errc::Paused, Errc::QuotaExceeded, Errc::KeyUnavailable})
            QVERIFY(errorBody(Error{code, QStringLiteral("What happened"), 0}).contains("What happened"));
    }

    void what_the_error_says_goes_before_what_its_kind_says()
    {
        const Error error{Errc::RateLimited, QStringLiteral("Slowly"), 2'500};
        QCOMPARE_EQ(retryAfterMsOf(error), 2'500);
        QCOMPARE_EQ(errorBody(error),
                    QByteArray(R"({"errcode":"M_LIMIT_EXCEEDED","error":"Slowly","retry_after_ms":2500})"));
        QCOMPARE_EQ(retryAfterMsOf(Error{Errc::Busy, {}, 10}), 10);
    }

    void a_detail_is_escaped()
    {
        const Error error{Errc::NotFound, QStringLiteral("No \"x\\y\"\n\u00e4"), 0};
        const QJsonObject body = QJsonDocument::fromJson(errorBody(error)).object();
        QCOMPARE_EQ(body.value(QStringLiteral("error")).toString(), error.detail);
    }

    void a_bare_status_has_a_body_too_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("errcode");
        for (const int status : {400, 408, 414, 417, 431, 500, 501, 503, 504, 505})
            QTest::addRow("%d", status) << status << QByteArray("M_UNKNOWN");
        QTest::newRow("413") << 413 << QByteArray("M_TOO_LARGE");
        QTest::newRow("429") << 429 << QByteArray("M_LIMIT_EXCEEDED");
        QTest::newRow("404") << 404 << QByteArray("M_UNRECOGNIZED");
    }

    void a_bare_status_has_a_body_too()
    {
        QFETCH(const int, status);
        QFETCH(const QByteArray, errcode);
        QCOMPARE_EQ(errorBody(status, "Why"), "{\"errcode\":\"" + errcode + "\",\"error\":\"Why\"}");
    }
};

QTEST_GUILESS_MAIN(ErrorTableTest)
#include "errortabletest.moc"
