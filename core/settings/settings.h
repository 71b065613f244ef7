// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/servername.h"
#include "settings/homeserverurl.h"
#include "settings/listenaddress.h"
#include "settings/relayorigin.h"
#include "settings/relayurl.h"

#include <QtCore/QByteArray>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include <optional>

namespace restante::settings
{

/// One served destination as the operator configured it.
struct ServedEntry {
    matrix::ServerName name;
    QString petname;                        ///< the operator's own name for it; may be empty
    QList<matrix::ServerName> knownOrigins; ///< senders whose share of the quota is kept free
    matrix::ServerName front;               ///< host, and port, of its front door here; null: it has none
    QString tlsCertificate = {};            ///< PEM file for clients of that door; empty: they get the relay's own
    QString tlsKey = {};                    ///< of that certificate

    /// Without a door there are no clients for its certificate.
    void setFront(const matrix::ServerName &door)
    {
        front = door;
        if (door.isNull())
            tlsCertificate = tlsKey = QString();
    }
    friend bool operator==(const ServedEntry &, const ServedEntry &) = default;
};

/// One association as the operator configured it: `relay` holds mail for `destination`.
struct RelayEntry {
    matrix::ServerName relay;
    RelayUrl url;                   ///< where it is; null = found by its name
    QByteArray pin;                 ///< SHA-256 of its certificate's public key; empty = ordinary certificate check
    matrix::ServerName destination; ///< null = this node
    QString petname;                ///< the operator's own name for the relay; may be empty
    bool overlay = false;           ///< the network in between is encrypted already: http:// will do

    /// An association is what these two say; there are no two alike.
    QString key() const { return relay.toString() + u' ' + destination.toString(); }
    QString pinText() const { return QString::fromLatin1(pin.toHex()); }
    /// Whether it holds mail for this node, called by its name or not.
    bool isMine(const QString &ownName) const { return destination.isNull() || destination.toString() == ownName; }
    friend bool operator==(const RelayEntry &, const RelayEntry &) = default;
};

/// Every setting of the program, by room. Names, addresses and URLs were read when the settings were loaded or edited
/// and are not read again. Plain and comparable; a dialog edits a copy. Keys, ranges and defaults stand
/// in the field table in fieldtable.cpp; the member initialisers here are the defaults.
struct Settings {
    // server
    QList<ListenAddress> listen = {{QHostAddress(QHostAddress::LocalHost), 8449}}; ///< relay listeners
    QString tlsCertificate;                                                        ///< PEM file; empty = plain HTTP
    QString tlsKey;
    bool plainHttp = false;                   ///< a proxy or an encrypted network does what TLS would
    std::optional<QHostAddress> trustedProxy; ///< whose last X-Forwarded-For element counts
    int httpWorkers = 1;
    // relay
    bool relayEnabled = true;
    bool relayPaused = false;
    bool relayOpen = false;    ///< accept mail for anyone
    bool requireFresh = false; ///< mail is handed out only to requests that say when they were made
    QList<ServedEntry> served;
    QList<matrix::ServerName> blockedOrigins;
    QList<matrix::ServerName> sendsFor; ///< origins whose mail is taken in for anyone, and sent from here
    int probeSeconds = 60;              ///< until what could not be sent is tried again; doubled each time
    // queue
    qint64 destinationEntries = 20'000;
    qint64 destinationBytes = qint64(512) << 20;
    qint64 originEntries = 5'000;
    qint64 originBytes = qint64(128) << 20;
    qint64 totalEntries = 2'000'000;
    qint64 totalBytes = qint64(8) << 30;
    qint64 diskFloorBytes = qint64(1) << 30;
    int unservedDestinations = 10'000;
    int expiryDays = 30;
    int tombstoneDays = 30;
    int tombstones = 1'000'000;
    bool secureDelete = false;
    // limits of the HTTP front (core/README 6)
    int requestLineBytes = 8 * 1024;
    int headBytes = 32 * 1024;
    int headFields = 100;
    qint64 bodyBytes = 13'107'200;
    qint64 bodyMemoryBytes = 52 << 20;
    int bodyMemoryAddressDivisor = 4;
    qint64 smallBodyReserveBytes = 8 << 20;
    qint64 smallBodyBytes = qint64(64) * 1024;
    int connections = 2'000;
    int connectionsPerAddress = 100;
    int headMs = 10'000;
    int bodyMs = 30'000;
    qint64 bodyBytesPerSecond = qint64(64) * 1024;
    int idleMs = 15'000;
    int handlerMs = 60'000;
    int writeStallMs = 15'000;
    int tlsHandshakeMs = 5'000;
    int lingerMs = 1'500;
    qint64 unsentBytes = qint64(256) * 1024;
    // budgets: a second and burst, requests unless something else is said (a large body counts as several); 0 = off
    double addressRate = 2'000;
    double addressBurst = 20'000;
    double connectionRate = 50; ///< connections of one address a second
    double connectionBurst = 500;
    double originRate = 1'000; ///< four times that for all strangers' mail for one destination
    double originBurst = 20'000;
    double failedRate = 512;          ///< KiB a second of requests of one address that turn out to be worth nothing
    double failedBurst = 32.0 * 1024; ///< KiB
    // node: works beside one homeserver
    bool nodeEnabled = false;
    ListenAddress nodeListen = {QHostAddress(QHostAddress::LocalHost), 8450}; ///< node listener, loopback only
    QList<RelayEntry> relays;                                                 ///< associations: mine and my contacts'
    QList<RelayEntry> ownRelays;       ///< relays that send for this node what it cannot deliver; without destination
    int failuresUntilOffline = 2;      ///< direct failures in a row
    int collectSeconds = 300;          ///< between two sweeps
    qint64 inboxRelayEntries = 20'000; ///< what one relay may have in the inbox
    qint64 inboxRelayBytes = qint64(512) << 20;
    HomeserverUrl homeserver; ///< where collected mail is delivered; null: it stays in the inbox
    QString upstream;         ///< host and port at which front doors reach the homeserver; empty: they hold
    bool announce = false;    ///< the own name is told to the local network
    RelayOrigins unproven;    ///< of these the events are delivered without their sender's signature
    // federation: requests to other servers
    bool fetchKeys = true;              ///< ask servers for their keys
    QList<matrix::ServerName> notaries; ///< servers that are asked for others' keys when they do not answer
    QList<Network> allowedNetworks;     ///< what may be reached although it is private
    QString caFile;                     ///< PEM file with authorities that count besides the system's
    // card: what the card of this relay says, for others to add it
    QString cardName;      ///< how its operator is called; may be empty
    QString cardAddresses; ///< where others reach this relay: URLs, separated by spaces; empty: not known
    // metrics
    std::optional<ListenAddress> metricsListen; ///< none = off
    // log
    QString logRules; ///< QLoggingCategory filter rules, separated by ';'

    friend bool operator==(const Settings &, const Settings &) = default;
};

/// What the operator made of the settings in force.
struct EditedSettings : Settings {
    EditedSettings() = default;
    EditedSettings(const Settings &settings) // NOLINT: most edits name no key
        : Settings(settings)
    {
    }

    QStringList named; ///< keys that were set by name: saved although an option of this run set the same value
};

} // namespace restante::settings
