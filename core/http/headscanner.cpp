// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/headscanner.h"

#include <algorithm>

namespace restante::http
{

namespace
{
/// Some clients end a body with a CRLF too many. More than a few are not a slip.
constexpr int toleratedBlankLines = 4;
} // namespace

HeadScanner::HeadScanner(const Limits &limits)
    : m_requestLineBytes(limits.requestLineBytes)
    , m_headBytes(limits.headBytes)
    , m_headFields(limits.headFields)
{
}

void HeadScanner::reset()
{
    m_position = m_begin = m_lineBegin = 0;
    m_lines = m_blankLines = m_status = 0;
    m_afterCr = false;
    m_reason = "";
}

HeadScanner::State HeadScanner::scan(QByteArrayView buffer)
{
    if (m_status != 0)
        return State::Refused;
    while (m_position < buffer.size()) {
        const auto byte = static_cast<unsigned char>(buffer[m_position]);
        if (m_afterCr) {
            if (byte != '\n')
                return refuse(400, "A carriage return stands alone");
            ++m_position;
            m_afterCr = false;
            if (const State state = endLine(); state != State::NeedMore)
                return state;
        } else if (byte == '\r') {
            ++m_position;
            m_afterCr = true;
        } else {
            if (const State state = checkByte(byte); state != State::NeedMore)
                return state;
            ++m_position;
            skipPlain(buffer);
        }
    }
    return State::NeedMore;
}

HeadScanner::State HeadScanner::checkByte(unsigned char byte)
{
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
        return refuse(400, "A control character stands in the head");
    if (m_position == m_lineBegin && (byte == ' ' || byte == '\t'))
        return refuse(400, "A line begins with white space");
    const qsizetype size = m_position - m_begin;
    if (m_lines == 0 && size >= m_requestLineBytes)
        return refuse(414, "The request line is too long");
    if (size >= m_headBytes)
        return refuse(431, "The head is too large");
    return State::NeedMore;
}

/// Goes on to the next byte that needs a look, inside a line that has begun.
void HeadScanner::skipPlain(QByteArrayView buffer)
{
    const int most = m_lines == 0 ? std::min(m_requestLineBytes, m_headBytes) : m_headBytes;
    const qsizetype end = std::min(buffer.size(), m_begin + most);
    while (m_position < end) {
        const auto byte = static_cast<unsigned char>(buffer[m_position]);
        if (byte < 0x20 || byte == 0x7f)
            return;
        ++m_position;
    }
}

HeadScanner::State HeadScanner::endLine()
{
    const qsizetype length = m_position - m_lineBegin - 2;
    m_lineBegin = m_position;
    if (length > 0) {
        ++m_lines;
        return m_lines > m_headFields + 1 ? refuse(431, "The head has too many fields") : State::NeedMore;
    }
    if (m_lines > 0)
        return State::Complete;
    m_begin = m_position;
    return ++m_blankLines > toleratedBlankLines ? refuse(400, "Blank lines instead of a request") : State::NeedMore;
}

HeadScanner::State HeadScanner::refuse(int status, const char *reason)
{
    m_status = status;
    m_reason = reason;
    return State::Refused;
}

} // namespace restante::http
