// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "federation/caller.h"
#include "http/reply.h"
#include "identity/keyfetcher.h"
#include "identity/keyring.h"
#include "node/associationboard.h"
#include "sites/silentservers.h"

#include <QtCore/QObject>

#include <functional>
#include <memory>

namespace restante::sites
{

/// What the node listener answers its homeserver that asks for another server's keys (core/README 3.6): what that
/// server says; else the newest document that is held here, as long as it is valid; else what my relays kept of it,
/// because a sender is often gone by the time its mail arrives. They are asked all at once, and no later than when the
/// server has been silent for a moment; until that has failed, too, the first document that comes counts. What only a
/// relay says counts if it shows the key that is known of that server, or if the operator trusts that relay for keys
/// (federation.notaries): a homeserver believes what it is told here. Lives in the worker's thread.
class SenderKeys
{
public:
    /// For the server itself, before the others are asked, too: its answer is the newest.
    static constexpr int HeadStartMs = int(SilentServers::PatienceMs);
    static constexpr int RelayMs = 10'000; ///< for the answer of one relay

    struct Sources {
        identity::KeyRing &ring;
        std::function<std::unique_ptr<identity::KeyFetcher>()> makeFetcher;     ///< called in the worker's thread
        std::function<Result<QByteArray>(const matrix::ServerName &)> document; ///< held here; empty: none
        std::function<bool(const matrix::ServerName &)> isTrusted; ///< whether that relay's word is enough. Any thread
        int headStartMs = HeadStartMs;
    };

    /// All references outlive it.
    SenderKeys(Sources sources, federation::Caller &caller, const node::AssociationBoard &associations,
               const base::Clock &clock);
    ~SenderKeys();
    Q_DISABLE_COPY_MOVE(SenderKeys)

    /// Always answers: 404 M_NOT_FOUND if nobody knows any, with what asking the server itself came to.
    void answer(const matrix::ServerName &server, const std::shared_ptr<http::Reply> &reply);

private:
    struct Question;
    using SharedQuestion = std::shared_ptr<Question>;

    void onServer(Question &question, const Result<std::vector<identity::StoredKey>> &keys);
    void lookElsewhere(const SharedQuestion &question);
    bool answerHeld(Question &question) const;
    void askRelay(const SharedQuestion &question, const node::Association &relay);
    static void tellOfNone(Question &question);
    bool isBelieved(const matrix::ServerName &relay, const std::vector<identity::StoredKey> &keys) const;

    const Sources m_sources;
    federation::Caller &m_caller;
    const node::AssociationBoard &m_associations;
    const base::Clock &m_clock;
    const std::unique_ptr<identity::KeyFetcher> m_fetcher;
    SilentServers m_silent;       ///< senders and relays
    std::shared_ptr<int> m_alive; ///< what is on its way holds it weakly
    QObject m_headStarts;         ///< context of their timers
};

} // namespace restante::sites
