// SPDX-License-Identifier: GPL-3.0-or-later
// Well-formed UTF-8 as the Unicode standard, table 3-7, has it: no overlong forms, no surrogates, nothing above
// U+10FFFF.
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

namespace restante::matrix
{

/// The length (2 to 4) of the multi-byte sequence at `at`, whose first byte is 0x80 or more; 0 if it is ill-formed.
inline int utf8SequenceLength(const char *at, const char *end)
{
    const auto byte = [at](int index) { return static_cast<unsigned char>(at[index]); };
    const auto continues = [&byte](int index) { return (byte(index) & 0xC0) == 0x80; };
    const unsigned char lead = byte(0);
    const qsizetype left = end - at;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    if (lead < 0xE0)
        return left >= 2 && continues(1) ? 2 : 0;
    if (lead < 0xF0) {
        if (left < 3 || !continues(1) || !continues(2))
            return 0;
        const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
        const bool surrogate = lead == 0xED && byte(1) > 0x9F;
        return overlong || surrogate ? 0 : 3;
    }
    if (left < 4 || !continues(1) || !continues(2) || !continues(3))
        return 0;
    const bool overlong = lead == 0xF0 && byte(1) < 0x90;
    const bool tooLarge = lead == 0xF4 && byte(1) > 0x8F;
    return overlong || tooLarge ? 0 : 4;
}

inline bool isUtf8(QByteArrayView text)
{
    const char *at = text.data();
    const char *const end = at + text.size();
    while (at != end) {
        const int length = static_cast<signed char>(*at) >= 0 ? 1 : utf8SequenceLength(at, end);
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}

/// Appends the UTF-8 form of one code point up to U+10FFFF.
inline void appendUtf8(char32_t codePoint, QByteArray *to)
{
    const auto tail = [codePoint](int shift) { return static_cast<char>(0x80 | ((codePoint >> shift) & 0x3F)); };
    if (codePoint < 0x80) {
        to->append(static_cast<char>(codePoint));
    } else if (codePoint < 0x800) {
        to->append(static_cast<char>(0xC0 | (codePoint >> 6)));
        to->append(tail(0));
    } else if (codePoint < 0x10000) {
        to->append(static_cast<char>(0xE0 | (codePoint >> 12)));
        to->append(tail(6));
        to->append(tail(0));
    } else {
        to->append(static_cast<char>(0xF0 | (codePoint >> 18)));
        to->append(tail(12));
        to->append(tail(6));
        to->append(tail(0));
    }
}

} // namespace restante::matrix
