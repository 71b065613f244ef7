// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/copybox.h"

#include <QtGui/QClipboard>
#include <QtGui/QFontDatabase>
#include <QtGui/QGuiApplication>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollBar>

#include <algorithm>

namespace restante::ui
{

CopyBox::CopyBox(const QString &name, const QString &accessibleName, const QString &text, QWidget *parent)
    : QWidget(parent)
    , m_text(new QPlainTextEdit(text.chopped(text.endsWith(u'\n') ? 1 : 0)))
    , m_copy(new QPushButton(tr("Copy")))
{
    m_text->setObjectName(name + QStringLiteral("Text"));
    m_text->setAccessibleName(accessibleName);
    m_text->setReadOnly(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_text->setTabChangesFocus(true);
    m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_text->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_text->setLayoutDirection(Qt::LeftToRight);                // configurations and commands are, in every language
    m_text->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff); // all lines are in sight
    const int margins = 2 * (m_text->frameWidth() + int(m_text->document()->documentMargin()));
    m_text->setFixedHeight(m_text->fontMetrics().lineSpacing() * m_text->blockCount() + margins +
                           m_text->horizontalScrollBar()->sizeHint().height());
    m_copy->setObjectName(name + QStringLiteral("Copy"));
    m_copy->setAccessibleName(tr("Copy: %1").arg(accessibleName));
    // As wide as the longer text, so that nothing moves.
    const QString before = m_copy->text();
    m_copy->setText(tr("Copied"));
    const int width = m_copy->sizeHint().width();
    m_copy->setText(before);
    m_copy->setMinimumWidth(std::max(width, m_copy->sizeHint().width()));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_copy, 0, Qt::AlignTop);
    connect(m_copy, &QPushButton::clicked, this, &CopyBox::copy);
    // It says so as long as that is so.
    connect(QGuiApplication::clipboard(), &QClipboard::dataChanged, this, [this] {
        const bool isHere = QGuiApplication::clipboard()->text() == m_text->toPlainText() + u'\n';
        m_copy->setText(isHere ? tr("Copied") : tr("Copy"));
    });
}

void CopyBox::copy()
{
    QGuiApplication::clipboard()->setText(m_text->toPlainText() + u'\n');
    m_copy->setText(tr("Copied"));
}

} // namespace restante::ui
