// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/servername.h"

namespace restante::matrix
{

/// A valid Matrix user id: `@localpart:server_name`, at most 255 bytes, split at the first colon (PROTOCOL 4).
class UserId
{
public:
    UserId() = default;
    /// The strict form: localpart of one or more of `a-z 0-9 . _ = - / +`. Errc::InvalidUsername otherwise.
    static Result<UserId> parse(QByteArrayView text);
    /// The historical form: any localpart without `:` and NUL, even an empty one.
    static Result<UserId> parseHistorical(QByteArrayView text);

    const QByteArray &bytes() const { return m_text; }
    QByteArrayView localpart() const { return QByteArrayView(m_text).sliced(1, m_localpartLength); }
    const ServerName &domain() const { return m_domain; }

private:
    QByteArray m_text;
    qsizetype m_localpartLength = 0;
    ServerName m_domain;
};

} // namespace restante::matrix
