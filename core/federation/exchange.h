// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "federation/resolver.h"
#include "federation/transfer.h"

#include <QtCore/QDeadlineTimer>

#include <deque>
#include <memory>

namespace restante::federation
{

/// What an exchange works with; all of it outlives it.
struct ExchangeTools {
    CurlLoop &loop;
    Resolver &resolver;
    const TransferRules &rules;
};

/// Takes one message to the first of several endpoints that can be connected to, address by address. Once a byte of it
/// was sent it is tried nowhere else. Lives in the client's thread; destroying it breaks it off. It keeps the deadlines
/// as far as connections are concerned; the owner watches the clock for the rest.
class Exchange
{
public:
    /// May destroy the Exchange. Errors as Caller::send, and Errc::NotFound if a name does not exist.
    using Finished = std::function<void(Result<Response>)>;

    Exchange(ExchangeTools tools, Message message, std::vector<Endpoint> endpoints, QDeadlineTimer connectBy,
             QDeadlineTimer endBy);
    ~Exchange();
    Q_DISABLE_COPY_MOVE(Exchange)

    /// `finished` is called once, possibly before this returns.
    void start(Finished finished);
    /// Whether a connection stands now.
    bool isConnected() const { return m_transfer && m_transfer->isConnected(); }
    /// Whether one stood with which the message, or some of it, may have been sent.
    bool wasConnected() const { return m_wasConnected || isConnected(); }
    /// Whether the first line of an answer came.
    bool hasAnswered() const { return m_answered || (m_transfer && m_transfer->hasAnswered()); }
    /// The message's intake takes `bytes` more bytes.
    void goOn(qint64 bytes)
    {
        if (m_transfer)
            m_transfer->goOn(bytes);
    }

    /// Addresses that are tried, of all endpoints together: a stranger's name may have any number of either.
    static constexpr int MostAddresses = 8;
    /// An address that does not answer has this time while there are others.
    static constexpr int PatienceMs = 3'000;

private:
    void nextEndpoint();
    void onAddresses(const Result<QList<QHostAddress>> &found);
    void nextAddress();
    void onFinished(Transfer::Result result);
    void end(Result<Response> result);

    const ExchangeTools m_tools;
    const Message m_message;
    const QDeadlineTimer m_connectBy;
    const QDeadlineTimer m_endBy;
    Finished m_finished;
    std::deque<Endpoint> m_endpoints; ///< the first is the one that is being tried
    std::deque<QHostAddress> m_addresses;
    int m_tried = 0; ///< addresses
    std::unique_ptr<Transfer> m_transfer;
    bool m_answered = false;     ///< by the one before
    bool m_wasConnected = false; ///< with the one before
    Error m_failure{Errc::Unreachable, QStringLiteral("There is nowhere to connect to"), 0};
    std::shared_ptr<int> m_alive; ///< what looks names up for this holds it weakly
};

} // namespace restante::federation
