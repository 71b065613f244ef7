// SPDX-License-Identifier: GPL-3.0-or-later
// Passphrases are asked for or read here, straight into guarded memory.
#pragma once

#include "identity/secretbytes.h"

#include "base/result.h"

#include <QtCore/QString>

namespace restante::ctl
{

/// While it lives, SIGINT, SIGTERM and SIGHUP end the program only the second time; the first one asks it to clean up
/// and end by itself. At most one at a time, in the main thread.
class Interruption
{
public:
    Interruption();
    ~Interruption();
    Q_DISABLE_COPY_MOVE(Interruption)

    static bool isRequested();
};

/// The first line of `file` ("-": of standard input, of which nothing else is read), or if `file` is empty what is
/// typed at the terminal, unseen; `twice` asks for it again, as one should for what it will be needed for later.
/// Errc::InvalidSetting if there is no usable one (1 to 1,024 bytes), Errc::Io if the file cannot be read or the
/// question is interrupted.
Result<identity::SecretBytes> readPassphrase(const QString &file, bool twice);

} // namespace restante::ctl
