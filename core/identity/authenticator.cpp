// SPDX-License-Identifier: GPL-3.0-or-later
#include "identity/authenticator.h"

#include "identity/secretbytes.h"
#include "matrix/canonicaljson.h"

#include <sodium.h>

#include <optional>

using namespace Qt::Literals::StringLiterals;

namespace restante::identity
{

namespace
{
/// One request as its signature sees it.
struct Question {
    const matrix::XMatrix &claim;
    const matrix::ServerName &destination;
    QByteArrayView method;
    QByteArrayView target;
    const matrix::ScannedObject *body;
};

/// The same, owning everything, for the wait for a key.
struct Pending {
    matrix::XMatrix claim;
    matrix::ServerName destination;
    QByteArray method;
    QByteArray target;
    std::optional<matrix::ScannedObject> body;

    Question question() const { return {claim, destination, method, target, body ? &*body : nullptr}; }
};

/// A signature whose key may be used.
struct Candidate {
    const matrix::KeySignature *signature;
    PublicKey key;
    bool stale;
    bool proven;
};

struct Outcome {
    std::optional<Candidate> verified;
    QByteArray missing; ///< the first key id that the origin could be asked for; null where there is none
    QByteArray misfit;  ///< the first key id whose key is held and fits no signature; null where there is none
};

/// What the signature covers, with the body in the form that `rule` gives; null where there is no such form.
QByteArray signedBytes(const Question &question, matrix::NumberRule rule)
{
    QByteArray rewritten;
    QByteArrayView content;
    if (question.body) {
        if (rule == matrix::NumberRule::Lenient && question.body->isCanonical()) {
            content = question.body->text();
        } else {
            if (matrix::canonicalise(question.body->text(), rule, &rewritten) != matrix::JsonFault::None)
                return {};
            content = rewritten;
        }
    }
    return matrix::signedRequestBytes(question.method, question.target, question.claim.origin, question.destination,
                                      content);
}

std::optional<Candidate> firstGood(const std::vector<Candidate> &candidates, const QByteArray &bytes)
{
    for (const Candidate &candidate : candidates) {
        if (crypto_sign_verify_detached(candidate.signature->signature.data(),
                                        reinterpret_cast<const unsigned char *>(bytes.constData()),
                                        static_cast<unsigned long long>(bytes.size()), candidate.key.data()) == 0)
            return candidate;
    }
    return {};
}

Outcome attempt(KeyRing &ring, const Question &question, Authenticator::Keys keys)
{
    const bool lastCounts = keys == Authenticator::Keys::ValidOrLastOfOwner;
    Outcome outcome;
    std::vector<Candidate> candidates;
    for (const matrix::KeySignature &signature : question.claim.signatures) {
        const auto found = ring.find(question.claim.origin, signature.keyId);
        const bool isLast = found.lastOfOwner && lastCounts;
        if (found.standing == KeyRing::Standing::Usable)
            candidates.push_back({&signature, found.key, found.stale, found.proven});
        if (isLast)
            candidates.push_back({&signature, found.key, true, true});
        if (found.standing != KeyRing::Standing::Usable && found.standing != KeyRing::Standing::Refused &&
            outcome.missing.isNull())
            outcome.missing = signature.keyId;
    }
    if (candidates.empty())
        return outcome;
    if (const auto bytes = signedBytes(question, matrix::NumberRule::Lenient); !bytes.isNull())
        outcome.verified = firstGood(candidates, bytes);
    if (!outcome.verified && question.body && question.body->hasFloats()) {
        if (const auto bytes = signedBytes(question, matrix::NumberRule::Python); !bytes.isNull())
            outcome.verified = firstGood(candidates, bytes);
    }
    if (!outcome.verified)
        outcome.misfit = candidates.front().signature->keyId;
    return outcome;
}
} // namespace

Authenticator::Authenticator(KeyRing &ring, KeyFetcher *fetcher, const matrix::ServerName &ownName,
                             const QList<matrix::ServerName> &fronted)
    : m_ring(ring)
    , m_fetcher(fetcher)
    , m_names(QList<matrix::ServerName>{ownName} + fronted)
    , m_alive(std::make_shared<int>(0))
{
    ensureSodium();
}

Authenticator::~Authenticator() = default;

void Authenticator::verify(const matrix::XMatrix &claim, QByteArrayView method, QByteArrayView target,
                           const matrix::ScannedObject *body, const QByteArray &addressKey, Done done, Keys keys)
{
    const matrix::ServerName &destination = claim.destination.isNull() ? m_names.constFirst() : claim.destination;
    if (!m_names.contains(destination)) {
        done({Errc::WrongDestination, u"this request is signed for another server"_s});
        return;
    }
    const auto conclude = [this](const Outcome &outcome, const matrix::ServerName &origin) -> Result<Verified> {
        if (outcome.verified) {
            const QByteArray &keyId = outcome.verified->signature->keyId;
            if (!outcome.verified->proven)
                m_ring.prove(origin);
            if (outcome.verified->stale && m_fetcher)
                m_ring.refresh(*m_fetcher, origin, keyId);
            return Verified{origin, keyId};
        }
        if (!outcome.missing.isNull())
            return {Errc::BadSignature, u"the key that signed this request is not known here, or has expired"_s};
        return {Errc::BadSignature, u"the signature of this request is not valid"_s};
    };
    const auto outcome = attempt(m_ring, {claim, destination, method, target, body}, keys);
    if (outcome.verified || outcome.missing.isNull() || !m_fetcher) {
        if (!outcome.misfit.isNull() && m_fetcher)
            m_ring.doubt(*m_fetcher, claim.origin, outcome.misfit, addressKey);
        done(conclude(outcome, claim.origin));
        return;
    }
    auto pending = std::make_shared<Pending>(Pending{claim, destination, method.toByteArray(), target.toByteArray(),
                                                     body ? std::optional(*body) : std::nullopt});
    m_ring.fetch(*m_fetcher, claim.origin, outcome.missing, addressKey,
                 [this, alive = std::weak_ptr(m_alive), pending, conclude, keys,
                  done = std::move(done)](const Result<void> &fetched) {
                     if (alive.expired())
                         return;
                     if (fetched)
                         done(conclude(attempt(m_ring, pending->question(), keys), pending->claim.origin));
                     else
                         done(fetched.error());
                 });
}

} // namespace restante::identity
