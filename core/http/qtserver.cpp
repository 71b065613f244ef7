// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/qtserver.h"

#include "http/listener.h"
#include "http/site.h"

#include <algorithm>
#include <utility>

namespace restante::http
{

namespace
{
constexpr int EndpointSegments = 4; // "/_matrix/federation/v1/send_relay"; what follows are names

/// The part of a target that names the endpoint. QHttpServer reads byte by byte, at 350 instructions each: two names in
/// a path cost a request more than all that is done for its real head. A target that begins with two slashes would be
/// an authority to QUrl.
QByteArrayView endpointOf(QByteArrayView target)
{
    while (target.startsWith("//"))
        target = target.sliced(1);
    qsizetype end = target.indexOf('?');
    end = end < 0 ? target.size() : end;
    qsizetype slash = 0;
    for (int i = 0; i < EndpointSegments && slash >= 0; ++i)
        slash = target.indexOf('/', slash + 1);
    return target.first(slash < 0 ? end : std::min(slash, end));
}

/// A request that nothing can be wrong with.
QByteArray harmless(const RequestHead &head)
{
    const QByteArrayView endpoint = endpointOf(head.target);
    QByteArray shown;
    shown.reserve(head.method.size() + endpoint.size() + 32);
    return shown.append(head.method).append(' ').append(endpoint).append(" HTTP/1.1\r\nHost:a\r\n\r\n");
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
