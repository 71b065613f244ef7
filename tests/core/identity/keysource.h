// SPDX-License-Identifier: GPL-3.0-or-later
// Fakes of the key room's two interfaces, and short ways to names and keys.
#pragma once

#include "identity/keyfetcher.h"
#include "identity/keystore.h"
#include "matrix/base64.h"

#include <cstring>
#include <utility>

namespace restante::test
{

inline matrix::ServerName nameOf(QByteArrayView text)
{
    return matrix::ServerName::parse(text).value();
}

inline identity::PublicKey publicKey(QByteArrayView base64)
{
    identity::PublicKey key{};
    const auto bytes = matrix::decodeBase64(base64, qsizetype(key.size()));
    std::memcpy(key.data(), bytes.value().constData(), key.size());
    return key;
}

/// Keeps what it is given and counts.
class MemoryKeyStore final : public identity::KeyStore
{
public:
    Result<std::vector<identity::StoredKey>> load() override
    {
        if (failure)
            return *failure;
        return held;
    }
    void put(std::vector<identity::StoredKey> keys) override
    {
        for (auto &key : keys)
            held.push_back(std::move(key));
    }
    void remove(const matrix::ServerName &server, const QByteArray &keyId) override
    {
        std::erase_if(held,
                      [&](const auto &key) { return key.server == server && (keyId.isEmpty() || key.keyId == keyId); });
    }

    void prove(const matrix::ServerName &server) override { proven.append(server); }
    void setOwners(QList<matrix::ServerName> names) override { owners = std::move(names); }

    std::vector<identity::StoredKey> held;
    QList<matrix::ServerName> proven;
    QList<matrix::ServerName> owners;
    std::optional<Error> failure;
};

/// Answers when the test says so.
class ManualKeyFetcher final : public identity::KeyFetcher
{
public:
    struct Asked {
        matrix::ServerName server;
        QByteArray keyId;
        QByteArray addressKey;
        Done done;
    };

    void fetch(const matrix::ServerName &server, const QByteArray &keyId, const QByteArray &addressKey,
               Done done) override
    {
        asked.push_back({server, keyId, addressKey, std::move(done)});
    }

    std::vector<Asked> asked;
};

} // namespace restante::test
