// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/jsonnumber.h"

#include <charconv>
#include <cmath>
#include <optional>

namespace restante::matrix
{

namespace
{

bool isDigitAt(const char *at, const char *end)
{
    return at != end && *at >= '0' && *at <= '9';
}

const char *skipDigits(const char *at, const char *end)
{
    while (isDigitAt(at, end))
        ++at;
    return at;
}

/// If std::from_chars reports a range error it does not say on which side. The decimal exponent of the first digit
/// that is not zero does: such numbers are hundreds of powers of ten away from 1.
bool isTiny(QByteArrayView number)
{
    const char *at = number.data();
    const char *const end = at + number.size();
    if (at != end && *at == '-')
        ++at;
    qint64 exponent = -1;
    bool leading = true;
    bool fraction = false;
    for (; at != end && *at != 'e' && *at != 'E'; ++at) {
        if (*at == '.') {
            fraction = true;
            continue;
        }
        leading = leading && *at == '0';
        if (!fraction && !leading)
            ++exponent;
        else if (fraction && leading)
            --exponent;
    }
    if (leading)
        return true; // nothing but zeros
    if (at == end)
        return exponent < 0;
    ++at;
    const bool negative = at != end && *at == '-';
    if (at != end && (*at == '-' || *at == '+'))
        ++at;
    constexpr qint64 BeyondAnyText = qint64(1) << 60; // the digits of a text cannot make up for such an exponent
    qint64 written = 0;
    if (std::from_chars(at, end, written).ec != std::errc() || written > BeyondAnyText)
        return negative;
    return exponent + (negative ? -written : written) < 0;
}

std::optional<double> toDouble(QByteArrayView number)
{
    double value = 0;
    const auto result = std::from_chars(number.begin(), number.end(), value);
    if (result.ec == std::errc::result_out_of_range) {
        if (!isTiny(number))
            return std::nullopt;
        return number.startsWith('-') ? -0.0 : 0.0;
    }
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

} // namespace

JsonNumber readJsonNumber(const char *at, const char *end)
{
    JsonNumber number;
    if (at != end && *at == '-')
        ++at;
    if (!isDigitAt(at, end))
        return number;
    at = *at == '0' ? at + 1 : skipDigits(at, end);
    if (at != end && *at == '.') {
        number.isFloat = true;
        if (!isDigitAt(++at, end))
            return number;
        at = skipDigits(at, end);
    }
    if (at != end && (*at == 'e' || *at == 'E')) {
        number.isFloat = true;
        ++at;
        if (at != end && (*at == '+' || *at == '-'))
            ++at;
        if (!isDigitAt(at, end))
            return number;
        at = skipDigits(at, end);
    }
    number.end = at;
    return number;
}

bool isCanonicalInteger(QByteArrayView number)
{
    constexpr qint64 Largest = (qint64(1) << 53) - 1;
    qint64 value = 0;
    const auto result = std::from_chars(number.begin(), number.end(), value);
    return result.ec == std::errc() && value >= -Largest && value <= Largest;
}

QByteArray pythonFloat(QByteArrayView number)
{
    const auto value = toDouble(number);
    if (!value)
        return {};
    // Shortest digits as "-d.ddde-XX"; only their layout differs from CPython's.
    char buffer[40];
    const auto printed = std::to_chars(buffer, buffer + sizeof buffer, *value, std::chars_format::scientific);
    const QByteArrayView text(buffer, printed.ptr);
    const qsizetype mark = text.indexOf('e');
    QByteArray digits = text.first(mark).toByteArray();
    QByteArray sign;
    if (digits.startsWith('-')) {
        sign = digits.first(1);
        digits.remove(0, 1);
    }
    digits.remove(1, 1);
    int exponent = 0;
    const char *from = text.begin() + mark + 1;
    std::from_chars(*from == '+' ? from + 1 : from, text.end(), exponent);

    if (exponent < -4 || exponent >= 16) {
        const QByteArray tail = text.sliced(mark).toByteArray(); // both write at least two digits of exponent
        return digits.size() == 1 ? sign + digits + tail : sign + digits.first(1) + '.' + digits.sliced(1) + tail;
    }
    if (exponent < 0)
        return sign + "0." + QByteArray(-exponent - 1, '0') + digits;
    const qsizetype whole = exponent + 1;
    if (digits.size() <= whole)
        return sign + digits.leftJustified(whole, '0') + ".0";
    return sign + digits.first(whole) + '.' + digits.sliced(whole);
}

} // namespace restante::matrix
