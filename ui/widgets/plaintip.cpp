// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/plaintip.h"

#include <QtGui/QTextDocument>

namespace restante::ui
{

QString plainTip(const QString &text)
{
    return Qt::mightBeRichText(text) ? Qt::convertFromPlainText(text) : text;
}

} // namespace restante::ui
