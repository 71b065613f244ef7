// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "matrix/servername.h"

#include <QtCore/QHash>
#include <QtCore/QString>

#include <optional>

namespace restante::sites
{

/// Servers that let the homeserver wait just now: the next question about one need not wait again. A homeserver asks
/// for the keys of several servers in one go and looks at the next ones when all of these are answered, so one silent
/// server would hold up the mail of all others with each question. Bounded. Lives in a worker's thread.
class SilentServers
{
public:
    static constexpr qint64 PatienceMs = 2'000; ///< what failed sooner costs little to be asked again
    static constexpr qint64 PauseMs = 60'000;   ///< for how long it is known
    static constexpr qsizetype Most = 1'000;

    /// `clock` outlives it.
    explicit SilentServers(const base::Clock &clock)
        : m_clock(clock)
    {
    }

    /// It was waited for since `beganMs` (steady clock), in vain; `why` in words.
    void noteFailed(const matrix::ServerName &server, qint64 beganMs, const QString &why);
    void noteAnswered(const matrix::ServerName &server) { m_silent.remove(server); }
    /// Why there is no use in waiting for it now; nothing if it is to be asked.
    std::optional<QString> whySilent(const matrix::ServerName &server) const;

private:
    struct Silence {
        qint64 untilMs = 0; ///< steady clock
        QString why = {};
    };

    const base::Clock &m_clock;
    QHash<matrix::ServerName, Silence> m_silent;
};

} // namespace restante::sites
