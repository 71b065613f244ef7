// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/cardframe.h"
#include "ui/widgets/lineicon.h"

namespace restante::ui
{

/// One figure with its name above and a word about it below.
class Tile final : public CardFrame
{
    Q_OBJECT

public:
    explicit Tile(const QString &name, QWidget *parent = nullptr);

    struct Contents {
        Line icon = Line::Queues;
        QString title;
        QString figure;
        QString note;
        QString tip = {}; ///< on hovering
    };
    void setContents(const Contents &contents);

protected:
    void paintEvent(QPaintEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void align();

    DimLabel *m_title;
    QLabel *m_figure;
    DimLabel *m_note;
    Line m_icon = Line::Queues;
};

} // namespace restante::ui
