// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "traffic.h"

#include <QtCore/QString>
#include <QtCore/QStringList>

namespace restante::bench
{

/// What to measure, and with what load.
struct Options {
    QString restanted; ///< the program under measurement
    QString bare;      ///< the yardstick
    QString folder;    ///< temporary data goes in here; on a real disk
    QString json;      ///< file for the results; empty = none
    QStringList scenarios = {QStringLiteral("small"), QStringLiteral("large"), QStringLiteral("alone"),
                             QStringLiteral("held"),  QStringLiteral("node"),  QStringLiteral("deliver"),
                             QStringLiteral("new")};
    QStringList settings; ///< KEY=VALUE, handed on to all servers
    int senders = 64;
    int destinations = 64;
    int connections = 64; ///< of the store rounds; collecting has one a destination
    int workers = 1;      ///< HTTP threads of both servers
    TransactionShape small{1, 768};
    TransactionShape large{50, 1024};
    double seconds = 5;
    int rounds = 3;
    qint64 held = 1'000'000; ///< entries of others, put there before the start
    int heldDestinations = 1'000;
    int heldOrigins = 100;
    int heldBytes = 900;
    qint64 collected = 10'000;  ///< entries that a node collects at a time
    qint64 delivered = 10'000;  ///< entries of a node's inbox that it delivers
    qint64 newStores = 100'000; ///< into a new folder, for its memory
    int settleSeconds = 10;     ///< between the load and the look at the memory
    bool smoke = false;         ///< a short run that judges nothing

    bool measures(const char *scenario) const { return scenarios.contains(QLatin1String(scenario)); }

    /// Reads the command line. Errc::InvalidSetting with a sentence for what cannot be used. Help ends the program.
    static Result<Options> parse(const QStringList &arguments);
};

} // namespace restante::bench
