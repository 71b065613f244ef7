// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/servername.h"

#include <QtCore/QByteArray>

#include <array>
#include <vector>

namespace restante::bench
{

/// A homeserver of the load: a self-certifying name and its key. A value type; any thread.
class Peer
{
public:
    /// The peer that belongs to a number and a purpose; always the same one, so that runs can be compared.
    Peer(QByteArrayView purpose, int number);
    /// One that only is a destination: it cannot sign.
    explicit Peer(matrix::ServerName name)
        : m_name(std::move(name))
    {
    }

    const matrix::ServerName &name() const { return m_name; }
    /// The Authorization value for a request whose body, already in canonical form, is `content` (empty: none).
    QByteArray authorization(QByteArrayView method, QByteArrayView target, const matrix::ServerName &destination,
                             QByteArrayView content) const;
    /// A complete request with a JSON body.
    QByteArray request(QByteArrayView method, QByteArrayView target, const matrix::ServerName &destination,
                       QByteArrayView content) const;

private:
    matrix::ServerName m_name;
    std::array<unsigned char, 64> m_secretKey{};
};

std::vector<Peer> makePeers(QByteArrayView purpose, int count);

} // namespace restante::bench
