// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/jsonscan.h"

namespace restante::matrix
{

/// A member as it stands in the text, nothing copied.
struct JsonRawMember {
    QByteArrayView key; ///< between the quotes, escapes as they are
    JsonSlice value;

    /// Whether the key, its escapes undone, is `name`.
    bool isCalled(QByteArrayView name) const;
};

/// Whether a string slice, its escapes undone, is `text`.
bool holdsText(const JsonSlice &slice, QByteArrayView text);

/// The value that stands at `begin` of a checked text and ends at `end`.
JsonSlice sliceAt(const char *begin, const char *end);

/// Walks the children of a container slice of a scanned text, one level, in the order of the text. Copies nothing.
class JsonWalk
{
public:
    /// Ends at once if `container` is not a container.
    explicit JsonWalk(const JsonSlice &container);

    /// The next element of an array; false behind the last.
    bool next(JsonSlice *element);
    /// The next member of an object; false behind the last.
    bool next(JsonRawMember *member);
    /// Whether nothing follows.
    bool atEnd() const;

private:
    bool toNext();
    JsonSlice takeValue();

    const char *m_at;
    const char *m_end; ///< at the closing bracket
};

} // namespace restante::matrix
