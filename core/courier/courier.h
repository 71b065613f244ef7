// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "courier/answer.h"
#include "courier/lanes.h"
#include "courier/letter.h"
#include "federation/caller.h"
#include "identity/keyring.h"
#include "node/delivery.h"
#include "node/inboxstore.h"

#include <QtCore/QHash>
#include <QtCore/QSet>
#include <QtCore/QTimer>

#include <functional>
#include <map>
#include <optional>

namespace restante::courier
{

/// Brings the inbox to an unmodified homeserver: each entry as the very request that its origin signed (PROTOCOL 6.4).
/// Lives in the node's thread, where everything it is made of lives, too; ring and clock are for all threads.
///
/// What is delivered leaves the inbox and is remembered there. That an entry is being sent is on disk before it is
/// sent; the end of some and the beginning of others share a commit. Entries are read when their turn comes: at most
/// Lanes::AtOnce bodies are in memory, and one that is being looked at. An entry that cannot be delivered is set aside
/// and stops no other.
class Courier final : public node::Deliverer
{
public:
    /// `courier`: in whose name events go that are not proven and may go all the same (ownIdentity); outlives it.
    /// `changed`: something that `delivery` or `totals` tell is different now.
    Courier(node::InboxStore &inbox, federation::Caller &caller, identity::KeyRing &ring, const base::Clock &clock,
            matrix::ServerName ownName, const identity::Identity &courier, std::function<void()> changed);
    ~Courier() override;

    void setHomeserver(const QByteArray &place) override;
    void setUnproven(const QList<node::Unproven> &allowed) override;
    void noteSwept(bool complete) override;
    void lookAgain() override;
    void wake() override;
    Result<qint64> retry(const QList<qint64> &ids) override;
    node::Delivery delivery(qint64 id) const override;
    Result<std::vector<node::DeliveredEvent>> given(const QByteArray &eventId) override;
    node::DeliveryTotals totals() const override;

private:
    struct OnTheWay {
        federation::Caller::Id call = 0;
        Letter letter;
        std::vector<node::DeliveredEvent> events = {};
    };

    // courierfeed.cpp: from the inbox into the lanes
    void reset();
    bool load();
    void feed();
    void beginFeed();
    Result<bool> feedPage();
    void place(const node::InboxEntry &entry);
    void takeBackUnproven();
    // courierunproven.cpp: what goes without its sender's signature
    Result<Letter> unprovenLetter(const node::InboxEntry &entry, const QString &reason) const;
    bool isAllowed(const node::InboxEntry &entry) const;
    void onEventsTaken(qint64 id);
    std::optional<Letter> prepareUnproven(const node::InboxEntry &entry, const Result<Letter> &letter);
    std::optional<Letter> prepareEarly(const node::InboxEntry &entry, const node::DeliveryRow &later);
    bool isGiven(const std::vector<QByteArray> &eventIds);
    bool mergeSameId(const Letter &letter);
    void endFeed();
    void lookForKeys();
    void releaseLater();
    void setAside(const node::DeliveryRow &row);
    void takeBack(qint64 id);
    void finish(qint64 id);
    void skip(qint64 id, const QString &reason);
    static QByteArray nameOf(const Letter &letter);

    // courier.cpp: from the lanes to the homeserver; courierstanding.cpp tells how that stands
    void pump();
    void takeTurn();
    void write(std::vector<Letter> *letters);
    std::optional<Letter> prepare(qint64 id);
    Result<std::optional<qint64>> sentMs(const Letter &letter);
    void send(Letter letter);
    void onAnswer(qint64 id, const Result<federation::Response> &response);
    void onTaken(const Letter &letter, std::vector<node::DeliveredEvent> events, const Answer &answer);
    void onFailed(const Letter &letter, const Answer &answer);
    void probe(const Letter &letter, const QString &reason);
    void park(const Letter &letter, const QString &reason);
    void keep(const node::DeliveryRow &row);
    void forgetSending(qint64 id);
    void stop(qint64 id, const QString &reason);
    void plan();

    node::InboxStore &m_inbox;
    federation::Caller &m_caller;
    identity::KeyRing &m_ring;
    const base::Clock &m_clock;
    const matrix::ServerName m_ownName;
    const identity::Identity &m_courier;
    const std::function<void()> m_changed;

    QByteArray m_place; ///< empty: off
    Lanes m_lanes;
    std::map<qint64, OnTheWay> m_onTheWay;
    QList<node::Unproven> m_allowed;
    bool m_swept = false;                     ///< completely, the last time
    bool m_lookAtUnproven = false;            ///< more of it may go than when it was set aside
    QSet<qint64> m_unproven;                  ///< in the lanes under the courier's name
    QHash<qint64, node::DeliveryRow> m_early; ///< the same, with a proof, and what comes after that (prepareEarly)
    QHash<qint64, node::DeliveryRow> m_aside; ///< parked, later and without proof
    QHash<qint64, qint64> m_doubts;           ///< may have arrived; since when
    QHash<qint64, QString> m_reasons;         ///< what the homeserver said last of what is still in the lanes
    QSet<qint64> m_finished;                  ///< could not be taken out of the inbox yet
    std::vector<node::DeliveredMail> m_taken; ///< since the last turn, not on disk yet
    QHash<QByteArray, qint64> m_named;        ///< entries in the lanes by origin and transaction id
    std::multimap<qint64, qint64> m_later;    ///< ids by the wall clock at which they may go
    QSet<std::pair<matrix::ServerName, QByteArray>> m_keysHere; ///< in the ring when the homeserver lacked them

    bool m_loaded = false;
    bool m_feeding = false;
    bool m_again = false;    ///< the inbox changed while it was read
    bool m_leftSome = false; ///< the lanes had no room for all
    qint64 m_after = 0;      ///< the entry that was looked at last
    QSet<qint64> m_seen;     ///< of those aside, since this pass began
    node::DeliveryTotals m_totals;
    QString m_trouble;     ///< why nothing goes
    QString m_feedTrouble; ///< why the inbox is not read
    QTimer m_step;         ///< between two pages of the inbox
    QTimer m_turn;         ///< the next turn, as soon as what has come is read
    QTimer m_timer;        ///< until time alone lets something go
};

} // namespace restante::courier
