// SPDX-License-Identifier: GPL-3.0-or-later
#include "courier/answer.h"

#include "base/printable.h"
#include "matrix/jsonscan.h"

#include <QtCore/QStringList>

#include <algorithm>
#include <optional>

namespace restante::courier
{

namespace
{

std::optional<matrix::ScannedObject> objectIn(const QByteArray &body)
{
    auto scanned = matrix::ScannedObject::scan(body);
    return scanned ? std::optional(*std::move(scanned)) : std::nullopt;
}

QString textOf(const matrix::JsonSlice *value)
{
    return value ? QString::fromUtf8(value->toText().value_or(QByteArray())) : QString();
}

/// What a server said, in one printable line.
QString asLine(const QString &text)
{
    constexpr qsizetype mostLetters = 200;
    return base::printable(text.left(mostLetters));
}

QString wordsOf(const federation::Response &response)
{
    QStringList words{QStringLiteral("the homeserver answered %1").arg(response.status)};
    if (const auto object = objectIn(response.body)) {
        words.append(textOf(object->find("errcode")));
        words.append(textOf(object->find("error")));
        words.removeAll(QString());
    }
    return asLine(words.join(QLatin1String(", ")));
}

qint64 waitMs(const federation::Response &response)
{
    bool isNumber = false;
    const qint64 seconds = response.value("retry-after").toLongLong(&isNumber);
    if (isNumber && seconds > 0 && seconds < 1'000'000)
        return seconds * 1'000;
    const auto object = objectIn(response.body);
    const matrix::JsonSlice *ms = object ? object->find("retry_after_ms") : nullptr;
    return ms ? std::max<qint64>(0, ms->toInteger().value_or(0)) : 0;
}

/// `{"pdus":{"$id":{"error":"…"}}}`; any part of it may be missing.
std::map<QByteArray, QString> errorsIn(const matrix::ScannedObject &object)
{
    std::map<QByteArray, QString> errors;
    const matrix::JsonSlice *pdus = object.find("pdus");
    if (!pdus)
        return errors;
    for (const matrix::JsonMember &pdu : matrix::membersOf(*pdus)) {
        for (const matrix::JsonMember &member : matrix::membersOf(pdu.value)) {
            if (member.key == "error") // the key is a view
                errors[QByteArray(pdu.key.constData(), pdu.key.size())] = asLine(textOf(&member.value));
        }
    }
    return errors;
}
} // namespace

Answer Answer::of(const Result<federation::Response> &response)
{
    if (!response) {
        const Error &error = response.error();
        const bool nothingSent = error.notSent || error.code == Errc::Busy;
        if (error.code == Errc::InvalidParam)
            return {Kind::Refused, 0, false, error.detail};
        return {nothingSent ? Kind::NoConnection : Kind::Failed, 0, !nothingSent, error.detail};
    }
    if (response->status == 200) {
        const auto object = objectIn(response->body);
        if (object && !object->find("errcode"))
            return {Kind::Taken, 0, false, {}, errorsIn(*object)};
        return {Kind::Failed, 0, false, QStringLiteral("what answers there is not a homeserver: 200 without JSON")};
    }
    const QString words = wordsOf(*response);
    switch (response->status) {
    case 401:
        return {Kind::NoKey, 0, false, words};
    case 429:
        return {Kind::Busy, waitMs(*response), false, words};
    case 404:
    case 405:
    case 408:
        return {Kind::Failed, 0, false, words};
    default:
        break;
    }
    const bool isFinal = response->status >= 400 && response->status < 500;
    return {isFinal ? Kind::Refused : Kind::Failed, 0, false, words};
}

} // namespace restante::courier
