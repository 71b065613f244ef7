// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QLineEdit>

class QHBoxLayout;

namespace restante::ui
{

/// The field above a page's table that narrows it down; Ctrl+F within the page leads there.
class PageFilter final : public QLineEdit
{
    Q_OBJECT

public:
    /// `accessibleName` says what is filtered, `placeholder` what may be typed. `page` need not have its layout yet.
    PageFilter(const QString &objectName, const QString &accessibleName, const QString &placeholder, QWidget *page);

    /// Adds label and field.
    void addTo(QHBoxLayout &layout);
};

} // namespace restante::ui
