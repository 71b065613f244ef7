// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QAbstractButton>

class QLabel;

namespace restante::ui
{

/// One of several answers to a question: a title and what it means, in a frame that can be clicked as a whole. Those of
/// one parent exclude each other, and the arrow keys go from one to the next, as with radio buttons.
class ChoiceCard final : public QAbstractButton
{
    Q_OBJECT

public:
    explicit ChoiceCard(const QString &title, const QString &meaning, QWidget *parent = nullptr);

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
};

} // namespace restante::ui
