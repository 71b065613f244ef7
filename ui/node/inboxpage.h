// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "ui/entries/entrysource.h"
#include "ui/widgets/page.h"
#include "ui/widgets/servernames.h"

class QAction;
class QComboBox;
class QLabel;
class QStackedWidget;

namespace restante::ui
{

class EmptyPanel;
class EntryList;
class PageNotice;

/// What was collected for this node and has not been delivered or taken out yet, and how it stands with that.
class InboxPage final : public Page
{
    Q_OBJECT

public:
    InboxPage(control::Operations &operations, const base::Clock &clock, QWidget *parent = nullptr);

    QString title() const override { return tr("Inbox"); }
    Line icon() const override { return Line::Inbox; }
    QString badge() const override;
    QString stateKey() const override { return QStringLiteral("inbox"); }
    void setWatching(bool watching) override;
    void tick() override;
    void refresh() override;
    void saveState(QSettings &state) const override;
    void restoreState(const QSettings &state) override;

private:
    QWidget *buildList();
    QLayout *buildDelivery();
    void showDelivery();
    void choosePart(int choice);
    void retry(const QList<qint64> &ids);
    void takeSettings();
    void onLoaded();
    void confirmDiscard(const QList<qint64> &ids);
    void exportEntries(const QList<qint64> &ids);

    control::Operations &m_operations;
    const base::Clock &m_clock;
    InboxSource m_source;
    QLabel *m_summary;
    QComboBox *m_part; ///< which mail is listed
    QLabel *m_partLabel;
    QLabel *m_delivery; ///< how it stands with all of it
    EntryList *m_entries;
    EmptyPanel *m_empty;
    QStackedWidget *m_stack; ///< the list, or what to do if there is nothing
    PageNotice *m_notice;
    QAction *m_exportAction;
    QAction *m_discardAction;
    QAction *m_retryAction;
    QAction *m_deliverAction; ///< leads to the settings while nothing is delivered
    QWidget *m_retryButton;
    QWidget *m_deliverButton;
    bool m_watching = false;
};

} // namespace restante::ui
