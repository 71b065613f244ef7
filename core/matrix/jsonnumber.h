// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

namespace restante::matrix
{

struct JsonNumber {
    const char *end = nullptr; ///< behind the number; null if there is none
    bool isFloat = false;      ///< written with '.', 'e' or 'E'
};

/// Reads a number by JSON's grammar at `at`: no leading zeros, no '+', digits on both sides of the point.
JsonNumber readJsonNumber(const char *at, const char *end);

/// Whether a number without '.', 'e' and 'E' lies within ±(2^53−1).
bool isCanonicalInteger(QByteArrayView number);

/// The number as CPython's repr(float) prints it (PROTOCOL 2.3); empty if it is beyond the range of a double.
QByteArray pythonFloat(QByteArrayView number);

} // namespace restante::matrix
