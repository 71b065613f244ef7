// SPDX-License-Identifier: GPL-3.0-or-later
// Matrix canonical JSON over bytes (Matrix specification, appendices, "Canonical JSON"; PROTOCOL 2).
#pragma once

#include "base/result.h"

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

namespace restante::matrix
{

/// What to do with numbers that the specification does not allow (PROTOCOL 2.2, 2.3).
enum class NumberRule {
    Strict,  ///< integers within ±(2^53−1) only, for our own documents
    Lenient, ///< any JSON number keeps its spelling, except that -0 becomes 0; for carrying and verifying others'
             ///< events
    Python,  ///< like Lenient, but numbers with '.', 'e' or 'E' as CPython's repr(float) prints them
};

/// The first thing that is wrong with a text. Empty to Trailing are M_NOT_JSON, the rest M_BAD_JSON (core/README 4,
/// step 8).
enum class JsonFault {
    None,
    Empty,
    Bom,
    Utf8,
    Syntax,
    Trailing,
    DuplicateKey,
    Surrogate,
    Depth,
    TooManyKeys,
    Float,        ///< NumberRule::Strict only
    IntegerRange, ///< NumberRule::Strict only
    NotFinite,    ///< NumberRule::Python only: a float beyond the range of a double
};

/// The deepest nesting of containers that is accepted; the root object counts as 1.
inline constexpr int MaxJsonDepth = 256;
/// The most keys of the objects that are open at one moment. What stands beside a text while it is read is bounded by
/// it (a body of 12 MiB can have 1.4 million keys in its root, and cost 100 MB); an event has at most 13,000.
inline constexpr qsizetype MostJsonKeys = 131'072;
/// The most keys in all objects of a text whose keys do not rise. The fifty largest events there are, all out of order,
/// have fewer.
inline constexpr qsizetype MostJsonKeysOutOfOrder = 524'288;
/// How much deeper an answer may be that has a text of that depth inside.
inline constexpr int EnvelopeLevels = 4;

/// A plain English sentence, and the error code that a peer gets for it.
Error describe(JsonFault fault);

/// Checks `text` and rewrites it canonically. Any JSON value may be the root.
/// Memory: at most a small multiple of the input, whatever the input (no value tree is built).
Result<QByteArray> canonicalJson(QByteArrayView text, NumberRule rule);
/// The same, telling the exact fault (the vectors name it). `output` is meaningful only for JsonFault::None.
JsonFault canonicalise(QByteArrayView text, NumberRule rule, QByteArray *output);

/// Writes `text` as a JSON string literal in canonical form, quotes included. `text` must be valid UTF-8.
QByteArray jsonString(QByteArrayView text);

/// Indented form for people: two spaces a level, every number and string spelled as it came. `text` must be valid JSON
/// (it has been scanned before); faulty text comes back unchanged.
QByteArray indentedJson(QByteArrayView text);

} // namespace restante::matrix
