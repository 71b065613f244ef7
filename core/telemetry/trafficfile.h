// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/ondisk.h"
#include "telemetry/traffic.h"

#include <QtCore/QString>

namespace restante::telemetry
{

/// traffic.json in the data folder, which keeps the history over restarts. A file by itself and not a table of
/// queue.sqlite: it is written whole once a minute, is of no use to the writer, and whatever becomes of it must be
/// nothing that a store waits for or fails with. One thread at a time; blocks.
class TrafficFile
{
public:
    explicit TrafficFile(const QString &folder);

    struct Loaded {
        TrafficHistory history;
        QString trouble; ///< empty, or in one sentence what was wrong with the file and where it is now
    };
    /// What was kept; an empty history if there is none yet. A file that cannot be used is renamed, so that nothing is
    /// thrown away, and the history begins anew.
    Loaded load() const;
    /// What `TrafficHistory::toJson` gave. Errc::Io; what was there stays then.
    Result<void> save(const QByteArray &json);

private:
    base::PlacedFile m_folder;
    const QString m_path;
};

} // namespace restante::telemetry
