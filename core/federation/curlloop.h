// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "federation/socketwatches.h"

#include <QtCore/QHash>
#include <QtCore/QObject>
#include <QtCore/QTimer>

#include <curl/curl.h>

#include <functional>

namespace restante::federation
{

/// libcurl's multi interface inside this thread's event loop: a notifier for each socket, one timer. Made, used and
/// destroyed in one thread; all handles that were added are removed before. Nothing runs while nothing is in flight,
/// but for one shot: a minute after the last transfer the kept connections are closed.
class CurlLoop final : public QObject
{
public:
    using Finished = std::function<void(CURLcode)>;

    CurlLoop();
    ~CurlLoop() override;
    Q_DISABLE_COPY_MOVE(CurlLoop)

    /// Starts a transfer. `finished` is called once, never from inside this call, with the handle removed already.
    void add(CURL *handle, Finished finished);
    /// Breaks it off and closes its connection; nothing happens for one that is not there.
    void remove(CURL *handle);

    /// Connections kept for the next request, in all.
    static constexpr long MostConnections = 64;
    static constexpr int RestMs = 60'000;

private:
    void open();
    void close();
    void drive(curl_socket_t socket, int events);
    void collect();
    static int onSocket(CURL *handle, curl_socket_t socket, int what, void *self, void *data);
    static int onTimer(CURLM *multi, long timeoutMs, void *self);

    CURLM *m_multi = nullptr;
    QHash<CURL *, Finished> m_transfers;
    SocketWatches m_watches;
    QTimer m_timer;
    QTimer m_rest;
};

} // namespace restante::federation
