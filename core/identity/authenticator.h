// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "base/sidework.h"
#include "identity/keyring.h"
#include "matrix/jsonscan.h"
#include "matrix/servername.h"
#include "matrix/xmatrix.h"

#include <QtCore/QByteArray>
#include <QtCore/QList>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace restante::identity
{

/// Who signed a request, proven.
struct Verified {
    matrix::ServerName origin;
    QByteArray keyId;
    /// The body as it was signed, if that is not the form it came in: only this one is proven. Of one signature over
    /// `1.5` in CPython's spelling strangers could otherwise make a body each for 1.50, 15e-1, 0.15e1 and so on.
    std::optional<matrix::ScannedObject> rewritten = {};
    matrix::Signature signature{}; ///< the one that is good
};

/// Step 9 of the order of checks: the signature of a request. One per worker thread, made, used and destroyed in it;
/// ring and fetcher outlive it. Promises: `done` is called exactly once, in this thread, and never after the
/// Authenticator is gone; at once if the keys are at hand, which is the ordinary case.
class Authenticator
{
public:
    using Done = std::function<void(Result<Verified>)>;
    /// Which keys of the origin count.
    enum class Keys {
        Valid,
        ValidOrLastOfOwner, ///< of a served server also the last one that it had, after its time (core/README 8)
    };

    /// Whether an origin is worth being asked for its keys; empty: it is.
    using MayAsk = std::function<bool()>;
    /// What waits for a key, or for its turn in the side work.
    struct Pending;
    using Wait = std::shared_ptr<Pending>;

    /// Bodies above this are verified in the side work, if there is one: SHA-512 takes 2 ms for each MiB, and their
    /// canonical form up to ten times that.
    static constexpr qsizetype LargeBytes = qsizetype(256) * 1024;
    /// CPython's spelling of bodies above this is tried only for origins that have signed it before, the last
    /// MostSpellers of them, and of none above MostRespeltBytes. Its floats cost 0.1 s for each MiB, and a stranger can
    /// send any.
    static constexpr qsizetype SmallBytes = qsizetype(64) * 1024;
    static constexpr qsizetype MostRespeltBytes = qsizetype(1024) * 1024;
    static constexpr qsizetype MostSpellers = 256;

    /// Whether requests may be signed for this server; empty: for the own name only.
    using IsOurs = std::function<bool(const matrix::ServerName &)>;

    /// `fetcher` is this thread's own; without one (null) a key that the ring does not hold is unknown. `ownName` is
    /// what a claim without destination is for. `side` is this thread's own and outlives the Authenticator; null:
    /// everything is done in this thread.
    Authenticator(KeyRing &ring, KeyFetcher *fetcher, const matrix::ServerName &ownName, IsOurs isOurs = {},
                  base::SideWork *side = nullptr);
    ~Authenticator();
    Q_DISABLE_COPY_MOVE(Authenticator)

    /// `method` and `target` exactly as on the wire; `body` null if the request has no body bytes (`{}` is a body).
    /// `addressKey` (http::addressKey) is charged for key fetches. One good signature of the set is enough; of several
    /// by one key over more than SmallBytes only the first is looked at. The body's lenient canonical form is tried
    /// first, then, if it has floats, CPython's spelling (PROTOCOL 2.3). Null if `done` was called at once, else
    /// what `giveUp` takes. Errors: Errc::WrongDestination; Errc::BadSignature for an unknown, expired or refused key
    /// and for a signature that does not fit; Errc::KeyUnavailable if a key could not be looked up just now.
    /// `mayAsk` is called if the origin would be asked, at once or never. If a signature does not fit the key
    /// that is held, the origin is asked in the background whether it has another one (KeyRing::doubt).
    Wait verify(const matrix::XMatrix &claim, QByteArrayView method, QByteArrayView target,
                const matrix::ScannedObject *body, const QByteArray &addressKey, Done done, Keys keys = Keys::Valid,
                const MayAsk &mayAsk = {});
    /// The client has gone: `done` is not called, and what the request held goes now.
    void giveUp(const Wait &wait);

private:
    struct Question;
    struct Candidate;
    struct Checked;
    struct Inquiry;

    Inquiry inquire(const matrix::XMatrix &claim, const matrix::ScannedObject *body, Keys keys) const;
    bool mayRespell(const matrix::ServerName &origin, const matrix::ScannedObject *body) const;
    static Checked check(const Question &question, const std::vector<Candidate> &candidates, bool mayRespell);
    void start(const Wait &wait, bool mayFetch);
    void settle(const Wait &wait, const Inquiry &inquiry, const Checked &checked, bool mayFetch);
    void fetch(const Wait &wait, const QByteArray &keyId);
    Result<Verified> conclude(const matrix::ServerName &origin, const Inquiry &inquiry, const Checked &checked);
    void noteSpeller(const matrix::ServerName &origin);

private:
    KeyRing &m_ring;
    KeyFetcher *const m_fetcher;
    base::SideWork *const m_side;
    const matrix::ServerName m_ownName;
    const IsOurs m_isOurs;
    QList<matrix::ServerName> m_spellers; ///< have signed CPython's spelling; the last one last
    std::shared_ptr<int> m_alive;         ///< what is pending holds it weakly
};

} // namespace restante::identity
