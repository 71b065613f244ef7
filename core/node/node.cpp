// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/node.h"

#include "matrix/canonicaljson.h"
#include "matrix/transaction.h"
#include "node/doorkeeper.h"
#include "node/givenupwatch.h"
#include "node/inboxexport.h"
#include "node/inboxlist.h"
#include "node/outbox.h"
#include "node/publisher.h"
#include "node/relaytrial.h"
#include "telemetry/logging.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QTimer>

#include <sodium.h>

#include <future>

namespace restante::node
{

namespace
{
constexpr int SummariseMs = 250;
constexpr int KeepAgainMs = 10'000;

QByteArray newTransactionId(const base::Clock &clock)
{
    QByteArray random(8, Qt::Uninitialized);
    randombytes_buf(random.data(), size_t(random.size()));
    return QByteArray::number(clock.wallMs()) + '-' + random.toHex();
}

/// Nobody delivers: the inbox stays as it is.
class NoDeliverer final : public Deliverer
{
public:
    void setHomeserver(const QByteArray &) override {}
    void setUnproven(const QList<Unproven> &) override {}
    void noteSwept(bool) override {}
    void lookAgain() override {}
    void wake() override {}
    Result<qint64> retry(const QList<qint64> &) override { return qint64(0); }
    Delivery delivery(qint64) const override { return {}; }
    Result<std::vector<DeliveredEvent>> given(const QByteArray &) override { return std::vector<DeliveredEvent>(); }
    DeliveryTotals totals() const override { return {}; }
};
} // namespace

/// What lives in the node's thread.
struct Node::Core {
    Core(Node &owner, const identity::Identity &signer, std::unique_ptr<InboxStore> opened,
         std::unique_ptr<federation::Caller> made, const MakeDeliverer &makeDeliverer)
        : node(owner)
        , identity(signer)
        , inbox(std::move(opened))
        , caller(std::move(made))
        , state([this] { publish(); })
        , inboxNews([this] { publishInbox(); })
        , outboxNews([this] { node.m_answers.post([&observers = node.m_observers] { observers.outboxChanged(); }); })
        , bookNews([this] { keepBook(); })
        , collector(
              *inbox, *caller, owner.m_counters, owner.m_clock, owner.m_ownName, [this] { onChanged(); },
              [this] { inboxNews.note(); })
        , outbox(*caller, owner.m_book, owner.m_board, owner.m_counters)
        , deliverer(makeDeliverer ? makeDeliverer(*inbox, *caller, [this] { onDelivery(); })
                                  : std::make_unique<NoDeliverer>())
        , doors(*caller, signer, owner.m_clock, [this] { collector.sweepAll(); })
        , givenUp(*caller, owner.m_board, [this] { outboxNews.note(); })
        , sleepWatch(owner.m_clock, [this] { wake(); })
    {
        summarising.setInterval(SummariseMs);
        summarising.callOnTimeout([this] { summariseMore(); });
        summarising.start();
        keepAgain.setSingleShot(true);
        keepAgain.setInterval(KeepAgainMs);
        keepAgain.callOnTimeout([this] { keepBook(); });
    }

    void configure(const Options &options);
    void wake();
    void send(const matrix::ServerName &destination, const matrix::ScannedObject &body, Outbox::Done done);
    void onDelivery();
    void onChanged();
    bool isSwept() const;
    bool isHome() const;
    void noteHome(bool sweepEnded);
    void publish();
    void publishInbox();
    void keepBook();
    void answerWaiting();
    void goOn(const std::shared_ptr<InboxExport> &out, const std::function<void(Result<InboxExported>)> &done);
    void summariseMore();

    Node &node;
    const identity::Identity &identity;
    std::unique_ptr<InboxStore> inbox;
    std::unique_ptr<federation::Caller> caller;
    Publisher state;
    Publisher inboxNews;
    Publisher outboxNews;
    Publisher bookNews; ///< a busy outbox is kept a few times a second, not once a transaction
    std::vector<std::function<void(Result<Sweep>)>> waiting; ///< for the end of the sweep
    Collector collector;
    Outbox outbox;
    std::unique_ptr<Deliverer> deliverer;
    quint64 sweepsDelivered = 0; ///< after which the deliverer has looked
    qint64 gone = 0;             ///< from the inbox, by the deliverer
    DoorKeeper doors;
    GivenUpWatch givenUp;
    bool delivers = false;
    bool home = false;     ///< as `doors` was told
    SleepWatch sleepWatch; ///< runs while there are relays to collect from
    QTimer keepAgain;      ///< runs while something of the book could not be kept
    bool keepingFailed = false;
    QTimer summarising; ///< of what an older program collected; runs until that is done
};

void Node::Core::configure(const Options &options)
{
    collector.setOptions(options.collector);
    collector.setAssociations(options.associations);
    deliverer->setUnproven(options.unproven);
    deliverer->setHomeserver(options.homeserver);
    QList<Association> mine;
    std::copy_if(options.associations.begin(), options.associations.end(), std::back_inserter(mine),
                 [this](const Association &association) { return association.isMine(node.m_ownName); });
    delivers = !options.homeserver.isEmpty();
    doors.configure(delivers ? mine : QList<Association>(), options.upstream);
    givenUp.ask();
    if (!mine.isEmpty())
        sleepWatch.start(options.sleepLookMs);
    else
        sleepWatch.stop();
}

void Node::Core::wake()
{
    deliverer->wake();
    collector.sweepAll();
}

/// Signed here, as a homeserver's would be: so that a relay gets the signature, too.
void Node::Core::send(const matrix::ServerName &destination, const matrix::ScannedObject &body, Outbox::Done done)
{
    QByteArray canonical;
    if (matrix::canonicalise(body.text(), matrix::NumberRule::Lenient, &canonical) != matrix::JsonFault::None)
        canonical = body.text(); // it was scanned
    const QByteArray txnId = newTransactionId(node.m_clock);
    const QByteArray target = "/_matrix/federation/v1/send/" + txnId;
    const QByteArray header = identity.authorizationHeader("PUT", target, destination, canonical);
    outbox.send({destination, txnId, canonical, target, {header}, true}, std::move(done));
}

/// Not from inside makeDeliverer.
void Node::Core::onDelivery()
{
    const DeliveryTotals totals = deliverer->totals();
    if (const qint64 now = totals.delivered + totals.skipped; now != gone) {
        gone = now;
        collector.noteRoom();
    }
    inboxNews.note();
    noteHome(false);
}

/// Whether the last sweep emptied all of my relays.
bool Node::Core::isSwept() const
{
    const Sweep &sweep = collector.sweep();
    const auto relays = collector.status();
    return sweep.endedMs != 0 && !sweep.cancelled &&
           std::all_of(relays.begin(), relays.end(), [](const RelayStatus &relay) {
               using State = RelayStatus::State;
               return !relay.mine || (relay.state != State::Failing && relay.state != State::Unknown);
           });
}

/// Whether all that relays held has been collected and delivered, as far as it can be. The inbox, which has to be
/// counted, is asked last: this is looked at after each delivery.
bool Node::Core::isHome() const
{
    const DeliveryTotals delivery = deliverer->totals();
    if (!delivers || !delivery.trouble.isEmpty() || delivery.waiting > 0)
        return false;
    const auto inboxed = isSwept() ? inbox->totals() : Result<InboxTotals>(Error());
    return inboxed && inboxed->unmerged == 0 && inboxed->entries <= delivery.parked + delivery.withoutProof;
}

void Node::Core::noteHome(bool sweepEnded)
{
    if (collector.sweep().running)
        return;
    const bool now = isHome();
    if (std::exchange(home, now) != now || sweepEnded)
        doors.setAtHome(now);
}

void Node::Core::onChanged()
{
    if (const quint64 sweeps = node.m_counters.sweeps.value(); sweeps != sweepsDelivered) {
        sweepsDelivered = sweeps;
        deliverer->noteSwept(isSwept());
        deliverer->lookAgain();
        noteHome(true);
    }
    if (!collector.sweep().running && !waiting.empty()) {
        state.publishNow();
        answerWaiting();
    } else {
        state.note();
    }
}

/// One piece of an export at a time; in between the thread collects.
void Node::Core::goOn(const std::shared_ptr<InboxExport> &out, const std::function<void(Result<InboxExported>)> &done)
{
    const auto more = out->step();
    if (!more)
        return done(more.error());
    if (!*more)
        return done(out->commit());
    node.m_thread.post([&owner = node, out, done] {
        if (owner.m_core) // else the program is ending
            owner.m_core->goOn(out, done);
    });
}

void Node::Core::summariseMore()
{
    const auto more = inbox->summariseMore();
    if (!more)
        qCWarning(lcNode).noquote() << "Collected entries could not be summarised:" << more.error().detail;
    else if (*more)
        return;
    summarising.stop();
    inboxNews.note();
}

void Node::Core::answerWaiting()
{
    for (const auto &done : std::exchange(waiting, {}))
        done(collector.sweep());
}

void Node::Core::publish()
{
    QList<RelayStatus> statuses = collector.status();
    for (RelayStatus &status : statuses) {
        if (!status.mine)
            node.m_board.describe(status);
    }
    node.m_answers.post(
        [&owner = node, sweep = collector.sweep(), relays = std::move(statuses), trouble = collector.inboxTrouble()] {
            owner.m_snapshot.inboxTrouble = trouble;
            owner.m_snapshot.sweep = sweep;
            owner.m_snapshot.relays = relays;
            owner.m_observers.changed();
        });
}

void Node::Core::publishInbox()
{
    const auto totals = inbox->totals();
    if (!totals) {
        qCWarning(lcNode).noquote() << "The inbox could not be counted:" << totals.error().detail;
        return;
    }
    node.m_counters.inboxEntries.store(totals->entries, std::memory_order_relaxed);
    node.m_counters.inboxBytes.store(totals->bytes, std::memory_order_relaxed);
    const DeliveryTotals deliveries = deliverer->totals();
    node.m_counters.delivered.store(deliveries.delivered, std::memory_order_relaxed);
    node.m_counters.deliveriesWaiting.store(deliveries.waiting, std::memory_order_relaxed);
    node.m_counters.deliveriesParked.store(deliveries.parked + deliveries.withoutProof, std::memory_order_relaxed);
    node.m_answers.post([&owner = node, totals = *totals, deliveries] {
        owner.m_snapshot.inbox = totals;
        owner.m_snapshot.deliveries = deliveries;
        owner.m_observers.inboxChanged();
    });
}

void Node::Core::keepBook()
{
    const auto memories = node.m_book.takeDirty();
    const auto kept = inbox->remember(memories);
    if (!kept) {
        if (!keepingFailed)
            qCWarning(lcNode).noquote() << "How destinations are doing could not be kept:" << kept.error().detail;
        node.m_book.giveBack(memories);
        keepAgain.start();
    }
    keepingFailed = !kept;
    outboxNews.note();
}

Node::Node(const base::Clock &clock, matrix::ServerName ownName, Observers observers)
    : m_clock(clock)
    , m_ownName(std::move(ownName))
    , m_observers(std::move(observers))
    , m_board(clock,
              [this] {
                  m_thread.post([this] {
                      if (m_core)
                          m_core->state.note();
                  });
              })
    , m_book(clock,
             [this] {
                 m_thread.post([this] {
                     if (m_core)
                         m_core->bookNews.note();
                 });
             })
    , m_thread(QStringLiteral("node"))
{
}

Result<std::unique_ptr<Node>> Node::open(const QString &folder, const base::Clock &clock,
                                         const identity::Identity &identity, MakeCaller makeCaller,
                                         MakeDeliverer makeDeliverer, const Options &options, Observers observers)
{
    std::unique_ptr<Node> node(new Node(clock, identity.name(), std::move(observers)));
    node->m_board.replace(options.associations, node->m_ownName);
    node->m_board.setOwnRelays(options.ownRelays);
    node->m_book.setFailuresUntilOffline(options.failuresUntilOffline);
    std::promise<Result<void>> opened;
    auto ready = opened.get_future();
    node->m_thread.post([&, owner = node.get()] {
        auto store = InboxStore::open(folder, clock);
        if (!store)
            return opened.set_value(store.error());
        const auto memories = (*store)->destinations();
        if (!memories)
            return opened.set_value(memories.error());
        owner->m_book.load(*memories);
        owner->m_core = std::make_unique<Core>(*owner, identity, *std::move(store), makeCaller(), makeDeliverer);
        owner->m_core->configure(options);
        owner->m_core->inboxNews.note();
        opened.set_value({});
    });
    if (const auto done = ready.get(); !done)
        return done.error();
    return node;
}

Node::~Node()
{
    // The connection and the sockets close in the thread that opened them.
    std::promise<void> closed;
    auto done = closed.get_future();
    m_thread.post([this, &closed] {
        if (m_core)
            m_core->keepBook();
        m_core.reset();
        closed.set_value();
    });
    done.wait();
}

void Node::configure(const Options &options)
{
    m_board.replace(options.associations, m_ownName);
    m_board.setOwnRelays(options.ownRelays);
    m_book.setFailuresUntilOffline(options.failuresUntilOffline);
    m_thread.post([this, options] { m_core->configure(options); });
}

template <typename T>
void Node::ask(std::function<Result<T>(Core &)> question, QObject *context, Done<T> done)
{
    m_thread.post([this, question = std::move(question), answer = m_answers.to<T>(context, std::move(done))] {
        answer(question(*m_core));
    });
}

void Node::wake()
{
    m_thread.post([this] { m_core->wake(); });
}

void Node::retrieve(const QString &relay, QObject *context, Done<Sweep> done)
{
    m_snapshot.sweep.running = true; // the next request joins; what the node's thread tells comes over it
    m_thread.post([this, relay, answer = m_answers.to<Sweep>(context, std::move(done))] {
        Collector &collector = m_core->collector;
        if (relay.isEmpty()) {
            collector.sweepAll();
        } else {
            const auto name = matrix::ServerName::parse(relay.toUtf8());
            if (!name || !collector.sweepOne(*name)) {
                m_core->state.publishNow();
                return answer(Error{Errc::NotFound, QStringLiteral("%1 is not a relay of this node").arg(relay), 0});
            }
        }
        m_core->waiting.push_back(answer);
        if (!collector.sweep().running) // there was nobody to ask
            m_core->onChanged();
    });
}

void Node::cancelRetrieve()
{
    m_thread.post([this] { m_core->collector.cancel(); });
}

void Node::testRelay(const Association &relay, QObject *context, Done<RelayReport> done)
{
    m_thread.post([this, relay, answer = m_answers.to<RelayReport>(context, std::move(done))] {
        QElapsedTimer timer;
        timer.start();
        // The caller calls nobody back once it is gone, and the core owns it.
        tryRelay(*m_core->caller, m_clock, relay, m_ownName, [this, relay, answer, timer](RelayReport report) {
            report.tookMs = timer.elapsed();
            m_core->collector.noteTrial(relay, report);
            m_board.noteTrial(relay, report);
            m_board.describe(report, relay);
            m_core->state.publishNow(); // the receiver of the report sees the state that it led to
            answer(report);
        });
    });
}

void Node::fetchInbox(InboxPart part, qint64 after, int limit, QObject *context, Done<InboxPage> done)
{
    ask<InboxPage>(
        [part, after, limit](Core &core) { return listInbox(*core.inbox, *core.deliverer, part, after, limit); },
        context, std::move(done));
}

void Node::fetchInboxEntry(qint64 id, QObject *context, Done<InboxEntry> done)
{
    ask<InboxEntry>(
        [id](Core &core) {
            auto entry = core.inbox->entry(id);
            if (entry)
                entry->row.delivery = core.deliverer->delivery(id);
            return entry;
        },
        context, std::move(done));
}

void Node::retryInbox(const QList<qint64> &ids, QObject *context, Done<qint64> done)
{
    ask<qint64>([ids](Core &core) { return core.deliverer->retry(ids); }, context, std::move(done));
}

void Node::discardInbox(const QList<qint64> &ids, QObject *context, Done<qint64> done)
{
    ask<qint64>(
        [ids](Core &core) {
            auto removed = core.inbox->remove(ids);
            if (removed && *removed > 0)
                core.collector.noteRoom();
            core.deliverer->lookAgain();
            core.inboxNews.note();
            return removed;
        },
        context, std::move(done));
}

void Node::exportInbox(const QList<qint64> &ids, const QString &file, QObject *context, Done<InboxExported> done)
{
    m_thread.post([this, ids, file, answer = m_answers.to<InboxExported>(context, std::move(done))] {
        m_core->goOn(std::make_shared<InboxExport>(*m_core->inbox, ids, file), answer);
    });
}

void Node::sendTransaction(const matrix::ServerName &destination, const QByteArray &body, QObject *context,
                           Done<SendReport> done)
{
    constexpr qsizetype mostBytes = 13'107'200; // what homeservers take (PROTOCOL 7)
    m_thread.post([this, destination, body, answer = m_answers.to<SendReport>(context, std::move(done))] {
        if (body.size() > mostBytes)
            return answer(Error{Errc::TooLarge, QStringLiteral("A transaction has at most 13107200 bytes"), 0});
        auto scanned = matrix::ScannedObject::scan(body);
        if (!scanned)
            return answer(scanned.error());
        if (const auto whole = matrix::Transaction::fromBody(*scanned); !whole)
            return answer(whole.error());
        m_core->send(destination, *scanned, [answer](const SendReport &report) { answer(report); });
    });
}

void Node::atDeliverer(std::function<void(Deliverer &)> task)
{
    m_thread.post([this, task = std::move(task)] {
        if (m_core) // else the program is ending
            task(*m_core->deliverer);
    });
}

} // namespace restante::node
