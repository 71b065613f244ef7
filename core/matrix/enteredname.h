// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/servername.h"

#include <QtCore/QString>

namespace restante::matrix
{

/// As people write it: without the spaces around it, and a name that is a key (64 hexadecimal digits) in small letters.
QString tidiedName(const QString &text);

/// A server name that a person entered. ServerName::parse takes whatever the grammar of the wire allows; a typing error
/// among that would wait for ever for a server that cannot exist, so this refuses more: a key of another length or with
/// a port, empty labels, labels that no name service has, addresses that are not written in full.
/// Errc::InvalidParam with a sentence that names what is wrong.
Result<ServerName> parseEnteredName(const QString &text);

} // namespace restante::matrix
