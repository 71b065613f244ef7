// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/chunkdecoder.h"

#include <algorithm>
#include <cstring>

namespace restante::http
{

namespace
{

constexpr qsizetype longestSizeLine = 512;
constexpr qsizetype longestTrailers = 4096; ///< with the empty line that ends them

Refusal damaged(const char *reason = "The chunked body is damaged")
{
    return {400, reason};
}

/// RFC 9110, 5.6.2
bool isTokenByte(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           (byte != 0 && std::strchr("!#$%&'*+-.^_`|~", byte));
}

/// -1 for what is not a digit.
int hexValue(unsigned char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    const int letter = byte | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/// Fields that would say anew where the request ends.
bool isFraming(const QByteArray &name)
{
    return name.compare("content-length", Qt::CaseInsensitive) == 0 ||
           name.compare("transfer-encoding", Qt::CaseInsensitive) == 0;
}

} // namespace

void ChunkDecoder::begin(qint64 mostBytes)
{
    *this = ChunkDecoder();
    m_room = std::max<qint64>(0, mostBytes);
}

ChunkDecoder::Progress ChunkDecoder::decode(QByteArrayView bytes, QByteArray &body)
{
    Progress progress;
    while (progress.consumed < bytes.size() && m_state != State::Complete) {
        if (m_state == State::Data) {
            const auto size = qsizetype(std::min(m_size, quint64(bytes.size() - progress.consumed)));
            body.append(bytes.sliced(progress.consumed, size));
            progress.consumed += size;
            m_size -= quint64(size);
            if (m_size == 0)
                m_state = State::DataCr;
            continue;
        }
        progress.refusal = takeByte(static_cast<unsigned char>(bytes[progress.consumed]));
        if (progress.refusal)
            return progress;
        ++progress.consumed;
    }
    progress.complete = m_state == State::Complete;
    return progress;
}

ChunkDecoder::Verdict ChunkDecoder::takeByte(unsigned char byte)
{
    switch (m_state) {
    case State::SizeLf:
        return endSizeLine(byte);
    case State::DataCr:
        return expect(byte, '\r', State::DataLf);
    case State::DataLf:
        m_lineBytes = 0;
        return expect(byte, '\n', State::SizeBegin);
    case State::TrailerBegin:
    case State::TrailerName:
    case State::TrailerValue:
    case State::TrailerLf:
    case State::EndLf:
        return takeTrailer(byte);
    default:
        return takeSizeLine(byte);
    }
}

ChunkDecoder::Verdict ChunkDecoder::takeSizeLine(unsigned char byte)
{
    if (byte == '\r') {
        const bool whole =
            m_state == State::Size || m_state == State::Name || m_state == State::Value || m_state == State::QuoteEnd;
        m_state = State::SizeLf;
        return whole ? Verdict() : damaged("A chunk's size line ends too early");
    }
    if (byte < 0x20 || byte > 0x7e)
        return damaged("A chunk's size line has a byte that is not printable ASCII");
    if (++m_lineBytes > longestSizeLine)
        return damaged("A chunk's size line is too long");
    if (m_state == State::SizeBegin || (m_state == State::Size && hexValue(byte) >= 0))
        return takeSize(byte);
    if (m_state == State::Quoted || m_state == State::QuotedPair)
        return takeQuoted(byte);
    return takeExtension(byte);
}

ChunkDecoder::Verdict ChunkDecoder::takeSize(unsigned char byte)
{
    const int digit = hexValue(byte);
    if (m_state == State::SizeBegin)
        m_size = 0;
    m_state = State::Size;
    if (digit < 0 || m_size >> 60 != 0) // one digit more would need more than 64 bits
        return damaged("A chunk's size is not a number");
    m_size = m_size << 4 | quint64(digit);
    return std::nullopt;
}

/// Anything of `*( BWS ";" BWS name [ BWS "=" BWS value ] )` but what is between quotes.
ChunkDecoder::Verdict ChunkDecoder::takeExtension(unsigned char byte)
{
    const bool inName = m_state == State::NameBegin || m_state == State::Name;
    const bool inValue = m_state == State::ValueBegin || m_state == State::Value;
    const bool begins = m_state == State::NameBegin || m_state == State::ValueBegin;
    if ((inName || inValue) && isTokenByte(byte)) {
        m_state = inName ? State::Name : State::Value;
        return std::nullopt;
    }
    if (byte == '"' && m_state == State::ValueBegin) {
        m_state = State::Quoted;
        return std::nullopt;
    }
    if (byte == ' ') {
        if (!begins)
            m_state = m_state == State::Name || m_state == State::NameSpace ? State::NameSpace : State::Space;
        return std::nullopt;
    }
    if (byte == ';' && !begins) {
        m_state = State::NameBegin;
        return std::nullopt;
    }
    if (byte == '=' && (m_state == State::Name || m_state == State::NameSpace)) {
        m_state = State::ValueBegin;
        return std::nullopt;
    }
    return damaged("A chunk's extension is damaged");
}

ChunkDecoder::Verdict ChunkDecoder::takeQuoted(unsigned char byte)
{
    if (m_state == State::QuotedPair)
        m_state = State::Quoted;
    else if (byte == '\\')
        m_state = State::QuotedPair;
    else if (byte == '"')
        m_state = State::QuoteEnd;
    return std::nullopt;
}

ChunkDecoder::Verdict ChunkDecoder::endSizeLine(unsigned char byte)
{
    if (m_size > quint64(m_room))
        return Refusal{413, "The body is too large"};
    m_room -= qint64(m_size);
    return expect(byte, '\n', m_size > 0 ? State::Data : State::TrailerBegin);
}

ChunkDecoder::Verdict ChunkDecoder::takeTrailer(unsigned char byte)
{
    if (++m_trailerBytes > longestTrailers)
        return Refusal{431, "The trailers are too large"};
    if (m_state == State::EndLf)
        return expect(byte, '\n', State::Complete);
    if (m_state == State::TrailerLf)
        return expect(byte, '\n', State::TrailerBegin);
    if (m_state != State::TrailerValue)
        return takeTrailerName(byte);
    if (byte == '\r')
        m_state = State::TrailerLf;
    else if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
        return damaged("A control character stands in a trailer");
    return std::nullopt;
}

ChunkDecoder::Verdict ChunkDecoder::takeTrailerName(unsigned char byte)
{
    if (m_state == State::TrailerBegin) {
        m_trailerName.clear();
        if (byte == '\r') {
            m_state = State::EndLf;
            return std::nullopt;
        }
        m_state = State::TrailerName;
    }
    if (isTokenByte(byte)) {
        m_trailerName.append(char(byte));
        return std::nullopt;
    }
    if (byte != ':' || m_trailerName.isEmpty())
        return damaged("A trailer is not a field");
    if (isFraming(m_trailerName))
        return damaged("The trailers give the length of the body again");
    m_state = State::TrailerValue;
    return std::nullopt;
}

ChunkDecoder::Verdict ChunkDecoder::expect(unsigned char byte, char wanted, State next)
{
    if (byte != static_cast<unsigned char>(wanted))
        return damaged();
    m_state = next;
    return std::nullopt;
}

} // namespace restante::http
