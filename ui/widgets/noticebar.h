// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QFrame>

class QLabel;
class QPushButton;

namespace restante::ui
{

/// One sentence and one button, across the width of its place: for warnings and for what went wrong.
class NoticeBar : public QFrame
{
    Q_OBJECT

public:
    enum class Kind { Warning, Done };

    explicit NoticeBar(QWidget *parent = nullptr);

    /// `detail` is shown on hover.
    void setNotice(Kind kind, const QString &text, const QString &button, const QString &detail = {});
    QString text() const;
    QPushButton *button() const { return m_button; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QLabel *m_icon;
    QLabel *m_text;
    QPushButton *m_button;
};

} // namespace restante::ui
