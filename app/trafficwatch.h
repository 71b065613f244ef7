// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/answerbox.h"
#include "base/clock.h"
#include "base/taskthread.h"
#include "telemetry/trafficfile.h"

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include <functional>
#include <memory>

namespace restante::app
{

/// Looks at the counters at the beginning of each minute and keeps how much mail came and went (telemetry/traffic.h).
/// Nothing is counted here and nobody waits for it: the parts of the program count for themselves. Lives in the main
/// thread; the file is written in a thread of its own, and only after a minute with mail. A program that is killed
/// loses that minute.
class TrafficWatch final : public QObject
{
    Q_OBJECT

public:
    /// What the program has counted since its start.
    using Read = std::function<telemetry::Traffic()>;

    /// Takes over what `folder` keeps. `read` can be called as long as this lives.
    TrafficWatch(const QString &folder, const base::Clock &clock, Read read);
    /// Looks and writes once more; waits for the disk.
    ~TrafficWatch() override;
    Q_DISABLE_COPY_MOVE(TrafficWatch)

    /// What was wrong with the file at the start, in one sentence; empty if nothing was.
    const QString &trouble() const { return m_trouble; }
    /// Up to this moment.
    telemetry::TrafficReport report(telemetry::TrafficSpan span);

private:
    void look();
    void lookLater();
    void write();
    void written(const Result<void> &result);

    const base::Clock &m_clock;
    const Read m_read;
    telemetry::TrafficFile m_file;
    telemetry::TrafficHistory m_history;
    QString m_trouble;
    telemetry::Traffic m_counted; ///< since the start, as of the last look
    qint64 m_lookedMs = 0;        ///< wall clock of the last look
    bool m_changed = false;       ///< since it was written last
    bool m_writing = false;
    bool m_failed = false; ///< writing did, the last time
    QTimer m_minute;
    base::AnswerBox m_answers;
    std::unique_ptr<base::TaskThread> m_thread; ///< uses m_file
};

} // namespace restante::app
