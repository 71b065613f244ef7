// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"

namespace restante::ui
{

/// What the wizard sets up. Until an identity is wanted there is none, and nothing that could be asked. Main thread.
class Installation
{
public:
    /// What has to be known before the program can begin; the rest are settings.
    struct Beginning {
        bool collects = false;              ///< works beside a homeserver
        QString keyFile = {};               ///< with the homeserver's signing key; empty: the identity that is there,
        matrix::ServerName serverName = {}; ///< or else a new one, with a name of its own
    };

    Installation() = default;
    virtual ~Installation() = default;
    Q_DISABLE_COPY_MOVE(Installation)

    /// Null before the first `begin` of a new data folder.
    virtual control::Operations *operations() = 0;
    /// Has the program run with that, whatever it was before; `operations` may be others then. If it fails, all is as
    /// before. Errors as for settings and identities: the detail is for people.
    virtual Result<void> begin(const Beginning &beginning) = 0;
    /// As homeserver::findHomeservers on this computer.
    virtual homeserver::Found findHomeservers(const QString &file) = 0;
    virtual const QString &dataFolder() const = 0;
};

} // namespace restante::ui
