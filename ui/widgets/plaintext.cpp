// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/plaintext.h"

#include <QtCore/QEvent>
#include <QtWidgets/QApplication>
#include <QtWidgets/QLabel>

namespace restante::ui
{

PlainText::PlainText(QApplication &application)
{
    application.installEventFilter(this);
}

bool PlainText::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Polish) { // before it is painted for the first time
        if (auto *const label = qobject_cast<QLabel *>(watched))
            label->setTextFormat(Qt::PlainText);
    }
    return QObject::eventFilter(watched, event);
}

QString withoutMarkup(QString text)
{
    return text.replace(u'<', QChar(0x2039)).replace(u'&', u'+');
}

} // namespace restante::ui
