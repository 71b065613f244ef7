// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "control/operations.h"
#include "ui/widgets/page.h"
#include "ui/widgets/servernames.h"

class QAction;
class QStackedWidget;
class QTreeView;

namespace restante::ui
{

class EmptyPanel;
class PageNotice;
class RelayModel;
class SweepBar;

/// The relays that hold mail for this node and for its contacts, and fetching what they hold. Associations are
/// settings: the page edits a copy of them and has it applied.
class RelaysPage final : public Page
{
    Q_OBJECT

public:
    RelaysPage(control::Operations &operations, const base::Clock &clock, QWidget *parent = nullptr);

    QString title() const override { return tr("Relays"); }
    Line icon() const override { return Line::Relays; }
    QString badge() const override;
    QString stateKey() const override { return QStringLiteral("relays"); }
    void setWatching(bool watching) override;
    void tick() override;
    void refresh() override;
    void saveState(QSettings &state) const override;
    void restoreState(const QSettings &state) override;

private:
    void build();
    void buildTree();
    QWidget *buildButtons();
    void updateRelays();
    void updateSweep();
    void updateEmpty();
    void onSelectionChanged();
    const settings::RelayEntry *selected() const;
    QString called(const settings::RelayEntry &entry) const;

    void add();
    void edit();
    void openDialog(const settings::RelayEntry &entry);
    void save(const QString &formerKey, const settings::RelayEntry &entry);
    void remove();
    void apply(const QList<settings::RelayEntry> &relays);
    void test();
    void retrieve(const QString &relay);
    void copyName();

    control::Operations &m_operations;
    const base::Clock &m_clock;
    RelayModel *m_model;
    QTreeView *m_tree;
    EmptyPanel *m_empty;
    QStackedWidget *m_stack; ///< the table, or what to do if there is nothing
    SweepBar *m_sweep;
    PageNotice *m_notice;
    QAction *m_addAction;
    QAction *m_editAction;
    QAction *m_removeAction;
    QAction *m_testAction;
    QAction *m_retrieveAction;
    QAction *m_retrieveOneAction;
    QAction *m_copyAction;
    QString m_selectedKey;
    PetNames m_names;
    bool m_watching = false;
};

} // namespace restante::ui
