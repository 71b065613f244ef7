// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/jsontoken.h"

#include "matrix/utf8.h"

namespace restante::matrix
{

namespace
{

char32_t readHex4(const char *at)
{
    char32_t value = 0;
    for (int i = 0; i < 4; ++i) {
        const char c = at[i];
        const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
        value = value * 16 + static_cast<char32_t>(digit);
    }
    return value;
}

/// `at` stands behind "\u"; appends the code point and gives the place behind it. A checked text has whole pairs only.
const char *appendCodePoint(const char *at, QByteArray *to)
{
    char32_t codePoint = readHex4(at);
    at += 4;
    if (codePoint >= 0xD800 && codePoint < 0xDC00) {
        codePoint = 0x10000 + ((codePoint - 0xD800) << 10) + (readHex4(at + 2) - 0xDC00);
        at += 6;
    }
    appendUtf8(codePoint, to);
    return at;
}

char shortEscape(char letter)
{
    switch (letter) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return letter; // quote, backslash and slash stand for themselves
    }
}

} // namespace

const char *skipCheckedValue(const char *at, const char *end)
{
    qsizetype depth = 0;
    while (at != end) {
        switch (*at) {
        case '"': {
            bool escaped = false;
            at = skipCheckedString(at + 1, end, &escaped);
            if (at == end)
                return at;
            ++at;
            break;
        }
        case '{':
        case '[':
            ++depth;
            ++at;
            continue;
        case '}':
        case ']':
            --depth;
            ++at;
            break;
        default:
            if (depth == 0)
                return skipCheckedWord(at, end);
            ++at;
            continue;
        }
        if (depth <= 0)
            return at;
    }
    return at;
}

void appendUnescapedJson(QByteArrayView inside, QByteArray *to)
{
    const char *at = inside.data();
    const char *const end = at + inside.size();
    while (at != end) {
        const auto *backslash = static_cast<const char *>(std::memchr(at, '\\', static_cast<size_t>(end - at)));
        const char *const stop = backslash ? backslash : end;
        to->append(at, stop - at);
        if (!backslash)
            return;
        at = stop + 2;
        if (stop[1] == 'u')
            at = appendCodePoint(at, to);
        else
            to->append(shortEscape(stop[1]));
    }
}

QByteArray unescapeJson(QByteArrayView inside)
{
    QByteArray text;
    text.reserve(inside.size());
    appendUnescapedJson(inside, &text);
    return text;
}

void appendEscapedJson(QByteArrayView text, QByteArray *to)
{
    constexpr char Digits[] = "0123456789abcdef";
    const char *at = text.data();
    const char *const end = at + text.size();
    const char *run = at;
    for (;;) {
        at = skipPlain(at, end);
        if (at == end)
            break;
        const auto byte = static_cast<unsigned char>(*at);
        if (byte >= 0x80) {
            ++at;
            continue;
        }
        to->append(run, at - run);
        to->append('\\');
        switch (byte) {
        case '"':
        case '\\':
            to->append(static_cast<char>(byte));
            break;
        case '\b':
            to->append('b');
            break;
        case '\f':
            to->append('f');
            break;
        case '\n':
            to->append('n');
            break;
        case '\r':
            to->append('r');
            break;
        case '\t':
            to->append('t');
            break;
        default:
            to->append("u00");
            to->append(Digits[byte >> 4]);
            to->append(Digits[byte & 0xF]);
        }
        run = ++at;
    }
    to->append(run, at - run);
}

} // namespace restante::matrix
