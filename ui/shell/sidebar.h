// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/lineicon.h"

#include <QtWidgets/QPushButton>

class QListWidget;
class QVBoxLayout;

namespace restante::ui
{

/// The pages of the window, each with its icon and a figure, and below them what opens in front of the window. A list
/// and push buttons that are only drawn in another way: keyboard and screen reader find what they know.
class Sidebar final : public QWidget
{
    Q_OBJECT

public:
    explicit Sidebar(QWidget *parent = nullptr);

    /// The pages, one in each row; the current one is shown.
    QListWidget *pages() const { return m_pages; }
    void addPage(Line icon);
    /// `badge` may be empty.
    void setPage(int row, const QString &title, const QString &badge);
    /// A button at the foot, below those that are there.
    QPushButton *addButton(Line icon, const QString &text, const QString &name);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QListWidget *m_pages;
    QVBoxLayout *m_layout;
};

} // namespace restante::ui
