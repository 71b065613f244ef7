// SPDX-License-Identifier: GPL-3.0-or-later
// The node's rows: a second installation that collects from the relay under measurement, and sends through its outbox.
#include "control/client.h"
#include "session.h"

#include <QtCore/QDir>
#include <QtCore/QElapsedTimer>
#include <QtCore/QFile>
#include <QtCore/QJsonObject>
#include <QtCore/QProcess>

namespace restante::bench
{

namespace
{
const QString Collect = QStringLiteral("relay_txn");
const QString NodeCollect = QStringLiteral("collecting");
const QString NodeSend = QStringLiteral("/send, outbox");
const QString Node = QStringLiteral("node");
const QString Relay = QStringLiteral("restanted");

constexpr int SendConnections = 8;
constexpr qint64 MostSends = 20'000;

Result<QByteArray> contentOf(const QString &name)
{
    QFile file(name);
    if (!file.open(QIODevice::ReadOnly))
        return {Errc::Io, QStringLiteral("cannot read %1").arg(name)};
    return file.readAll().trimmed();
}

/// A certificate for 127.0.0.1 and its key, as cert.pem and key.pem in `folder`.
Result<void> makeCertificate(const QString &folder)
{
    QProcess openssl;
    openssl.start(QStringLiteral("openssl"),
                  {QStringLiteral("req"), QStringLiteral("-x509"), QStringLiteral("-newkey"), QStringLiteral("ec"),
                   QStringLiteral("-pkeyopt"), QStringLiteral("ec_paramgen_curve:prime256v1"), QStringLiteral("-nodes"),
                   QStringLiteral("-days"), QStringLiteral("2"), QStringLiteral("-subj"),
                   QStringLiteral("/CN=127.0.0.1"), QStringLiteral("-addext"),
                   QStringLiteral("subjectAltName=IP:127.0.0.1"), QStringLiteral("-keyout"),
                   folder + QStringLiteral("/key.pem"), QStringLiteral("-out"), folder + QStringLiteral("/cert.pem")});
    if (!openssl.waitForFinished() || openssl.exitCode() != 0)
        return {Errc::Io, QStringLiteral("openssl made no certificate")};
    return {};
}
} // namespace

Result<void> Session::nodeRounds()
{
    const QString folder = m_folder + QStringLiteral("/node");
    if (!QDir().mkpath(folder))
        return {Errc::Io, QStringLiteral("cannot make %1").arg(folder)};
    if (auto made = makeCertificate(m_folder); !made)
        return made;
    const auto relay =
        std::find_if(m_servers.begin(), m_servers.end(), [](const Server &server) { return server.title == Relay; });
    const QStringList settings = {
        QStringLiteral("node.enabled=true"),
        QStringLiteral("node.listen=127.0.0.1:0"),
        QStringLiteral("node.inbox_relay_entries=100000000"),
        QStringLiteral("node.relays=%1 http://127.0.0.1:%2").arg(m_name.toString()).arg(relay->program->port()),
        QStringLiteral("federation.allowed_networks=127.0.0.0/8"),
        QStringLiteral("federation.ca_file=%1/cert.pem").arg(m_folder),
    };
    QStringList arguments{QStringLiteral("--data-dir"), folder, QStringLiteral("--listen"),
                          QStringLiteral("127.0.0.1:0")};
    for (const QString &setting : settings)
        arguments << QStringLiteral("--set") << setting;
    auto node = Program::start(m_options.restanted, arguments);
    if (!node)
        return node.error();
    for (int i = 0; i < m_options.rounds; ++i) {
        if (auto done = collectOnce(**node, folder); !done)
            return done;
    }
    if (auto done = sendThrough(**node, folder); !done)
        return done;
    return (*node)->stop();
}

/// Leaves mail for the node with the relay, then has it collected.
Result<void> Session::collectOnce(Program &node, const QString &folder)
{
    auto name = matrix::ServerName::parse(node.serverName());
    if (!name)
        return name.error();
    const std::vector<Peer> destination{Peer(*std::move(name))};
    StoreTraffic stores(m_name, m_senders, destination, m_options.small, m_options.collected, m_number);
    m_number += quint64(m_options.collected);
    const auto relay =
        std::find_if(m_servers.begin(), m_servers.end(), [](const Server &server) { return server.title == Relay; });
    constexpr double longEnough = 600;
    const auto stored = measure(*relay, NodeCollect, m_options.connections, stores, longEnough);
    if (!stored)
        return stored.error();

    auto client = control::Client::open(folder);
    if (!client)
        return client.error();
    const double processorBefore = node.processorSeconds();
    const qint64 writtenBefore = node.writtenBytes();
    QElapsedTimer timer;
    timer.start();
    const auto sweep = (*client)->call(QStringLiteral("retrieve"), {});
    const double seconds = double(timer.nsecsElapsed()) / 1e9;
    if (!sweep)
        return sweep.error();
    const qint64 collected = sweep->value(QLatin1String("collected")).toInteger();
    if (collected != m_options.collected)
        return {Errc::Internal, QStringLiteral("%1 of %2 were collected").arg(collected).arg(m_options.collected)};
    Sample sample;
    sample.answers = collected;
    sample.seconds = seconds;
    sample.rate = double(collected) / seconds;
    sample.processorUs = (node.processorSeconds() - processorBefore) * 1e6 / double(collected);
    sample.writtenBytes = double(node.writtenBytes() - writtenBefore) / double(collected);
    m_report.series(NodeCollect, Node).add(sample);
    return {};
}

/// Transactions for a server that has no /send: its 404 is an answer, and costs the node the same as any other.
Result<void> Session::sendThrough(Program &node, const QString &folder)
{
    auto peer =
        Program::start(m_options.restanted, {QStringLiteral("--data-dir"), m_folder + QStringLiteral("/peer"),
                                             QStringLiteral("--listen"), QStringLiteral("127.0.0.1:0"),
                                             QStringLiteral("--tls-cert"), m_folder + QStringLiteral("/cert.pem"),
                                             QStringLiteral("--tls-key"), m_folder + QStringLiteral("/key.pem")});
    if (!peer)
        return peer.error();
    const auto secret = contentOf(folder + QStringLiteral("/node.secret"));
    if (!secret)
        return secret.error();
    const auto destination = matrix::ServerName::parse("127.0.0.1:" + QByteArray::number((*peer)->port()));
    if (!destination)
        return destination.error();
    for (int i = 0; i < m_options.rounds; ++i) {
        OutboxTraffic sends(*secret, m_senders.front(), *destination, m_options.small, MostSends, m_number);
        m_number += quint64(MostSends);
        const double processorBefore = node.processorSeconds();
        const auto round = generateLoad(node.nodePort(), SendConnections, sends, m_options.seconds);
        if (!round)
            return round.error();
        if (round->refusals == 0 || round->broken > 0 || !round->firstRefusal.contains("404"))
            return {Errc::Internal, QStringLiteral("/send through the outbox: %1 answers, %2 closed, %3")
                                        .arg(round->refusals)
                                        .arg(round->broken)
                                        .arg(QString::fromUtf8(round->firstRefusal))};
        Sample sample;
        sample.answers = round->refusals;
        sample.seconds = round->seconds;
        sample.rate = double(round->refusals) / round->seconds;
        sample.processorUs = (node.processorSeconds() - processorBefore) * 1e6 / double(round->refusals);
        m_report.series(NodeSend, Node).add(sample);
    }
    return (*peer)->stop();
}

void Session::judgeNode()
{
    if (!m_options.measures("node"))
        return;
    const double collecting = m_report.series(NodeCollect, Node).median().rate;
    if (Series &single = m_report.series(Collect, Relay); !single.isEmpty()) {
        const double value = collecting / single.median().rate;
        m_report.addVerdict({QStringLiteral("8 collecting %1 from one relay / relay_txn").arg(m_options.collected),
                             QStringLiteral("0.5 ×"), QStringLiteral("%1 ×").arg(value, 0, 'f', 2), value,
                             value >= 0.5});
    }
    constexpr double mostUs = 1'000;
    const double passing = m_report.series(NodeSend, Node).median().processorUs;
    m_report.addVerdict({QStringLiteral("9 processor time of the node for a /send passed on"), QStringLiteral("< 1 ms"),
                         QStringLiteral("%1 µs").arg(passing, 0, 'f', 0), passing, passing < mostUs});
}

} // namespace restante::bench
