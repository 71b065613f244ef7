// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/curlloop.h"

#include <algorithm>
#include <mutex>
#include <utility>

namespace restante::federation
{

namespace
{
void initialiseCurl()
{
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}
} // namespace

CurlLoop::CurlLoop()
    : m_watches([this](int socket, bool forWriting) { drive(socket, forWriting ? CURL_CSELECT_OUT : CURL_CSELECT_IN); })
{
    initialiseCurl();
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, [this] { drive(CURL_SOCKET_TIMEOUT, 0); });
    m_rest.setSingleShot(true);
    m_rest.setInterval(RestMs);
    connect(&m_rest, &QTimer::timeout, this, [this] { close(); });
}

CurlLoop::~CurlLoop()
{
    Q_ASSERT(m_transfers.isEmpty());
    close();
}

void CurlLoop::open()
{
    if (m_multi)
        return;
    m_multi = curl_multi_init();
    curl_multi_setopt(m_multi, CURLMOPT_SOCKETFUNCTION, &CurlLoop::onSocket);
    curl_multi_setopt(m_multi, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(m_multi, CURLMOPT_TIMERFUNCTION, &CurlLoop::onTimer);
    curl_multi_setopt(m_multi, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(m_multi, CURLMOPT_MAXCONNECTS, MostConnections);
    curl_multi_setopt(m_multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
}

/// The kept connections with it.
void CurlLoop::close()
{
    m_rest.stop();
    if (!m_multi)
        return;
    curl_multi_cleanup(std::exchange(m_multi, nullptr));
    m_timer.stop();
    m_watches.clear();
}

void CurlLoop::add(CURL *handle, Finished finished)
{
    m_rest.stop();
    open();
    m_transfers.emplace(handle, std::move(finished));
    curl_multi_add_handle(m_multi, handle); // asks for the timer, so nothing happens before the next turn of the loop
}

void CurlLoop::remove(CURL *handle)
{
    if (!m_transfers.remove(handle))
        return;
    curl_multi_remove_handle(m_multi, handle);
    if (m_transfers.isEmpty())
        m_rest.start();
}

void CurlLoop::drive(curl_socket_t socket, int events)
{
    if (!m_multi)
        return;
    int running = 0;
    curl_multi_socket_action(m_multi, socket, events, &running);
    collect();
}

/// Tells what has finished. What is told of it may add and remove transfers.
void CurlLoop::collect()
{
    int left = 0;
    while (m_multi) {
        const CURLMsg *message = curl_multi_info_read(m_multi, &left);
        if (!message)
            return;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURL *const handle = message->easy_handle;
        const CURLcode code = message->data.result; // the message dies with the next call
        const Finished finished = m_transfers.take(handle);
        curl_multi_remove_handle(m_multi, handle);
        if (m_transfers.isEmpty())
            m_rest.start();
        finished(code);
    }
}

int CurlLoop::onSocket(CURL * /*handle*/, curl_socket_t socket, int what, void *self, void * /*data*/)
{
    const bool reading = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
    const bool writing = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
    static_cast<CurlLoop *>(self)->m_watches.set(socket, reading, writing);
    return 0;
}

int CurlLoop::onTimer(CURLM * /*multi*/, long timeoutMs, void *self)
{
    auto *const loop = static_cast<CurlLoop *>(self);
    if (timeoutMs < 0)
        loop->m_timer.stop();
    else
        loop->m_timer.start(int(std::min(timeoutMs, 3'600'000L)));
    return 0;
}

} // namespace restante::federation
