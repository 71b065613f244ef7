// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/answerwriter.h"

#include "http/shared.h"

#include <algorithm>
#include <utility>

namespace restante::http
{

namespace
{

constexpr qint64 uncountedBytes = qint64{16} * 1024; ///< answers of this size are not worth an account
constexpr qint64 streamBytes = qint64{512} * 1024;   ///< what a body that is sent as it comes holds at most
constexpr qint64 unsentBytes = qint64{128} * 1024;   ///< no more of it is taken while more than this waits to be sent
constexpr qsizetype pieceBytes = qsizetype{128} * 1024; ///< a larger whole body is sent in pieces of this size

} // namespace

/// A body that is there already, to be sent in pieces.
class AnswerWriter::WholeBody final : public Reply::Body
{
public:
    explicit WholeBody(QByteArray bytes)
        : m_bytes(std::move(bytes))
    {
    }

    void start(std::function<void()> /*changed*/) override {}
    QByteArray take() override
    {
        const QByteArray piece = m_bytes.sliced(m_taken, std::min(pieceBytes, m_bytes.size() - m_taken));
        m_taken += piece.size();
        return piece;
    }
    State state() const override { return State::Complete; }

private:
    const QByteArray m_bytes;
    qsizetype m_taken = 0;
};

AnswerWriter::AnswerWriter(Wire &wire, Shared &shared, const QByteArray &key, bool isExempt)
    : m_wire(wire)
    , m_shared(shared)
    , m_charge(shared.answers, key, isExempt)
{
}

bool AnswerWriter::reserve(qint64 bytes)
{
    const qint64 held = m_wire.unsent() + bytes;
    return held <= uncountedBytes || m_charge.resize(held, held);
}

bool AnswerWriter::reserveStream()
{
    return m_charge.resize(streamBytes, streamBytes);
}

void AnswerWriter::write(const QByteArray &bytes)
{
    noteSending(bytes.size());
    m_wire.write(bytes);
    m_wire.flush();
}

void AnswerWriter::send(AnswerStream &answer)
{
    const QByteArray head = answer.takeHead();
    const QByteArray body = answer.takeBody();
    noteSending(head.size() + body.size());
    m_wire.write(head);
    if (body.size() > pieceBytes) {
        hold(std::make_unique<WholeBody>(body), body.size());
        m_isWhole = true;
        m_chunked = false;
        return;
    }
    m_wire.write(body);
    m_wire.flush();
    if (m_wire.unsent() == 0)
        m_charge.release();
}

void AnswerWriter::hold(std::unique_ptr<Reply::Body> body, std::optional<qint64> length)
{
    m_body = std::move(body);
    m_left = length;
    m_isWhole = false;
}

void AnswerWriter::begin(AnswerStream &answer, std::function<void()> changed)
{
    m_chunked = answer.isChunked();
    m_body->start(std::move(changed));
    write(answer.takeHead());
}

AnswerWriter::Progress AnswerWriter::goOn()
{
    if (m_sending || !m_body || m_wire.unsent() > unsentBytes) // the wire says that bytes went while we write them
        return Progress::Waits;
    if (const QByteArray part = m_body->take(); !part.isEmpty()) {
        m_sending = true;
        const bool fits = sendPart(part);
        m_sending = false;
        if (!m_body)
            return Progress::Waits; // the client left while it was sent
        return fits ? Progress::More : Progress::Broken;
    }
    const auto state = m_body->state();
    if (state == Reply::Body::State::Open)
        return Progress::Waits;
    if (state == Reply::Body::State::Broken || m_left.value_or(0) > 0)
        return Progress::Broken;
    if (m_chunked) {
        m_sending = true;
        write(QByteArrayLiteral("0\r\n\r\n"));
        m_sending = false;
        if (!m_body)
            return Progress::Waits;
    }
    m_body.reset();
    if (m_wire.unsent() == 0)
        m_charge.release();
    return Progress::Done;
}

/// False if it is more than was announced.
bool AnswerWriter::sendPart(const QByteArray &part)
{
    if (m_left) {
        if (part.size() > *m_left)
            return false;
        *m_left -= part.size();
    }
    if (m_chunked)
        write(QByteArray::number(part.size(), 16) + "\r\n" + part + "\r\n");
    else
        write(part);
    return true;
}

void AnswerWriter::noteSending(qint64 added)
{
    if (m_body && m_isWhole)
        return; // it was counted as a whole
    if (m_wire.unsent() == 0) {
        m_sinceMs = m_shared.clock.steadyMs();
        m_bytes = 0;
    }
    m_bytes += added;
}

void AnswerWriter::noteHandshake()
{
    m_sinceMs = m_shared.clock.steadyMs();
    m_bytes = m_wire.unsent();
}

bool AnswerWriter::noteTaken()
{
    if (m_wire.unsent() > 0)
        return false;
    m_charge.release();
    m_bytes = 0;
    return true;
}

bool AnswerWriter::isLate(qint64 nowMs) const
{
    return m_wire.unsent() > 0 && (nowMs - m_wire.stalledSinceMs() > m_shared.limits.writeStallMs ||
                                   nowMs - m_sinceMs > m_shared.limits.transferMs(m_bytes));
}

void AnswerWriter::drop()
{
    m_body.reset();
    m_charge.release();
}

} // namespace restante::http
