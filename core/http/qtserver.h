// SPDX-License-Identifier: GPL-3.0-or-later
// All that exists only because QHttpServer answers the requests.
//
// QHttpServer hosts the endpoints, but it was not made for strangers: it reads a body of any size, keeps no deadline,
// takes two readings of one head, and forgets what a target looked like before QUrl read it. So a connection (see
// connection.h) keeps the socket for itself, reads and checks one whole request, and shows QHttpServer another one that
// nothing can be wrong with: the same method and endpoint, without names, body or headers that matter. The real request
// goes to the site beside it, uncopied.
//
//   client ⇄ Wire ⇄ Connection ── the request ──────────────▶ Site
//                        │ Exchange::show                      │ Reply
//                        ▼                                     ▼
//                     Facade ─▶ QHttpServer ─▶ responder ◀─ Exchange::give
//                        │ what QHttpServer writes
//                        ▼
//                   AnswerStream ─▶ Connection ─▶ Wire
//
// - QtServer: one for each worker, owns the QHttpServer.
// - Exchange: one for each connection: its facade, the responder of the request that was shown, and the answer that is
//   read back from what QHttpServer writes.
// - Facade: the socket that QHttpServer believes to talk to. It learns of a connection's end only when no answer is
//   pending: a responder must not outlive its socket.
// - AnswerStream: finds the answer's end, gives it a Date and the right Connection field.
//
// Qt's versions differ in three places, which base/qtcompat.h has; one of them shows here: from 6.8 on the end of a
// responder makes QHttpServer look for the next request, so it does not end inside the call that shows this one.
#pragma once

#include "base/qtcompat.h"
#include "http/answerstream.h"
#include "http/facade.h"
#include "http/reply.h"

#include <functional>
#include <memory>
#include <optional>

namespace restante::http
{

class Listener;
class QtServer;
struct RequestHead;

/// What one connection has to do with QHttpServer, one request after another. Lives in its worker's thread; must end
/// before the QtServer.
class Exchange final : private Facade::Patron
{
public:
    /// The connection.
    class Line
    {
    public:
        Line() = default;
        virtual ~Line() = default;
        Q_DISABLE_COPY_MOVE(Line)

        /// QHttpServer asks for the answer to the request that was shown: `give` may be called from now on.
        virtual void serve() = 0;
        /// The answer is read back, or can be: see `answer()`. Called once after `give`, never inside `show`.
        virtual void answered() = 0;
        /// QHttpServer wants the connection closed.
        virtual void hangUpRequested() = 0;
        /// Bytes that still wait to be sent.
        virtual qint64 unsentBytes() const = 0;
    };

    Exchange(QtServer &server, Line &line);
    ~Exchange() override;
    Q_DISABLE_COPY_MOVE(Exchange)

    /// Shows a request like this one to QHttpServer; `serve` is called before this returns. False if QHttpServer did
    /// not take it. `real` is the connection's socket.
    bool show(const RequestHead &head, const AnswerStream::Options &options, const QTcpSocket &real);
    /// Whether a shown request has no answer yet.
    bool isPending() const { return m_pending; }
    /// Whether a shown request is not concluded: `answered` is still to come.
    bool isOpen() const { return m_responder.has_value(); }

    /// The answer to the request that was shown: once, while it is pending.
    void give(const AnswerStream::Options &options, int status, const QByteArray &contentType, const QByteArray &body,
              const Reply::ExtraHeaders &extra);
    /// No answer is wanted any more: once, instead of `give`.
    void giveUp();
    /// What QHttpServer wrote.
    AnswerStream &answer() { return m_answer; }
    /// The connection has ended, and nothing is open: QHttpServer is told.
    void retire();

private:
    friend class QtServer;

    void accept(QHttpServerResponder &&responder);
    void conclude();

    void answerBytes(const char *data, qint64 size) override { m_answer.take(data, size); }
    void hangUpRequested() override { m_line.hangUpRequested(); }
    qint64 unsentBytes() const override { return m_line.unsentBytes(); }
    void facadeGone() override { m_facade = nullptr; }

    QtServer &m_server;
    Line &m_line;
    AnswerStream m_answer;
    Facade *m_facade = nullptr; ///< QHttpServer's, once it was offered
    /// Of the request that was shown, until it is concluded. It points into QHttpServer's side of the facade, so it
    /// stays here and ends before the facade is retired; a Reply may live longer than that.
    std::optional<QHttpServerResponder> m_responder;
    bool m_showing = false;
    bool m_pending = false;
};

/// A worker's QHttpServer. Lives in the worker's thread.
class QtServer
{
public:
    /// Hands a facade to QHttpServer by one of the listeners that were bound.
    using Offer = std::function<void(Facade *)>;

    explicit QtServer(Offer offer);
    Q_DISABLE_COPY_MOVE(QtServer)

    /// Gives a listening server to QHttpServer, which owns it from then on. False if it was not taken.
    bool bind(Listener *listener);

private:
    friend class Exchange;

    void onRequest(QHttpServerResponder &responder);

    QHttpServer m_server;
    const Offer m_offer;
    Exchange *m_shown = nullptr; ///< whose request QHttpServer is being shown
};

} // namespace restante::http
