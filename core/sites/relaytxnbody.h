// SPDX-License-Identifier: GPL-3.0-or-later
// The body of a relay_txn request (PROTOCOL 5.2), with our own extensions. A pure function; any thread.
#pragma once

#include "base/result.h"
#include "matrix/jsonscan.h"
#include "relay/freshness.h"
#include "relay/retriever.h"

#include <array>
#include <optional>

namespace restante::sites
{

struct RelayTxnBody {
    relay::Retriever::Wish wish;
    std::optional<relay::Stamp> stamp; ///< `ts` and `nonce`
    bool isBatch = false;              ///< it has `org.restante.batch`
};

/// The members of it that are known.
inline constexpr std::array<QByteArrayView, 4> RelayTxnMembers = {"entry_id", "nonce", "org.restante.batch", "ts"};

/// When the request was made (`ts`, milliseconds) and what tells it from all others (`nonce`), our own extension. One
/// without the other says nothing. Errc::BadJson.
Result<std::optional<relay::Stamp>> stampOf(const matrix::ScannedObject &body);

/// Step 10 of the order of checks. Members that are not known are ignored. Errc::BadJson.
Result<RelayTxnBody> readRelayTxnBody(const matrix::ScannedObject &body);

} // namespace restante::sites
