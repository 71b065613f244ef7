// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/format.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDateTime>
#include <QtCore/QLocale>

#include <algorithm>
#include <climits>

namespace restante::ui
{

namespace
{
/// Only carries the translation context.
struct Format {
    Q_DECLARE_TR_FUNCTIONS(Format)
};
} // namespace

QString countText(qint64 count)
{
    return QLocale().toString(count);
}

int pluralOf(qint64 count)
{
    return int(std::min<qint64>(count, INT_MAX));
}

QString percentText(int percent)
{
    //: A share in percent; %1 is the number
    return Format::tr("%1 %").arg(QLocale().toString(percent));
}

QString sizeText(qint64 bytes)
{
    return QLocale().formattedDataSize(bytes, bytes < 1024 ? 0 : 1, QLocale::DataSizeIecFormat);
}

QString relativeTime(qint64 momentMs, qint64 nowMs)
{
    if (momentMs <= 0)
        return Format::tr("never");
    const qint64 seconds = (nowMs - momentMs) / 1000;
    // A clock that was set back, or a moment that lies ahead, has no honest relative form.
    if (seconds < -60)
        return QLocale().toString(QDateTime::fromMSecsSinceEpoch(momentMs), QLocale::ShortFormat);
    if (seconds < 60)
        return Format::tr("just now");
    if (seconds < 3600)
        return Format::tr("%n min ago", nullptr, int(seconds / 60));
    if (seconds < 86'400)
        return Format::tr("%n h ago", nullptr, int(seconds / 3600));
    const auto days =
        QDateTime::fromMSecsSinceEpoch(momentMs).date().daysTo(QDateTime::fromMSecsSinceEpoch(nowMs).date());
    if (days <= 1)
        return Format::tr("yesterday");
    if (days < 60)
        return Format::tr("%n day(s) ago", nullptr, int(days));
    return QLocale().toString(QDateTime::fromMSecsSinceEpoch(momentMs).date(), QLocale::ShortFormat);
}

QString exactTime(qint64 momentMs)
{
    if (momentMs <= 0)
        return {};
    return QLocale().toString(QDateTime::fromMSecsSinceEpoch(momentMs), QLocale::LongFormat);
}

QString shortTime(qint64 momentMs)
{
    if (momentMs <= 0)
        return {};
    return QLocale().toString(QDateTime::fromMSecsSinceEpoch(momentMs), QLocale::ShortFormat);
}

} // namespace restante::ui
