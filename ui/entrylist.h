// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"
#include "ui/servernames.h"

#include <QtWidgets/QWidget>

class QAction;
class QSettings;
class QSplitter;
class QTreeView;

namespace restante::ui
{

class ElidedLabel;
class EntryDetails;
class EntryModel;

/// The entries of one destination on the left, the selected one on the right. Asks for discard and export by signals,
/// because the page confirms and reports both.
class EntryList final : public QWidget
{
    Q_OBJECT

public:
    EntryList(control::Operations &operations, QWidget *parent = nullptr);

    /// Shows another destination; null shows nothing.
    void setDestination(const matrix::ServerName &destination);
    /// Something changed; `held` is how many entries the destination has now.
    void refresh(qint64 held);
    void setPetNames(const PetNames &names);
    void setNow(qint64 nowMs);
    /// The ids of the selected entries, oldest first.
    QList<matrix::EntryId> selected() const;
    /// Whether the keyboard is in the list or the details.
    bool hasFocusInside() const;
    EntryModel &model() { return *m_model; }

    void saveState(QSettings &state) const;
    void restoreState(const QSettings &state);

Q_SIGNALS:
    void discardWanted(QList<restante::matrix::EntryId> ids);
    void exportWanted(QList<restante::matrix::EntryId> ids);
    void failed(restante::Error error);

private:
    void buildList();
    void onSelectionChanged();
    void onLoaded();
    void copySelected();
    void updateTitle();

    control::Operations &m_operations;
    EntryModel *m_model;
    ElidedLabel *m_title;
    QTreeView *m_list;
    EntryDetails *m_details;
    QSplitter *m_splitter;
    QAction *m_exportAction;
    QAction *m_discardAction;
    PetNames m_names;
    qint64 m_held = 0;
};

} // namespace restante::ui
