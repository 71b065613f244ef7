// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "federation/caller.h"
#include "federation/keylookup.h"
#include "federation/lookupline.h"
#include "identity/keyring.h"
#include "telemetry/logallowance.h"

#include <QtCore/QObject>
#include <QtCore/QSet>
#include <QtCore/QTimer>

#include <optional>
#include <unordered_map>

namespace restante::federation
{

/// The inside of KeyLookup: asks servers for their keys, and notaries if they do not answer (PROTOCOL 3.2, 3.3). Asks
/// once for all that wait for one server, in bounded numbers, and remembers failures. Lives in the client's thread.
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

    /// The servers that this relay serves from now on. Those that were not served before, and whose keys are not at
    /// hand, are asked for them now: one that is gone when its first request comes could not be asked. The first call
    /// asks nobody.
    void setServed(const QList<matrix::ServerName> &served);

    /// Forgets what was learned when `server` was asked, so that the next request asks again.
    void forget(const matrix::ServerName &server);

    static constexpr int MostWaitersOfOneAddress = 64;
    static constexpr size_t MostWaiters = 1'024; ///< requests that wait for one server
    static constexpr qsizetype MostRemembered = 4'096;
    static constexpr int DirectMs = 10'000;
    static constexpr int NotaryMs = 8'000;
    static constexpr qint64 MostBytes =
        qint64(64) * 1024;                        ///< of a key document; a notary's reply may be four times that
    static constexpr int MostLoggedFailures = 20; ///< in a stretch of time
    static constexpr qint64 LoggedStretchMs = qint64(600) * 1000;
    /// What was learned when a server was asked in vain holds for the key id and the client's address that were asked
    /// with: a request with another one has it asked anew, within the budget of that address, since anybody can ask in
    /// anybody's name. It holds for the first of these, doubled each time up to the second.
    static constexpr qint64 FirstPauseMs = qint64(60) * 1000;
    static constexpr qint64 LongestPauseMs = qint64(3600) * 1000;
    /// The same for a server that just could not be asked: it may be back any moment.
    static constexpr qint64 FirstOutageMs = qint64(5) * 1000;
    static constexpr qint64 LongestOutageMs = qint64(120) * 1000;
    /// After a server has given its keys it is not asked again for the first time; for a key that is not among them,
    /// for the second: it may just have made it.
    static constexpr qint64 AnsweredMs = qint64(60) * 1000;
    static constexpr qint64 OtherKeyMs = qint64(10) * 1000;
    /// All of them, for one whose mail is wanted (KeyRing::favour): asked again soon, for as long as requests come in
    /// its name, whatever it answered.
    static constexpr qint64 FavouredPauseMs = qint64(5) * 1000;
    /// No server is asked again sooner, whatever asks.
    static constexpr qint64 LeastPauseMs = qint64(1) * 1000;

private:
    struct Waiter {
        QByteArray keyId;
        QByteArray addressKey;
        Done done; ///< null once its patience was over
    };
    /// One server that is asked, or waits to be.
    struct Fetch {
        matrix::ServerName server;
        std::vector<Waiter> waiters;
        QTimer patience;      ///< of those that wait
        bool late = false;    ///< their patience is over; what comes yet is for others
        qsizetype notary = 0; ///< the one that is asked
        Error failure;        ///< of the server itself
        bool asked = true;    ///< the failure is the server's, and not one of this computer
    };
    /// What was asked for in vain, and from where. Of a favoured server: it alone.
    struct Question {
        matrix::ServerName server;
        QByteArray keyId;
        QByteArray addressKey;

        bool operator==(const Question &) const = default;
    };
    friend size_t qHash(const Question &question, size_t seed = 0)
    {
        return qHashMulti(seed, question.server, question.keyId, question.addressKey);
    }
    struct Verdict {
        qint64 untilMs = 0; ///< steady; nobody is asked before
        int failures = 0;
        Error error;
    };
    struct Answered {
        qint64 untilMs = 0;    ///< steady; its keys are all here
        qint64 otherKeyMs = 0; ///< steady; until then, whichever is asked for
    };
    struct Until {
        qint64 untilMs = 0; ///< steady
    };

    bool isFavoured(const matrix::ServerName &server) const;
    Question questionOf(const matrix::ServerName &server, const QByteArray &keyId, const QByteArray &addressKey) const;
    std::optional<Result<Keys>> known(const Question &question, const QByteArray &keyId);
    void remember(const Question &question, const Error &error, qint64 firstMs, qint64 longestMs);
    Error told(const matrix::ServerName &server, const Error &failure) const;
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

    template <typename Handler>
    void send(const Request &request, Handler handler);

    const Send m_send;
    identity::KeyRing &m_ring;
    const KeyLookup::Options m_options;
    const base::Clock &m_clock;
    std::unordered_map<QByteArray, std::unique_ptr<Fetch>> m_fetches; ///< by server name
    LookupLine m_line;
    QHash<matrix::ServerName, Until> m_rested; ///< was asked, and is left in peace
    QHash<matrix::ServerName, Answered> m_answered;
    QHash<Question, Verdict> m_vain;
    QHash<QByteArray, Until> m_budgets; ///< when the tokens of an address are all there again
    std::optional<QSet<matrix::ServerName>> m_served;
    telemetry::LogAllowance m_logged{MostLoggedFailures, LoggedStretchMs};
    std::vector<std::unique_ptr<Fetch>> m_ended; ///< for a moment
    QObject m_janitor;                           ///< removes them
    std::shared_ptr<int> m_alive;                ///< what is on its way holds it weakly
};

} // namespace restante::federation
