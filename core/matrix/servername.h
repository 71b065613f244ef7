// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>
#include <QtCore/QHashFunctions>
#include <QtCore/QMetaType>

#include <optional>

namespace restante::matrix
{

/// A valid Matrix server name (Matrix specification, appendices, "Server Name"; PROTOCOL 4). Compared byte for byte.
/// A value of this type has been checked; only `parse` makes one, and a default-constructed one is null.
class ServerName
{
public:
    enum class Kind { Dns, Ipv4, Ipv6, Ed25519 };

    ServerName() = default;
    /// `host[:port]`: at most 255 bytes of host, port up to 65535 in 1 to 5 digits, IPv6 in brackets without a zone.
    /// Kind Ed25519 is exactly 64 lower-case hex digits without a port. Errc::InvalidParam otherwise.
    static Result<ServerName> parse(QByteArrayView text);

    bool isNull() const { return m_text.isEmpty(); }
    const QByteArray &bytes() const { return m_text; }
    QString toString() const { return QString::fromLatin1(m_text); }
    Kind kind() const { return m_kind; }
    /// Without port, IPv6 with its brackets.
    QByteArrayView host() const { return QByteArrayView(m_text).first(m_hostLength); }
    std::optional<quint16> port() const { return m_port; }

    friend bool operator==(const ServerName &a, const ServerName &b) { return a.m_text == b.m_text; }
    friend bool operator!=(const ServerName &a, const ServerName &b) { return a.m_text != b.m_text; }
    friend bool operator<(const ServerName &a, const ServerName &b) { return a.m_text < b.m_text; }
    friend size_t qHash(const ServerName &name, size_t seed = 0) { return ::qHash(name.m_text, seed); }

private:
    QByteArray m_text;
    qsizetype m_hostLength = 0;
    std::optional<quint16> m_port;
    Kind m_kind = Kind::Dns;
};

} // namespace restante::matrix

Q_DECLARE_METATYPE(restante::matrix::ServerName)
