// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QString>

#include <memory>

namespace restante::ui
{

/// Whether the program starts when the operator logs in. Main thread; reads and writes one small file.
class Autostart
{
public:
    struct State {
        bool isOn = false;
        bool isSwitchedOff = false; ///< the desktop, or somebody, left the entry and switched it off
        QString otherCommand = {};  ///< the entry starts something else than `setOn` would write; empty: it does not
    };

    Autostart() = default;
    virtual ~Autostart() = default;
    Q_DISABLE_COPY_MOVE(Autostart)

    /// False where it is not known how: then it is off, and stays so.
    virtual bool isPossible() const = 0;
    virtual State state() const = 0;
    /// Leaves an entry that is on as it is, whoever wrote it. Errc::Io with the reason.
    virtual Result<void> setOn(bool on) = 0;
};

/// The one of this desktop. The entry starts this very program, hidden, with `dataFolder`.
std::unique_ptr<Autostart> sessionAutostart(const QString &dataFolder);

} // namespace restante::ui
