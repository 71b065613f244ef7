// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/settingsedits.h"

#include <QtCore/QPointer>

namespace restante::control
{

SettingsEdits::SettingsEdits(Operations &operations, QObject *parent)
    : QObject(parent)
    , m_operations(operations)
{
}

void SettingsEdits::apply(Edit edit, QObject *context, Operations::Done<bool> done)
{
    m_waiting.push_back(
        {std::move(edit), [guard = QPointer<QObject>(context), done = std::move(done)](const Result<bool> &applied) {
             if (guard)
                 done(applied);
         }});
    next();
}

void SettingsEdits::next()
{
    while (!m_running && !m_waiting.empty()) {
        settings::EditedSettings edited = m_operations.settings();
        const Waiting current = std::move(m_waiting.front());
        m_waiting.pop_front();
        if (const auto made = current.edit(edited); !made) {
            current.done(made.error());
            continue;
        }
        m_running = true;
        m_operations.applySettings(edited, this, [this, done = current.done](const Result<bool> &applied) {
            m_running = false;
            done(applied);
            next();
        });
    }
}

} // namespace restante::control
