// SPDX-License-Identifier: GPL-3.0-or-later
#include "telemetry/traffic.h"

#include <QtCore/QDateTime>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

using namespace Qt::Literals::StringLiterals;

namespace restante::telemetry
{

namespace
{
constexpr qint64 MinuteMs = 60'000;
constexpr qint64 QuarterMs = 15 * MinuteMs;
constexpr qint64 HourMs = 60 * MinuteMs;
constexpr int Version = 1;
constexpr qint64 LargestInJson = qint64(1) << 53;

constexpr std::array Numbers{&Traffic::takenIn, &Traffic::handedOver, &Traffic::refused, &Traffic::collected,
                             &Traffic::delivered};

/// Rounds towards the past, before 1970 too.
qint64 floorDiv(qint64 value, qint64 by)
{
    return value / by - (value % by < 0 ? 1 : 0);
}

void addTo(std::map<qint64, Traffic> &row, qint64 at, const Traffic &more, size_t most)
{
    row[at] += more;
    if (row.size() <= most)
        return;
    const auto last = std::prev(row.end());
    row.erase(at - row.begin()->first >= last->first - at ? row.begin() : last);
}

Traffic foundIn(const std::map<qint64, Traffic> &row, qint64 at)
{
    const auto found = row.find(at);
    return found == row.end() ? Traffic() : found->second;
}

/// When the hour that `nowMs` is in began on the clocks here: not everywhere when it began in Greenwich.
qint64 hourStart(qint64 nowMs)
{
    const qint64 offsetMs = qint64(QDateTime::fromMSecsSinceEpoch(nowMs).offsetFromUtc()) * 1'000;
    return floorDiv(nowMs + offsetMs, HourMs) * HourMs - offsetMs;
}

QJsonArray jsonOf(const std::map<qint64, Traffic> &row)
{
    QJsonArray list;
    for (const auto &[at, traffic] : row) {
        QJsonArray one{at};
        for (const auto number : Numbers)
            one.append(traffic.*number);
        list.append(one);
    }
    return list;
}

std::optional<std::map<qint64, Traffic>> rowFrom(const QJsonValue &value, size_t most)
{
    const QJsonArray list = value.toArray();
    if (!value.isArray() || size_t(list.size()) > most)
        return {};
    std::map<qint64, Traffic> row;
    for (const auto &element : list) {
        const QJsonArray one = element.toArray();
        if (one.size() != qsizetype(Numbers.size()) + 1)
            return {};
        for (const auto &number : one) {
            const qint64 whole = number.toInteger(-1);
            if (whole < 0 || whole > LargestInJson)
                return {};
        }
        Traffic &traffic = row[one.first().toInteger()];
        for (size_t i = 0; i < Numbers.size(); ++i)
            traffic.*Numbers[i] = one.at(qsizetype(i) + 1).toInteger();
    }
    if (row.size() != size_t(list.size())) // something stands there twice
        return {};
    return row;
}
} // namespace

Traffic &Traffic::operator+=(const Traffic &more)
{
    for (const auto number : Numbers)
        this->*number += more.*number;
    return *this;
}

void TrafficHistory::add(const Traffic &more, qint64 atMs)
{
    if (more == Traffic())
        return;
    const qint64 at = std::max<qint64>(atMs, 0); // a clock before 1970 tells nothing
    addTo(m_minutes, at / MinuteMs, more, MostMinutes);
    addTo(m_quarters, at / QuarterMs, more, MostQuarters);
    addTo(m_days, QDateTime::fromMSecsSinceEpoch(at).date().toJulianDay(), more, MostDays);
}

TrafficReport TrafficHistory::report(TrafficSpan span, qint64 nowMs) const
{
    constexpr int minutes = 60;
    constexpr int hours = 24;
    constexpr int days = 30;
    const QDate today = QDateTime::fromMSecsSinceEpoch(nowMs).date();
    TrafficReport report{span, {}, foundIn(m_days, today.toJulianDay()), foundIn(m_days, today.toJulianDay() - 1)};
    switch (span) {
    case TrafficSpan::Hour:
        for (qint64 at = floorDiv(nowMs, MinuteMs) - minutes + 1; report.buckets.size() < minutes; ++at)
            report.buckets.append({at * MinuteMs, foundIn(m_minutes, at)});
        break;
    case TrafficSpan::Day: {
        const qint64 firstMs = hourStart(nowMs) - (hours - 1) * HourMs;
        for (int hour = 0; hour < hours; ++hour)
            report.buckets.append(TrafficBucket{firstMs + hour * HourMs, {}});
        const qint64 first = floorDiv(firstMs, QuarterMs);
        for (auto one = m_quarters.lower_bound(first); one != m_quarters.end(); ++one) {
            const qint64 hour = floorDiv(one->first * QuarterMs - firstMs, HourMs);
            if (hour >= 0 && hour < hours)
                report.buckets[hour].traffic += one->second;
        }
        break;
    }
    case TrafficSpan::Month:
        for (int ago = days - 1; ago >= 0; --ago) {
            const QDate date = today.addDays(-ago);
            report.buckets.append({date.startOfDay().toMSecsSinceEpoch(), foundIn(m_days, date.toJulianDay())});
        }
        break;
    }
    return report;
}

QByteArray TrafficHistory::toJson() const
{
    const QJsonObject object{{u"version"_s, Version},
                             {u"minutes"_s, jsonOf(m_minutes)},
                             {u"quarters"_s, jsonOf(m_quarters)},
                             {u"days"_s, jsonOf(m_days)}};
    return QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
}

Result<TrafficHistory> TrafficHistory::parse(const QByteArray &json)
{
    const QJsonObject object = QJsonDocument::fromJson(json).object();
    auto minutes = rowFrom(object.value("minutes"_L1), MostMinutes);
    auto quarters = rowFrom(object.value("quarters"_L1), MostQuarters);
    auto days = rowFrom(object.value("days"_L1), MostDays);
    if (object.value("version"_L1).toInteger() != Version || !minutes || !quarters || !days)
        return {Errc::Corrupt, u"It is not what this version writes"_s};
    TrafficHistory history;
    history.m_minutes = *std::move(minutes);
    history.m_quarters = *std::move(quarters);
    history.m_days = *std::move(days);
    return history;
}

} // namespace restante::telemetry
