// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "ui/entries/entrysource.h"
#include "ui/widgets/page.h"
#include "ui/widgets/servernames.h"

class QAction;
class QLabel;
class QStackedWidget;

namespace restante::ui
{

class EmptyPanel;
class EntryList;
class PageNotice;

/// What was collected for this node and has not been taken out yet.
class InboxPage final : public Page
{
    Q_OBJECT

public:
    InboxPage(control::Operations &operations, const base::Clock &clock, QWidget *parent = nullptr);

    QString title() const override { return tr("Inbox"); }
    QString badge() const override;
    QString stateKey() const override { return QStringLiteral("inbox"); }
    void setWatching(bool watching) override;
    void tick() override;
    void refresh() override;
    void saveState(QSettings &state) const override;
    void restoreState(const QSettings &state) override;

private:
    QWidget *buildList();
    void takeSettings();
    void onLoaded();
    void confirmDiscard(const QList<qint64> &ids);
    void exportEntries(const QList<qint64> &ids);

    control::Operations &m_operations;
    const base::Clock &m_clock;
    InboxSource m_source;
    QLabel *m_summary;
    EntryList *m_entries;
    EmptyPanel *m_empty;
    QStackedWidget *m_stack; ///< the list, or what to do if there is nothing
    PageNotice *m_notice;
    QAction *m_exportAction;
    QAction *m_discardAction;
    bool m_watching = false;
};

} // namespace restante::ui
