// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "federation/client.h"
#include "federation/curlloop.h"
#include "federation/discovery.h"
#include "federation/exchange.h"
#include "federation/wellknownreader.h"

#include <QtCore/QTimer>

#include <algorithm>
#include <deque>
#include <unordered_map>

namespace restante::federation
{

/// The inside of the Client: takes requests in, lets a limited number go at once, finds the place of each, sends it.
/// Made, used and destroyed in the client's thread.
class Engine
{
public:
    using Id = Caller::Id;
    using Done = Caller::Done;
    using Part = Caller::Part;

    Engine(const identity::Identity &identity, const Client::Options &options, const base::Clock &clock);
    /// What is in flight is answered Errc::Unreachable.
    ~Engine();
    Q_DISABLE_COPY_MOVE(Engine)

    /// `id` is the caller's, and new. `done` is called once, possibly before this returns; it may start and cancel
    /// others. Errors as Caller::send, and Errc::NotFound if a name does not exist at all. With `part` it is a
    /// Caller::stream; then both may be called from inside libcurl and must start and cancel nothing.
    void start(Id id, Request request, Done done, Part part = {});
    /// Nothing happens for one that has ended, or is not a stream.
    void goOn(Id id, qint64 bytes);
    /// Nothing happens for one that has ended. `done` is not called.
    void cancel(Id id);

    /// A server that could not be connected to, or did not begin to answer in the time for that, is doubtful for this
    /// time, or until it answers: it may hold few places, and all doubtful ones together half of them. One that has a
    /// place for longer than a connection may take counts as doubtful as soon as all places are taken and another
    /// waits; if that half is taken, too, it gives up its place. So those that answer always find places that nobody
    /// holds for longer than that.
    static constexpr qint64 DoubtMs = qint64(3600) * 1000;
    static constexpr qsizetype MostDoubts = 4'096;

private:
    /// One request, waiting in a line or on its way.
    struct Call {
        Request request;
        Done done;       ///< null once it was called
        Part part;       ///< null if the answer is gathered
        QByteArray line; ///< the line it stands in
        bool onItsWay = false;
        bool doubtful = false; ///< counted as such
        bool overdue = false;  ///< it will be, when its place is wanted
        bool slow = false;     ///< it had not begun to answer when its time for connecting was over
        QDeadlineTimer endBy;
        QTimer deadline;
        QTimer connecting;
        std::unique_ptr<Exchange> exchange;
        std::shared_ptr<int> wish; ///< to know where its server is
    };
    /// Those for one server; streams, which may take long, have a line of their own and delay no others.
    struct Line {
        std::deque<Id> waiting;
        int onTheirWay = 0;
        bool streams = false;
    };

    /// Requests, or streams, on their way.
    struct Share {
        int most = 0;
        int onTheirWay = 0;
        int doubtful = 0; ///< of them
        bool isFull() const { return onTheirWay >= most; }
        bool hasDoubtfulPlace() const { return doubtful < std::max(1, most / 2); }
    };
    struct Doubt {
        qint64 untilMs = 0; ///< steady
    };

    Result<void> check(const Request &request) const;
    bool hasRoom(const QByteArray &line) const;
    Share &shareOf(bool streams) { return streams ? m_streams : m_requests; }
    bool isDoubtful(const QByteArray &line) const;
    bool isFull(const QByteArray &name, const Line &line);
    void doubt(Call &call);
    void relieve(bool streams);
    void onConnectTime(Id id);
    void judge(const Call &call, const Result<Response> &result);
    void compareClocks(const Request &request, const Response &answer) const;
    void doubtServer(const QByteArray &line);
    void startMore();
    void go(Id id);
    void send(Id id, std::vector<Endpoint> endpoints);
    Result<Message> messageOf(const Request &request) const;
    void onHead(Id id, Response head);
    std::unique_ptr<Call> leave(Id id);
    void end(Id id, Result<Response> result);
    void retire(std::unique_ptr<Call> call);

    const identity::Identity &m_identity;
    const Client::Options m_options;
    const TransferRules m_rules;
    const base::Clock &m_clock;
    std::unique_ptr<Resolver> m_resolver;
    CurlLoop m_loop;
    WellKnownReader m_wellKnown;
    Discovery m_discovery;
    std::unordered_map<Id, std::unique_ptr<Call>> m_calls;
    QHash<QByteArray, Line> m_lines;
    std::deque<QByteArray> m_turns; ///< lines with somebody waiting, each once
    int m_waiting = 0;
    Share m_requests; ///< without streams
    Share m_streams;
    QHash<QByteArray, Doubt> m_doubts; ///< by line
    bool m_starting = false;
    bool m_ending = false;
    std::vector<std::unique_ptr<Call>> m_ended; ///< for a moment
    QObject m_janitor;                          ///< removes them
};

} // namespace restante::federation
