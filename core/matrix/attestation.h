// SPDX-License-Identifier: GPL-3.0-or-later
// The signature with which an origin sent a transaction to /send, kept inside the transaction (PROTOCOL 6.4).
#pragma once

#include "matrix/jsonscan.h"
#include "matrix/xmatrix.h"

namespace restante::matrix
{

/// Whether `text` is a transaction id that an attestation can carry: 1 to 255 of A-Z a-z 0-9 . _ ~ -, which stand in a
/// path as they are. The path is made from it again, so nothing else may get into one.
bool isPlainTransactionId(QByteArrayView text);

/// A request to /send as its origin made it. What is sent with it is built from these fields alone; header text of a
/// stranger is never passed on.
struct AttestedRequest {
    ServerName origin;
    KeySignature signature;
    QByteArray txnId; ///< plain
    QByteArray body;  ///< canonical (NumberRule::Lenient)

    QByteArray target() const;
    /// What its X-Matrix header says. `destination` is the server that it was sent to: the signature covers the name.
    XMatrix claim(const ServerName &destination) const;
};

/// The text of the `edus` array of the transaction `body` with an attestation as its last element: all that
/// rebuildRequest needs beside `pdus`. With 100 EDUs the last one goes into the attestation, because receivers take no
/// more. Canonical if the body is. Any thread. Errc::BadJson if `pdus` or `edus` are neither arrays, null nor missing,
/// an element of `edus` has no textual `edu_type`, there are more than 100, or the nesting would become too deep;
/// Errc::InvalidParam for a transaction id that is not plain. Then the transaction can be kept without one.
Result<QByteArray> attestedEdus(const ScannedObject &body, const ServerName &origin, const KeySignature &signature,
                                QByteArrayView txnId);

/// The text of `body` with `edus` in the place of its own: what is left at a relay. Canonical if both are. Any thread.
QByteArray withEdus(const ScannedObject &body, QByteArrayView edus);

/// The request from which the arrays of a held transaction were made, whatever members a relay has dropped, added or
/// spelled otherwise beside `edu_type` and `content`. It proves nothing before its signature is verified. Any thread.
/// Errc::NotHeld without attestation; Errc::NotJson and Errc::BadJson if there is one that cannot be used.
Result<AttestedRequest> rebuildRequest(QByteArrayView pdus, QByteArrayView edus);

} // namespace restante::matrix
