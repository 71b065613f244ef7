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
    QString signingKey = {}; ///< path of the file with its key; empty: it does not say
    /// `http://127.0.0.1:8008`: where it takes requests of other servers from this computer, without TLS. Empty: it
    /// says of none.
    QString place = {};
    bool placeIsUsual = false; ///< the configuration says nothing of it, and this is where the software listens then
    QStringList wayOut = {};   ///< Synapse: `outbound_federation_restricted_to`
    bool hasInstances = false; ///< Synapse: it has an `instance_map`
    bool hasSecret = false;    ///< Synapse: it has a `worker_replication_secret`, or a file with one

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
