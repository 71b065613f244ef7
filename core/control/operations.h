// SPDX-License-Identifier: GPL-3.0-or-later
// What an operator can see and do, the same for the window and for restantectl.
#pragma once

#include "base/result.h"
#include "homeserver/configuration.h"
#include "homeserver/lines.h"
#include "homeserver/trial.h"
#include "identity/publickey.h"
#include "matrix/entryid.h"
#include "matrix/servername.h"
#include "node/types.h"
#include "queue/dispatchrecords.h"
#include "queue/types.h"
#include "relay/doorboard.h"
#include "relay/inviteboard.h"
#include "settings/settings.h"
#include "telemetry/traffic.h"

#include <QtCore/QObject>

#include <functional>

namespace restante::control
{

/// Something that asks for attention although everything works: it changes no state.
struct StatusWarning {
    enum class Kind {
        OpenFolder,            ///< other users can enter the data folder
        NewIdentity,           ///< made beside older files
        NewDatabase,           ///< made beside older files
        NewSecret,             ///< of the node listener, made beside older files
        ClosedLog,             ///< nothing can be written into the log
        CertificateEndsSoon,   ///< the relay's own, within two weeks
        CertificateNotRenewed, ///< its files hold something that cannot be used; the one from before is still in use
        DoorCertificate,       ///< one of a front door's own cannot be used, or not for long
        RelayHoldsNothing,     ///< one of my relays takes in no mail for this node
        MyRelayPaused,         ///< one of my relays takes in none just now
        MyRelayRefuses,        ///< one of my relays answers, but hands out no mail
        MyRelayFails,          ///< one of my relays answers nonsense, or could not be asked several times in a row
        RelayRefuses,          ///< a contact's relay did not take the last transaction for him
        OtherHomeserver,       ///< the homeserver signs under another name or with another key than this installation
        WrongSecret,           ///< somebody asked at the node listener without its secret
        WrongClock,            ///< days off the clocks of other servers
        NoAuthorities,         ///< no certificate of another server can be checked
        SenderRefused,         ///< a mailbox takes no more from one of its senders
        MailboxFilling,        ///< a mailbox is at least 80 % full
        RelayFilling,          ///< all of them together are
        LostTraffic,           ///< the file with the counts of the traffic could not be used
    };
    Kind kind = Kind::OpenFolder;
    QString detail;      ///< one plain English sentence, for the log, restantectl, hovering and copying
    QString server = {}; ///< of MailboxFilling and SenderRefused: whose mailbox it is
    int percent = 0;     ///< of MailboxFilling and RelayFilling: how full

    friend bool operator==(const StatusWarning &, const StatusWarning &) = default;
};

/// Whose mail is refused since when, and why; for the log and restantectl.
QString refusalText(const queue::MailRefusal &refusal);
QString refusalText(const queue::SenderRefusal &refusal);

/// The one value that window, tray, restantectl and metrics render alike.
struct ApplianceStatus {
    enum class State { Running, Paused, Degraded, Stopped };
    State state = State::Stopped;
    QList<Error> reasons; ///< why Degraded or Stopped, or Paused because relaying is off
    QList<StatusWarning> warnings;
    QString serverName;
    QStringList addresses;    ///< where the relay listens, as URLs
    QString pin;              ///< of the relay's certificate, in hex, if no authority signed it; else empty
    bool loopbackOnly = true; ///< only this computer can reach the relay
    bool openRelay = false;
    int served = 0; ///< served destinations
    qint64 heldEntries = 0;
    qint64 heldBytes = 0;
    int fillPercent = 0;                ///< of what may be held in all
    QList<queue::MailRefusal> refusals; ///< mail that is being refused because there is no room, by destination
    qint64 accepted = 0;                ///< entries stored since the start
    qint64 handedOver = 0;              ///< entries that their owners collected since the start
    int sendsFor = 0;                   ///< servers whose mail this relay sends by itself
    qint64 dispatched = 0;              ///< such transactions that were taken since the start
    qint64 dispatchDestinations = 0;    ///< servers that such mail waits for
    qint64 dispatchParked = 0;          ///< such transactions that their destination will never take
    qint64 lastContactMs = 0;           ///< last verified request from another server; 0 = none since the start
    qint64 lastOutsideMs = 0; ///< last request from another computer, whoever it was; 0 = none since the start
    // The node role; all as here if it is off
    bool node = false;
    bool nodeFailed = false; ///< it is wanted, and off because its database cannot be used: a reason says why
    QString nodeAddress;     ///< of the node listener, as URL; empty = it does not listen
    qint64 inboxEntries = 0; ///< collected, not yet taken out
    qint64 inboxBytes = 0;
    bool delivers = false; ///< a homeserver is set, to which the inbox goes
    node::DeliveryTotals deliveries;
    qint64 homeserverSeenMs = 0; ///< last request of the homeserver at the node listener; 0 = none since the start
    int myRelays = 0;            ///< associations that hold mail for this node
    int failingRelays = 0;       ///< of these, asked without success the last time
    int contactRelays = 0;       ///< associations that hold mail for contacts
    int offlineDestinations = 0;
    // Other servers on the local network
    bool announces = false;     ///< it was told that this server is there
    bool watchesNearby = false; ///< others are listened to, for mail that is sent from here
    QString nearbyTrouble;      ///< English: why not all of this is done that is wished for; empty: it is
};

/// Who this installation is, for people: nothing in it is secret.
struct IdentityCard {
    QString serverName;
    QString keyId;
    QString publicKey; ///< unpadded base64
};

/// A key of another server that is held here.
struct ServerKey {
    QString server;
    QString keyId;
    QString key;             ///< unpadded base64
    qint64 seenMs = 0;       ///< when it was fetched last, or pinned
    qint64 validUntilMs = 0; ///< requests count until then; 0 = without an end
    bool pinned = false;
    bool old = false;    ///< the server itself signs with it no more
    bool usable = false; ///< requests that it signed count now
};

/// A key that came while another one was held under its id, which stays.
struct RefusedKey {
    QString server;
    QString keyId;
    QString key;          ///< unpadded base64
    qint64 refusedMs = 0; ///< the last time
};

/// A server whose keys could not be fetched the last time that it was asked.
struct FailedKeys {
    QString server;
    QString reason;      ///< a sentence
    qint64 failedMs = 0; ///< the last time
};

struct ServerKeys {
    QList<ServerKey> keys;     ///< by server and key id
    QList<RefusedKey> refused; ///< since the start, at most one for each server
    QList<FailedKeys> failed;  ///< since the start, by server
    qint64 left = 0;           ///< keys that were too many to tell
};

/// Lives in the main thread; every callback and signal comes there, later (never from inside the call), and not after
/// `context` is gone. Nothing here blocks.
class Operations : public QObject
{
    Q_OBJECT

public:
    template <typename T>
    using Done = std::function<void(Result<T>)>;

    using QObject::QObject;

    virtual ApplianceStatus status() const = 0;
    virtual settings::Settings settings() const = 0;
    /// Validates, saves, applies. Errc::InvalidSetting names the key; nothing is changed then. The value tells whether
    /// a restart is needed for all of it to take effect.
    virtual void applySettings(const settings::EditedSettings &changed, QObject *context, Done<bool> done) = 0;
    /// Saves it too. A failure comes as `failed`.
    virtual void setPaused(bool paused) = 0;

    /// Says whether somebody looks at the totals: while true, `totalsChanged` comes after changes, at most 4 a second.
    virtual void setWatching(bool watching) = 0;
    virtual void fetchTotals(QObject *context, Done<queue::Totals> done) = 0;
    /// How much mail came and went, up to now; remembered over restarts.
    virtual void fetchTraffic(telemetry::TrafficSpan span, QObject *context, Done<telemetry::TrafficReport> done) = 0;
    virtual void fetchEntries(const queue::HeldFor &what, matrix::EntryId after, int limit, QObject *context,
                              Done<queue::EntryPage> done) = 0;
    virtual void fetchEntry(const matrix::ServerName &destination, matrix::EntryId id, QObject *context,
                            Done<queue::HeldEntry> done) = 0;
    /// The value is the number of entries that were thrown away.
    virtual void discard(const matrix::ServerName &destination, const QList<matrix::EntryId> &ids, QObject *context,
                         Done<qint64> done) = 0;
    virtual void discardAll(const queue::HeldFor &what, QObject *context, Done<qint64> done) = 0;
    /// Writes entries to `file` (mode 0600) as one JSON object a line, bytes of events as they came. Empty `ids`: all
    /// of it. The value is the number written.
    virtual void exportEntries(const queue::HeldFor &what, const QList<matrix::EntryId> &ids, const QString &file,
                               QObject *context, Done<qint64> done) = 0;

    /// What this relay sends by itself, for servers that it works for: the servers that mail waits for, by name.
    virtual QList<queue::Sending> sendings() const = 0;
    /// Tries at once what waits for `destination`, parked mail included; null: for all. The value is how many parked
    /// transactions and ended pauses there were. Errc::InvalidSetting if nothing is sent from here; StorageFailed,
    /// Busy.
    virtual void retrySending(const matrix::ServerName &destination, QObject *context, Done<qint64> done) = 0;

    virtual IdentityCard identity() const = 0;

    /// What is held of the keys of `server`, or of all servers if it is null: then at most 1,000, pinned ones before
    /// others and those seen last before earlier ones.
    virtual void fetchKeys(const matrix::ServerName &server, QObject *context, Done<ServerKeys> done) = 0;
    /// Trusts this key from now on, without an end, instead of what was held under its id; the value tells whether that
    /// was another key. Like `forgetKeys` in force when `done` comes, and kept by then, over a power cut, too. If
    /// that does not work: StorageFailed or Busy, although it is in force. Errc::InvalidParam for a server whose name
    /// is its key and for what is not a usable key; Refused for a banned one.
    virtual void pinKey(const matrix::ServerName &server, const QByteArray &keyId, const identity::PublicKey &key,
                        QObject *context, Done<bool> done) = 0;
    /// Forgets the key with this id, or all of the server if it is empty, pinned ones too; the next request has them
    /// fetched anew. The value is how many were held. Errc::InvalidParam for a server whose name is its key.
    virtual void forgetKeys(const matrix::ServerName &server, const QByteArray &keyId, QObject *context,
                            Done<qint64> done) = 0;

    /// The front doors of this relay: for each whether its mail is held or passed on, and since when.
    virtual QList<relay::DoorState> doors() const = 0;
    /// Invites that came to a front door and could not be passed on, since the start; the newest first.
    virtual QList<relay::FailedInvite> failedInvites() const = 0;

    // The homeserver beside this installation; all of it works without the node role, too.

    /// Looks for homeservers in the usual places of this computer, or in `file` alone if that is not empty.
    virtual void findHomeservers(const QString &file, QObject *context, Done<homeserver::Found> done) = 0;
    /// Whether the homeserver at `place` answers, and is the one whose name and key this installation has. Changes
    /// nothing there. Every outcome is a value.
    virtual void testHomeserver(const settings::HomeserverUrl &place, QObject *context,
                                Done<homeserver::TrialReport> done) = 0;
    /// What a homeserver has to know of the node listener, its secret included, which is made if there is none yet.
    /// Errc::InvalidSetting if node.listen has no port of its own; Io, Corrupt.
    virtual void fetchHomeserverAccess(QObject *context, Done<homeserver::Access> done) = 0;

    // The node role. If it is off, lists are empty and calls answer Errc::InvalidSetting. Associations are settings:
    // they are added, changed and removed with `applySettings`, without a restart.

    /// One for each association of the settings, in their order.
    virtual QList<node::RelayStatus> relays() const = 0;
    /// Makes a signed request to the relay, for our own queue, that changes nothing there. `relay` need not be among
    /// the settings, but must pass `settings::relayProblem`: else Errc::InvalidSetting. Every other outcome is a value.
    virtual void testRelay(const settings::RelayEntry &relay, QObject *context, Done<node::RelayReport> done) = 0;
    /// The sweep that runs, or the last one.
    virtual node::Sweep sweep() const = 0;
    /// Collects now from `relay` (server name), or from all of mine if it is empty; joins a sweep that runs. `done`
    /// gets the sweep when it has ended; a relay that failed is in it, and no error. Errc::NotFound for a relay that is
    /// none of mine.
    virtual void retrieve(const QString &relay, QObject *context, Done<node::Sweep> done) = 0;
    /// What was taken over stays; `retrieve` answers with a cancelled sweep.
    virtual void cancelRetrieve() = 0;
    /// The lines of a part of it after the one with id `after` (0 = from the start), at most `limit` (0 = only the
    /// figures).
    virtual void fetchInbox(node::InboxPart part, qint64 after, int limit, QObject *context,
                            Done<node::InboxPage> done) = 0;
    /// Errc::NotHeld for one that is gone.
    virtual void fetchInboxEntry(qint64 id, QObject *context, Done<node::InboxEntry> done) = 0;
    /// Throws away; empty `ids`: everything. The value is how many went. They are not collected again.
    virtual void discardInbox(const QList<qint64> &ids, QObject *context, Done<qint64> done) = 0;
    /// Tries these again to deliver to the homeserver, however they stand; empty `ids`: everything. The value is how
    /// many were set aside or had to wait. Errc::InvalidSetting if no homeserver is set.
    virtual void retryInbox(const QList<qint64> &ids, QObject *context, Done<qint64> done) = 0;
    /// As exportEntries; empty `ids`: everything. Entries that are damaged are left out, and named.
    virtual void exportInbox(const QList<qint64> &ids, const QString &file, QObject *context,
                             Done<node::InboxExported> done) = 0;
    /// Every destination that the outbox has met, by name.
    virtual void fetchOutbox(QObject *context, Done<QList<node::DestinationRow>> done) = 0;
    /// The operator says that this destination is back: its failures are forgotten, the next transaction goes directly.
    virtual void forgetFailures(const matrix::ServerName &destination, QObject *context, Done<bool> done) = 0;
    /// Puts a transaction (the JSON body of a /send) through the outbox under our own identity. Errors: NotJson,
    /// BadJson, TooLarge; that it could not be sent is told by the report.
    virtual void sendTransaction(const matrix::ServerName &destination, const QByteArray &body, QObject *context,
                                 Done<node::SendReport> done) = 0;

Q_SIGNALS:
    void statusChanged();
    void settingsChanged();
    /// Something that was asked for without a callback could not be done.
    void failed(restante::Error error);
    void totalsChanged(restante::queue::Totals totals);
    /// At most 4 a second each.
    void relaysChanged();
    void sweepChanged();
    void inboxChanged();
    void outboxChanged();
};

} // namespace restante::control
