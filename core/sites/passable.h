// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

#include <initializer_list>

namespace restante::sites
{

/// Whether a request with this raw target may be passed on to another server: it lies below `/_matrix/` and one of
/// `parts`, and no segment can be read in two ways. An encoded slash by itself is no harm, half of the event ids have
/// one. Errors: NotFound, InvalidParam. Any thread.
Result<void> checkPassable(const QByteArray &target, std::initializer_list<QByteArrayView> parts);

/// The transaction id of a PUT to /_matrix/federation/v1/send/{txnId}; null for everything else. Any thread.
QByteArray sentTransaction(QByteArrayView method, const QByteArray &target);

/// Whether this is a GET of /_matrix/key/v2/server, also with a key id behind it. Any thread.
bool asksForKeys(QByteArrayView method, const QByteArray &target);

} // namespace restante::sites
