// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"
#include "ui/servernames.h"

#include <QtWidgets/QWidget>

class QLabel;
class QPlainTextEdit;
class QTreeWidget;

namespace restante::ui
{

class ElidedLabel;

/// One held entry: who sent it and when, its events in words, and its JSON as it came. Asks for the entry itself.
class EntryDetails final : public QWidget
{
    Q_OBJECT

public:
    /// More JSON than this is not shown: laying it out would hold up the window, and nobody reads it there.
    static constexpr qsizetype ShownBytes = qsizetype{64} * 1024;

    EntryDetails(control::Operations &operations, QWidget *parent = nullptr);

    /// Shows an entry; a null row id empties the view.
    void show(const matrix::ServerName &destination, const queue::EntryRow &row);
    void clear();
    void setPetNames(const PetNames &names) { m_names = names; }
    matrix::EntryId shown() const { return m_id; }

private:
    void fill(const queue::EntryRow &row, const queue::HeldEntry &entry);
    void fillEvents(const std::vector<matrix::EventSummary> &events);
    void explain(const QString &text);

    control::Operations &m_operations;
    PetNames m_names;
    matrix::ServerName m_destination;
    matrix::EntryId m_id;
    ElidedLabel *m_head;
    ElidedLabel *m_transaction;
    QLabel *m_note;
    QTreeWidget *m_events;
    QPlainTextEdit *m_json;
};

} // namespace restante::ui
