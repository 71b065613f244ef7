// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/lineicon.h"
#include "ui/widgets/warnings.h"

#include <QtWidgets/QWidget>

class QSettings;

namespace restante::ui
{

/// One page of the main window. The window names it in the list on the left and tells it when it is visible.
class Page : public QWidget
{
    Q_OBJECT

public:
    using QWidget::QWidget;

    /// Its name in the list.
    virtual QString title() const = 0;
    virtual Line icon() const = 0;
    /// A number behind the name, as text; empty for none.
    virtual QString badge() const { return {}; }
    /// The key of its part of the window's state; never translated.
    virtual QString stateKey() const = 0;
    /// False while the window is hidden or minimised: then nothing is refreshed.
    virtual void setWatching(bool watching) = 0;
    /// Time has passed: relative times are to be drawn anew. Comes only while the page is visible.
    virtual void tick() = 0;
    /// Reads everything anew (F5).
    virtual void refresh() = 0;
    virtual void saveState(QSettings &state) const = 0;
    virtual void restoreState(const QSettings &state) = 0;

Q_SIGNALS:
    void badgeChanged();
    /// The operator asked for the settings behind `remedy`.
    void remedyWanted(restante::ui::Remedy remedy);
};

} // namespace restante::ui
