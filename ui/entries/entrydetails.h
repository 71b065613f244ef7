// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/entries/entrysource.h"
#include "ui/widgets/servernames.h"

#include <QtWidgets/QWidget>

class QLabel;
class QPlainTextEdit;
class QTreeWidget;

namespace restante::ui
{

class ElidedLabel;

/// One held or collected entry: who sent it and when, its events in words, and its JSON as it came. Asks for the entry
/// itself.
class EntryDetails final : public QWidget
{
    Q_OBJECT

public:
    /// More JSON than this is not shown: laying it out would hold up the window, and nobody reads it there.
    static constexpr qsizetype ShownBytes = qsizetype{64} * 1024;

    /// `source` outlives the view.
    explicit EntryDetails(EntrySource &source, QWidget *parent = nullptr);

    /// Shows an entry of what the source lists now, or what is new of the one that is shown. To be cleared when that
    /// changes.
    void show(const EntryLine &line);
    void clear();
    void setPetNames(const PetNames &names) { m_names = names; }

private:
    void fill(const EntryLine &line, const queue::HeldEntry &entry);
    void fillEvents(const std::vector<matrix::EventSummary> &events);
    void explain(const QString &text);
    void showDelivery(const QString &text);

    EntrySource &m_source;
    PetNames m_names;
    quint32 m_generation = 0; ///< counts what was asked for; an answer for something earlier is dropped
    qint64 m_id = 0;          ///< the entry shown or asked for; 0 = none
    ElidedLabel *m_head;
    ElidedLabel *m_transaction;
    QLabel *m_delivery;
    QLabel *m_note;
    QTreeWidget *m_events;
    QPlainTextEdit *m_json;
};

} // namespace restante::ui
