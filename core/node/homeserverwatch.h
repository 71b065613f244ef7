// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "identity/publickey.h"
#include "matrix/xmatrix.h"
#include "telemetry/logallowance.h"

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include <atomic>
#include <functional>
#include <mutex>

namespace restante::node
{

/// What the node listener sees of the homeserver behind it that would make everything fail without a word: that it
/// signs under another name or with another key than ours, or shows another secret. A trouble is over when the next
/// request is without it. Says both in the log, once, and bounded where they come and go. Any thread; one small mutex
/// of its own, not taken while all is well.
class HomeserverWatch
{
public:
    struct Trouble {
        QString identity; ///< one English sentence; empty if the homeserver's name and key are ours
        QString secret;   ///< and of its secret
    };

    static constexpr int MostLines = 20; ///< of each in the log, in StretchMs
    static constexpr qint64 StretchMs = 60'000;
    /// While nothing is wrong a signature itself is looked at this often: a key that was made anew can have the name of
    /// the old one (Dendrite calls each `ed25519:auto`).
    static constexpr qint64 ProofPauseMs = 60'000;

    /// `keyId` and `key` are our own; the clock outlives it. `changed` is called, in any thread and under no lock, when
    /// `trouble` tells something else.
    HomeserverWatch(const base::Clock &clock, const matrix::ServerName &ownName, QByteArray keyId,
                    const identity::PublicKey &key, std::function<void()> changed);
    Q_DISABLE_COPY_MOVE(HomeserverWatch)

    /// Somebody asked without the secret, or with another one.
    void noteSecret(bool isRight);
    /// A client that knows the secret sent a request that is signed like this.
    void noteSigned(const matrix::XMatrix &claim);
    /// A request whose claim `noteSigned` has seen is here with all its body.
    void noteWhole(const matrix::XMatrix &claim, QByteArrayView method, QByteArrayView target, const QByteArray &body);

    Trouble trouble() const;
    /// When a program that knows the secret asked last (wall clock); 0 = not since the start.
    qint64 lastRequestMs() const { return m_lastRequestMs.load(std::memory_order_relaxed); }

private:
    bool isOurs(const matrix::XMatrix &claim) const;
    void set(QString Trouble::*which, std::atomic<bool> &isTrouble, const QString &sentence);

    const base::Clock &m_clock;
    const matrix::ServerName m_ownName;
    const QByteArray m_keyId;
    const identity::PublicKey m_key;
    const std::function<void()> m_changed;
    std::atomic<bool> m_wrongIdentity{false};
    std::atomic<bool> m_wrongKey{false};  ///< the last signature that was looked at was made with another key
    std::atomic<qint64> m_nextProofMs{0}; ///< steady clock
    std::atomic<bool> m_wrongSecret{false};
    std::atomic<qint64> m_lastRequestMs{0};
    mutable std::mutex m_mutex; ///< guards what follows
    Trouble m_trouble;
    telemetry::LogAllowance m_identityLog{MostLines, StretchMs};
    telemetry::LogAllowance m_secretLog{MostLines, StretchMs};
};

} // namespace restante::node
