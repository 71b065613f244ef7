// SPDX-License-Identifier: GPL-3.0-or-later
// JSON texts put together from slices of others.
#pragma once

#include "matrix/jsonwalk.h"

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

namespace restante::matrix
{

/// `{"a":1,"b":2}` or `[1,2]`, piece by piece; nothing is checked.
class JsonPieces
{
public:
    explicit JsonPieces(char open, char close)
        : m_text(1, open)
        , m_close(close)
    {
    }

    void element(QByteArrayView value)
    {
        if (m_text.size() > 1)
            m_text += ',';
        m_text.append(value.data(), value.size());
    }
    /// `quoted` is the key as a JSON string.
    void member(QByteArrayView quoted, QByteArrayView value)
    {
        element(quoted);
        m_text += ':';
        m_text.append(value.data(), value.size());
    }
    bool isEmpty() const { return m_text.size() == 1; }
    QByteArray text() const { return m_text + m_close; }

private:
    QByteArray m_text;
    const char m_close;
};

/// The key of a member as it came, with its quotes.
inline QByteArray quotedKey(const JsonRawMember &member)
{
    return '"' + member.key.toByteArray() + '"';
}

} // namespace restante::matrix
