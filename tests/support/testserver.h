// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/canonicaljson.h"
#include "matrix/servername.h"
#include "matrix/xmatrix.h"

#include <sodium.h>

#include <array>

namespace restante::test
{

/// A server whose name is its own public key, made from a label, that signs requests as Dendrite's P2P nodes do.
class TestServer
{
public:
    explicit TestServer(const QByteArray &label)
    {
        std::array<unsigned char, crypto_sign_SEEDBYTES> seed{};
        crypto_generichash(seed.data(), seed.size(), reinterpret_cast<const unsigned char *>(label.constData()),
                           static_cast<unsigned long long>(label.size()), nullptr, 0);
        crypto_sign_seed_keypair(m_public.data(), m_secret.data(), seed.data());
        const QByteArray hex =
            QByteArray::fromRawData(reinterpret_cast<const char *>(m_public.data()), qsizetype(m_public.size()))
                .toHex();
        m_name = *matrix::ServerName::parse(hex);
    }

    /// An ordinary server with that name, whose key is made from it.
    static TestServer named(const QByteArray &name)
    {
        TestServer server(name);
        server.m_name = *matrix::ServerName::parse(name);
        return server;
    }

    static QByteArray keyId() { return QByteArrayLiteral("ed25519:dendrite-demo-yggdrasil"); }
    /// Its key document, canonical and signed.
    QByteArray document(qint64 validUntilMs) const
    {
        const QByteArray key = publicKey().toBase64(QByteArray::OmitTrailingEquals);
        const QByteArray name = m_name.bytes();
        const QByteArray begin = R"({"old_verify_keys":{},"server_name":")" + name + R"(",)";
        const QByteArray end = R"("valid_until_ts":)" + QByteArray::number(validUntilMs) + R"(,"verify_keys":{")" +
                               keyId() + R"(":{"key":")" + key + R"("}}})";
        const matrix::Signature made = signature(begin + end);
        const QByteArray text(reinterpret_cast<const char *>(made.data()), qsizetype(made.size()));
        return begin + R"("signatures":{")" + name + R"(":{")" + keyId() + R"(":")" +
               text.toBase64(QByteArray::OmitTrailingEquals) + R"("}},)" + end;
    }

    const matrix::ServerName &name() const { return m_name; }
    QByteArray user() const { return "@user:" + m_name.bytes(); }
    const std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> &key() const { return m_public; }
    QByteArray publicKey() const
    {
        return {reinterpret_cast<const char *>(m_public.data()), qsizetype(m_public.size())};
    }

    /// The Authorization value for a request; a null `body` means that it has none.
    QByteArray authorization(QByteArrayView method, QByteArrayView target, const matrix::ServerName &destination,
                             const QByteArray &body = {}) const
    {
        const QByteArray content =
            body.isNull() ? QByteArray() : *matrix::canonicalJson(body, matrix::NumberRule::Lenient);
        const QByteArray bytes = matrix::signedRequestBytes(method, target, m_name, destination, content);
        matrix::XMatrix header;
        header.origin = m_name;
        header.destination = destination;
        header.signatures.push_back({keyId(), signature(bytes)});
        return header.toHeader();
    }

private:
    matrix::Signature signature(const QByteArray &bytes) const
    {
        matrix::Signature made{};
        crypto_sign_detached(made.data(), nullptr, reinterpret_cast<const unsigned char *>(bytes.constData()),
                             static_cast<unsigned long long>(bytes.size()), m_secret.data());
        return made;
    }

    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> m_public{};
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> m_secret{};
    matrix::ServerName m_name;
};

} // namespace restante::test
