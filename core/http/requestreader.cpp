// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/requestreader.h"

#include "http/shared.h"

#include <algorithm>
#include <array>

namespace restante::http
{

namespace
{

constexpr qsizetype readBytes = qsizetype{16} * 1024;
constexpr qint64 firstBodyBytes = qint64{64} * 1024;
constexpr qsizetype keptInputBytes = qsizetype{4} * 1024; ///< buffer an idle connection may keep

} // namespace

RequestReader::RequestReader(Wire &wire, Shared &shared, const QByteArray &key, bool isExempt)
    : m_wire(wire)
    , m_shared(shared)
    , m_scanner(shared.limits)
    , m_charge(shared.bodies, key, isExempt)
{
}

void RequestReader::dropInput()
{
    m_input = QByteArray();
    m_scanner.reset();
}

void RequestReader::next()
{
    m_headRequest = false;
    if (m_input.isEmpty() && m_input.capacity() > keptInputBytes)
        m_input = QByteArray();
}

RequestReader::Step RequestReader::refuse(const Refusal &refusal)
{
    m_refusal = refusal;
    return Step::Refused;
}

RequestReader::Step RequestReader::readHead()
{
    std::array<char, readBytes> buffer;
    while (true) {
        switch (m_scanner.scan(m_input)) {
        case HeadScanner::State::Complete:
            return takeHead();
        case HeadScanner::State::Refused:
            return refuse({m_scanner.status(), m_scanner.reason()});
        case HeadScanner::State::NeedMore:
            break;
        }
        const qint64 size = m_wire.read(buffer.data(), buffer.size());
        if (size == 0)
            return Step::NeedMore;
        m_input.append(buffer.data(), size);
    }
}

RequestReader::Step RequestReader::takeHead()
{
    m_shared.counters.requests.fetch_add(1, std::memory_order_relaxed);
    const auto bytes = QByteArrayView(m_input).first(m_scanner.end()).sliced(m_scanner.begin());
    const auto refusal = m_parser.parseHead(bytes, m_request.head, m_framing);
    m_headRequest = m_request.head.method == "HEAD";
    if (m_scanner.end() == m_input.size())
        m_input.resize(0); // keeps the memory for the next request
    else
        m_input.remove(0, m_scanner.end());
    m_scanner.reset();
    return refusal ? refuse(*refusal) : Step::Complete;
}

void RequestReader::beginBody(qint64 maxBody, qint64 nowMs)
{
    m_waitingSinceMs = -1;
    m_chunksComplete = false;
    m_pace.begin(nowMs);
    m_charge.begin(nowMs);
    m_request.body = QByteArray();
    if (m_framing.chunked)
        m_chunks.begin(maxBody);
    else
        m_request.body.reserve(std::min(m_framing.contentLength, firstBodyBytes));
}

RequestReader::Step RequestReader::readBody()
{
    return m_framing.chunked ? readChunkedBody() : readSizedBody();
}

/// Nothing if the body may be `bytes` large. Otherwise it is refused, or waits for memory and is not read on until
/// then.
std::optional<RequestReader::Step> RequestReader::growBody(qint64 bytes)
{
    const qint64 announced = m_framing.chunked ? bytes : m_framing.contentLength;
    // One that is not very large waits once, for all that it needs.
    const bool asWhole = m_waitingSinceMs >= 0 && announced <= m_shared.limits.mediumBodyBytes;
    if (m_charge.resize(std::max(asWhole ? announced : bytes, m_charge.bytes()), announced)) {
        m_waitingSinceMs = -1;
        return {};
    }
    const qint64 nowMs = m_shared.clock.steadyMs();
    if (m_waitingSinceMs < 0)
        m_waitingSinceMs = nowMs;
    const bool mayWait = nowMs - m_waitingSinceMs < m_shared.limits.bodyMemoryWaitMs;
    if (!mayWait || !m_shared.bodies.makeRoom(m_charge, bytes, nowMs))
        return refuse({503, "There is no memory for this body just now"});
    return Step::NeedMore;
}

RequestReader::Step RequestReader::readSizedBody()
{
    QByteArray &body = m_request.body;
    const qint64 length = m_framing.contentLength;
    if (!m_input.isEmpty()) {
        const qint64 size = std::min<qint64>(m_input.size(), length - body.size());
        if (const auto end = growBody(body.size() + size))
            return *end;
        body.append(m_input.constData(), size);
        m_input.remove(0, size);
    }
    while (body.size() < length) {
        const qint64 size = std::min(m_wire.available(), length - body.size());
        if (size == 0)
            return Step::NeedMore;
        const qint64 before = body.size();
        if (const auto end = growBody(before + size))
            return *end;
        // Twice as much each time, but never more than was announced.
        if (body.capacity() < before + size)
            body.reserve(std::min(length, std::max(before + size, 2 * before)));
        body.resize(before + size);
        body.resize(before + m_wire.read(body.data() + before, size));
        if (m_wire.isGone()) // it broke while it was read
            return Step::NeedMore;
    }
    return Step::Complete;
}

RequestReader::Step RequestReader::readChunkedBody()
{
    std::array<char, readBytes> buffer;
    while (true) {
        if (!m_chunksComplete) { // else it only waits for memory
            const ChunkDecoder::Progress progress = m_chunks.decode(m_input, m_request.body);
            if (progress.refusal)
                return refuse(*progress.refusal);
            m_input.remove(0, progress.consumed);
            m_chunksComplete = progress.complete;
        }
        if (const auto end = growBody(m_request.body.size()))
            return *end;
        if (m_chunksComplete)
            return Step::Complete;
        const qint64 size = m_wire.read(buffer.data(), buffer.size());
        if (size == 0)
            return Step::NeedMore;
        m_input.append(buffer.data(), size);
    }
}

std::optional<Refusal> RequestReader::lateBody(qint64 nowMs, qint64 sinceMs)
{
    const Limits &limits = m_shared.limits;
    const qint64 size = m_framing.chunked ? m_request.body.size() : m_framing.contentLength;
    m_charge.progress(nowMs);
    if (m_charge.isToLeave()) // as may one that waits itself
        return Refusal{503, "Others need the memory of this body"};
    if (isWaiting())
        return {};
    const bool isLarge = size > limits.smallBodyBytes;
    if (nowMs - sinceMs > limits.transferMs(size) ||
        (isLarge && m_pace.isTooSlow(nowMs, m_request.body.size(), limits)))
        return Refusal{408, "The body took too long"};
    return {};
}

RequestReader::Step RequestReader::discard()
{
    const qint64 buffered = std::min<qint64>(m_input.size(), m_discardLeft);
    m_input.remove(0, buffered);
    m_discardLeft -= buffered;
    std::array<char, readBytes> buffer;
    while (m_discardLeft > 0) {
        const qint64 size = m_wire.read(buffer.data(), std::min<qint64>(m_discardLeft, buffer.size()));
        if (size == 0)
            return Step::NeedMore;
        m_discardLeft -= size;
    }
    return Step::Complete;
}

} // namespace restante::http
