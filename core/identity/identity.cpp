// SPDX-License-Identifier: GPL-3.0-or-later
#include "identity/identity.h"

#include "identity/keystore.h"
#include "matrix/base64.h"
#include "matrix/canonicaljson.h"

#include <algorithm>
#include <iterator>

using namespace Qt::Literals::StringLiterals;

namespace restante::identity
{

namespace
{
template <typename Array>
QByteArrayView viewOf(const Array &bytes)
{
    return {reinterpret_cast<const char *>(bytes.data()), qsizetype(bytes.size())};
}
} // namespace

matrix::ServerName selfCertifyingName(const PublicKey &key)
{
    // 64 hex digits are always a server name.
    return matrix::ServerName::parse(viewOf(key).toByteArray().toHex()).value();
}

Identity::Identity(matrix::ServerName name, QByteArray keyId, SecretKey key)
    : m_name(std::move(name))
    , m_keyId(std::move(keyId))
    , m_key(std::move(key))
{
}

Identity Identity::generate()
{
    auto key = SecretKey::generate();
    auto name = selfCertifyingName(key.publicKey());
    return {std::move(name), SelfCertifyingKeyId, std::move(key)};
}

Result<Identity> Identity::of(matrix::ServerName name, QByteArray keyId, SecretKey key)
{
    if (name.isNull())
        return {Errc::InvalidSetting, u"an identity needs a server name"_s};
    if (!matrix::isEd25519KeyId(keyId))
        return {Errc::InvalidSetting, u"the key id is not ed25519: and 1 to 128 of A-Z a-z 0-9 _ -"_s};
    if (name.kind() == matrix::ServerName::Kind::Ed25519 && name != selfCertifyingName(key.publicKey()))
        return {Errc::InvalidSetting, u"the server name is the public key of another signing key"_s};
    return Identity(std::move(name), std::move(keyId), std::move(key));
}

QByteArray Identity::authorizationHeader(QByteArrayView method, QByteArrayView target,
                                         const matrix::ServerName &destination, QByteArrayView canonicalContent) const
{
    const auto bytes = matrix::signedRequestBytes(method, target, m_name, destination, canonicalContent);
    matrix::XMatrix header;
    header.origin = m_name;
    header.destination = destination;
    header.signatures.push_back({m_keyId, m_key.sign(bytes)});
    return header.toHeader();
}

QByteArray Identity::keyDocument(qint64 nowMs) const
{
    // Written in canonical order: server names and key ids are ASCII without anything to escape.
    const QByteArray head = R"({"old_verify_keys":{},"server_name":)" + matrix::jsonString(m_name.bytes());
    const QByteArray tail = R"(,"valid_until_ts":)" + QByteArray::number(nowMs + MaxKeyValidityMs) +
                            R"(,"verify_keys":{)" + matrix::jsonString(m_keyId) + R"(:{"key":")" + textOf(publicKey()) +
                            R"("}}})";
    const auto signature = m_key.sign(head + tail);
    return head + R"(,"signatures":{)" + matrix::jsonString(m_name.bytes()) + ":{" + matrix::jsonString(m_keyId) +
           R"(:")" + matrix::encodeBase64(viewOf(signature)) + R"("}})" + tail;
}

} // namespace restante::identity
