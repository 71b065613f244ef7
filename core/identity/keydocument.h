// SPDX-License-Identifier: GPL-3.0-or-later
// Checking what servers and notaries say about keys (PROTOCOL 3.2, 3.3). Pure functions; any thread.
#pragma once

#include "base/result.h"
#include "identity/keystore.h"

#include <QtCore/QByteArray>

#include <vector>

namespace restante::identity
{

/// Why a document is refused; the names are those of the vectors.
enum class DocumentFault {
    None,
    Malformed,
    ServerNameMismatch,
    Expired,
    BadKey,
    BadSignature,
    NoSelfSignature,
    NoEd25519Key,
    NotarySignature,
    Empty, ///< a notary's reply without a document of this server
};

/// The most keys of each sort that a document may list; more make it malformed.
inline constexpr int MaxKeysInDocument = 64;

/// Checks the body of GET /_matrix/key/v2/server of `server`, fetched at `nowMs` (wall clock). The value: its ed25519
/// keys that signed it, then its old ones (`old` set, `validUntilMs` = expired_ts), each with the document. Whether a
/// key may be used is for `effectiveUntilMs` and `old` to say. Errc::BadSignature; `fault`, if given, tells why.
Result<std::vector<StoredKey>> checkKeyDocument(const QByteArray &text, const matrix::ServerName &server, qint64 nowMs,
                                                DocumentFault *fault = nullptr);

/// Checks a reply of POST /_matrix/key/v2/query about `server`: the notary's signature with one of `notaryKeys`, which
/// were known beforehand, and then the document itself. Of several documents the one with the latest valid_until_ts
/// counts, unless it is refused. Documents of other servers are ignored. Errors as above.
Result<std::vector<StoredKey>> checkNotaryReply(const QByteArray &text, const matrix::ServerName &server,
                                                const matrix::ServerName &notary,
                                                const std::vector<StoredKey> &notaryKeys, qint64 nowMs,
                                                DocumentFault *fault = nullptr);

} // namespace restante::identity
