// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"

#include <QtCore/QObject>

#include <deque>
#include <functional>

namespace restante::control
{

/// Small changes of the settings, one after another: each starts from what the one before left, so that two clients at
/// once do not undo each other's. Main thread.
class SettingsEdits final : public QObject
{
public:
    using Edit = std::function<Result<void>(settings::EditedSettings &)>;

    /// `operations` outlives it.
    explicit SettingsEdits(Operations &operations, QObject *parent = nullptr);

    /// Runs `edit` over a copy and applies what it made. The value tells whether a restart is needed. If `edit`
    /// fails nothing is changed. `done` does not come after `context` is gone; the change is made all the same.
    void apply(Edit edit, QObject *context, Operations::Done<bool> done);

private:
    struct Waiting {
        Edit edit;
        Operations::Done<bool> done;
    };

    void next();

    Operations &m_operations;
    std::deque<Waiting> m_waiting; ///< the first is being applied while m_running
    bool m_running = false;
};

} // namespace restante::control
