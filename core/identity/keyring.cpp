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

Error isItsOwnKey(const matrix::ServerName &server)
{
    return {Errc::InvalidParam,
            u"The name %1 is itself the key of this server, which can be neither pinned nor forgotten"_s.arg(
                server.toString()),
            0};
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
        place(key.server, {key.keyId, key.key, key.effectiveUntilMs(), key.fetchedMs, key.pinned, key.old, key.rank});
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
    if (!held)
        return {};
    Lookup lookup = judge(*held, nowMs);
    if (lookup.standing == Standing::Expired && isLastOfOwner(server, *held)) {
        lookup.key = held->key;
        lookup.lastOfOwner = true;
    }
    return lookup;
}

/// Whether it came with the newest document of a server that is served here.
bool KeyRing::isLastOfOwner(const matrix::ServerName &server, const Held &held) const
{
    if (held.old || !m_owners.contains(server))
        return false;
    const Keys &keys = *m_keys.constFind(server);
    return std::none_of(keys.begin(), keys.end(),
                        [&held](const Held &other) { return !other.old && other.fetchedMs > held.fetchedMs; });
}

/// The key with this id; null if there is none.
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
    const bool proven = held.rank != KeyRank::Unproven;
    if (held.old || held.effectiveUntilMs < nowMs)
        return {Standing::Expired, {}};
    const qint64 halfMs = (held.effectiveUntilMs - held.fetchedMs) / 2;
    return {Standing::Usable, held.key, nowMs - held.fetchedMs >= halfMs, false, proven};
}

std::vector<StoredKey> KeyRing::usableKeys(const matrix::ServerName &server)
{
    const qint64 nowMs = m_clock.wallMs();
    const std::lock_guard lock(m_mutex);
    std::vector<StoredKey> usable;
    for (const Held &held : m_keys.value(server)) {
        if (judge(held, nowMs).standing != Standing::Usable)
            continue;
        usable.push_back(toStored(server, held));
    }
    return usable;
}

/// Without its document.
StoredKey KeyRing::toStored(const matrix::ServerName &server, const Held &held)
{
    StoredKey key;
    key.server = server;
    key.keyId = held.keyId;
    key.key = held.key;
    key.validUntilMs = held.effectiveUntilMs;
    key.fetchedMs = held.fetchedMs;
    key.pinned = held.pinned;
    key.rank = held.rank;
    key.old = held.old;
    return key;
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
    if (isDue(server, keyId, &Held::refreshedMs, 0))
        fetch(fetcher, server, keyId, {}, [](const Result<void> &) {}); // else the key serves until its time is over
}

void KeyRing::prove(const matrix::ServerName &server)
{
    const std::lock_guard changing(m_changing);
    {
        const std::lock_guard lock(m_mutex);
        const auto keys = m_keys.find(server);
        if (keys == m_keys.end() || rankOf(server) != KeyRank::Unproven)
            return;
        for (Held &held : *keys)
            held.rank = KeyRank::Proven;
    }
    if (m_store)
        m_store->prove(server);
}

void KeyRing::setOwners(QList<matrix::ServerName> owners, QSet<matrix::ServerName> senders)
{
    const std::lock_guard changing(m_changing);
    {
        const std::lock_guard lock(m_mutex);
        m_senders = std::move(senders);
        QSet<matrix::ServerName> set(owners.cbegin(), owners.cend());
        if (set == m_owners && std::exchange(m_ownersTold, true))
            return;
        m_ownersTold = true;
        m_owners = std::move(set);
        for (auto keys = m_keys.begin(); keys != m_keys.end(); ++keys) {
            const bool isOwner = m_owners.contains(keys.key());
            for (Held &held : *keys)
                held.rank = isOwner ? KeyRank::Owner : std::min(held.rank, KeyRank::Proven);
        }
    }
    if (m_store)
        m_store->setOwners(std::move(owners));
}

KeyRing::Favour KeyRing::favour(const matrix::ServerName &server) const
{
    const std::lock_guard lock(m_mutex);
    if (m_senders.contains(server) || m_owners.contains(server))
        return Favour::Named;
    return rankOf(server) == KeyRank::Unproven ? Favour::None : Favour::Proven;
}

/// What its keys are worth, those that are held and those that come.
KeyRank KeyRing::rankOf(const matrix::ServerName &server) const
{
    if (m_owners.contains(server))
        return KeyRank::Owner;
    const auto keys = m_keys.constFind(server);
    return keys == m_keys.cend() || keys->empty() ? KeyRank::Unproven : keys->front().rank;
}

void KeyRing::doubt(KeyFetcher &fetcher, const matrix::ServerName &server, const QByteArray &keyId,
                    const QByteArray &addressKey)
{
    if (isDue(server, keyId, &Held::doubtedMs, DoubtAgeMs))
        fetch(fetcher, server, keyId, addressKey, [](const Result<void> &) {}); // the request is refused in any case
}

/// Whether a key that is held may be asked for again; it counts as asked for then.
bool KeyRing::isDue(const matrix::ServerName &server, const QByteArray &keyId, qint64 Held::*lastMs, qint64 leastAgeMs)
{
    const qint64 nowMs = m_clock.steadyMs();
    const qint64 seenBeforeMs = m_clock.wallMs() - leastAgeMs;
    const std::lock_guard lock(m_mutex);
    Held *const held = heldKey(server, keyId);
    if (!held || nowMs < held->*lastMs + RefreshMs || held->fetchedMs > seenBeforeMs)
        return false;
    held->*lastMs = nowMs;
    return true;
}

void KeyRing::remember(std::vector<StoredKey> keys)
{
    const qint64 nowMs = m_clock.wallMs();
    const std::lock_guard changing(m_changing);
    {
        const std::lock_guard lock(m_mutex);
        // Of a server that has proved nothing yet few keys are kept, and first those that sign requests.
        std::stable_partition(keys.begin(), keys.end(), [](const StoredKey &key) { return !key.old; });
        std::vector<StoredKey> admitted;
        for (StoredKey &key : keys) {
            key.pinned = false;
            m_failures.settle(key.server);
            key.rank = rankOf(key.server);
            if (const Held *held = heldKey(key.server, key.keyId);
                held && held->pinned && held->key == key.key && !key.document.isEmpty()) {
                StoredKey pinned = toStored(key.server, *held); // it stays, but its document is the newest one
                pinned.document = std::move(key.document);
                admitted.push_back(std::move(pinned));
                continue;
            }
            if (!hasRoomFor(key) || !admit(key, nowMs))
                continue;
            place(key.server, {key.keyId, key.key, key.effectiveUntilMs(), key.fetchedMs, false, key.old, key.rank});
            m_refused.admitted(key);
            admitted.push_back(std::move(key));
        }
        keys = std::move(admitted);
        makeRoom();
    }
    if (m_store && !keys.empty())
        m_store->put(std::move(keys));
}

/// Whether one more key of its server may be held.
bool KeyRing::hasRoomFor(const StoredKey &key)
{
    if (key.rank != KeyRank::Unproven || heldKey(key.server, key.keyId))
        return true;
    const auto keys = m_keys.constFind(key.server);
    return keys == m_keys.cend() || keys->size() < size_t(MostKeysOfAStranger) ||
           std::any_of(keys->begin(), keys->end(), [](const Held &held) { return held.pinned; });
}

void KeyRing::noteFailure(const matrix::ServerName &server, const QString &reason)
{
    const qint64 nowMs = m_clock.wallMs();
    const std::lock_guard lock(m_mutex);
    m_failures.note(server, reason, nowMs);
}

Result<bool> KeyRing::pin(const matrix::ServerName &server, const QByteArray &keyId, const PublicKey &key)
{
    if (server.kind() == matrix::ServerName::Kind::Ed25519)
        return isItsOwnKey(server);
    if (!isUsablePoint(key))
        return {Errc::InvalidParam, u"This is not a usable ed25519 key"_s};
    StoredKey stored;
    stored.server = server;
    stored.keyId = keyId;
    stored.key = key;
    stored.fetchedMs = m_clock.wallMs();
    stored.pinned = true;
    bool replaced = false;
    const std::lock_guard changing(m_changing);
    {
        const std::lock_guard lock(m_mutex);
        if (isBanned(key))
            return {Errc::Refused, u"This key is banned: others have its secret half, too"_s};
        const Held *const held = heldKey(server, keyId);
        replaced = held && held->key != key;
        stored.rank = rankOf(server);
        place(server, {keyId, key, stored.effectiveUntilMs(), stored.fetchedMs, true, false, stored.rank});
        m_refused.settle(server, keyId);
        m_failures.settle(server);
        makeRoom();
    }
    if (m_store)
        m_store->put({std::move(stored)});
    return replaced;
}

Result<qint64> KeyRing::forget(const matrix::ServerName &server, const QByteArray &keyId)
{
    if (server.kind() == matrix::ServerName::Kind::Ed25519)
        return isItsOwnKey(server);
    qint64 gone = 0;
    const std::lock_guard changing(m_changing);
    {
        const std::lock_guard lock(m_mutex);
        const auto keys = m_keys.find(server);
        if (keys != m_keys.end()) {
            gone = qint64(
                std::erase_if(*keys, [&keyId](const Held &held) { return keyId.isEmpty() || held.keyId == keyId; }));
            if (keys->empty())
                m_keys.erase(keys);
        }
        m_count -= int(gone);
        m_refused.settle(server, keyId);
        m_failures.settle(server);
    }
    if (m_store) // which may hold more than the memory
        m_store->remove(server, keyId);
    return gone;
}

KeyRing::Listing KeyRing::list(const matrix::ServerName &server, qsizetype most) const
{
    const qint64 nowMs = m_clock.wallMs();
    Listing listing;
    const auto add = [&](const matrix::ServerName &name, const Keys &keys) {
        for (const Held &held : keys)
            listing.keys.push_back({toStored(name, held), judge(held, nowMs).standing == Standing::Usable});
    };
    {
        const std::lock_guard lock(m_mutex);
        if (!server.isNull()) {
            add(server, m_keys.value(server));
        } else {
            for (auto keys = m_keys.cbegin(); keys != m_keys.cend(); ++keys)
                add(keys.key(), *keys);
        }
        listing.refused = m_refused.list(server);
        listing.failed = m_failures.list(server);
    }
    auto &keys = listing.keys;
    if (qsizetype(keys.size()) > most) {
        std::nth_element(keys.begin(), keys.begin() + most, keys.end(), [](const auto &a, const auto &b) {
            return std::pair(a.key.pinned, a.key.fetchedMs) > std::pair(b.key.pinned, b.key.fetchedMs);
        });
        listing.left = qsizetype(keys.size()) - most;
        keys.erase(keys.begin() + most, keys.end());
    }
    std::sort(keys.begin(), keys.end(), [](const auto &a, const auto &b) {
        return std::pair(a.key.server.bytes(), a.key.keyId) < std::pair(b.key.server.bytes(), b.key.keyId);
    });
    const auto byServer = [](const auto &a, const auto &b) { return a.server.bytes() < b.server.bytes(); };
    std::sort(listing.refused.begin(), listing.refused.end(), byServer);
    std::sort(listing.failed.begin(), listing.failed.end(), byServer);
    return listing;
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
    if (held->key == key.key) // several look-ups that waited for one document each bring it
        return !held->pinned && (held->fetchedMs != key.fetchedMs || held->old != key.old);
    if (!held->pinned && held->effectiveUntilMs < nowMs)
        return true;
    if (m_refused.note(key, nowMs)) // several bring it, again and again
        qCWarning(lcIdentity).noquote() << key.server.toString() << "now says that" << QString::fromLatin1(key.keyId)
                                        << "is another key;"
                                        << (held->pinned ? "the pinned one stays"
                                                         : "the one seen first stays until it expires");
    return false;
}

/// Puts `held` in place of the key of `server` with its id, or beside the others.
void KeyRing::place(const matrix::ServerName &server, Held held)
{
    Keys &keys = m_keys[server];
    const auto same = std::find_if(keys.begin(), keys.end(),
                                   [&held](const Held &candidate) { return candidate.keyId == held.keyId; });
    if (same != keys.end()) {
        held.doubtedMs = same->doubtedMs;
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

/// Drops a sixteenth part once there are too many: the lowest ranks, and of one rank those fetched longest ago. Pinned
/// keys and those of the served ones stay.
void KeyRing::makeRoom()
{
    if (m_count <= MostKeys)
        return;
    const auto worth = [](const Held &held) { return std::pair(held.rank, held.fetchedMs); };
    const auto mayGo = [](const Held &held) { return !held.pinned && held.rank != KeyRank::Owner; };
    std::vector<std::pair<KeyRank, qint64>> worths;
    worths.reserve(size_t(m_count));
    for (const Keys &keys : std::as_const(m_keys)) {
        for (const Held &held : keys) {
            if (mayGo(held))
                worths.push_back(worth(held));
        }
    }
    const size_t surplus = std::min(worths.size(), size_t(m_count - MostKeys) + MostKeys / 16);
    if (surplus == 0)
        return;
    std::nth_element(worths.begin(), worths.begin() + qsizetype(surplus - 1), worths.end());
    const auto limit = worths[surplus - 1];
    size_t dropped = 0;
    for (auto it = m_keys.begin(); it != m_keys.end();) {
        dropped += std::erase_if(*it, [&](const Held &held) { return mayGo(held) && worth(held) <= limit; });
        it = it->empty() ? m_keys.erase(it) : std::next(it);
    }
    m_count -= int(dropped);
}

} // namespace restante::identity
