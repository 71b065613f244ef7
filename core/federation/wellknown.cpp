// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/wellknown.h"

#include "matrix/jsonscan.h"

#include <QtCore/QDateTime>
#include <QtCore/QLocale>
#include <QtCore/QTimeZone>

#include <algorithm>

namespace restante::federation
{

namespace
{
Error unusable()
{
    return {Errc::BadAnswer, QStringLiteral("Its well-known file does not name a server"), 0};
}

/// The milliseconds that Cache-Control allows; nothing if it says nothing.
std::optional<qint64> cacheControlMs(const Response &response)
{
    constexpr QByteArrayView maxAge = "max-age=";
    constexpr qint64 second = 1'000;
    std::optional<qint64> found;
    for (const auto &[name, value] : response.headers) {
        if (name != "cache-control")
            continue;
        for (const QByteArray &part : value.toLower().split(',')) {
            const QByteArray directive = part.trimmed();
            if (directive == "no-store" || directive == "no-cache")
                return 0;
            if (!directive.startsWith(maxAge))
                continue;
            bool isNumber = false;
            const qint64 seconds = directive.sliced(maxAge.size()).toLongLong(&isNumber);
            if (isNumber && seconds >= 0)
                found = std::min(seconds, WellKnown::MostMs) * second;
        }
    }
    return found;
}

/// RFC 9110, 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`. The older forms are as good as none.
std::optional<qint64> httpDateMs(const QByteArray &text)
{
    QDateTime date =
        QLocale::c().toDateTime(QString::fromLatin1(text), QStringLiteral("ddd, dd MMM yyyy hh:mm:ss 'GMT'"));
    if (!date.isValid())
        return {};
    date.setTimeZone(QTimeZone::utc());
    return date.toMSecsSinceEpoch();
}
} // namespace

Result<matrix::ServerName> WellKnown::delegatedTo(const Response &response)
{
    if (response.status != 200)
        return unusable();
    const auto object = matrix::ScannedObject::scan(response.body);
    const matrix::JsonSlice *member = object ? object->find("m.server") : nullptr;
    const auto text = member ? member->toText() : std::nullopt;
    if (!text)
        return unusable();
    auto name = matrix::ServerName::parse(*text);
    if (!name || name->kind() == matrix::ServerName::Kind::Ed25519)
        return unusable();
    return name;
}

qint64 WellKnown::lifetimeMs(const Response &response, qint64 nowMs)
{
    auto lifetime = cacheControlMs(response);
    if (const QByteArray expires = response.value("expires"); !lifetime && !expires.isNull()) {
        const auto until = httpDateMs(expires);
        lifetime = until ? *until - nowMs : 0; // a date that is none has passed
    }
    return std::clamp(lifetime.value_or(DefaultMs), LeastMs, MostMs);
}

} // namespace restante::federation
