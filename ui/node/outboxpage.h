// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "control/operations.h"
#include "ui/widgets/page.h"
#include "ui/widgets/servernames.h"

class QAction;
class QSortFilterProxyModel;
class QStackedWidget;
class QTreeView;

namespace restante::ui
{

class EmptyPanel;
class OutboxModel;
class PageFilter;
class PageNotice;

/// Where the homeserver sends to, and whether it goes there directly or by relays.
class OutboxPage final : public Page
{
    Q_OBJECT

public:
    OutboxPage(control::Operations &operations, const base::Clock &clock, QWidget *parent = nullptr);

    QString title() const override { return tr("Outbox"); }
    Line icon() const override { return Line::Outbox; }
    QString stateKey() const override { return QStringLiteral("outbox"); }
    void setWatching(bool watching) override;
    void tick() override;
    void refresh() override;
    void saveState(QSettings &state) const override;
    void restoreState(const QSettings &state) override;

private:
    void build();
    QWidget *buildTop();
    void updateEmpty();
    void onSelectionChanged();
    const node::DestinationRow *selected() const;
    void tryDirectly();
    void copyName();

    control::Operations &m_operations;
    const base::Clock &m_clock;
    OutboxModel *m_model;
    QSortFilterProxyModel *m_sorted;
    QTreeView *m_list;
    PageFilter *m_filter;
    EmptyPanel *m_empty;
    QStackedWidget *m_stack; ///< the table, or what to do if there is nothing
    PageNotice *m_notice;
    QAction *m_tryAction;
    QAction *m_copyAction;
    PetNames m_names;
    bool m_watching = false;
};

} // namespace restante::ui
