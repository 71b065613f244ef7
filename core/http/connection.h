// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/addressbook.h"
#include "http/bodymemory.h"
#include "http/bodypace.h"
#include "http/chunkdecoder.h"
#include "http/headscanner.h"
#include "http/qtserver.h"
#include "http/requestparser.h"
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

/// One client connection: reads requests one at a time under all limits, asks the gate, lets each whole request be
/// answered (qtserver.h has the way), sends the answer, and ends in order. Lives in its worker's thread; deletes itself
/// (with deleteLater) when the socket has ended and no answer is pending.
class Connection final : public QObject, private Wire::Ear, private Exchange::Line
{
public:
    /// `socket` is connected; with `tls` it is a QSslSocket with its configuration set.
    Connection(Worker &worker, Shared &shared, std::unique_ptr<QTcpSocket> socket, bool tls, int endpoint,
               AddressBook::Seat seat);
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

private:
    enum class State {
        Handshake,
        Head,     ///< reading a head, or idle
        Body,     ///< reading a body
        Discard,  ///< skipping the small body of a request that was refused
        Handling, ///< the site has the request
        Stream,   ///< sending a body as it comes
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
    bool takeHead();
    bool judge();
    bool startBody();
    bool readSizedBody();
    bool readChunkedBody();
    bool discardBody();
    bool dispatch();
    void readLingering();

    bool growBody(qint64 bytes);
    void tickBody(qint64 now);
    void identifyPeer();
    void noteUnnamedProxy();
    bool refuseRequest(GuardAnswer answer);
    void refuse(int status, const char *reason);
    void sendAnswer();
    void apologise();
    AnswerStream::Options answerOptions() const;
    void endAnswer();
    void pumpStream();
    bool streamPart(const QByteArray &part);
    void endStream();
    void write(const QByteArray &bytes);
    void nextRequest();
    void noteSending(qint64 before, qint64 added);
    void startDrain(bool linger);
    void endDrain();
    void endLinger();
    void cut();
    void finish();
    void leave();
    bool isLate(qint64 now, qint64 allowedMs) const { return now - m_sinceMs > allowedMs; }
    qint64 transferMs(qint64 bytes) const;
    qint64 now() const;

    Worker &m_worker;
    Shared &m_shared;
    Wire m_wire;
    const bool m_tls;
    const int m_endpoint;
    std::optional<AddressBook::Seat> m_seat;
    BodyMemory::Charge m_bodyCharge;
    BodyMemory::Charge m_answerCharge;
    const QHostAddress m_peer;
    HeadScanner m_scanner;
    RequestParser m_parser;
    ChunkDecoder m_chunks;
    Exchange m_exchange;
    ConnectionSink *m_sink = nullptr; ///< who will answer; null when nobody

    State m_state = State::Head;
    QByteArray m_input; ///< read and not yet parsed
    Request m_request;
    Framing m_framing;
    qint64 m_maxBody = 0;
    BodyPace m_pace;
    bool m_chunksComplete = false;         ///< of the body: the last one is there
    qint64 m_waitingSinceMs = -1;          ///< since when the body waits for memory; it does not: -1
    std::unique_ptr<Reply::Body> m_stream; ///< what is sent as it comes
    std::optional<qint64> m_streamLeft;    ///< how much of it is still to come, where that is known
    qint64 m_discardLeft = 0;
    qint64 m_lingered = 0;
    qint64 m_lingeredAtTick = 0;
    qint64 m_sinceMs = 0;        ///< when this state began, or its first byte came
    qint64 m_sendingSinceMs = 0; ///< since when something waits to be sent
    qint64 m_sendingBytes = 0;   ///< how much was written since then
    bool m_served = false;       ///< at least one request was answered
    bool m_headRequest = false;
    bool m_closeAfter = false;
    bool m_lingerAfter = false;
    bool m_pumping = false;
    bool m_streaming = false; ///< inside pumpStream
};

} // namespace restante::http
