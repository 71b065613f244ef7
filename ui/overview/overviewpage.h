// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "control/operations.h"
#include "ui/overview/trafficchart.h"
#include "ui/widgets/page.h"

#include <array>

class QAbstractButton;
class QButtonGroup;
class QGridLayout;
class QPushButton;
class QVBoxLayout;

namespace restante::ui
{

class CardFrame;
class CardPanel;
class DimLabel;
class ElidedLabel;
class FriendRow;
class Legend;
class Tile;

/// The first page: what is held, what came and went today and before, the card to hand on, and the friends. A computer
/// that holds nothing for others sees what it collects.
class OverviewPage final : public Page
{
    Q_OBJECT

public:
    OverviewPage(control::Operations &operations, const base::Clock &clock, QWidget *parent = nullptr);

    QString title() const override { return tr("Overview"); }
    Line icon() const override { return Line::Overview; }
    QString badge() const override;
    QString stateKey() const override { return QStringLiteral("overview"); }
    void setWatching(bool watching) override;
    void tick() override;
    void refresh() override;
    void saveState(QSettings &state) const override;
    void restoreState(const QSettings &state) override;

Q_SIGNALS:
    /// A friend was clicked: their queue is wanted.
    void queueWanted(const QString &server);

private:
    void build();
    QWidget *buildTraffic();
    QWidget *buildFriends();
    void fetchTotals();
    void fetchTraffic();
    void takeTraffic(const telemetry::TrafficReport &report);
    void takeTotals(const queue::Totals &totals);
    void updateStatus();
    void updateTiles();
    void updateFriends();
    TrafficChart::Kind kind() const;

    control::Operations &m_operations;
    const base::Clock &m_clock;
    std::array<Tile *, 4> m_tiles{};
    TrafficChart *m_chart;
    ElidedLabel *m_trafficTitle;
    Legend *m_legend;
    QButtonGroup *m_spans;
    CardPanel *m_card;
    CardFrame *m_friends;
    QVBoxLayout *m_friendRows;
    DimLabel *m_noFriends;
    QPushButton *m_allFriends;
    QList<FriendRow *> m_rows;
    control::ApplianceStatus m_status;
    telemetry::TrafficReport m_report;
    queue::Totals m_totals;
    bool m_reported = false; ///< traffic has come
    bool m_watching = false;
};

} // namespace restante::ui
