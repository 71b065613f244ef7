// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "federation/caller.h"
#include "federation/keylookup.h"
#include "identity/keyring.h"
#include "telemetry/logallowance.h"

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include <deque>
#include <unordered_map>

namespace restante::federation
{

/// The inside of KeyLookup: asks servers for their keys, and notaries where they do not answer (PROTOCOL 3.2, 3.3).
/// Asks once for all who wait for one server, in bounded numbers, and remembers failures. Lives in the client's thread.
class KeyDesk
{
public:
    using Keys = std::vector<identity::StoredKey>;
    using Done = std::function<void(Result<Keys>)>;
    using Send = std::function<void(Request, Caller::Done)>;

    /// `send` as Engine::start: it tells Errc::NotFound from Unreachable. Ring and clock outlive the desk.
    KeyDesk(Send send, identity::KeyRing &ring, KeyLookup::Options options, const base::Clock &clock);
    ~KeyDesk();
    Q_DISABLE_COPY_MOVE(KeyDesk)

    /// As KeyFetcher::fetch; what it brings is in the ring already.
    void fetch(const matrix::ServerName &server, const QByteArray &keyId, const QByteArray &addressKey, Done done);

    /// Forgets what was learned when `server` was asked, so that the next request asks again.
    void forget(const matrix::ServerName &server);

    static constexpr int MostFetches = 32;         ///< servers that are being asked
    static constexpr int MostWaitingServers = 256; ///< and those that wait for their turn
    static constexpr size_t MostWaiters = 1'024;   ///< requests that wait for one server
    static constexpr qsizetype MostRemembered = 4'096;
    static constexpr int DirectMs = 10'000;
    static constexpr int NotaryMs = 8'000;
    static constexpr qint64 MostBytes =
        qint64(64) * 1024;                        ///< of a key document; a notary's reply may be four times that
    static constexpr int MostLoggedFailures = 20; ///< in a stretch of time
    static constexpr qint64 LoggedStretchMs = qint64(600) * 1000;
    /// After a server or a key was asked for in vain, doubled each time up to the second.
    static constexpr qint64 FirstPauseMs = qint64(60) * 1000;
    static constexpr qint64 LongestPauseMs = qint64(3600) * 1000;
    /// The same for a server that just did not answer: it may be back any moment, and anybody can ask in its name.
    static constexpr qint64 FirstOutageMs = qint64(5) * 1000;
    static constexpr qint64 LongestOutageMs = qint64(120) * 1000;
    /// The same for one whose mail is wanted (KeyRing::isFavoured): asked again soon, for as long as somebody knocks in
    /// its name, whatever it answered.
    static constexpr qint64 FavouredPauseMs = qint64(5) * 1000;

private:
    struct Waiter {
        QByteArray keyId;
        Done done;
    };
    /// One server that is asked, or waits to be.
    struct Fetch {
        matrix::ServerName server;
        std::vector<Waiter> waiters;
        QTimer patience;      ///< of those who wait
        bool late = false;    ///< their patience is over; what comes yet is for others
        qsizetype notary = 0; ///< the one that is asked
        Error failure;        ///< of the server itself
        bool asked = true;    ///< the failure is the server's, and not one of this computer
    };
    /// What was learned of a server, or of one key id of it.
    struct Verdict {
        qint64 untilMs = 0; ///< steady; nobody is asked before
        int failures = 0;
        std::optional<Error> error; ///< nothing: it answered well
    };
    /// Tokens of one client's address.
    struct Budget {
        qint64 untilMs = 0; ///< steady; when it is full again, and need not be remembered
    };
    using KeyName = std::pair<matrix::ServerName, QByteArray>;

    std::optional<Result<Keys>> known(const matrix::ServerName &server, const QByteArray &keyId);
    qint64 charge(const QByteArray &addressKey);
    void startMore();
    void askServer(const matrix::ServerName &server);
    void onServer(const matrix::ServerName &server, const Result<Response> &answer);
    void askNotaries(const matrix::ServerName &server);
    void askNotary(const matrix::ServerName &server, const matrix::ServerName &notary);
    void nextNotary(const matrix::ServerName &server);
    void succeed(const matrix::ServerName &server, Keys keys);
    void fail(const matrix::ServerName &server);
    void conclude(const matrix::ServerName &server, const Result<Keys> &result);
    static void postpone(Verdict &verdict, qint64 now, qint64 firstMs, qint64 longestMs);

    template <typename Handler>
    void send(const Request &request, Handler handler);

    const Send m_send;
    identity::KeyRing &m_ring;
    const KeyLookup::Options m_options;
    const base::Clock &m_clock;
    std::unordered_map<QByteArray, std::unique_ptr<Fetch>> m_fetches; ///< by server name
    std::deque<matrix::ServerName> m_line;
    int m_asking = 0;
    QHash<matrix::ServerName, Verdict> m_servers;
    QHash<KeyName, Verdict> m_missing; ///< key ids that a good document did not have
    QHash<QByteArray, Budget> m_budgets;
    telemetry::LogAllowance m_logged{MostLoggedFailures, LoggedStretchMs};
    std::vector<std::unique_ptr<Fetch>> m_ended; ///< for a moment
    QObject m_janitor;                           ///< removes them
    std::shared_ptr<int> m_alive;                ///< what is on its way holds it weakly
};

} // namespace restante::federation
