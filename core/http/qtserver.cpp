// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/qtserver.h"

#include "http/listener.h"

#include <utility>

namespace restante::http
{

namespace
{
/// What QHttpServer is shown for each request. It reads byte by byte, so that what is long here costs each request more
/// than all that is done for its real head.
QByteArray shownRequest()
{
    return QByteArrayLiteral("GET / HTTP/1.1\r\nHost:a\r\n\r\n");
}
} // namespace

QtServer::QtServer(Offer offer)
    : m_offer(std::move(offer))
{
    compat::installCatchAll(
        m_server, [this](const QHttpServerRequest &, QHttpServerResponder &responder) { onRequest(responder); });
}

bool QtServer::bind(Listener *listener)
{
    return compat::bindServer(m_server, listener);
}

void QtServer::onRequest(QHttpServerResponder &responder)
{
    if (Exchange *exchange = std::exchange(m_shown, nullptr))
        exchange->accept(std::move(responder));
    else
        responder.write(QHttpServerResponder::StatusCode::InternalServerError);
}

Exchange::Exchange(QtServer &server, Line &line)
    : m_server(server)
    , m_line(line)
{
}

Exchange::~Exchange()
{
    m_responder.reset(); // while QHttpServer still has what it points to: telling it of the end may delete that
    retire();
}

bool Exchange::show(const AnswerStream::Options &options, const QTcpSocket &real)
{
    if (!m_facade) {
        m_facade = new Facade(*this, real);
        m_server.m_offer(m_facade);
    }
    m_answer.begin(options, QByteArray());
    m_showing = true;
    m_server.m_shown = this;
    m_facade->show(shownRequest());
    m_server.m_shown = nullptr;
    m_showing = false;
    if (!m_responder)
        return false;
    if (!m_pending)
        conclude();
    return true;
}

void Exchange::accept(QHttpServerResponder &&responder)
{
    m_responder.emplace(std::move(responder));
    m_pending = true;
    m_line.serve();
}

void Exchange::give(const AnswerStream::Options &options, int status, const QByteArray &contentType,
                    const QByteArray &body, const Reply::ExtraHeaders &extra)
{
    m_answer.begin(options, body);
    compat::sendResponse(*m_responder, status, contentType, body, extra);
    giveUp();
}

void Exchange::giveUp()
{
    m_pending = false;
    if (!m_showing)
        conclude();
}

void Exchange::conclude()
{
    m_responder.reset();
    m_line.answered();
}

void Exchange::retire()
{
    if (Facade *facade = std::exchange(m_facade, nullptr))
        facade->retire();
}

} // namespace restante::http
