// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"

#include <QtCore/QTimer>

namespace restante::app
{

class Appliance;

/// What an operator can see and do, over the appliance of this process. Main thread.
class LocalOperations final : public control::Operations
{
    Q_OBJECT

public:
    /// `appliance` outlives it.
    explicit LocalOperations(Appliance &appliance, QObject *parent = nullptr);

    control::ApplianceStatus status() const override;
    settings::Settings settings() const override;
    void applySettings(const settings::Settings &changed, QObject *context, Done<bool> done) override;
    void setPaused(bool paused) override;
    void setWatching(bool watching) override;
    void fetchTotals(QObject *context, Done<queue::Totals> done) override;
    void fetchEntries(const matrix::ServerName &destination, matrix::EntryId after, int limit, QObject *context,
                      Done<queue::EntryPage> done) override;
    void fetchEntry(const matrix::ServerName &destination, matrix::EntryId id, QObject *context,
                    Done<queue::HeldEntry> done) override;
    void discard(const matrix::ServerName &destination, const QList<matrix::EntryId> &ids, QObject *context,
                 Done<qint64> done) override;
    void discardAll(const matrix::ServerName &destination, QObject *context, Done<qint64> done) override;
    void exportEntries(const matrix::ServerName &destination, const QList<matrix::EntryId> &ids, const QString &file,
                       QObject *context, Done<qint64> done) override;

    /// Totals come at most so often.
    static constexpr int RefreshMs = 250;

private:
    void refresh();

    Appliance &m_appliance;
    QTimer m_pause;       ///< runs while the last refresh is younger than RefreshMs
    bool m_stale = false; ///< something changed since the last refresh
};

} // namespace restante::app
