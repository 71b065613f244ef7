// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/homeserverwatch.h"

#include "identity/requestsignature.h"
#include "telemetry/logging.h"

#include <algorithm>
#include <optional>
#include <utility>

using namespace Qt::Literals::StringLiterals;

namespace restante::node
{

namespace
{
QString todo(const matrix::ServerName &homeserver)
{
    return u"stop Restante and import the homeserver's key: restantectl identity import SIGNING_KEY_FILE "
           "--server-name %1"_s.arg(homeserver.toString());
}
} // namespace

HomeserverWatch::HomeserverWatch(const base::Clock &clock, const matrix::ServerName &ownName, QByteArray keyId,
                                 const identity::PublicKey &key, std::function<void()> changed)
    : m_clock(clock)
    , m_ownName(ownName)
    , m_keyId(std::move(keyId))
    , m_key(key)
    , m_changed(std::move(changed))
{
}

void HomeserverWatch::set(QString Trouble::*which, std::atomic<bool> &isTrouble, const QString &sentence)
{
    if (sentence.isEmpty() && !isTrouble.load(std::memory_order_relaxed))
        return;
    std::optional<QString> more;
    {
        const std::lock_guard lock(m_mutex);
        isTrouble.store(!sentence.isEmpty(), std::memory_order_relaxed);
        if (std::exchange(m_trouble.*which, sentence) == sentence)
            return;
        more = (which == &Trouble::secret ? m_secretLog : m_identityLog).take(m_clock.steadyMs());
    }
    if (more && sentence.isEmpty())
        qCInfo(lcNode, "The homeserver's %s is right now%ls", which == &Trouble::secret ? "secret" : "identity",
               qUtf16Printable(*more));
    else if (more)
        qCWarning(lcNode).noquote() << sentence + *more;
    m_changed();
}

void HomeserverWatch::noteSecret(bool isRight)
{
    if (isRight) {
        m_lastRequestMs.store(m_clock.wallMs(), std::memory_order_relaxed);
        return set(&Trouble::secret, m_wrongSecret, {});
    }
    set(&Trouble::secret, m_wrongSecret,
        u"A program asked at the node listener without the secret in node.secret, or with another one, and was "
        u"refused: "
        "give the homeserver the line in that file (Synapse: worker_replication_secret). A change of the file counts "
        "from this program's next start"_s);
}

bool HomeserverWatch::isOurs(const matrix::XMatrix &claim) const
{
    return claim.origin == m_ownName &&
           std::any_of(claim.signatures.begin(), claim.signatures.end(),
                       [this](const matrix::KeySignature &signature) { return signature.keyId == m_keyId; });
}

void HomeserverWatch::noteSigned(const matrix::XMatrix &claim)
{
    const matrix::ServerName &origin = claim.origin;
    if (isOurs(claim) && m_wrongKey.load(std::memory_order_relaxed))
        return; // only a signature that fits ends that
    if (isOurs(claim))
        return set(&Trouble::identity, m_wrongIdentity, {});
    if (origin != m_ownName)
        return set(
            &Trouble::identity, m_wrongIdentity,
            u"The homeserver calls itself %1, but this installation is %2, so relays do not take its mail: %3"_s.arg(
                origin.toString(), m_ownName.toString(), todo(origin)));
    set(&Trouble::identity, m_wrongIdentity,
        u"The homeserver %1 signs with the key %2, but this installation has its key %3, so relays do not take its "
        "mail: %4"_s.arg(origin.toString(), QString::fromLatin1(claim.signatures.front().keyId),
                         QString::fromLatin1(m_keyId), todo(origin)));
}

void HomeserverWatch::noteWhole(const matrix::XMatrix &claim, QByteArrayView method, QByteArrayView target,
                                const QByteArray &body)
{
    const qint64 nowMs = m_clock.steadyMs();
    const bool wrong = m_wrongKey.load(std::memory_order_relaxed);
    if (!isOurs(claim) || (!wrong && nowMs < m_nextProofMs.load(std::memory_order_relaxed)))
        return;
    m_nextProofMs.store(nowMs + ProofPauseMs, std::memory_order_relaxed);
    const bool right = identity::formSignedWith(claim, m_keyId, m_key, method, target, body).has_value();
    m_wrongKey.store(!right, std::memory_order_relaxed);
    if (right)
        return set(&Trouble::identity, m_wrongIdentity, {});
    set(&Trouble::identity, m_wrongIdentity,
        u"The homeserver %1 signs with another key than this installation has, although both are called %2, so relays "
        "do not take its mail: %3"_s.arg(m_ownName.toString(), QString::fromLatin1(m_keyId), todo(m_ownName)));
}

HomeserverWatch::Trouble HomeserverWatch::trouble() const
{
    const std::lock_guard lock(m_mutex);
    return m_trouble;
}

} // namespace restante::node
