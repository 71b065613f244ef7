// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "options.h"
#include "program.h"
#include "report.h"

#include <memory>

namespace restante::bench
{

/// One run of the bench: the servers, the load, the rounds. restanted with nothing held, restanted with much held and
/// the bare server run side by side under one name, so that each takes the very same requests; only one of them is
/// under load at a time.
class Session
{
public:
    /// `folder` is empty and belongs to the session. Both outlive it.
    Session(const Options &options, const QString &folder, Report &report);

    /// Starts the servers, fills the one that holds much, measures the machine.
    Result<void> prepare();
    /// Rows 1, 3, 4 and 5: small transactions in, then out again.
    Result<void> smallRounds();
    /// Row 2: large transactions in; then the same bytes through plain writers.
    Result<void> largeRounds();
    /// One connection alone: small transactions for one destination in, one after the other, then out again.
    Result<void> lonelyRounds();
    /// The node's rows: collecting from the relay, and sending through the outbox.
    Result<void> nodeRounds();
    /// The courier's rows: a backlog is delivered to a homeserver. By itself: other programs than those of prepare().
    Result<void> deliverRounds();
    /// Row 6. Call it last before stop().
    Result<void> memory();
    /// Row 6 in a folder that is new: a database that this very process has made. After stop(), before judge().
    Result<void> memoryOfNewFolder();
    /// Ends the servers; they must do so without complaint.
    Result<void> stop();
    /// Fills the table of goals.
    void judge();

private:
    struct Server {
        QString title;
        std::unique_ptr<Program> program;
        bool keeps = true; ///< what it is given; the bare one does not
    };

    QStringList settings() const;
    QStringList arguments(const QString &dataFolder) const;
    Result<void> makeIdentity();
    Result<void> measureMachine();
    Result<Sample> measure(Server &server, const QString &scenario, int connections, Traffic &traffic, double seconds);
    Result<void> round(Server &server, StoreTraffic &stores, bool large);
    Result<void> drain(Server &server, qint64 expected);
    static Error lost(const Server &server, qint64 expected, qint64 came);
    Result<void> writePlainly(qint64 count);
    Result<void> collectOnce(Program &node, const QString &folder);
    Result<void> sendThrough(Program &node, const QString &folder);
    void judgeNode();
    Result<void> deliverOnce(const QString &folder);
    Result<void> feedPlainly(Program &homeserver, const matrix::ServerName &name);
    void judgeDelivering();
    Result<qint64> requestsPerRound(const TransactionShape &shape);

    const Options &m_options;
    QString m_folder;
    Report &m_report;
    matrix::ServerName m_name;
    std::vector<Peer> m_senders;
    std::vector<Peer> m_destinations;
    std::vector<Server> m_servers;         ///< bare, empty, and, if it is measured, the one that holds much
    quint64 m_number = 1;                  ///< of the next transaction: no content is sent twice
    std::vector<double> m_verificationsUs; ///< of one signature, in turn with the stores
    qint64 m_residentKiB = 0;
    qint64 m_newResidentKiB = 0; ///< in a new folder; 0 = not measured
    qint64 m_deliveringKiB = 0;  ///< the most that a node had while it delivered
};

} // namespace restante::bench
