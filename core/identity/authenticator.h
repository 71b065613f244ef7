// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "identity/keyring.h"
#include "matrix/jsonscan.h"
#include "matrix/servername.h"
#include "matrix/xmatrix.h"

#include <QtCore/QByteArray>
#include <QtCore/QList>

#include <functional>
#include <memory>

namespace restante::identity
{

/// Who signed a request, proven.
struct Verified {
    matrix::ServerName origin;
    QByteArray keyId;
};

/// Step 9 of the order of checks: the signature of a request. One per worker thread, made, used and destroyed in it;
/// ring and fetcher outlive it. Promises: `done` is called exactly once, in this thread, and never after the
/// Authenticator is gone; at once where the keys are at hand, which is the ordinary case.
class Authenticator
{
public:
    using Done = std::function<void(Result<Verified>)>;
    /// Which keys of the origin count.
    enum class Keys {
        Valid,
        ValidOrLastOfOwner, ///< of a served server also the last one that it had, after its time (DESIGN 8)
    };

    /// `fetcher` is this thread's own; without one (null) a key that the ring does not hold is unknown. `ownName` is
    /// what a claim without destination is for. `fronted` are further names that requests may be for.
    Authenticator(KeyRing &ring, KeyFetcher *fetcher, const matrix::ServerName &ownName,
                  const QList<matrix::ServerName> &fronted = {});
    ~Authenticator();
    Q_DISABLE_COPY_MOVE(Authenticator)

    /// `method` and `target` exactly as on the wire; `body` null where the request has no body bytes (`{}` is a body).
    /// `addressKey` (http::addressKey) is charged for key fetches. One good signature of the set is enough. The body's
    /// lenient canonical form is tried first, then, where it has floats, CPython's spelling (PROTOCOL 2.3).
    /// Errors: Errc::WrongDestination; Errc::BadSignature for an unknown, expired or refused key and for a signature
    /// that does not fit; Errc::KeyUnavailable where a key could not be looked up just now. Where a signature does not
    /// fit the key that is held, the origin is asked in the background whether it has another one (KeyRing::doubt).
    void verify(const matrix::XMatrix &claim, QByteArrayView method, QByteArrayView target,
                const matrix::ScannedObject *body, const QByteArray &addressKey, Done done, Keys keys = Keys::Valid);

private:
    KeyRing &m_ring;
    KeyFetcher *const m_fetcher;
    QList<matrix::ServerName> m_names; ///< the own name first
    std::shared_ptr<int> m_alive;      ///< what is pending holds it weakly
};

} // namespace restante::identity
