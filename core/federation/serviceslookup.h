// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "federation/resolver.h"

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include <map>
#include <memory>

class QSocketNotifier;
struct ares_channeldata;

namespace restante::federation
{

/// One question for SRV records, asked of the name servers by c-ares in this thread's event loop: no thread waits for a
/// name server that does not answer. It reads the system's settings anew each time, since a laptop changes networks;
/// destroying it breaks the question off. One thread.
class ServicesLookup final
{
public:
    using Done = Resolver::GotServices;

    /// `nameServer` (`ADDRESS:PORT`) instead of the system's ones where it is not empty. `done` is called once, later;
    /// it may destroy this. The value may be empty; Errc::Unreachable where no name server answered within `patienceMs`
    /// or what it said is no answer.
    ServicesLookup(const QByteArray &name, const QByteArray &nameServer, int patienceMs, Done done);
    ~ServicesLookup();
    Q_DISABLE_COPY_MOVE(ServicesLookup)

private:
    struct Watch {
        std::unique_ptr<QSocketNotifier> reading;
        std::unique_ptr<QSocketNotifier> writing;
    };

    bool open(const QByteArray &nameServer);
    void process(int readable, int writable);
    void watch(int socket, bool reading, bool writing);
    void answer(int status, const unsigned char *bytes, int size);
    void finish(Result<QList<Service>> result);

    Done m_done;
    ares_channeldata *m_channel = nullptr;
    std::map<int, Watch> m_watches;
    bool m_finished = false;
    QTimer m_tick; ///< when c-ares wants to ask again
    QTimer m_patience;
    QObject m_context; ///< of what is called later
};

} // namespace restante::federation
