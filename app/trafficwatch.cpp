// SPDX-License-Identifier: GPL-3.0-or-later
#include "trafficwatch.h"

#include "telemetry/logging.h"

#include <utility>

namespace restante::app
{

namespace
{
constexpr qint64 MinuteMs = 60'000;
constexpr qint64 SlackMs = 5;        // so that a minute is over when it is looked at
constexpr qint64 LongestMs = 90'000; // between two looks of a computer that did not sleep

/// By how much a counter has grown since it was looked at. Two that are read one after the other may seem to have gone
/// back a little.
qint64 grown(qint64 &counted, qint64 now)
{
    return now > counted ? now - std::exchange(counted, now) : 0;
}
} // namespace

TrafficWatch::TrafficWatch(const QString &folder, const base::Clock &clock, Read read)
    : m_clock(clock)
    , m_read(std::move(read))
    , m_file(folder)
    , m_lookedMs(clock.wallMs())
    , m_thread(std::make_unique<base::TaskThread>(QStringLiteral("traffic")))
{
    auto loaded = m_file.load();
    m_history = std::move(loaded.history);
    m_trouble = std::move(loaded.trouble);
    m_minute.setSingleShot(true);
    m_minute.setTimerType(Qt::PreciseTimer);
    connect(&m_minute, &QTimer::timeout, this, [this] {
        look();
        write();
        lookLater();
    });
    lookLater();
}

TrafficWatch::~TrafficWatch()
{
    m_thread.reset();
    look();
    // Also if the last one was on its way, and nobody hears any more whether it arrived.
    if (m_changed || m_writing)
        written(m_file.save(m_history.toJson()));
}

telemetry::TrafficReport TrafficWatch::report(telemetry::TrafficSpan span)
{
    look();
    return m_history.report(span, m_clock.wallMs());
}

void TrafficWatch::lookLater()
{
    const qint64 into = m_clock.wallMs() % MinuteMs;
    m_minute.start(int(MinuteMs - (into < 0 ? into + MinuteMs : into) + SlackMs));
}

void TrafficWatch::look()
{
    const telemetry::Traffic now = m_read();
    const qint64 nowMs = m_clock.wallMs();
    // What came since the last look belongs to the minute of that, which is over by now if this is the next one: at
    // midnight it is yesterday's. After a sleep or a jump of the clock nobody knows, and it is taken as from now.
    const bool next = nowMs >= m_lookedMs && nowMs - m_lookedMs <= LongestMs;
    const qint64 atMs = next ? m_lookedMs : nowMs;
    const telemetry::Traffic more{grown(m_counted.takenIn, now.takenIn), grown(m_counted.handedOver, now.handedOver),
                                  grown(m_counted.refused, now.refused), grown(m_counted.collected, now.collected),
                                  grown(m_counted.delivered, now.delivered)};
    m_lookedMs = nowMs;
    m_changed = m_changed || more != telemetry::Traffic();
    m_history.add(more, atMs);
}

void TrafficWatch::write()
{
    if (!m_changed || m_writing)
        return;
    m_changed = false;
    m_writing = true;
    const auto done = m_answers.to<bool>(this, [this](const Result<bool> &result) {
        m_writing = false;
        written(result ? Result<void>() : Result<void>(result.error()));
    });
    m_thread->post([this, json = m_history.toJson(), done] {
        const auto saved = m_file.save(json);
        done(saved ? Result<bool>(true) : Result<bool>(saved.error()));
    });
}

/// Said once, not every minute.
void TrafficWatch::written(const Result<void> &result)
{
    if (!result && !m_failed)
        qCWarning(lcTelemetry).noquote()
            << "The counts of the traffic cannot be kept; that is tried again every minute:" << result.error().detail;
    else if (result && m_failed)
        qCInfo(lcTelemetry) << "The counts of the traffic are kept again";
    m_failed = !result;
    m_changed = m_changed || m_failed;
}

} // namespace restante::app
