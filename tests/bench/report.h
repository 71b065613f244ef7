// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QList>
#include <QtCore/QPair>
#include <QtCore/QString>

#include <map>
#include <optional>
#include <vector>

namespace restante::bench
{

/// Of at least one value.
double median(std::vector<double> values);

/// One round of one server.
struct Sample {
    double rate = 0; ///< answers a second
    double p50Ms = 0;
    double p99Ms = 0;
    double processorUs = 0;  ///< of all the server's threads, an answer
    double writtenBytes = 0; ///< to storage, an answer
    double seconds = 0;
    qint64 answers = 0;
};

/// The rounds of one server in one scenario.
class Series
{
public:
    void add(const Sample &sample) { m_samples.push_back(sample); }
    bool isEmpty() const { return m_samples.empty(); }
    const std::vector<Sample> &samples() const { return m_samples; }
    /// The median of each figure by itself.
    Sample median() const;

private:
    std::vector<Sample> m_samples;
};

/// A line of the table of core/README 11: what was measured, what was to be reached.
struct Verdict {
    QString what;
    QString goal;
    QString measured;
    double value = 0;
    bool reached = false;
};

/// Everything that a run found out, as text for people and as JSON for machines.
class Report
{
public:
    void addFact(const QString &name, const QString &value) { m_facts.append({name, value}); }
    void addFacts(const QList<QPair<QString, QString>> &facts) { m_facts += facts; }
    void addVerdict(const Verdict &verdict) { m_verdicts.push_back(verdict); }
    /// The series of that scenario and server; made if it is not there yet.
    Series &series(const QString &scenario, const QString &server);
    /// The ratio of the median rates; nothing if one of the two was not measured.
    std::optional<double> rateRatio(const QString &scenario, const QString &server, const QString &yardstick) const;

    /// `judge` false leaves out whether a goal was reached.
    QString toText(bool judge) const;
    QByteArray toJson(bool judge) const;
    bool allReached() const;

private:
    QList<QPair<QString, QString>> m_facts;
    std::vector<std::pair<QString, QString>> m_order; // scenario and server, in the order of measuring
    std::map<std::pair<QString, QString>, Series> m_series;
    std::vector<Verdict> m_verdicts;
};

} // namespace restante::bench
