// SPDX-License-Identifier: GPL-3.0-or-later
// Server names as people write them.
#pragma once

#include "matrix/servername.h"
#include "settings/complaint.h"
#include "settings/settings.h"

namespace restante::settings
{

/// Without white space around it, and a name that is a key in small letters.
QString tidiedName(const QString &text);
/// A name, tidied, that the grammar of the wire allows.
MaybeComplaint parse(const QString &text, matrix::ServerName &out);

/// Why nobody can mean `name`, although the grammar allows it: a part of a key or of an address, an empty label, a port
/// that no server has. Asked where a name is entered; mail for any name that the wire allows may be held.
MaybeComplaint whyImpossible(const matrix::ServerName &name);
/// `parse`, then `whyImpossible`.
MaybeComplaint parseEntered(const QString &text, matrix::ServerName &out);

/// What is wrong with the first server name in `edited` that `before` does not have. One that is there already is left
/// alone, so that it can be taken out.
MaybeComplaint checkNewNames(const Settings &before, const Settings &edited);
/// What is wrong with each server name in `settings` that nobody can mean.
QList<Complaint> impossibleNames(const Settings &settings);

} // namespace restante::settings
