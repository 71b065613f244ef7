// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "identity/secretkey.h"
#include "matrix/servername.h"
#include "matrix/xmatrix.h"

#include <QtCore/QByteArray>

namespace restante::identity
{

/// The key id that self-certifying names sign with, Dendrite's own (PROTOCOL 3.1).
inline constexpr char SelfCertifyingKeyId[] = "ed25519:dendrite-demo-yggdrasil";

/// The server name that `key` itself is: 64 lower-case hex digits (PROTOCOL 3.1).
matrix::ServerName selfCertifyingName(const PublicKey &key);

/// The identity of this installation: server name, key id, signing key. Move-only; const functions from any thread.
class Identity
{
public:
    /// A self-certifying identity with a new key.
    static Identity generate();
    /// Errc::InvalidSetting if the name is the hex of another key, or the key id is not one.
    static Result<Identity> of(matrix::ServerName name, QByteArray keyId, SecretKey key);

    const matrix::ServerName &name() const { return m_name; }
    const QByteArray &keyId() const { return m_keyId; }
    const PublicKey &publicKey() const { return m_key.publicKey(); }
    const SecretKey &secretKey() const { return m_key; }

    matrix::Signature signBytes(QByteArrayView bytes) const { return m_key.sign(bytes); }
    /// The Authorization value for a request of ours (PROTOCOL 1.1, 1.2). `canonicalContent` is the canonical form of
    /// the body that is sent, empty if there is none.
    QByteArray authorizationHeader(QByteArrayView method, QByteArrayView target, const matrix::ServerName &destination,
                                   QByteArrayView canonicalContent) const;
    /// Our own key document, canonical and signed, valid for 7 days from `nowMs` (wall clock): the body of
    /// GET /_matrix/key/v2/server (PROTOCOL 3.2). One signature each time; the caller may keep it for a day.
    QByteArray keyDocument(qint64 nowMs) const;

private:
    Identity(matrix::ServerName name, QByteArray keyId, SecretKey key);

    matrix::ServerName m_name;
    QByteArray m_keyId;
    SecretKey m_key;
};

} // namespace restante::identity
