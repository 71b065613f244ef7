// SPDX-License-Identifier: GPL-3.0-or-later
// The courier's rows: a node delivers what it has collected to a homeserver, which a plain client fed before.
#include "control/client.h"
#include "inboxpreload.h"
#include "session.h"

#include <QtCore/QDir>
#include <QtCore/QElapsedTimer>
#include <QtCore/QJsonObject>
#include <QtCore/QThread>

#include <algorithm>
#include <cstdio>

namespace restante::bench
{

namespace
{
const QString Deliver = QStringLiteral("/send, homeserver");
const QString Plain = QStringLiteral("plain client");
const QString Node = QStringLiteral("node");

constexpr double LongEnough = 3'600;
constexpr int LookMs = 20;

QStringList argumentsOf(const QString &folder, const QStringList &settings)
{
    QStringList arguments{QStringLiteral("--data-dir"), folder, QStringLiteral("--listen"),
                          QStringLiteral("127.0.0.1:0")};
    for (const QString &setting : settings)
        arguments << QStringLiteral("--set") << setting;
    return arguments;
}

/// Until that many are delivered. Errc::Internal if they never will be.
Result<void> waitUntilDelivered(control::Client &client, qint64 count)
{
    QElapsedTimer timer;
    timer.start();
    for (;;) {
        const auto status = client.call(QStringLiteral("status"), {});
        if (!status)
            return status.error();
        const qint64 delivered = status->value(QLatin1String("delivered")).toInteger();
        const qint64 parked = status->value(QLatin1String("deliveries_parked")).toInteger();
        if (delivered == count && parked == 0)
            return {};
        if (parked > 0 || double(timer.elapsed()) > LongEnough * 1e3)
            return {Errc::Internal,
                    QStringLiteral("%1 of %2 were delivered, %3 parked").arg(delivered).arg(count).arg(parked)};
        QThread::msleep(LookMs);
    }
}
} // namespace

Result<void> Session::deliverRounds()
{
    for (int i = 0; i < m_options.rounds; ++i) {
        if (auto done = deliverOnce(m_folder + QStringLiteral("/deliver%1").arg(i)); !done)
            return done;
    }
    return {};
}

Result<void> Session::deliverOnce(const QString &folder)
{
    const QStringList settings{QStringLiteral("node.enabled=true"), QStringLiteral("node.listen=127.0.0.1:0"),
                               QStringLiteral("server.http_workers=1")};
    auto first = Program::start(m_options.restanted, argumentsOf(folder, settings));
    if (!first)
        return first.error();
    const auto name = matrix::ServerName::parse((*first)->serverName());
    if (!name)
        return name.error();
    if (auto stopped = (*first)->stop(); !stopped)
        return stopped;
    auto homeserver =
        Program::start(m_options.bare, {QStringLiteral("--server-name"), name->toString(),
                                        QStringLiteral("--homeserver"), folder + QStringLiteral("/homeserver.sqlite")});
    if (!homeserver)
        return homeserver.error();
    if (auto done = feedPlainly(**homeserver, *name); !done)
        return done;
    if (auto done = preloadInbox(folder, *name, m_senders, m_options.small, m_options.delivered, m_number); !done)
        return done;
    m_number += quint64(m_options.delivered);

    QElapsedTimer timer;
    timer.start();
    const auto node = Program::start(
        m_options.restanted,
        argumentsOf(folder,
                    settings +
                        QStringList(QStringLiteral("node.homeserver=http://127.0.0.1:%1").arg((*homeserver)->port()))));
    if (!node)
        return node.error();
    auto client = control::Client::open(folder);
    if (!client)
        return client.error();
    if (auto done = waitUntilDelivered(**client, m_options.delivered); !done)
        return done;
    Sample sample;
    sample.answers = m_options.delivered;
    sample.seconds = double(timer.nsecsElapsed()) / 1e9;
    sample.rate = double(sample.answers) / sample.seconds;
    sample.processorUs = (*node)->processorSeconds() * 1e6 / double(sample.answers);
    sample.writtenBytes = double((*node)->writtenBytes()) / double(sample.answers);
    m_report.series(Deliver, Node).add(sample);
    m_deliveringKiB = std::max(m_deliveringKiB, (*node)->peakResidentKiB());
    std::fprintf(stderr, "%s, %s: %lld in %.1f s, %.0f µs\n", qUtf8Printable(Node), qUtf8Printable(Deliver),
                 static_cast<long long>(sample.answers), sample.seconds, sample.processorUs);
    if (auto stopped = (*node)->stop(); !stopped)
        return stopped;
    return (*homeserver)->stop();
}

/// The homeserver's own speed: one transaction after another.
Result<void> Session::feedPlainly(Program &homeserver, const matrix::ServerName &name)
{
    SendTraffic sends(name, m_senders, m_options.small, m_options.delivered, m_number);
    m_number += quint64(m_options.delivered);
    const auto round = generateLoad(homeserver.port(), 1, sends, LongEnough);
    if (!round)
        return round.error();
    if (round->answers != m_options.delivered)
        return {Errc::Internal, QStringLiteral("the homeserver took %1 of %2: %3")
                                    .arg(round->answers)
                                    .arg(m_options.delivered)
                                    .arg(QString::fromUtf8(round->firstRefusal))};
    Sample sample;
    sample.answers = round->answers;
    sample.seconds = round->seconds;
    sample.rate = round->rate();
    sample.p50Ms = round->latencyMs(0.5);
    sample.p99Ms = round->latencyMs(0.99);
    m_report.series(Deliver, Plain).add(sample);
    return {};
}

void Session::judgeDelivering()
{
    const auto value = m_report.rateRatio(Deliver, Node, Plain);
    if (!value)
        return;
    m_report.addVerdict({QStringLiteral("10 delivering %1 / a plain client").arg(m_options.delivered),
                         QStringLiteral("0.5 ×"), QStringLiteral("%1 ×").arg(*value, 0, 'f', 2), *value,
                         *value >= 0.5});
    constexpr double most = 64;
    const double mebibytes = double(m_deliveringKiB) / 1024;
    m_report.addVerdict({QStringLiteral("10 the most memory of the node meanwhile"),
                         QStringLiteral("≤ %1 MiB").arg(most), QStringLiteral("%1 MiB").arg(mebibytes, 0, 'f', 1),
                         mebibytes, mebibytes <= most});
}

} // namespace restante::bench
