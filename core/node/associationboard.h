// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node/relayrecord.h"
#include "node/types.h"

#include <QtCore/QHash>

#include <memory>
#include <mutex>
#include <optional>

namespace restante::node
{

/// Which relays hold mail for whom, as the operator configured it, and what those of contacts answered. Any thread;
/// holds one small mutex of its own, like relay::PolicyBoard.
class AssociationBoard
{
public:
    /// As the constructor of RelayRecord.
    explicit AssociationBoard(const base::Clock &clock, std::function<void()> changed = {});
    Q_DISABLE_COPY_MOVE(AssociationBoard)

    /// The relays that hold mail for `destination`, in the operator's order; not our own, but for null.
    QList<Association> relaysOf(const matrix::ServerName &destination) const;
    /// The relays that hold our own mail, in the operator's order.
    QList<Association> mine() const { return relaysOf({}); }
    /// The relays that send for us what no other takes (core/README 3.8), in the operator's order.
    QList<Association> ownRelays() const;
    void setOwnRelays(const QList<Association> &relays);
    /// What one of them has given up, by destination. The value is what was known of it before; nothing if it is none
    /// of them any more.
    std::optional<QHash<matrix::ServerName, GivenUpMail>>
    setGivenUp(const matrix::ServerName &relay, const QHash<matrix::ServerName, GivenUpMail> &mail);
    /// `ownName`: what holds mail for that one is our own, too.
    void replace(const QList<Association> &associations, const matrix::ServerName &ownName = {});

    /// What came of leaving mail with the relays of contacts; thread-safe by itself.
    RelayRecord &record() const { return *m_record; }
    /// What a trial showed of this relay, if it is one of a contact's.
    void noteTrial(const Association &relay, const RelayReport &report) const;
    /// Adds to what a trial of this relay showed whether it refused the last mail.
    void describe(RelayReport &report, const Association &relay) const;
    /// Tells in `status`, which names relay and destination, what came of leaving mail there.
    void describe(RelayStatus &status) const;
    /// Tells in `row` how the relays of its destination are doing.
    void describe(DestinationRow &row) const;

private:
    using Table = QHash<matrix::ServerName, QList<Association>>;
    mutable std::mutex m_mutex;
    std::shared_ptr<const Table> m_table = std::make_shared<Table>(); ///< by destination; our own by null
    QList<Association> m_ownRelays;
    QHash<matrix::ServerName, QHash<matrix::ServerName, GivenUpMail>> m_givenUp; ///< by relay and destination
    const std::unique_ptr<RelayRecord> m_record;
};

} // namespace restante::node
