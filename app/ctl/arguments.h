// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "control/commands.h"

namespace restante::ctl
{

/// The command line of restantectl, read.
struct Invocation {
    QString dataFolder; ///< absolute, never empty
    bool json = false;
    bool help = false;
    bool version = false;
    const control::Command *command = nullptr; ///< null only with help or version
    QJsonObject arguments;                     ///< of the request; the file of a Content parameter is not read yet

    /// `words` without the program's name. Options may stand anywhere; "--" ends them. A command of one word that has a
    /// "list" means that. Errc::InvalidParam with one line that says what cannot be used (exit status 2).
    static Result<Invocation> parse(const QStringList &words);
};

} // namespace restante::ctl
