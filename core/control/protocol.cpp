// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/protocol.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonValue>

#include <algorithm>
#include <iterator>

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
struct Row {
    Errc code;
    QLatin1String name;
};

constexpr Row Names[] = {
    {Errc::NotFound, "NotFound"_L1},
    {Errc::MethodNotAllowed, "MethodNotAllowed"_L1},
    {Errc::MissingAuth, "MissingAuth"_L1},
    {Errc::MalformedAuth, "MalformedAuth"_L1},
    {Errc::WrongDestination, "WrongDestination"_L1},
    {Errc::Misdirected, "Misdirected"_L1},
    {Errc::InvalidParam, "InvalidParam"_L1},
    {Errc::InvalidUsername, "InvalidUsername"_L1},
    {Errc::RelayingOff, "RelayingOff"_L1},
    {Errc::AddressGone, "AddressGone"_L1},
    {Errc::Paused, "Paused"_L1},
    {Errc::OriginBlocked, "OriginBlocked"_L1},
    {Errc::NotServed, "NotServed"_L1},
    {Errc::NotOwner, "NotOwner"_L1},
    {Errc::RateLimited, "RateLimited"_L1},
    {Errc::NotJson, "NotJson"_L1},
    {Errc::BadJson, "BadJson"_L1},
    {Errc::TooLarge, "TooLarge"_L1},
    {Errc::BadSignature, "BadSignature"_L1},
    {Errc::NotFresh, "NotFresh"_L1},
    {Errc::KeyUnavailable, "KeyUnavailable"_L1},
    {Errc::QuotaExceeded, "QuotaExceeded"_L1},
    {Errc::DiskFull, "DiskFull"_L1},
    {Errc::StorageFailed, "StorageFailed"_L1},
    {Errc::Busy, "Busy"_L1},
    {Errc::Unreachable, "Unreachable"_L1},
    {Errc::AddressRefused, "AddressRefused"_L1},
    {Errc::CertificateRefused, "CertificateRefused"_L1},
    {Errc::BadAnswer, "BadAnswer"_L1},
    {Errc::Refused, "Refused"_L1},
    {Errc::AuthoritiesUnreadable, "AuthoritiesUnreadable"_L1},
    {Errc::InvalidSetting, "InvalidSetting"_L1},
    {Errc::CertificateInvalid, "CertificateInvalid"_L1},
    {Errc::Io, "Io"_L1},
    {Errc::Corrupt, "Corrupt"_L1},
    {Errc::NewerSchema, "NewerSchema"_L1},
    {Errc::AlreadyRunning, "AlreadyRunning"_L1},
    {Errc::NotHeld, "NotHeld"_L1},
    {Errc::Internal, "Internal"_L1},
};
} // namespace

QByteArray lineOf(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
}

QByteArray requestLine(qint64 id, const QString &command, const QJsonObject &arguments)
{
    // Names of commands are lower-case words; nothing in them needs escaping.
    return R"({"command":")" + command.toUtf8() + R"(","id":)" + QByteArray::number(id) + R"(,"arguments":)" +
           QJsonDocument(arguments).toJson(QJsonDocument::Compact) + "}\n";
}

QLatin1String errcName(Errc code)
{
    const auto row = std::find_if(std::begin(Names), std::end(Names),
                                  [code](const Row &candidate) { return candidate.code == code; });
    return row == std::end(Names) ? "Internal"_L1 : row->name;
}

QJsonObject errorToJson(const Error &error)
{
    QJsonObject object{{u"code"_s, QString(errcName(error.code))}, {u"detail"_s, error.detail}};
    if (error.retryAfterMs > 0)
        object.insert(u"retry_after_ms"_s, error.retryAfterMs);
    return object;
}

Error errorFromJson(const QJsonObject &object)
{
    const QString name = object.value("code"_L1).toString();
    const auto row = std::find_if(std::begin(Names), std::end(Names),
                                  [&name](const Row &candidate) { return candidate.name == name; });
    return {row == std::end(Names) ? Errc::Internal : row->code, object.value("detail"_L1).toString(),
            object.value("retry_after_ms"_L1).toInteger()};
}

} // namespace restante::control
