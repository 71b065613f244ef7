// SPDX-License-Identifier: GPL-3.0-or-later
// X-Matrix request authentication: header grammar, signed object, signing (PROTOCOL 1). No keys are looked up here.
#pragma once

#include "matrix/jsonscan.h"
#include "matrix/servername.h"

#include <QtCore/QList>

#include <array>
#include <span>
#include <vector>

namespace restante::matrix
{

using Signature = std::array<unsigned char, 64>;

/// Whether `text` is `ed25519:` and 1 to 128 of A-Z a-z 0-9 _ - (PROTOCOL 1.2).
bool isEd25519KeyId(QByteArrayView text);

/// Why a set of headers was refused; the names are those of the vectors.
enum class AuthFault {
    None,
    Missing,              ///< 401: no X-Matrix header
    UnsupportedAlgorithm, ///< 401: only keys of other algorithms
    Malformed,            ///< 400 from here on
    MissingParam,
    DuplicateParam,
    BadOrigin,
    BadDestination,
    BadKeyId,
    BadSig,
    OriginConflict,
    DestinationConflict,
    TooMany,
};

/// One signature that a request claims.
struct KeySignature {
    QByteArray keyId; ///< isEd25519KeyId
    Signature signature;
};

/// What the X-Matrix headers of one request claim, nothing verified yet.
struct XMatrix {
    ServerName origin;
    ServerName destination;               ///< null if no header gives one
    std::vector<KeySignature> signatures; ///< 1 to 8, in the order of the headers

    /// `headers` are the values of all Authorization fields, in order; other schemes are ignored. Errors are
    /// Errc::MissingAuth (401) and Errc::MalformedAuth (400). `fault`, if given, tells which.
    static Result<XMatrix> parse(const QList<QByteArray> &headers, AuthFault *fault = nullptr);
    /// The header value to send: lower-case names, all quoted, order origin, destination, key, sig (PROTOCOL 1.2).
    QByteArray toHeader() const;
};

/// The bytes that a request's signature covers (PROTOCOL 1.1). `content` is the body's canonical form, empty when the
/// request has no body. `method` and `target` exactly as on the wire.
QByteArray signedRequestBytes(QByteArrayView method, QByteArrayView target, const ServerName &origin,
                              const ServerName &destination, QByteArrayView canonicalContent);

} // namespace restante::matrix
