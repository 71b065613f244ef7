// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/pagefilter.h"

#include <QtGui/QShortcut>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>

namespace restante::ui
{

PageFilter::PageFilter(const QString &objectName, const QString &accessibleName, const QString &placeholder,
                       QWidget *page)
    : QLineEdit(page)
{
    setObjectName(objectName);
    setAccessibleName(accessibleName);
    setPlaceholderText(placeholder);
    setClearButtonEnabled(true);
    setMaximumWidth(fontMetrics().averageCharWidth() * 40);
    auto *find = new QShortcut(QKeySequence::Find, page);
    connect(find, &QShortcut::activated, this, [this] {
        setFocus(Qt::ShortcutFocusReason);
        selectAll();
    });
}

void PageFilter::addTo(QHBoxLayout &layout)
{
    auto *label = new QLabel(tr("&Filter:"));
    label->setBuddy(this);
    layout.addWidget(label);
    layout.addWidget(this, 1);
}

} // namespace restante::ui
