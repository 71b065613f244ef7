// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/authparams.h"

#include <cstring>

namespace restante::matrix
{

namespace
{

bool isLetterOrDigit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool isUnquotedByte(char c)
{
    return isTokenByte(c) || c == ':' || c == '/' || c == '=' || c == '[' || c == ']';
}

/// HTAB, SP, VCHAR and obs-text of RFC 9110; quotes and backslashes are looked at before.
bool isQuotedByte(char c)
{
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
}

} // namespace

bool isTokenByte(char c)
{
    return isLetterOrDigit(c) || (c != '\0' && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr);
}

AuthParams::AuthParams(QByteArrayView text)
    : m_at(text.data())
    , m_end(text.data() + text.size())
{
}

std::optional<AuthParams::Param> AuthParams::next()
{
    while (!m_malformed) {
        if (!m_first) {
            if (m_at == m_end)
                return std::nullopt;
            skipSpace();
            if (m_at == m_end || *m_at != ',')
                return malformed();
            ++m_at;
            skipSpace();
        }
        m_first = false;
        if (m_at == m_end)
            return std::nullopt;
        if (*m_at == ',' || *m_at == ' ' || *m_at == '\t')
            continue; // an empty element; the turn that follows judges the space
        return param();
    }
    return std::nullopt;
}

std::optional<AuthParams::Param> AuthParams::param()
{
    Param param;
    const char *const begin = m_at;
    while (m_at != m_end && isTokenByte(*m_at))
        ++m_at;
    param.name = QByteArrayView(begin, m_at - begin);
    skipSpace();
    if (param.name.isEmpty() || m_at == m_end || *m_at != '=')
        return malformed();
    ++m_at;
    skipSpace();
    const bool good = m_at != m_end && *m_at == '"' ? quoted(&param.value) : unquoted(&param.value);
    if (!good)
        return malformed();
    return param;
}

bool AuthParams::quoted(QByteArray *value)
{
    const char *piece = ++m_at; // what is not in the value yet
    while (m_at != m_end && *m_at != '"') {
        if (*m_at == '\\') {
            value->append(piece, m_at - piece);
            piece = ++m_at;
        }
        if (m_at == m_end || !isQuotedByte(*m_at))
            return false;
        ++m_at;
    }
    if (m_at == m_end)
        return false;
    value->append(piece, m_at++ - piece);
    return true;
}

bool AuthParams::unquoted(QByteArray *value)
{
    const char *const begin = m_at;
    while (m_at != m_end && isUnquotedByte(*m_at))
        ++m_at;
    value->append(begin, m_at - begin);
    return !value->isEmpty();
}

void AuthParams::skipSpace()
{
    while (m_at != m_end && (*m_at == ' ' || *m_at == '\t'))
        ++m_at;
}

std::nullopt_t AuthParams::malformed()
{
    m_malformed = true;
    return std::nullopt;
}

} // namespace restante::matrix
