// SPDX-License-Identifier: GPL-3.0-or-later
// What the configuration of a homeserver on this computer says of the things that Restante has to agree with.
#pragma once

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace restante::homeserver
{

enum class Software { Synapse, Dendrite };

struct Configuration {
    Software software = Software::Synapse;
    QString file = {};       ///< the main one
    QString partFolder = {}; ///< whose files count, too, each as a whole; empty: there is none
    QString serverName = {}; ///< empty: it does not say
    QString signingKey = {}; ///< path of the file with its key; empty: that is not known
    /// `http://127.0.0.1:8008`: where it takes requests of other servers from this computer, without TLS. Empty: it
    /// says of none.
    QString place = {};
    bool placeIsUsual = false;  ///< the configuration says nothing of it, and this is where the software listens then
    QStringList wayOut = {};    ///< Synapse: `outbound_federation_restricted_to`
    QString instancesFile = {}; ///< Synapse: the file with its `instance_map`; empty: it has none, or an empty one
    QString listenersFile = {}; ///< Synapse: the file with its `listeners`; empty: it has none
    QString secret = {};        ///< Synapse: its `worker_replication_secret`: for nobody's eyes, and for no log
    QString secretFile = {};    ///< Synapse: the file with it instead
    bool hasDelegate = false;   ///< Dendrite: there is a line with `well_known_server_name`

    friend bool operator==(const Configuration &, const Configuration &) = default;
};

/// A file or folder that may be such a configuration and cannot be read.
struct Unreadable {
    QString path = {};
    QString reason = {}; ///< English: "Permission denied"

    friend bool operator==(const Unreadable &, const Unreadable &) = default;
};

struct Found {
    QList<Configuration> homeservers;
    QList<Unreadable> unreadable;
    QStringList places = {}; ///< files that were looked for
};

} // namespace restante::homeserver
