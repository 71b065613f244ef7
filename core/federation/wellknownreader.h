// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "federation/exchange.h"

#include <QtCore/QTimer>
#include <QtCore/QUrl>

#include <unordered_map>

namespace restante::federation
{

/// Fetches well-known files, the only requests of ours that follow redirects: a few hops, https only, each judged by
/// the address rules like the first. Lives in the client's thread; destroying it breaks everything off.
class WellKnownReader
{
public:
    using Finished = std::function<void(Result<Response>)>;

    /// `port` is where the first file of each host is asked for.
    WellKnownReader(ExchangeTools tools, QByteArray userAgent, quint16 port);
    ~WellKnownReader();
    Q_DISABLE_COPY_MOVE(WellKnownReader)

    /// GET https://HOST/.well-known/matrix/server. Calls back once, possibly before this returns, not after `wish` is
    /// gone. Errors as Exchange, and Errc::Busy beyond MostErrands.
    void fetch(const QByteArray &host, Wish wish, Finished finished);

    static constexpr int MostRedirects = 5;
    static constexpr int DeadlineMs = 10'000; ///< with all redirects
    /// At once; those that nobody waits for give way. No less than the searches that may need one.
    static constexpr size_t MostErrands = 512;

private:
    /// One file on its way.
    struct Errand {
        Wish wish;
        Finished finished;
        QDeadlineTimer endBy;
        int redirects = 0;
        QUrl url;
        std::unique_ptr<Exchange> exchange;
        QTimer deadline;
    };

    void go(quint64 id);
    void onAnswer(quint64 id, Result<Response> answer);
    void end(quint64 id, Result<Response> answer);
    void dropUnwanted();

    const ExchangeTools m_tools;
    const QByteArray m_userAgent;
    const quint16 m_port;
    quint64 m_last = 0;
    std::unordered_map<quint64, std::unique_ptr<Errand>> m_errands;
    std::vector<std::unique_ptr<Errand>> m_ended; ///< for a moment
    QObject m_janitor;                            ///< removes them
};

} // namespace restante::federation
