// SPDX-License-Identifier: GPL-3.0-or-later
#include "identity/keyring.h"

#include "identity/secretbytes.h"
#include "telemetry/logging.h"

#include <algorithm>
#include <utility>

using namespace Qt::Literals::StringLiterals;

namespace restante::identity
{

namespace
{
// Public keys whose secret halves are public. The first is what Go's math/rand makes of seed 0: a widespread
// deployment chart handed it out (CVE-2026-24044).
const char *const publiclyKnownKeys[] = {"l/O9hxMVKB6Lg+3Hqf0FQQZhVESQcMzbPN1Cz2nM3og="};

QByteArray bytesOf(const PublicKey &key)
{
    return {reinterpret_cast<const char *>(key.data()), qsizetype(key.size())};
}
} // namespace

KeyRing::KeyRing(const base::Clock &clock, KeyStore *store)
    : m_clock(clock)
    , m_store(store)
{
    ensureSodium();
    for (const char *text : publiclyKnownKeys)
        m_banned.insert(QByteArray::fromBase64(text));
}

Result<void> KeyRing::load()
{
    if (!m_store)
        return {};
    auto all = m_store->load();
    if (!all)
        return all.error();
    const std::lock_guard lock(m_mutex);
    for (const StoredKey &key : *all) {
        place(m_keys[key.server], {key.keyId, key.key, key.effectiveUntilMs(), key.fetchedMs, key.pinned, key.old});
    }
    makeRoom();
    return {};
}

KeyRing::Lookup KeyRing::find(const matrix::ServerName &server, const QByteArray &keyId)
{
    if (server.kind() == matrix::ServerName::Kind::Ed25519) {
        const auto key = m_names.keyOf(server);
        if (!key)
            return {Standing::Refused, {}};
        const std::lock_guard lock(m_mutex);
        return isBanned(*key) ? Lookup{Standing::Refused, {}} : Lookup{Standing::Usable, *key};
    }
    const qint64 nowMs = m_clock.wallMs();
    const std::lock_guard lock(m_mutex);
    const Held *const held = heldKey(server, keyId);
    return held ? judge(*held, nowMs) : Lookup{};
}

/// The key with this id; null where there is none.
KeyRing::Held *KeyRing::heldKey(const matrix::ServerName &server, const QByteArray &keyId)
{
    const auto keys = m_keys.find(server);
    if (keys == m_keys.end())
        return nullptr;
    const auto held =
        std::find_if(keys->begin(), keys->end(), [&keyId](const Held &candidate) { return candidate.keyId == keyId; });
    return held == keys->end() ? nullptr : &*held;
}

KeyRing::Lookup KeyRing::judge(const Held &held, qint64 nowMs) const
{
    if (isBanned(held.key))
        return {Standing::Refused, {}};
    if (held.pinned)
        return {Standing::Usable, held.key};
    if (held.old || held.effectiveUntilMs < nowMs)
        return {Standing::Expired, {}};
    const qint64 halfMs = (held.effectiveUntilMs - held.fetchedMs) / 2;
    return {Standing::Usable, held.key, nowMs - held.fetchedMs >= halfMs};
}

std::vector<StoredKey> KeyRing::usableKeys(const matrix::ServerName &server)
{
    const qint64 nowMs = m_clock.wallMs();
    const std::lock_guard lock(m_mutex);
    std::vector<StoredKey> usable;
    for (const Held &held : m_keys.value(server)) {
        if (judge(held, nowMs).standing != Standing::Usable)
            continue;
        StoredKey key;
        key.server = server;
        key.keyId = held.keyId;
        key.key = held.key;
        key.validUntilMs = held.effectiveUntilMs;
        key.fetchedMs = held.fetchedMs;
        key.pinned = held.pinned;
        usable.push_back(std::move(key));
    }
    return usable;
}

void KeyRing::fetch(KeyFetcher &fetcher, const matrix::ServerName &server, const QByteArray &keyId,
                    const QByteArray &addressKey, std::function<void(Result<void>)> done)
{
    fetcher.fetch(server, keyId, addressKey, [this, done = std::move(done)](Result<std::vector<StoredKey>> fetched) {
        if (!fetched) {
            done(fetched.error());
            return;
        }
        remember(std::move(fetched).value());
        done({});
    });
}

void KeyRing::refresh(KeyFetcher &fetcher, const matrix::ServerName &server, const QByteArray &keyId)
{
    const qint64 nowMs = m_clock.steadyMs();
    {
        const std::lock_guard lock(m_mutex);
        Held *const held = heldKey(server, keyId);
        if (!held || nowMs < held->refreshedMs + RefreshMs)
            return;
        held->refreshedMs = nowMs;
    }
    fetch(fetcher, server, keyId, {}, [](const Result<void> &) {}); // else the key serves until its time is over
}

void KeyRing::remember(std::vector<StoredKey> keys)
{
    const qint64 nowMs = m_clock.wallMs();
    {
        const std::lock_guard lock(m_mutex);
        std::vector<StoredKey> admitted;
        for (StoredKey &key : keys) {
            key.pinned = false;
            if (!admit(key, nowMs))
                continue;
            place(m_keys[key.server], {key.keyId, key.key, key.effectiveUntilMs(), key.fetchedMs, false, key.old});
            admitted.push_back(std::move(key));
        }
        keys = std::move(admitted);
        makeRoom();
    }
    if (m_store && !keys.empty())
        m_store->put(std::move(keys));
}

void KeyRing::pin(const matrix::ServerName &server, const QByteArray &keyId, const PublicKey &key)
{
    StoredKey stored;
    stored.server = server;
    stored.keyId = keyId;
    stored.key = key;
    stored.fetchedMs = m_clock.wallMs();
    stored.pinned = true;
    {
        const std::lock_guard lock(m_mutex);
        place(m_keys[server], {keyId, key, stored.effectiveUntilMs(), stored.fetchedMs, true, false});
        makeRoom();
    }
    if (m_store)
        m_store->put({std::move(stored)});
}

void KeyRing::unpin(const matrix::ServerName &server)
{
    {
        const std::lock_guard lock(m_mutex);
        const auto keys = m_keys.find(server);
        if (keys != m_keys.end()) {
            m_count -= int(std::erase_if(*keys, [](const Held &held) { return held.pinned; }));
            if (keys->empty())
                m_keys.erase(keys);
        }
    }
    if (m_store)
        m_store->removePinned(server);
}

void KeyRing::ban(const PublicKey &key)
{
    const std::lock_guard lock(m_mutex);
    m_banned.insert(bytesOf(key));
}

bool KeyRing::isBanned(const PublicKey &key) const
{
    // Not a copy: this runs for every request.
    return m_banned.contains(
        QByteArray::fromRawData(reinterpret_cast<const char *>(key.data()), qsizetype(key.size())));
}

/// Whether a fetched key may take its place: first seen wins.
bool KeyRing::admit(const StoredKey &key, qint64 nowMs)
{
    if (key.server.kind() == matrix::ServerName::Kind::Ed25519)
        return false; // the name says it all
    const auto keys = m_keys.constFind(key.server);
    if (keys == m_keys.cend())
        return true;
    const auto held = std::find_if(keys->begin(), keys->end(),
                                   [&key](const Held &candidate) { return candidate.keyId == key.keyId; });
    if (held == keys->end())
        return true;
    if (held->key == key.key) // several who waited for one document bring it each
        return !held->pinned && (held->fetchedMs != key.fetchedMs || held->old != key.old);
    if (!held->pinned && held->effectiveUntilMs < nowMs)
        return true;
    qCWarning(lcIdentity).noquote() << key.server.toString() << "now says that" << QString::fromLatin1(key.keyId)
                                    << "is another key; the one seen first stays until it expires";
    return false;
}

/// Puts `held` in place of the key with its id, or beside the others.
void KeyRing::place(Keys &keys, Held held)
{
    const auto same = std::find_if(keys.begin(), keys.end(),
                                   [&held](const Held &candidate) { return candidate.keyId == held.keyId; });
    if (same != keys.end()) {
        *same = std::move(held);
        return;
    }
    if (keys.size() >= size_t(MostKeysOfOneServer)) {
        const auto oldest = std::min_element(keys.begin(), keys.end(), [](const Held &a, const Held &b) {
            return std::pair(a.pinned, a.fetchedMs) < std::pair(b.pinned, b.fetchedMs);
        });
        *oldest = std::move(held);
        return;
    }
    keys.push_back(std::move(held));
    ++m_count;
}

/// Drops the sixteenth part that was fetched longest ago once there are too many; pinned keys stay.
void KeyRing::makeRoom()
{
    if (m_count <= MostKeys)
        return;
    std::vector<qint64> times;
    times.reserve(size_t(m_count));
    for (const Keys &keys : std::as_const(m_keys)) {
        for (const Held &held : keys) {
            if (!held.pinned)
                times.push_back(held.fetchedMs);
        }
    }
    const size_t surplus = std::min(times.size(), size_t(m_count - MostKeys) + MostKeys / 16);
    if (surplus == 0)
        return;
    std::nth_element(times.begin(), times.begin() + qsizetype(surplus - 1), times.end());
    const qint64 limit = times[surplus - 1];
    size_t dropped = 0;
    for (auto it = m_keys.begin(); it != m_keys.end();) {
        dropped += std::erase_if(*it, [limit](const Held &held) { return !held.pinned && held.fetchedMs <= limit; });
        it = it->empty() ? m_keys.erase(it) : std::next(it);
    }
    m_count -= int(dropped);
}

} // namespace restante::identity
