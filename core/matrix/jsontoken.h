// SPDX-License-Identifier: GPL-3.0-or-later
// The tokens of JSON, shared by the pass that checks a text and by everything that walks a checked one.
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

#include <bit>
#include <cstring>

namespace restante::matrix
{

inline bool isJsonSpace(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

inline const char *skipJsonSpace(const char *at, const char *end)
{
    while (at != end && isJsonSpace(*at))
        ++at;
    return at;
}

/// The first byte of a string that is not plain: a quote, a backslash, a control character, or 0x80 and above. `end`
/// if there is none. Eight bytes at a time, because most bytes of most bodies are plain text.
inline const char *skipPlain(const char *at, const char *end)
{
    constexpr quint64 Ones = 0x0101010101010101;
    constexpr quint64 Highs = 0x8080808080808080;
    while (end - at >= 8) {
        quint64 word;
        std::memcpy(&word, at, 8);
        const quint64 quotes = word ^ (Ones * '"');
        const quint64 backslashes = word ^ (Ones * '\\');
        // A borrow can only mark bytes above one that is rightly marked, so the lowest mark is always right.
        const quint64 marks = (((word - Ones * 0x20) & ~word) | word | ((quotes - Ones) & ~quotes) |
                               ((backslashes - Ones) & ~backslashes)) &
                              Highs;
        if (marks != 0) {
            if constexpr (std::endian::native == std::endian::little)
                return at + std::countr_zero(marks) / 8;
            break;
        }
        at += 8;
    }
    while (at != end && static_cast<signed char>(*at) >= 0x20 && *at != '"' && *at != '\\')
        ++at;
    return at;
}

// What follows is for texts that have been checked, so that every token is complete.

/// `at` stands behind the opening quote; the result is the closing quote. `escaped` tells of backslashes between.
inline const char *skipCheckedString(const char *at, const char *end, bool *escaped)
{
    *escaped = false;
    for (;;) {
        at = skipPlain(at, end);
        if (at == end || *at == '"')
            return at;
        if (*at == '\\') {
            *escaped = true;
            ++at;
            if (at == end)
                return at;
        }
        ++at;
    }
}

/// Behind the number or literal at `at`.
inline const char *skipCheckedWord(const char *at, const char *end)
{
    while (at != end && *at != ',' && *at != ']' && *at != '}' && !isJsonSpace(*at))
        ++at;
    return at;
}

/// Behind the value at `at`, however deep it is.
const char *skipCheckedValue(const char *at, const char *end);

/// What stands between the quotes of a checked string, with its escapes undone.
QByteArray unescapeJson(QByteArrayView inside);
/// Appends the same to `to`.
void appendUnescapedJson(QByteArrayView inside, QByteArray *to);
/// Appends valid UTF-8 as it stands between the quotes of a canonical string.
void appendEscapedJson(QByteArrayView text, QByteArray *to);

} // namespace restante::matrix
