// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/emptypanel.h"

#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

namespace
{
// Lines that are longer than this are hard to read.
constexpr int LineCharacters = 90;
} // namespace

EmptyPanel::EmptyPanel(const QString &name, QWidget *parent)
    : QWidget(parent)
    , m_text(new QLabel)
    , m_button(new QPushButton)
{
    m_text->setObjectName(name + QStringLiteral("Text"));
    m_text->setWordWrap(true);
    m_text->setAlignment(Qt::AlignCenter);
    m_text->setMaximumWidth(fontMetrics().averageCharWidth() * LineCharacters);
    m_button->setObjectName(name + QStringLiteral("Button"));
    auto *across = new QHBoxLayout;
    across->addStretch(1);
    across->addWidget(m_text, LineCharacters);
    across->addStretch(1);
    auto *layout = new QVBoxLayout(this);
    layout->addStretch(1);
    layout->addLayout(across);
    layout->addWidget(m_button, 0, Qt::AlignHCenter);
    layout->addStretch(1);
    connect(m_button, &QPushButton::clicked, this, &EmptyPanel::clicked);
}

void EmptyPanel::setContents(const QString &text, const QString &button)
{
    m_text->setText(text);
    m_button->setText(button);
    m_button->setVisible(!button.isEmpty());
    m_button->setAccessibleDescription(text);
}

} // namespace restante::ui
