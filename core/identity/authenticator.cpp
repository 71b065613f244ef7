// SPDX-License-Identifier: GPL-3.0-or-later
#include "identity/authenticator.h"

#include "base/addresskey.h"
#include "identity/requestsignature.h"
#include "identity/secretbytes.h"
#include "matrix/canonicaljson.h"

#include <algorithm>
#include <utility>

using namespace Qt::Literals::StringLiterals;

namespace restante::identity
{

/// One request as its signature sees it.
struct Authenticator::Question {
    const matrix::ServerName &origin;
    const matrix::ServerName &destination;
    QByteArrayView method;
    QByteArrayView target;
    const matrix::ScannedObject *body;

    QByteArray signedBytes(QByteArrayView content) const
    {
        return matrix::signedRequestBytes(method, target, origin, destination, content);
    }
};

/// A signature whose key may be used.
struct Authenticator::Candidate {
    QByteArray keyId;
    matrix::Signature signature;
    PublicKey key;
    bool stale;
    bool proven;
};

/// What the ring knows of the keys that a request claims.
struct Authenticator::Inquiry {
    std::vector<Candidate> candidates;
    QByteArray missing; ///< the first key id that the origin could be asked for; null if there is none
};

/// Which candidate's signature is good.
struct Authenticator::Checked {
    std::optional<size_t> good;
    std::optional<matrix::ScannedObject> rewritten; ///< as Verified::rewritten
};

/// A request that owns all that is needed to answer it later.
struct Authenticator::Pending {
    matrix::XMatrix claim;
    matrix::ServerName destination;
    QByteArray method;
    QByteArray target;
    std::optional<matrix::ScannedObject> body;
    QByteArray addressKey;
    Keys keys = Keys::Valid;
    Done done; ///< null once it was called, or it is no longer wanted
    base::SideWork::Ticket ticket;

    Question question() const { return {claim.origin, destination, method, target, body ? &*body : nullptr}; }
    void answer(const Result<Verified> &verified)
    {
        body.reset();
        if (const Done taker = std::exchange(done, nullptr))
            taker(verified);
    }
};

Authenticator::Authenticator(KeyRing &ring, KeyFetcher *fetcher, const matrix::ServerName &ownName, IsOurs isOurs,
                             base::SideWork *side)
    : m_ring(ring)
    , m_fetcher(fetcher)
    , m_side(side)
    , m_ownName(ownName)
    , m_isOurs(std::move(isOurs))
    , m_alive(std::make_shared<int>(0))
{
    ensureSodium();
}

Authenticator::~Authenticator() = default;

Authenticator::Wait Authenticator::verify(const matrix::XMatrix &claim, QByteArrayView method, QByteArrayView target,
                                          const matrix::ScannedObject *body, const QByteArray &addressKey, Done done,
                                          Keys keys, const MayAsk &mayAsk)
{
    const matrix::ServerName &destination = claim.destination.isNull() ? m_ownName : claim.destination;
    if (m_isOurs ? !m_isOurs(destination) : destination != m_ownName) {
        done({Errc::WrongDestination, u"this request is signed for another server"_s});
        return nullptr;
    }
    const bool isLarge = m_side && body && body->text().size() > LargeBytes;
    const Inquiry inquiry = inquire(claim, body, keys);
    if (!isLarge) { // the ordinary case, which copies nothing
        const auto checked = check({claim.origin, destination, method, target, body}, inquiry.candidates,
                                   mayRespell(claim.origin, body));
        const bool asks = !checked.good && m_fetcher && (!mayAsk || mayAsk());
        if (!asks || inquiry.missing.isNull()) {
            if (asks && !inquiry.candidates.empty())
                m_ring.doubt(*m_fetcher, claim.origin, inquiry.candidates.front().keyId, addressKey);
            done(conclude(claim.origin, inquiry, checked));
            return nullptr;
        }
    }
    auto wait = std::make_shared<Pending>(Pending{claim, destination, method.toByteArray(), target.toByteArray(),
                                                  body ? std::optional(*body) : std::nullopt, addressKey, keys,
                                                  std::move(done), nullptr});
    if (isLarge)
        start(wait, m_fetcher && (!mayAsk || mayAsk()));
    else
        fetch(wait, inquiry.missing);
    return wait->done ? wait : nullptr;
}

void Authenticator::giveUp(const Wait &wait)
{
    if (!wait)
        return;
    wait->done = nullptr;
    wait->body.reset();
    if (const auto ticket = std::exchange(wait->ticket, nullptr))
        m_side->forget(ticket);
}

/// Looks up the keys that are claimed. A large body is hashed once for each key, however many signatures say that they
/// are by it.
Authenticator::Inquiry Authenticator::inquire(const matrix::XMatrix &claim, const matrix::ScannedObject *body,
                                              Keys keys) const
{
    const bool oneForEachKey = body && body->text().size() > SmallBytes;
    const bool lastCounts = keys == Keys::ValidOrLastOfOwner;
    Inquiry inquiry;
    for (const matrix::KeySignature &signature : claim.signatures) {
        const auto found = m_ring.find(claim.origin, signature.keyId);
        const bool isUsable = found.standing == KeyRing::Standing::Usable;
        const bool isLast = found.lastOfOwner && lastCounts;
        const auto isSame = [&](const Candidate &candidate) { return oneForEachKey && candidate.key == found.key; };
        if ((isUsable || isLast) && std::none_of(inquiry.candidates.begin(), inquiry.candidates.end(), isSame))
            inquiry.candidates.push_back(
                {signature.keyId, signature.signature, found.key, isLast || found.stale, isLast || found.proven});
        if (!isUsable && found.standing != KeyRing::Standing::Refused && inquiry.missing.isNull())
            inquiry.missing = signature.keyId;
    }
    return inquiry;
}

/// Whether CPython's spelling of the floats in a body is worth its time.
bool Authenticator::mayRespell(const matrix::ServerName &origin, const matrix::ScannedObject *body) const
{
    if (!body || !body->hasFloats() || body->text().size() > MostRespeltBytes)
        return false;
    return body->text().size() <= SmallBytes || m_spellers.contains(origin);
}

/// Any thread.
Authenticator::Checked Authenticator::check(const Question &question, const std::vector<Candidate> &candidates,
                                            bool mayRespell)
{
    Checked checked;
    const auto firstGood = [&](QByteArrayView content) {
        const QByteArray bytes = question.signedBytes(content);
        for (size_t i = 0; i < candidates.size() && !checked.good; ++i) {
            if (isSignatureOver(candidates[i].signature, bytes, candidates[i].key))
                checked.good = i;
        }
    };
    if (candidates.empty())
        return checked;
    if (!question.body || question.body->isCanonical()) {
        firstGood(question.body ? QByteArrayView(question.body->text()) : QByteArrayView());
    } else {
        QByteArray canonical;
        if (matrix::canonicalise(question.body->text(), matrix::NumberRule::Lenient, &canonical) ==
            matrix::JsonFault::None)
            firstGood(canonical);
    }
    QByteArray respelt;
    if (checked.good || !mayRespell ||
        matrix::canonicalise(question.body->text(), matrix::NumberRule::Python, &respelt) != matrix::JsonFault::None)
        return checked;
    firstGood(respelt);
    if (checked.good) {
        if (auto rewritten = matrix::ScannedObject::scan(respelt))
            checked.rewritten = *std::move(rewritten);
    }
    return checked;
}

/// Judges a request that waits, with the keys that are held now.
void Authenticator::start(const Wait &wait, bool mayFetch)
{
    const matrix::ScannedObject *const body = wait->body ? &*wait->body : nullptr;
    auto inquiry = inquire(wait->claim, body, wait->keys);
    const bool respells = mayRespell(wait->claim.origin, body);
    const bool isLarge = m_side && body && body->text().size() > LargeBytes;
    if (!isLarge || inquiry.candidates.empty())
        return settle(wait, inquiry, check(wait->question(), inquiry.candidates, respells), mayFetch);
    // The other thread has copies of its own: this one may drop the request meanwhile.
    struct Work {
        Pending request;
        Inquiry inquiry;
        Checked checked;
    };
    const auto work = std::make_shared<Work>(Work{*wait, std::move(inquiry), {}});
    work->request.done = nullptr;
    wait->ticket = m_side->run(
        wait->body->text().size(), base::customerKey(wait->addressKey),
        [work, respells] {
            work->checked = check(work->request.question(), work->inquiry.candidates, respells);
            work->request.body.reset();
        },
        [this, wait, work, mayFetch, alive = std::weak_ptr(m_alive)] {
            if (alive.expired())
                return;
            wait->ticket = nullptr;
            settle(wait, work->inquiry, work->checked, mayFetch);
        });
}

void Authenticator::settle(const Wait &wait, const Inquiry &inquiry, const Checked &checked, bool mayFetch)
{
    if (!checked.good && mayFetch) {
        if (!inquiry.missing.isNull())
            return fetch(wait, inquiry.missing);
        if (!inquiry.candidates.empty())
            m_ring.doubt(*m_fetcher, wait->claim.origin, inquiry.candidates.front().keyId, wait->addressKey);
    }
    wait->answer(conclude(wait->claim.origin, inquiry, checked));
}

void Authenticator::fetch(const Wait &wait, const QByteArray &keyId)
{
    m_ring.fetch(*m_fetcher, wait->claim.origin, keyId, wait->addressKey,
                 [this, alive = std::weak_ptr(m_alive), wait](const Result<void> &fetched) {
                     if (alive.expired() || !wait->done)
                         return;
                     if (fetched)
                         start(wait, false);
                     else
                         wait->answer(fetched.error());
                 });
}

Result<Verified> Authenticator::conclude(const matrix::ServerName &origin, const Inquiry &inquiry,
                                         const Checked &checked)
{
    if (checked.good) {
        const Candidate &good = inquiry.candidates[*checked.good];
        if (!good.proven)
            m_ring.prove(origin);
        if (good.stale && m_fetcher)
            m_ring.refresh(*m_fetcher, origin, good.keyId);
        if (checked.rewritten)
            noteSpeller(origin);
        return Verified{origin, good.keyId, checked.rewritten, good.signature};
    }
    if (!inquiry.missing.isNull())
        return {Errc::BadSignature, u"the key that signed this request is not known here, or has expired"_s};
    return {Errc::BadSignature, u"the signature of this request is not valid"_s};
}

void Authenticator::noteSpeller(const matrix::ServerName &origin)
{
    m_spellers.removeOne(origin);
    m_spellers.append(origin);
    if (m_spellers.size() > MostSpellers)
        m_spellers.removeFirst();
}

} // namespace restante::identity
