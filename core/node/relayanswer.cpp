// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/relayanswer.h"

#include "base/printable.h"

#include <algorithm>

namespace restante::node
{

namespace
{
constexpr qsizetype MostErrorBytes = qsizetype(64) * 1024;
constexpr qsizetype MostErrcode = 64;
const auto Answered = QStringLiteral("The relay answered ");

QString memberText(const matrix::ScannedObject &body, QByteArrayView name, qsizetype most)
{
    const matrix::JsonSlice *member = body.find(name);
    const auto bytes = member ? member->toText() : std::nullopt;
    QString text = base::printable(QString::fromUtf8(bytes.value_or(QByteArray())).simplified());
    if (text.size() > most)
        text = text.first(most) + QChar(0x2026);
    return text;
}

qint64 retryAfterMs(const federation::Response &response)
{
    constexpr qint64 mostSeconds = 3'600;
    bool isNumber = false;
    const qint64 seconds = response.value("retry-after").toLongLong(&isNumber);
    return isNumber ? std::clamp<qint64>(seconds, 0, mostSeconds) * 1'000 : 0;
}

Errc codeOf(int status)
{
    switch (status) {
    case 401:
    case 403:
        return Errc::Refused;
    case 404:
    case 405:
        return Errc::NotFound;
    case 429:
    case 503:
        return Errc::Busy;
    default:
        return Errc::BadAnswer;
    }
}
} // namespace

QString answerText(const federation::Response &response)
{
    QString text = QString::number(response.status);
    if (response.body.size() > MostErrorBytes)
        return text;
    const auto body = matrix::ScannedObject::scan(response.body);
    if (!body)
        return text;
    if (const QString errcode = memberText(*body, "errcode", MostErrcode); !errcode.isEmpty())
        text += u' ' + errcode;
    if (const QString words = memberText(*body, "error", MostQuoted); !words.isEmpty())
        text += QStringLiteral(": ") + words;
    return text;
}

bool isTaken(const federation::Response &response)
{
    return isTakenDirectly(response) || (response.status == 200 && response.body.trimmed() == "null");
}

bool isTakenDirectly(const federation::Response &response)
{
    if (response.status != 200)
        return false;
    const auto body = matrix::ScannedObject::scan(response.body);
    return body && !namesError(*body);
}

bool namesError(const matrix::ScannedObject &body)
{
    const auto says = [&body](QByteArrayView name) {
        const matrix::JsonSlice *member = body.find(name);
        return member && member->kind != matrix::JsonKind::Null;
    };
    return says("errcode") || says("error");
}

Error refusalOf(const federation::Response &response)
{
    const QString said = answerText(response);
    if (response.status == 200 && said == QStringLiteral("200"))
        return {Errc::BadAnswer, QStringLiteral("The relay answered 200, but not in the way a relay does"), 0};
    return {codeOf(response.status), Answered + said, retryAfterMs(response)};
}

bool isRefusal(const Error &error)
{
    return error.detail.startsWith(Answered);
}

} // namespace restante::node
