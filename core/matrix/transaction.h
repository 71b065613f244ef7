// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/jsonscan.h"
#include "matrix/servername.h"

#include <array>

namespace restante::matrix
{

inline constexpr int MaxPdus = 50;
inline constexpr int MaxEdus = 100;
inline constexpr int MaxTransactionIdBytes = 255;

/// A federation transaction as a body of /send or send_relay carries it: the bytes it came in, cut into slices.
/// A value type; any thread.
class Transaction
{
public:
    /// The members of a body that it looks at.
    static constexpr std::array<QByteArrayView, 3> Members = {"edus", "origin_server_ts", "pdus"};

    /// Step 10 of the order of checks. `pdus` and `edus` null or missing count as empty; every PDU is an object; every
    /// EDU is an object with a text `edu_type` and, when present, an object or null as `content`; `origin_server_ts` is
    /// an integer from 0 to 2^53−1, missing counts as 0. Unknown members are ignored. Errc::BadJson otherwise, or for
    /// more than 50 PDUs or 100 EDUs (an attestation EDU is not counted, if it is the last EDU).
    static Result<Transaction> fromBody(ScannedObject body);

    const ScannedObject &body() const { return m_body; }
    /// Whether an attestation is the last EDU. It proves nothing before it is verified.
    bool isAttested() const { return m_attested; }
    /// The array as it came, brackets and any attestation EDU included; "[]" if there was none. A copy of its own.
    QByteArray pdus() const { return m_pdus; }
    QByteArray edus() const { return m_edus; }
    int pduCount() const { return m_pduCount; }
    int eduCount() const { return m_eduCount; }
    qint64 originServerTs() const { return m_originServerTs; }
    bool hasToDeviceMessage() const { return m_toDevice; }

private:
    ScannedObject m_body;
    QByteArray m_pdus;
    QByteArray m_edus;
    int m_pduCount = 0;
    int m_eduCount = 0;
    qint64 m_originServerTs = 0;
    bool m_toDevice = false;
    bool m_attested = false;
};

using Digest = std::array<unsigned char, 16>;
using DigestKey = std::array<unsigned char, 32>;

/// What makes two transactions of one origin the same (core/README 5, promise 4): Poly1305 over the canonical PDUs and
/// the EDUs cut to `edu_type` and `content`, without the attestation EDU. The transaction id goes in only if there
/// is no PDU and no to-device message. Destination and origin are not part of it.
///
/// The digest must stay secret like its key, and be put through a keyed hash before it is kept: nobody can then find
/// two contents with the same digest (at most 2^-80 a try), at a seventh of the time that BLAKE2b takes for a large
/// body.
Digest contentDigest(const Transaction &transaction, QByteArrayView txnId, const DigestKey &key);

/// What one event or EDU is, for people: never used to decide anything.
struct EventSummary {
    bool edu = false;
    QString type;
    QString sender; ///< empty if there is none
    QString roomId; ///< empty if there is none
};

/// Reads types and senders from held arrays (as returned by pdus() and edus()), at most `limit` of them.
std::vector<EventSummary> summarise(QByteArrayView pdus, QByteArrayView edus, int limit);

} // namespace restante::matrix
