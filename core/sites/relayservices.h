// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "federation/caller.h"
#include "http/limits.h"
#include "identity/keyfetcher.h"
#include "matrix/servername.h"
#include "queue/writer.h"
#include "relay/doorboard.h"
#include "relay/freshness.h"
#include "relay/inviteboard.h"
#include "relay/policy.h"

#include <atomic>
#include <functional>
#include <memory>

namespace restante::identity
{
class Identity;
class KeyRing;
} // namespace restante::identity

namespace restante::http
{
class AddressBudget;
class TokenBuckets;
} // namespace restante::http

namespace restante::telemetry
{
struct Counters;
}

namespace restante::sites
{

/// What every worker's relay sites share. All of it is thread-safe or unchanging, and outlives the front.
struct RelayServices {
    const base::Clock &clock;
    const identity::Identity &identity;
    identity::KeyRing &keyRing;
    relay::PolicyBoard &policy;
    queue::Writer &writer;
    http::AddressBudget &addressBudget; ///< requests of one client address
    http::TokenBuckets &originBudget;   ///< requests of one verified origin
    telemetry::Counters &counters;
    qint64 transactionBytes =
        http::Limits{}.bodyBytes;             ///< largest body of a transaction; send_relay may be a little larger
    int handlerMs = http::Limits{}.handlerMs; ///< how long the front waits for an answer
    /// Makes a site's own fetcher, in its thread; may be empty: then keys are looked up nowhere.
    std::function<std::unique_ptr<identity::KeyFetcher>()> makeKeyFetcher = {};
    /// Told of every origin whose signature was verified, and whose request is not a copy, in the worker's thread; may
    /// be empty.
    std::function<void(const matrix::ServerName &)> verified = {};
    /// Tells copies of requests for mail; may be null: then every request counts.
    relay::FreshnessBook *freshness = nullptr;
    /// False while the queue can store nothing; may be null: then that is not known.
    const std::atomic<bool> *storing = nullptr;
    /// Mail for one destination of those that the operator did not name; may be null: then nothing is counted.
    http::TokenBuckets *destinationBudget = nullptr;
    /// What one client address may cost with requests that turn out to be worth nothing, in KiB of their bodies; may be
    /// null: then nothing is counted.
    http::AddressBudget *failedWork = nullptr;
    /// Of the servers that are fronted here, which are at home; may be null: none is fronted.
    relay::DoorBoard *doors = nullptr;
    /// Invites that could not be passed on; may be null: then they are not noted.
    relay::InviteBoard *invites = nullptr;
    /// Makes what passes requests on, in the worker's thread; may be empty: then everything is held.
    std::function<std::unique_ptr<federation::Caller>()> makeCaller = {};
    /// The newest key document of a server that is fronted, empty if there is none; may be empty. Any thread; blocks
    /// for a moment.
    std::function<Result<QByteArray>(const matrix::ServerName &)> keyDocument = {};
};

} // namespace restante::sites
