// SPDX-License-Identifier: GPL-3.0-or-later
// The strict scanner that every signed body goes through once (core/README 8).
#pragma once

#include "matrix/canonicaljson.h"

#include <optional>
#include <span>
#include <vector>

namespace restante::matrix
{

enum class JsonKind { Null, False, True, Number, String, Array, Object };

/// One value inside a scanned text: what it is and the bytes it came in.
struct JsonSlice {
    JsonKind kind = JsonKind::Null;
    QByteArrayView text; ///< as it came, without surrounding white space

    /// A number written as an integer that fits; nothing for 1.0, 1e2 and everything too large. `-0` is 0.
    std::optional<qint64> toInteger() const;
    /// A string's characters with escapes undone; nothing for other kinds.
    std::optional<QByteArray> toText() const;
};

/// A member of an object, in the order of the text. The key is unescaped; if it had no escapes it shares the bytes
/// of the text and lives as long as that, like the views.
struct JsonMember {
    QByteArray key;
    JsonSlice value;
};

/// A text that has been checked from its first to its last byte: UTF-8, syntax, duplicate keys at every level, lone
/// surrogates, depth. The root is an object. Holds the top-level members; deeper levels are sliced on demand.
/// A value type; the views point into the array that it shares. Any thread.
class ScannedObject
{
public:
    /// Errc::NotJson for an empty text, BOM, bad UTF-8, bad syntax, trailing bytes; Errc::BadJson for duplicate keys,
    /// lone surrogates, more than `mostDepth` levels (at most MaxJsonDepth + EnvelopeLevels), more than MostJsonKeys, a
    /// root that is not an object. Nothing deeper than the root's members is indexed.
    static Result<ScannedObject> scan(QByteArray text, int mostDepth = MaxJsonDepth);

    const QByteArray &text() const { return m_text; }
    /// True if the text already is its own lenient canonical form, byte for byte.
    bool isCanonical() const { return m_oddities.empty() && m_allOddities; }
    /// The same of a value in it. False also if too much in front of it is not canonical for that to be known.
    bool isCanonical(const JsonSlice &value) const;
    /// True if some number is written with '.', 'e' or 'E' (then the CPython form may have been signed).
    bool hasFloats() const { return m_floats; }
    const std::vector<JsonMember> &members() const { return m_members; }
    const JsonSlice *find(QByteArrayView key) const;
    /// An object in it, which was checked with it and is not read again. A view like `object`: the part, what is copied
    /// from it and its text live no longer than this one's text.
    ScannedObject part(const JsonSlice &object) const;
    /// Forgets the members of other names, whose places a stranger can make many times as large as their text. For what
    /// waits.
    void keepOnly(std::span<const QByteArrayView> names);

private:
    QByteArray m_text;
    std::vector<JsonMember> m_members;
    std::vector<const char *> m_oddities; ///< places that are not canonical, in the order of the text (JsonPass)
    bool m_allOddities = true;            ///< there are no others
    bool m_floats = false;
};

/// The elements of an array slice that belongs to a scanned text; empty for other kinds. At most `limit` are returned.
std::vector<JsonSlice> elementsOf(const JsonSlice &array, qsizetype limit);
/// The number of elements of an array slice that belongs to a scanned text.
qsizetype countElements(const JsonSlice &array);
/// The members of an object slice that belongs to a scanned text; empty for other kinds.
std::vector<JsonMember> membersOf(const JsonSlice &object);

} // namespace restante::matrix
