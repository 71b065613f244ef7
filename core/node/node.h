// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/answerbox.h"
#include "base/taskthread.h"
#include "identity/identity.h"
#include "node/associationboard.h"
#include "node/collector.h"
#include "node/delivery.h"
#include "node/destinationbook.h"
#include "node/sleepwatch.h"
#include "telemetry/counters.h"

#include <QtCore/QObject>

#include <functional>
#include <memory>

namespace restante::node
{

/// The node role of one installation: collector, inbox and the outbox's memory, in a thread of their own. Constructed,
/// used and destroyed in the main thread, which it never blocks but at the end; answers come there, later, and not
/// after `context` or the node is gone. `book` and `associations` are for the threads that send.
class Node
{
public:
    template <typename T>
    using Done = std::function<void(Result<T>)>;
    using MakeCaller = std::function<std::unique_ptr<federation::Caller>()>;
    /// What hands the inbox to the homeserver; `changed`, which it calls only later: what it tells is different now.
    using MakeDeliverer =
        std::function<std::unique_ptr<Deliverer>(InboxStore &, federation::Caller &, std::function<void()> changed)>;

    struct Options {
        Collector::Options collector;
        int failuresUntilOffline = 2;
        int sleepLookMs = SleepWatch::LookMs; ///< between two looks whether the machine slept
        QList<Association> associations;
        QList<Association> ownRelays; ///< that send for us what no relay of the destination takes
        QByteArray homeserver;    ///< where mail is delivered, `http://127.0.0.1:8008`; empty: it stays in the inbox
        QList<Unproven> unproven; ///< whose events may be delivered without their sender's signature
        QByteArray upstream;      ///< host and port at which relays reach it, to pass requests on; empty: they hold
    };
    /// What the main thread sees without asking; never more than a quarter of a second old.
    struct Snapshot {
        Sweep sweep;
        QList<RelayStatus> relays;
        InboxTotals inbox;
        DeliveryTotals deliveries;
        std::optional<InboxTrouble> inboxTrouble;
    };
    /// Called in the main thread, at most 4 times a second each.
    struct Observers {
        std::function<void()> changed; ///< sweep or relays
        std::function<void()> inboxChanged;
        std::function<void()> outboxChanged;
    };

    /// Opens node.sqlite in `folder`. `makeCaller` and `makeDeliverer` are called in the node's thread; without the
    /// latter nothing is delivered. They, `clock` and `identity` outlive the node. Errors as InboxStore::open.
    static Result<std::unique_ptr<Node>> open(const QString &folder, const base::Clock &clock,
                                              const identity::Identity &identity, MakeCaller makeCaller,
                                              MakeDeliverer makeDeliverer, const Options &options, Observers observers);
    /// Gives up what is on its way.
    ~Node();
    Q_DISABLE_COPY_MOVE(Node)

    void configure(const Options &options);
    DestinationBook &book() { return m_book; }
    const DestinationBook &book() const { return m_book; }
    const AssociationBoard &associations() const { return m_board; }
    /// Any thread.
    telemetry::NodeCounters &counters() { return m_counters; }
    const telemetry::NodeCounters &counters() const { return m_counters; }
    const Snapshot &snapshot() const { return m_snapshot; }

    /// Something happened that makes a sweep worth while: the network came up, the machine woke.
    void wake();
    /// As control::Operations describes them.
    void retrieve(const QString &relay, QObject *context, Done<Sweep> done);
    void cancelRetrieve();
    void testRelay(const Association &relay, QObject *context, Done<RelayReport> done);
    void fetchInbox(InboxPart part, qint64 after, int limit, QObject *context, Done<InboxPage> done);
    void fetchInboxEntry(qint64 id, QObject *context, Done<InboxEntry> done);
    void discardInbox(const QList<qint64> &ids, QObject *context, Done<qint64> done);
    void retryInbox(const QList<qint64> &ids, QObject *context, Done<qint64> done);
    void exportInbox(const QList<qint64> &ids, const QString &file, QObject *context, Done<InboxExported> done);
    void sendTransaction(const matrix::ServerName &destination, const QByteArray &body, QObject *context,
                         Done<SendReport> done);
    /// Runs `task` in the node's thread, later; not if the node ends before. Any thread.
    void atDeliverer(std::function<void(Deliverer &)> task);

private:
    struct Core;

    Node(const base::Clock &clock, matrix::ServerName ownName, Observers observers);
    template <typename T>
    void ask(std::function<Result<T>(Core &)> question, QObject *context, Done<T> done);

    const base::Clock &m_clock;
    const matrix::ServerName m_ownName;
    Observers m_observers;
    AssociationBoard m_board;
    telemetry::NodeCounters m_counters;
    Snapshot m_snapshot;
    base::AnswerBox m_answers;
    DestinationBook m_book;
    std::unique_ptr<Core> m_core; ///< made, used and destroyed in m_thread
    base::TaskThread m_thread;    ///< the last member: it ends before what it uses
};

} // namespace restante::node
