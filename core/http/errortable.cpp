// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/errortable.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

namespace restante::http
{

namespace
{

using namespace Qt::Literals::StringLiterals;

struct Row {
    int status;
    const char *errcode;
    qint64 retryAfterMs; ///< what is said when the error itself says nothing; 0 = nothing
};

constexpr qint64 Second = 1'000;

/// A switch without a default, so that the compiler names the code that was forgotten here.
constexpr Row rowOf(Errc code)
{
    switch (code) {
    case Errc::NotFound:
    case Errc::RelayingOff:
        return {404, "M_UNRECOGNIZED", 0};
    case Errc::MethodNotAllowed:
        return {405, "M_UNRECOGNIZED", 0};
    case Errc::MissingAuth:
    case Errc::WrongDestination:
    case Errc::BadSignature:
        return {401, "M_UNAUTHORIZED", 0};
    case Errc::Misdirected:
        return {421, "M_UNKNOWN", 0};
    case Errc::NotFresh: // our own extension, so that a collector whose clock is off can tell
        return {401, "ORG.RESTANTE.NOT_FRESH", 0};
    case Errc::MalformedAuth:
        return {400, "M_UNAUTHORIZED", 0};
    case Errc::InvalidParam:
        return {400, "M_INVALID_PARAM", 0};
    case Errc::InvalidUsername:
        return {400, "M_INVALID_USERNAME", 0};
    case Errc::Paused:
        return {503, "M_UNKNOWN", 60 * Second};
    case Errc::OriginBlocked:
    case Errc::NotServed:
    case Errc::NotOwner:
        return {403, "M_FORBIDDEN", 0};
    case Errc::RateLimited:
        return {429, "M_LIMIT_EXCEEDED", 1 * Second};
    case Errc::QuotaExceeded:
        return {429, "M_LIMIT_EXCEEDED", 60 * Second};
    case Errc::NotJson:
        return {400, "M_NOT_JSON", 0};
    case Errc::BadJson:
        return {400, "M_BAD_JSON", 0};
    case Errc::TooLarge:
        return {413, "M_TOO_LARGE", 0};
    case Errc::KeyUnavailable:
    case Errc::AuthoritiesUnreadable:
    case Errc::DiskFull:
    case Errc::StorageFailed:
    case Errc::Busy:
        return {503, "M_UNKNOWN", 0};
    case Errc::Unreachable:
    case Errc::AddressRefused:
    case Errc::CertificateRefused:
    case Errc::BadAnswer:
    case Errc::Refused:
        return {502, "M_UNKNOWN", 0};
    case Errc::InvalidSetting:
    case Errc::CertificateInvalid:
    case Errc::Io:
    case Errc::AddressGone:
    case Errc::Corrupt:
    case Errc::NewerSchema:
    case Errc::AlreadyRunning:
    case Errc::NotHeld:
    case Errc::Internal:
        break;
    }
    return {500, "M_UNKNOWN", 0};
}

/// What happened inside is for the log: strangers learn nothing of this computer's files and disks. Null: the detail is
/// meant for them.
const char *generalWords(Errc code)
{
    switch (code) {
    case Errc::DiskFull:
    case Errc::StorageFailed:
        return "Nothing can be stored or read here just now";
    case Errc::Busy:
        return "Too much is waiting here just now; try again in a moment";
    case Errc::AuthoritiesUnreadable:
        return "Certificates cannot be checked here just now";
    case Errc::InvalidSetting:
    case Errc::Io:
    case Errc::Corrupt:
    case Errc::NewerSchema:
    case Errc::AlreadyRunning:
    case Errc::Internal:
        return "Something went wrong inside this server";
    default:
        return nullptr;
    }
}

const char *errcodeOfStatus(int status)
{
    switch (status) {
    case 404:
    case 405:
        return "M_UNRECOGNIZED";
    case 413:
        return "M_TOO_LARGE";
    case 429:
        return "M_LIMIT_EXCEEDED";
    default:
        return "M_UNKNOWN";
    }
}

} // namespace

int statusOf(Errc code)
{
    return rowOf(code).status;
}

QByteArray errcodeOf(Errc code)
{
    return rowOf(code).errcode;
}

qint64 retryAfterMsOf(const Error &error)
{
    return error.retryAfterMs > 0 ? error.retryAfterMs : rowOf(error.code).retryAfterMs;
}

QByteArray errorBody(const Error &error)
{
    const Row row = rowOf(error.code);
    const char *general = generalWords(error.code);
    QJsonObject object{{u"errcode"_s, QString::fromLatin1(row.errcode)},
                       {u"error"_s, general ? QString::fromLatin1(general) : error.detail}};
    if (const qint64 retryAfter = retryAfterMsOf(error); retryAfter > 0)
        object.insert(u"retry_after_ms"_s, retryAfter);
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

QByteArray errorBody(int status, QByteArrayView text)
{
    const QJsonObject object{{u"errcode"_s, QString::fromLatin1(errcodeOfStatus(status))},
                             {u"error"_s, QString::fromUtf8(text)}};
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

} // namespace restante::http
