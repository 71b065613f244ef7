// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "courier/lanes.h"
#include "identity/identity.h"
#include "matrix/attestation.h"
#include "node/delivery.h"
#include "node/types.h"

#include <QtCore/QByteArray>

#include <functional>
#include <vector>

namespace restante::courier
{

/// An entry of the inbox as it goes to the homeserver: the request that its origin made. Functions of values; any
/// thread.
struct Letter {
    /// The request from which `entry` was made. Errc::NotHeld if no attestation came along; Errc::BadJson and NotJson
    /// for one that cannot be used, or that names another origin than the one that left the mail.
    static Result<Letter> of(const node::InboxEntry &entry);
    /// The events of `entry` alone, of users of its origin, in a request of `sender`'s own to `destination`; not those
    /// of which `isGiven` says that the homeserver has them, by the ids that each may have. Errc::NotHeld if there are
    /// none.
    static Result<Letter> ofEvents(const node::InboxEntry &entry, const identity::Identity &sender,
                                   const matrix::ServerName &destination, qint64 nowMs,
                                   const std::function<bool(const std::vector<QByteArray> &ids)> &isGiven = {});

    qint64 id = 0;
    matrix::AttestedRequest request;
    qint64 ts = 0; ///< as its origin signed it; if it signed none, as the inbox has it
    bool hasPdus = false;
    bool isOurs = false;     ///< made by `ofEvents`
    bool isFleeting = false; ///< nothing in it but typing and presence, of which only the newest counts

    /// What lanes need.
    Waiting waiting() const;
    /// Its events, nothing said of them yet.
    std::vector<node::DeliveredEvent> events() const;
    /// Whether all of its PDUs and EDUs are in `other` too. Of EDUs each counts as often as it is there.
    bool isIn(const Letter &other) const;
};

} // namespace restante::courier
