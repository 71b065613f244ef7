// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "control/operations.h"
#include "ui/entries/entrysource.h"
#include "ui/widgets/page.h"
#include "ui/widgets/servernames.h"

class QAction;
class QLabel;
class QSplitter;
class QStackedWidget;
class QTreeView;

namespace restante::ui
{

class DestinationModel;
class EmptyPanel;
class EntryList;
class PageFilter;
class PageNotice;

/// Whose mail is held here, and what it is: the queues on top, the entries of the selected one below.
class QueuesPage final : public Page
{
    Q_OBJECT

public:
    QueuesPage(control::Operations &operations, const base::Clock &clock, QWidget *parent = nullptr);

    QString title() const override { return tr("Queues"); }
    Line icon() const override { return Line::Queues; }
    QString badge() const override;
    QString stateKey() const override { return QStringLiteral("queues"); }
    void setWatching(bool watching) override;
    void tick() override;
    void refresh() override;
    void saveState(QSettings &state) const override;
    void restoreState(const QSettings &state) override;
    /// Selects the queue of this server, at once or when it is known.
    void showOwner(const matrix::ServerName &server);

private:
    void build();
    void buildTree();
    QWidget *buildTop();
    void takeSettings();
    void takeTotals(const queue::Totals &totals);
    void updateDoors();
    void showInvites();
    void updateSummary();
    void updateTitle(qint64 held);
    void updateEmpty();
    void onSelectionChanged();
    void copyName();
    /// Whose mail that is, in words.
    QString called(const queue::HeldFor &what) const;
    /// How much of `total` is the selected one's.
    qint64 heldOf(const queue::DestinationTotal *total) const;

    void confirmDiscard(const QList<qint64> &ids);
    void confirmDiscardAll();
    void discarded(const Result<qint64> &count);
    void exportAll();
    void exportEntries(const queue::HeldFor &what, const QList<qint64> &ids);
    void exportByFocus();

    control::Operations &m_operations;
    const base::Clock &m_clock;
    DestinationModel *m_model;
    PageFilter *m_filter;
    QLabel *m_summary;
    QTreeView *m_tree;
    QStackedWidget *m_stack; ///< the tree, or what to do if there is nothing
    EmptyPanel *m_empty;
    QueueSource m_source;
    EntryList *m_entries;
    QSplitter *m_splitter;
    PageNotice *m_notice;
    QAction *m_exportAction;
    QAction *m_discardAction;
    QAction *m_cardAction;
    QAction *m_invitesAction; ///< to see invites that failed at a front door
    QWidget *m_invitesButton;
    PetNames m_names;
    QList<matrix::ServerName> m_served;
    queue::HeldFor m_selected;   ///< null if nothing is
    matrix::ServerName m_wanted; ///< to be selected when it comes
    qint64 m_heldEntries = 0;
    bool m_known = false; ///< totals have come
    bool m_watching = false;
};

} // namespace restante::ui
