// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node/types.h"
#include "ui/widgets/servernames.h"

#include <QtWidgets/QWidget>

class QLabel;
class QProgressBar;
class QPushButton;

namespace restante::ui
{

/// The sweep that runs, with how far it is and a button that ends it; afterwards, what came of it.
class SweepBar final : public QWidget
{
    Q_OBJECT

public:
    explicit SweepBar(QWidget *parent = nullptr);

    /// Times count from `nowMs`.
    void show(const node::Sweep &sweep, const PetNames &names, qint64 nowMs);

Q_SIGNALS:
    void cancelWanted();

private:
    QLabel *m_icon;
    QLabel *m_text;
    QProgressBar *m_bar;
    QPushButton *m_cancel;
};

} // namespace restante::ui
