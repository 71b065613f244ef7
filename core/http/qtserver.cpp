// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/qtserver.h"

#include "http/listener.h"
#include "http/site.h"

#include <utility>

namespace restante::http
{

namespace
{
/// A request that nothing can be wrong with. A target that begins with two slashes would be an authority to QUrl.
QByteArray harmless(const RequestHead &head)
{
    qsizetype slashes = 0;
    while (slashes + 1 < head.target.size() && head.target[slashes + 1] == '/')
        ++slashes;
    QByteArray shown;
    shown.reserve(head.method.size() + head.target.size() + 64);
    shown.append(head.method).append(' ');
    shown.append(QByteArrayView(head.target).sliced(slashes));
    shown.append(" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    return shown;
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

bool Exchange::show(const RequestHead &head, const AnswerStream::Options &options, const QTcpSocket &real)
{
    if (!m_facade) {
        m_facade = new Facade(*this, real);
        m_server.m_offer(m_facade);
    }
    m_answer.begin(options, QByteArray());
    m_showing = true;
    m_server.m_shown = this;
    m_facade->show(harmless(head));
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
