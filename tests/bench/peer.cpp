// SPDX-License-Identifier: GPL-3.0-or-later
#include "peer.h"

#include "matrix/xmatrix.h"

#include <sodium.h>

namespace restante::bench
{

Peer::Peer(QByteArrayView purpose, int number)
{
    const QByteArray text = purpose.toByteArray() + ' ' + QByteArray::number(number);
    std::array<unsigned char, crypto_sign_SEEDBYTES> seed{};
    crypto_generichash(seed.data(), seed.size(), reinterpret_cast<const unsigned char *>(text.constData()),
                       size_t(text.size()), nullptr, 0);
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> publicKey{};
    crypto_sign_seed_keypair(publicKey.data(), m_secretKey.data(), seed.data());
    const QByteArray hex =
        QByteArray(reinterpret_cast<const char *>(publicKey.data()), qsizetype(publicKey.size())).toHex();
    if (auto name = matrix::ServerName::parse(hex))
        m_name = std::move(*name);
    else
        qFatal("a hexadecimal key is a server name");
}

QByteArray Peer::authorization(QByteArrayView method, QByteArrayView target, const matrix::ServerName &destination,
                               QByteArrayView content) const
{
    const QByteArray bytes = matrix::signedRequestBytes(method, target, m_name, destination, content);
    matrix::XMatrix header;
    header.origin = m_name;
    header.destination = destination;
    header.signatures.emplace_back();
    header.signatures.front().keyId = QByteArrayLiteral("ed25519:dendrite-demo-yggdrasil");
    crypto_sign_detached(header.signatures.front().signature.data(), nullptr,
                         reinterpret_cast<const unsigned char *>(bytes.constData()),
                         static_cast<unsigned long long>(bytes.size()), m_secretKey.data());
    return header.toHeader();
}

QByteArray Peer::request(QByteArrayView method, QByteArrayView target, const matrix::ServerName &destination,
                         QByteArrayView content) const
{
    QByteArray bytes;
    bytes.reserve(640 + target.size() + content.size());
    bytes.append(method).append(' ').append(target);
    bytes.append(" HTTP/1.1\r\nHost: ").append(destination.bytes());
    bytes.append("\r\nAuthorization: ").append(authorization(method, target, destination, content));
    bytes.append("\r\nContent-Type: application/json\r\nContent-Length: ").append(QByteArray::number(content.size()));
    bytes.append("\r\n\r\n").append(content);
    return bytes;
}

std::vector<Peer> makePeers(QByteArrayView purpose, int count)
{
    std::vector<Peer> peers;
    peers.reserve(size_t(count));
    for (int i = 0; i < count; ++i)
        peers.emplace_back(purpose, i);
    return peers;
}

} // namespace restante::bench
