// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "identity/keystore.h"

#include <functional>
#include <vector>

namespace restante::identity
{

/// One thread's way to look up another server's keys over the network (core/README 8); made, used and destroyed in it.
/// The key ring works without one: then a key that it does not hold is unknown. Implementations coalesce fetches of one
/// server, bound and charge them to the client that caused them, and remember failures; the ring does none of that.
class KeyFetcher
{
public:
    using Done = std::function<void(Result<std::vector<StoredKey>>)>;

    KeyFetcher() = default;
    virtual ~KeyFetcher() = default;
    Q_DISABLE_COPY_MOVE(KeyFetcher)

    /// `done` is called once and in this thread, possibly before this returns, never after the fetcher is gone. `keyId`
    /// is the one that is missing, `addressKey` (http::addressKey) the client to charge; empty charges nobody. The
    /// value: every key of a document that passed `checkKeyDocument`, old ones included; `keyId` need not be among
    /// them. Errors: Errc::KeyUnavailable if asking again later may help, Errc::BadSignature if the server answered and
    /// its answer is not valid; nothing else.
    virtual void fetch(const matrix::ServerName &server, const QByteArray &keyId, const QByteArray &addressKey,
                       Done done) = 0;
};

} // namespace restante::identity
