// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/entries/entrymodel.h"

#include <QtWidgets/QWidget>

class QAction;
class QSettings;
class QSplitter;
class QTreeView;

namespace restante::ui
{

class ElidedLabel;
class EntryDetails;

/// The entries of a queue or of the inbox on the left, the selected one on the right. Asks for discard and export by
/// signals, because the page confirms and reports both.
class EntryList final : public QWidget
{
    Q_OBJECT

public:
    /// What is said of the list as a whole, to screen readers.
    EntryList(EntrySource &source, const QString &accessibleName, QWidget *parent = nullptr);

    /// The source lists something else now.
    void reload();
    /// Something changed; `held` is how many entries there are now.
    void refresh(qint64 held) { m_model->refresh(held); }
    /// The line over the list.
    void setTitle(const QString &title);
    void setPetNames(const PetNames &names);
    /// Whether the lines tell how it stands with their delivery, and can be tried again. False at first.
    void setDelivering(bool delivering);
    void setNow(qint64 nowMs) { m_model->setNow(nowMs); }
    /// The ids of the selected entries, ascending.
    QList<qint64> selected() const;
    /// Whether the keyboard is in the list or the details.
    bool hasFocusInside() const;
    EntryModel &model() { return *m_model; }

    void saveState(QSettings &state) const;
    void restoreState(const QSettings &state);

Q_SIGNALS:
    void discardWanted(QList<qint64> ids);
    void exportWanted(QList<qint64> ids);
    void retryWanted(QList<qint64> ids);
    void failed(restante::Error error);

private:
    void buildList(const QString &accessibleName);
    void onSelectionChanged();
    void onLoaded();
    void copySelected();
    void onChanged(const QModelIndex &first, const QModelIndex &last);

    EntryModel *m_model;
    ElidedLabel *m_title;
    QTreeView *m_list;
    EntryDetails *m_details;
    QSplitter *m_splitter;
    bool m_delivering = false;
    QAction *m_retryAction;
    QWidget *m_retryButton;
    QAction *m_exportAction;
    QAction *m_discardAction;
};

} // namespace restante::ui
