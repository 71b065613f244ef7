// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/addressbook.h"
#include "http/answerwriter.h"
#include "http/qtserver.h"
#include "http/requestreader.h"
#include "http/site.h"
#include "http/wire.h"

#include <QtCore/QObject>

#include <memory>
#include <optional>

namespace restante::http
{

class ConnectionSink;
class Worker;
struct GuardAnswer;
struct Shared;

/// One client connection, the conductor of its parts: RequestReader reads requests one at a time under all limits, the
/// gate judges their heads, Exchange lets each whole request be answered (qtserver.h has the way), AnswerWriter sends
/// the answer. Here stands what follows from what, with all deadlines, and how the connection ends in order. Lives in
/// its worker's thread; deletes itself (with deleteLater) when the socket has ended and no answer is pending.
class Connection final : public QObject, private Wire::Ear, private Exchange::Line
{
public:
    /// `socket` is connected; with `tls` (null: plain TCP) it is a QSslSocket.
    Connection(Worker &worker, Shared &shared, std::unique_ptr<QTcpSocket> socket,
               std::shared_ptr<const Certificates> tls, int endpoint, AddressBook::Seat seat);
    ~Connection() override;
    Q_DISABLE_COPY_MOVE(Connection)

    void start();
    /// Looks at the deadlines. `now` is Clock::steadyMs.
    void tick(qint64 now);
    /// The front closes: ends now, or after the pending answer.
    void windDown();

    /// The answer to the request that the site has, from its sink.
    void deliver(int status, const QByteArray &contentType, const QByteArray &body, const Reply::ExtraHeaders &extra);
    void deliver(Reply::Stream stream, const Reply::ExtraHeaders &extra);
    /// As Reply::reserve.
    bool reserve(qint64 bodyBytes) { return m_state != State::Handling || m_writer.reserve(bodyBytes); }

private:
    enum class State {
        Handshake,
        Head,     ///< reading a head, or idle
        Body,     ///< reading a body
        Discard,  ///< skipping the small body of a request that was refused
        Handling, ///< the site has the request
        Stream,   ///< sending a body piece by piece
        Drain,    ///< sending the last answer
        Linger,   ///< everything is sent: reading on, so that the client sees it instead of a reset
        Closing,  ///< closed in order, waiting for the end
        Dead,     ///< the socket has ended
    };

    void wireEncrypted() override;
    void wireReadable() override;
    void wireWrote() override;
    void wireGone() override;
    void serve() override;
    void answered() override;
    void hangUpRequested() override { m_closeAfter = true; }
    qint64 unsentBytes() const override { return m_wire.unsent(); }

    // Each step returns whether to go on at once.
    void pump();
    void pumpLater();
    bool readHead();
    bool judge();
    bool startBody(qint64 maxBody);
    bool readBody();
    bool discardBody();
    bool dispatch();
    void readLingering();

    void tickBody(qint64 now);
    void identifyPeer();
    void noteOutside();
    void noteUnnamedProxy();
    bool refuseRequest(GuardAnswer answer);
    void refuse(const Refusal &refusal);
    void apologise();
    AnswerStream::Options answerOptions() const;
    void endAnswer();
    void pumpStream();
    void pumpStreamLater();
    void nextRequest();
    void startDrain(bool linger);
    void endDrain();
    void endLinger();
    void cut();
    void finish();
    void leave();
    bool isLate(qint64 now, qint64 allowedMs) const { return now - m_sinceMs > allowedMs; }
    qint64 now() const;

    Worker &m_worker;
    Shared &m_shared;
    Wire m_wire;
    const bool m_tls;
    std::shared_ptr<const Certificates> m_certificates; ///< until the handshake begins
    const int m_endpoint;
    std::optional<AddressBook::Seat> m_seat;
    const QHostAddress m_peer;
    RequestReader m_reader;
    AnswerWriter m_writer;
    Exchange m_exchange;
    ConnectionSink *m_sink = nullptr; ///< what will answer; null if nothing will

    State m_state = State::Head;
    qint64 m_lingered = 0;
    qint64 m_lingeredAtTick = 0;
    qint64 m_sinceMs = 0;  ///< when this state began, or its first byte came
    bool m_served = false; ///< at least one request was answered
    bool m_closeAfter = false;
    bool m_lingerAfter = false;
    bool m_pumping = false;
    bool m_streamWaits = false; ///< the next piece has its turn in the next pass
};

} // namespace restante::http
