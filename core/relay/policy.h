// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/servername.h"

#include <QtCore/QHash>
#include <QtCore/QSet>

#include <algorithm>
#include <memory>
#include <mutex>

namespace restante::relay
{

/// Whom this relay acts for, as the operator decided. A snapshot, replaced as a whole.
struct Policy {
    bool enabled = true;       ///< false: the relay's routes answer 404
    bool paused = false;       ///< true: nothing is taken in, everything is still handed out
    bool open = false;         ///< true: mail for anyone is taken in
    bool requireFresh = false; ///< true: requests for mail must carry a stamp (FreshnessBook)
    QSet<matrix::ServerName> served;
    QSet<matrix::ServerName> blockedOrigins;
    QSet<matrix::ServerName> sendsFor; ///< origins whose mail is taken in for anyone, and sent from here
    QHash<matrix::ServerName, QSet<matrix::ServerName>> known; ///< senders that the operator listed, by served name
    QHash<QByteArray, matrix::ServerName> fronted; ///< by Host in lower case: the server whose front door that is

    /// Whether mail of `origin` for `destination` is taken in to be sent from here: not if its owner collects it.
    bool sends(const matrix::ServerName &origin, const matrix::ServerName &destination) const
    {
        return sendsFor.contains(origin) && !served.contains(destination);
    }
    /// Whether requests for `server` that are not for a relay lead here.
    bool fronts(const matrix::ServerName &server) const
    {
        return std::find(fronted.cbegin(), fronted.cend(), server) != fronted.cend();
    }
};

/// Where the HTTP workers read the policy in force and the main thread replaces it. Any thread; holds one small mutex
/// of its own, because libstdc++ 12's atomic<shared_ptr> is opaque to the thread sanitizer.
class PolicyBoard
{
public:
    explicit PolicyBoard(Policy policy);
    Q_DISABLE_COPY_MOVE(PolicyBoard)

    std::shared_ptr<const Policy> current() const;
    void replace(Policy policy);

private:
    mutable std::mutex m_mutex;
    std::shared_ptr<const Policy> m_policy;
};

} // namespace restante::relay
