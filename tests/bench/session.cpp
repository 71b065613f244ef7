// SPDX-License-Identifier: GPL-3.0-or-later
#include "session.h"

#include "machine.h"
#include "preload.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QThread>

#include <algorithm>
#include <cstdio>
#include <limits>

namespace restante::bench
{

namespace
{

const QString Bare = QStringLiteral("bare");
const QString Empty = QStringLiteral("restanted");
const QString Full = QStringLiteral("restanted, full");
const QString NewFolder = QStringLiteral("restanted, new folder");
const QString PlainFile = QStringLiteral("plain file");
const QString PlainSqlite = QStringLiteral("plain SQLite");
const QString Store = QStringLiteral("send_relay, small");
const QString StoreLarge = QStringLiteral("send_relay, large");
const QString Collect = QStringLiteral("relay_txn");
const QString StoreAlone = QStringLiteral("send_relay, alone");
const QString CollectAlone = QStringLiteral("relay_txn, alone");

constexpr double DrainSeconds = 3'600; // as long as it takes
constexpr double MostAlone = 15'000;   // what one connection can have answered in a second at most

Result<void> copyFolder(const QString &from, const QString &to)
{
    if (!QDir().mkpath(to))
        return {Errc::Io, QStringLiteral("cannot make %1").arg(to)};
    const auto files = QDir(from).entryInfoList(QDir::Files | QDir::Hidden);
    for (const QFileInfo &file : files) {
        if (!QFile::copy(file.filePath(), to + u'/' + file.fileName()))
            return {Errc::Io, QStringLiteral("cannot copy %1").arg(file.filePath())};
    }
    return {};
}

} // namespace

Session::Session(const Options &options, const QString &folder, Report &report)
    : m_options(options)
    , m_folder(folder)
    , m_report(report)
    , m_senders(makePeers("sender", options.senders))
    , m_destinations(makePeers("destination", options.destinations))
{
}

// For all servers alike. Quotas are raised, never switched off.
QStringList Session::settings() const
{
    const QStringList raised = {
        QStringLiteral("budgets.address_rate=0"), // all senders are one address here
        QStringLiteral("budgets.origin_rate=0"),
        QStringLiteral("queue.destination_entries=100000000"),
        QStringLiteral("queue.destination_bytes=1099511627776"),
        QStringLiteral("queue.origin_entries=100000000"),
        QStringLiteral("queue.origin_bytes=1099511627776"),
        QStringLiteral("queue.total_entries=100000000"),
        QStringLiteral("queue.total_bytes=1099511627776"),
        QStringLiteral("limits.connections_per_address=2000"),
        QStringLiteral("server.http_workers=%1").arg(m_options.workers),
    };
    QStringList list;
    for (const QString &setting : raised + m_options.settings)
        list << QStringLiteral("--set") << setting;
    return list;
}

QStringList Session::arguments(const QString &dataFolder) const
{
    return QStringList{QStringLiteral("--data-dir"), dataFolder, QStringLiteral("--listen"),
                       QStringLiteral("127.0.0.1:0"), QStringLiteral("--open-relay")} +
           settings();
}

Result<void> Session::makeIdentity()
{
    auto first = Program::start(m_options.restanted, arguments(m_folder + QStringLiteral("/empty")));
    if (!first)
        return first.error();
    auto name = matrix::ServerName::parse((*first)->serverName());
    if (!name)
        return name.error();
    m_name = *name;
    return (*first)->stop();
}

Result<void> Session::prepare()
{
    if (auto made = makeIdentity(); !made)
        return made;
    const QString empty = m_folder + QStringLiteral("/empty");
    const QString full = m_folder + QStringLiteral("/full");

    auto bare =
        Program::start(m_options.bare, QStringList{QStringLiteral("--server-name"), m_name.toString()} + settings());
    if (!bare)
        return bare.error();
    m_servers.push_back({Bare, std::move(*bare), false});

    if (m_options.measures("held")) {
        if (auto copied = copyFolder(empty, full); !copied)
            return copied;
        const auto filled =
            preload(full, {m_options.held, m_options.heldDestinations, m_options.heldOrigins, m_options.heldBytes});
        if (!filled)
            return filled.error();
        m_report.addFact(QStringLiteral("entries held beforehand"), QString::number(m_options.held));
        m_report.addFact(QStringLiteral("filling them in"), QStringLiteral("%1 s").arg(*filled, 0, 'f', 1));
    }
    auto first = Program::start(m_options.restanted, arguments(empty));
    if (!first)
        return first.error();
    m_report.addFact(QStringLiteral("ready after, nothing held"),
                     QStringLiteral("%1 s").arg((*first)->secondsToReady(), 0, 'f', 2));
    m_servers.push_back({Empty, std::move(*first)});
    if (m_options.measures("held")) {
        auto second = Program::start(m_options.restanted, arguments(full));
        if (!second)
            return second.error();
        m_report.addFact(QStringLiteral("ready after, with these held"),
                         QStringLiteral("%1 s").arg((*second)->secondsToReady(), 0, 'f', 2));
        m_servers.push_back({Full, std::move(*second)});
    }
    return measureMachine();
}

Result<void> Session::measureMachine()
{
    m_report.addFacts(describeMachine(m_folder));
    const auto times = syncTimes(m_folder, m_options.smoke ? 20 : 200);
    if (!times)
        return times.error();
    m_report.addFact(QStringLiteral("fsync of 4 KiB"), QStringLiteral("median %1 ms, 99 % within %2 ms")
                                                           .arg(times->at(times->size() / 2), 0, 'f', 2)
                                                           .arg(times->at(times->size() * 99 / 100), 0, 'f', 2));
    m_report.addFact(QStringLiteral("load"),
                     QStringLiteral("%1 rounds of %2 s, %3 connections, %4 senders, %5 destinations")
                         .arg(m_options.rounds)
                         .arg(m_options.seconds)
                         .arg(m_options.connections)
                         .arg(m_options.senders)
                         .arg(m_options.destinations));
    return {};
}

Result<Sample> Session::measure(Server &server, const QString &scenario, int connections, Traffic &traffic,
                                double seconds)
{
    const double processorBefore = server.program->processorSeconds();
    const qint64 writtenBefore = server.program->writtenBytes();
    const auto round = generateLoad(server.program->port(), connections, traffic, seconds);
    if (!round)
        return {round.error().code, QStringLiteral("%1, %2: %3").arg(server.title, scenario, round.error().detail)};
    if (round->refusals > 0 || round->broken > 0) {
        return {Errc::Internal, QStringLiteral("%1, %2: %3 answers other than 200 (%4), %5 connections closed")
                                    .arg(server.title, scenario)
                                    .arg(round->refusals)
                                    .arg(QString::fromUtf8(round->firstRefusal))
                                    .arg(round->broken)};
    }
    if (round->answers == 0)
        return {Errc::Internal, QStringLiteral("%1, %2: no answer at all").arg(server.title, scenario)};
    Sample sample;
    sample.rate = round->rate();
    sample.p50Ms = round->latencyMs(0.5);
    sample.p99Ms = round->latencyMs(0.99);
    sample.processorUs = (server.program->processorSeconds() - processorBefore) * 1e6 / double(round->answers);
    sample.writtenBytes = double(server.program->writtenBytes() - writtenBefore) / double(round->answers);
    sample.seconds = round->seconds;
    sample.answers = round->answers;
    std::fprintf(stderr, "%s, %s: %lld in %.1f s, %.0f µs\n", qUtf8Printable(server.title), qUtf8Printable(scenario),
                 static_cast<long long>(round->answers), round->seconds, sample.processorUs);
    return sample;
}

// Collects everything that is left. What was stored must come out again, each once.
Result<void> Session::drain(Server &server, qint64 expected)
{
    CollectTraffic rest(m_name, m_destinations, CollectTraffic::Ends::WhenAllAreEmpty);
    const auto drained = measure(server, Collect, m_options.destinations, rest, DrainSeconds);
    if (!drained)
        return drained.error();
    return rest.drained() && rest.acknowledged() == expected ? Result<void>()
                                                             : lost(server, expected, rest.acknowledged());
}

Error Session::lost(const Server &server, qint64 expected, qint64 came)
{
    return {
        Errc::Internal,
        QStringLiteral("%1: %2 entries were left to be collected, %3 came").arg(server.title).arg(expected).arg(came),
        0};
}

Result<void> Session::round(Server &server, StoreTraffic &stores, bool large)
{
    const QString &scenario = large ? StoreLarge : Store;
    stores.rewind();
    const auto stored = measure(server, scenario, m_options.connections, stores, m_options.seconds);
    if (!stored)
        return stored.error();
    m_report.series(scenario, server.title).add(*stored);
    qint64 left = stored->answers;
    if (!large) {
        CollectTraffic collecting(m_name, m_destinations, CollectTraffic::Ends::WithTheFirstQueue);
        const auto collected = measure(server, Collect, m_options.destinations, collecting, m_options.seconds);
        if (!collected)
            return collected.error();
        m_report.series(Collect, server.title).add(*collected);
        left -= collecting.acknowledged();
    }
    return server.keeps ? drain(server, left) : Result<void>();
}

// How many requests a round can use at most: what the bare server manages, and a little more.
Result<qint64> Session::requestsPerRound(const TransactionShape &shape)
{
    const double seconds = std::min(1.0, m_options.seconds);
    const qint64 count = shape.pdus > 1 ? 6'000 : 40'000;
    StoreTraffic stores(m_name, m_senders, m_destinations, shape, qint64(double(count) * seconds), m_number);
    m_number += quint64(count);
    const auto sample =
        measure(m_servers.front(), QStringLiteral("warming up"), m_options.connections, stores, seconds);
    if (!sample)
        return sample.error();
    return qint64(sample->rate * m_options.seconds * 1.2) + m_options.connections;
}

Result<void> Session::smallRounds()
{
    const auto count = requestsPerRound(m_options.small);
    if (!count)
        return count.error();
    for (int i = 0; i < m_options.rounds; ++i) {
        StoreTraffic stores(m_name, m_senders, m_destinations, m_options.small, *count, m_number);
        m_number += quint64(*count);
        for (Server &server : m_servers) {
            if (auto done = round(server, stores, false); !done)
                return done;
        }
        constexpr int signedBesides = 300; // of a request, about
        const QByteArray body = transactionBody(m_senders.front().name(), m_options.small, 0);
        m_verificationsUs.push_back(verificationUs(int(body.size()) + signedBesides));
    }
    return {};
}

Result<void> Session::largeRounds()
{
    const auto count = requestsPerRound(m_options.large);
    if (!count)
        return count.error();
    for (int i = 0; i < m_options.rounds; ++i) {
        StoreTraffic stores(m_name, m_senders, m_destinations, m_options.large, *count, m_number);
        m_number += quint64(*count);
        for (Server &server : m_servers) {
            if (server.title == Full)
                continue;
            if (auto done = round(server, stores, true); !done)
                return done;
        }
        if (auto done = writePlainly(m_report.series(StoreLarge, Empty).samples().back().answers); !done)
            return done;
    }
    return {};
}

Result<void> Session::lonelyRounds()
{
    const std::vector<Peer> destination{m_destinations.front()};
    const auto count = qint64(MostAlone * m_options.seconds);
    for (int i = 0; i < m_options.rounds; ++i) {
        StoreTraffic stores(m_name, m_senders, destination, m_options.small, count, m_number);
        m_number += quint64(count);
        for (Server &server : m_servers) {
            if (server.title == Full)
                continue;
            stores.rewind();
            const auto stored = measure(server, StoreAlone, 1, stores, m_options.seconds);
            if (!stored)
                return stored.error();
            m_report.series(StoreAlone, server.title).add(*stored);
            CollectTraffic collecting(m_name, destination, CollectTraffic::Ends::WhenAllAreEmpty);
            const auto collected =
                measure(server, CollectAlone, 1, collecting, server.keeps ? DrainSeconds : m_options.seconds);
            if (!collected)
                return collected.error();
            m_report.series(CollectAlone, server.title).add(*collected);
            if (server.keeps && collecting.acknowledged() != stored->answers)
                return lost(server, stored->answers, collecting.acknowledged());
        }
    }
    return {};
}

// The turn of the plain writers: as much as restanted has just stored. With all connections waiting for the disk, one
// of its commits carries at most one store of each, so the plain writers sync as often.
Result<void> Session::writePlainly(qint64 count)
{
    const qint64 bytes = transactionPdus(m_senders.front().name(), m_options.large, 0).size();
    const auto plain = plainWriterTimes(m_folder, count, bytes, m_options.connections);
    if (!plain)
        return plain.error();
    for (const auto &[title, seconds] : {std::pair(PlainFile, plain->file), std::pair(PlainSqlite, plain->sqlite)}) {
        Sample sample;
        sample.rate = double(count) / seconds;
        sample.seconds = seconds;
        sample.answers = count;
        m_report.series(StoreLarge, title).add(sample);
        std::fprintf(stderr, "%s: %lld of %lld bytes in %.1f s\n", qUtf8Printable(title), static_cast<long long>(count),
                     static_cast<long long>(bytes), seconds);
    }
    return {};
}

Result<void> Session::memory()
{
    QThread::sleep(static_cast<unsigned long>(m_options.settleSeconds));
    for (const Server &server : m_servers) {
        m_residentKiB = server.program->residentKiB();
        m_report.addFact(QStringLiteral("resident, %1").arg(server.title),
                         QStringLiteral("%1 MiB").arg(double(m_residentKiB) / 1024, 0, 'f', 1));
    }
    return {};
}

Result<void> Session::memoryOfNewFolder()
{
    auto started = Program::start(m_options.restanted, arguments(m_folder + QStringLiteral("/new")));
    if (!started)
        return started.error();
    const auto name = matrix::ServerName::parse((*started)->serverName());
    if (!name)
        return name.error();
    Server server{NewFolder, std::move(*started)};
    constexpr qint64 atOnce = 10'000; // rendered and signed before they are sent
    for (qint64 left = m_options.newStores; left > 0; left -= atOnce) {
        const qint64 count = std::min(left, atOnce);
        StoreTraffic stores(*name, m_senders, m_destinations, m_options.small, count, m_number);
        m_number += quint64(count);
        if (const auto stored = measure(server, Store, m_options.connections, stores, DrainSeconds); !stored)
            return stored.error();
    }
    QThread::sleep(static_cast<unsigned long>(m_options.settleSeconds));
    m_newResidentKiB = server.program->residentKiB();
    m_report.addFact(QStringLiteral("resident, %1, %2 stores").arg(NewFolder).arg(m_options.newStores),
                     QStringLiteral("%1 MiB").arg(double(m_newResidentKiB) / 1024, 0, 'f', 1));
    return server.program->stop();
}

Result<void> Session::stop()
{
    for (Server &server : m_servers) {
        if (auto stopped = server.program->stop(); !stopped)
            return stopped;
    }
    return {};
}

void Session::judge()
{
    const auto ratio = [this](const QString &what, const QString &scenario, const QString &server,
                              const QString &yardstick, double goal) {
        const auto value = m_report.rateRatio(scenario, server, yardstick);
        if (!value)
            return;
        m_report.addVerdict({what, QStringLiteral("%1 ×").arg(goal), QStringLiteral("%1 ×").arg(*value, 0, 'f', 2),
                             *value, *value >= goal});
    };
    ratio(QStringLiteral("1 send_relay, %1 PDU / bare").arg(m_options.small.pdus), Store, Empty, Bare, 0.6);
    if (const auto value = m_report.rateRatio(StoreLarge, Empty, Bare)) {
        constexpr double never = std::numeric_limits<double>::infinity();
        const double file = m_report.rateRatio(StoreLarge, PlainFile, Empty).value_or(never); // of the times
        const double sqlite = m_report.rateRatio(StoreLarge, PlainSqlite, Empty).value_or(never);
        m_report.addVerdict({QStringLiteral("2 send_relay, %1 PDUs / bare, or plain").arg(m_options.large.pdus),
                             QStringLiteral("0.6 ×, or within 1.2 × of plain"),
                             QStringLiteral("%1 ×; file %2 ×, SQLite %3 ×")
                                 .arg(*value, 0, 'f', 2)
                                 .arg(file, 0, 'f', 2)
                                 .arg(sqlite, 0, 'f', 2),
                             *value, *value >= 0.6 || std::min(file, sqlite) <= 1.2});
    }
    ratio(QStringLiteral("3 relay_txn / bare"), Collect, Empty, Bare, 0.6);
    ratio(QStringLiteral("4 send_relay, %1 held / empty").arg(m_options.held), Store, Full, Empty, 0.8);
    ratio(QStringLiteral("4 relay_txn, %1 held / empty").arg(m_options.held), Collect, Full, Empty, 0.8);
    const Series &stores = m_report.series(Store, Empty);
    if (!stores.isEmpty() && !m_verificationsUs.empty()) {
        const double verification = median(m_verificationsUs);
        m_report.addFact(QStringLiteral("one ed25519 verification"),
                         QStringLiteral("%1 µs").arg(verification, 0, 'f', 1));
        const double value = stores.median().processorUs / verification;
        m_report.addVerdict(
            {QStringLiteral("5 processor time a store / one verification"), QStringLiteral("≤ 2.5 ×"),
             QStringLiteral("%1 µs, %2 ×").arg(stores.median().processorUs, 0, 'f', 1).arg(value, 0, 'f', 2), value,
             value <= 2.5});
    }
    judgeNode();
    judgeDelivering();
    const auto memory = [this](const QString &what, qint64 residentKiB) {
        constexpr double most = 64;
        const double mebibytes = double(residentKiB) / 1024;
        m_report.addVerdict({what, QStringLiteral("≤ %1 MiB").arg(most),
                             QStringLiteral("%1 MiB").arg(mebibytes, 0, 'f', 1), mebibytes, mebibytes <= most});
    };
    if (m_options.measures("held"))
        memory(QStringLiteral("6 resident memory, %1 held").arg(m_options.held), m_residentKiB);
    if (m_newResidentKiB > 0)
        memory(QStringLiteral("6 the same, a new folder, %1 stores").arg(m_options.newStores), m_newResidentKiB);
}

} // namespace restante::bench
