// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

#include <optional>

namespace restante::matrix
{

/// Reads the list of parameters behind an authentication scheme, one by one (grammar: PROTOCOL 1.2).
class AuthParams
{
public:
    struct Param {
        QByteArrayView name; ///< as it came; names do not distinguish case
        QByteArray value;    ///< backslashes undone
    };

    /// `text` is what follows the scheme and its spaces.
    explicit AuthParams(QByteArrayView text);

    /// The next parameter; nothing at the end of the list or if it is malformed.
    std::optional<Param> next();
    /// Whether the list has turned out to be malformed.
    bool isMalformed() const { return m_malformed; }

private:
    std::optional<Param> param();
    bool quoted(QByteArray *value);
    bool unquoted(QByteArray *value);
    void skipSpace();
    std::nullopt_t malformed();

    const char *m_at;
    const char *m_end;
    bool m_first = true;
    bool m_malformed = false;
};

/// Whether `c` may stand in an RFC 9110 token.
bool isTokenByte(char c);

} // namespace restante::matrix
