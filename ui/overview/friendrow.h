// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QAbstractButton>

namespace restante::ui
{

/// A friend on the overview: who it is, how much is held, how full the mailbox is, and when it was collected last. A
/// click, or Return, leads to their queue.
class FriendRow final : public QAbstractButton
{
    Q_OBJECT

public:
    explicit FriendRow(QWidget *parent = nullptr);

    struct Contents {
        QString server;    ///< in full
        QString petname;   ///< empty if there is none
        QString shortName; ///< of the server
        QString held;
        QString collected;
        QString tip; ///< on hovering
        int fillPercent = 0;

        friend bool operator==(const Contents &, const Contents &) = default;
    };
    void setContents(const Contents &contents);
    const Contents &contents() const { return m_contents; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void enterEvent(QEnterEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    void paintName(QPainter &painter, const QRect &area) const;
    void paintFill(QPainter &painter, const QRect &area) const;

    Contents m_contents;
};

} // namespace restante::ui
