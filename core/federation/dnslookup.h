// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "federation/resolver.h"
#include "federation/socketwatches.h"

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include <optional>
#include <vector>

struct ares_channeldata;

namespace restante::federation
{

/// Asks the name servers of this machine for the records of one name: c-ares inside this thread's event loop, no thread
/// and nothing shared with other look-ups, so that one which is never answered costs others nothing. It reads
/// resolv.conf anew, since laptops change networks. Destroying it breaks it off; not from inside `finished`.
class DnsLookup
{
public:
    enum class Type : quint16 { A = 1, Aaaa = 28, Srv = 33 };
    /// What came of one type.
    struct Reply {
        enum class State {
            Unanswered, ///< no server answered, or not with knowledge (SERVFAIL, REFUSED)
            None,       ///< there is no such name, or no such record of it
            Found,
        };
        State state = State::Unanswered;
        QByteArray message; ///< if it was found: the whole answer as it came
    };
    /// One reply for each type, in their order.
    using Finished = std::function<void(const std::vector<Reply> &)>;

    /// `servers` as `ADDRESS:PORT`, separated by commas; empty = those of the machine.
    DnsLookup(const QByteArray &name, const std::vector<Type> &types, const QByteArray &servers);
    ~DnsLookup();
    Q_DISABLE_COPY_MOVE(DnsLookup)

    /// `finished` is called once, never from inside this call, after LimitMs at the latest; once one type was found the
    /// others have OthersMs, since some name servers leave questions for AAAA unanswered.
    void start(Finished finished);

    static constexpr int LimitMs = 5'000;
    static constexpr int OthersMs = 500;
    static constexpr int FirstTryMs = 1'000; ///< for the first server; later tries have longer
    static constexpr int Tries = 3;          ///< of each server

private:
    struct Question;

    void drive(int readable, int writable);
    void goOn();
    void finish();
    static void onSocket(void *self, int socket, int readable, int writable);
    static void onAnswer(void *question, int status, const QByteArray &message);

    const QByteArray m_name;
    std::vector<std::unique_ptr<Question>> m_questions;
    ares_channeldata *m_channel = nullptr;
    Finished m_finished;
    SocketWatches m_watches;
    QTimer m_timer; ///< c-ares' own
    QTimer m_limit;
};

/// The SRV records in an answer; nothing if it, or one of them, cannot be read.
std::optional<QList<Service>> servicesIn(const QByteArray &message);
/// The A and AAAA records in an answer, aliases followed by the server; none if it is not DNS.
QList<QHostAddress> addressesIn(const QByteArray &message);

} // namespace restante::federation
