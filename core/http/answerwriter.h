// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/answerstream.h"
#include "http/bodymemory.h"
#include "http/reply.h"
#include "http/wire.h"

#include <functional>
#include <memory>
#include <optional>

namespace restante::http
{

struct Shared;

/// The writing half of a connection: answers go on the wire as fast as the client takes them, whole ones or as they
/// come, within the memory and the time that one client may have. Lives in the worker's thread. While a function
/// writes, the wire may end, and the connection be told so, before it returns.
class AnswerWriter
{
public:
    /// `key` and `isExempt`: the client's account, as for BodyMemory::Charge.
    AnswerWriter(Wire &wire, Shared &shared, const QByteArray &key, bool isExempt);
    Q_DISABLE_COPY_MOVE(AnswerWriter)

    /// Makes room for an answer whose body is `bytes` large. False if there is no memory for it.
    [[nodiscard]] bool reserve(qint64 bytes);
    /// The same for one that is sent as it comes.
    [[nodiscard]] bool reserveStream();

    void write(const QByteArray &bytes);
    /// Sends a whole answer that QHttpServer has written; of a large one only the head, and its body is held then.
    void send(AnswerStream &answer);

    /// A body that will be sent as it comes; of `length` bytes, if that is known.
    void hold(std::unique_ptr<Reply::Body> body, std::optional<qint64> length);
    bool holdsBody() const { return m_body != nullptr; }
    void dropBody() { m_body.reset(); }
    /// Begins to send the held body, behind the head of `answer`. `changed` is called when more of it may be there:
    /// then `goOn` is to follow, as it is to follow now.
    void begin(AnswerStream &answer, std::function<void()> changed);
    enum class Progress {
        Waits,  ///< for the client, or for the body
        More,   ///< there is more, and the client may take it: `goOn` is to follow once others had their turn
        Done,   ///< all of it was sent or waits to be
        Broken, ///< it is not what its head announced
    };
    /// Sends the next piece, if one is there and the client takes it: a large body in one go would keep all others of
    /// this thread waiting for milliseconds.
    Progress goOn();

    /// The handshake is done; its end may still be on its way.
    void noteHandshake();
    /// The client took bytes. Whether it has all of them.
    bool noteTaken();
    /// Whether the client takes too long over what it is sent.
    bool isLate(qint64 nowMs) const;
    /// The wire has ended.
    void drop();

private:
    class WholeBody;

    bool sendPart(const QByteArray &part);
    void noteSending(qint64 added);

    Wire &m_wire;
    Shared &m_shared;
    BodyMemory::Charge m_charge;
    std::unique_ptr<Reply::Body> m_body; ///< what is sent as it comes
    std::optional<qint64> m_left;        ///< how much of it is still to come, if that is known
    qint64 m_sinceMs = 0;                ///< since when something waits to be sent
    qint64 m_bytes = 0;                  ///< how much was written since then
    bool m_chunked = false;
    bool m_isWhole = false; ///< the held body was there from the start: its time is counted for all of it
    bool m_sending = false; ///< inside goOn
};

} // namespace restante::http
