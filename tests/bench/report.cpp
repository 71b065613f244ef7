// SPDX-License-Identifier: GPL-3.0-or-later
#include "report.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include <algorithm>
#include <utility>

namespace restante::bench
{

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    const size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

namespace
{

double medianOf(const std::vector<Sample> &samples, double Sample::*figure)
{
    std::vector<double> values;
    values.reserve(samples.size());
    for (const Sample &sample : samples)
        values.push_back(sample.*figure);
    return median(std::move(values));
}

QJsonObject toJsonObject(const Sample &sample)
{
    return {{QStringLiteral("rate"), sample.rate},
            {QStringLiteral("p50_ms"), sample.p50Ms},
            {QStringLiteral("p99_ms"), sample.p99Ms},
            {QStringLiteral("processor_us"), sample.processorUs},
            {QStringLiteral("written_bytes"), sample.writtenBytes},
            {QStringLiteral("seconds"), sample.seconds},
            {QStringLiteral("answers"), sample.answers}};
}

} // namespace

Sample Series::median() const
{
    Sample median;
    if (m_samples.empty())
        return median;
    for (double Sample::*figure :
         {&Sample::rate, &Sample::p50Ms, &Sample::p99Ms, &Sample::processorUs, &Sample::writtenBytes, &Sample::seconds})
        median.*figure = medianOf(m_samples, figure);
    for (const Sample &sample : m_samples)
        median.answers += sample.answers;
    return median;
}

Series &Report::series(const QString &scenario, const QString &server)
{
    const auto key = std::make_pair(scenario, server);
    const auto [at, fresh] = m_series.try_emplace(key);
    if (fresh)
        m_order.push_back(key);
    return at->second;
}

std::optional<double> Report::rateRatio(const QString &scenario, const QString &server, const QString &yardstick) const
{
    const auto measured = m_series.find({scenario, server});
    const auto compared = m_series.find({scenario, yardstick});
    if (measured == m_series.end() || compared == m_series.end())
        return std::nullopt;
    const double rate = compared->second.median().rate;
    return rate > 0 ? std::optional(measured->second.median().rate / rate) : std::nullopt;
}

QString Report::toText(bool judge) const
{
    QString text;
    for (const auto &[name, value] : m_facts)
        text += QStringLiteral("%1  %2\n").arg(name, -28).arg(value);
    text += QStringLiteral("\n%1 %2 %3 %4 %5 %6 %7\n")
                .arg(QStringLiteral("scenario"), -22)
                .arg(QStringLiteral("server"), -18)
                .arg(QStringLiteral("answers/s"), 10)
                .arg(QStringLiteral("p50 ms"), 8)
                .arg(QStringLiteral("p99 ms"), 8)
                .arg(QStringLiteral("cpu µs"), 8)
                .arg(QStringLiteral("disk B"), 9);
    for (const auto &key : m_order) {
        if (m_series.at(key).isEmpty())
            continue;
        const Sample median = m_series.at(key).median();
        text += QStringLiteral("%1 %2 %3 %4 %5 %6 %7\n")
                    .arg(key.first, -22)
                    .arg(key.second, -18)
                    .arg(median.rate, 10, 'f', 0)
                    .arg(median.p50Ms, 8, 'f', 2)
                    .arg(median.p99Ms, 8, 'f', 2)
                    .arg(median.processorUs, 8, 'f', 1)
                    .arg(median.writtenBytes, 9, 'f', 0);
    }
    text += u'\n';
    for (const Verdict &verdict : m_verdicts) {
        text += QStringLiteral("%1  %2  goal %3").arg(verdict.what, -44).arg(verdict.measured, -34).arg(verdict.goal);
        if (judge)
            text += verdict.reached ? QStringLiteral("  reached") : QStringLiteral("  NOT REACHED");
        text += u'\n';
    }
    return text;
}

QByteArray Report::toJson(bool judge) const
{
    QJsonObject facts;
    for (const auto &[name, value] : m_facts)
        facts.insert(name, value);
    QJsonArray measurements;
    for (const auto &key : m_order) {
        const Series &series = m_series.at(key);
        QJsonArray rounds;
        for (const Sample &sample : series.samples())
            rounds.append(toJsonObject(sample));
        measurements.append(QJsonObject{{QStringLiteral("scenario"), key.first},
                                        {QStringLiteral("server"), key.second},
                                        {QStringLiteral("median"), toJsonObject(series.median())},
                                        {QStringLiteral("rounds"), rounds}});
    }
    QJsonArray verdicts;
    for (const Verdict &verdict : m_verdicts) {
        QJsonObject row{{QStringLiteral("what"), verdict.what},
                        {QStringLiteral("goal"), verdict.goal},
                        {QStringLiteral("measured"), verdict.measured},
                        {QStringLiteral("value"), verdict.value}};
        if (judge)
            row.insert(QStringLiteral("reached"), verdict.reached);
        verdicts.append(row);
    }
    return QJsonDocument(QJsonObject{{QStringLiteral("format"), QStringLiteral("restante-bench/1")},
                                     {QStringLiteral("machine"), facts},
                                     {QStringLiteral("measurements"), measurements},
                                     {QStringLiteral("goals"), verdicts}})
        .toJson();
}

bool Report::allReached() const
{
    return std::all_of(m_verdicts.begin(), m_verdicts.end(), [](const Verdict &verdict) { return verdict.reached; });
}

} // namespace restante::bench
