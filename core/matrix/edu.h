// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/jsonwalk.h"

namespace restante::matrix
{

inline constexpr QByteArrayView ToDeviceEduType = "m.direct_to_device";
inline constexpr QByteArrayView AttestationEduType = "org.restante.attestation";

/// The two members of an EDU that receivers look at (PROTOCOL 5.2: relays drop the others).
struct Edu {
    JsonSlice type;                   ///< Null if there is none
    std::optional<JsonSlice> content; ///< nothing if there is none

    /// Whether it has a textual `edu_type`, and no content but an object or null.
    bool isValid() const;
};

/// Those members of an element of a scanned `edus`; no type if it is not an object.
Edu eduOf(const JsonSlice &element);

/// The value of that member of a scanned object; Null if there is none.
JsonSlice memberOf(const JsonSlice &object, QByteArrayView name);

/// EDUs of which only the newest counts, so that they are worth little to somebody who is away.
inline constexpr unsigned TypingKind = 1;
inline constexpr unsigned PresenceKind = 2;
/// Which of these a scanned array of EDUs has; 0 if it has others, too, or none. An attestation does not matter.
unsigned fleetingKinds(const JsonSlice &edus);

/// Walks the EDUs of a scanned array. The hundredth, which an attestation may hold (PROTOCOL 6.4), comes in its place.
class EduWalk
{
public:
    explicit EduWalk(const JsonSlice &edus);

    /// An element that is not an object comes as an EDU without type.
    bool next(Edu *edu);
    /// Whether the EDU read last is the transaction's attestation: of its type, the last of all, and it holds none.
    /// Others of that type are ordinary EDUs, or they would get round the limit.
    bool atAttestation() const { return m_attestation; }
    /// Whether the transaction has an attestation, once its last EDU was read.
    bool isAttested() const { return m_attested; }

private:
    JsonWalk m_walk;
    bool m_attestation = false;
    bool m_attested = false;
};

} // namespace restante::matrix
